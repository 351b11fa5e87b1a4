//! Links of each kind, and what is not a regular file.

use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;

use super::*;

#[test]
fn links_are_named_and_never_followed() {
    let tree = Tree::of(&["real.txt", "sub/inner.txt", "../outside.txt", "../elsewhere/x.txt"]);
    for (target, link) in [
        ("real.txt", "to-file"),
        ("to-file", "to-link"),
        ("../real.txt", "sub/up"),
        ("sub", "to-directory"),
        (".", "to-itself"),
        ("../outside.txt", "to-outside"),
        ("../elsewhere", "to-elsewhere"),
        ("missing", "to-nothing"),
    ] {
        symlink(target, tree.at(link)).expect("a link");
    }
    symlink("/dev/null", tree.at("to-device")).expect("a link");
    symlink(tree.at("real.txt"), tree.at("absolute")).expect("a link");
    run(Command::new("mkfifo").arg(tree.at("sub/fifo")));
    symlink("sub/fifo", tree.at("to-fifo")).expect("a link");

    let walked = tree.walk();
    assert_eq!(walked.paths(), ["real.txt", "sub/inner.txt"]);
    let absolute = format!("link to {}", tree.at("real.txt").display());
    let expected = [
        ("absolute", Cause::SymlinkFile, absolute.as_str()),
        ("sub/fifo", Cause::NotRegular, "a FIFO"),
        ("sub/up", Cause::SymlinkFile, "link to ../real.txt"),
        ("to-device", Cause::SymlinkOutside, "link to /dev/null"),
        ("to-directory", Cause::SymlinkDirectory, "link to sub"),
        ("to-elsewhere", Cause::SymlinkOutside, "link to ../elsewhere"),
        ("to-fifo", Cause::NotRegular, "link to sub/fifo, a FIFO"),
        ("to-file", Cause::SymlinkFile, "link to real.txt"),
        ("to-itself", Cause::SymlinkDirectory, "link to ."),
        ("to-link", Cause::SymlinkFile, "link to to-file"),
        ("to-nothing", Cause::SymlinkBroken, "link to missing: No such file or directory (os error 2)"),
        ("to-outside", Cause::SymlinkOutside, "link to ../outside.txt"),
    ];
    assert_eq!(walked.left_out(), expected);
    assert_eq!(walked.seen, 14);
}

#[test]
fn links_that_close_on_themselves_are_broken() {
    let tree = Tree::of(&["a.txt"]);
    symlink("b", tree.at("a")).expect("a link");
    symlink("a", tree.at("b")).expect("a link");
    let walked = tree.walk();
    assert_eq!(walked.paths(), ["a.txt"]);
    let [("a", Cause::SymlinkBroken, a), ("b", Cause::SymlinkBroken, b)] = walked.left_out()[..] else {
        panic!("two broken links: {:?}", walked.entries)
    };
    assert!(a.starts_with("link to b: ") && b.starts_with("link to a: "), "{a}, {b}");
}

#[test]
fn sockets_and_fifos_are_not_opened() {
    let tree = Tree::of(&["a.txt"]);
    let _socket = UnixListener::bind(tree.at("socket")).expect("a socket");
    run(Command::new("mkfifo").arg(tree.at("fifo")));
    let walked = tree.walk();
    assert_eq!(walked.paths(), ["a.txt"]);
    assert_eq!(walked.left_out(), [("fifo", Cause::NotRegular, "a FIFO"), ("socket", Cause::NotRegular, "a socket")]);
}

#[test]
fn named_fifo_and_device_are_not_opened() {
    let tree = Tree::of(&["a.txt"]);
    run(Command::new("mkfifo").arg(tree.at("fifo")));
    let walked = tree.walk_paths(&["fifo", "a.txt"]);
    assert_eq!(walked.paths(), ["a.txt"]);
    assert_eq!(walked.left_out(), [("fifo", Cause::NotRegular, "a FIFO")]);
    let walked = tree.walk_paths(&["/dev/null"]);
    assert_eq!((walked.root.as_path(), walked.seen), (Path::new("/dev"), 1));
    assert_eq!(walked.left_out(), [("null", Cause::NotRegular, "a device")]);
}

#[test]
fn root_may_be_named_by_a_link() {
    let tree = Tree::of(&["a.txt"]);
    symlink(&tree.path, tree.at("../link")).expect("a link");
    let walked = walk(&[tree.at("../link")], &WalkOptions::default());
    assert_eq!((walked.root.clone(), walked.paths()), (tree.path.clone(), vec!["a.txt"]));
}

#[test]
fn named_link_leads_to_its_target_inside_the_root_only() {
    let tree = Tree::of(&["real.txt", "sub/b.txt", "../outside.txt"]);
    symlink("real.txt", tree.at("link")).expect("a link");
    symlink("sub", tree.at("directory")).expect("a link");
    symlink("../outside.txt", tree.at("outside")).expect("a link");
    symlink("missing", tree.at("broken")).expect("a link");
    let walked = tree.walk_paths(&["link", "directory", "outside", "outside", "broken", "real.txt"]);
    assert_eq!(walked.paths(), ["real.txt", "sub/b.txt"]);
    assert_eq!(
        walked.left_out(),
        [
            ("broken", Cause::SymlinkBroken, "link to missing: No such file or directory (os error 2)"),
            ("outside", Cause::SymlinkOutside, "link to ../outside.txt"),
        ]
    );
    assert_eq!(walked.seen, 4);
    let walked = tree.walk_paths(&["outside"]);
    assert_eq!(walked.left_out(), [("outside", Cause::SymlinkOutside, "link to ../outside.txt")]);
}

#[test]
fn link_to_what_was_not_named_leads_outside() {
    let tree = Tree::of(&["a/x.txt", "b/y.txt", "c/z.txt"]);
    symlink("../b/y.txt", tree.at("a/named")).expect("a link");
    symlink("../c/z.txt", tree.at("a/other")).expect("a link");
    let walked = tree.walk_paths(&["a", "b"]);
    assert_eq!(walked.paths(), ["a/x.txt", "b/y.txt"]);
    assert_eq!(
        walked.left_out(),
        [
            ("a/named", Cause::SymlinkFile, "link to ../b/y.txt"),
            ("a/other", Cause::SymlinkOutside, "link to ../c/z.txt"),
        ]
    );
}

#[test]
fn ignore_rules_come_before_the_kind() {
    let tree = Tree::of(&["a.txt"]);
    symlink("missing", tree.at("link")).expect("a link");
    run(Command::new("mkfifo").arg(tree.at("fifo")));
    tree.write(".lockgateignore", "link\nfifo\n");
    assert_eq!(
        tree.walk().left_out(),
        [("fifo", Cause::Ignored, ".lockgateignore:2: fifo"), ("link", Cause::Ignored, ".lockgateignore:1: link")]
    );
}

#[test]
fn control_characters_of_a_target_do_not_reach_messages() {
    let tree = Tree::new();
    symlink(format!("\u{1b}[2J{}", "x".repeat(200)), tree.at("link")).expect("a link");
    let walked = tree.walk();
    let [("link", Cause::SymlinkBroken, detail)] = walked.left_out()[..] else { panic!("one broken link") };
    assert!(detail.starts_with("link to \u{FFFD}[2Jxxx") && detail.contains("x…: "), "{detail}");
}
