//! `extends`: reads the file that a configuration adds to, from beside it or from a commit of the repository.

use std::path::Path;

use crate::config::{self, Config, Extended, Extends};
use crate::input::git::{GitError, ObjectError, ObjectId, Repository};
use crate::tree_path;

/// What the identity of a file of a commit begins with; the commit and the path follow, with a space between them.
const OF_COMMIT: &str = "commit ";

/// Reads `what`, which the configuration `by` extends in a scan of `root`. `from` is the identity of `by`, when it was read
/// here. What a file of a commit extends by its path is a file of the same commit.
///
/// # Errors
///
/// A sentence without a subject.
pub(super) fn read(root: &Path, what: &Extends, from: Option<&str>, by: &Config) -> Result<Extended, String> {
    match (what, from.and_then(|from| from.strip_prefix(OF_COMMIT)).and_then(|from| from.split_once(' '))) {
        (Extends::File(path), None) => read_file(path, by),
        (Extends::File(path), Some((commit, file))) => read_commit(root, commit, tree_path::directory(file), path),
        (Extends::Git { git_ref, path }, _) => read_commit(root, git_ref, "", path),
    }
}

/// The identity of the file at `path` of `commit`.
pub(super) fn identity(commit: ObjectId, path: &str) -> String {
    format!("{OF_COMMIT}{commit} {path}")
}

fn read_file(path: &str, by: &Config) -> Result<Extended, String> {
    let file = by.beside(path)?;
    let bytes = config::read(&file).map_err(|problem| problem.to_string())?;
    let real = file.canonicalize().map_err(|error| format!("cannot be read: {error}"))?;
    let base = file.parent().unwrap_or(Path::new("")).to_path_buf();
    Ok(Extended { bytes, file: file.display().to_string(), base: Some(base), identity: real.display().to_string() })
}

/// Reads `path`, relative to `directory`, of the commit `revision`. The reader of the configuration has seen to it that the
/// path does not lead above the directory.
fn read_commit(root: &Path, revision: &str, directory: &str, path: &str) -> Result<Extended, String> {
    let path = tree_path::join_confined(directory, path).replace('\\', "/");
    let repository = Repository::discover(root).map_err(|error| format!("cannot be read: {error}"))?;
    let commit = repository.commit(revision).map_err(|error| match error {
        GitError::Revision { reason, .. } => {
            format!("names no commit of this repository: {reason}; `git fetch` what it stands for before the scan")
        }
        other => format!("cannot be read: {other}"),
    })?;
    let unreadable = |error: ObjectError| format!("cannot be read: {error}");
    let objects = repository.objects();
    let file = objects.file(objects.tree_of(commit).map_err(unreadable)?, &path).map_err(unreadable)?;
    let file: ObjectId = file.ok_or_else(|| format!("names no file: the commit {commit} has no `{path}`"))?;
    let mut buffer = Vec::new();
    let bytes = objects.blob(file, &mut buffer).map_err(unreadable)?.to_vec();
    config::check_size(bytes.len()).map_err(|problem| problem.to_string())?;
    Ok(Extended { bytes, file: format!("{revision}:{path}"), base: None, identity: identity(commit, &path) })
}
