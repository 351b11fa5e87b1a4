//! One directory at a time: its files, the directories below it, and what is left out, with the reason.
//!
//! The caller recurses, on as many threads as it likes. A listing costs one `read_dir` and, for an ordinary file, no
//! further call to the operating system; rules of ignore files above are shared, not copied.

use std::ffi::OsString;
use std::fs::{self, FileType};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::gitignore::Gitignore;

use super::ignore_files::{GIT, GIT_IGNORE, LOCKGATE_IGNORE, Level, Place, Present, describe};
use super::quoted;
use crate::coverage::{Cause, CoverageEntry};

/// A file to be scanned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRef {
    path: Arc<str>,
    location: PathBuf,
}

impl FileRef {
    pub(super) fn new(path: &str, location: PathBuf) -> Self {
        Self { path: path.into(), location }
    }

    /// The file that a walk of `root` met at `path`.
    #[must_use]
    pub fn below(root: &Path, path: &Arc<str>) -> Self {
        Self { path: Arc::clone(path), location: root.join(&**path) }
    }

    /// Path relative to the scan root, with `/`. A name that is not UTF-8 is shown with U+FFFD.
    #[must_use]
    pub fn path(&self) -> &Arc<str> {
        &self.path
    }

    /// Where it is, by its true name.
    #[must_use]
    pub fn location(&self) -> &Path {
        &self.location
    }
}

/// What stands in one directory, each list sorted by name.
#[derive(Debug, Default)]
pub struct Listing {
    /// Files to be scanned.
    pub files: Vec<FileRef>,
    /// Directories to be listed next.
    pub directories: Vec<Directory>,
    /// What is left out, and what is wrong with ignore files.
    pub entries: Vec<CoverageEntry>,
    /// Number of files met; a directory that is left out as a whole counts once.
    pub seen: u64,
}

impl Listing {
    /// Notes an input that is left out.
    pub(super) fn leave_out(&mut self, path: &str, cause: Cause, detail: String) {
        self.entries.push(CoverageEntry { path: path.to_owned(), cause, detail });
        self.seen += 1;
    }
}

/// A directory to be listed.
#[derive(Clone, Debug)]
pub struct Directory {
    scope: Arc<Scope>,
    location: PathBuf,
    /// Path from the scope's base, lossy, with `/`: empty or with `/` at the end.
    path: String,
    /// Rules of the directories above.
    above: Option<Arc<Level>>,
}

/// What all directories of one scan share.
#[derive(Debug)]
pub(super) struct Scope {
    /// Everything that was named, in its true place, sorted: directories to walk and single files.
    pub(super) starts: Vec<PathBuf>,
    /// Length of the scan root's path from the base (the top of its repository, or the root itself), with its `/`.
    pub(super) prefix: usize,
    /// Globs of the configuration.
    pub(super) excludes: Gitignore,
    /// Git's global ignore file.
    pub(super) global: Gitignore,
    /// Whether ignore files count.
    pub(super) ignore_files: bool,
}

impl Scope {
    /// The path relative to the scan root of a path from the base. The root itself is `./`.
    pub(super) fn shown<'a>(&self, path: &'a str) -> &'a str {
        match path.get(self.prefix..) {
            None | Some("") => "./",
            Some(shown) => shown,
        }
    }

    /// The configuration's glob that leaves out `path`, which is relative to the scan root.
    pub(super) fn excludes(&self, path: &str, is_directory: bool) -> Option<String> {
        match self.excludes.matched(path, is_directory) {
            ignore::Match::Ignore(glob) => Some(format!("[scan] exclude: {}", describe(glob))),
            _ => None,
        }
    }

    /// The same for `path` or a directory above it.
    pub(super) fn excludes_within(&self, path: &str, is_directory: bool) -> Option<String> {
        let above = path.match_indices('/').map(|(end, _)| (&path[..end], true));
        let mut parts = above.chain((!path.is_empty()).then_some((path, is_directory)));
        parts.find_map(|(part, is_directory)| self.excludes(part, is_directory))
    }

    /// Whether the walk comes by `target`, ignore rules aside.
    pub(super) fn covers(&self, target: &Path) -> bool {
        self.starts.iter().any(|start| target.starts_with(start))
    }

    /// Whether `location` was named by itself, so that a walk from above leaves it to its own turn.
    fn is_start(&self, location: &Path) -> bool {
        self.starts.len() > 1 && self.starts.binary_search_by(|start| start.as_path().cmp(location)).is_ok()
    }

    /// Why the symbolic link at `location` is not followed.
    fn judge_link(&self, location: &Path) -> (Cause, String) {
        let target = match fs::canonicalize(location) {
            Ok(target) => target,
            // Nothing is lost when the way to the target is barred: what lies inside is met by its own path.
            Err(error) => return (Cause::SymlinkBroken, format!("{}: {error}", link_text(location))),
        };
        if !self.covers(&target) {
            return (Cause::SymlinkOutside, link_text(location));
        }
        match fs::symlink_metadata(&target).map(|metadata| metadata.file_type()) {
            Ok(kind) if kind.is_dir() => (Cause::SymlinkDirectory, link_text(location)),
            Ok(kind) if kind.is_file() => (Cause::SymlinkFile, link_text(location)),
            Ok(kind) => (Cause::NotRegular, format!("{}, {}", link_text(location), describe_kind(kind))),
            Err(error) => (Cause::SymlinkBroken, format!("{}: {error}", link_text(location))),
        }
    }
}

impl Directory {
    pub(super) fn new(scope: Arc<Scope>, location: PathBuf, path: String, above: Option<Arc<Level>>) -> Self {
        Self { scope, location, path, above }
    }

    /// Path relative to the scan root, with `/` at the end; `./` for the root itself.
    #[must_use]
    pub fn path(&self) -> &str {
        self.scope.shown(&self.path)
    }

    /// Lists the directory. What cannot be listed is an entry of the result.
    #[must_use]
    pub fn list(&self) -> Listing {
        let mut listing = Listing::default();
        let (children, error) = children(&self.location);
        if let Some(error) = error {
            listing.leave_out(self.path(), cause_of(&error), error.to_string());
        }
        let level = self.level(&children, &mut listing.entries);
        let mut path = self.path.clone();
        for Child { name, kind } in children {
            path.truncate(self.path.len());
            path.push_str(&name.to_string_lossy());
            match kind {
                Ok(kind) => self.sort_in(&mut listing, level.as_ref(), &mut path, &name, kind),
                Err(error) => listing.leave_out(self.scope.shown(&path), cause_of(&error), error.to_string()),
            }
        }
        listing
    }

    /// Puts the child `name`, whose path from the base is `path`, where it belongs.
    fn sort_in(
        &self,
        listing: &mut Listing,
        level: Option<&Arc<Level>>,
        path: &mut String,
        name: &OsString,
        kind: FileType,
    ) {
        let scope = &self.scope;
        let location = self.location.join(name);
        if scope.is_start(&location) {
            return;
        }
        let is_directory = kind.is_dir();
        let left_out = if name == GIT {
            Some((Cause::Ignored, "git's own data".to_owned()))
        } else if let Some(rule) = scope.excludes(scope.shown(path), is_directory) {
            Some((Cause::Excluded, rule))
        } else {
            let rule = level.and_then(|level| level.ignores(&scope.global, path, is_directory));
            rule.map(|rule| (Cause::Ignored, rule))
        };
        if is_directory {
            path.push('/');
        }
        if let Some((cause, detail)) = left_out {
            listing.leave_out(scope.shown(path), cause, detail);
        } else if is_directory {
            listing.directories.push(Self::new(Arc::clone(scope), location, path.clone(), level.cloned()));
        } else if kind.is_file() {
            listing.seen += 1;
            listing.files.push(FileRef::new(scope.shown(path), location));
        } else if kind.is_symlink() {
            let (cause, detail) = scope.judge_link(&location);
            listing.leave_out(scope.shown(path), cause, detail);
        } else {
            listing.leave_out(scope.shown(path), Cause::NotRegular, describe_kind(kind).to_owned());
        }
    }

    /// The ignore rules that hold for the children.
    fn level(&self, children: &[Child], problems: &mut Vec<CoverageEntry>) -> Option<Arc<Level>> {
        if !self.scope.ignore_files {
            return None;
        }
        let has = |name: &str, is_file: bool| {
            children
                .binary_search_by(|child| child.name.as_os_str().cmp(name.as_ref()))
                .is_ok_and(|at| !is_file || children[at].kind.as_ref().is_ok_and(FileType::is_file))
        };
        let present = Present {
            repository: has(GIT, false),
            gitignore: has(GIT_IGNORE, true),
            lockgateignore: has(LOCKGATE_IGNORE, true),
        };
        let shown = self.path.get(self.scope.prefix..).unwrap_or_default();
        let place = Place { location: &self.location, shown, skip: self.path.len() };
        Level::enter(self.above.as_ref(), &place, present, problems)
    }
}

/// `link to <target>`, as the link itself says it.
pub(super) fn link_text(location: &Path) -> String {
    match fs::read_link(location) {
        Ok(target) => format!("link to {}", quoted(&target.to_string_lossy())),
        Err(_) => "link".to_owned(),
    }
}

/// What a file is that is neither regular, nor a directory, nor a link.
pub(super) fn describe_kind(kind: FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_fifo() {
            return "a FIFO";
        }
        if kind.is_socket() {
            return "a socket";
        }
        if kind.is_block_device() || kind.is_char_device() {
            return "a device";
        }
    }
    #[cfg(not(unix))]
    let _ = kind;
    "not a regular file"
}

/// One name in a directory.
struct Child {
    name: OsString,
    kind: io::Result<FileType>,
}

/// The children of a directory by name, and the error that kept some or all of them away.
fn children(location: &Path) -> (Vec<Child>, Option<io::Error>) {
    let entries = match fs::read_dir(location) {
        Ok(entries) => entries,
        Err(error) => return (Vec::new(), Some(error)),
    };
    let mut children = Vec::new();
    let mut failure = None;
    for entry in entries {
        match entry {
            Ok(entry) => children.push(Child { name: entry.file_name(), kind: entry.file_type() }),
            Err(error) => {
                failure = Some(error);
                break;
            }
        }
    }
    children.sort_unstable_by(|left, right| left.name.cmp(&right.name));
    (children, failure)
}

/// What an error on the way to a directory or a child of it means.
fn cause_of(error: &io::Error) -> Cause {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Cause::Vanished,
        _ => Cause::Unreadable,
    }
}
