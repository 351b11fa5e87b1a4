//! Archives in a repository made by git, and on standard input: staged, since a commit, and in its history.

#![allow(clippy::unwrap_used, reason = "a helper that panics fails its test, as it should")]

#[allow(dead_code, reason = "each test file uses its part")]
#[path = "common/cli.rs"]
mod cli;
#[path = "common/workshop.rs"]
mod workshop;

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Write};

use cli::{Sandbox, cause, places, token};
use serde_json::Value;
use workshop::{Workshop, said};
use zip::write::SimpleFileOptions;

/// A zip archive with a token in `config/N.py` for each N of `seeds`, and a member that is not text.
fn zip(seeds: &[u64]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for seed in seeds {
        writer.start_file(format!("config/{seed}.py"), SimpleFileOptions::default()).unwrap();
        writeln!(writer, "key = '{}'", token(*seed)).unwrap();
    }
    writer.start_file("logo.png", SimpleFileOptions::default()).unwrap();
    writer.write_all(&[0, 1, 2, 3]).unwrap();
    writer.finish().unwrap().into_inner()
}

fn put(workshop: &Workshop, name: &str, content: &[u8]) {
    let path = workshop.top().join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

fn commit(workshop: &Workshop, message: &str) {
    workshop.git(&["add", "--all"]);
    workshop.git(&["commit", "--quiet", "--message", message]);
}

fn scan(workshop: &Workshop, arguments: &[&str]) -> Value {
    let mut command = workshop.command_in(&workshop.top(), "lockgate");
    let output = command.args(["scan", "--format", "json"]).args(arguments).output().unwrap();
    let report = serde_json::from_slice(&output.stdout);
    assert!(report.is_ok(), "{}", said(&output));
    report.unwrap()
}

/// What `describe` says of each finding, by its place.
fn by_place(report: &Value, describe: impl Fn(&Value) -> String) -> BTreeMap<String, String> {
    let findings = report["findings"].as_array().unwrap();
    places(report).into_iter().zip(findings.iter().map(describe)).collect()
}

fn states(report: &Value) -> BTreeMap<String, String> {
    by_place(report, |finding| finding["state"].as_str().unwrap().to_owned())
}

fn fingerprints(report: &Value) -> BTreeMap<String, String> {
    by_place(report, |finding| finding["fingerprint"].as_str().unwrap().to_owned())
}

fn owned(expected: &[(&str, &str)]) -> BTreeMap<String, String> {
    expected.iter().map(|(place, word)| ((*place).to_owned(), (*word).to_owned())).collect()
}

#[test]
fn members_in_the_history_have_the_commit_that_brought_them() {
    let workshop = Workshop::new();
    put(&workshop, "dist/a.zip", &zip(&[1]));
    commit(&workshop, "first");
    put(&workshop, "dist/a.zip", &zip(&[1, 2]));
    commit(&workshop, "second");
    let of_tree = fingerprints(&scan(&workshop, &[]));
    // The same content elsewhere is a finding of its own.
    put(&workshop, "dist/b.zip", &zip(&[2]));
    fs::remove_file(workshop.top().join("dist/a.zip")).unwrap();
    commit(&workshop, "third");
    let ids = workshop.command_in(&workshop.top(), "git").args(["log", "--reverse", "--format=%H"]).output().unwrap();
    let ids = String::from_utf8(ids.stdout).unwrap();
    let message = |id: &str| match ids.lines().position(|line| line == id) {
        Some(0) => "first",
        Some(1) => "second",
        Some(2) => "third",
        _ => "none",
    };
    let report = scan(&workshop, &["--history"]);
    let described = by_place(&report, |finding| {
        let introduction = &finding["introduction"];
        format!("{} {}", message(introduction["commit"].as_str().unwrap()), introduction["at_head"])
    });
    assert_eq!(
        described,
        owned(&[
            ("dist/a.zip!/config/1.py:1", "first false"),
            ("dist/a.zip!/config/2.py:1", "second false"),
            ("dist/b.zip!/config/2.py:1", "third true"),
        ])
    );
    let of_history = fingerprints(&report);
    assert!(of_tree.len() == 2 && of_tree.iter().all(|(place, known)| of_history.get(place) == Some(known)));
    assert_eq!(cause(&report, "dist/a.zip"), Some("binary"));
    // Each content once: two of one archive with 2 and 3 members, one of the other with 2.
    assert_eq!(report["coverage"]["seen"], 3 + 2 + 3 + 2);
    assert_eq!(places(&scan(&workshop, &["--history", "--archive-depth", "0"])), [""; 0]);
}

#[test]
fn the_same_archive_at_two_paths_is_found_at_both_and_counted_once() {
    let workshop = Workshop::new();
    for path in ["a.zip", "b.zip"] {
        put(&workshop, path, &zip(&[1]));
    }
    commit(&workshop, "both");
    let report = scan(&workshop, &["--history"]);
    assert_eq!(places(&report), ["a.zip!/config/1.py:1", "b.zip!/config/1.py:1"]);
    assert_eq!((&report["coverage"]["seen"], &report["coverage"]["scanned"]), (&3.into(), &1.into()));
}

#[test]
fn members_of_a_staged_archive_are_compared_with_those_before() {
    let workshop = Workshop::new();
    put(&workshop, "dist/a.zip", &zip(&[1]));
    put(&workshop, "odd!/b.py", b"x = 1\n");
    commit(&workshop, "first");
    put(&workshop, "dist/a.zip", &zip(&[1, 2]));
    put(&workshop, "dist/b.zip", &zip(&[3]));
    // A directory that is called as though it were an archive.
    put(&workshop, "odd!/b.py", format!("x = 1\ny = '{}'\n", token(4)).as_bytes());
    workshop.git(&["add", "--all"]);
    let report = scan(&workshop, &["--staged"]);
    let expected = [
        ("dist/a.zip!/config/1.py:1", "existing"),
        ("dist/a.zip!/config/2.py:1", "new"),
        ("dist/b.zip!/config/3.py:1", "new"),
        ("odd!/b.py:2", "new"),
    ];
    assert_eq!(states(&report), owned(&expected));
    assert_eq!(fingerprints(&report), fingerprints(&scan(&workshop, &[])));
    commit(&workshop, "second");
    workshop.git(&["mv", "dist/a.zip", "moved.zip"]);
    let expected = [("moved.zip!/config/1.py:1", "existing"), ("moved.zip!/config/2.py:1", "existing")];
    assert_eq!(states(&scan(&workshop, &["--staged"])), owned(&expected));
}

#[test]
fn members_are_compared_with_those_of_the_base() {
    let workshop = Workshop::new();
    put(&workshop, "same.zip", &zip(&[1]));
    put(&workshop, "more.zip", &zip(&[2]));
    put(&workshop, "less.zip", &zip(&[3, 4]));
    put(&workshop, "gone.zip", &zip(&[5]));
    commit(&workshop, "first");
    put(&workshop, "more.zip", &zip(&[2, 6]));
    put(&workshop, "less.zip", &zip(&[3]));
    fs::remove_file(workshop.top().join("gone.zip")).unwrap();
    put(&workshop, "new.zip", &zip(&[7]));
    commit(&workshop, "second");
    let report = scan(&workshop, &["--since", "HEAD~1"]);
    let expected = [
        ("less.zip!/config/3.py:1", "existing"),
        ("more.zip!/config/2.py:1", "existing"),
        ("more.zip!/config/6.py:1", "new"),
        ("new.zip!/config/7.py:1", "new"),
        ("same.zip!/config/1.py:1", "existing"),
    ];
    assert_eq!(states(&report), owned(&expected));
    assert_eq!(report["comparison"]["fixed"], 2, "{}", report["comparison"]);
}

#[test]
fn an_archive_on_standard_input_is_opened() {
    let sandbox = Sandbox::new();
    let scan = |arguments: &[&str], content: Vec<u8>| -> Value {
        let mut command = sandbox.command();
        let output =
            command.args(["scan", "--format", "json", "-"]).args(arguments).write_stdin(content).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let report = scan(&[], zip(&[1]));
    assert_eq!(places(&report), ["stdin!/config/1.py:1"]);
    assert_eq!((&report["coverage"]["seen"], &report["coverage"]["scanned"]), (&3.into(), &1.into()));
    assert_eq!(cause(&report, "stdin"), Some("binary"));
    let report = scan(&["--stdin-name", "dist/a.zip"], zip(&[1]));
    assert_eq!(places(&report), ["dist/a.zip!/config/1.py:1"]);
    let mut cut = zip(&[1]);
    cut.truncate(60);
    assert_eq!(cause(&scan(&[], cut), "stdin"), Some("unparsed"));
    let report = scan(&["--archive-depth", "0"], zip(&[1]));
    assert!(places(&report).is_empty() && cause(&report, "stdin") == Some("binary"));
}
