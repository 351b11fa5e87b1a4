//! `lockgate.toml`: which files, which rules, what is reported and what blocks.
//!
//! It is read once, before anything is scanned, and handed on as plain values: [`Config`] knows the file, [`Settings`] the
//! values. Every mistake is reported with line, column and the mend, all of them at once; there is no half-valid
//! configuration. The scanned tree is not trusted: a configuration found in it cannot name files outside of it.
//! This module reads its own file only, neither packs nor baselines, and knows nothing of the command line.

mod error;
mod extends;
mod mask;
mod pattern;
mod policy;
mod schema;
mod size;
mod waiver;
mod walk;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::de::DeTable;

pub use self::error::{ConfigError, Mend, Place, Problem};
pub use self::extends::{Extended, Extends, ReadExtended};
pub use self::policy::PolicyEntry;
pub use self::schema::{
    BaselineSettings, CategoryGate, GateSettings, Located, MAX_ARCHIVE_DEPTH, ReportSettings, RuleSettings,
    ScanSettings, Settings,
};
pub use self::size::ByteSize;
pub use self::waiver::WaiverSettings;
pub use crate::selector::RulePattern;

use self::error::{MAX_ERRORS, Source, shown};
use crate::span::Span;

/// Name of the configuration file at the root of a scan.
pub const FILE_NAME: &str = "lockgate.toml";

/// The most bytes that a configuration file may have.
const MAX_SIZE: ByteSize = ByteSize::mebibytes(1);

/// The settings of a run, and where they came from.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The values; the command line may overrule them.
    pub settings: Settings,
    source: Source,
    /// The directory that paths in the file are relative to; empty for the current directory.
    base: PathBuf,
    /// The keys that the file has, with their tables, such as `scan.exclude`, and where they stand.
    present: BTreeMap<String, Span>,
    /// The configuration that it extends.
    extended: Option<Box<Config>>,
}

impl Config {
    /// Reads the configuration file at `path`, which its user named: it may stand anywhere.
    pub fn load(path: &Path) -> Result<Self, Vec<ConfigError>> {
        let file = path.display().to_string();
        let bytes = read(path).map_err(|problem| vec![ConfigError { file: file.clone(), place: None, problem }])?;
        Self::parse(&bytes, &file, path.parent().unwrap_or(Path::new("")))
    }

    /// Reads `lockgate.toml` in the directory `root` and nowhere else; without one, the defaults hold. A symbolic link
    /// that leads out of `root` is an error: whoever wrote the tree must not choose which file of this machine is read.
    pub fn discover(root: &Path) -> Result<Self, Vec<ConfigError>> {
        let path = root.join(FILE_NAME);
        let fail = |problem| {
            let file = path.strip_prefix(".").unwrap_or(&path).display().to_string();
            vec![ConfigError { file, place: None, problem }]
        };
        let is_link = match path.symlink_metadata() {
            Ok(metadata) => metadata.is_symlink(),
            Err(error) if is_absent(&error) => {
                return Ok(Self { base: root.to_owned(), ..Self::default() });
            }
            Err(error) => return Err(fail(Problem::Unreadable(error.to_string()))),
        };
        if is_link {
            let target = path.canonicalize().and_then(|target| Ok((target, root_of(root).canonicalize()?)));
            match target {
                Ok((target, root)) if target.starts_with(&root) => {}
                Ok(_) => return Err(fail(Problem::LinkOutside)),
                Err(error) => return Err(fail(Problem::Unreadable(error.to_string()))),
            }
        }
        Self::load(path.strip_prefix(".").unwrap_or(&path)).map(|config| Self { base: root.to_owned(), ..config })
    }

    /// Reads a configuration from `bytes`; errors call it `file`, and paths in it are relative to `base`.
    pub fn parse(bytes: &[u8], file: &str, base: &Path) -> Result<Self, Vec<ConfigError>> {
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let source = Source { file: file.to_owned(), text: String::from_utf8_lossy(bytes).into() };
                let at = Span::new(error.valid_up_to(), error.valid_up_to());
                return Err(vec![source.error(Some(at), Problem::NotUtf8)]);
            }
        };
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let source = Source { file: file.to_owned(), text: Arc::from(text) };
        let table = DeTable::parse(text).map_err(|error| vec![syntax_error(&source, &error)])?;
        let mut problems = Vec::new();
        let settings = walk::settings(table.get_ref(), &mut problems);
        if problems.is_empty() {
            let present = present_keys(table.get_ref());
            Ok(Self { settings, source, base: base.to_owned(), present, extended: None })
        } else {
            Err(source.errors(problems))
        }
    }

    /// An error for each id or glob of `[rules]` that matches none of `known`, which are the ids of all rules and their
    /// aliases: a misspelt id would silently do nothing.
    #[must_use]
    pub fn check_rule_ids<'a>(&self, known: impl Iterator<Item = &'a str>) -> Vec<ConfigError> {
        self.unknown_ids(&known.collect())
    }

    fn unknown_ids(&self, known: &BTreeSet<&str>) -> Vec<ConfigError> {
        let mut errors = self.extended.as_ref().map(|base| base.unknown_ids(known)).unwrap_or_default();
        let mut problems = self.settings.unknown_ids(known, MAX_ERRORS);
        // What was taken over from there is told there.
        problems.retain(|(at, problem)| at.is_some() || !errors.iter().any(|error| error.problem == *problem));
        errors.extend(self.source.errors(problems));
        errors
    }

    /// The rule packs of `[rules] packs`, as paths that can be opened. Each exists, and no symbolic link on the way leads
    /// out of the directory of the configuration file.
    pub fn pack_paths(&self) -> Result<Vec<PathBuf>, Vec<ConfigError>> {
        let mut paths = self.extended.as_ref().map_or_else(|| Ok(Vec::new()), |base| base.pack_paths())?;
        let mut problems = Vec::new();
        for pack in &self.settings.rules.packs {
            match self.inside(Path::new(&pack.value)) {
                Ok(path) => paths.push(path),
                Err(reason) => {
                    problems.push((pack.at, Problem::BadValue { value: shown(&pack.value), reason }));
                }
            }
        }
        if problems.is_empty() { Ok(paths) } else { Err(self.source.errors(problems)) }
    }

    /// Where the baseline of `[baseline] path` is read and written; it need not exist. As with packs, no symbolic link may
    /// lead out of the directory of the configuration file.
    pub fn baseline_path(&self) -> Result<PathBuf, ConfigError> {
        let Located { value, at } = &self.settings.baseline.path;
        let is_absent = |path: &Path| self.base.join(path).symlink_metadata().is_err_and(|error| is_absent(&error));
        let path = Path::new(value);
        let existing = path.ancestors().find(|ancestor| !is_absent(ancestor)).unwrap_or(Path::new(""));
        self.inside(existing).map(|_| self.base.join(path)).map_err(|reason| {
            let problem = Problem::BadValue { value: shown(value), reason };
            self.source.error(*at, problem)
        })
    }

    /// The existing file or directory `relative` beside the file, through no symbolic link that leads out of its directory.
    ///
    /// # Errors
    ///
    /// A sentence without a subject.
    pub fn beside(&self, relative: &str) -> Result<PathBuf, String> {
        self.inside(Path::new(relative))
    }

    /// The existing file or directory `relative` under the base; the error is a sentence without a subject.
    fn inside(&self, relative: &Path) -> Result<PathBuf, String> {
        let path = if relative.as_os_str().is_empty() { self.base.clone() } else { self.base.join(relative) };
        let resolve = |path: &Path| path.canonicalize().map_err(|error| format!("cannot be read: {error}"));
        if resolve(root_of(&path))?.starts_with(resolve(root_of(&self.base))?) {
            Ok(path)
        } else {
            Err("is a symbolic link that leads out of the directory of the configuration file".to_owned())
        }
    }
}

/// The JSON Schema (draft 2020-12) of `lockgate.toml`, for editors.
#[must_use]
pub fn json_schema() -> String {
    format!("{:#}\n", schemars::schema_for!(Settings).to_value())
}

/// A `lockgate.toml` to start from: every key with its default, explained.
#[must_use]
pub fn template() -> &'static str {
    include_str!("template.toml")
}

/// The keys of `table`, those of its tables with the name in front, and where they stand.
fn present_keys(table: &DeTable<'_>) -> BTreeMap<String, Span> {
    let mut present = BTreeMap::new();
    let at = |range: std::ops::Range<usize>| Span::new(range.start, range.end);
    for (name, value) in table {
        match value.get_ref().as_table() {
            Some(own) => {
                present.extend(
                    own.iter().map(|(key, _)| (format!("{}.{}", name.get_ref(), key.get_ref()), at(key.span()))),
                );
            }
            None => drop(present.insert(name.get_ref().to_string(), at(name.span()))),
        }
    }
    present
}

/// `path`, or `.` for the empty path, which the operating system does not open.
fn root_of(path: &Path) -> &Path {
    if path.as_os_str().is_empty() { Path::new(".") } else { path }
}

/// Whether there is simply no such file. A root that is a file, or standard input, has no configuration beside it.
fn is_absent(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory)
}

/// The bytes of the file at `path`, of which only a regular one is opened: opening a FIFO could block for ever.
///
/// # Errors
///
/// It cannot be read, is no regular file, or is too large.
pub fn read(path: &Path) -> Result<Vec<u8>, Problem> {
    let unreadable = |error: std::io::Error| Problem::Unreadable(error.to_string());
    if !path.metadata().map_err(unreadable)?.is_file() {
        return Err(Problem::NotRegular);
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(MAX_SIZE.bytes() + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    check_size(bytes.len()).map(|()| bytes)
}

/// Whether a configuration may have `bytes` bytes.
///
/// # Errors
///
/// It may not.
pub fn check_size(bytes: usize) -> Result<(), Problem> {
    if bytes as u64 > MAX_SIZE.bytes() { Err(Problem::TooLarge(MAX_SIZE)) } else { Ok(()) }
}

/// The parser's error in our terms. The parser stops at the first: what follows it is often only its consequence.
fn syntax_error(source: &Source, error: &toml::de::Error) -> ConfigError {
    let at = error.span().map(|range| Span::new(range.start, range.end));
    let problem = match at.and_then(|span| source.text.get(span.start..span.end)) {
        Some(key) if error.message() == "duplicate key" => Problem::DuplicateKey(shown(key)),
        _ => Problem::Syntax(shown(error.message())),
    };
    source.error(at, problem)
}
