//! Packs from files and directories, beside the built-in ones.
//!
//! A directory of packs may come with the scanned tree: only regular files are opened, no link in it is followed out of it,
//! and no file is read beyond a bound, whatever size it claims.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::catalogue::Catalogue;
use super::schema::Rule;
use super::{builtin, load};

/// Largest pack file that is read, in bytes.
pub const MAX_PACK: u64 = 8 << 20;

/// Built-in rules and the rules of the packs at `paths` (files, or directories of `.yaml` and `.yml` files).
///
/// # Errors
///
/// Every mistake in every pack, one line each.
pub fn catalogue(paths: &[PathBuf]) -> Result<Catalogue, Vec<String>> {
    catalogue_with(paths, &[])
}

/// The same with packs that were read already: each with its name and its text.
///
/// # Errors
///
/// Every mistake in every pack, one line each.
pub fn catalogue_with(paths: &[PathBuf], texts: &[(String, String)]) -> Result<Catalogue, Vec<String>> {
    let mut all = builtin::rules();
    let mut own = read(paths)?;
    let mut errors = Vec::new();
    for (name, text) in texts {
        match load::load(name, text) {
            Ok(found) => own.extend(found.into_iter().map(|rule| (rule, name.clone()))),
            Err(found) => errors.extend(found.iter().map(ToString::to_string)),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    // The build has checked the built-in rules among themselves.
    if !own.is_empty() {
        let builtin = all.iter().map(|rule| (rule, "the built-in packs"));
        load::check_unique(builtin.chain(own.iter().map(|(rule, origin)| (rule, origin.as_str()))))?;
        all.extend(own.into_iter().map(|(rule, _)| rule));
    }
    Ok(Catalogue::new(all))
}

/// The rules of the packs at `paths` alone.
///
/// # Errors
///
/// Every mistake in every pack, one line each.
pub fn only(paths: &[PathBuf]) -> Result<Catalogue, Vec<String>> {
    let all = read(paths)?;
    load::check_unique(all.iter().map(|(rule, origin)| (rule, origin.as_str())))?;
    Ok(Catalogue::new(all.into_iter().map(|(rule, _)| rule).collect()))
}

/// Rules with the name of their file.
fn read(paths: &[PathBuf]) -> Result<Vec<(Rule, String)>, Vec<String>> {
    let mut rules = Vec::new();
    let mut errors = Vec::new();
    for path in paths {
        let mut files = Vec::new();
        if let Err(error) = collect(path, &mut files) {
            errors.push(format!("{}: {error}", path.display()));
        }
        if files.is_empty() && errors.is_empty() {
            errors.push(format!("{}: no rule pack (`*.yaml`) in it", path.display()));
        }
        for file in files {
            let name = file.display().to_string();
            match read_text(&file) {
                Ok(text) => match load::load(&name, &text) {
                    Ok(found) => rules.extend(found.into_iter().map(|rule| (rule, name.clone()))),
                    Err(found) => errors.extend(found.iter().map(ToString::to_string)),
                },
                Err(error) => errors.push(format!("{name}: {error}")),
            }
        }
    }
    if errors.is_empty() { Ok(rules) } else { Err(errors) }
}

fn read_text(file: &Path) -> io::Result<String> {
    // Opening a FIFO could block for ever.
    if !fs::metadata(file)?.is_file() {
        return Err(io::Error::other("is not a regular file"));
    }
    let mut text = String::new();
    File::open(file)?.take(MAX_PACK + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MAX_PACK {
        return Err(io::Error::other(format!("is larger than {MAX_PACK} bytes, the most that a rule pack may have")));
    }
    Ok(text)
}

/// Whether the file at `path`, which lies somewhere in a directory of packs and has `/` between its names, is a pack.
#[must_use]
pub fn is_pack(path: &str) -> bool {
    let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    matches!(extension, "yaml" | "yml") && above.split('/').all(|directory| directory != "fixtures")
}

/// Pack files at `path`, in order of their names. A directory's `fixtures` hold no packs.
fn collect(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if fs::metadata(path)?.is_dir() {
        return collect_below(path, &fs::canonicalize(path)?, files);
    }
    files.push(path.to_path_buf());
    Ok(())
}

/// Pack files in the directory `path`, which lies in `root`; no link leads out of `root`.
fn collect_below(path: &Path, root: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(path)?.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
    entries.sort();
    for entry in entries {
        let is_pack = entry.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
        let kind = fs::symlink_metadata(&entry)?.file_type();
        if kind.is_dir() {
            if entry.file_name().is_some_and(|name| name != "fixtures") {
                collect_below(&entry, root, files)?;
            }
        } else if is_pack {
            if kind.is_symlink() && !fs::canonicalize(&entry)?.starts_with(root) {
                let name = entry.file_name().unwrap_or_default().to_string_lossy();
                return Err(io::Error::other(format!("`{name}` is a symbolic link that leads out of the directory")));
            }
            files.push(entry);
        }
    }
    Ok(())
}
