//! Files of every size and kind, and files that change between the walk and the read.

use super::*;
use crate::input::{Limits, Text, read};

fn read_with<'b>(tree: &Tree, path: &str, limit: u64, buffer: &'b mut Vec<u8>) -> Result<Text<'b>, CoverageEntry> {
    read(tree.walk().file(path), &Limits { max_file_size: limit, ..Limits::default() }, buffer)
}

#[test]
fn text_comes_whole_and_without_copy() {
    let tree = Tree::of(&["empty"]);
    tree.write("empty", "");
    let long = "line of text\n".repeat(100_000);
    tree.write("long", &long);
    let walked = tree.walk();
    let mut buffer = Vec::new();
    let text = read(walked.file("long"), &Limits::default(), &mut buffer).expect("text");
    assert!(matches!(text.content, std::borrow::Cow::Borrowed(content) if content == long));
    assert_eq!(text.cut, None);
    let text = read(walked.file("empty"), &Limits::default(), &mut buffer).expect("text");
    assert_eq!((text.content.as_ref(), text.cut), ("", None));
}

#[test]
fn file_above_the_bound_is_cut_and_named() {
    let tree = Tree::new();
    tree.write("big", "0123456\n".repeat(100));
    let mut buffer = Vec::new();
    let text = read_with(&tree, "big", 100, &mut buffer).expect("text");
    assert_eq!(text.content, "0123456\n".repeat(12));
    let cut = text.cut.expect("a cut");
    assert_eq!((cut.path.as_str(), cut.cause), ("big", Cause::TooLarge));
    assert_eq!(cut.detail, "800 bytes, above the bound of 100 bytes: scanned the first 96 bytes");
    let text = read_with(&tree, "big", 800, &mut buffer).expect("text");
    assert_eq!((text.content.len(), text.cut), (800, None));
}

#[test]
fn cut_utf16_keeps_whole_lines() {
    let tree = Tree::new();
    let bytes: Vec<u8> = "\u{FEFF}first line\nsecond line\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    tree.write("wide", bytes);
    let mut buffer = Vec::new();
    let text = read_with(&tree, "wide", 33, &mut buffer).expect("text");
    assert_eq!(text.content, "first line\n");
    assert!(text.cut.is_some());
}

#[test]
fn sparse_file_costs_no_more_than_its_first_bytes() {
    let tree = Tree::new();
    tree.write("sparse", "");
    let file = fs::OpenOptions::new().write(true).open(tree.at("sparse")).expect("the file");
    file.set_len(2 * 1024 * 1024 * 1024).expect("a hole");
    let mut buffer = Vec::new();
    let entry = read_with(&tree, "sparse", u64::MAX, &mut buffer).expect_err("binary");
    assert_eq!(entry.cause, Cause::Binary);
    assert!(buffer.capacity() <= 64 * 1024, "{}", buffer.capacity());
}

#[test]
fn sparse_file_behind_text_is_read_to_the_bound() {
    let tree = Tree::new();
    tree.write("sparse", "text\n".repeat(2000));
    let file = fs::OpenOptions::new().write(true).open(tree.at("sparse")).expect("the file");
    file.set_len(2 * 1024 * 1024 * 1024).expect("a hole");
    let mut buffer = Vec::new();
    let text = read_with(&tree, "sparse", 1024 * 1024, &mut buffer).expect("text");
    assert_eq!(text.content.len(), 1024 * 1024);
    let detail = text.cut.expect("a cut").detail;
    assert!(detail.starts_with("2147483648 bytes, above the bound of 1048576 bytes"), "{detail}");
    assert!(buffer.capacity() <= 2 * 1024 * 1024 + 2, "{}", buffer.capacity());
}

#[test]
fn binary_file_is_named() {
    let tree = Tree::new();
    tree.write("image.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    tree.write("late", [vec![b'x'; 9000], vec![0]].concat());
    let mut buffer = Vec::new();
    let entry = read_with(&tree, "image.png", 1 << 20, &mut buffer).expect_err("binary");
    assert_eq!((entry.path.as_str(), entry.cause), ("image.png", Cause::Binary));
    assert_eq!(read_with(&tree, "late", 1 << 20, &mut buffer).expect("text").content.len(), 9001);
}

/// Files whose size is 0 as the system tells it, with content all the same.
#[cfg(target_os = "linux")]
#[test]
fn file_that_claims_to_be_empty_is_read() {
    let walked = walk(&[PathBuf::from("/proc/self/status")], &WalkOptions::default());
    assert_eq!(walked.files[0].location().metadata().expect("metadata").len(), 0);
    let mut buffer = Vec::new();
    let text = read(&walked.files[0], &Limits::default(), &mut buffer).expect("text");
    assert!(text.content.starts_with("Name:"));
}

/// Reading this file fails for everybody, the superuser included: nothing is mapped at address 0.
#[cfg(target_os = "linux")]
#[test]
fn file_that_cannot_be_read_is_named() {
    let walked = walk(&[PathBuf::from("/proc/self/mem")], &WalkOptions::default());
    let mut buffer = Vec::new();
    let entry = read(&walked.files[0], &Limits::default(), &mut buffer).expect_err("an error");
    assert_eq!((entry.path.as_str(), entry.cause), ("mem", Cause::Unreadable));
    assert!(entry.detail.contains("os error 5"), "{}", entry.detail);
}

/// Permissions do not bind the superuser: then the file is simply read.
#[cfg(unix)]
#[test]
fn file_without_permission_is_named_unless_it_opens() {
    use std::os::unix::fs::PermissionsExt;
    let tree = Tree::of(&["locked"]);
    fs::set_permissions(tree.at("locked"), fs::Permissions::from_mode(0o000)).expect("permissions");
    let binds = fs::File::open(tree.at("locked")).is_err();
    let mut buffer = Vec::new();
    let result = read_with(&tree, "locked", 100, &mut buffer);
    if binds {
        let entry = result.expect_err("an error");
        assert_eq!((entry.cause, entry.detail.as_str()), (Cause::Unreadable, "Permission denied (os error 13)"));
    } else {
        assert_eq!(result.expect("text").content, "locked");
    }
}

/// What becomes of `file` when `change` happens between the walk and the read.
fn read_after(change: impl FnOnce(&Tree)) -> Result<String, Cause> {
    let tree = Tree::of(&["file", "other"]);
    let walked = tree.walk();
    change(&tree);
    let mut buffer = Vec::new();
    let text = read(walked.file("file"), &Limits { max_file_size: 10, ..Limits::default() }, &mut buffer);
    text.map(|text| text.content.into_owned()).map_err(|entry| {
        assert_eq!(entry.path, "file");
        entry.cause
    })
}

#[test]
fn file_that_grows_shrinks_or_vanishes_is_read_as_it_is() {
    assert_eq!(read_after(|tree| tree.write("file", "12345678901234")), Ok("1234567890".to_owned()));
    assert_eq!(read_after(|tree| tree.write("file", "")), Ok(String::new()));
    assert_eq!(read_after(|tree| fs::remove_file(tree.at("file")).expect("removed")), Err(Cause::Vanished));
    assert_eq!(read_after(|tree| fs::remove_dir_all(&tree.path).expect("removed")), Err(Cause::Vanished));
}

#[cfg(unix)]
#[test]
fn file_that_turns_into_something_else_is_not_read() {
    let replace = |tree: &Tree| fs::remove_file(tree.at("file")).expect("removed");
    let with_link = read_after(|tree| {
        replace(tree);
        std::os::unix::fs::symlink("other", tree.at("file")).expect("a link");
    });
    assert_eq!(with_link, Err(Cause::Vanished));
    let with_fifo = read_after(|tree| {
        replace(tree);
        run(Command::new("mkfifo").arg(tree.at("file")));
    });
    assert_eq!(with_fifo, Err(Cause::NotRegular), "and nobody waits for a writer");
    let with_directory = read_after(|tree| {
        replace(tree);
        fs::create_dir(tree.at("file")).expect("a directory");
    });
    assert_eq!(with_directory, Err(Cause::NotRegular));
}
