//! `lockgate scan --history` in repositories of every form: packed or not, shared, shallow, partial, bare, linked.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that panics fails its test, as it should")]

#[path = "common/history.rs"]
mod history;
#[path = "common/leak.rs"]
mod leak;
#[path = "common/workshop.rs"]
mod workshop;

use std::fs;
use std::path::Path;

use history::{Scan, commit, git, git_in, scan, scan_in, secret};
use workshop::{Workshop, said};

/// Three commits: a leak, another one at a second path, and the first of them mended.
fn three_commits(workshop: &Workshop) -> [String; 3] {
    workshop.write("a.py", &secret());
    workshop.write("deep/down/c.py", "one = 1\n");
    let first = commit(workshop, "leak");
    workshop.write("deep/b.py", &format!("one = 1\n{}", secret()));
    let second = commit(workshop, "another");
    workshop.write("a.py", "one = 1\n");
    [first, second, commit(workshop, "mended")]
}

const PLACES: &[&str] = &["a.py:1 (gone)", "deep/b.py:2"];

/// A clone of the workshop's repository, over the protocol, at `clone`.
fn clone(workshop: &Workshop, options: &[&str]) -> std::path::PathBuf {
    let url = format!("file://{}", workshop.top().display());
    let arguments = [&["clone", "--quiet"], options, &[&url, "clone"]].concat();
    git_in(workshop, workshop.directory.path(), &arguments);
    workshop.path("clone")
}

fn count_of_packs(directory: &Path) -> usize {
    let entries = fs::read_dir(directory.join("objects/pack")).unwrap();
    entries.filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|kind| kind == "pack")).count()
}

#[test]
fn it_does_not_matter_how_objects_are_stored() {
    let workshop = Workshop::new();
    let [first, ..] = three_commits(&workshop);
    let loose = scan(&workshop, &[]);
    loose.expect(1, PLACES);
    assert_eq!((loose.commit_of("a.py"), loose.coverage()), (&*first, Vec::new()));
    let same = |form: &str| {
        let other = scan(&workshop, &[]);
        assert_eq!(other.report["findings"], loose.report["findings"], "{form}");
        assert_eq!(other.report["coverage"], loose.report["coverage"], "{form}");
    };
    for (form, arguments) in [
        ("packed", &["gc", "--quiet", "--prune=now"][..]),
        ("packed with bitmaps", &["repack", "-a", "-d", "-b", "--quiet"]),
        ("without deltas", &["repack", "-a", "-d", "-F", "--depth=0", "--quiet"]),
        ("in a chain of graphs", &["commit-graph", "write", "--reachable", "--split"]),
        ("with an index of many packs", &["multi-pack-index", "write"]),
        ("with packed references", &["pack-refs", "--all"]),
    ] {
        workshop.git(arguments);
        same(form);
    }
    assert_eq!(count_of_packs(&workshop.top().join(".git")), 1);
    // Loose objects on top of the pack, then a second pack.
    workshop.write("d.py", "one = 1\n");
    commit(&workshop, "mixed");
    scan(&workshop, &[]).expect(1, PLACES);
    workshop.git(&["repack", "--quiet", "-d"]);
    assert_eq!(count_of_packs(&workshop.top().join(".git")), 2);
    workshop.git(&["multi-pack-index", "write"]);
    scan(&workshop, &[]).expect(1, PLACES);
}

#[test]
fn deltas_over_many_versions_are_resolved() {
    let workshop = Workshop::new();
    let lines: Vec<String> = (0..400).map(|number| format!("line {number} and so on\n")).collect();
    let lines = lines.concat();
    for number in 0..30 {
        let leak = if number == 17 { secret() } else { String::new() };
        workshop.write("a.py", &format!("{number}\n{lines}{leak}{number}\n"));
        commit(&workshop, &number.to_string());
    }
    workshop.git(&["gc", "--quiet", "--aggressive", "--prune=now"]);
    let found = scan(&workshop, &[]);
    found.expect(1, &["a.py:402 (gone)"]);
    assert_eq!(git(&workshop, &["log", "-1", "--format=%s", found.commit_of("a.py")]), "17");
}

#[test]
fn a_linked_work_tree_shares_the_history_and_has_a_head_of_its_own() {
    let workshop = Workshop::new();
    let [_, second, _] = three_commits(&workshop);
    workshop.git(&["worktree", "add", "--quiet", "--detach", "../linked", &second]);
    let linked = workshop.path("linked");
    scan_in(&workshop, &linked, &[]).expect(1, &["a.py:1", "deep/b.py:2"]);
    scan_in(&workshop, &linked.join("deep"), &[]).expect(1, &["b.py:2"]);
    fs::write(linked.join("only.py"), secret()).unwrap();
    git_in(&workshop, &linked, &["add", "only.py"]);
    git_in(&workshop, &linked, &["commit", "--quiet", "--message=detached"]);
    // What stands at the head of one work tree is found from the other.
    scan(&workshop, &[]).expect(1, &["a.py:1 (gone)", "deep/b.py:2", "only.py:1 (gone)"]);
    scan_in(&workshop, &linked, &[]).expect(1, &["a.py:1", "deep/b.py:2", "only.py:1"]);
}

#[test]
fn a_bare_repository_has_a_history() {
    let workshop = Workshop::new();
    three_commits(&workshop);
    git_in(&workshop, workshop.directory.path(), &["clone", "--quiet", "--bare", "work", "bare.git"]);
    let bare = scan_in(&workshop, &workshop.path("bare.git"), &[]);
    bare.expect(1, PLACES);
    assert_eq!(bare.coverage(), Vec::<String>::new());
    scan_in(&workshop, workshop.directory.path(), &["--history", "--", "bare.git"]).expect(1, PLACES);
}

#[test]
fn a_shallow_clone_says_that_it_is() {
    let workshop = Workshop::new();
    let [.., third] = three_commits(&workshop);
    let clone = clone(&workshop, &["--depth=1"]);
    let shallow = scan_in(&workshop, &clone, &[]);
    shallow.expect(1, &["deep/b.py:2"]);
    assert_eq!(shallow.commit_of("deep/b.py"), third);
    let coverage = shallow.coverage();
    assert!(coverage.len() == 1 && coverage[0].starts_with(".: missing: the clone is shallow"), "{coverage:?}");
    assert!(coverage[0].contains("git fetch --unshallow"), "{coverage:?}");
    git_in(&workshop, &clone, &["fetch", "--quiet", "--unshallow"]);
    let whole = scan_in(&workshop, &clone, &[]);
    whole.expect(1, PLACES);
    assert_eq!(whole.coverage(), Vec::<String>::new());
}

#[test]
fn objects_that_a_partial_clone_lacks_are_named() {
    let workshop = Workshop::new();
    three_commits(&workshop);
    workshop.git(&["config", "uploadpack.allowFilter", "true"]);
    let clone = clone(&workshop, &["--filter=blob:none"]);
    let leak = git(&workshop, &["rev-parse", "HEAD~2:a.py"]);
    let partial = scan_in(&workshop, &clone, &[]);
    // What is checked out is there.
    partial.expect(1, &["deep/b.py:2"]);
    assert_eq!(partial.coverage(), [format!("a.py: missing: the object {leak} is not in the repository")]);
    let bare = workshop.path("bare");
    git_in(
        &workshop,
        workshop.directory.path(),
        &["clone", "--quiet", "--bare", "--filter=tree:0", &format!("file://{}", workshop.top().display()), "bare"],
    );
    let without_trees = scan_in(&workshop, &bare, &[]);
    without_trees.expect(0, &[]);
    let coverage = without_trees.coverage();
    assert!(
        !coverage.is_empty() && coverage.iter().all(|entry| entry.starts_with(".: missing: the object ")),
        "{coverage:?}"
    );
}

#[test]
fn objects_may_stand_in_another_repository() {
    let workshop = Workshop::new();
    three_commits(&workshop);
    let beside = workshop.directory.path();
    let source = workshop.top();
    let source = source.to_str().unwrap();
    git_in(&workshop, beside, &["clone", "--quiet", "--shared", source, "shared"]);
    git_in(&workshop, beside, &["clone", "--quiet", "--reference", source, &format!("file://{source}"), "referring"]);
    // An alternate of an alternate.
    git_in(&workshop, beside, &["clone", "--quiet", "--shared", "shared", "third"]);
    for name in ["shared", "referring", "third"] {
        let found = scan_in(&workshop, &workshop.path(name), &[]);
        found.expect(1, PLACES);
        assert_eq!(found.coverage(), Vec::<String>::new(), "{name}");
    }
    workshop.git(&["gc", "--quiet"]);
    scan_in(&workshop, &workshop.path("third"), &[]).expect(1, PLACES);
}

#[test]
fn names_may_be_of_sha256() {
    let workshop = Workshop::new();
    fs::remove_dir_all(workshop.top().join(".git")).unwrap();
    workshop.git(&["init", "--quiet", "--initial-branch=main", "--object-format=sha256"]);
    let [first, ..] = three_commits(&workshop);
    assert_eq!(first.len(), 64);
    workshop.git(&["tag", "--annotate", &format!("--message={}", leak::LEAK), "v1"]);
    let places = ["a.py:1 (gone)", "deep/b.py:2", "git:tag-message:1"];
    let found = scan(&workshop, &[]);
    found.expect(1, &places);
    assert_eq!(found.commit_of("a.py"), first);
    workshop.git(&["gc", "--quiet", "--prune=now"]);
    scan(&workshop, &[]).expect(1, &places);
    scan(&workshop, &["--history", &format!("{first}..HEAD")]).expect(1, &["deep/b.py:2"]);
}

#[test]
fn a_submodule_has_a_history_of_its_own() {
    let library = Workshop::new();
    let [first, ..] = three_commits(&library);
    let workshop = Workshop::new();
    workshop.write("a.py", "one = 1\n");
    commit(&workshop, "first");
    let url = library.top();
    workshop.git(&[
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        url.to_str().unwrap(),
        "lib/one",
    ]);
    commit(&workshop, "submodule");
    let outside = scan(&workshop, &[]);
    outside.expect(0, &[]);
    assert_eq!(outside.coverage(), Vec::<String>::new());
    let inside: Scan = scan_in(&workshop, &workshop.top().join("lib/one"), &[]);
    inside.expect(1, PLACES);
    assert_eq!(inside.commit_of("a.py"), first);
    scan_in(&workshop, &workshop.top().join("lib/one/deep"), &[]).expect(1, &["b.py:2"]);
}

#[test]
fn references_may_stand_in_tables() {
    let workshop = Workshop::new();
    three_commits(&workshop);
    let init = ["init", "--quiet", "--ref-format=reftable", "--initial-branch=main", "tables"];
    git_in(&workshop, workshop.directory.path(), &init);
    let output = history::output(&workshop, &workshop.path("tables"), &["--history"]);
    // Not a repository without commits: one that cannot be read.
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(said(&output).contains("cannot open the git repository"), "{}", said(&output));
}
