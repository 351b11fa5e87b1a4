//! Which commits `lockgate scan --history` looks at: revisions and bounds, against what git-rev-list(1) selects.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that panics fails its test, as it should")]

#[path = "common/history.rs"]
mod history;
#[path = "common/leak.rs"]
mod leak;
#[path = "common/workshop.rs"]
mod workshop;

use std::collections::BTreeSet;

use history::{Scan, commit, git, scan};
use workshop::Workshop;

/// A made-up token of another number each, in a file of its own.
fn leak(number: u64) -> String {
    let digits = format!("{number:04}");
    format!("{} = \"Vq7{digits}zKw9{digits}LxT3\"\n", "password")
}

/// `main`: m1 m2 m3(merge of topic) m4; `topic`, from m1: t1 t2. Each commit but the merge brings one leak, in a file of
/// its name.
fn two_branches() -> Workshop {
    let workshop = Workshop::new();
    let step = |name: &str, number: u64| {
        workshop.write(&format!("{name}.py"), &leak(number));
        commit(&workshop, name);
        workshop.git(&["tag", name]);
    };
    step("m1", 1);
    workshop.git(&["switch", "--quiet", "-c", "topic"]);
    step("t1", 2);
    step("t2", 3);
    workshop.git(&["switch", "--quiet", "main"]);
    step("m2", 4);
    workshop.git(&["merge", "--quiet", "--no-ff", "--no-commit", "topic"]);
    commit(&workshop, "m3");
    workshop.git(&["tag", "m3"]);
    step("m4", 5);
    workshop
}

/// The names of the commits that brought the findings, and those that git selects.
fn selected(workshop: &Workshop, found: &Scan, revisions: &[&str]) -> (BTreeSet<String>, BTreeSet<String>) {
    let of_scan = found
        .findings()
        .iter()
        .map(|finding| finding["location"]["path"].as_str().unwrap().trim_end_matches(".py").to_owned());
    let listed = git(workshop, &[&["log", "--format=%s"], revisions].concat());
    let of_git = listed.lines().filter(|name| *name != "m3").map(ToOwned::to_owned);
    (of_scan.collect(), of_git.collect())
}

#[test]
fn revisions_select_what_git_selects() {
    let workshop = two_branches();
    for revisions in [
        "main",
        "topic",
        "HEAD",
        "HEAD~1",
        "HEAD~1^2",
        "m3^1",
        "t1",
        "m2..topic",
        "topic..main",
        "m1..HEAD",
        "main...t1",
        "t2 ^m1",
        "main --not topic",
        "--not m1 --not t2 m2",
        "--all",
        "--branches",
        "--tags",
        "--branches=top*",
        "m3^!",
        "m4^@",
        "m4~2..m4",
        "refs/heads/topic",
        "HEAD^{commit}",
        "topic main",
        "--all --not m2",
    ] {
        let arguments: Vec<&str> = revisions.split(' ').collect();
        let option = format!("--history={revisions}");
        let found = scan(&workshop, &[&option]);
        let (of_scan, of_git) = selected(&workshop, &found, &arguments);
        assert_eq!(of_scan, of_git, "{revisions}");
    }
    let hash = git(&workshop, &["rev-parse", "t1"]);
    for name in [&hash[..], &hash[..9]] {
        let found = scan(&workshop, &["--history", name]);
        let (of_scan, of_git) = selected(&workshop, &found, &["t1"]);
        assert_eq!(of_scan, of_git, "{name}");
    }
    let of_all = scan(&workshop, &[]);
    assert_eq!(of_all.report["findings"], scan(&workshop, &["--history=--all"]).report["findings"]);
    assert_eq!(of_all.findings().len(), 5);
}

#[test]
fn a_commit_bounds_the_search_from_below() {
    let workshop = two_branches();
    for (since, revisions) in [("m1", "main"), ("m2", "main"), ("t1", "--all"), ("main", "main"), ("t2", "topic")] {
        let found = scan(&workshop, &[&format!("--history={revisions}"), "--since-commit", since]);
        let (of_scan, of_git) = selected(&workshop, &found, &[revisions, "--not", since]);
        assert_eq!(of_scan, of_git, "{since}: {revisions}");
    }
}

#[test]
fn a_number_bounds_the_search_to_the_latest_commits() {
    let workshop = two_branches();
    for (most, revisions) in
        [("0", "main"), ("1", "main"), ("2", "main"), ("3", "topic"), ("1", "topic"), ("99", "main")]
    {
        let found = scan(&workshop, &[&format!("--history={revisions}"), "--max-commits", most]);
        let (of_scan, of_git) = selected(&workshop, &found, &["-n", most, "--topo-order", "--date-order", revisions]);
        assert_eq!(of_scan, of_git, "{most}: {revisions}");
    }
}

#[test]
fn a_leak_from_before_the_bound_is_none_of_what_came_after() {
    let workshop = Workshop::new();
    workshop.write("a.py", &leak(1));
    commit(&workshop, "before");
    workshop.write("a.py", &format!("one = 1\n{}", leak(1)));
    workshop.write("b.py", "b = 1\n");
    let after = commit(&workshop, "after");
    scan(&workshop, &["--history", "HEAD~1..HEAD"]).expect(1, &["a.py:2"]);
    let found = scan(&workshop, &["--max-commits", "1"]);
    found.expect(1, &["a.py:2"]);
    // The first commit of those that were searched.
    assert_eq!(found.commit_of("a.py"), after);
    workshop.write("b.py", "b = 2\n");
    commit(&workshop, "later");
    scan(&workshop, &["--history", "HEAD~1..HEAD"]).expect(0, &[]);
}
