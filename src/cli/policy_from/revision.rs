//! Which commit `--policy-from REVISION` means, and how to get it where it is not.

use super::super::CommandError;
use super::super::ci::{self, Detected};
use crate::input::git::Repository;

/// The names that `revision` may have here. Where there is a remote, a short name is that of a branch or tag of it: the
/// branch of that name that is here may hold the change that is judged, as some systems check it out. Its full name
/// (`refs/heads/…`) means it all the same.
pub(super) fn base(revision: &str, repository: &Repository) -> Result<ci::Base, CommandError> {
    let rename = |error: CommandError| CommandError::new(error.0.replace("--since", "--policy-from"));
    if revision == "auto" {
        let detected = ci::detect(&|name| std::env::var(name).ok()).map_err(rename)?;
        let Detected::Base(mut base) = detected else {
            return Err(CommandError::new(
                "--policy-from auto: nothing tells a branch that the change is for; name a revision, or leave the option out \
                 where no change is judged",
            ));
        };
        base.candidates.retain(|name| !name.starts_with("refs/heads/"));
        return Ok(base);
    }
    let remotes = repository.remotes();
    let mut base = ci::Base::named(revision, &remotes).map_err(rename)?;
    let name = revision.strip_prefix("refs/remotes/").unwrap_or(revision);
    let is_below = |remote: &String| name.strip_prefix(remote.as_str()).is_some_and(|rest| rest.starts_with('/'));
    if remotes.iter().any(is_below) {
        base.candidates = vec![format!("refs/remotes/{name}")];
    } else if !revision.starts_with("refs/") && base.branch.is_some() && revision != "HEAD" {
        let place = match base.remote(&remotes) {
            Some(remote) => format!("refs/remotes/{remote}"),
            None => "refs/heads".to_owned(),
        };
        base.candidates = vec![format!("{place}/{name}"), format!("refs/tags/{name}")];
    }
    Ok(base)
}

/// The error for a revision that is not here, with the command that brings it.
pub(super) fn missing(revision: &str, base: &ci::Base, repository: &Repository) -> CommandError {
    let remotes = repository.remotes();
    let source = if revision == "auto" { format!(" (from {})", base.source) } else { String::new() };
    let mend = match base.remote(&remotes) {
        None => "there is no remote to fetch it from; name a revision that is here".to_owned(),
        Some(remote) => {
            let depth = if repository.is_shallow() { "--depth=1 " } else { "" };
            let what = match (&base.branch, base.candidates.first()) {
                (Some(branch), _) => format!("+refs/heads/{branch}:refs/remotes/{remote}/{branch}"),
                (None, Some(id)) if ci::is_whole_id(id) => id.clone(),
                _ => format!("'+refs/heads/*:refs/remotes/{remote}/*'"),
            };
            format!("to mend: git fetch {depth}{remote} {what}")
        }
    };
    let names = base.candidates.join(", ");
    CommandError::new(format!(
        "--policy-from {revision}{source}: this repository has no commit by the name of {names}\n  {mend}"
    ))
}
