//! GitHub Actions, and Gitea and Forgejo, which set the same variables.
//!
//! GitHub documentation: "Variables reference" for the variables, "Webhook events and payloads" for the event file.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::Deserialize;

use super::{Answer, Base, CommandError, Detected, Environment, branch, commit, default_branch, remote_default};

/// Most bytes of the event file. GitHub caps payloads at 25 MB ("Webhook events and payloads", "Payload cap").
const MAX_EVENT: u64 = 25 * 1024 * 1024;

const BEFORE: &str = "`before` in GITHUB_EVENT_PATH";
const BASE_REF: &str = "`pull_request.base` in GITHUB_EVENT_PATH";
const MERGE_GROUP: &str = "`merge_group` in GITHUB_EVENT_PATH";
const DEFAULT_BRANCH: &str = "`repository.default_branch` in GITHUB_EVENT_PATH";

/// The part of the event that tells the base.
#[derive(Debug, Default, Deserialize)]
struct Event {
    /// Event `push`: the most recent commit of the reference before the push; the null id where it was created.
    before: Option<String>,
    pull_request: Option<PullRequest>,
    merge_group: Option<MergeGroup>,
    repository: Option<Repository>,
}

#[derive(Debug, Deserialize)]
struct PullRequest {
    base: Option<Side>,
}

#[derive(Debug, Deserialize)]
struct Side {
    r#ref: Option<String>,
    sha: Option<String>,
}

#[derive(Debug, Deserialize)]
struct MergeGroup {
    /// The commit that the group is merged upon.
    base_sha: Option<String>,
    /// Full name of the branch that it is merged into.
    base_ref: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Repository {
    default_branch: Option<String>,
}

/// What the runner says of the change.
pub(super) fn github(environment: &Environment<'_>) -> Answer {
    const MARKS: [&str; 3] = ["GITHUB_ACTIONS", "GITHUB_BASE_REF", "GITHUB_EVENT_PATH"];
    if !MARKS.iter().any(|mark| environment.is_set(mark)) {
        return Ok(None);
    }
    let event = match environment.text("GITHUB_EVENT_PATH") {
        Some(path) => read(Path::new(&path))?,
        None => Event::default(),
    };
    if let Some(base) = pull_request(environment, &event)? {
        return Ok(Some(Detected::Base(base)));
    }
    if let Some(base) = event.merge_group.as_ref().map_or(Ok(None), merge_group)? {
        return Ok(Some(Detected::Base(base)));
    }
    if let Some(before) = event.before.as_deref().map_or(Ok(None), |id| commit(id, BEFORE))? {
        return Ok(Some(Detected::Base(Base::commit(before, BEFORE))));
    }
    // A new branch, a schedule, a run by hand.
    let Some(default) = event.repository.and_then(|repository| repository.default_branch) else {
        return Ok(Some(remote_default("GITHUB_ACTIONS")));
    };
    let default = branch(&default, DEFAULT_BRANCH)?;
    let own = environment.text("GITHUB_REF");
    let own = own.as_deref().and_then(|own| own.strip_prefix("refs/heads/"));
    Ok(Some(default_branch(&default, own, DEFAULT_BRANCH)))
}

/// `GITHUB_BASE_REF` is set for `pull_request` and `pull_request_target`; events about the review of a pull request name
/// its base in the event file only.
fn pull_request(environment: &Environment<'_>, event: &Event) -> Result<Option<Base>, CommandError> {
    let side = event.pull_request.as_ref().and_then(|request| request.base.as_ref());
    let (name, source) = match environment.branch("GITHUB_BASE_REF")? {
        Some(name) => (name, "GITHUB_BASE_REF"),
        None => match side.and_then(|side| side.r#ref.as_deref()) {
            Some(name) => (branch(name, BASE_REF)?, BASE_REF),
            None => return Ok(None),
        },
    };
    let mut base = Base::branch(&name, source);
    // The branch comes first: the commit is that of the last push to the pull request, and the branch may be ahead.
    if let Some(id) = side.and_then(|side| side.sha.as_deref()).map_or(Ok(None), |id| commit(id, BASE_REF))? {
        base.candidates.push(id);
    }
    Ok(Some(base))
}

fn merge_group(group: &MergeGroup) -> Result<Option<Base>, CommandError> {
    let Some(id) = group.base_sha.as_deref().map_or(Ok(None), |id| commit(id, MERGE_GROUP))? else { return Ok(None) };
    let branch = group.base_ref.as_deref().map(|name| branch(name, MERGE_GROUP)).transpose()?;
    Ok(Some(Base { branch, ..Base::commit(id, MERGE_GROUP) }))
}

fn read(path: &Path) -> Result<Event, CommandError> {
    let failed = |reason: String| {
        let message = format!("--since auto: GITHUB_EVENT_PATH, {}: {reason}; give --since a revision", path.display());
        CommandError::new(message)
    };
    // Looked at before it is opened: a FIFO would wait for a writer.
    match path.metadata() {
        Ok(metadata) if metadata.is_file() => {}
        Ok(_) => return Err(failed("not a regular file".to_owned())),
        Err(error) => return Err(failed(error.to_string())),
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| failed(error.to_string()))?;
    file.take(MAX_EVENT + 1).read_to_end(&mut bytes).map_err(|error| failed(error.to_string()))?;
    if bytes.len() as u64 > MAX_EVENT {
        return Err(failed(format!("longer than {MAX_EVENT} bytes")));
    }
    serde_json::from_slice(&bytes).map_err(|error| {
        // The message of the reader may quote the file.
        failed(format!("not the event that GitHub writes (line {}, column {})", error.line(), error.column()))
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use tempfile::NamedTempFile;

    use super::super::tests::{base, detected};
    use super::*;

    const COMMIT: &str = "6113728f27ae82c7b1a177c8d03f9e96e0adf246";
    const NULL: &str = "0000000000000000000000000000000000000000";

    fn event(text: &str) -> NamedTempFile {
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file
    }

    /// What is detected in a workflow with `variables` and an event file of `text`.
    fn with_event(text: &str, variables: &[(&str, &str)]) -> Result<Detected, String> {
        let file = event(text);
        let path = file.path().to_str().unwrap();
        let mut all = vec![("GITHUB_ACTIONS", "true"), ("CI", "true"), ("GITHUB_EVENT_PATH", path)];
        all.extend(variables);
        detected(&all)
    }

    #[test]
    fn a_pull_request_names_its_base_branch() {
        let base = base(&[("GITHUB_ACTIONS", "true"), ("GITHUB_BASE_REF", "main"), ("GITHUB_HEAD_REF", "feature")]);
        assert_eq!(base.candidates, ["refs/remotes/origin/main", "refs/heads/main"]);
        assert_eq!(base.branch.as_deref(), Some("main"));
        assert_eq!(base.source, "GITHUB_BASE_REF");
        assert!(!base.is_last_resort);
    }

    #[test]
    fn the_commit_of_the_event_stands_behind_the_branch() {
        // An update of a pull request has a `before` too, which is the last push and not the base.
        let text = format!(
            r#"{{"action": "synchronize", "before": "{NULL}", "pull_request": {{"base": {{"ref": "releases/v1", "sha": "{COMMIT}"}}}}}}"#
        );
        let Detected::Base(base) = with_event(&text, &[("GITHUB_BASE_REF", "releases/v1")]).unwrap() else { panic!() };
        assert_eq!(base.candidates, ["refs/remotes/origin/releases/v1", "refs/heads/releases/v1", COMMIT]);
        let Detected::Base(review) = with_event(&text, &[("GITHUB_BASE_REF", "")]).unwrap() else { panic!() };
        assert_eq!(review.candidates, base.candidates);
        assert_eq!(review.source, BASE_REF);
    }

    #[test]
    fn a_push_is_compared_with_what_was_there_before() {
        let text = format!(r#"{{"ref": "refs/heads/main", "before": "{COMMIT}", "after": "{NULL}", "forced": false}}"#);
        let expected = Base::commit(COMMIT.to_owned(), BEFORE);
        assert_eq!(with_event(&text, &[]), Ok(Detected::Base(expected)));
    }

    #[test]
    fn a_new_branch_is_compared_with_the_default_branch() {
        let text = format!(r#"{{"before": "{NULL}", "repository": {{"default_branch": "trunk"}}}}"#);
        let Detected::Base(base) = with_event(&text, &[("GITHUB_REF", "refs/heads/feature")]).unwrap() else {
            panic!()
        };
        assert_eq!(base.candidates[0], "refs/remotes/origin/trunk");
        assert!(base.is_last_resort);
        let first = with_event(&text, &[("GITHUB_REF", "refs/heads/trunk")]);
        assert_eq!(first, Ok(Detected::Everything { source: DEFAULT_BRANCH }));
    }

    #[test]
    fn a_merge_group_names_its_base() {
        let text = format!(r#"{{"merge_group": {{"base_sha": "{COMMIT}", "base_ref": "refs/heads/main"}}}}"#);
        let expected = Base { branch: Some("main".to_owned()), ..Base::commit(COMMIT.to_owned(), MERGE_GROUP) };
        assert_eq!(with_event(&text, &[]), Ok(Detected::Base(expected)));
    }

    #[test]
    fn a_run_by_hand_without_event_asks_the_remote() {
        let base = base(&[("GITHUB_ACTIONS", "true")]);
        assert_eq!(base.candidates[0], "refs/remotes/origin/HEAD");
        assert!(base.is_last_resort);
    }

    #[test]
    fn an_event_file_that_is_none_is_an_error() {
        let error = with_event("{\"before\": [\"hunter2\"]}", &[]).unwrap_err();
        assert!(error.contains("not the event that GitHub writes") && !error.contains("hunter2"), "{error}");
        assert!(with_event(&"[".repeat(1_000_000), &[]).is_err());
        assert!(with_event("{\"before\": \"--output=x\"}", &[]).unwrap_err().contains("no id of a commit"));
        let missing = detected(&[("GITHUB_EVENT_PATH", "/nonexistent/event.json")]).unwrap_err();
        assert!(missing.contains("GITHUB_EVENT_PATH, /nonexistent/event.json: "), "{missing}");
        let directory = tempfile::tempdir().unwrap();
        let error = detected(&[("GITHUB_EVENT_PATH", directory.path().to_str().unwrap())]).unwrap_err();
        assert!(error.contains("not a regular file"), "{error}");
        let big = event("");
        big.as_file().set_len(MAX_EVENT + 1).unwrap();
        let error = detected(&[("GITHUB_EVENT_PATH", big.path().to_str().unwrap())]).unwrap_err();
        assert!(error.contains("longer than 26214400 bytes"), "{error}");
    }
}
