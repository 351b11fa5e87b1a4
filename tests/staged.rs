//! `lockgate scan --staged`: the index against HEAD, in repositories made by git.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that panics fails its test, as it should")]

#[path = "common/leak.rs"]
mod leak;
#[path = "common/workshop.rs"]
mod workshop;

use std::fs;
use std::path::Path;

use leak::LEAK;
use serde_json::Value;
use workshop::{Workshop, said};

/// Findings of `lockgate scan --staged`, as `state path:line`, with the exit code.
struct Scan {
    code: i32,
    findings: Vec<String>,
    report: Value,
    stderr: String,
}

fn scan_in(workshop: &Workshop, directory: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Scan {
    let mut command = workshop.command_in(directory, "lockgate");
    command.args(["scan", "--staged", "--format", "json"]).args(arguments).envs(environment.iter().copied());
    let output = command.output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    let findings = report["findings"].as_array().cloned().unwrap_or_default();
    let line = |finding: &Value| {
        let state = finding["state"].as_str().unwrap_or("none").to_owned();
        let place = &finding["location"];
        format!("{state} {}:{}", place["path"].as_str().unwrap(), place["region"]["start"]["line"])
    };
    Scan {
        code: output.status.code().unwrap(),
        findings: findings.iter().map(line).collect(),
        report,
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn scan(workshop: &Workshop) -> Scan {
    scan_in(workshop, &workshop.top(), &[], &[])
}

#[track_caller]
fn expect(scan: &Scan, code: i32, findings: &[&str]) {
    assert_eq!((scan.code, &*scan.findings), (code, &*findings.iter().map(ToString::to_string).collect::<Vec<_>>()));
}

fn secret() -> String {
    format!("token = \"{LEAK}\"\n")
}

fn commit(workshop: &Workshop) {
    workshop.git(&["add", "--all"]);
    workshop.git(&["commit", "--quiet", "--no-verify", "--message=step"]);
}

#[test]
fn before_the_first_commit_everything_staged_is_new() {
    let workshop = Workshop::new();
    let empty = scan(&workshop);
    expect(&empty, 0, &[]);
    assert!(empty.stderr.contains("note: nothing is staged"), "{}", empty.stderr);
    workshop.write("deep/down/a.py", &secret());
    workshop.write("untracked.py", &secret());
    workshop.git(&["add", "deep"]);
    expect(&scan(&workshop), 1, &["new deep/down/a.py:1"]);
    // Staged though it is ignored, and the object of an empty file.
    workshop.write(".gitignore", "*.env\n");
    workshop.write("a.env", &secret());
    workshop.write("empty", "");
    workshop.git(&["add", "--force", "a.env", "empty"]);
    expect(&scan(&workshop), 1, &["new a.env:1", "new deep/down/a.py:1"]);
}

#[test]
fn a_file_that_is_staged_in_part_is_judged_by_the_index() {
    let workshop = Workshop::new();
    workshop.write("a.py", "one = 1\n");
    workshop.write("b/b.py", "one = 1\n");
    commit(&workshop);
    workshop.write("a.py", "two = 2\n");
    workshop.git(&["add", "a.py"]);
    workshop.write("a.py", &secret());
    expect(&scan(&workshop), 0, &[]);
    workshop.git(&["add", "a.py"]);
    workshop.write("a.py", "two = 2\n");
    expect(&scan(&workshop), 1, &["new a.py:1"]);
    fs::remove_file(workshop.top().join("a.py")).unwrap();
    expect(&scan(&workshop), 1, &["new a.py:1"]);
}

#[test]
fn a_secret_on_a_line_that_stays_does_not_block() {
    let workshop = Workshop::new();
    workshop.write("a.py", &format!("one = 1\n{}three = 3\n", secret()));
    workshop.write("same/a.py", &secret());
    commit(&workshop);
    workshop.write("a.py", &format!("zero = 0\none = 1\n{}", secret()));
    workshop.git(&["add", "a.py"]);
    expect(&scan(&workshop), 0, &["existing a.py:3"]);
    workshop.write("a.py", &format!("one = 1\n{0}{0}", secret()));
    workshop.git(&["add", "a.py"]);
    expect(&scan(&workshop), 1, &["existing a.py:2", "new a.py:3"]);
}

#[test]
fn a_renamed_file_is_compared_with_what_it_was() {
    let workshop = Workshop::new();
    workshop.write("old/a.py", &secret());
    workshop.write("old/b.py", &format!("one = 1\n{}", secret()));
    workshop.write("old/c.py", &format!("c = 1\n{}", secret()));
    commit(&workshop);
    workshop.git(&["mv", "old/a.py", "renamed.py"]);
    workshop.git(&["mv", "old/b.py", "b.py"]);
    workshop.write("b.py", &format!("two = 2\n{}", secret()));
    workshop.write("d.py", "unrelated = 1\n");
    workshop.git(&["add", "b.py", "d.py"]);
    expect(&scan(&workshop), 0, &["existing b.py:2", "existing renamed.py:1"]);
    // A copy of a file that stays puts the secret where it was not, and so does a second copy of one that moved.
    workshop.write("copy.py", &format!("c = 1\n{}", secret()));
    workshop.write("second.py", &secret());
    workshop.git(&["add", "copy.py", "second.py"]);
    expect(&scan(&workshop), 1, &["existing b.py:2", "new copy.py:2", "existing renamed.py:1", "new second.py:1"]);
}

#[test]
fn a_deletion_brings_nothing() {
    let workshop = Workshop::new();
    workshop.write("a.py", &secret());
    workshop.write("b.py", &format!("{}one = 1\n", secret()));
    commit(&workshop);
    workshop.git(&["rm", "--quiet", "a.py"]);
    // Files are deleted, so the files of the tree are not what the pre-commit tool asks for.
    expect(&scan_in(&workshop, &workshop.top(), &[], &[("PRE_COMMIT", "1")]), 0, &[]);
    workshop.write("b.py", &secret());
    workshop.git(&["add", "b.py"]);
    expect(&scan(&workshop), 0, &["existing b.py:1"]);
}

#[test]
fn other_line_endings_are_no_change() {
    let workshop = Workshop::new();
    let text = format!("one = 1\n{}", secret());
    workshop.git(&["config", "core.autocrlf", "false"]);
    workshop.write("a.py", &text.replace('\n', "\r\n"));
    commit(&workshop);
    workshop.git(&["config", "core.autocrlf", "true"]);
    workshop.git(&["add", "--renormalize", "a.py"]);
    expect(&scan(&workshop), 0, &["existing a.py:2"]);
    workshop.write("a.py", &format!("{text}{}", secret()).replace('\n', "\r\n"));
    workshop.git(&["add", "a.py"]);
    expect(&scan(&workshop), 1, &["existing a.py:2", "new a.py:3"]);
}

#[test]
fn a_key_counts_as_new_when_one_of_its_lines_does() {
    let workshop = Workshop::new();
    let body = "MIIBVQIBADANBgkqhkiG9w0BAQEFAASCAT8wggE7AgEAAkEAq7BFUpkGp3+LQmlQ".to_owned();
    let key = |tag: &str| {
        let kind = "PRIVATE KEY";
        format!("first\n-----BEGIN {kind}-----\n{body}\n{}{tag}\n{body}\n-----END {kind}-----\nlast\n", &body[..60])
    };
    workshop.write("key.txt", &key("AAAA"));
    commit(&workshop);
    workshop.write("key.txt", &key("AAAA").replace("last", "lost").replace("first", "fist"));
    workshop.git(&["add", "key.txt"]);
    let same = scan(&workshop);
    assert_eq!(same.findings.len(), 1, "{:#}", same.report);
    assert!(same.findings[0].starts_with("existing key.txt:"), "{:?}", same.findings);
    workshop.write("key.txt", &key("BBBB"));
    workshop.git(&["add", "key.txt"]);
    let changed = scan(&workshop);
    assert!(changed.findings[0].starts_with("new key.txt:"), "{:?}", changed.findings);
    assert_eq!(changed.code, 1);
}

#[test]
fn only_what_lies_in_the_scan_root_and_is_named_is_seen() {
    let workshop = Workshop::new();
    workshop.write("start", "");
    commit(&workshop);
    for path in ["a.py", "sub/b.py", "sub/below/c.py", "subway/d.py"] {
        workshop.write(path, &secret());
    }
    workshop.git(&["add", "--all"]);
    let sub = workshop.top().join("sub");
    expect(&scan_in(&workshop, &sub, &[], &[]), 1, &["new b.py:1", "new below/c.py:1"]);
    expect(&scan_in(&workshop, &sub, &["below"], &[]), 1, &["new c.py:1"]);
    expect(
        &scan_in(&workshop, &workshop.top(), &["a.py", "sub/below"], &[]),
        1,
        &["new a.py:1", "new sub/below/c.py:1"],
    );
    workshop.write("lockgate.toml", "[scan]\nexclude = [\"sub/\"]\n");
    let excluded = scan(&workshop);
    expect(&excluded, 1, &["new a.py:1", "new subway/d.py:1"]);
    let entries = excluded.report["coverage"]["entries"].as_array().unwrap();
    let left_out: Vec<_> = entries.iter().map(|entry| (entry["path"].as_str(), entry["cause"].as_str())).collect();
    assert_eq!(left_out, [(Some("sub/b.py"), Some("excluded")), (Some("sub/below/c.py"), Some("excluded"))]);
}

#[test]
fn a_linked_work_tree_has_an_index_of_its_own() {
    let workshop = Workshop::new();
    workshop.write("a.py", "one = 1\n");
    commit(&workshop);
    workshop.git(&["worktree", "add", "--quiet", "../linked"]);
    fs::write(workshop.path("linked/a.py"), secret()).unwrap();
    let add = workshop.command_in(&workshop.path("linked"), "git").args(["add", "a.py"]).output().unwrap();
    assert!(add.status.success(), "{}", said(&add));
    expect(&scan_in(&workshop, &workshop.path("linked"), &[], &[]), 1, &["new a.py:1"]);
    expect(&scan(&workshop), 0, &[]);
}

#[cfg(unix)]
#[test]
fn a_hook_sees_the_index_of_its_commit() {
    let workshop = Workshop::new();
    workshop.write("a.py", "one = 1\n");
    workshop.write("b.py", "one = 1\n");
    commit(&workshop);
    workshop.git(&["worktree", "add", "--quiet", "../linked"]);
    workshop.foreign("pre-commit", "echo \"index: $GIT_INDEX_FILE\" >&2; exec lockgate scan --staged");
    for tree in [workshop.top(), workshop.path("linked")] {
        let git = |arguments: &[&str]| workshop.command_in(&tree, "git").args(arguments).output().unwrap();
        fs::write(tree.join("a.py"), secret()).unwrap();
        fs::write(tree.join("b.py"), "two = 2\n").unwrap();
        assert!(git(&["add", "a.py"]).status.success());
        // `git commit FILE` commits that file alone, from an index made for it.
        let alone = git(&["commit", "--message=b", "b.py"]);
        assert!(alone.status.success(), "{}", said(&alone));
        assert!(said(&alone).contains("next-index"), "{}", said(&alone));
        let whole = git(&["commit", "--message=a"]);
        assert!(!whole.status.success() && said(&whole).contains("a.py"), "{}", said(&whole));
    }
}

#[test]
fn what_has_no_content_in_the_index_is_not_staged() {
    let workshop = Workshop::new();
    workshop.write("a.py", "one = 1\n");
    commit(&workshop);
    workshop.write("intended.py", &secret());
    workshop.git(&["add", "--intent-to-add", "intended.py"]);
    let commit = format!("160000,{},module", "1".repeat(40));
    workshop.git(&["update-index", "--add", "--cacheinfo", &commit]);
    let nothing = scan(&workshop);
    expect(&nothing, 0, &[]);
    workshop.write("real.py", &secret());
    workshop.git(&["add", "real.py"]);
    expect(&scan(&workshop), 1, &["new real.py:1"]);
}

#[cfg(unix)]
#[test]
fn a_link_is_no_file() {
    let workshop = Workshop::new();
    workshop.write("a.py", &secret());
    commit(&workshop);
    std::os::unix::fs::symlink(LEAK, workshop.top().join("link")).unwrap();
    workshop.git(&["add", "link"]);
    expect(&scan(&workshop), 0, &[]);
    fs::remove_file(workshop.top().join("link")).unwrap();
    workshop.git(&["commit", "--quiet", "--message=link"]);
    workshop.write("link", &secret());
    workshop.git(&["add", "link"]);
    expect(&scan(&workshop), 1, &["new link:1"]);
}

#[test]
fn an_unmerged_file_leaves_the_verdict_open() {
    let workshop = Workshop::new();
    workshop.write("a.py", "one = 1\n");
    commit(&workshop);
    workshop.git(&["checkout", "--quiet", "-b", "other"]);
    workshop.write("a.py", "two = 2\n");
    commit(&workshop);
    workshop.git(&["checkout", "--quiet", "main"]);
    workshop.write("a.py", &secret());
    commit(&workshop);
    let merge = workshop.command_in(&workshop.top(), "git").args(["merge", "other"]).output().unwrap();
    assert!(!merge.status.success());
    let conflict = scan(&workshop);
    expect(&conflict, 2, &[]);
    let entries = conflict.report["coverage"]["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 1, "{entries:?}");
    assert!(entries[0]["path"] == "a.py" && entries[0]["detail"].as_str().unwrap().starts_with("unmerged"));
    workshop.git(&["add", "a.py"]);
    workshop.write("a.py", "resolved = 1\n");
    workshop.git(&["add", "a.py"]);
    expect(&scan(&workshop), 0, &[]);
}

#[test]
fn a_staged_manifest_is_judged_as_a_whole() {
    let workshop = Workshop::new();
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: a\n    image: a:1\n    \
               securityContext: {privileged: true}\n";
    workshop.write("pod.yaml", pod);
    commit(&workshop);
    expect(&scan(&workshop), 0, &[]);
    workshop.write("pod.yaml", &pod.replace("name: a}", "name: b}"));
    workshop.git(&["add", "pod.yaml"]);
    let staged = scan(&workshop);
    assert_eq!(staged.code, 1);
    assert!(!staged.findings.is_empty() && staged.findings.iter().all(|line| line.starts_with("new ")));
}

#[test]
fn with_nothing_staged_the_pre_commit_tool_has_the_files_scanned() {
    let workshop = Workshop::new();
    workshop.write("a.py", &secret());
    workshop.write("b.py", &secret());
    commit(&workshop);
    let all = scan_in(&workshop, &workshop.top(), &[], &[("PRE_COMMIT", "1")]);
    expect(&all, 1, &["none a.py:1", "none b.py:1"]);
    assert!(all.stderr.contains("nothing is staged: scanning the files"), "{}", all.stderr);
    expect(&scan_in(&workshop, &workshop.top(), &["b.py"], &[("PRE_COMMIT", "1")]), 1, &["none b.py:1"]);
}

#[test]
fn wrong_usage_is_told() {
    let workshop = Workshop::new();
    let outside = scan_in(&workshop, workshop.directory.path(), &[], &[]);
    assert!(outside.code == 2 && outside.stderr.contains("not inside of a git repository"), "{}", outside.stderr);
    let stdin = scan_in(&workshop, &workshop.top(), &["-"], &[]);
    assert!(stdin.code == 2 && stdin.stderr.contains("--staged reads the repository"), "{}", stdin.stderr);
}

/// An index with `extension`, after the one entry that git put into it.
fn extended(workshop: &Workshop, signature: [u8; 4], extension: &[u8]) {
    workshop.write("a.py", &secret());
    commit(workshop);
    // Without a cache of trees, and a checksum of zeros as `index.skipHash` has it.
    workshop.git(&["rm", "--cached", "--quiet", "a.py"]);
    workshop.git(&["add", "a.py"]);
    let path = workshop.top().join(".git/index");
    let mut index = fs::read(&path).unwrap();
    // The header, and 62 bytes with the path, filled up to a multiple of eight.
    index.truncate(12 + 72);
    index.extend(signature);
    index.extend(u32::try_from(extension.len()).unwrap().to_be_bytes());
    index.extend(extension);
    index.extend([0; 20]);
    fs::write(path, index).unwrap();
}

#[test]
fn an_index_nested_a_million_deep_is_refused() {
    let workshop = Workshop::new();
    extended(&workshop, *b"TREE", &b"d\0-1 1\n".repeat(1_000_000));
    let staged = scan(&workshop);
    assert_eq!(staged.code, 2, "{}", staged.stderr);
    let message = "cannot read the index of the git repository: its cache of trees is nested more than 512 deep";
    assert!(staged.stderr.contains(message), "{}", staged.stderr);
    // As the message says.
    workshop.git(&["read-tree", "HEAD"]);
    expect(&scan(&workshop), 0, &[]);
}

#[test]
fn what_is_nested_in_the_cache_of_untracked_files_is_not_looked_at() {
    let workshop = Workshop::new();
    extended(&workshop, *b"UNTR", &[0, 1, b'd', 0].repeat(1_000_000));
    workshop.write("a.py", "one = 1\n");
    expect(&scan(&workshop), 0, &[]);
}

/// What makes a good index a bad one.
type Change = fn(&mut Vec<u8>);

#[test]
fn a_broken_index_is_told() {
    let valid = |workshop: &Workshop| {
        extended(workshop, *b"FSMN", &[]);
        fs::read(workshop.top().join(".git/index")).unwrap()
    };
    let write = |workshop: &Workshop, index: &[u8]| fs::write(workshop.top().join(".git/index"), index).unwrap();
    let count = |index: &mut Vec<u8>| index[8..12].copy_from_slice(&u32::MAX.to_be_bytes());
    let version = |index: &mut Vec<u8>| index[7] = 9;
    let cut = |index: &mut Vec<u8>| index.truncate(40);
    let link = |index: &mut Vec<u8>| {
        let at = index.len() - 28;
        index[at..at + 4].copy_from_slice(b"link");
    };
    let unknown = |index: &mut Vec<u8>| {
        let at = index.len() - 28;
        index[at..at + 4].copy_from_slice(b"\x1b[2J");
    };
    let cases: [(Change, &str); 6] = [
        (count, "entry 2 is broken"),
        (version, "version 9 is not supported"),
        (cut, "entry 1 is broken"),
        (Vec::clear, "it does not begin as one"),
        (link, "its link to the shared index is broken"),
        (unknown, "the extension `\\x1b[2J` is not supported"),
    ];
    for (change, message) in cases {
        let workshop = Workshop::new();
        let mut index = valid(&workshop);
        change(&mut index);
        write(&workshop, &index);
        let staged = scan(&workshop);
        assert!(staged.code == 2 && staged.stderr.contains(message), "{message}: {}", staged.stderr);
    }
}

#[test]
fn a_split_index_without_the_shared_one_is_told() {
    let workshop = Workshop::new();
    workshop.write("a.py", "one = 1\n");
    commit(&workshop);
    workshop.git(&["update-index", "--split-index"]);
    for entry in fs::read_dir(workshop.top().join(".git")).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().to_string_lossy().starts_with("sharedindex.") {
            fs::remove_file(path).unwrap();
        }
    }
    let staged = scan(&workshop);
    assert!(staged.code == 2 && staged.stderr.contains("the shared index "), "{}", staged.stderr);
    assert!(staged.stderr.contains(" is not there"), "{}", staged.stderr);
}

#[test]
fn a_split_index_has_what_was_replaced_deleted_and_added() {
    let workshop = Workshop::new();
    for number in 0..200 {
        workshop.write(&format!("dir/{number:03}.py"), &format!("number = {number}\n"));
    }
    commit(&workshop);
    workshop.git(&["config", "splitIndex.maxPercentChange", "100"]);
    workshop.git(&["update-index", "--split-index"]);
    for number in [0, 63, 64, 127, 128, 199] {
        workshop.write(&format!("dir/{number:03}.py"), &secret());
    }
    fs::remove_file(workshop.top().join("dir/065.py")).unwrap();
    workshop.write("dir/100a.py", &secret());
    workshop.git(&["add", "--all"]);
    let new = ["000", "063", "064", "100a", "127", "128", "199"].map(|name| format!("new dir/{name}.py:1"));
    let new: Vec<&str> = new.iter().map(String::as_str).collect();
    expect(&scan(&workshop), 1, &new);
    let shared =
        workshop.command_in(&workshop.top(), "git").args(["rev-parse", "--shared-index-path"]).output().unwrap();
    assert!(said(&shared).contains("sharedindex."), "the index is not split any more");
}

#[test]
fn other_forms_of_the_index_are_read() {
    for (name, options) in [
        ("version 4", &["update-index", "--index-version=4"][..]),
        ("split index", &["update-index", "--split-index"]),
        ("no cache of trees", &["read-tree", "--empty"]),
    ] {
        let workshop = Workshop::new();
        for path in ["a.py", "dir/a.py", "dir/deep/b.py", "dir-more/a.py", "dir.py"] {
            workshop.write(path, &secret());
        }
        commit(&workshop);
        workshop.git(options);
        workshop.write("dir/deep/b.py", &format!("one = 1\n{}", secret()));
        workshop.write("dir/deep/c.py", &secret());
        workshop.git(&["add", "--all"]);
        let staged = scan(&workshop);
        assert_eq!(staged.findings, ["existing dir/deep/b.py:2", "new dir/deep/c.py:1"], "{name}: {}", staged.stderr);
    }
}
