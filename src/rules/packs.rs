//! Packs from files and directories, beside the built-in ones.
//!
//! A directory of packs may come with the scanned tree: only regular files are opened, no link in it is followed out of it,
//! and no file is read beyond a bound, whatever size it claims.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::catalogue::Catalogue;
use super::error::PackError;
use super::gitleaks::{self, Extended, Loaded};
use super::schema::Rule;
use super::{builtin, load};

/// Largest pack file that is read, in bytes.
pub const MAX_PACK: u64 = 8 << 20;

/// What stands in front of the id of a rule of gitleaks when a rule of another pack has that id.
const PREFIX: &str = "gitleaks-";

/// The rules of some packs.
#[derive(Default)]
struct Packs {
    /// With the name of their file.
    rules: Vec<(Rule, String)>,
    /// The same for configurations of gitleaks and betterleaks, whose ids may be those of other rules.
    gitleaks: Vec<(Rule, String)>,
    notes: Vec<PackError>,
}

impl Packs {
    /// Takes in the rules of the pack `name`, or what is wrong with them. `extended` reads what a configuration of gitleaks
    /// extends.
    fn add(
        &mut self,
        name: &str,
        text: &str,
        extended: &dyn Fn(&str, &str) -> Result<Extended, String>,
        errors: &mut Vec<String>,
    ) {
        let with_name = |rules: Vec<Rule>| rules.into_iter().map(|rule| (rule, name.to_owned()));
        if Path::new(name).extension().is_none_or(|extension| extension != "toml") {
            match load::load(name, text) {
                Ok(found) => self.rules.extend(with_name(found)),
                Err(found) => errors.extend(found.iter().map(ToString::to_string)),
            }
            return;
        }
        match gitleaks::load(name, text, extended) {
            Ok(Loaded { rules, notes }) => {
                self.gitleaks.extend(with_name(rules));
                self.notes.extend(notes);
            }
            Err(found) => errors.extend(found.iter().map(ToString::to_string)),
        }
    }

    /// All rules, those of gitleaks with ids that no other rule has, `builtin` and those of other packs included.
    fn distinct(self, builtin: &[Rule]) -> (Vec<(Rule, String)>, Vec<PackError>) {
        let Self { mut rules, gitleaks, notes } = self;
        let own = rules.iter().map(|(rule, _)| rule);
        let ids = builtin.iter().chain(own).flat_map(|rule| std::iter::once(&rule.id).chain(&rule.aliases));
        let taken: HashSet<String> = ids.cloned().collect();
        rules.extend(gitleaks.into_iter().map(|(mut rule, origin)| {
            if taken.contains(&rule.id) {
                rule.id.insert_str(0, PREFIX);
            }
            (rule, origin)
        }));
        (rules, notes)
    }
}

/// Built-in rules and the rules of the packs at `paths`: YAML files, directories of them, and configurations of gitleaks and
/// betterleaks, which are TOML files.
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
    let mut packs = read(paths)?;
    let mut errors = Vec::new();
    for (name, text) in texts {
        // Where the text stood, no other file can be read.
        let alone = |_: &str, _: &str| Err("`extend` of a configuration from a commit names no file".to_owned());
        packs.add(name, text, &alone, &mut errors);
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let (own, notes) = packs.distinct(&all);
    // The build has checked the built-in rules among themselves.
    if !own.is_empty() {
        let builtin = all.iter().map(|rule| (rule, "the built-in packs"));
        load::check_unique(builtin.chain(own.iter().map(|(rule, origin)| (rule, origin.as_str()))))?;
        load::check_parts(own.iter().map(|(rule, origin)| (rule, origin.as_str())), &all)?;
        all.extend(own.into_iter().map(|(rule, _)| rule));
    }
    Ok(Catalogue::new(all).with_notes(notes))
}

/// The rules of the packs at `paths` alone.
///
/// # Errors
///
/// Every mistake in every pack, one line each.
pub fn only(paths: &[PathBuf]) -> Result<Catalogue, Vec<String>> {
    let (all, notes) = read(paths)?.distinct(&[]);
    load::check_unique(all.iter().map(|(rule, origin)| (rule, origin.as_str())))?;
    load::check_parts(all.iter().map(|(rule, origin)| (rule, origin.as_str())), &builtin::rules())?;
    Ok(Catalogue::new(all.into_iter().map(|(rule, _)| rule).collect()).with_notes(notes))
}

/// Rules with the name of their file.
fn read(paths: &[PathBuf]) -> Result<Packs, Vec<String>> {
    let mut packs = Packs::default();
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
                Ok(text) => packs.add(&name, &text, &|from, path| extended(&file, from, path), &mut errors),
                Err(error) => errors.push(format!("{name}: {error}")),
            }
        }
    }
    if errors.is_empty() { Ok(packs) } else { Err(errors) }
}

/// The configuration that `from` names by `path`, where `file` is the one that all began with: a file beside `from`, else one
/// below the working directory, as gitleaks has it. Nothing outside of the directory of `file` is read.
fn extended(file: &Path, from: &str, path: &str) -> Result<Extended, String> {
    let parent = |file: &Path| {
        file.parent().filter(|parent| !parent.as_os_str().is_empty()).map_or(".".into(), Path::to_path_buf)
    };
    if path.contains("://") {
        return Err("`path` of `extend` must be a file here: nothing is loaded over the network".to_owned());
    }
    let failed = |error: io::Error| format!("the configuration that `extend` names: {error}");
    let beside = parent(Path::new(from)).join(path);
    let found =
        beside.canonicalize().or_else(|error| Path::new(path).canonicalize().map_err(|_| error)).map_err(failed)?;
    if !found.starts_with(parent(file).canonicalize().map_err(failed)?) {
        let place = file.display();
        return Err(format!(
            "`path` of `extend` leads out of the directory of {place}; name both files as packs instead"
        ));
    }
    let text = read_text(&found).map_err(failed)?;
    // As a reader would call it.
    let name = if beside.exists() { beside } else { PathBuf::from(path) };
    Ok(Extended { name: name.display().to_string(), text })
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
