//! The hooks of `lockgate hook install`, run by git on commits and pushes.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that panics fails its test, as it should")]

#[path = "common/leak.rs"]
mod leak;
#[path = "common/workshop.rs"]
mod workshop;

use std::io::Write;
use std::process::{Output, Stdio};

use leak::LEAK;
use workshop::{Workshop, said};

const RULE: &str = "github-personal-access-token";

fn leak() -> String {
    format!("TOKEN = \"{LEAK}\"\n")
}

fn try_git(workshop: &Workshop, arguments: &[&str]) -> Output {
    workshop.command_in(&workshop.top(), "git").args(arguments).output().unwrap()
}

/// Runs git, which a hook has to stop with words of the leak.
fn refused(workshop: &Workshop, arguments: &[&str]) -> String {
    let output = try_git(workshop, arguments);
    let text = said(&output);
    assert!(!output.status.success(), "{arguments:?}: {text}");
    assert!(text.contains(RULE) && !text.contains(LEAK), "{text}");
    text
}

fn passed(workshop: &Workshop, arguments: &[&str]) -> String {
    let output = try_git(workshop, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", said(&output));
    said(&output)
}

/// A repository with a commit of `app.py`, a bare repository as `origin`, and `hook` installed.
fn with_remote(hook: &str) -> Workshop {
    let workshop = Workshop::new();
    commit(&workshop, "app.py", "import os\n");
    workshop.git(&["init", "--quiet", "--bare", "../origin.git"]);
    workshop.git(&["remote", "add", "origin", "../origin.git"]);
    workshop.ok(&["install", hook]);
    workshop
}

/// Commits `text` as `name`, whatever hooks say.
fn commit(workshop: &Workshop, name: &str, text: &str) {
    workshop.write(name, text);
    workshop.git(&["add", "--", name]);
    workshop.git(&["commit", "--quiet", "--no-verify", "--message=Change"]);
}

#[test]
fn a_staged_leak_is_refused_and_the_mended_file_passes() {
    let workshop = Workshop::new();
    workshop.ok(&["install"]);
    workshop.write("app.py", &leak());
    workshop.git(&["add", "app.py"]);
    assert!(refused(&workshop, &["commit", "--message=A"]).contains("app.py:1:10"));
    workshop.write("app.py", "import os\n");
    // Still staged, whatever the work tree holds.
    refused(&workshop, &["commit", "--message=A"]);
    workshop.git(&["add", "app.py"]);
    workshop.write("app.py", &leak());
    passed(&workshop, &["commit", "--message=A"]);
}

#[test]
fn only_the_changed_lines_of_a_commit_decide() {
    let workshop = Workshop::new();
    commit(&workshop, "app.py", &format!("{}a = 1\n", leak()));
    workshop.ok(&["install"]);
    workshop.write("app.py", &format!("{}a = 2\n", leak()));
    passed(&workshop, &["commit", "--all", "--message=B"]);
}

#[test]
fn the_hook_works_in_a_linked_work_tree_and_from_a_directory_below() {
    let workshop = Workshop::new();
    commit(&workshop, "app.py", "import os\n");
    workshop.ok(&["install"]);
    workshop.git(&["worktree", "add", "--quiet", "../linked"]);
    let linked = workshop.path("linked");
    std::fs::create_dir(linked.join("deep")).unwrap();
    std::fs::write(linked.join("deep/app.py"), leak()).unwrap();
    let git = |arguments: &[&str]| workshop.command_in(&linked.join("deep"), "git").args(arguments).output().unwrap();
    assert!(git(&["add", "app.py"]).status.success());
    let output = git(&["commit", "--message=A"]);
    assert!(!output.status.success() && said(&output).contains("deep/app.py:1:10"), "{}", said(&output));
}

#[test]
fn a_leak_that_a_later_commit_removes_is_not_pushed() {
    let workshop = with_remote("--pre-push");
    commit(&workshop, "app.py", &leak());
    commit(&workshop, "app.py", "import os\n");
    refused(&workshop, &["push", "--quiet", "origin", "main"]);
    assert!(said(&try_git(&workshop, &["ls-remote", "origin"])).is_empty());
    passed(&workshop, &["push", "--quiet", "--no-verify", "origin", "main"]);
}

#[test]
fn what_the_remote_has_is_not_looked_at_again() {
    let workshop = with_remote("--pre-push");
    commit(&workshop, "app.py", &leak());
    workshop.git(&["push", "--quiet", "--no-verify", "origin", "main"]);
    commit(&workshop, "b.py", "b = 1\n");
    passed(&workshop, &["push", "--quiet", "origin", "main"]);
    // A new branch on top of what is there.
    workshop.git(&["switch", "--quiet", "--create", "topic"]);
    commit(&workshop, "c.py", "c = 1\n");
    passed(&workshop, &["push", "--quiet", "origin", "topic"]);
    commit(&workshop, "d.py", &leak());
    refused(&workshop, &["push", "--quiet", "origin", "topic"]);
}

#[test]
fn of_several_references_each_is_looked_at_and_deletions_are_not() {
    let workshop = with_remote("--pre-push");
    workshop.git(&["push", "--quiet", "origin", "main", "main:old"]);
    commit(&workshop, "b.py", "b = 1\n");
    workshop.git(&["switch", "--quiet", "--create", "topic"]);
    commit(&workshop, "c.py", &leak());
    passed(&workshop, &["push", "--quiet", "origin", ":old"]);
    refused(&workshop, &["push", "--quiet", "origin", "main", "topic"]);
    passed(&workshop, &["push", "--quiet", "origin", "main"]);
    // With nothing to do, git calls the hook all the same.
    passed(&workshop, &["push", "--quiet", "origin", "main"]);
}

#[test]
fn a_tag_is_pushed_with_what_it_points_to() {
    let workshop = with_remote("--pre-push");
    commit(&workshop, "app.py", &leak());
    workshop.git(&["tag", "--annotate", "--message=One", "v1"]);
    refused(&workshop, &["push", "--quiet", "origin", "v1"]);
}

#[test]
fn what_someone_else_pushed_before_need_not_be_here() {
    let workshop = with_remote("--pre-push");
    workshop.git(&["push", "--quiet", "origin", "main"]);
    workshop.git(&["clone", "--quiet", "../origin.git", "../other", "--branch=main"]);
    let other = workshop.path("other");
    let git = |arguments: &[&str]| {
        let output = workshop.command_in(&other, "git").args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
    };
    git(&["commit", "--quiet", "--allow-empty", "--message=Theirs"]);
    git(&["push", "--quiet", "origin", "main"]);
    commit(&workshop, "app.py", &leak());
    refused(&workshop, &["push", "--quiet", "--force", "origin", "main"]);
    commit(&workshop, "app.py", "import os\n");
    workshop.git(&["reset", "--quiet", "--soft", "HEAD~2"]);
    workshop.git(&["commit", "--quiet", "--allow-empty", "--message=Ours"]);
    passed(&workshop, &["push", "--quiet", "--force", "origin", "main"]);
}

#[test]
fn a_push_to_a_place_without_a_name_is_looked_at_from_the_beginning() {
    let workshop = with_remote("--pre-push");
    commit(&workshop, "app.py", &leak());
    commit(&workshop, "app.py", "import os\n");
    refused(&workshop, &["push", "--quiet", "../origin.git", "main"]);
}

#[test]
fn a_kept_hook_learns_what_is_pushed_too() {
    let workshop = Workshop::new();
    workshop.foreign("pre-push", "cat >refs.txt; echo \"$1\" >>refs.txt");
    commit(&workshop, "app.py", &leak());
    workshop.git(&["init", "--quiet", "--bare", "../origin.git"]);
    workshop.git(&["remote", "add", "origin", "../origin.git"]);
    workshop.ok(&["install", "--pre-push", "--force"]);
    refused(&workshop, &["push", "--quiet", "origin", "main"]);
    let seen = workshop.read("refs.txt");
    assert!(seen.starts_with("refs/heads/main ") && seen.ends_with("\norigin\n"), "{seen}");
    assert_eq!(seen.lines().count(), 2);
}

#[test]
fn lines_that_git_did_not_write_leave_it_undecided() {
    let workshop = with_remote("--pre-push");
    let mut child = workshop
        .command_in(&workshop.top(), "lockgate")
        .args(["hook", "run", "pre-push", "origin", "url"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"refs/heads/main --all refs/heads/main x\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(said(&output).contains("has a line 1 that is not"), "{}", said(&output));
}

#[test]
fn options_of_scan_can_be_given() {
    let workshop = Workshop::new();
    workshop.write("app.py", &leak());
    workshop.git(&["add", "app.py"]);
    assert_eq!(workshop.run(&["run", "pre-commit"]).0, 1);
    workshop.ok(&["run", "pre-commit", "--", "--exit-zero"]);
    let (code, said) = workshop.run(&["run", "pre-commit", "--", "--no-such-option"]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("--no-such-option"), "{said}");
    let (code, said) = workshop.run(&["run", "pre-commit", "--", "--history"]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("leave out --staged, --since and --history"), "{said}");
}
