//! `--since auto`: what a change is compared with, from what the CI system says of it.
//!
//! The environment is read through a lookup and nothing is run, so what comes out are names of revisions that the
//! repository may hold or not. Part of what the variables hold is chosen by whoever opens a pull request: every name is
//! checked before it becomes a part of a revision or of a command in a message.

mod github;
mod ref_name;
mod systems;

use super::CommandError;
use ref_name::{check_branch, check_commit, check_revision, is_null, quoted};

/// Gives the value of an environment variable.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What a change is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Detected {
    /// A revision.
    Base(Base),
    /// Nothing: no commit came before, or none is known, so all that there is counts as changed.
    Everything {
        /// Which variable said so.
        source: &'static str,
    },
}

/// A revision to compare with, by the names that it may have in the repository at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    /// Full names of references, or ids of commits: the first that the repository holds is the base. Never empty.
    pub candidates: Vec<String>,
    /// The branch of the remote `origin` that holds the base, such as `main`, to be fetched where no candidate is there.
    /// `None` where only the id of a commit is known, which is the first candidate then, or where nothing is known.
    pub branch: Option<String>,
    /// Which variable said so, for messages.
    pub source: &'static str,
    /// In CI, for want of better, this is the default branch of the remote. A build of that very branch has nothing to
    /// be compared with: where the base is HEAD itself, all counts as changed, because a gate that compares a commit with
    /// itself would always pass.
    pub is_last_resort: bool,
}

impl Base {
    /// The branch `branch` of `origin`.
    fn branch(branch: &str, source: &'static str) -> Self {
        Self {
            candidates: vec![format!("refs/remotes/origin/{branch}"), format!("refs/heads/{branch}")],
            branch: Some(branch.to_owned()),
            source,
            is_last_resort: false,
        }
    }

    /// What a person named. The name of a branch may be that of a branch of a remote: jobs seldom have branches of their
    /// own. `remotes` are the names of those that there are.
    ///
    /// # Errors
    ///
    /// It is an option, a range, or nothing that can be shown.
    pub fn named(revision: &str, remotes: &[String]) -> Result<Self, CommandError> {
        const SOURCE: &str = "--since";
        if !check_revision(revision) {
            let message = format!("--since {}: no name of a revision (gitrevisions(7))", quoted(revision));
            return Err(CommandError::new(message));
        }
        let name = revision.strip_prefix("refs/remotes/").unwrap_or(revision);
        let of_remote = remotes.iter().find_map(|remote| name.strip_prefix(remote.as_str())?.strip_prefix('/'));
        let branch = of_remote.unwrap_or_else(|| name.strip_prefix("refs/heads/").unwrap_or(name));
        if check_commit(revision) || branch.starts_with("refs/") || !check_branch(branch) {
            return Ok(Self::commit(revision.to_owned(), SOURCE));
        }
        let mut candidates = vec![revision.to_owned()];
        if of_remote.is_none() {
            candidates.push(format!("refs/remotes/origin/{branch}"));
        }
        Ok(Self { candidates, branch: Some(branch.to_owned()), source: SOURCE, is_last_resort: false })
    }

    /// The one of `remotes` that may have the base: the one that a candidate names, else `origin`.
    #[must_use]
    pub fn remote<'r>(&self, remotes: &'r [String]) -> Option<&'r str> {
        let first = self.candidates.first().map_or("", String::as_str);
        let name = first.strip_prefix("refs/remotes/").unwrap_or(first);
        let names = |remote: &&String| name.strip_prefix(remote.as_str()).is_some_and(|rest| rest.starts_with('/'));
        remotes.iter().find(names).or_else(|| remotes.iter().find(|remote| *remote == "origin")).map(String::as_str)
    }

    /// One commit.
    fn commit(id: String, source: &'static str) -> Self {
        Self { candidates: vec![id], branch: None, source, is_last_resort: false }
    }
}

/// What a system says of the change; `None` where the system at hand is another one.
type Answer = Result<Option<Detected>, CommandError>;

/// The systems that say something.
const SYSTEMS: &[fn(&Environment<'_>) -> Answer] = &[
    // A person or a job may run pre-commit on a CI system, and knows better then.
    systems::pre_commit,
    github::github,
    systems::gitlab,
    systems::azure_pipelines,
    systems::bitbucket,
    systems::buildkite,
    systems::jenkins,
];

/// Finds what the change at hand is compared with.
///
/// # Errors
///
/// A variable holds what it cannot hold, such as a branch whose name git does not allow.
pub fn detect(variable: Lookup<'_>) -> Result<Detected, CommandError> {
    let environment = Environment(variable);
    for system in SYSTEMS {
        if let Some(detected) = system(&environment)? {
            return Ok(detected);
        }
    }
    // CircleCI has no variable that tells a base (CircleCI documentation, "Project values and variables").
    for mark in ["CIRCLECI", "CI"] {
        if environment.text(mark).is_some_and(|value| value != "false") {
            return Ok(remote_default(mark));
        }
    }
    // On someone's machine. A fork has the repository that it came from as `upstream`, by convention.
    let mut candidates = remote_heads("upstream");
    candidates.extend(remote_heads("origin"));
    let source = "the default branch of the remote";
    Ok(Detected::Base(Base { candidates, branch: None, source, is_last_resort: false }))
}

/// The default branch of `origin`, on a CI system that does not say what a change is based on.
fn remote_default(source: &'static str) -> Detected {
    Detected::Base(Base { candidates: remote_heads("origin"), branch: None, source, is_last_resort: true })
}

/// What the default branch of `remote` may be called. `HEAD` is what the remote said when it was cloned.
fn remote_heads(remote: &str) -> Vec<String> {
    ["HEAD", "main", "master"].map(|branch| format!("refs/remotes/{remote}/{branch}")).into()
}

/// The default branch as the base of a change to the branch `own`; where that is the same, there is nothing to compare with.
fn default_branch(default: &str, own: Option<&str>, source: &'static str) -> Detected {
    if own == Some(default) {
        return Detected::Everything { source };
    }
    Detected::Base(Base { is_last_resort: true, ..Base::branch(default, source) })
}

/// The environment, each variable with the checks that its meaning asks for. An empty variable is as good as none: many
/// systems set those that do not apply to nothing.
struct Environment<'a>(Lookup<'a>);

impl Environment<'_> {
    fn text(&self, name: &str) -> Option<String> {
        (self.0)(name).filter(|value| !value.is_empty())
    }

    fn is_set(&self, name: &str) -> bool {
        self.text(name).is_some()
    }

    /// A branch, given as `main` or as `refs/heads/main`.
    fn branch(&self, name: &'static str) -> Result<Option<String>, CommandError> {
        self.text(name).map(|value| branch(&value, name)).transpose()
    }

    /// The id of a commit; `None` for the null id, which stands for no commit.
    fn commit(&self, name: &'static str) -> Result<Option<String>, CommandError> {
        self.text(name).map_or(Ok(None), |value| commit(&value, name))
    }

    /// A revision as a person may have typed it.
    fn revision(&self, name: &'static str) -> Result<Option<String>, CommandError> {
        let Some(value) = self.text(name).filter(|value| !is_null(value)) else { return Ok(None) };
        if check_revision(&value) { Ok(Some(value)) } else { Err(refused(name, &value, "no name of a revision")) }
    }
}

/// Whether `id` is the id of a commit with all its digits, which a remote may be asked for.
#[must_use]
pub fn is_whole_id(id: &str) -> bool {
    matches!(id.len(), 40 | 64) && check_commit(id)
}

/// Checks that `value`, which `source` holds, is the name of a branch, and takes `refs/heads/` off it.
fn branch(value: &str, source: &str) -> Result<String, CommandError> {
    let name = value.strip_prefix("refs/heads/").unwrap_or(value);
    if check_branch(name) {
        Ok(name.to_owned())
    } else {
        Err(refused(source, value, "no name that git allows a branch"))
    }
}

/// Checks that `value`, which `source` holds, is the id of a commit. `None` for the null id.
fn commit(value: &str, source: &str) -> Result<Option<String>, CommandError> {
    if is_null(value) {
        return Ok(None);
    }
    if check_commit(value) { Ok(Some(value.to_owned())) } else { Err(refused(source, value, "no id of a commit")) }
}

fn refused(source: &str, value: &str, what: &str) -> CommandError {
    let message = format!("--since auto: {source} holds `{}`, which is {what}; give --since a revision", quoted(value));
    CommandError::new(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `detect` makes of an environment of these variables alone.
    pub(super) fn detected(variables: &[(&str, &str)]) -> Result<Detected, String> {
        let lookup =
            |name: &str| variables.iter().find(|(variable, _)| *variable == name).map(|(_, value)| (*value).to_owned());
        detect(&lookup).map_err(|error| error.to_string())
    }

    pub(super) fn base(variables: &[(&str, &str)]) -> Base {
        match detected(variables).unwrap() {
            Detected::Base(base) => base,
            other @ Detected::Everything { .. } => panic!("no base: {other:?}"),
        }
    }

    #[test]
    fn without_ci_the_default_branch_of_the_remote_is_the_base() {
        let base = base(&[]);
        assert_eq!(
            base.candidates,
            [
                "refs/remotes/upstream/HEAD",
                "refs/remotes/upstream/main",
                "refs/remotes/upstream/master",
                "refs/remotes/origin/HEAD",
                "refs/remotes/origin/main",
                "refs/remotes/origin/master"
            ]
        );
        // On `main` with nothing committed, nothing is changed, and that is right.
        assert!(!base.is_last_resort);
        assert_eq!(base.branch, None);
    }

    #[test]
    fn a_ci_system_that_says_nothing_may_build_the_default_branch() {
        let unknown = base(&[("CI", "true")]);
        assert_eq!(unknown.candidates[0], "refs/remotes/origin/HEAD");
        assert!(unknown.is_last_resort);
        assert_eq!(unknown.source, "CI");
        let circle = base(&[("CI", "true"), ("CIRCLECI", "true"), ("CIRCLE_BRANCH", "feature")]);
        assert_eq!(circle, Base { source: "CIRCLECI", ..unknown });
    }

    #[test]
    fn a_name_from_outside_is_no_option_and_no_path() {
        for hostile in [
            "--upload-pack=touch x",
            "-",
            "../../x",
            "a..b",
            "main^{/x}",
            "a b",
            "main\n::error::",
            "@",
            "a@{1}",
            "x.lock",
            "a//b",
            ".a",
            "a/",
            "$(id)\u{7}",
            "a;id",
            "`id`",
        ] {
            let error = detected(&[("GITHUB_BASE_REF", hostile)]).unwrap_err();
            assert!(error.starts_with("--since auto: GITHUB_BASE_REF holds `"), "{hostile}: {error}");
            assert!(error.ends_with("give --since a revision"), "{error}");
        }
        let long = "a".repeat(100_000);
        assert!(detected(&[("GITHUB_BASE_REF", &long)]).unwrap_err().len() < 300);
        let error = detected(&[("CI_COMMIT_BEFORE_SHA", "HEAD")]).unwrap_err();
        assert!(error.contains("CI_COMMIT_BEFORE_SHA holds `HEAD`, which is no id of a commit"), "{error}");
        assert!(detected(&[("PRE_COMMIT_FROM_REF", "--all")]).is_err());
    }
}
