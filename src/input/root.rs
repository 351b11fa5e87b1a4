//! What was named on the command line: the scan root, and where the walk starts.
//!
//! The one place that resolves paths. Below the starts, nothing is resolved any more: paths grow by names alone.

use std::collections::BTreeMap;
use std::fs::{self, FileType};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::ignore_files::{self, GivenIgnoreFiles, Level, Place, Present, is_repository};
use super::walk::{Directory, FileRef, Listing, Scope, describe_kind, link_text};
use crate::coverage::{Cause, CoverageEntry};
use crate::glob;

/// How a tree is walked.
#[derive(Clone, Debug, Default)]
pub struct WalkOptions {
    /// The scan root, where it is not to follow from what is named. Everything named must lie in it.
    pub root: Option<PathBuf>,
    /// Globs of what is left out, relative to the scan root, in the syntax of `.gitignore`.
    pub excludes: Vec<String>,
    /// Scan what ignore files leave out. Git's own `.git` stays out.
    pub no_ignore: bool,
    /// Ignore files that count in place of those in the tree.
    pub ignore_files: Option<Arc<GivenIgnoreFiles>>,
    /// Git's global ignore file, as [`git_global_ignore`](super::git_global_ignore) finds it. It counts inside
    /// repositories only.
    pub global_ignore: Option<PathBuf>,
    /// Where relative paths begin; the process's current directory when not set.
    pub working_directory: Option<PathBuf>,
}

/// Why a scan cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// Something named does not exist.
    #[error("{}: no such file or directory", .0.display())]
    NotFound(PathBuf),
    /// Something named, or the way to it, is not accessible.
    #[error("{}: {error}", path.display())]
    Unreadable {
        /// As it was named.
        path: PathBuf,
        /// The operating system's error.
        error: io::Error,
    },
    /// The scan root is not a directory.
    #[error("{}: the scan root must be a directory", .0.display())]
    NotADirectory(PathBuf),
    /// Something named lies outside of the scan root that was set.
    #[error("{}: lies outside of the scan root {}", path.display(), root.display())]
    OutsideRoot {
        /// As it was named.
        path: PathBuf,
        /// The scan root.
        root: PathBuf,
    },
    /// A glob of [`WalkOptions::excludes`] is wrong.
    #[error("invalid glob `{glob}` in [scan] exclude: {reason}")]
    Exclude {
        /// The glob.
        glob: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// A scan root, opened.
#[derive(Debug)]
pub struct Root {
    /// The scan root: absolute, without links. Paths of files and coverage are relative to it.
    pub path: PathBuf,
    /// What was named, as though it were the listing of one directory.
    pub start: Listing,
    scope: Arc<Scope>,
}

/// Something that was named.
struct Named {
    /// Absolute; only the last name may be a link.
    location: PathBuf,
    kind: FileType,
}

impl Root {
    /// Finds the scan root for `paths` and what to begin with.
    ///
    /// One directory is the scan root itself, be it named by a link. For anything else, the root is the working directory
    /// if all of `paths` lie in it, else the deepest directory that holds them all. No path at all means the working
    /// directory. A file that is named is scanned even if an ignore file covers it; globs of the configuration and the
    /// rule that no link leads out of the root hold for it as for others. Nothing is scanned twice, however often it is
    /// named.
    ///
    /// # Errors
    ///
    /// A path that does not exist or cannot be reached, a root that does not fit, a wrong glob.
    pub fn open(paths: &[PathBuf], options: &WalkOptions) -> Result<Root, InputError> {
        let working_directory = match &options.working_directory {
            Some(directory) => resolve(directory)?,
            None => resolve(Path::new("."))?,
        };
        let own = [PathBuf::from(".")];
        let paths = if paths.is_empty() { &own } else { paths };
        let mut named =
            paths.iter().map(|path| Named::find(&working_directory.join(path), path)).collect::<Result<Vec<_>, _>>()?;
        if let [only] = named.as_mut_slice()
            && only.kind.is_symlink()
            && only.location.is_dir()
        {
            *only = Named::find(&resolve(&only.location)?, &paths[0])?;
        }
        let root = match &options.root {
            Some(root) => {
                let resolved = resolve(&working_directory.join(root))?;
                if !resolved.is_dir() {
                    return Err(InputError::NotADirectory(root.clone()));
                }
                resolved
            }
            None => common_root(&named, working_directory),
        };
        for (named, path) in named.iter().zip(paths) {
            if !named.location.starts_with(&root) {
                return Err(InputError::OutsideRoot { path: path.clone(), root });
            }
        }
        let excludes = compile_excludes(&options.excludes)?;
        Ok(Opening::new(root, excludes, options).begin(named))
    }

    /// Whether the file at `path`, which is relative to the scan root and need not exist, is or lies in something that was
    /// named.
    #[must_use]
    pub fn covers(&self, path: &str) -> bool {
        self.scope.covers(&self.path.join(path))
    }

    /// The glob of the configuration that leaves out the file at `path` (relative to the scan root) or a directory above it.
    #[must_use]
    pub fn excludes(&self, path: &str) -> Option<String> {
        self.scope.excludes_within(path, false)
    }
}

impl Named {
    /// `path` is absolute, `given` what the user wrote.
    fn find(path: &Path, given: &Path) -> Result<Self, InputError> {
        let failed = |error| failure(given, error);
        let location = match (path.parent(), path.file_name()) {
            (Some(parent), Some(name)) => fs::canonicalize(parent).map_err(failed)?.join(name),
            _ => fs::canonicalize(path).map_err(failed)?,
        };
        let kind = fs::symlink_metadata(&location).map_err(failed)?.file_type();
        Ok(Self { location, kind })
    }
}

/// `path` without links; it must exist.
fn resolve(path: &Path) -> Result<PathBuf, InputError> {
    fs::canonicalize(path).map_err(|error| failure(path, error))
}

fn failure(path: &Path, error: io::Error) -> InputError {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => InputError::NotFound(path.to_path_buf()),
        _ => InputError::Unreadable { path: path.to_path_buf(), error },
    }
}

/// See [`Root::open`] for the rule.
fn common_root(named: &[Named], working_directory: PathBuf) -> PathBuf {
    if let Some((first, rest)) = named.split_first()
        && first.kind.is_dir()
        && rest.iter().all(|other| other.location == first.location)
    {
        return first.location.clone();
    }
    if named.iter().all(|named| named.location.starts_with(&working_directory)) {
        return working_directory;
    }
    let directories = named.iter().map(|named| match named.location.parent() {
        Some(parent) if !named.kind.is_dir() => parent,
        _ => named.location.as_path(),
    });
    directories.map(Path::to_path_buf).reduce(|left, right| common_ancestor(&left, &right)).unwrap_or(working_directory)
}

fn common_ancestor(left: &Path, right: &Path) -> PathBuf {
    left.components().zip(right.components()).take_while(|(left, right)| left == right).map(|(same, _)| same).collect()
}

fn compile_excludes(globs: &[String]) -> Result<Gitignore, InputError> {
    let wrong = |glob: &str, reason: String| InputError::Exclude { glob: glob.to_owned(), reason };
    let mut builder = GitignoreBuilder::new("");
    for glob in globs {
        glob::check_alternates(glob).map_err(|reason| wrong(glob, reason))?;
        builder.add_line(None, glob).map_err(|error| wrong(glob, error.to_string()))?;
    }
    builder.build().map_err(|error| wrong(&globs.join(", "), error.to_string()))
}

/// The way from what was named to a [`Root`].
struct Opening {
    root: PathBuf,
    /// The top of the repository that the root lies in, or the root.
    base: PathBuf,
    scope: Scope,
    listing: Listing,
}

impl Opening {
    fn new(root: PathBuf, excludes: Gitignore, options: &WalkOptions) -> Self {
        let ignore_files = !options.no_ignore;
        let repository = root.ancestors().find(|directory| ignore_files && is_repository(directory));
        let base = repository.unwrap_or(&root).to_path_buf();
        let prefix = path_below(&base, &root, true).len();
        let global = match &options.global_ignore {
            Some(path) if ignore_files => ignore_files::global(path),
            _ => Gitignore::empty(),
        };
        let scope =
            Scope { starts: Vec::new(), prefix, excludes, global, ignore_files, given: options.ignore_files.clone() };
        Self { root, base, scope, listing: Listing::default() }
    }

    fn begin(mut self, named: Vec<Named>) -> Root {
        let named: BTreeMap<PathBuf, FileType> = named.into_iter().map(|named| (named.location, named.kind)).collect();
        let mut starts: BTreeMap<PathBuf, FileType> = BTreeMap::new();
        for (location, kind) in named {
            if let Some((location, kind)) = self.follow(location, kind)
                && !self.is_excluded(&location, kind)
            {
                starts.insert(location, kind);
            }
        }
        self.scope.starts = starts.keys().cloned().collect();
        let scope = Arc::new(self.scope);
        let mut levels = Levels {
            base: &self.base,
            given: scope.given.as_deref(),
            way_to_root: path_below(&self.base, &self.root, true),
            known: BTreeMap::new(),
        };
        let mut listing = self.listing;
        for (location, kind) in starts {
            let path = path_below(&self.base, &location, kind.is_dir());
            if kind.is_dir() {
                let above = if scope.ignore_files { levels.above(&location, &mut listing.entries) } else { None };
                listing.directories.push(Directory::new(Arc::clone(&scope), location, path, above));
            } else if kind.is_file() {
                listing.seen += 1;
                listing.files.push(FileRef::new(scope.shown(&path), location));
            } else {
                listing.leave_out(scope.shown(&path), Cause::NotRegular, describe_kind(kind).to_owned());
            }
        }
        Root { path: self.root, start: listing, scope }
    }

    /// Where a link among the named leads, if that is inside the root; anything else is what it is.
    fn follow(&mut self, location: PathBuf, kind: FileType) -> Option<(PathBuf, FileType)> {
        if !kind.is_symlink() {
            return Some((location, kind));
        }
        let target = fs::canonicalize(&location).and_then(|target| {
            let kind = fs::symlink_metadata(&target)?.file_type();
            Ok((target, kind))
        });
        let (cause, detail) = match target {
            Ok((target, kind)) if target.starts_with(&self.root) => return Some((target, kind)),
            Ok(_) => (Cause::SymlinkOutside, link_text(&location)),
            Err(error) => (Cause::SymlinkBroken, format!("{}: {error}", link_text(&location))),
        };
        let path = path_below(&self.base, &location, false);
        self.listing.leave_out(self.scope.shown(&path), cause, detail);
        None
    }

    /// Whether a glob of the configuration leaves out `location` or a directory above it; notes it if so.
    fn is_excluded(&mut self, location: &Path, kind: FileType) -> bool {
        let path = path_below(&self.root, location, false);
        let Some(rule) = self.scope.excludes_within(&path, kind.is_dir()) else { return false };
        let shown = path_below(&self.root, location, kind.is_dir());
        self.listing.leave_out(&shown, Cause::Excluded, rule);
        true
    }
}

/// The ignore rules of directories above the starts, each read once.
struct Levels<'a> {
    base: &'a Path,
    given: Option<&'a GivenIgnoreFiles>,
    /// Path of the scan root from the base.
    way_to_root: String,
    known: BTreeMap<PathBuf, Option<Arc<Level>>>,
}

impl Levels<'_> {
    /// The rules that hold for `directory` from the base down to its parent.
    fn above(&mut self, directory: &Path, problems: &mut Vec<CoverageEntry>) -> Option<Arc<Level>> {
        let below_base = directory.strip_prefix(self.base).ok()?;
        let mut location = self.base.to_path_buf();
        let mut level = None;
        for name in below_base.components() {
            if let Some(known) = self.known.get(&location) {
                level.clone_from(known);
            } else {
                let path = path_below(self.base, &location, true);
                let shown = self.shown(&path);
                let place = Place { location: &location, shown: &shown, skip: path.len(), given: self.given };
                level = Level::enter(level.as_ref(), &place, Present::look(&location), problems);
                self.known.insert(location.clone(), level.clone());
            }
            location.push(name);
        }
        level
    }

    /// The path of a directory, given from the base, as it reads from the scan root.
    fn shown(&self, path: &str) -> String {
        match path.strip_prefix(&self.way_to_root) {
            Some(below_root) => below_root.to_owned(),
            None => "../".repeat(self.way_to_root[path.len()..].matches('/').count()),
        }
    }
}

/// `location` relative to `base`, lossy, with `/`; with one at the end for a directory, unless it is the base itself.
fn path_below(base: &Path, location: &Path, is_directory: bool) -> String {
    let mut path = String::new();
    for component in location.strip_prefix(base).unwrap_or(location).components() {
        if let Component::Normal(name) = component {
            if !path.is_empty() {
                path.push('/');
            }
            path.push_str(&name.to_string_lossy());
        }
    }
    if is_directory && !path.is_empty() {
        path.push('/');
    }
    path
}
