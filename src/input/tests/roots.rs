//! What is named, and what paths are relative to.

use super::*;
use crate::input::InputError;

fn tree() -> Tree {
    Tree::of(&["a/one.txt", "a/b/two.txt", "a/b/three.txt", "c/four.txt"])
}

#[test]
fn one_directory_is_the_root() {
    let tree = tree();
    let walked = tree.walk_paths(&["a"]);
    assert_eq!((walked.root.clone(), walked.paths()), (tree.at("a"), vec!["b/three.txt", "b/two.txt", "one.txt"]));
    let again = tree.walk_paths(&["a", "./a", "c/../a/"]);
    assert_eq!((again.root.clone(), again.paths()), (tree.at("a"), walked.paths()));
    assert_eq!(again.seen, 3);
}

#[test]
fn no_path_means_the_working_directory() {
    let tree = tree();
    let walked = tree.walk_paths(&[]);
    assert_eq!((walked.root.clone(), walked.files.len()), (tree.path.clone(), 4));
}

#[test]
fn several_paths_are_relative_to_the_working_directory() {
    let tree = tree();
    let walked = tree.walk_paths(&["a/b", "c/four.txt"]);
    assert_eq!(walked.root, tree.path);
    assert_eq!(walked.paths(), ["a/b/three.txt", "a/b/two.txt", "c/four.txt"]);
    assert_eq!(tree.walk_paths(&["a/one.txt"]).paths(), ["a/one.txt"]);
}

#[test]
fn paths_elsewhere_are_relative_to_what_holds_them_all() {
    let tree = tree();
    let elsewhere = Tree::new();
    let walk_from_elsewhere = |paths: &[&str]| {
        let options = WalkOptions { working_directory: Some(elsewhere.path.clone()), ..WalkOptions::default() };
        walk(&paths.iter().map(|path| tree.at(path)).collect::<Vec<_>>(), &options)
    };
    let walked = walk_from_elsewhere(&["a/b/two.txt", "a/one.txt"]);
    assert_eq!((walked.root.clone(), walked.paths()), (tree.at("a"), vec!["b/two.txt", "one.txt"]));
    let walked = walk_from_elsewhere(&["a/b", "a/b/two.txt"]);
    assert_eq!((walked.root.clone(), walked.paths()), (tree.at("a/b"), vec!["three.txt", "two.txt"]));
    let walked = walk_from_elsewhere(&["c/four.txt"]);
    assert_eq!((walked.root.clone(), walked.paths()), (tree.at("c"), vec!["four.txt"]));
}

#[test]
fn overlapping_paths_scan_nothing_twice() {
    let tree = tree();
    let walked = tree.walk_paths(&["a", "a/b", "a/b/two.txt", "a/b/two.txt", "."]);
    assert_eq!(walked.paths(), ["a/b/three.txt", "a/b/two.txt", "a/one.txt", "c/four.txt"]);
    assert_eq!((walked.seen, walked.left_out()), (4, vec![]));
}

#[test]
fn root_option_overrides() {
    let tree = tree();
    let options = |root: &str| WalkOptions {
        root: Some(PathBuf::from(root)),
        working_directory: Some(tree.path.clone()),
        ..WalkOptions::default()
    };
    let walked = walk(&["a/b".into()], &options("a"));
    assert_eq!((walked.root.clone(), walked.paths()), (tree.at("a"), vec!["b/three.txt", "b/two.txt"]));
    let error = Root::open(&["a".into(), "c".into()], &options("a")).expect_err("an error");
    assert!(matches!(&error, InputError::OutsideRoot { path, .. } if path == Path::new("c")), "{error}");
    let error = Root::open(&["a".into()], &options("a/one.txt")).expect_err("an error");
    assert!(matches!(&error, InputError::NotADirectory(path) if path == Path::new("a/one.txt")), "{error}");
}

#[test]
fn path_that_does_not_exist_is_an_error_that_names_it() {
    let tree = tree();
    let options = WalkOptions { working_directory: Some(tree.path.clone()), ..WalkOptions::default() };
    for path in ["missing", "missing/deeper", "a/one.txt/below", "a/missing.txt"] {
        let error = Root::open(&["a".into(), path.into()], &options).expect_err("an error");
        assert!(matches!(&error, InputError::NotFound(named) if named == Path::new(path)), "{error}");
        assert_eq!(error.to_string(), format!("{path}: no such file or directory"));
    }
}

#[test]
fn named_files_and_directories_are_scanned_even_if_ignored() {
    let tree = tree();
    tree.git("", &["init", "-q"]);
    tree.write(".gitignore", "a/b/\nfour.txt\none.txt\n");
    let walked = tree.walk_paths(&[".", "a/b", "c/four.txt"]);
    assert_eq!(walked.paths(), [".gitignore", "a/b/three.txt", "a/b/two.txt", "c/four.txt"]);
    assert_eq!(walked.left_out(), [("a/one.txt", Cause::Ignored, ".gitignore:3: one.txt")]);
}

#[test]
fn rules_between_the_root_and_a_named_directory_count() {
    let tree = tree();
    tree.write(".lockgateignore", "/a/b/two.txt\n");
    tree.write("a/.lockgateignore", "b/three.txt\n");
    let walked = tree.walk_paths(&["a/b", "c"]);
    assert_eq!(walked.paths(), ["c/four.txt"]);
    assert_eq!(
        walked.left_out(),
        [
            ("a/b/three.txt", Cause::Ignored, "a/.lockgateignore:1: b/three.txt"),
            ("a/b/two.txt", Cause::Ignored, ".lockgateignore:1: /a/b/two.txt"),
        ]
    );
}

#[test]
fn excludes_hold_for_what_is_named() {
    let tree = tree();
    let options = WalkOptions {
        excludes: vec!["/a/b/".into(), "four.*".into()],
        working_directory: Some(tree.path.clone()),
        ..WalkOptions::default()
    };
    let walked = walk(&["a/b/two.txt".into(), "c/four.txt".into(), "a/one.txt".into()], &options);
    assert_eq!(walked.paths(), ["a/one.txt"]);
    assert_eq!(
        walked.left_out(),
        [
            ("a/b/two.txt", Cause::Excluded, "[scan] exclude: /a/b/"),
            ("c/four.txt", Cause::Excluded, "[scan] exclude: four.*"),
        ]
    );
}
