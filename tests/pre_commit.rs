//! The pre-commit hook: the real `pre-commit` with this repository's hook, in a repository made for the test. No network.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that panics fails its test, as it should")]

#[path = "common/leak.rs"]
mod leak;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use leak::LEAK;

/// A repository of hooks and one that uses them, apart from whatever else the machine holds.
struct Workshop {
    directory: tempfile::TempDir,
}

impl Workshop {
    /// With `hook`, as in the configuration of pre-commit, installed.
    fn with(hook: &str) -> Self {
        let workshop = Self { directory: tempfile::tempdir().unwrap() };
        let hooks = workshop.path("hooks");
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml");
        fs::create_dir(&hooks).unwrap();
        fs::copy(manifest, hooks.join(".pre-commit-hooks.yaml")).unwrap();
        workshop.git(&hooks, &["init", "--quiet"]);
        workshop.git(&hooks, &["add", "."]);
        workshop.git(&hooks, &["commit", "--quiet", "--message=Hooks"]);
        workshop.git(&hooks, &["tag", "v1"]);
        fs::create_dir(workshop.repository()).unwrap();
        workshop.git(&workshop.repository(), &["init", "--quiet", "--initial-branch=main"]);
        let config = format!("repos:\n- repo: {}\n  rev: v1\n  hooks:\n  - {hook}\n", hooks.display());
        fs::write(workshop.repository().join(".pre-commit-config.yaml"), config).unwrap();
        let install = ["install", "--hook-type=pre-commit", "--hook-type=pre-push"];
        let installed = workshop.command("pre-commit", &workshop.repository()).args(install).output();
        let installed = installed.unwrap_or_else(|error| {
            panic!("pre-commit is needed to test its hook ({error}); install it: python3 -m pip install pre-commit")
        });
        assert!(installed.status.success(), "{}", said(&installed));
        workshop
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn repository(&self) -> PathBuf {
        self.path("repository")
    }

    /// `program` in `directory`, with the program of this build first on PATH, and without settings from outside.
    fn command(&self, program: &str, directory: &Path) -> Command {
        let built = Path::new(env!("CARGO_BIN_EXE_lockgate")).parent().unwrap();
        let search = std::env::var_os("PATH").unwrap();
        let search = std::iter::once(built.to_path_buf()).chain(std::env::split_paths(&search));
        let mut command = Command::new(program);
        command
            .current_dir(directory)
            .env_clear()
            .env("PATH", std::env::join_paths(search).unwrap())
            .env("HOME", self.directory.path())
            .env("PRE_COMMIT_HOME", self.path("pre-commit"))
            .env("PRE_COMMIT_COLOR", "never")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1");
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), "Test").env(format!("GIT_{role}_EMAIL"), "test@example.com");
        }
        command
    }

    fn git(&self, directory: &Path, arguments: &[&str]) {
        let output = self.command("git", directory).args(arguments).output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", said(&output));
    }

    /// Writes and stages the files, and tries to commit them.
    fn commit(&self, files: &[(&str, &[u8])]) -> Output {
        for (name, content) in files {
            fs::write(self.repository().join(name), content).unwrap();
            self.git(&self.repository(), &["add", "--", name]);
        }
        self.command("git", &self.repository()).args(["commit", "--message=Change"]).output().unwrap()
    }

    /// Commits `text` as `name`, whatever hooks say.
    fn commit_unseen(&self, name: &str, text: &str) {
        fs::write(self.repository().join(name), text).unwrap();
        self.git(&self.repository(), &["add", "--", name]);
        self.git(&self.repository(), &["commit", "--quiet", "--no-verify", "--message=Change"]);
    }

    /// pre-commit, run by hand.
    fn by_hand(&self, arguments: &[&str]) -> Output {
        self.command("pre-commit", &self.repository()).arg("run").args(arguments).output().unwrap()
    }

    fn push(&self, branch: &str) -> Output {
        self.command("git", &self.repository()).args(["push", "origin", branch]).output().unwrap()
    }

    fn commits(&self) -> usize {
        let log = self.command("git", &self.repository()).args(["rev-list", "--all", "--count"]).output().unwrap();
        String::from_utf8(log.stdout).unwrap().trim().parse().unwrap()
    }
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn a_staged_leak_is_refused_and_its_mended_file_passes() {
    let workshop = Workshop::with("id: lockgate-system");
    let refused = workshop.commit(&[("deploy.py", format!("TOKEN = \"{LEAK}\"\n").as_bytes())]);
    assert!(!refused.status.success(), "{}", said(&refused));
    assert_eq!(workshop.commits(), 0);
    let said_then = said(&refused);
    assert!(said_then.contains("github-personal-access-token") && said_then.contains("deploy.py:1:10"), "{said_then}");
    assert!(!said_then.contains(LEAK));

    let passed = workshop.commit(&[("deploy.py", b"TOKEN = os.environ[\"TOKEN\"]\n")]);
    assert!(passed.status.success(), "{}", said(&passed));
    assert!(said(&passed).contains("Passed"), "{}", said(&passed));
    assert_eq!(workshop.commits(), 1);
}

#[test]
fn the_name_of_a_file_is_no_option() {
    let workshop = Workshop::with("id: lockgate-system");
    let leak = format!("TOKEN = \"{LEAK}\"\n");
    let refused = workshop.commit(&[("--exit-zero", b"x\n"), ("deploy.py", leak.as_bytes())]);
    assert!(!refused.status.success(), "{}", said(&refused));
}

#[test]
fn options_can_be_given() {
    let workshop = Workshop::with("{id: lockgate-system, args: [--exit-zero]}");
    let passed = workshop.commit(&[("deploy.py", format!("TOKEN = \"{LEAK}\"\n").as_bytes())]);
    assert!(passed.status.success(), "{}", said(&passed));
}

/// pre-commit takes UTF-16 for binary where the name tells it nothing; Lockgate reads it.
#[test]
fn a_leak_in_utf16_is_refused() {
    let workshop = Workshop::with("id: lockgate-system");
    let units = format!("\u{FEFF}token = \"{LEAK}\"\r\n");
    let bytes: Vec<u8> = units.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let refused = workshop.commit(&[("credentials", &bytes)]);
    assert!(!refused.status.success(), "{}", said(&refused));
}

#[test]
fn a_file_that_is_staged_in_part_is_judged_by_that_part() {
    let workshop = Workshop::with("id: lockgate-system");
    let leak = format!("TOKEN = \"{LEAK}\"\n");
    workshop.commit_unseen("deploy.py", "a = 1\n");
    // The leak is in the work tree alone.
    fs::write(workshop.repository().join("deploy.py"), "a = 2\n").unwrap();
    workshop.git(&workshop.repository(), &["add", "deploy.py"]);
    fs::write(workshop.repository().join("deploy.py"), &leak).unwrap();
    let passed = workshop.commit(&[("other.py", b"b = 1\n")]);
    assert!(passed.status.success(), "{}", said(&passed));
    // The leak is staged, and mended in the work tree alone.
    workshop.git(&workshop.repository(), &["add", "deploy.py"]);
    fs::write(workshop.repository().join("deploy.py"), "a = 3\n").unwrap();
    let refused = workshop.commit(&[("other.py", b"b = 2\n")]);
    assert!(!refused.status.success(), "{}", said(&refused));
    assert!(said(&refused).contains("deploy.py:1:10"), "{}", said(&refused));
}

#[test]
fn only_the_changed_lines_of_a_commit_decide() {
    let workshop = Workshop::with("id: lockgate-system");
    workshop.commit_unseen("deploy.py", &format!("TOKEN = \"{LEAK}\"\na = 1\n"));
    let passed = workshop.commit(&[("deploy.py", format!("TOKEN = \"{LEAK}\"\na = 2\n").as_bytes())]);
    assert!(passed.status.success(), "{}", said(&passed));
}

#[test]
fn all_files_are_scanned_when_asked_for() {
    let workshop = Workshop::with("id: lockgate-system");
    workshop.commit_unseen("deploy.py", &format!("TOKEN = \"{LEAK}\"\n"));
    let refused = workshop.by_hand(&["--all-files"]);
    assert!(!refused.status.success(), "{}", said(&refused));
    let text = said(&refused);
    assert!(text.contains("nothing is staged") && text.contains("deploy.py:1:10"), "{text}");
    assert!(!text.contains(LEAK));
    workshop.commit_unseen("deploy.py", "a = 1\n");
    let passed = workshop.by_hand(&["--all-files"]);
    assert!(passed.status.success(), "{}", said(&passed));
}

#[test]
fn a_change_between_two_revisions_is_compared() {
    let workshop = Workshop::with("id: lockgate-system");
    workshop.commit_unseen("old.py", &format!("TOKEN = \"{LEAK}\"\n"));
    workshop.commit_unseen("new.py", "a = 1\n");
    let passed = workshop.by_hand(&["--from-ref=HEAD~1", "--to-ref=HEAD"]);
    assert!(passed.status.success(), "{}", said(&passed));
    workshop.commit_unseen("new.py", &format!("TOKEN = \"{LEAK}\"\n"));
    let refused = workshop.by_hand(&["--from-ref=HEAD~1", "--to-ref=HEAD"]);
    assert!(!refused.status.success() && said(&refused).contains("new.py:1:10"), "{}", said(&refused));
    assert!(!said(&refused).contains("old.py"), "{}", said(&refused));
    // The work tree is not what is asked about.
    let elsewhere = workshop.by_hand(&["--from-ref=HEAD~2", "--to-ref=HEAD~1"]);
    assert!(!elsewhere.status.success() && said(&elsewhere).contains("not checked out"), "{}", said(&elsewhere));
}

#[test]
fn every_commit_of_a_push_is_looked_at() {
    let workshop = Workshop::with("id: lockgate-push-system");
    workshop.git(&workshop.path("hooks"), &["init", "--quiet", "--bare", "../origin.git"]);
    workshop.git(&workshop.repository(), &["remote", "add", "origin", "../origin.git"]);
    workshop.commit_unseen("deploy.py", "a = 1\n");
    // The first push of all, for which pre-commit has no two ends.
    let first = workshop.push("main");
    assert!(first.status.success(), "{}", said(&first));
    assert!(said(&first).contains("Passed"), "{}", said(&first));
    workshop.commit_unseen("deploy.py", &format!("TOKEN = \"{LEAK}\"\n"));
    workshop.commit_unseen("deploy.py", "a = 2\n");
    let refused = workshop.push("main");
    assert!(!refused.status.success(), "{}", said(&refused));
    assert!(said(&refused).contains("github-personal-access-token"), "{}", said(&refused));
    workshop.git(&workshop.repository(), &["branch", "topic", "HEAD"]);
    assert!(!workshop.push("topic").status.success());
    // With the leak out of the way, by hand.
    workshop.git(&workshop.repository(), &["push", "--quiet", "--no-verify", "origin", "main"]);
    workshop.commit_unseen("deploy.py", "a = 3\n");
    let passed = workshop.push("main");
    assert!(passed.status.success(), "{}", said(&passed));
}

#[test]
fn a_leak_in_the_first_push_of_all_is_refused() {
    let workshop = Workshop::with("id: lockgate-push-system");
    workshop.git(&workshop.path("hooks"), &["init", "--quiet", "--bare", "../origin.git"]);
    workshop.git(&workshop.repository(), &["remote", "add", "origin", "../origin.git"]);
    workshop.commit_unseen("deploy.py", &format!("TOKEN = \"{LEAK}\"\n"));
    workshop.commit_unseen("deploy.py", "a = 1\n");
    let refused = workshop.push("main");
    assert!(!refused.status.success(), "{}", said(&refused));
    assert!(said(&refused).contains("github-personal-access-token"), "{}", said(&refused));
}
