//! `--since`: which commit a change is compared with, and what to do where that is not there.

use std::path::Path;

use super::CommandError;
use super::ci::{self, Detected};
use crate::Mode;
use crate::input::git::{self, BaseError, Repository};

/// The mode for `--since REVISION`, scanning `root`. `auto` asks the variables of the CI system.
pub(super) fn mode(revision: &str, root: &Path) -> Result<Mode, CommandError> {
    let repository = Repository::discover(root).map_err(|error| CommandError::new(error.to_string()))?;
    if repository.is_bare() {
        let message = format!("--since: {} is a bare repository, without files to compare", root.display());
        return Err(CommandError::new(message));
    }
    let base = match revision {
        "auto" => match ci::detect(&|name| std::env::var(name).ok())? {
            Detected::Everything { source } => return Ok(Mode::Since(git::Base::nothing(source))),
            Detected::Base(base) => base,
        },
        revision => ci::Base::named(revision, &repository.remotes())?,
    };
    match git::Base::resolve(&repository, &base.candidates, base.is_last_resort) {
        Ok(base) => Ok(Mode::Since(base)),
        Err(BaseError::Git(error)) => Err(CommandError::new(error.to_string())),
        Err(BaseError::Missing) => {
            let names = base.candidates.join(", ");
            let mend = match command(&base, &repository) {
                Some(command) => format!("to mend: {command}"),
                None => "there is no remote to fetch it from; give --since a revision that is here".to_owned(),
            };
            Err(failure(revision, &base, &format!("this repository has no commit by the name of {names}"), &mend))
        }
        Err(BaseError::Unrelated) => {
            let mend = match command(&base, &repository).filter(|_| repository.is_shallow()) {
                Some(command) => format!("the clone is shallow; to mend: {command}"),
                None => "their histories are unrelated; give --since a revision that HEAD came from".to_owned(),
            };
            Err(failure(revision, &base, "the base and HEAD have no ancestor in common", &mend))
        }
    }
}

fn failure(revision: &str, base: &ci::Base, what: &str, mend: &str) -> CommandError {
    let source = if revision == "auto" { format!(" (from {})", base.source) } else { String::new() };
    CommandError::new(format!("--since {revision}{source}: {what}\n  {mend}"))
}

/// The command that fetches the base, and all of the history where the clone is shallow.
fn command(base: &ci::Base, repository: &Repository) -> Option<String> {
    let remotes = repository.remotes();
    let remote = base.remote(&remotes)?;
    let unshallow = if repository.is_shallow() { "--unshallow " } else { "" };
    let what = match (&base.branch, base.candidates.first()) {
        (Some(branch), _) => format!("+refs/heads/{branch}:refs/remotes/{remote}/{branch}"),
        (None, Some(id)) if ci::is_whole_id(id) => id.clone(),
        _ => format!("'+refs/heads/*:refs/remotes/{remote}/*'"),
    };
    Some(format!("git fetch {unshallow}{remote} {what}"))
}
