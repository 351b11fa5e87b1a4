//! The walk and the read over real trees.

mod ignore_rules;
#[cfg(unix)]
mod links;
mod reading;
mod roots;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Directory, FileRef, Listing, Root, WalkOptions};
use crate::coverage::{Cause, CoverageEntry};

/// A directory to scan, without links on its own path, gone after the test.
struct Tree {
    _guard: tempfile::TempDir,
    path: PathBuf,
}

impl Tree {
    fn new() -> Self {
        let guard = tempfile::tempdir().expect("a temporary directory");
        let path = guard.path().canonicalize().expect("its path").join("tree");
        fs::create_dir(&path).expect("the tree");
        Self { _guard: guard, path }
    }

    /// A tree of these files, each with its own path as content.
    fn of(files: &[&str]) -> Self {
        let tree = Self::new();
        for file in files {
            tree.write(file, file);
        }
        tree
    }

    fn at(&self, path: &str) -> PathBuf {
        self.path.join(path)
    }

    fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.at(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("directories");
        fs::write(path, content).expect("a file");
    }

    fn git(&self, directory: &str, arguments: &[&str]) -> String {
        run(Command::new("git")
            .args(arguments)
            .current_dir(self.at(directory))
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .env_remove("GIT_DIR")
            .env_remove("GIT_WORK_TREE")
            .env_remove("GIT_INDEX_FILE"))
    }

    fn walk(&self) -> Walked {
        self.walk_with(&WalkOptions::default())
    }

    fn walk_with(&self, options: &WalkOptions) -> Walked {
        walk(std::slice::from_ref(&self.path), options)
    }

    /// Walks what is named relative to the tree, with the tree as working directory.
    fn walk_paths(&self, paths: &[&str]) -> Walked {
        let options = WalkOptions { working_directory: Some(self.path.clone()), ..WalkOptions::default() };
        let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
        walk(&paths, &options)
    }
}

/// Runs a command that must succeed, and gives its output.
fn run(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().expect("the command runs");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Everything that a walk found.
struct Walked {
    root: PathBuf,
    files: Vec<FileRef>,
    entries: Vec<CoverageEntry>,
    seen: u64,
}

fn walk(paths: &[PathBuf], options: &WalkOptions) -> Walked {
    let Root { path, start, .. } = Root::open(paths, options).expect("a root");
    let mut walked = Walked { root: path, files: Vec::new(), entries: Vec::new(), seen: 0 };
    let mut queue: Vec<Directory> = walked.take(start);
    while let Some(directory) = queue.pop() {
        queue.extend(walked.take(directory.list()));
    }
    walked.files.sort_by(|left, right| left.path().cmp(right.path()));
    walked.entries.sort();
    walked
}

impl Walked {
    fn take(&mut self, listing: Listing) -> Vec<Directory> {
        self.files.extend(listing.files);
        self.entries.extend(listing.entries);
        self.seen += listing.seen;
        listing.directories
    }

    fn paths(&self) -> Vec<&str> {
        self.files.iter().map(|file| &**file.path()).collect()
    }

    /// What was left out, apart from git's own data.
    fn left_out(&self) -> Vec<(&str, Cause, &str)> {
        let entries = self.entries.iter().filter(|entry| entry.detail != "git's own data");
        entries.map(|entry| (entry.path.as_str(), entry.cause, entry.detail.as_str())).collect()
    }

    fn file(&self, path: &str) -> &FileRef {
        self.files.iter().find(|file| &**file.path() == path).expect("the file is scanned")
    }
}

/// A name of the length that file systems allow.
fn long_name() -> String {
    "d".repeat(200)
}

/// A directory below `parent` whose path from there is longer than `len`, and its path.
fn deep_directory(parent: &Path, len: usize) -> PathBuf {
    let mut path = parent.to_path_buf();
    while path.as_os_str().len() <= parent.as_os_str().len() + len {
        path.push(long_name());
    }
    fs::create_dir_all(&path).expect("directories");
    path
}

#[test]
fn directories_and_files_pass_between_threads() {
    fn check<T: Send + Sync>() {}
    check::<Directory>();
    check::<FileRef>();
    check::<Listing>();
}

#[test]
fn listing_is_sorted_and_counts() {
    let tree = Tree::of(&["b.txt", "a.txt", "c/d.txt", ".hidden/e.txt", ".env"]);
    let root = Root::open(std::slice::from_ref(&tree.path), &WalkOptions::default()).expect("a root");
    assert_eq!(root.path, tree.path);
    let listing = root.start.directories[0].list();
    assert_eq!(listing.files.iter().map(|file| &**file.path()).collect::<Vec<_>>(), [".env", "a.txt", "b.txt"]);
    assert_eq!(listing.directories.iter().map(Directory::path).collect::<Vec<_>>(), [".hidden/", "c/"]);
    assert_eq!((listing.seen, listing.entries), (3, Vec::new()));
    let walked = tree.walk();
    assert_eq!(walked.paths(), [".env", ".hidden/e.txt", "a.txt", "b.txt", "c/d.txt"]);
    assert_eq!(walked.seen, 5);
}

/// A path beyond the system's bound cannot be opened by anyone, whatever their permissions.
#[cfg(target_os = "linux")]
#[test]
fn directory_that_cannot_be_opened_is_named() {
    let tree = Tree::of(&["a.txt"]);
    let upper = deep_directory(&tree.path, 2000);
    let elsewhere = Tree::new();
    deep_directory(&elsewhere.path, 2500);
    fs::rename(elsewhere.at(&long_name()), upper.join("lower")).expect("one file system");
    let walked = tree.walk();
    assert_eq!(walked.paths(), ["a.txt"]);
    let [entry] = walked.entries.as_slice() else { panic!("one entry, not {}", walked.entries.len()) };
    assert_eq!(entry.cause, Cause::Unreadable);
    assert!(entry.path.len() > 3800 && entry.path.ends_with("d/"), "{}", entry.path.len());
    assert!(entry.detail.contains("name too long"), "{}", entry.detail);
    assert_eq!(walked.seen, 2);
}

/// Permissions do not bind the superuser: then the directory is simply read.
#[cfg(unix)]
#[test]
fn directory_without_permission_is_named_unless_it_opens() {
    use std::os::unix::fs::PermissionsExt;
    let tree = Tree::of(&["a.txt", "locked/b.txt"]);
    fs::set_permissions(tree.at("locked"), fs::Permissions::from_mode(0o000)).expect("permissions");
    let binds = fs::read_dir(tree.at("locked")).is_err();
    let walked = tree.walk();
    fs::set_permissions(tree.at("locked"), fs::Permissions::from_mode(0o700)).expect("permissions");
    if binds {
        assert_eq!(walked.paths(), ["a.txt"]);
        assert_eq!(walked.left_out(), [("locked/", Cause::Unreadable, "Permission denied (os error 13)")]);
    } else {
        assert_eq!(walked.paths(), ["a.txt", "locked/b.txt"]);
        assert_eq!(walked.left_out(), []);
    }
    assert_eq!(walked.seen, 2);
}

#[test]
fn directory_that_vanishes_or_changes_is_named() {
    let tree = Tree::of(&["gone/a.txt", "file/b.txt"]);
    let root = Root::open(std::slice::from_ref(&tree.path), &WalkOptions::default()).expect("a root");
    let directories = root.start.directories[0].list().directories;
    fs::remove_dir_all(tree.at("gone")).expect("removed");
    fs::remove_dir_all(tree.at("file")).expect("removed");
    tree.write("file", "now a file");
    for directory in directories {
        let listing = directory.list();
        let [entry] = listing.entries.as_slice() else { panic!("one entry") };
        assert_eq!((entry.path.as_str(), entry.cause), (directory.path(), Cause::Vanished));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_are_not_utf8_are_shown_lossily_and_opened_truly() {
    use std::os::unix::ffi::OsStrExt;
    let tree = Tree::new();
    let directory = tree.path.join(std::ffi::OsStr::from_bytes(b"d\xFFr"));
    fs::create_dir(&directory).expect("a directory");
    fs::write(directory.join(std::ffi::OsStr::from_bytes(b"\xE9.env")), "content").expect("a file");
    fs::write(directory.join("skipped"), "").expect("a file");
    tree.write(".lockgateignore", "/d*r/skipped");
    let walked = tree.walk();
    assert_eq!(walked.paths(), [".lockgateignore", "d\u{FFFD}r/\u{FFFD}.env"]);
    assert_eq!(walked.left_out(), [("d\u{FFFD}r/skipped", Cause::Ignored, ".lockgateignore:1: /d*r/skipped")]);
    let mut buffer = Vec::new();
    let text = super::read(&walked.files[1], &super::Limits::default(), &mut buffer).expect("text");
    assert_eq!(text.content, "content");
}
