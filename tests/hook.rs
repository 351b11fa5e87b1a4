//! `lockgate hook`: hooks put in place and taken away, in repositories made by git.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that panics fails its test, as it should")]

#[path = "common/workshop.rs"]
mod workshop;

use std::fs;

use workshop::{Workshop, said};

#[test]
fn a_hook_is_put_in_place_and_taken_away() {
    let workshop = Workshop::new();
    assert_eq!(workshop.ok(&["status"]), "pre-commit: not installed\npre-push: not installed\n");
    assert_eq!(workshop.ok(&["install"]), "installed .git/hooks/pre-commit\n");
    assert_eq!(workshop.ok(&["install"]), "installed .git/hooks/pre-commit\n");
    let status = workshop.ok(&["status"]);
    assert_eq!(status, "pre-commit: installed (.git/hooks/pre-commit)\npre-push: not installed\n");
    workshop.ok(&["install", "--pre-push"]);
    assert!(workshop.hook("pre-push").is_file());
    let said = workshop.ok(&["uninstall"]);
    assert_eq!(said, "removed .git/hooks/pre-commit\nremoved .git/hooks/pre-push\n");
    assert!(!workshop.hook("pre-commit").exists() && !workshop.hook("pre-push").exists());
    assert_eq!(workshop.ok(&["uninstall"]), "no hook of lockgate is installed\n");
}

#[cfg(unix)]
#[test]
fn the_hook_is_executable_and_sh_understands_it() {
    use std::os::unix::fs::PermissionsExt;
    let workshop = Workshop::new();
    workshop.ok(&["install", "--pre-commit", "--pre-push"]);
    for hook in ["pre-commit", "pre-push"] {
        let path = workshop.hook(hook);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o755);
        assert_eq!(fs::read_to_string(&path).unwrap().lines().nth(1), Some("# lockgate hook v1"));
        let check = workshop.command_in(&workshop.top(), "sh").arg("-n").arg(&path).output().unwrap();
        assert!(check.status.success(), "{}", said(&check));
    }
}

#[cfg(unix)]
#[test]
fn without_the_program_the_hook_fails_and_says_how_to_skip_it() {
    let workshop = Workshop::new();
    workshop.ok(&["install"]);
    workshop.write("a.txt", "a\n");
    workshop.git(&["add", "a.txt"]);
    // Only what git and the script need, not the program of this build.
    let tools = workshop.path("tools");
    fs::create_dir(&tools).unwrap();
    for tool in ["git", "sh", "dirname", "cat"] {
        let found = std::env::split_paths(&std::env::var_os("PATH").unwrap()).find_map(|directory| {
            let path = directory.join(tool);
            path.is_file().then_some(path)
        });
        std::os::unix::fs::symlink(found.unwrap(), tools.join(tool)).unwrap();
    }
    let mut commit = workshop.command_in(&workshop.top(), "git");
    let refused = commit.env("PATH", &tools).args(["commit", "--message=A"]).output().unwrap();
    assert!(!refused.status.success(), "{}", said(&refused));
    assert!(said(&refused).contains("lockgate is not on PATH"), "{}", said(&refused));
    assert!(said(&refused).contains("git commit --no-verify"), "{}", said(&refused));
}

#[cfg(unix)]
#[test]
fn a_hook_of_someone_else_is_kept() {
    let workshop = Workshop::new();
    workshop.foreign("pre-commit", "exit 0");
    let (code, said) = workshop.run(&["install"]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains(".git/hooks/pre-commit is there and not lockgate's"), "{said}");
    assert!(said.ends_with("lockgate hook run pre-commit\n") && said.contains("--force"), "{said}");
    assert_eq!(workshop.read(".git/hooks/pre-commit"), "#!/bin/sh\nexit 0\n");
    let status = workshop.ok(&["status"]);
    assert!(status.contains("pre-commit: not installed (.git/hooks/pre-commit is another hook)"), "{status}");

    workshop.ok(&["install", "--force"]);
    assert_eq!(workshop.read(".git/hooks/pre-commit.before-lockgate"), "#!/bin/sh\nexit 0\n");
    assert!(workshop.ok(&["status"]).contains("pre-commit: installed"));
    // A second time there is nothing to keep: the hook is ours.
    workshop.ok(&["install", "--force"]);
    assert_eq!(workshop.read(".git/hooks/pre-commit.before-lockgate"), "#!/bin/sh\nexit 0\n");
    let said = workshop.ok(&["uninstall"]);
    assert!(said.contains("put back what was there before"), "{said}");
    assert_eq!(workshop.read(".git/hooks/pre-commit"), "#!/bin/sh\nexit 0\n");
    assert!(!workshop.hook("pre-commit.before-lockgate").exists());

    // What is not ours stays.
    assert_eq!(workshop.ok(&["uninstall"]), "no hook of lockgate is installed\n");
    assert!(workshop.hook("pre-commit").exists());
}

#[cfg(unix)]
#[test]
fn a_kept_hook_is_never_overwritten() {
    let workshop = Workshop::new();
    workshop.foreign("pre-commit", "exit 0");
    workshop.write(".git/hooks/pre-commit.before-lockgate", "precious\n");
    let (code, said) = workshop.run(&["install", "--force"]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("which is there already"), "{said}");
    assert_eq!(workshop.read(".git/hooks/pre-commit.before-lockgate"), "precious\n");
    assert_eq!(workshop.read(".git/hooks/pre-commit"), "#!/bin/sh\nexit 0\n");
}

#[cfg(unix)]
#[test]
fn the_failure_of_the_kept_hook_wins() {
    let workshop = Workshop::new();
    workshop.foreign("pre-commit", "echo kept hook ran; exit 7");
    workshop.ok(&["install", "--force"]);
    let hook = workshop.command_in(&workshop.top(), ".git/hooks/pre-commit").output().unwrap();
    assert_eq!(hook.status.code(), Some(7), "{}", said(&hook));
    assert!(said(&hook).contains("kept hook ran"));
}

#[test]
fn core_hooks_path_is_heeded() {
    let workshop = Workshop::new();
    workshop.git(&["config", "core.hooksPath", "tools/hooks"]);
    fs::create_dir(workshop.top().join("deep")).unwrap();
    let output = workshop.lockgate_in(&workshop.top().join("deep"), &["install"]);
    assert!(output.status.success(), "{}", said(&output));
    assert!(workshop.read("tools/hooks/pre-commit").contains("lockgate hook run pre-commit"));
    assert!(!workshop.hook("pre-commit").exists());
}

#[test]
fn a_hooks_path_outside_of_the_repository_is_refused() {
    let workshop = Workshop::new();
    fs::write(workshop.path("gitconfig"), "[core]\n\thooksPath = ~/all-hooks\n").unwrap();
    let (code, text) = workshop.run(&["install"]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("all-hooks, outside of this repository"), "{text}");
    assert!(!workshop.path("all-hooks").exists());
    workshop.ok(&["install", "--force"]);
    assert!(workshop.path("all-hooks/pre-commit").is_file());

    #[cfg(unix)]
    {
        let linked = Workshop::new();
        fs::create_dir(linked.path("elsewhere")).unwrap();
        fs::remove_dir_all(linked.top().join(".git/hooks")).unwrap();
        std::os::unix::fs::symlink(linked.path("elsewhere"), linked.top().join(".git/hooks")).unwrap();
        assert_eq!(linked.run(&["install"]).0, 2);
        assert!(!linked.path("elsewhere/pre-commit").exists());
    }
}

#[test]
fn linked_work_trees_share_their_hooks() {
    let workshop = Workshop::new();
    workshop.git(&["commit", "--quiet", "--allow-empty", "--message=First"]);
    workshop.git(&["worktree", "add", "--quiet", "../linked"]);
    let output = workshop.lockgate_in(&workshop.path("linked"), &["install"]);
    assert!(output.status.success(), "{}", said(&output));
    assert!(workshop.hook("pre-commit").is_file());
}

#[test]
fn a_submodule_has_hooks_of_its_own() {
    let workshop = Workshop::new();
    workshop.git(&["commit", "--quiet", "--allow-empty", "--message=First"]);
    workshop.git(&["clone", "--quiet", ".", "../other"]);
    workshop.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "../other", "part"]);
    let output = workshop.lockgate_in(&workshop.top().join("part"), &["install"]);
    assert!(output.status.success(), "{}", said(&output));
    assert!(workshop.top().join(".git/modules/part/hooks/pre-commit").is_file());
    assert!(!workshop.hook("pre-commit").exists());
}

#[test]
fn without_a_repository_or_a_work_tree_there_is_nothing_to_hook() {
    let workshop = Workshop::new();
    let outside = workshop.lockgate_in(workshop.directory.path(), &["install"]);
    assert_eq!(outside.status.code(), Some(2));
    assert!(said(&outside).contains("not inside of a git repository"), "{}", said(&outside));
    workshop.git(&["init", "--quiet", "--bare", "../bare"]);
    let bare = workshop.lockgate_in(&workshop.path("bare"), &["install"]);
    assert_eq!(bare.status.code(), Some(2));
    assert!(said(&bare).contains("it is bare"), "{}", said(&bare));
}

#[test]
fn husky_gets_a_line_in_its_own_script() {
    let workshop = Workshop::new();
    workshop.git(&["config", "core.hooksPath", ".husky/_"]);
    workshop.write(".husky/_/pre-commit", "#!/bin/sh\n. \"${0%/*}/h\"\n");
    workshop.write(".husky/pre-commit", "npm test");
    let said = workshop.ok(&["install"]);
    assert_eq!(said, "added lockgate to .husky/pre-commit; commit that file\n");
    let text = workshop.read(".husky/pre-commit");
    assert_eq!(text, "npm test\nlockgate hook run pre-commit # lockgate hook v1\n");
    assert_eq!(workshop.read(".husky/_/pre-commit"), "#!/bin/sh\n. \"${0%/*}/h\"\n");
    workshop.ok(&["install"]);
    assert_eq!(workshop.read(".husky/pre-commit"), text);
    assert!(workshop.ok(&["status"]).contains("pre-commit: installed (.husky/pre-commit)"));
    workshop.ok(&["uninstall"]);
    assert_eq!(workshop.read(".husky/pre-commit"), "npm test\n");
}

#[test]
fn husky_is_known_by_the_package_before_it_is_set_up() {
    let workshop = Workshop::new();
    workshop.write("package.json", "{\"devDependencies\": {\"husky\": \"^9.1.0\"}}");
    fs::create_dir(workshop.top().join(".husky")).unwrap();
    workshop.ok(&["install", "--pre-commit", "--pre-push"]);
    let push = workshop.read(".husky/pre-push");
    assert_eq!(push, "#!/bin/sh\nlockgate hook run pre-push \"$@\" # lockgate hook v1\n");
    workshop.ok(&["uninstall"]);
    assert!(!workshop.top().join(".husky/pre-commit").exists() && !workshop.top().join(".husky/pre-push").exists());
}

#[test]
fn two_readers_of_standard_input_are_not_put_in_one_script() {
    let workshop = Workshop::new();
    workshop.git(&["config", "core.hooksPath", ".husky/_"]);
    workshop.write(".husky/pre-push", "git lfs pre-push \"$@\"\n");
    let (code, said) = workshop.run(&["install", "--pre-push"]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("lockgate hook run pre-push \"$@\""), "{said}");
    assert_eq!(workshop.read(".husky/pre-push"), "git lfs pre-push \"$@\"\n");
}

#[cfg(unix)]
#[test]
fn husky_scripts_behind_links_are_not_written() {
    let workshop = Workshop::new();
    workshop.write("package.json", "{\"scripts\": {\"prepare\": \"husky\"}}");
    fs::create_dir(workshop.path("elsewhere")).unwrap();
    fs::write(workshop.path("elsewhere/pre-commit"), "precious\n").unwrap();
    std::os::unix::fs::symlink(workshop.path("elsewhere"), workshop.top().join(".husky")).unwrap();
    assert_eq!(workshop.run(&["install"]).0, 2);
    fs::remove_file(workshop.top().join(".husky")).unwrap();
    fs::create_dir(workshop.top().join(".husky")).unwrap();
    std::os::unix::fs::symlink(workshop.path("elsewhere/pre-commit"), workshop.top().join(".husky/pre-commit"))
        .unwrap();
    assert_eq!(workshop.run(&["install"]).0, 2);
    assert_eq!(fs::read_to_string(workshop.path("elsewhere/pre-commit")).unwrap(), "precious\n");
}

#[test]
fn lefthook_is_told_of_and_not_edited() {
    for config in ["lefthook.yml", ".lefthook.yaml", "lefthook.toml", ".config/lefthook.json"] {
        let workshop = Workshop::new();
        workshop.write(config, "\n");
        let (code, said) = workshop.run(&["install", "--pre-push"]);
        assert_eq!(code, 2, "{said}");
        assert!(said.contains(&format!("add this (here in YAML) to {config}, and run `lefthook install`")), "{said}");
        assert!(
            said.contains("\npre-push:\n  commands:\n    lockgate:\n      run: lockgate hook run pre-push {1}\n"),
            "{said}"
        );
        assert_eq!(workshop.read(config), "\n");
        assert!(!workshop.hook("pre-push").exists());
        workshop.ok(&["install", "--pre-push", "--force"]);
        assert!(workshop.hook("pre-push").exists());
    }
}

#[test]
fn the_pre_commit_tool_is_told_of_and_not_edited() {
    let workshop = Workshop::new();
    workshop.write(".pre-commit-config.yaml", "repos: []\n");
    let (code, said) = workshop.run(&["install"]);
    assert_eq!(code, 2, "{said}");
    assert!(
        said.contains("add this (here in YAML) to .pre-commit-config.yaml, and run `pre-commit install`"),
        "{said}"
    );
    assert!(said.contains("entry: lockgate hook run pre-commit --"), "{said}");
    assert!(!workshop.hook("pre-commit").exists());

    // Its own hook is known without its configuration, too.
    fs::remove_file(workshop.top().join(".pre-commit-config.yaml")).unwrap();
    workshop.write(
        ".git/hooks/pre-commit",
        "#!/usr/bin/env bash\n# File generated by pre-commit: https://pre-commit.com\n",
    );
    assert_eq!(workshop.run(&["install"]).0, 2);
    workshop.write(".pre-commit-config.yaml", "repos: [{repo: local, hooks: [{id: lockgate}]}]\n");
    let said = workshop.ok(&["install"]);
    assert!(said.contains(".pre-commit-config.yaml names lockgate already"), "{said}");
    assert!(workshop.ok(&["status"]).contains("pre-commit: left to .pre-commit-config.yaml, which names lockgate"));
}

#[cfg(unix)]
#[test]
fn a_fifo_in_place_of_a_hook_stalls_nothing() {
    let workshop = Workshop::new();
    let made = workshop.command_in(&workshop.top(), "mkfifo").arg(workshop.hook("pre-commit")).status().unwrap();
    assert!(made.success());
    let made = workshop.command_in(&workshop.top(), "mkfifo").arg("package.json").status().unwrap();
    assert!(made.success());
    fs::create_dir(workshop.top().join(".husky")).unwrap();
    assert_eq!(workshop.run(&["install"]).0, 2);
    workshop.ok(&["status"]);
    workshop.ok(&["uninstall"]);
}
