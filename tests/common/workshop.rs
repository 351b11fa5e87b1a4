//! A repository made by git, with hooks, for tests.

#![allow(dead_code, reason = "each suite uses its part")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A directory with a repository in it, apart from whatever else the machine holds.
pub(crate) struct Workshop {
    pub(crate) directory: tempfile::TempDir,
}

impl Workshop {
    pub(crate) fn new() -> Self {
        let workshop = Self { directory: tempfile::tempdir().unwrap() };
        fs::create_dir(workshop.top()).unwrap();
        workshop.git(&["init", "--quiet", "--initial-branch=main"]);
        workshop
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn top(&self) -> PathBuf {
        self.path("work")
    }

    pub(crate) fn hook(&self, name: &str) -> PathBuf {
        self.top().join(".git/hooks").join(name)
    }

    /// `program` in `directory`, with the program of this build first on PATH, and without settings from outside.
    pub(crate) fn command_in(&self, directory: &Path, program: &str) -> Command {
        let built = Path::new(env!("CARGO_BIN_EXE_lockgate")).parent().unwrap();
        let search = std::env::var_os("PATH").unwrap();
        let search = std::iter::once(built.to_path_buf()).chain(std::env::split_paths(&search));
        let mut command = Command::new(program);
        command
            .current_dir(directory)
            .env_clear()
            .env("PATH", std::env::join_paths(search).unwrap())
            .env("HOME", self.directory.path())
            .env("GIT_CONFIG_GLOBAL", self.path("gitconfig"))
            .env("GIT_CONFIG_NOSYSTEM", "1");
        for role in ["AUTHOR", "COMMITTER"] {
            command
                .env(format!("GIT_{role}_NAME"), "Test")
                .env(format!("GIT_{role}_EMAIL"), "test@example.com")
                .env(format!("GIT_{role}_DATE"), "2026-01-01T00:00:00Z");
        }
        command
    }

    pub(crate) fn git(&self, arguments: &[&str]) {
        let output = self.command_in(&self.top(), "git").args(arguments).output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", said(&output));
    }

    pub(crate) fn lockgate_in(&self, directory: &Path, arguments: &[&str]) -> Output {
        self.command_in(directory, "lockgate").arg("hook").args(arguments).output().unwrap()
    }

    /// `lockgate hook …` at the top of the work tree; gives the exit code and all that was said.
    pub(crate) fn run(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.lockgate_in(&self.top(), arguments);
        (output.status.code().unwrap(), said(&output))
    }

    /// The same where it has to succeed.
    pub(crate) fn ok(&self, arguments: &[&str]) -> String {
        let (code, said) = self.run(arguments);
        assert_eq!(code, 0, "{arguments:?}: {said}");
        said
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.top().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.top().join(name)).unwrap()
    }

    /// Puts a hook of someone else in place.
    #[cfg(unix)]
    pub(crate) fn foreign(&self, name: &str, body: &str) {
        self.write(&format!(".git/hooks/{name}"), &format!("#!/bin/sh\n{body}\n"));
        make_executable(&self.hook(name));
    }
}

#[cfg(unix)]
fn make_executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

pub(crate) fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
