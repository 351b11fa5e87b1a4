//! One file of the scanned tree, read by its path for comparison, with no link followed on the way.

use std::path::Path;

use super::read::{OpenError, read_bytes};

/// What stands at a path of the scanned tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inside {
    /// Nothing.
    Nothing,
    /// A regular file, with its content.
    File(Vec<u8>),
    /// A symbolic link on the way or at the end of it.
    Link {
        /// Path of the link.
        at: String,
        /// Where it leads, as it says itself.
        target: String,
        /// What follows behind it.
        rest: String,
    },
    /// A file of more bytes than asked for, or one that cannot be read, or no file at all.
    Unreadable(String),
}

/// Reads the file at `path`, which is relative to `top` and has `/` between its names, if it has at most `max` bytes.
#[must_use]
pub fn read_inside(top: &Path, path: &str, max: u64) -> Inside {
    let mut location = top.to_path_buf();
    let names: Vec<&str> = path.split('/').filter(|name| !name.is_empty()).collect();
    for (number, name) in names.iter().enumerate() {
        if matches!(*name, "." | "..") {
            return Inside::Nothing;
        }
        location.push(name);
        match location.symlink_metadata() {
            Ok(metadata) if metadata.is_symlink() => {
                let target = location.read_link().map(|target| target.to_string_lossy().into_owned());
                let (at, rest) = names.split_at(number + 1);
                return Inside::Link { at: at.join("/"), target: target.unwrap_or_default(), rest: rest.join("/") };
            }
            Ok(_) => {}
            Err(_) => return Inside::Nothing,
        }
    }
    match read_bytes(&location, max) {
        Ok(bytes) => Inside::File(bytes),
        Err(OpenError::Vanished(_)) => Inside::Nothing,
        Err(error) => Inside::Unreadable(error.to_string()),
    }
}
