//! Runs rules on their fixtures: the bad files must be reported where they say so, the good ones not at all.
//!
//! The test suite runs it over the built-in packs, `lockgate rules test` over a user's.

mod parts;

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::de::DeserializeOwned;

use crate::engine::policy::{ParameterValues, PolicyEngine, PolicyOutcome};
use crate::engine::secrets::SecretEngine;
use crate::framework::{self, Project};
use crate::platform::Platform;
use crate::rules::catalogue::Catalogue;
use crate::rules::schema::{Detect, Rule};
use crate::span::LineIndex;

/// The mark that breaks a token in a fixture, so that no complete one stands in the tree. It is taken out before scanning.
pub const CUT_MARK: &str = "%CUT%";
/// The comment that announces a finding on its own line or the next.
const EXPECT_MARK: &str = "lockgate-expect:";
/// Expectations for formats without comments.
const EXPECT_FILE: &str = "expect.json";
/// Values of the rule's parameters, for a rule that waits for them.
const PARAMETERS_FILE: &str = "parameters.json";

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

/// One fixture: a file, or a directory whose files belong together.
struct Case {
    path: PathBuf,
    files: Vec<FixtureFile>,
    bad: bool,
}

/// One file of a fixture.
struct FixtureFile {
    path: PathBuf,
    /// Path that the rule sees: relative to the `bad…`/`good…` directory, or the file's name.
    name: Arc<str>,
    text: String,
}

/// Tests the rules of `catalogue` that `select` accepts on `fixtures/<rule id>/`.
///
/// # Errors
///
/// When a fixture cannot be read.
pub fn run(catalogue: &Catalogue, fixtures: &Path, select: impl Fn(&Rule) -> bool) -> io::Result<Vec<Failure>> {
    let everything = SecretEngine::new(catalogue, |_| true);
    let parts = parts::Parts::new(catalogue);
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
        let expectations = read_json(&folder.join(EXPECT_FILE))?;
        let alone = match Alone::new(catalogue, rule, read_json(&folder.join(PARAMETERS_FILE))?) {
            Ok(alone) => alone,
            Err(errors) => {
                fail(&folder, errors.join("; "));
                continue;
            }
        };
        for case in &cases {
            let expected: Vec<Vec<Vec<u32>>> =
                case.files.iter().map(|file| expected(file, &rule.id, &expectations)).collect();
            if case.bad && expected.iter().all(Vec::is_empty) {
                fail(&case.path, format!("bad, but no line says `{EXPECT_MARK} {}`", rule.id));
            }
            if case.bad {
                for (file, message) in parts.missing(&rule.id, case) {
                    fail(case.files.get(file).map_or(&case.path, |file| &file.path), message);
                }
            }
            let Some(alone) = &alone else { continue };
            for ((file, expected), reported) in case.files.iter().zip(&expected).zip(alone.lines(case)) {
                if !case.bad {
                    if !reported.is_empty() {
                        fail(&file.path, format!("good, but reported on line {}", join(&reported)));
                    }
                    continue;
                }
                for lines in expected {
                    if !reported.iter().any(|line| lines.contains(line)) {
                        fail(&file.path, format!("line {} is not reported", join(lines)));
                    }
                }
                let covered = |line: u32| expected.iter().any(|lines| lines.contains(&line));
                let extra: Vec<u32> = reported.iter().copied().filter(|&line| !covered(line)).collect();
                if !extra.is_empty() {
                    fail(&file.path, format!("line {} is reported, but not expected", join(&extra)));
                }
                if matches!(alone, Alone::Secret(_)) {
                    // Whatever other rules exist: a secret must never go unreported because of them.
                    let all = secret_lines(&everything, file);
                    for lines in expected.iter().filter(|lines| !all.iter().any(|line| lines.contains(line))) {
                        fail(&file.path, format!("line {} is lost when all rules run", join(lines)));
                    }
                }
            }
        }
    }
    Ok(failures)
}

/// The engine of one rule.
enum Alone<'a> {
    Secret(Box<SecretEngine<'a>>),
    Policy(PolicyEngine<'a>),
}

impl<'a> Alone<'a> {
    /// `None` for a rule about suppressions: what is wrong with one shows only when a whole tree was scanned.
    fn new(
        catalogue: &'a Catalogue,
        rule: &Rule,
        parameters: BTreeMap<String, Vec<String>>,
    ) -> Result<Option<Self>, Vec<String>> {
        let is_rule = |other: &Rule| other.id == rule.id;
        Ok(Some(match rule.detect {
            Detect::Secret(_) => Self::Secret(Box::new(SecretEngine::new(catalogue, is_rule))),
            Detect::Policy(_) => Self::Policy(PolicyEngine::new(
                catalogue,
                is_rule,
                &ParameterValues::from([(rule.id.clone(), parameters)]),
            )?),
            Detect::Suppression(_) => return Ok(None),
        }))
    }

    /// Lines that are reported in each file of `case`.
    fn lines(&self, case: &Case) -> Vec<Vec<u32>> {
        match self {
            Self::Secret(engine) => case.files.iter().map(|file| secret_lines(engine, file)).collect(),
            Self::Policy(engine) => policy_lines(engine, case),
        }
    }
}

fn secret_lines(engine: &SecretEngine<'_>, file: &FixtureFile) -> Vec<u32> {
    let index = LineIndex::new(&file.text);
    let detections = engine.scan(&file.name, &file.text).detections;
    let mut lines: Vec<u32> = detections.iter().map(|detection| index.line(detection.span.start)).collect();
    lines.dedup();
    lines
}

fn policy_lines(engine: &PolicyEngine<'_>, case: &Case) -> Vec<Vec<u32>> {
    let mut sources = Vec::new();
    let mut files = Vec::new();
    for (number, file) in case.files.iter().enumerate() {
        if let Some(platform) = framework::classify(&file.name, &file.text) {
            sources.push(match platform {
                Platform::Rust => framework::rust::read(&file.name, &file.text, &engine.rust_interest()),
                _ => framework::read(platform, &file.name, &file.text),
            });
            files.push(number);
        }
        if let Some(place) = framework::place(&file.name) {
            sources.push(place);
            files.push(number);
        }
    }
    let evaluated = framework::prepare(&mut sources);
    files.extend(evaluated.added.iter().map(|added| files[added.file]).collect::<Vec<_>>());
    let project = Project::new(&sources, &evaluated);
    let mut outcome = PolicyOutcome::default();
    for resource in 0..project.resources.len() {
        engine.evaluate(&project, resource, &mut outcome);
    }
    let mut lines: Vec<Vec<u32>> = vec![Vec::new(); case.files.len()];
    for detection in outcome.detections {
        let source = project.resources[detection.resource].source;
        lines[files[source]].push(LineIndex::new(&sources[source].text).line(detection.span.start));
    }
    for lines in &mut lines {
        lines.sort_unstable();
        lines.dedup();
    }
    lines
}

/// What is expected in a file of a bad case: for each finding, the lines of which one must be reported.
fn expected(file: &FixtureFile, rule: &str, listed: &BTreeMap<String, Vec<u32>>) -> Vec<Vec<u32>> {
    let listed = listed.get(&*file.name).into_iter().flatten().map(|&line| vec![line]);
    let marked = marked_lines(&file.text, EXPECT_MARK).filter(|(id, _)| *id == rule).map(|(_, lines)| lines.to_vec());
    listed.chain(marked).collect()
}

/// What stands behind each `mark` in `text`, and the lines of which it means one.
fn marked_lines<'t>(text: &'t str, mark: &str) -> impl Iterator<Item = (&'t str, [u32; 2])> {
    text.lines().zip(1_u32..).filter_map(move |(text, line)| {
        let (_, id) = text.split_once(mark)?;
        let id = id.trim_start();
        let end = id.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(id.len());
        Some((id[..end].trim_end_matches('-'), [line, line + 1]))
    })
}

/// What a file beside the fixtures says; nothing without such a file.
fn read_json<T: DeserializeOwned + Default>(path: &Path) -> io::Result<T> {
    match fs::read_to_string(path) {
        Ok(text) => serde_json::from_str(&text)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, format!("{}: {error}", path.display()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(T::default()),
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
        let mut files = Vec::new();
        if path.is_dir() {
            let mut paths = Vec::new();
            collect(&path, &mut paths)?;
            paths.sort();
            for file in paths {
                let name = file.strip_prefix(&path).unwrap_or(&file).to_string_lossy().replace('\\', "/");
                files.push(fixture_file(file, &name)?);
            }
        } else {
            files.push(fixture_file(path.clone(), &name)?);
        }
        cases.push(Case { path, files, bad });
    }
    cases.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(cases)
}

fn fixture_file(path: PathBuf, name: &str) -> io::Result<FixtureFile> {
    let text = fs::read_to_string(&path)
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))?
        .replace(CUT_MARK, "");
    Ok(FixtureFile { path, name: Arc::from(name), text })
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
