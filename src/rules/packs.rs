//! Packs from files and directories, beside the built-in ones.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::catalogue::Catalogue;
use super::schema::Rule;
use super::{builtin, load};

/// Largest pack file that is read, in bytes.
const MAX_PACK: u64 = 8 << 20;

/// Built-in rules and the rules of the packs at `paths` (files, or directories of `.yaml` and `.yml` files).
///
/// # Errors
///
/// Every mistake in every pack, one line each.
pub fn catalogue(paths: &[PathBuf]) -> Result<Catalogue, Vec<String>> {
    let mut all: Vec<(Rule, String)> =
        builtin::rules().into_iter().map(|rule| (rule, "the built-in packs".into())).collect();
    all.extend(read(paths)?);
    load::check_unique(all.iter().map(|(rule, origin)| (rule, origin.as_str())))?;
    Ok(Catalogue::new(all.into_iter().map(|(rule, _)| rule).collect()))
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
    let length = fs::metadata(file)?.len();
    if length > MAX_PACK {
        return Err(io::Error::other(format!("{length} bytes; a rule pack has at most {MAX_PACK}")));
    }
    fs::read_to_string(file)
}

/// Pack files at `path`, in order of their names. A directory's `fixtures` hold no packs.
fn collect(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if !fs::metadata(path)?.is_dir() {
        files.push(path.to_path_buf());
        return Ok(());
    }
    let mut entries: Vec<PathBuf> =
        fs::read_dir(path)?.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
    entries.sort();
    for entry in entries {
        let is_pack = entry.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
        if fs::symlink_metadata(&entry)?.is_dir() {
            if entry.file_name().is_some_and(|name| name != "fixtures") {
                collect(&entry, files)?;
            }
        } else if is_pack {
            files.push(entry);
        }
    }
    Ok(())
}
