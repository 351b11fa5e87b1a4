//! The systems that say all they have to say in variables. One function a system.

use super::{Answer, Base, Detected, Environment, default_branch, remote_default};

/// The pre-commit tool. It sets `PRE_COMMIT` for every hook, and the two ends of a push, or of a run with `--from-ref`,
/// where it has them (pre-commit documentation, "pre-push"). It has none under `--all-files`, and when the first commit of
/// all is pushed.
pub(super) fn pre_commit(environment: &Environment<'_>) -> Answer {
    if let Some(from) = environment.revision("PRE_COMMIT_FROM_REF")? {
        return Ok(Some(Detected::Base(Base::commit(from, "PRE_COMMIT_FROM_REF"))));
    }
    Ok(environment.is_set("PRE_COMMIT").then_some(Detected::Everything { source: "PRE_COMMIT" }))
}

/// GitLab documentation, "Predefined CI/CD variables reference".
pub(super) fn gitlab(environment: &Environment<'_>) -> Answer {
    let target = environment.branch("CI_MERGE_REQUEST_TARGET_BRANCH_NAME")?;
    // Merged results have the target merged in, so the base is its tip; otherwise it is where the branches part.
    let commits = [
        ("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", environment.commit("CI_MERGE_REQUEST_TARGET_BRANCH_SHA")?),
        ("CI_MERGE_REQUEST_DIFF_BASE_SHA", environment.commit("CI_MERGE_REQUEST_DIFF_BASE_SHA")?),
    ];
    let mut base = target.as_deref().map(|target| Base::branch(target, "CI_MERGE_REQUEST_TARGET_BRANCH_NAME"));
    for (name, commit) in commits.into_iter().rev() {
        let Some(commit) = commit else { continue };
        base = Some(match base {
            Some(mut base) => {
                base.candidates.insert(0, commit);
                Base { source: name, ..base }
            }
            None => Base::commit(commit, name),
        });
    }
    if let Some(base) = base {
        return Ok(Some(Detected::Base(base)));
    }
    // All zeros for a new branch and where a pipeline was started by hand. Where it is the commit itself, nothing was pushed.
    let own = environment.commit("CI_COMMIT_SHA")?;
    if let Some(before) = environment.commit("CI_COMMIT_BEFORE_SHA")?.filter(|before| Some(before) != own.as_ref()) {
        return Ok(Some(Detected::Base(Base::commit(before, "CI_COMMIT_BEFORE_SHA"))));
    }
    if let Some(default) = environment.branch("CI_DEFAULT_BRANCH")? {
        let own = environment.text("CI_COMMIT_BRANCH");
        return Ok(Some(default_branch(&default, own.as_deref(), "CI_DEFAULT_BRANCH")));
    }
    Ok(environment.is_set("GITLAB_CI").then(|| remote_default("GITLAB_CI")))
}

/// Azure Pipelines documentation, "Use predefined variables": `System.PullRequest.TargetBranch` is `refs/heads/main` for
/// repositories of Azure Repos, and `main` for those of GitHub.
pub(super) fn azure_pipelines(environment: &Environment<'_>) -> Answer {
    target_branch(environment, "SYSTEM_PULLREQUEST_TARGETBRANCH", "TF_BUILD")
}

/// Bitbucket documentation, "Variables and secrets".
pub(super) fn bitbucket(environment: &Environment<'_>) -> Answer {
    const BRANCH: &str = "BITBUCKET_PR_DESTINATION_BRANCH";
    const COMMIT: &str = "BITBUCKET_PR_DESTINATION_COMMIT";
    if let Some(commit) = environment.commit(COMMIT)? {
        let mut base = Base::commit(commit, COMMIT);
        if let Some(branch) = environment.branch(BRANCH)? {
            base.candidates.extend(Base::branch(&branch, BRANCH).candidates);
            base.branch = Some(branch);
        }
        return Ok(Some(Detected::Base(base)));
    }
    target_branch(environment, BRANCH, "BITBUCKET_BUILD_NUMBER")
}

/// Buildkite documentation, "Environment variables". The base branch is empty where no pull request is built.
pub(super) fn buildkite(environment: &Environment<'_>) -> Answer {
    if let Some(base) = environment.branch("BUILDKITE_PULL_REQUEST_BASE_BRANCH")? {
        return Ok(Some(Detected::Base(Base::branch(&base, "BUILDKITE_PULL_REQUEST_BASE_BRANCH"))));
    }
    if let Some(default) = environment.branch("BUILDKITE_PIPELINE_DEFAULT_BRANCH")? {
        let own = environment.text("BUILDKITE_BRANCH");
        return Ok(Some(default_branch(&default, own.as_deref(), "BUILDKITE_PIPELINE_DEFAULT_BRANCH")));
    }
    Ok(environment.is_set("BUILDKITE").then(|| remote_default("BUILDKITE")))
}

/// Jenkins documentation, "Using environment variables", with those of multibranch pipelines (`CHANGE_TARGET`: the branch
/// that a change is to be merged into) and of the Git plugin (`GIT_PREVIOUS_SUCCESSFUL_COMMIT`: the last commit of the
/// branch whose build passed).
pub(super) fn jenkins(environment: &Environment<'_>) -> Answer {
    if let Some(target) = environment.branch("CHANGE_TARGET")? {
        return Ok(Some(Detected::Base(Base::branch(&target, "CHANGE_TARGET"))));
    }
    if let Some(commit) = environment.commit("GIT_PREVIOUS_SUCCESSFUL_COMMIT")? {
        return Ok(Some(Detected::Base(Base::commit(commit, "GIT_PREVIOUS_SUCCESSFUL_COMMIT"))));
    }
    Ok(environment.is_set("JENKINS_URL").then(|| remote_default("JENKINS_URL")))
}

/// The branch that `variable` names, or the default branch of the remote on the system that sets `mark`.
fn target_branch(environment: &Environment<'_>, variable: &'static str, mark: &'static str) -> Answer {
    if let Some(target) = environment.branch(variable)? {
        return Ok(Some(Detected::Base(Base::branch(&target, variable))));
    }
    Ok(environment.is_set(mark).then(|| remote_default(mark)))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{base, detected};
    use super::*;

    const COMMIT: &str = "1ecfd275763eff1d6b4844ea3168962458c9f27a";
    const OTHER: &str = "0000000000000000000000000000000000000001";
    const NULL: &str = "0000000000000000000000000000000000000000";

    fn assert_last_resort(variables: &[(&str, &str)]) {
        let base = base(variables);
        assert_eq!(base.candidates[0], "refs/remotes/origin/HEAD");
        assert!(base.is_last_resort);
    }

    #[test]
    fn pre_commit_names_the_ends_of_a_push() {
        let pushed = [("PRE_COMMIT", "1"), ("PRE_COMMIT_FROM_REF", COMMIT), ("PRE_COMMIT_TO_REF", OTHER), ("CI", "1")];
        assert_eq!(base(&pushed), Base::commit(COMMIT.to_owned(), "PRE_COMMIT_FROM_REF"));
        let by_hand = base(&[("PRE_COMMIT", "1"), ("PRE_COMMIT_FROM_REF", "origin/HEAD"), ("GITHUB_ACTIONS", "true")]);
        assert_eq!(by_hand.candidates, ["origin/HEAD"]);
        let all_files = detected(&[("PRE_COMMIT", "1"), ("GITHUB_BASE_REF", "main")]);
        assert_eq!(all_files, Ok(Detected::Everything { source: "PRE_COMMIT" }));
    }

    #[test]
    fn a_merge_request_of_gitlab_names_where_it_parts_from_its_target() {
        let mut variables = vec![
            ("GITLAB_CI", "true"),
            ("CI_COMMIT_BEFORE_SHA", NULL),
            ("CI_DEFAULT_BRANCH", "main"),
            ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"),
            ("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", ""),
            ("CI_MERGE_REQUEST_DIFF_BASE_SHA", COMMIT),
        ];
        let request = base(&variables);
        assert_eq!(request.candidates, [COMMIT, "refs/remotes/origin/main", "refs/heads/main"]);
        assert_eq!((request.branch.as_deref(), request.source), (Some("main"), "CI_MERGE_REQUEST_DIFF_BASE_SHA"));
        variables[4].1 = OTHER;
        let merged_result = base(&variables);
        assert_eq!(merged_result.candidates[..2], [OTHER, COMMIT]);
        assert_eq!(merged_result.source, "CI_MERGE_REQUEST_TARGET_BRANCH_SHA");
        assert!(!merged_result.is_last_resort);
    }

    #[test]
    fn a_branch_pipeline_of_gitlab_is_compared_with_what_was_there_before() {
        let mut variables = vec![
            ("GITLAB_CI", "true"),
            ("CI_COMMIT_SHA", OTHER),
            ("CI_COMMIT_BEFORE_SHA", COMMIT),
            ("CI_COMMIT_BRANCH", "my-feature"),
            ("CI_DEFAULT_BRANCH", "main"),
        ];
        assert_eq!(base(&variables), Base::commit(COMMIT.to_owned(), "CI_COMMIT_BEFORE_SHA"));
        variables[2].1 = OTHER;
        assert_eq!(base(&variables).source, "CI_DEFAULT_BRANCH");
        variables[2].1 = NULL;
        let new = base(&variables);
        assert_eq!((new.candidates[0].as_str(), new.source), ("refs/remotes/origin/main", "CI_DEFAULT_BRANCH"));
        assert!(new.is_last_resort);
        variables[3].1 = "main";
        assert_eq!(detected(&variables), Ok(Detected::Everything { source: "CI_DEFAULT_BRANCH" }));
        assert_last_resort(&[("GITLAB_CI", "true")]);
    }

    #[test]
    fn azure_pipelines_names_the_target_in_two_ways() {
        for target in ["refs/heads/main", "main"] {
            let base = base(&[("TF_BUILD", "True"), ("SYSTEM_PULLREQUEST_TARGETBRANCH", target)]);
            assert_eq!(base.candidates, ["refs/remotes/origin/main", "refs/heads/main"]);
            assert_eq!(base.branch.as_deref(), Some("main"));
        }
        assert_last_resort(&[("TF_BUILD", "True"), ("BUILD_SOURCEBRANCH", "refs/heads/main")]);
    }

    #[test]
    fn bitbucket_names_the_destination() {
        let mut variables = vec![
            ("CI", "true"),
            ("BITBUCKET_BUILD_NUMBER", "7"),
            ("BITBUCKET_PR_DESTINATION_BRANCH", "main"),
            ("BITBUCKET_PR_DESTINATION_COMMIT", "1ecfd275763e"),
        ];
        let both = base(&variables);
        assert_eq!(both.candidates, ["1ecfd275763e", "refs/remotes/origin/main", "refs/heads/main"]);
        assert_eq!((both.branch.as_deref(), both.source), (Some("main"), "BITBUCKET_PR_DESTINATION_COMMIT"));
        variables.pop();
        assert_eq!(base(&variables).candidates[0], "refs/remotes/origin/main");
        variables.pop();
        assert_last_resort(&variables);
    }

    #[test]
    fn buildkite_names_the_base_branch_or_the_default_one() {
        let request =
            base(&[("BUILDKITE", "true"), ("BUILDKITE_PULL_REQUEST_BASE_BRANCH", "main"), ("BUILDKITE_BRANCH", "x")]);
        assert_eq!(request.source, "BUILDKITE_PULL_REQUEST_BASE_BRANCH");
        let mut push = vec![
            ("BUILDKITE", "true"),
            ("BUILDKITE_PULL_REQUEST_BASE_BRANCH", ""),
            ("BUILDKITE_BRANCH", "feature"),
            ("BUILDKITE_PIPELINE_DEFAULT_BRANCH", "master"),
        ];
        assert_eq!(base(&push).branch.as_deref(), Some("master"));
        push[2].1 = "master";
        let source = "BUILDKITE_PIPELINE_DEFAULT_BRANCH";
        assert_eq!(detected(&push), Ok(Detected::Everything { source }));
        assert_last_resort(&[("BUILDKITE", "true")]);
    }

    #[test]
    fn jenkins_names_the_target_or_the_last_good_build() {
        let change =
            base(&[("CHANGE_ID", "12"), ("CHANGE_TARGET", "main"), ("GIT_PREVIOUS_SUCCESSFUL_COMMIT", COMMIT)]);
        assert_eq!((change.candidates[0].as_str(), change.source), ("refs/remotes/origin/main", "CHANGE_TARGET"));
        let branch = base(&[("JENKINS_URL", "https://ci.example/"), ("GIT_PREVIOUS_SUCCESSFUL_COMMIT", COMMIT)]);
        assert_eq!(branch, Base::commit(COMMIT.to_owned(), "GIT_PREVIOUS_SUCCESSFUL_COMMIT"));
        assert_last_resort(&[("JENKINS_URL", "https://ci.example/")]);
    }
}
