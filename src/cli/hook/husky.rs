//! A line in the scripts that husky runs. They are files of the work tree, for everyone who works on the repository;
//! what stands in `.husky/_` is made by husky itself.

use std::fs;
use std::path::{Path, PathBuf};

use super::script::{self, is_our_line};
use super::{CommandError, Hook, manager, shown, write_script};
use crate::report::atomic;

/// What a script begins with that holds nothing else yet. The older husky runs it itself, the newer one with `sh`.
const SHEBANG: &str = "#!/bin/sh";

/// Whether the script of `hook` in `directory` calls Lockgate.
pub(super) fn is_installed(directory: &Path, hook: Hook) -> bool {
    manager::read(&directory.join(hook.name())).is_some_and(|text| text.lines().any(is_our_line))
}

/// Adds the line of `hook`, and gives what to say about it.
pub(super) fn install(directory: &Path, hook: Hook) -> Result<String, CommandError> {
    let path = real_directory(directory)?.join(hook.name());
    if is_installed(directory, hook) {
        return Ok(format!("{} calls lockgate already", shown(&path)));
    }
    let line = script::line(hook);
    let said = format!("added lockgate to {}; commit that file", shown(&path));
    if path.symlink_metadata().is_err() {
        write_script(&path, &format!("{SHEBANG}\n{line}\n"))?;
        return Ok(said);
    }
    let text = whole(&path)?;
    let others = text.lines().any(|line| !line.trim().is_empty() && !line.starts_with('#'));
    if others && hook == Hook::PrePush {
        // Whoever reads standard input first leaves nothing to the other.
        return Err(CommandError::new(format!(
            "{} holds other commands, and git says only once what is pushed; put this line where it can read standard \
             input, before what does not need it:\n\n{line}",
            shown(&path)
        )));
    }
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    write(&path, &format!("{text}{end}{line}\n"))?;
    Ok(said)
}

/// Takes the line of `hook` away, and the script when nothing else is in it. Gives what was done.
pub(super) fn uninstall(directory: &Path, hook: Hook) -> Result<Option<String>, CommandError> {
    if !is_installed(directory, hook) {
        return Ok(None);
    }
    let path = real_directory(directory)?.join(hook.name());
    let text = whole(&path)?;
    let rest: String = text.split_inclusive('\n').filter(|line| !is_our_line(line.trim_end())).collect();
    if rest.trim().is_empty() || rest.trim() == SHEBANG {
        let failed = |error: std::io::Error| CommandError::new(format!("cannot remove {}: {error}", shown(&path)));
        fs::remove_file(&path).map_err(failed)?;
        return Ok(Some(format!("removed {}", shown(&path))));
    }
    write(&path, &rest)?;
    Ok(Some(format!("took lockgate out of {}", shown(&path))))
}

/// `directory`, unless it is a link: the work tree may come from anywhere, and a link could lead anywhere.
fn real_directory(directory: &Path) -> Result<PathBuf, CommandError> {
    match directory.symlink_metadata() {
        Ok(metadata) if metadata.is_symlink() => {
            Err(CommandError::new(format!("{} is a symbolic link; make it a directory", shown(directory))))
        }
        _ => Ok(directory.to_path_buf()),
    }
}

/// All of a script, which is to be written again.
fn whole(path: &Path) -> Result<String, CommandError> {
    let failed = |reason: &str| CommandError::new(format!("cannot edit {}: {reason}", shown(path)));
    let text = manager::read(path).ok_or_else(|| failed("it is no regular file, or it cannot be read"))?;
    let is_whole = path.metadata().is_ok_and(|metadata| metadata.len() == text.len() as u64);
    if is_whole { Ok(text) } else { Err(failed("it is too long, or no text")) }
}

fn write(path: &Path, text: &str) -> Result<(), CommandError> {
    atomic::write(path, |file| file.write_all(text.as_bytes())).map_err(|error| CommandError::new(error.to_string()))
}
