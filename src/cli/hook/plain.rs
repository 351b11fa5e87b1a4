//! A hook in git's own hooks directory.

use std::fs;
use std::path::PathBuf;

use super::script::{self, kept_name};
use super::{CommandError, Hook, manager, shown, write_script};
use crate::input::git::HookDirectory;

/// Where `hook` stands.
pub(super) fn path(place: &HookDirectory, hook: Hook) -> PathBuf {
    place.path.join(hook.name())
}

/// Whether `hook` is there and Lockgate's.
pub(super) fn is_installed(place: &HookDirectory, hook: Hook) -> bool {
    manager::read(&path(place, hook)).is_some_and(|text| script::is_ours(&text))
}

/// Writes `hook`, and gives what to say about it. A hook of someone else is kept and called first, and only with `force`.
pub(super) fn install(place: &HookDirectory, hook: Hook, force: bool) -> Result<String, CommandError> {
    let path = path(place, hook);
    if place.is_outside && !force {
        return Err(CommandError::new(format!(
            "core.hooksPath is {}, outside of this repository, so a hook there would run in every repository that uses \
             it; unset it here (`git config core.hooksPath .git/hooks`), or give --force to write there all the same",
            place.path.display()
        )));
    }
    let is_there = path.symlink_metadata().is_ok();
    if !is_there || is_installed(place, hook) {
        write_script(&path, &script::script(hook))?;
        return Ok(format!("installed {}", shown(&path)));
    }
    if !force {
        return Err(CommandError::new(format!(
            "{} is there and not lockgate's; add this line to it, or give --force to keep it as {} and have it called \
             first:\n\n{}",
            shown(&path),
            kept_name(hook),
            script::command(hook)
        )));
    }
    let kept = place.path.join(kept_name(hook));
    if kept.symlink_metadata().is_ok() {
        return Err(CommandError::new(format!(
            "{} would be kept as {}, which is there already; remove one of them",
            shown(&path),
            shown(&kept)
        )));
    }
    let failed = |error: std::io::Error| CommandError::new(format!("cannot rename {}: {error}", shown(&path)));
    fs::rename(&path, &kept).map_err(failed)?;
    if let Err(error) = write_script(&path, &script::script(hook)) {
        // Better the hook from before than none.
        let _ = fs::rename(&kept, &path);
        return Err(error);
    }
    Ok(format!("installed {}; what was there is {} and runs first", shown(&path), shown(&kept)))
}

/// Removes `hook` where it is Lockgate's, and puts back what was there before. Gives what was done.
pub(super) fn uninstall(place: &HookDirectory, hook: Hook) -> Result<Option<String>, CommandError> {
    if !is_installed(place, hook) {
        return Ok(None);
    }
    let (path, kept) = (path(place, hook), place.path.join(kept_name(hook)));
    let failed = |error: std::io::Error| CommandError::new(format!("cannot remove {}: {error}", shown(&path)));
    if kept.symlink_metadata().is_ok() {
        fs::rename(&kept, &path).map_err(failed)?;
        return Ok(Some(format!("removed {}, and put back what was there before", shown(&path))));
    }
    fs::remove_file(&path).map_err(failed)?;
    Ok(Some(format!("removed {}", shown(&path))))
}
