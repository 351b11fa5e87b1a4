//! Inputs through engines to an ordered report. The only file that knows threads.
//!
//! A directory is listed and its files are examined by whichever thread is free; each thread fills a sheet of its own, and
//! the sheets are put in order at the end, so that the report is the same for any number of threads.

use std::collections::BTreeMap;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rayon::{Scope, ThreadPool, ThreadPoolBuilder};
use serde::{Deserialize, Serialize};

use crate::coverage::{Cause, Coverage, CoverageEntry};
use crate::engine::Detection;
use crate::engine::policy::{ParameterValues, PolicyEngine, RustFilter};
use crate::engine::secrets::{self, Outcome, SecretEngine};
use crate::finding::{Evidence, Finding, Location, Origin};
use crate::fingerprint::{Fingerprint, Identity, Subject, ValueHash};
use crate::framework::PlatformGlobs;
use crate::framework::rust::Interest;
use crate::input::{self, Directory, FileRef, Limits, Listing, Root, Text};
use crate::rating::Severity;
use crate::rules::catalogue::Catalogue;
use crate::rules::schema::Rule;
use crate::secret::Secret;
use crate::span::{LineIndex, Span};
use crate::suppress::external::ExternalIgnores;
use crate::suppress::inline::{InlineSuppressions, Target};
use crate::trust::Trust;

mod archive;
mod blobs;
mod comparison;
mod excerpt;
mod fixes;
mod history;
mod imported;
mod lines;
mod markers;
mod parts;
mod policy;
mod renames;
mod shard;
mod since;
mod staged;
mod trust;

pub use self::comparison::Comparison;
pub use self::history::HistoryError;
pub use self::markers::Markers;
pub use self::shard::{MAX_SHARDS, Shard, ShardPart};
pub use self::since::{CompareError, Selection};

use self::excerpt::Excerpts;
use self::markers::MarkerRules;
use self::policy::Retained;

/// Most threads: beyond this the reading of files, not the looking at them, bounds the run.
const MAX_THREADS: usize = 256;
/// Files that one task examines: small enough to share a big directory, large enough that tasks cost nothing.
const FILES_A_TASK: usize = 16;
/// How far in front of the end of a text that was cut a secret without its end may begin.
const CUT_EDGE: usize = 8 << 10;
/// A scan examines code that may recurse over hostile input, within bounds that this stack has room for.
const STACK_SIZE: usize = 8 << 20;

/// What a scan established, before the gate judges it.
#[derive(Clone, Debug, Default)]
pub struct ScanReport {
    /// Findings in report order ([`Finding::order`]), suppressed ones included.
    pub findings: Vec<Finding>,
    /// What was examined and what was not.
    pub coverage: Coverage,
    /// What policy rules could not decide, in the order of findings.
    pub undecided: Vec<Undecided>,
    /// With what it was compared, and what is there no more.
    pub comparison: Option<Comparison>,
    /// Comments for Lockgate that are not judged yet; none when the scan is done.
    pub markers: Markers,
    /// Where the policy comes from when it is not that of the scanned tree, and what the change does about it.
    pub trust: Option<Trust>,
}

/// A policy rule that holds or does not, depending on a value that is not known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Undecided {
    /// Path of the file.
    pub path: Arc<str>,
    /// Line of the resource, from 1.
    pub line: u32,
    /// Id of the rule.
    pub rule: String,
    /// Address of the resource.
    pub resource: String,
}

impl ScanReport {
    /// Takes in what another part of the run established, and restores the order.
    pub fn absorb(&mut self, other: ScanReport) {
        self.findings.extend(other.findings);
        self.findings.sort_by(Finding::order);
        self.coverage.absorb(other.coverage);
        self.undecided.extend(other.undecided);
        self.undecided.sort_unstable();
        self.markers.absorb(other.markers);
    }
}

/// Everything that stays the same for all inputs of a run.
pub struct Scanner<'a> {
    catalogue: &'a Catalogue,
    secrets: SecretEngine<'a>,
    /// The rules that do not run: what they would report is no finding, yet no excerpt of another one shows it.
    unreported: SecretEngine<'a>,
    policies: PolicyEngine<'a>,
    platforms: PlatformGlobs,
    /// What the rules look at in Rust.
    rust: Interest,
    /// Made for the first Rust file.
    rust_filter: OnceLock<RustFilter>,
    /// Bytes of text that are parsed and kept until all files are there.
    retained: AtomicUsize,
    /// By rule of the catalogue.
    severities: Vec<Severity>,
    /// By rule of the catalogue, whether it runs.
    runs: Vec<bool>,
    marker_rules: MarkerRules,
    limits: Limits,
    /// What other scanners accept.
    ignores: ExternalIgnores,
}

/// The threads could not be started.
#[derive(Debug, thiserror::Error)]
#[error("cannot start {threads} threads: {reason}")]
pub struct ThreadError {
    threads: usize,
    reason: String,
}

/// What one thread has established so far.
#[derive(Default)]
struct Sheet {
    report: ScanReport,
    /// Files whose resources are looked at when all files are there.
    retained: Vec<Retained>,
    buffer: Vec<u8>,
}

impl<'a> Scanner<'a> {
    /// A scanner for the rules of `catalogue` that `selects` accepts, with the severity that `severity_of` gives each and
    /// `parameters` in place of the rules' own.
    ///
    /// # Errors
    ///
    /// What is wrong with a rule or a parameter, one line each.
    pub fn new(
        catalogue: &'a Catalogue,
        selects: impl Fn(&Rule) -> bool,
        severity_of: impl Fn(&Rule) -> Severity,
        parameters: &ParameterValues,
        limits: Limits,
    ) -> Result<Self, Vec<String>> {
        let severities = catalogue.rules().iter().map(severity_of).collect();
        let runs: Vec<bool> = catalogue.rules().iter().map(&selects).collect();
        let marker_rules = MarkerRules::of(catalogue, &runs);
        let policies = PolicyEngine::new(catalogue, &selects, parameters)?;
        let unreported = SecretEngine::new(catalogue, |rule| !selects(rule));
        let secrets = SecretEngine::new(catalogue, selects);
        let platforms = PlatformGlobs::default();
        let rust = policies.rust_interest();
        let retained = AtomicUsize::new(0);
        Ok(Self {
            catalogue,
            secrets,
            unreported,
            policies,
            platforms,
            rust,
            rust_filter: OnceLock::new(),
            retained,
            severities,
            runs,
            marker_rules,
            limits,
            ignores: ExternalIgnores::default(),
        })
    }

    /// The same scanner, which silences the secrets that `ignores` lists.
    #[must_use]
    pub fn ignoring(self, ignores: &ExternalIgnores) -> Self {
        Self { ignores: ignores.clone(), ..self }
    }

    /// The same scanner, which takes files for what `platforms` says of them.
    #[must_use]
    pub fn reading_as(self, platforms: &PlatformGlobs) -> Self {
        Self { platforms: platforms.clone(), ..self }
    }

    /// The bounds on what is read.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Examines everything below `root` with `threads` threads (0: one for each processor). `tick` is called once for each
    /// file, from any thread.
    ///
    /// # Errors
    ///
    /// The operating system refuses the threads.
    pub fn scan(&self, root: Root, threads: usize, tick: &(dyn Fn() + Sync)) -> Result<ScanReport, ThreadError> {
        let pool = pool(threads)?;
        let run = Run { scanner: self, sheets: sheets(&pool), tick };
        // Files that were named one by one, as a hook before a commit does.
        let is_partial = !root.start.files.is_empty();
        let is_whole = Selection::of(&root).is_whole();
        pool.scope(|scope| run.listing(root.start, scope));
        let (mut report, retained) = run.finish();
        pool.install(|| self.examine_resources(retained, is_partial, &mut report));
        self.judge_markers(&mut report, is_whole);
        Ok(report)
    }

    /// Examines one decoded text that no walk found, such as standard input.
    #[must_use]
    pub fn scan_text(&self, path: &str, text: Result<Text<'_>, CoverageEntry>) -> ScanReport {
        let mut report = ScanReport::default();
        report.coverage.seen = 1;
        let mut retained = Vec::new();
        guard(path, &mut report, |report| {
            self.record(&Arc::from(path), Origin::Stdin, text, report, &mut retained);
        });
        self.examine_resources(retained, true, &mut report);
        self.judge_markers(&mut report, false);
        report
    }

    /// Examines an archive that no walk found, such as standard input.
    #[must_use]
    pub fn scan_archive(&self, path: &str, bytes: &[u8]) -> ScanReport {
        let mut report = ScanReport::default();
        report.coverage.seen = 1;
        guard(path, &mut report, |report| {
            let detail = "it is not an archive after all".to_owned();
            let otherwise = CoverageEntry { path: path.to_owned(), cause: Cause::Binary, detail };
            self.record_binary_blob(path, Origin::Stdin, bytes, otherwise, report);
        });
        report.absorb(ScanReport::default());
        report
    }

    /// Examines `text` and writes down what comes of it.
    fn record(
        &self,
        path: &Arc<str>,
        origin: Origin,
        text: Result<Text<'_>, CoverageEntry>,
        report: &mut ScanReport,
        retained: &mut Vec<Retained>,
    ) {
        self.examine_text(path, origin, text, report, Some(retained));
    }

    /// [`Scanner::record`], for secrets alone where nothing is to be `retained` for the policy engine.
    fn examine_text(
        &self,
        path: &Arc<str>,
        origin: Origin,
        text: Result<Text<'_>, CoverageEntry>,
        report: &mut ScanReport,
        retained: Option<&mut Vec<Retained>>,
    ) {
        let text = match text {
            Ok(text) => text,
            Err(entry) => return report.coverage.entries.push(entry),
        };
        report.coverage.scanned += 1;
        report.coverage.bytes += text.content.len() as u64;
        let is_cut = text.cut.is_some();
        report.coverage.entries.extend(text.cut);
        let outcome = self.secrets.scan(path, &text.content);
        // Where no resources are looked at, a comment may seem to silence nothing.
        let lists = retained.is_some() && self.marker_rules.any() && InlineSuppressions::may_be_in(&text.content);
        if let Some(retained) = retained {
            retained.extend(self.parse(path, origin, (&text.content, is_cut), &outcome, report));
            retained.extend(self.place(path, origin));
        }
        report.coverage.entries.extend(unexamined(path, &outcome));
        if lists || !outcome.detections.is_empty() {
            self.locate(path, origin, (&text.content, is_cut), outcome, lists, report);
        }
    }

    /// Keeps the resources of `text`, and does not look for secrets.
    fn record_resources(
        &self,
        path: &Arc<str>,
        origin: Origin,
        text: Result<Text<'_>, CoverageEntry>,
        report: &mut ScanReport,
        retained: &mut Vec<Retained>,
    ) {
        let text = match text {
            Ok(text) => text,
            Err(entry) => return report.coverage.entries.push(entry),
        };
        let is_cut = text.cut.is_some();
        report.coverage.entries.extend(text.cut);
        let nothing = Outcome::default();
        retained.extend(self.parse(path, origin, (&text.content, is_cut), &nothing, report));
        retained.extend(self.place(path, origin));
    }

    /// Everything in `text` that no excerpt may show: the `secrets` that rules reported, those that rules which do not run
    /// would report, and what a cut made unrecognisable.
    fn hidden(&self, path: &str, text: &str, is_cut: bool, mut secrets: Vec<Span>) -> Vec<Span> {
        secrets.extend(secret_spans(text, &self.unreported.scan(path, text)));
        if is_cut {
            // A secret that is cut in two is recognised by no rule. A cut between two lines cuts none.
            let line = memchr::memrchr(b'\n', text.as_bytes()).map_or(0, |at| at + 1);
            secrets.push(Span::new(line.max(text.len().saturating_sub(CUT_EDGE)), text.len()));
        }
        secrets
    }

    /// The lines of `text`, which is the file at `path`, with every secret masked, for showing them.
    #[must_use]
    pub fn masked(&self, path: &str, text: &str) -> Vec<String> {
        let lines = LineIndex::new(text);
        let secrets = self.hidden(path, text, false, secret_spans(text, &self.secrets.scan(path, text)));
        let excerpts = Excerpts::new(text, &lines, secrets);
        let spans = (1..=lines.line_count()).filter_map(|line| lines.line_span(text, line));
        spans.map(|line| excerpts.masked(line)).collect()
    }

    /// The identities of the detections of `outcome`, in their order.
    fn fingerprints(&self, path: &str, outcome: &Outcome) -> Vec<Fingerprint> {
        let mut seen: BTreeMap<(usize, &Secret), u32> = BTreeMap::new();
        let identify = |detection: &'_ Detection, ordinal: u32| {
            let rule = &self.catalogue.rules()[detection.rule].id;
            Fingerprint::of(&Identity { rule, path, subject: Subject::Secret(&detection.secret), ordinal })
        };
        let mut fingerprints = Vec::with_capacity(outcome.detections.len());
        for detection in &outcome.detections {
            let ordinal = seen.entry((detection.rule, &detection.secret)).or_default();
            fingerprints.push(identify(detection, *ordinal));
            *ordinal += 1;
        }
        fingerprints
    }

    /// Turns detections, which know bytes, into findings, which know places and identities.
    /// With the text goes whether it is only the beginning of the input. `lists` says whether the comments for Lockgate are
    /// to be noted.
    fn locate(
        &self,
        path: &Arc<str>,
        origin: Origin,
        (text, is_cut): (&str, bool),
        outcome: Outcome,
        lists: bool,
        report: &mut ScanReport,
    ) {
        let lines = LineIndex::new(text);
        let secrets = self.hidden(path, text, is_cut, secret_spans(text, &outcome));
        let suppressions = InlineSuppressions::parse(text, &secrets);
        let excerpts = Excerpts::new(text, &lines, secrets);
        if lists {
            report.markers.list((path, origin), (text, &lines, &excerpts), &suppressions);
        }
        let fingerprints = self.fingerprints(path, &outcome);
        for (detection, fingerprint) in outcome.detections.into_iter().zip(fingerprints) {
            let rule = &self.catalogue.rules()[detection.rule];
            let region = lines.region(text, detection.span);
            let mut finding = Finding {
                evidence: Some(Evidence {
                    value: detection.secret.redacted(detection.public_prefix),
                    facts: detection.facts,
                }),
                value_hash: Some(ValueHash::of(&detection.secret)),
                origin,
                excerpt: excerpts.around(detection.span, region),
                ..Finding::new(
                    rule.id.as_str(),
                    format!("{} in plain text", rule.title),
                    (self.severities[detection.rule], detection.confidence, rule.category),
                    Location { path: Arc::clone(path), span: detection.span, region },
                    fingerprint,
                )
            };
            let target = Target::new(&finding, &rule.aliases, &rule.details.equivalents);
            if let Some((suppression, at)) = suppressions.find_marker(&target) {
                if lists {
                    report.markers.note_use(path, at);
                }
                finding.suppression = Some(suppression);
            } else {
                let in_history = origin == Origin::History;
                finding.suppression = self.ignores.find(path, &target, &detection.secret, in_history);
            }
            report.findings.push(finding);
        }
    }

    /// Silences what other scanners accept of the commits that `findings` come from.
    fn ignore_by_commit(&self, findings: &mut [Finding]) {
        if self.ignores.is_empty() {
            return;
        }
        for finding in findings.iter_mut().filter(|finding| finding.is_active()) {
            let Some(rule) = self.catalogue.get(&finding.rule) else { continue };
            let target = Target::new(finding, &rule.aliases, &rule.details.equivalents);
            finding.suppression = self.ignores.find_in_history(finding, &target);
        }
    }
}

/// What coverage says of the text at `path` when `outcome` is of a part of it.
fn unexamined(path: &str, outcome: &Outcome) -> Option<CoverageEntry> {
    outcome.unexamined_from.map(|_| CoverageEntry {
        path: path.to_owned(),
        cause: Cause::Bound,
        detail: format!("more than {} matches: the rest of the file was not examined", secrets::MAX_DETECTIONS),
    })
}

/// The spans in `text` that `outcome` says are secrets. Nobody knows what stands behind the place where it stopped looking,
/// so no excerpt shows it and no comment in it is believed.
fn secret_spans(text: &str, outcome: &Outcome) -> Vec<Span> {
    let detected = outcome.detections.iter().map(|detection| detection.span);
    detected.chain(outcome.unexamined_from.map(|start| Span::new(start, text.len()))).collect()
}

/// Examines the input at `path`. A mistake of ours that panics over one input must neither end the run nor pass for a clean
/// file: the input counts as one that could not be examined.
fn guard(path: &str, report: &mut ScanReport, examine: impl FnOnce(&mut ScanReport)) {
    // What was written before the panic stays: findings are complete or not there at all.
    if panic::catch_unwind(AssertUnwindSafe(|| examine(report))).is_err() {
        let detail = "an internal error ended its examination; this is a mistake in Lockgate".to_owned();
        report.coverage.entries.push(CoverageEntry { path: path.to_owned(), cause: Cause::Unreadable, detail });
    }
}

/// One walk over a tree.
struct Run<'a> {
    scanner: &'a Scanner<'a>,
    /// One for each thread; never contended, and there for the borrow checker alone.
    sheets: Vec<Mutex<Sheet>>,
    tick: &'a (dyn Fn() + Sync),
}

/// `threads` threads; 0 means one for each processor.
fn pool(threads: usize) -> Result<ThreadPool, ThreadError> {
    ThreadPoolBuilder::new()
        .num_threads(threads.min(MAX_THREADS))
        .stack_size(STACK_SIZE)
        .thread_name(|number| format!("scan-{number}"))
        .build()
        .map_err(|error| ThreadError { threads, reason: error.to_string() })
}

fn sheets(pool: &ThreadPool) -> Vec<Mutex<Sheet>> {
    (0..pool.current_num_threads()).map(|_| Mutex::default()).collect()
}

impl Run<'_> {
    fn directory<'s>(&'s self, directory: &Directory, scope: &Scope<'s>) {
        self.listing(directory.list(), scope);
    }

    fn listing<'s>(&'s self, listing: Listing, scope: &Scope<'s>) {
        self.with_sheet(|sheet| {
            sheet.report.coverage.seen += listing.seen;
            sheet.report.coverage.entries.extend(listing.entries);
        });
        for directory in listing.directories {
            scope.spawn(move |scope| self.directory(&directory, scope));
        }
        let mut files = listing.files;
        while files.len() > FILES_A_TASK {
            let batch = files.split_off(files.len() - FILES_A_TASK);
            scope.spawn(move |_| self.files(&batch));
        }
        self.files(&files);
    }

    fn files(&self, files: &[FileRef]) {
        self.with_sheet(|sheet| {
            for file in files {
                let Sheet { report, retained, buffer } = sheet;
                guard(file.path(), report, |report| match input::read(file, &self.scanner.limits, buffer) {
                    Err(entry) if entry.cause == Cause::Binary => self.scanner.record_binary(file, entry, report),
                    text => self.scanner.record(file.path(), Origin::Tree, text, report, retained),
                });
                (self.tick)();
            }
        });
    }

    /// Runs `work` on the sheet of this thread. `work` must not wait for other tasks: while it waited, this thread could
    /// take up one that wants the same sheet.
    fn with_sheet(&self, work: impl FnOnce(&mut Sheet)) {
        let number = rayon::current_thread_index().unwrap_or(0);
        if let Some(sheet) = self.sheets.get(number) {
            work(&mut sheet.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }

    fn finish(self) -> (ScanReport, Vec<Retained>) {
        let mut report = ScanReport::default();
        let mut retained = Vec::new();
        for sheet in self.sheets {
            let sheet = sheet.into_inner().unwrap_or_else(PoisonError::into_inner);
            report.absorb(sheet.report);
            retained.extend(sheet.retained);
        }
        (report, retained)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_over_one_input_is_a_failure_of_that_input() {
        let mut report = ScanReport::default();
        guard("a/b", &mut report, |report| {
            report.coverage.scanned += 1;
            panic!("deliberate");
        });
        guard("c", &mut report, |report| report.coverage.scanned += 1);
        assert_eq!(report.coverage.scanned, 2);
        let failures: Vec<&str> = report.coverage.failures().map(|entry| entry.path.as_str()).collect();
        assert_eq!(failures, ["a/b"]);
    }
}
