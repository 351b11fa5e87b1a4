//! Bytes as the index of a repository: what is staged comes out in order, and an error can be printed.
#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use lockgate::input::git::Repository;
use lockgate_fuzz::assert_printable;

/// A work tree with a repository that holds no object, whose index each input becomes.
static TOP: LazyLock<PathBuf> = LazyLock::new(|| {
    let top = std::env::temp_dir().join(format!("lockgate-fuzz-index-{}", std::process::id()));
    for directory in ["objects", "refs"] {
        fs::create_dir_all(top.join(".git").join(directory)).expect("a directory");
    }
    // lockgate: ignore[rust-predictable-temporary-file] a run of the fuzzer has its machine to itself
    fs::write(top.join(".git/HEAD"), "ref: refs/heads/main\n").expect("a file");
    // lockgate: ignore[rust-predictable-temporary-file] likewise
    fs::write(top.join(".git/config"), "[core]\n\trepositoryformatversion = 0\n").expect("a file");
    top
});

fuzz_target!(|bytes: &[u8]| {
    fs::write(TOP.join(".git/index"), bytes).expect("a file");
    let repository = Repository::discover(&TOP).expect("a repository");
    match repository.staged() {
        Ok(staged) => assert!(staged.files.is_sorted_by(|left, right| left.path <= right.path)),
        Err(error) => assert_printable(&error.to_string()),
    }
});
