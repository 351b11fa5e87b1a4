//! Runs rules on their fixtures: the bad files must be reported where they say so, the good ones not at all.
//!
//! The test suite runs it over the built-in packs, `lockgate rules test` over a user's.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::engine::secrets::SecretEngine;
use crate::rules::catalogue::Catalogue;
use crate::rules::schema::Rule;
use crate::span::LineIndex;

/// The mark that breaks a token in a fixture, so that no complete one stands in the tree. It is taken out before scanning.
pub const CUT_MARK: &str = "%CUT%";
/// The comment that announces a finding on its own line or the next.
const EXPECT_MARK: &str = "lockgate-expect:";
/// Expectations for formats without comments.
const EXPECT_FILE: &str = "expect.json";

/// What is wrong with a rule's fixtures, or with the rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The rule.
    pub rule: String,
    /// The fixture, or the folder where it should stand.
    pub path: PathBuf,
    /// What was expected and what happened.
    pub message: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.rule, self.path.display(), self.message)
    }
}

/// One fixture file.
struct Case {
    path: PathBuf,
    /// Path that the rule sees: relative to the `bad…`/`good…` directory, or the file's name.
    name: String,
    text: String,
    bad: bool,
}

/// Tests the rules of `catalogue` that `select` accepts on `fixtures/<rule id>/`.
///
/// # Errors
///
/// When a fixture cannot be read.
pub fn run(catalogue: &Catalogue, fixtures: &Path, select: impl Fn(&Rule) -> bool) -> io::Result<Vec<Failure>> {
    let everything = SecretEngine::new(catalogue, |_| true);
    let mut failures = Vec::new();
    for rule in catalogue.rules().iter().filter(|rule| select(rule)) {
        let folder = fixtures.join(&rule.id);
        let cases = cases(&folder)?;
        let mut fail = |path: &Path, message: String| {
            failures.push(Failure { rule: rule.id.clone(), path: path.to_path_buf(), message });
        };
        for (bad, kind) in [(true, "bad"), (false, "good")] {
            if !cases.iter().any(|case| case.bad == bad) {
                fail(&folder, format!("no `{kind}` fixture"));
            }
        }
        let expectations = expectations(&folder)?;
        let alone = SecretEngine::new(catalogue, |other| other.id == rule.id);
        for case in &cases {
            let reported = lines(&alone, case);
            if !case.bad {
                if !reported.is_empty() {
                    fail(&case.path, format!("good, but reported on line {}", join(&reported)));
                }
                continue;
            }
            let expected = expected(case, &rule.id, &expectations);
            if expected.is_empty() {
                fail(&case.path, format!("bad, but no line says `{EXPECT_MARK} {}`", rule.id));
            }
            let covered = |line: u32| expected.iter().any(|lines| lines.contains(&line));
            for lines in &expected {
                if !reported.iter().any(|line| lines.contains(line)) {
                    fail(&case.path, format!("line {} is not reported", join(lines)));
                }
            }
            let extra: Vec<u32> = reported.iter().copied().filter(|&line| !covered(line)).collect();
            if !extra.is_empty() {
                fail(&case.path, format!("line {} is reported, but not expected", join(&extra)));
            }
            // Whatever other rules exist: a secret must never go unreported because of them.
            let all = self::lines(&everything, case);
            for lines in expected.iter().filter(|lines| !all.iter().any(|line| lines.contains(line))) {
                fail(&case.path, format!("line {} is lost when all rules run", join(lines)));
            }
        }
    }
    Ok(failures)
}

/// Lines on which `engine` reports something in `case`.
fn lines(engine: &SecretEngine<'_>, case: &Case) -> Vec<u32> {
    let index = LineIndex::new(&case.text);
    let mut lines: Vec<u32> = engine
        .scan(&case.name, &case.text)
        .detections
        .iter()
        .map(|detection| index.line(detection.span.start))
        .collect();
    lines.dedup();
    lines
}

/// The expectations of a bad case: for each, the lines of which one must be reported.
fn expected(case: &Case, rule: &str, file: &BTreeMap<String, Vec<u32>>) -> Vec<Vec<u32>> {
    let listed = file.get(&case.name).into_iter().flatten().map(|&line| vec![line]);
    let marked = case.text.lines().zip(1_u32..).filter_map(|(text, line)| {
        let (_, id) = text.split_once(EXPECT_MARK)?;
        let id = id.trim_start();
        let end = id.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(id.len());
        (id[..end].trim_end_matches('-') == rule).then(|| vec![line, line + 1])
    });
    listed.chain(marked).collect()
}

fn expectations(folder: &Path) -> io::Result<BTreeMap<String, Vec<u32>>> {
    match fs::read_to_string(folder.join(EXPECT_FILE)) {
        Ok(text) => serde_json::from_str(&text).map_err(|error| {
            io::Error::new(io::ErrorKind::InvalidData, format!("{}/{EXPECT_FILE}: {error}", folder.display()))
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(error),
    }
}

fn cases(folder: &Path) -> io::Result<Vec<Case>> {
    let mut cases = Vec::new();
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(cases),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let bad = name.starts_with("bad");
        if !bad && !name.starts_with("good") {
            continue;
        }
        if path.is_dir() {
            let mut files = Vec::new();
            collect(&path, &mut files)?;
            for file in files {
                let name = file.strip_prefix(&path).unwrap_or(&file).to_string_lossy().replace('\\', "/");
                cases.push(case(file, name, bad)?);
            }
        } else {
            cases.push(case(path, name, bad)?);
        }
    }
    cases.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(cases)
}

fn case(path: PathBuf, name: String, bad: bool) -> io::Result<Case> {
    let text = fs::read_to_string(&path)
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))?
        .replace(CUT_MARK, "");
    Ok(Case { path, name, text, bad })
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() { collect(&path, files)? } else { files.push(path) }
    }
    Ok(())
}

fn join(lines: &[u32]) -> String {
    lines.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
}
