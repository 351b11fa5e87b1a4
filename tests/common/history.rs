//! Histories made by git, and `lockgate scan --history` over them.

#![allow(dead_code, reason = "each suite uses its part")]

use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::leak::LEAK;
use crate::workshop::{Workshop, said};

/// What a scan of a history said.
pub(crate) struct Scan {
    pub(crate) code: i32,
    pub(crate) report: Value,
    pub(crate) stderr: String,
}

/// A line with the secret.
pub(crate) fn secret() -> String {
    format!("token = \"{LEAK}\"\n")
}

/// What `git` prints in `directory`.
pub(crate) fn git_in(workshop: &Workshop, directory: &Path, arguments: &[&str]) -> String {
    let output = workshop.command_in(directory, "git").args(arguments).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", said(&output));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

/// What `git` prints at the top of the work tree.
pub(crate) fn git(workshop: &Workshop, arguments: &[&str]) -> String {
    git_in(workshop, &workshop.top(), arguments)
}

/// Commits all that there is, one minute after the commit before; gives the name of the commit.
pub(crate) fn commit(workshop: &Workshop, message: &str) -> String {
    workshop.git(&["add", "--all"]);
    let minutes = git(workshop, &["rev-list", "--all", "--count"]);
    let date = format!("2026-01-01T{:02}:{:0>2}:00+02:00", 10, minutes);
    let mut command = workshop.command_in(&workshop.top(), "git");
    command.env("GIT_AUTHOR_DATE", &date).env("GIT_COMMITTER_DATE", &date);
    let output = command.args(["commit", "--quiet", "--allow-empty", "--message", message]).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    git(workshop, &["rev-parse", "HEAD"])
}

/// `lockgate scan --history …` as it ends.
pub(crate) fn output(workshop: &Workshop, directory: &Path, arguments: &[&str]) -> Output {
    let mut command = workshop.command_in(directory, "lockgate");
    command.args(["scan", "--format", "json"]).args(arguments).output().unwrap()
}

/// `lockgate scan --history …` in `directory`, which has to give a report.
#[track_caller]
pub(crate) fn scan_in(workshop: &Workshop, directory: &Path, arguments: &[&str]) -> Scan {
    let arguments = if arguments.first().is_some_and(|first| first.starts_with("--history")) {
        arguments.to_vec()
    } else {
        [&["--history"], arguments].concat()
    };
    let output = output(workshop, directory, &arguments);
    let report = serde_json::from_slice(&output.stdout);
    Scan {
        code: output.status.code().unwrap(),
        report: report.unwrap_or_else(|error| panic!("{error}: {}", said(&output))),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The same at the top of the work tree.
#[track_caller]
pub(crate) fn scan(workshop: &Workshop, arguments: &[&str]) -> Scan {
    scan_in(workshop, &workshop.top(), arguments)
}

impl Scan {
    pub(crate) fn findings(&self) -> &[Value] {
        self.report["findings"].as_array().unwrap()
    }

    /// `path:line` of each finding, with `(gone)` behind what does not stand in `HEAD`.
    pub(crate) fn places(&self) -> Vec<String> {
        let place = |finding: &Value| {
            let location = &finding["location"];
            let is_gone = finding["introduction"]["at_head"] == false;
            let path = location["path"].as_str().unwrap();
            format!("{path}:{}{}", location["region"]["start"]["line"], if is_gone { " (gone)" } else { "" })
        };
        self.findings().iter().map(place).collect()
    }

    /// The one finding at `path`.
    #[track_caller]
    pub(crate) fn at(&self, path: &str) -> &Value {
        let mut at: Vec<&Value> =
            self.findings().iter().filter(|finding| finding["location"]["path"] == path).collect();
        assert_eq!(at.len(), 1, "{path}: {:?}", self.places());
        at.pop().unwrap()
    }

    /// The commit that brought the finding at `path`.
    #[track_caller]
    pub(crate) fn commit_of(&self, path: &str) -> &str {
        self.at(path)["introduction"]["commit"].as_str().unwrap()
    }

    /// `path: cause: detail` of each entry of the coverage.
    pub(crate) fn coverage(&self) -> Vec<String> {
        let entries = self.report["coverage"]["entries"].as_array().unwrap();
        let text = |entry: &Value, key: &str| entry[key].as_str().unwrap().to_owned();
        entries
            .iter()
            .map(|entry| format!("{}: {}: {}", text(entry, "path"), text(entry, "cause"), text(entry, "detail")))
            .collect()
    }

    #[track_caller]
    pub(crate) fn expect(&self, code: i32, places: &[&str]) {
        assert_eq!(
            (self.code, self.places()),
            (code, places.iter().map(ToString::to_string).collect()),
            "{}",
            self.stderr
        );
    }
}
