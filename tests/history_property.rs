//! The search through a history passes over what cannot hold anything new. It must find all the same what a look at every
//! content of every commit as a whole finds.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that panics fails its test, as it should")]

#[allow(dead_code, reason = "each test file uses its part")]
#[path = "common/cli.rs"]
mod cli;
#[path = "common/edits.rs"]
mod edits;
#[path = "common/leak.rs"]
mod leak;
#[path = "common/nasty.rs"]
mod nasty;

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use edits::{Commit, Material, Script};
use lockgate::HistoryOptions;
use lockgate::engine::policy::ParameterValues;
use lockgate::engine::secrets::{Outcome, SecretEngine};
use lockgate::input::git::Repository;
use lockgate::input::{self, Limits, Root, WalkOptions};
use lockgate::rules::builtin;
use lockgate::rules::catalogue::Catalogue;
use lockgate::rules::schema::{Detect, Rule};
use lockgate::scan::Scanner;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};

/// What is known of a finding: its rule, its path, where it stands, the commit that brought it, whether it is still there.
type Known = BTreeMap<String, (String, String, usize, String, bool)>;

/// The fixtures of the rules that `selects` takes, without the marks that keep them from being secrets.
fn fixtures(catalogue: &Catalogue, selects: impl Fn(&Rule) -> bool) -> Vec<(String, Vec<String>)> {
    let mut files = Vec::new();
    for rule in catalogue.rules().iter().filter(|rule| selects(rule)) {
        collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(&rule.id), &mut files);
    }
    files.sort();
    files
}

fn collect(directory: &Path, files: &mut Vec<(String, Vec<String>)>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if let Ok(text) = fs::read_to_string(&path) {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let text = text.replace("%CUT%", "");
            let lines: Vec<String> = text.lines().map(ToOwned::to_owned).collect();
            if lines.len() < 200 && text.len() < 20_000 {
                files.push((name, lines));
            }
        }
    }
}

/// A repository with `commits`; gives the names of the commits.
fn import(directory: &Path, commits: &[Commit]) -> Vec<String> {
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.current_dir(directory).args(arguments).env("GIT_CONFIG_GLOBAL", "/dev/null");
        command.env("GIT_CONFIG_NOSYSTEM", "1").stdin(Stdio::piped()).stderr(Stdio::null());
        command.spawn().unwrap()
    };
    let init = git(&["init", "--quiet", "--bare", "--template=", "--initial-branch=main"]).wait().unwrap();
    assert!(init.success());
    let mut import = git(&["-c", "core.fsync=none", "fast-import", "--quiet", "--export-marks=marks"]);
    import.stdin.take().unwrap().write_all(edits::stream(commits).as_bytes()).unwrap();
    assert!(import.wait().unwrap().success());
    let mut names = vec![String::new(); commits.len()];
    for line in fs::read_to_string(directory.join("marks")).unwrap().lines() {
        let (mark, name) = line.split_once(' ').unwrap();
        let place: usize = mark.trim_start_matches(':').parse().unwrap();
        name.clone_into(&mut names[place - 1]);
    }
    names
}

/// What every content of every commit holds when it is looked at as a whole.
fn expected(scanner: &Scanner<'_>, commits: &[Commit], names: &[String]) -> Known {
    let mut seen = HashMap::new();
    let mut known = Known::new();
    let head = commits.iter().rposition(|commit| commit.branch == 0);
    for (place, commit) in commits.iter().enumerate() {
        for (path, text) in &commit.files {
            let findings = seen.entry((path, text)).or_insert_with(|| {
                let text = input::decode(path, text.as_bytes(), &Limits::default());
                scanner.scan_text(path, text).findings
            });
            for finding in findings {
                let entry = known.entry(finding.fingerprint.to_string());
                let start = finding.location.span.start;
                let entry = entry
                    .or_insert_with(|| (finding.rule.to_string(), path.clone(), start, names[place].clone(), false));
                if head == Some(place) {
                    entry.2 = start;
                    entry.4 = true;
                }
            }
        }
    }
    known
}

fn found(scanner: &Scanner<'_>, directory: &Path) -> Known {
    let repository = Repository::discover(directory).unwrap();
    let root = Root::open(&[directory.to_path_buf()], &WalkOptions::default()).unwrap();
    let report = scanner.scan_history(&repository, &HistoryOptions::default(), &root, 1, &|| ()).unwrap();
    assert_eq!(report.coverage.failures().count(), 0, "{:?}", report.coverage.entries);
    let mut known = Known::new();
    for finding in report.findings {
        let introduction = finding.introduction.unwrap();
        let place = finding.location.span.start;
        let path = finding.location.path.to_string();
        let entry = (finding.rule.to_string(), path, place, introduction.commit, introduction.at_head);
        assert!(known.insert(finding.fingerprint.to_string(), entry).is_none(), "a finding is listed twice");
    }
    known
}

fn is_of_secrets(rule: &Rule) -> bool {
    matches!(rule.detect, Detect::Secret(_))
}

fn material(catalogue: &Catalogue) -> Material {
    Material { lines: nasty::lines(), files: fixtures(catalogue, is_of_secrets) }
}

/// Runs `check` on `cases` scripts, the same ones each time, or on as many others as `PROPTEST_CASES` says.
fn for_scripts(
    cases: u32,
    scripts: &impl Strategy<Value = Script>,
    check: impl Fn(Script) -> Result<(), TestCaseError>,
) {
    let mut config = Config { failure_persistence: None, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = cases;
        config.rng_seed = RngSeed::Fixed(1);
    }
    TestRunner::new(config).run(scripts, check).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn a_history_is_searched_as_thoroughly_as_each_of_its_contents() {
    let catalogue = Catalogue::new(builtin::rules());
    let nothing = ParameterValues::default();
    let scanner = Scanner::new(&catalogue, is_of_secrets, |rule| rule.severity, &nothing, Limits::default()).unwrap();
    let material = material(&catalogue);
    for_scripts(40, &edits::scripts(24), |script| {
        let commits = script.commits(&material);
        let directory = tempfile::tempdir().unwrap();
        let names = import(directory.path(), &commits);
        let (expected, found) = (expected(&scanner, &commits, &names), found(&scanner, directory.path()));
        let differ = |these: &Known, those: &Known| -> Vec<String> {
            let differs = |(id, known): &(&String, &_)| those.get(*id) != Some(*known);
            these.iter().filter(differs).map(|(_, known)| format!("{known:?}")).collect()
        };
        let (missing, surplus) = (differ(&expected, &found), differ(&found, &expected));
        prop_assert!(missing.is_empty() && surplus.is_empty(), "{missing:#?}\n{surplus:#?}\n{commits:#?}");
        Ok(())
    });
}

#[test]
fn whoever_follows_a_file_sees_what_scans_see() {
    let catalogue = Catalogue::new(builtin::rules());
    let engine = SecretEngine::new(&catalogue, is_of_secrets);
    let material = material(&catalogue);
    for_scripts(400, &edits::scripts_of_one_file(24), |script| {
        let commits = script.commits(&material);
        let texts: Vec<(&String, &String)> = commits.iter().flat_map(|commit| &commit.files).collect();
        let known = |outcome: &Outcome| -> Vec<(usize, Vec<u8>)> {
            outcome.detections.iter().map(|found| (found.rule, found.secret.expose().to_vec())).collect()
        };
        let orders: [Vec<_>; 2] = [texts.clone(), texts.into_iter().rev().collect()];
        for texts in orders {
            let Some((path, _)) = texts.first() else { continue };
            let mut follower = engine.follow(path);
            let mut before = (String::new(), Vec::new());
            for (_, text) in &texts {
                let found = follower.next(text).map_or(before.1, |outcome| known(&outcome));
                let expected = known(&engine.scan(path, text));
                prop_assert!(found == expected, "{path}: from\n{}\nto\n{text}", before.0);
                before = ((*text).clone(), found);
            }
        }
        Ok(())
    });
}

/// What stands between a secret and its companion comes and goes.
#[test]
fn companions_that_come_into_reach_are_seen() {
    let catalogue = Catalogue::new(builtin::rules());
    let engine = SecretEngine::new(&catalogue, is_of_secrets);
    let has_companion = |rule: &Rule| matches!(&rule.detect, Detect::Secret(secret) if secret.near.is_some());
    let mut tried = 0;
    for (path, lines) in fixtures(&catalogue, has_companion) {
        let near = lines.join("\n");
        if engine.scan(&path, &near).detections.is_empty() {
            continue;
        }
        for at in 1..lines.len() {
            for filler in ["and so on\n".repeat(45), format!("{}\n", "and so on ".repeat(420))] {
                let far = format!("{}\n{filler}{}", lines[..at].join("\n"), lines[at..].join("\n"));
                if engine.scan(&path, &far).detections.is_empty() {
                    tried += 1;
                    let mut follower = engine.follow(&path);
                    let found = [&far, &near].map(|text| follower.next(text).map(|found| found.detections.len()));
                    assert!(matches!(found, [Some(0), Some(1..)]), "{path}, line {at}:\n{near}");
                }
            }
        }
    }
    assert!(tried > 20, "{tried}");
}
