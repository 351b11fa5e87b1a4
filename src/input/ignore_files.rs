//! What ignore files say about a path.
//!
//! Each directory that brings rules of its own is one [`Level`], linked to the level above it. `.lockgateignore` wins over
//! everything of git; within each kind the deepest file decides, and within a file the last line that matches. Git's own
//! order follows: `.gitignore`, then `.git/info/exclude`, then the global file, none of which reaches beyond the nearest
//! repository, and none of which counts outside of one.
//!
//! Ignore files belong to the scanned tree: they are opened like any file of it (no link, no FIFO) and read up to a bound.
//! One that cannot be read hides nothing.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder, Glob, gitconfig_excludes_path};

use super::quoted;
use super::read::open_regular;
use crate::coverage::{Cause, CoverageEntry};
use crate::glob;

/// Lockgate's own ignore file.
pub(super) const LOCKGATE_IGNORE: &str = ".lockgateignore";
/// Git's ignore file.
pub(super) const GIT_IGNORE: &str = ".gitignore";
/// Git's own directory, or the file that leads to it.
pub(super) const GIT: &str = ".git";

/// Most bytes of an ignore file that are read.
const MAX_IGNORE_FILE: u64 = 1024 * 1024;

/// The user's global ignore file, as git's configuration and environment name it (`core.excludesFile`); it need not exist.
/// For [`WalkOptions::global_ignore`](super::WalkOptions::global_ignore).
#[must_use]
pub fn git_global_ignore() -> Option<PathBuf> {
    gitconfig_excludes_path()
}

/// Ignore files that count in place of those in the scanned tree: those of the commit that the policy is taken from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GivenIgnoreFiles {
    /// The top of the work tree that they belong to, without links.
    pub top: PathBuf,
    /// Their contents, by path from the top, with `/`.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl GivenIgnoreFiles {
    /// Whether the file at `path` is one that counts.
    #[must_use]
    pub fn is_one(path: &str) -> bool {
        matches!(path.rsplit('/').next(), Some(GIT_IGNORE | LOCKGATE_IGNORE))
    }

    /// The file `name` in `directory`. What lies outside of the work tree, as what a submodule holds, has none.
    fn get(&self, directory: &Path, name: &str) -> Option<&[u8]> {
        let below = directory.strip_prefix(&self.top).ok()?;
        let mut path = String::new();
        for part in below.components() {
            path.push_str(&part.as_os_str().to_string_lossy());
            path.push('/');
        }
        path.push_str(name);
        self.files.get(&path).map(Vec::as_slice)
    }
}

/// The rules of one directory, and the way to those above it.
#[derive(Debug)]
pub(super) struct Level {
    parent: Option<Arc<Level>>,
    /// Length of the directory's path from the base, with its `/`: what a path loses before rules of this level see it.
    skip: usize,
    lockgate: Gitignore,
    git: Gitignore,
    /// `.git/info/exclude`, where this directory is the top of a repository.
    repository: Option<Gitignore>,
    /// Whether this directory lies in a repository.
    inside_repository: bool,
}

/// A directory whose rules are to be read.
pub(super) struct Place<'a> {
    /// Where it is.
    pub(super) location: &'a Path,
    /// Its path as messages show it, relative to the scan root; empty or with `/` at the end.
    pub(super) shown: &'a str,
    /// See [`Level::skip`].
    pub(super) skip: usize,
    /// What counts in place of the ignore files that are there.
    pub(super) given: Option<&'a GivenIgnoreFiles>,
}

/// Which of the names that matter here stand in a directory.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Present {
    /// [`GIT`], be it a directory or a file.
    pub(super) repository: bool,
    /// [`GIT_IGNORE`], as a regular file.
    pub(super) gitignore: bool,
    /// [`LOCKGATE_IGNORE`], as a regular file.
    pub(super) lockgateignore: bool,
}

impl Present {
    /// Looks into `directory`, for directories that are not listed because they lie above what is scanned.
    pub(super) fn look(directory: &Path) -> Self {
        let is_file = |name| directory.join(name).symlink_metadata().is_ok_and(|metadata| metadata.is_file());
        Self {
            repository: is_repository(directory),
            gitignore: is_file(GIT_IGNORE),
            lockgateignore: is_file(LOCKGATE_IGNORE),
        }
    }
}

/// Whether `directory` is the top of a git repository, worktree or submodule.
pub(super) fn is_repository(directory: &Path) -> bool {
    directory.join(GIT).symlink_metadata().is_ok()
}

impl Level {
    /// The level for a directory below `parent`; the parent's own when the directory adds nothing. What is wrong with its
    /// ignore files goes to `problems`.
    pub(super) fn enter(
        parent: Option<&Arc<Level>>,
        place: &Place<'_>,
        present: Present,
        problems: &mut Vec<CoverageEntry>,
    ) -> Option<Arc<Level>> {
        let present = match place.given {
            Some(given) => Present {
                gitignore: given.get(place.location, GIT_IGNORE).is_some(),
                lockgateignore: given.get(place.location, LOCKGATE_IGNORE).is_some(),
                ..present
            },
            None => present,
        };
        let inside_repository = present.repository || parent.is_some_and(|level| level.inside_repository);
        let gitignore = present.gitignore && inside_repository;
        if !(present.repository || gitignore || present.lockgateignore) {
            return parent.cloned();
        }
        let mut of_file = |location: PathBuf, name: &str| {
            let file = open_regular(&location).ok().map(|(file, _)| file);
            compile(file, &format!("{}{name}", place.shown), problems)
        };
        // The machine's own, whatever the scanned tree holds.
        let repository = present
            .repository
            .then(|| of_file(git_common_directory(place.location).join("info/exclude"), ".git/info/exclude"));
        let mut load = |wanted: bool, name: &str| match place.given {
            _ if !wanted => Gitignore::empty(),
            Some(given) => compile(given.get(place.location, name), &format!("{}{name}", place.shown), problems),
            None => {
                let file = open_regular(&place.location.join(name)).ok().map(|(file, _)| file);
                compile(file, &format!("{}{name}", place.shown), problems)
            }
        };
        let lockgate = load(present.lockgateignore, LOCKGATE_IGNORE);
        let git = load(gitignore, GIT_IGNORE);
        Some(Arc::new(Level {
            parent: parent.cloned(),
            skip: place.skip,
            lockgate,
            git,
            repository,
            inside_repository,
        }))
    }

    /// The rule that leaves out `path` (from the base), named by file and line; `None` when it is to be scanned.
    pub(super) fn ignores(&self, global: &Gitignore, path: &str, is_directory: bool) -> Option<String> {
        let matches = |rules: &Gitignore, level: &Level| {
            Verdict::from(rules.matched(path.get(level.skip..).unwrap_or(path), is_directory))
        };
        for level in self.chain() {
            match matches(&level.lockgate, level) {
                Verdict::None => {}
                Verdict::Keep => return None,
                Verdict::Ignore(rule) => return Some(rule),
            }
        }
        for level in self.chain() {
            let mut verdict = matches(&level.git, level);
            if let Some(exclude) = &level.repository {
                verdict = verdict.or_else(|| matches(exclude, level)).or_else(|| matches(global, level));
            }
            match verdict {
                Verdict::None if level.repository.is_none() => {}
                Verdict::None | Verdict::Keep => return None,
                Verdict::Ignore(rule) => return Some(rule),
            }
        }
        None
    }

    /// This level and those above it, the deepest first.
    fn chain(&self) -> impl Iterator<Item = &Level> {
        std::iter::successors(Some(self), |level| level.parent.as_deref())
    }
}

/// What one file says about a path.
enum Verdict {
    None,
    Keep,
    Ignore(String),
}

impl From<Match<&Glob>> for Verdict {
    fn from(matched: Match<&Glob>) -> Self {
        match matched {
            Match::None => Verdict::None,
            Match::Whitelist(_) => Verdict::Keep,
            Match::Ignore(glob) => Verdict::Ignore(describe(glob)),
        }
    }
}

impl Verdict {
    fn or_else(self, other: impl FnOnce() -> Verdict) -> Verdict {
        match self {
            Verdict::None => other(),
            decided => decided,
        }
    }
}

/// File, line and text of a rule: `.gitignore:3: target/`; the text alone for a glob of the configuration.
pub(super) fn describe(glob: &Glob) -> String {
    let rule = quoted(glob.original());
    match glob.from() {
        Some(from) => format!("{}: {rule}", from.display()),
        None => rule,
    }
}

/// The rules of the user's global ignore file. A link is followed here: the file is the user's own.
pub(super) fn global(path: &Path) -> Gitignore {
    let is_file = path.metadata().is_ok_and(|metadata| metadata.is_file());
    let file = if is_file { File::open(path).ok() } else { None };
    // What is wrong with it is no matter of the scanned tree's coverage, nor is the way to it for a report to show.
    compile(file, "global gitignore", &mut Vec::new())
}

/// Compiles the rules in `file`, each under the name `shown:line`.
fn compile(file: Option<impl Read>, shown: &str, problems: &mut Vec<CoverageEntry>) -> Gitignore {
    let Some((text, is_cut)) = file.and_then(|file| read_lines(file).ok()) else {
        return Gitignore::empty();
    };
    let mut problem = |cause, detail| problems.push(CoverageEntry { path: shown.to_owned(), cause, detail });
    if is_cut {
        problem(Cause::Bound, format!("longer than {MAX_IGNORE_FILE} bytes: rules behind them have no effect"));
    }
    let mut builder = GitignoreBuilder::new("");
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        let from = Some(PathBuf::from(format!("{shown}:{number}")));
        if glob::check_alternates(line).is_err() || builder.add_line(from, line).is_err() {
            problem(Cause::Unparsed, format!("line {number} is not a valid pattern and has no effect"));
        }
    }
    builder.build().unwrap_or_else(|_| {
        problem(Cause::Unparsed, "its patterns are too large together and have no effect".to_owned());
        Gitignore::empty()
    })
}

/// The lines of an ignore file without a byte order mark, and whether the bound cut them. Names are compared in their
/// lossy form, so that lossy lines match them.
fn read_lines(file: impl Read) -> io::Result<(String, bool)> {
    let mut bytes = Vec::new();
    file.take(MAX_IGNORE_FILE + 1).read_to_end(&mut bytes)?;
    let is_cut = bytes.len() as u64 > MAX_IGNORE_FILE;
    if is_cut {
        // Half a line would be another rule.
        bytes.truncate(memchr::memrchr(b'\n', &bytes).unwrap_or(0));
    }
    let text = String::from_utf8_lossy(&bytes);
    Ok((text.strip_prefix('\u{FEFF}').unwrap_or(&text).to_owned(), is_cut))
}

/// The directory that holds `info/exclude` for the repository at `top`: `.git` itself, or where a `.git` file leads (a
/// submodule, or a worktree whose `commondir` leads on). See gitrepository-layout(5).
fn git_common_directory(top: &Path) -> PathBuf {
    let git = top.join(GIT);
    let first_line = |path: &Path| {
        let (file, _) = open_regular(path).ok()?;
        let (text, _) = read_lines(file).ok()?;
        text.lines().next().map(str::to_owned)
    };
    let Some(directory) = first_line(&git).and_then(|line| Some(top.join(line.strip_prefix("gitdir:")?.trim()))) else {
        return git;
    };
    match first_line(&directory.join("commondir")) {
        Some(common) => directory.join(common.trim()),
        None => directory,
    }
}
