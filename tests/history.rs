//! `lockgate scan --history`: which commit brought a secret, in repositories made by git.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that panics fails its test, as it should")]

#[path = "common/history.rs"]
mod history;
#[path = "common/leak.rs"]
mod leak;
#[path = "common/workshop.rs"]
mod workshop;

use std::fs;

use history::{commit, git, scan, scan_in, secret};
use leak::LEAK;
use serde_json::json;
use workshop::{Workshop, said};

#[test]
fn a_leak_that_was_deleted_is_found_where_it_came_in() {
    let workshop = Workshop::new();
    workshop.write("a.py", "one = 1\n");
    commit(&workshop, "first");
    workshop.write("a.py", &format!("one = 1\n{}", secret()));
    let leak = commit(&workshop, "leak");
    workshop.write("a.py", &format!("zero = 0\none = 1\n{}", secret()));
    commit(&workshop, "moved");
    scan(&workshop, &[]).expect(1, &["a.py:3"]);
    workshop.write("a.py", "one = 1\n");
    commit(&workshop, "mended");
    workshop.git(&["branch", "other"]);
    let found = scan(&workshop, &[]);
    found.expect(1, &["a.py:2 (gone)"]);
    let finding = found.at("a.py");
    assert_eq!(finding["origin"], "history");
    assert_eq!(
        finding["introduction"],
        json!({
            "commit": leak,
            "date": "2026-01-01T10:01:00+02:00",
            "at_head": false,
            "refs": ["refs/heads/main", "refs/heads/other"],
        })
    );
    assert!(!found.report.to_string().contains(LEAK));
}

#[test]
fn what_came_back_is_there_again_and_still_of_the_first_commit() {
    let workshop = Workshop::new();
    workshop.write("a.py", &secret());
    let leak = commit(&workshop, "leak");
    fs::remove_file(workshop.top().join("a.py")).unwrap();
    commit(&workshop, "mended");
    workshop.write("a.py", &format!("one = 1\n{}", secret()));
    commit(&workshop, "back");
    let found = scan(&workshop, &[]);
    found.expect(1, &["a.py:2"]);
    assert_eq!(found.commit_of("a.py"), leak);
}

#[test]
fn one_secret_at_several_paths_names_the_others() {
    let workshop = Workshop::new();
    workshop.write("old/a.py", &secret());
    let first = commit(&workshop, "leak");
    workshop.git(&["mv", "old/a.py", "b.py"]);
    let renamed = commit(&workshop, "renamed");
    workshop.write("c.txt", &format!("copied\n{}", secret()));
    commit(&workshop, "copied");
    let found = scan(&workshop, &[]);
    found.expect(1, &["b.py:1", "c.txt:2", "old/a.py:1 (gone)"]);
    assert_eq!((found.commit_of("old/a.py"), found.commit_of("b.py")), (&*first, &*renamed));
    assert_eq!(found.at("b.py")["introduction"]["paths"], json!(["c.txt", "old/a.py"]));
    assert_eq!(found.at("old/a.py")["introduction"]["paths"], json!(["b.py", "c.txt"]));
}

#[test]
fn a_merge_answers_for_what_it_made_itself() {
    let workshop = Workshop::new();
    workshop.write("start", "");
    commit(&workshop, "start");
    workshop.git(&["switch", "--quiet", "-c", "topic"]);
    workshop.write("topic.py", &secret());
    let topic = commit(&workshop, "topic");
    workshop.git(&["switch", "--quiet", "main"]);
    workshop.write("main.py", "one = 1\n");
    commit(&workshop, "main");
    workshop.git(&["merge", "--quiet", "--no-ff", "--no-commit", "topic"]);
    workshop.write("evil.py", &secret());
    workshop.write("main.py", &format!("one = 1\n{}", secret()));
    let merge = commit(&workshop, "merge");
    let found = scan(&workshop, &[]);
    found.expect(1, &["evil.py:1", "main.py:2", "topic.py:1"]);
    assert_eq!(found.commit_of("topic.py"), topic);
    assert_eq!((found.commit_of("evil.py"), found.commit_of("main.py")), (&*merge, &*merge));
}

#[test]
fn all_parents_of_an_octopus_are_searched() {
    let workshop = Workshop::new();
    workshop.write("start", "");
    commit(&workshop, "start");
    let mut leaks = Vec::new();
    for name in ["a", "b", "c"] {
        workshop.git(&["switch", "--quiet", "-c", name, "main"]);
        workshop.write(&format!("{name}.py"), &format!("{name} = 1\n{}", secret()));
        leaks.push(commit(&workshop, name));
    }
    workshop.git(&["switch", "--quiet", "main"]);
    workshop.git(&["merge", "--quiet", "--message=octopus", "a", "b", "c"]);
    assert_eq!(git(&workshop, &["rev-list", "--parents", "-1", "HEAD"]).split(' ').count(), 4);
    for name in ["a", "b", "c"] {
        workshop.git(&["branch", "--quiet", "-D", name]);
    }
    let found = scan(&workshop, &[]);
    found.expect(1, &["a.py:2", "b.py:2", "c.py:2"]);
    assert_eq!(["a.py", "b.py", "c.py"].map(|path| found.commit_of(path).to_owned()).to_vec(), leaks);
}

#[test]
fn commits_without_files_or_changes_are_no_trouble() {
    let workshop = Workshop::new();
    commit(&workshop, "nothing");
    scan(&workshop, &[]).expect(0, &[]);
    workshop.write("a.py", &secret());
    let leak = commit(&workshop, "leak");
    commit(&workshop, "nothing again");
    workshop.git(&["rm", "--quiet", "a.py"]);
    commit(&workshop, "empty tree");
    let found = scan(&workshop, &[]);
    found.expect(1, &["a.py:1 (gone)"]);
    assert_eq!(found.commit_of("a.py"), leak);
    assert_eq!(found.report["coverage"]["scanned"], 1, "{:#}", found.report["coverage"]);
}

#[test]
fn other_line_ends_are_no_other_leak() {
    let workshop = Workshop::new();
    workshop.git(&["config", "core.autocrlf", "false"]);
    let text = format!("one = 1\n{}two = 2\n", secret());
    workshop.write("a.py", &text);
    let leak = commit(&workshop, "leak");
    workshop.write("a.py", &text.replace('\n', "\r\n"));
    commit(&workshop, "carriage returns");
    let found = scan(&workshop, &[]);
    found.expect(1, &["a.py:2"]);
    assert_eq!(found.commit_of("a.py"), leak);
}

#[cfg(unix)]
#[test]
fn a_path_may_change_what_it_is() {
    let workshop = Workshop::new();
    // A link is no file, and its text is not examined.
    std::os::unix::fs::symlink(LEAK, workshop.top().join("a")).unwrap();
    workshop.write("b", &secret());
    commit(&workshop, "link and file");
    scan(&workshop, &[]).expect(1, &["b:1"]);
    fs::remove_file(workshop.top().join("a")).unwrap();
    workshop.write("a", LEAK);
    let file = commit(&workshop, "the text of the link as a file");
    let found = scan(&workshop, &[]);
    found.expect(1, &["a:1", "b:1"]);
    assert_eq!(found.commit_of("a"), file);
    fs::remove_file(workshop.top().join("a")).unwrap();
    workshop.git(&["mv", "b", "moved"]);
    workshop.git(&["mv", "moved", "a"]);
    workshop.write("b/inner.py", &secret());
    workshop.write("b/more.py", "one = 1\n");
    commit(&workshop, "a directory in place of a file");
    workshop.git(&["update-index", "--chmod=+x", "a"]);
    workshop.git(&["commit", "--quiet", "--message=mode"]);
    scan(&workshop, &[]).expect(1, &["a:1", "b:1 (gone)", "b/inner.py:1"]);
}

#[test]
fn what_stands_in_too_many_directories_is_named() {
    let workshop = Workshop::new();
    workshop.write("a.py", &secret());
    workshop.write(&format!("{}b.py", "d/".repeat(500)), &secret());
    commit(&workshop, "deep");
    assert_eq!(scan(&workshop, &[]).findings().len(), 2);
    workshop.write(&format!("{}b.py", "e/".repeat(520)), &secret());
    commit(&workshop, "too deep");
    let found = scan(&workshop, &[]);
    assert_eq!(found.findings().len(), 2);
    let coverage = found.coverage();
    assert!(
        coverage.len() == 1 && coverage[0].starts_with("e/e/") && coverage[0].contains(": bound: "),
        "{coverage:?}"
    );
}

#[test]
fn secrets_without_end_are_bounded_and_said_to_be() {
    let workshop = Workshop::new();
    workshop.write("a.py", &secret().repeat(10_001));
    commit(&workshop, "many");
    let found = scan(&workshop, &[]);
    assert_eq!(found.findings().len(), 10_000);
    assert_eq!(found.coverage().len(), 1);
    assert!(found.coverage()[0].contains("a.py: bound: more than 10000 matches"), "{:?}", found.coverage());
}

#[test]
fn a_replacement_hides_nothing() {
    let workshop = Workshop::new();
    workshop.write("a.py", "one = 1\n");
    let clean = commit(&workshop, "first");
    workshop.write("a.py", &secret());
    let leak = commit(&workshop, "leak");
    workshop.write("a.py", "one = 1\n");
    commit(&workshop, "mended");
    let blob = |revision: &str| git(&workshop, &["rev-parse", &format!("{revision}:a.py")]);
    workshop.git(&["replace", &leak, &clean]);
    scan(&workshop, &[]).expect(1, &["a.py:1 (gone)"]);
    workshop.git(&["replace", "--delete", &leak]);
    workshop.git(&["replace", &blob(&leak), &blob(&clean)]);
    scan(&workshop, &[]).expect(1, &["a.py:1 (gone)"]);
}

#[test]
fn what_people_wrote_beside_the_files_is_read() {
    let workshop = Workshop::new();
    workshop.write("a.py", "one = 1\n");
    commit(&workshop, "first");
    let words = commit(&workshop, &format!("words\n\nuse {LEAK}"));
    let found = scan(&workshop, &[]);
    found.expect(1, &["git:commit-message:3 (gone)"]);
    assert_eq!(found.commit_of("git:commit-message"), words);
    let tagged = Workshop::new();
    tagged.write("a.py", "one = 1\n");
    commit(&tagged, "first");
    tagged.git(&["tag", "--annotate", &format!("--message=release\n\n{LEAK}"), "v1"]);
    tagged.git(&["tag", "--annotate", "--message=tag of a tag", "v2", "v1"]);
    scan(&tagged, &[]).expect(1, &["git:tag-message:3"]);
    let noted = Workshop::new();
    noted.write("a.py", "one = 1\n");
    let object = commit(&noted, "first");
    noted.git(&["notes", "add", &format!("--message={LEAK}"), "HEAD"]);
    for all in ["--history", "--history=--all"] {
        scan(&noted, &[all]).expect(1, &[&format!("git:notes/{object}:1 (gone)")]);
    }
    noted.git(&["notes", "remove", "HEAD"]);
    assert_eq!(scan(&noted, &[]).findings().len(), 1);
}

#[test]
fn what_only_a_tag_or_a_remote_branch_holds_is_searched() {
    for reference in ["refs/tags/light", "refs/remotes/origin/old", "refs/stash", "refs/custom/x"] {
        let workshop = Workshop::new();
        workshop.write("a.py", "one = 1\n");
        commit(&workshop, "first");
        workshop.git(&["switch", "--quiet", "-c", "side"]);
        workshop.write("a.py", &secret());
        let leak = commit(&workshop, "leak");
        workshop.git(&["update-ref", reference, "HEAD"]);
        workshop.git(&["switch", "--quiet", "main"]);
        workshop.git(&["branch", "--quiet", "-D", "side"]);
        let found = scan(&workshop, &[]);
        found.expect(1, &["a.py:1 (gone)"]);
        assert_eq!(found.commit_of("a.py"), leak);
        assert_eq!(found.at("a.py")["introduction"]["refs"], json!([reference]));
    }
}

#[test]
fn a_detached_head_counts_and_so_does_its_absence() {
    let workshop = Workshop::new();
    let nothing = scan(&workshop, &[]);
    nothing.expect(0, &[]);
    workshop.write("a.py", &secret());
    workshop.git(&["add", "a.py"]);
    scan(&workshop, &[]).expect(0, &[]);
    fs::remove_file(workshop.top().join("a.py")).unwrap();
    commit(&workshop, "first");
    workshop.git(&["switch", "--quiet", "--detach"]);
    workshop.write("a.py", &secret());
    let leak = commit(&workshop, "leak");
    for all in ["--history", "--history=--all"] {
        let found = scan(&workshop, &[all]);
        found.expect(1, &["a.py:1"]);
        assert_eq!(found.commit_of("a.py"), leak);
        assert_eq!(found.at("a.py")["introduction"]["refs"], json!([]));
    }
    workshop.git(&["switch", "--quiet", "main"]);
    scan(&workshop, &[]).expect(0, &[]);
    // A branch without a commit leaves the others to be searched.
    workshop.git(&["branch", "kept", &leak]);
    workshop.git(&["switch", "--quiet", "--orphan", "unborn"]);
    scan(&workshop, &[]).expect(1, &["a.py:1 (gone)"]);
}

#[test]
fn only_what_lies_below_the_scan_root_is_searched() {
    let workshop = Workshop::new();
    for path in ["a.py", "sub/b.py", "sub/below/c.py", "subway/d.py"] {
        workshop.write(path, &secret());
    }
    commit(&workshop, "leaks");
    workshop.git(&["rm", "--quiet", "sub/b.py"]);
    commit(&workshop, "mended");
    let sub = workshop.top().join("sub");
    scan_in(&workshop, &sub, &[]).expect(1, &["b.py:1 (gone)", "below/c.py:1"]);
    scan(&workshop, &["--history", "--", "sub"]).expect(1, &["b.py:1 (gone)", "below/c.py:1"]);
    scan(&workshop, &["--root", ".", "sub", "a.py"]).expect(1, &["a.py:1", "sub/b.py:1 (gone)", "sub/below/c.py:1"]);
    workshop.write("lockgate.toml", "[scan]\nexclude = [\"sub/\"]\n");
    scan(&workshop, &[]).expect(1, &["a.py:1", "subway/d.py:1"]);
}

#[test]
fn wrong_usage_is_told_in_one_sentence() {
    let workshop = Workshop::new();
    workshop.write("a.py", "one = 1\n");
    commit(&workshop, "first");
    for (arguments, words) in [
        (&["--history", "nothing"][..], "`nothing` is no revision of this repository"),
        (&["--history", "main..nothing"], "`main..nothing` is no revision of this repository"),
        (&["--history", "--since-commit", "nothing"], "`nothing` is no revision of this repository"),
        (&["--history=--reflog"], "`--reflog` is no revision of this repository: only --not, --all,"),
        (&["--history", "HEAD:a.py"], "`HEAD:a.py` is no revision of this repository"),
        (&["--history", "--max-commits", "some"], "invalid value 'some'"),
        (&["--since-commit", "HEAD"], "--history"),
        (&["--history", "--staged"], "cannot be used with"),
        (&["--history", "--", "-"], "--history reads the repository, not standard input"),
    ] {
        let output = history::output(&workshop, &workshop.top(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", said(&output));
        assert!(said(&output).contains(words), "{arguments:?}: {}", said(&output));
        assert!(output.stdout.is_empty(), "{arguments:?}: {}", said(&output));
        assert_eq!(said(&output).matches("error:").count(), 1, "{arguments:?}: {}", said(&output));
    }
    let outside = history::output(&workshop, workshop.directory.path(), &["--history"]);
    assert!(outside.status.code() == Some(2) && said(&outside).contains("not inside of a git repository"));
}
