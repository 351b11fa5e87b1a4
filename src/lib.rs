//! Lockgate: a security and policy gate for CI pipelines.
//!
//! Data moves one way:
//!
//! ```text
//! input ──► document ──► framework ──► engine ──► suppress ──► gate ──► report
//! bytes     located      resources,    findings   baseline,    verdict  SARIF, text,
//! + origin  trees        views, links     ▲       comments              JSON, GitHub
//!                                       rules (packs: data, compiled, indexed)
//! ```

pub mod cli;
pub mod config;
pub mod coverage;
pub mod date;
pub mod document;
pub mod engine;
pub mod finding;
pub mod fingerprint;
pub mod fix;
pub mod fixture;
pub mod framework;
pub mod gate;
pub mod glob;
pub mod import;
pub mod input;
pub mod migrate;
pub mod owners;
pub mod platform;
pub mod rating;
pub mod report;
pub mod rules;
pub mod scan;
pub mod secret;
pub mod selector;
pub mod shard;
pub mod span;
pub mod suppress;
pub mod tree_path;
pub mod trust;

use std::io::Read;
use std::path::PathBuf;

pub use crate::input::git::history::HistoryOptions;

use crate::config::Settings;
use crate::coverage::{Cause, Coverage, CoverageEntry};
use crate::engine::policy::ParameterValues;
use crate::finding::Origin;
use crate::framework::PlatformGlobs;
use crate::input::git::{GitError, Repository};
use crate::input::{InputError, Limits, Root, Stream, WalkOptions};
use crate::rules::catalogue::Catalogue;
use crate::rules::error::PackError;
use crate::scan::{CompareError, HistoryError, ScanReport, Scanner, Selection, ThreadError};
use crate::suppress::external::{ExternalIgnores, ExternalProblem};

/// Which state of the inputs is scanned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// The files as they are.
    #[default]
    Tree,
    /// The index of the repository against `HEAD`.
    Staged,
    /// The files as they are, compared with an earlier commit of the repository.
    Since(input::git::Base),
    /// The history of the repository.
    History(HistoryOptions),
}

/// What to scan and how, with every default, configuration file and command-line option resolved.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// Files and directories; empty means the working directory, unless standard input is scanned.
    pub paths: Vec<PathBuf>,
    /// Which state of them.
    pub mode: Mode,
    /// The commit that the policy is taken from, when the scanned tree has no say in its own judgement.
    pub policy_from: Option<input::git::Authority>,
    /// The name that standard input goes by in reports, when it is scanned.
    pub stdin: Option<String>,
    /// How trees are walked.
    pub walk: WalkOptions,
    /// Which rules run, their severities, the bounds.
    pub settings: Settings,
    /// All rules that there are.
    pub catalogue: Catalogue,
    /// Files that are read as of a platform, whatever they look like.
    pub platforms: PlatformGlobs,
    /// The secrets that other scanners accept.
    pub ignores: ExternalIgnores,
    /// Number of threads; 0 means one for each processor.
    pub threads: usize,
}

/// Why a scan could not begin.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// Something that was named cannot be scanned.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The repository does not have what is asked of it.
    #[error(transparent)]
    Git(#[from] GitError),
    /// A rule cannot be compiled with the parameters that were set: one line for each.
    #[error("{0}")]
    Rules(String),
    /// The threads could not be started.
    #[error(transparent)]
    Threads(#[from] ThreadError),
    /// The scan cannot be compared with its base.
    #[error(transparent)]
    Compare(#[from] CompareError),
}

impl From<HistoryError> for ScanError {
    fn from(error: HistoryError) -> Self {
        match error {
            HistoryError::Git(error) => ScanError::Git(error),
            HistoryError::Threads(error) => ScanError::Threads(error),
        }
    }
}

/// Scans what `invocation` names: every finding, and what was and was not examined. `tick` is called once a file.
///
/// The gate ([`gate::judge`]) makes a verdict of the result, [`report::write`] a report.
///
/// # Errors
///
/// A path that does not exist, a bad glob, or threads that the operating system refuses. Whatever goes wrong with a single
/// file is no error but an entry of the coverage.
pub fn scan(invocation: &Invocation, stdin: &mut dyn Read, tick: &(dyn Fn() + Sync)) -> Result<ScanReport, ScanError> {
    scan_with(&scanner(invocation)?, invocation, stdin, tick)
}

/// The first half of [`scan`]: what stays the same for all inputs of `invocation`.
///
/// # Errors
///
/// What is wrong with a rule or with the value of a parameter.
pub fn scanner(invocation: &Invocation) -> Result<Scanner<'_>, ScanError> {
    let Invocation { settings, catalogue, .. } = invocation;
    let limits =
        Limits { max_file_size: settings.scan.max_file_size.bytes(), archive_depth: settings.scan.archive_depth };
    let parameters: ParameterValues =
        settings.rules.parameters.iter().map(|(id, own)| (id.clone(), own.value.clone())).collect();
    let scanner = Scanner::new(
        catalogue,
        |rule| settings.rules.selects(rule),
        |rule| settings.rules.severity_of(rule),
        &parameters,
        limits,
    )
    .map_err(|errors| ScanError::Rules(errors.join("\n")))?;
    Ok(scanner.reading_as(&invocation.platforms).ignoring(&invocation.ignores))
}

/// What has no effect in packs of rules and in the lists of other scanners, as entries of the coverage.
fn notes(invocation: &Invocation) -> Coverage {
    let of_pack = |note: &PackError| CoverageEntry {
        path: note.file.clone(),
        cause: Cause::Unparsed,
        detail: format!("line {}: {}", note.line, note.message),
    };
    let of_list = |problem: &ExternalProblem| CoverageEntry {
        path: problem.file.to_owned(),
        cause: Cause::Unparsed,
        detail: problem.message.clone(),
    };
    let packs = invocation.catalogue.notes().iter().map(of_pack);
    let lists = invocation.ignores.problems().iter().map(of_list);
    Coverage { entries: packs.chain(lists).collect(), ..Coverage::default() }
}

/// The second half of [`scan`], with the `scanner` of `invocation`.
///
/// # Errors
///
/// As those of [`scan`].
pub fn scan_with(
    scanner: &Scanner<'_>,
    invocation: &Invocation,
    stdin: &mut dyn Read,
    tick: &(dyn Fn() + Sync),
) -> Result<ScanReport, ScanError> {
    let mut report = ScanReport::default();
    if let Some(name) = &invocation.stdin {
        let mut buffer = Vec::new();
        report = match input::read_stdin(stdin, name, scanner.limits(), &mut buffer) {
            Ok(Stream::Archive(bytes)) => scanner.scan_archive(name, bytes),
            Ok(Stream::Text(text)) => scanner.scan_text(name, Ok(text)),
            Err(entry) => scanner.scan_text(name, Err(entry)),
        };
    }
    let paths = &invocation.paths;
    if !paths.is_empty() || invocation.stdin.is_none() {
        let root = Root::open(paths, &invocation.walk)?;
        let repository = || Repository::discover(&root.path);
        let mut part = match &invocation.mode {
            Mode::Tree => scanner.scan(root, invocation.threads, tick)?,
            Mode::Staged => {
                let repository = repository()?;
                scanner.scan_staged(&repository, &repository.staged()?, &root, invocation.threads)?
            }
            Mode::Since(base) => {
                let repository = repository()?;
                let selection = Selection::of(&root);
                let mut of_tree = scanner.scan(root, invocation.threads, tick)?;
                scanner.compare(&mut of_tree, &repository, base, &selection, invocation.threads)?;
                of_tree
            }
            Mode::History(options) => scanner.scan_history(&repository()?, options, &root, invocation.threads, tick)?,
        };
        report.comparison = part.comparison.take();
        report.absorb(part);
    }
    report.coverage.absorb(notes(invocation));
    hold_to_policy(scanner, invocation, &mut report)?;
    Ok(report)
}

/// The last part of [`scan`]: takes back what the scanned tree says in its own favour, when the policy of `invocation` is
/// that of a commit; see [`Scanner::hold_to`].
///
/// # Errors
///
/// The repository cannot be read, or the operating system refuses the threads.
pub fn hold_to_policy(
    scanner: &Scanner<'_>,
    invocation: &Invocation,
    report: &mut ScanReport,
) -> Result<(), ScanError> {
    let origin = match invocation.mode {
        // It lies in no repository, but what it says of itself counts as little.
        _ if invocation.paths.is_empty() && invocation.stdin.is_some() => Origin::Stdin,
        Mode::Tree | Mode::Since(_) => Origin::Tree,
        Mode::Staged => Origin::Index,
        Mode::History(_) => Origin::History,
    };
    hold(scanner, invocation, origin, report)
}

/// The same for a report of what other tools found: at what they looked is not known.
///
/// # Errors
///
/// As those of [`hold_to_policy`].
pub fn hold_others_to_policy(
    scanner: &Scanner<'_>,
    invocation: &Invocation,
    report: &mut ScanReport,
) -> Result<(), ScanError> {
    hold(scanner, invocation, Origin::Stdin, report)
}

fn hold(
    scanner: &Scanner<'_>,
    invocation: &Invocation,
    origin: Origin,
    report: &mut ScanReport,
) -> Result<(), ScanError> {
    let Some(authority) = &invocation.policy_from else { return Ok(()) };
    let root = Root::open(&invocation.paths, &invocation.walk)?;
    let repository = Repository::discover(&root.path)?;
    scanner.hold_to(report, &repository, authority, (&Selection::of(&root), origin), invocation.threads)?;
    Ok(())
}
