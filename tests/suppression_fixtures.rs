//! The rules for suppressions on their fixtures: each is a tree, which the built program scans.

#![allow(clippy::unwrap_used, reason = "a helper that panics fails its test, as it should")]

#[allow(dead_code, reason = "each test file uses its part")]
#[path = "common/cli.rs"]
mod cli;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use cli::Sandbox;
use lockgate::fixture::CUT_MARK;
use lockgate::rules::builtin;
use lockgate::rules::schema::Detect;

/// The day of the scans.
const TODAY: &str = "2030-06-15";

/// The files below `directory`, by their path from there.
fn files(directory: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut open: Vec<PathBuf> = vec![directory.to_path_buf()];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            let name = path.strip_prefix(directory).unwrap().to_string_lossy().into_owned();
            found.insert(name, fs::read_to_string(&path).unwrap().replace(CUT_MARK, ""));
        }
    }
    found
}

/// `path:line` of what is marked: the line below a comment that announces a finding of `rule`.
fn announced(files: &BTreeMap<String, String>, rule: &str) -> BTreeSet<String> {
    let mark = format!("# lockgate-expect: {rule}");
    let lines = |(path, text): (&String, &String)| -> Vec<String> {
        let marked = text.lines().zip(2_u32..).filter(|(line, _)| line.trim() == mark);
        marked.map(|(_, line)| format!("{path}:{line}")).collect()
    };
    files.iter().flat_map(lines).collect()
}

/// `path:line` of what `rule` reports in a scan of `files`.
fn reported(files: &BTreeMap<String, String>, rule: &str) -> BTreeSet<String> {
    let sandbox = Sandbox::new();
    for (path, text) in files {
        sandbox.write(path, text);
    }
    let (_, mut report) = sandbox.scan_json(["--enable", rule, "--today", TODAY]);
    report["findings"].as_array_mut().unwrap().retain(|finding| finding["rule"] == rule);
    cli::places(&report).into_iter().collect()
}

#[test]
fn the_rules_for_suppressions_hold_on_their_fixtures() {
    let rules = builtin::rules().into_iter().filter(|rule| matches!(rule.detect, Detect::Suppression(_)));
    let ids: Vec<String> = rules.map(|rule| rule.id).collect();
    assert!(!ids.is_empty());
    for id in &ids {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(id);
        let mut is_reported = BTreeSet::new();
        for entry in fs::read_dir(&folder).unwrap() {
            let directory = entry.unwrap().path();
            let files = files(&directory);
            let expected = announced(&files, id);
            assert_eq!(reported(&files, id), expected, "{}", directory.display());
            is_reported.insert(!expected.is_empty());
        }
        assert_eq!(is_reported.len(), 2, "{id}: there is one that is bad, and one that is good");
    }
}
