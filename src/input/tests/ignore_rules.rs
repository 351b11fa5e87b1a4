//! Ignore files, the configuration's globs, and what git says about the same tree.

use std::sync::Arc;

use super::*;
use crate::input::GivenIgnoreFiles;

#[test]
fn rule_is_named_by_file_line_and_text() {
    let tree = Tree::of(&["src/main.rs", "target/debug/a", "target/b", "notes.log"]);
    tree.git("", &["init", "-q"]);
    tree.write(".gitignore", "# build\n\ntarget/\n*.log\n");
    let walked = tree.walk();
    assert_eq!(walked.paths(), [".gitignore", "src/main.rs"]);
    assert_eq!(
        walked.left_out(),
        [("notes.log", Cause::Ignored, ".gitignore:4: *.log"), ("target/", Cause::Ignored, ".gitignore:3: target/")]
    );
    assert_eq!(walked.seen, 5, "two files, `target/`, `notes.log` and `.git/`");
    let git = walked.entries.iter().find(|entry| entry.path == ".git/").expect("an entry for git's directory");
    assert_eq!((git.cause, git.detail.as_str()), (Cause::Ignored, "git's own data"));
}

#[test]
fn deeper_file_and_later_line_decide() {
    let tree = Tree::of(&["a.log", "keep.log", "sub/a.log", "sub/b.log", "sub/deep/b.log", "only/x", "only/y"]);
    tree.git("", &["init", "-q"]);
    tree.write(".gitignore", "*.log\n!keep.log\nonly/*\n!only/y\n");
    tree.write("sub/.gitignore", "!a.log\n!b.log\n/b.log\n");
    let walked = tree.walk();
    assert_eq!(walked.paths(), [".gitignore", "keep.log", "only/y", "sub/.gitignore", "sub/a.log", "sub/deep/b.log"]);
    assert_eq!(
        walked.left_out(),
        [
            ("a.log", Cause::Ignored, ".gitignore:1: *.log"),
            ("only/x", Cause::Ignored, ".gitignore:3: only/*"),
            ("sub/b.log", Cause::Ignored, "sub/.gitignore:3: /b.log"),
        ]
    );
}

#[test]
fn file_below_an_ignored_directory_does_not_come_back() {
    let tree = Tree::of(&["out/keep.txt"]);
    tree.git("", &["init", "-q"]);
    tree.write(".gitignore", "out/\n!out/keep.txt\n");
    assert_eq!(tree.walk().paths(), [".gitignore"]);
}

#[test]
fn gitignore_counts_only_inside_a_repository() {
    let tree = Tree::of(&["a.log", "repository/b.log"]);
    tree.write(".gitignore", "*.log\n");
    assert_eq!(tree.walk().paths(), [".gitignore", "a.log", "repository/b.log"]);
    // The outer file does not reach into the repository either.
    tree.git("repository", &["init", "-q"]);
    assert_eq!(tree.walk().paths(), [".gitignore", "a.log", "repository/b.log"]);
    tree.write("repository/.gitignore", "*.log\n");
    assert_eq!(tree.walk().paths(), [".gitignore", "a.log", "repository/.gitignore"]);
}

#[test]
fn repository_inside_a_repository_has_its_own_rules() {
    let tree = Tree::of(&["a.log", "b.tmp", "inner/a.log", "inner/b.tmp"]);
    tree.git("", &["init", "-q"]);
    tree.git("inner", &["init", "-q"]);
    tree.write(".gitignore", "*.log\n");
    tree.write("inner/.gitignore", "*.tmp\n");
    assert_eq!(tree.walk().paths(), [".gitignore", "b.tmp", "inner/.gitignore", "inner/a.log"]);
}

#[test]
fn lockgateignore_counts_everywhere_and_wins() {
    let tree = Tree::of(&["a.log", "b.log", "sub/b.log", "sub/c.txt", "sub/d.txt"]);
    tree.write(".lockgateignore", "*.txt\n!b.log\n");
    tree.write("sub/.lockgateignore", "!d.txt\n");
    assert_eq!(
        tree.walk().left_out(),
        [("sub/c.txt", Cause::Ignored, ".lockgateignore:1: *.txt")],
        "without any repository"
    );
    tree.git("", &["init", "-q"]);
    tree.write(".gitignore", "*.log\n");
    tree.write("sub/.gitignore", "b.log\nd.txt\n");
    assert_eq!(
        tree.walk().left_out(),
        [("a.log", Cause::Ignored, ".gitignore:1: *.log"), ("sub/c.txt", Cause::Ignored, ".lockgateignore:1: *.txt")],
        "a deeper .gitignore does not win over it"
    );
}

#[test]
fn files_above_the_root_count_up_to_the_repository() {
    let tree = Tree::of(&["outer/project/src/a.log", "outer/project/src/b.txt", "outer/project/src/gen/c.rs"]);
    tree.write("outer/.gitignore", "b.txt\n");
    tree.write("outer/.lockgateignore", "b.txt\n");
    tree.write("outer/project/.gitignore", "*.log\n");
    tree.write("outer/project/src/.lockgateignore", "/gen/\n");
    tree.git("outer/project", &["init", "-q"]);
    tree.write("outer/project/.lockgateignore", "!a.log\nsrc/b.*\n");
    let walked = walk(&[tree.at("outer/project/src")], &WalkOptions::default());
    assert_eq!(walked.paths(), [".lockgateignore", "a.log"]);
    assert_eq!(
        walked.left_out(),
        [
            ("b.txt", Cause::Ignored, "../.lockgateignore:2: src/b.*"),
            ("gen/", Cause::Ignored, ".lockgateignore:1: /gen/"),
        ]
    );
}

#[test]
fn exclude_file_and_global_file_come_last() {
    let tree = Tree::of(&["sub/a.tmp", "sub/b.tmp", "sub/c.bak", "sub/d.bak", "top"]);
    tree.git("", &["init", "-q"]);
    tree.write(".git/info/exclude", "*.tmp\n!d.bak\n");
    tree.write(".gitignore", "!b.tmp\n");
    tree.write("../global", "\u{FEFF}*.bak\n/top\n/a.tmp\n");
    let options = WalkOptions { global_ignore: Some(tree.at("../global")), ..WalkOptions::default() };
    let expected = [
        ("a.tmp", Cause::Ignored, "../.git/info/exclude:1: *.tmp"),
        ("c.bak", Cause::Ignored, "global gitignore:1: *.bak"),
    ];
    assert_eq!(walk(&[tree.at("sub")], &options).left_out(), expected);
    assert_eq!(tree.walk_with(&options).paths(), [".gitignore", "sub/b.tmp", "sub/d.bak"]);
    // The user's own link to their own file is followed; outside of a repository the file does not count.
    fs::remove_dir_all(tree.at(".git")).expect("removed");
    assert_eq!(tree.walk_with(&options).left_out(), []);
}

#[test]
fn linked_worktree_and_submodule_use_the_exclude_file_of_their_repository() {
    let tree = Tree::of(&["main/a.txt"]);
    tree.git("main", &["init", "-q"]);
    tree.git("main", &["add", "."]);
    let identity = ["-c", "user.name=n", "-c", "user.email=e@localhost"];
    tree.git("main", &[identity.as_slice(), &["commit", "-q", "-m", "m"]].concat());
    tree.git("main", &["worktree", "add", "-q", "../linked"]);
    tree.write("main/.git/info/exclude", "*.tmp\n");
    tree.write("linked/b.tmp", "");
    tree.write("module/.git", "gitdir: ../main/.git\n");
    tree.write("module/c.tmp", "");
    let walked = tree.walk();
    assert_eq!(walked.paths(), ["linked/a.txt", "main/a.txt"]);
    assert_eq!(
        walked.left_out(),
        [
            ("linked/b.tmp", Cause::Ignored, "linked/.git/info/exclude:1: *.tmp"),
            ("module/c.tmp", Cause::Ignored, "module/.git/info/exclude:1: *.tmp"),
        ]
    );
    let git: Vec<_> =
        walked.entries.iter().map(|entry| entry.path.as_str()).filter(|path| path.contains(".git")).collect();
    assert_eq!(git, ["linked/.git", "main/.git/", "module/.git"]);
}

#[test]
fn no_ignore_scans_all_but_git_and_excludes() {
    let tree = Tree::of(&["a.log", "b.txt", "vendor/c.txt"]);
    tree.git("", &["init", "-q"]);
    tree.write(".gitignore", "*.log\n");
    tree.write(".lockgateignore", "b.txt\n");
    let options = WalkOptions { no_ignore: true, excludes: vec!["vendor/".into()], ..WalkOptions::default() };
    let walked = tree.walk_with(&options);
    assert_eq!(walked.paths(), [".gitignore", ".lockgateignore", "a.log", "b.txt"]);
    assert_eq!(walked.left_out(), [("vendor/", Cause::Excluded, "[scan] exclude: vendor/")]);
}

#[test]
fn excludes_are_relative_to_the_root_and_win() {
    let tree = Tree::of(&["root/a.log", "root/docs/a.md", "root/docs/b.md", "root/sub/docs/a.md"]);
    tree.git("", &["init", "-q"]);
    tree.write(".lockgateignore", "!*.log\n");
    let excludes = ["/docs/*.md", "!b.md", "*.log"].map(String::from).to_vec();
    let walked = walk(&[tree.at("root")], &WalkOptions { excludes, ..WalkOptions::default() });
    assert_eq!(walked.paths(), ["docs/b.md", "sub/docs/a.md"]);
    assert_eq!(
        walked.left_out(),
        [
            ("a.log", Cause::Excluded, "[scan] exclude: *.log"),
            ("docs/a.md", Cause::Excluded, "[scan] exclude: /docs/*.md"),
        ]
    );
}

#[test]
fn wrong_exclude_is_an_error() {
    let tree = Tree::new();
    let options = WalkOptions { excludes: vec!["ok".into(), "{a,b".into()], ..WalkOptions::default() };
    let error = Root::open(std::slice::from_ref(&tree.path), &options).expect_err("an error").to_string();
    assert!(error.starts_with("invalid glob `{a,b` in [scan] exclude: "), "{error}");
}

#[test]
fn alternates_without_end_are_named_and_do_not_exhaust_the_stack() {
    let tree = Tree::of(&["a.txt", "b.txt"]);
    let nested = |depth| format!("{}b.txt{}", "{".repeat(depth), "}".repeat(depth));
    tree.write(".lockgateignore", format!("{}\n{}\n", nested(300_000), nested(64)));
    let walked = tree.walk();
    assert_eq!(walked.paths(), [".lockgateignore", "a.txt"]);
    let detail = "line 1 is not a valid pattern and has no effect";
    assert_eq!(walked.left_out()[0], (".lockgateignore", Cause::Unparsed, detail));
    let options = WalkOptions { excludes: vec![nested(300_000)], ..WalkOptions::default() };
    let error = Root::open(std::slice::from_ref(&tree.path), &options).expect_err("an error").to_string();
    assert!(error.ends_with("more than 64 `{`"), "{}", error.len());
}

#[test]
fn wrong_or_huge_ignore_file_is_named_and_hides_nothing_more() {
    let tree = Tree::of(&["a.txt", "b.txt", "sub/c.txt", "sub/d.txt"]);
    tree.write(".lockgateignore", "{a\nb.txt\r\n");
    let mut huge = b"c.txt\n".to_vec();
    huge.resize(1024 * 1024 + 1, b'#');
    huge.extend(b"\nd.txt\n");
    tree.write("sub/.lockgateignore", huge);
    let walked = tree.walk();
    assert_eq!(walked.paths(), [".lockgateignore", "a.txt", "sub/.lockgateignore", "sub/d.txt"]);
    assert_eq!(
        walked.left_out(),
        [
            (".lockgateignore", Cause::Unparsed, "line 1 is not a valid pattern and has no effect"),
            ("b.txt", Cause::Ignored, ".lockgateignore:2: b.txt"),
            ("sub/.lockgateignore", Cause::Bound, "longer than 1048576 bytes: rules behind them have no effect"),
            ("sub/c.txt", Cause::Ignored, "sub/.lockgateignore:1: c.txt"),
        ]
    );
    assert_eq!(walked.seen, 6, "a remark on an ignore file is no further file");
}

#[test]
fn long_rule_and_control_characters_do_not_reach_messages() {
    let tree = Tree::of(&["a.txt"]);
    let rule = format!("[a\u{1b}{}].txt", "x".repeat(5000));
    tree.write(".lockgateignore", &rule);
    let walked = tree.walk();
    let (_, _, detail) = walked.left_out()[0];
    assert!(detail.starts_with(".lockgateignore:1: [a\u{FFFD}xxx") && detail.ends_with("xx…"), "{detail}");
    assert!(detail.len() < 200);
}

#[cfg(unix)]
#[test]
fn ignore_file_that_is_a_link_or_a_fifo_hides_nothing() {
    let tree = Tree::of(&["a.txt", "b/a.txt"]);
    tree.write("../rules", "a.txt\n");
    std::os::unix::fs::symlink("../rules", tree.at(".lockgateignore")).expect("a link");
    run(Command::new("mkfifo").arg(tree.at("b/.lockgateignore")));
    assert_eq!(tree.walk().paths(), ["a.txt", "b/a.txt"]);
}

/// Git lists the same files of the same tree.
#[test]
fn agrees_with_git() {
    let tree = Tree::new();
    tree.git("", &["init", "-q"]);
    for directory in ["", "a/", "a/b/", "a/b/c/", "build/", "a/build/", "Foo/", "x y/", ".dot/"] {
        for file in ["one.log", "two.txt", "build", "#odd", "!bang", "sp ace", "[x]", "z.o", ".env", "three.txt.bak"] {
            let is_directory = file == "build" && ["", "a/"].contains(&directory);
            if !is_directory {
                tree.write(&format!("{directory}{file}"), "");
            }
        }
    }
    let rules = [
        ("", "*.log\n/build/\n\\#odd\n\\!bang\n!a/b/one.log\nx\\ y/z.o\n**/c/two.txt\na/**/z.o\n*.bak   \n\\[x]\n"),
        ("a", "build\n!z.o\n/b/two.txt\nb/c/*\n!b/c/.env\n"),
        ("a/b", "!build\n!#odd\n!\\#odd\n.e[mn]v\ntwo.???\n"),
        ("Foo", "*\n!*.txt\n!.gitignore\n"),
        (".dot", "**/two.txt\nsp ace\nThree*\n"),
    ];
    for (directory, lines) in rules {
        tree.write(&Path::new(directory).join(".gitignore").to_string_lossy(), lines);
    }
    tree.write(".git/info/exclude", "z.o\n!one.log\n");
    let git = tree.git("", &["ls-files", "-z", "--others", "--exclude-standard"]);
    let mut expected: Vec<&str> = git.split_terminator('\0').collect();
    expected.sort_unstable();
    assert!(expected.len() > 20, "{expected:?}");
    assert_eq!(tree.walk().paths(), expected);
}

#[test]
fn given_ignore_files_count_in_place_of_those_in_the_tree() {
    let tree = Tree::of(&["a.log", "b.txt", "sub/a.log", "sub/b.txt", "sub/deep/c.md", "inner/a.log", "inner/b.txt"]);
    tree.git("", &["init", "-q"]);
    tree.git("inner", &["init", "-q"]);
    tree.write(".gitignore", "*\n");
    tree.write("sub/.lockgateignore", "*\n");
    tree.write("inner/.gitignore", "*\n");
    let files = [(".gitignore", "*.log\n"), ("sub/.lockgateignore", "*.md\n"), ("sub/.gitignore", "!a.log\n")];
    let given = GivenIgnoreFiles {
        top: tree.path.clone(),
        files: files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec())).into(),
    };
    let options = WalkOptions { ignore_files: Some(Arc::new(given)), ..WalkOptions::default() };
    let expected = [".gitignore", "b.txt", "inner/.gitignore", "inner/a.log", "inner/b.txt"];
    let sub = ["sub/.lockgateignore", "sub/a.log", "sub/b.txt"];
    let walked = tree.walk_with(&options);
    assert_eq!(walked.paths(), [&expected[..], &sub].concat());
    assert_eq!(
        walked.left_out(),
        [
            ("a.log", Cause::Ignored, ".gitignore:1: *.log"),
            ("sub/deep/c.md", Cause::Ignored, "sub/.lockgateignore:1: *.md")
        ]
    );
    // From further down, the rules above count as well.
    let below = walk(&[tree.at("sub")], &options);
    assert_eq!(below.paths(), [".lockgateignore", "a.log", "b.txt"]);
    assert_eq!(walk(&[tree.at("sub/deep")], &options).paths(), [""; 0]);
}
