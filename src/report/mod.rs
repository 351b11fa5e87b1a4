//! Reports: one file a format, all from the same [`Run`].
//!
//! The last station of the flow. A report words what the scan established and the gate decided; it never decides, never
//! reads an input again, and looks at neither clock nor environment: the same run gives the same bytes.

pub mod atomic;
mod escape;
mod github;
mod json;
mod jsonl;
mod markdown;
mod outputs;
mod sarif;
mod text;
pub mod unified_diff;
mod wording;

use std::cmp::Reverse;
use std::fmt;
use std::io;
use std::str::FromStr;

pub(crate) use escape::harmless_lines;
pub use markdown::summary_markdown;
pub(crate) use wording::count;

use crate::finding::{Finding, Severity};
use crate::gate::{Policy, Verdict};
use crate::rules::catalogue::Catalogue;
use crate::rules::schema::Rule;
use crate::scan::ScanReport;

/// Everything that a report may say.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// Findings and coverage.
    pub scan: &'a ScanReport,
    /// What the gate made of them; its indices refer to `scan.findings`.
    pub verdict: &'a Verdict,
    /// The thresholds that the gate used.
    pub policy: &'a Policy,
    /// The rules that ran.
    pub catalogue: &'a Catalogue,
    /// What was scanned, as a person would call it. Not an absolute path: reports leave the machine.
    pub root: &'a str,
    /// Version of Lockgate, `major.minor.patch`.
    pub version: &'a str,
    /// Absolute URI of the project's home page.
    pub homepage: Option<&'a str>,
    /// SARIF: tells several scans of one commit apart (`automationDetails.id`).
    pub category: Option<&'a str>,
    /// SARIF: most results to write, the weightiest first; `None` writes all. GitHub shows 5,000.
    pub max_results: Option<usize>,
    /// SARIF: describe every rule that ran, not only those with results.
    pub all_rules: bool,
}

/// A finding as the reports see it.
#[derive(Clone, Copy, Debug)]
struct Item<'a> {
    finding: &'a Finding,
    /// Whether the gate counts it among those that block.
    blocks: bool,
    /// The part of the policy by which it blocks.
    policy: Option<&'a str>,
}

impl<'a> Run<'a> {
    /// The findings in report order, each with the gate's word on it.
    fn items(&self) -> Vec<Item<'a>> {
        let mut items: Vec<Item<'a>> =
            self.scan.findings.iter().map(|finding| Item { finding, blocks: false, policy: None }).collect();
        for &index in &self.verdict.blocking {
            if let Some(item) = items.get_mut(index) {
                item.blocks = true;
            }
        }
        for decision in &self.verdict.decisions {
            for &index in &decision.blocking {
                if let Some(item) = items.get_mut(index) {
                    item.policy = Some(&decision.policy);
                }
            }
        }
        items
    }

    /// The findings with the weightiest first: what blocks before what counts before what is suppressed, then by
    /// severity and confidence. Equals keep the order of reports.
    fn weighted_items(&self) -> Vec<Item<'a>> {
        let mut items = self.items();
        items.sort_by_key(|item| {
            let finding = item.finding;
            Reverse((item.blocks, finding.is_active(), finding.severity, finding.confidence))
        });
        items
    }

    /// The rule behind `finding`, when it is one of those that ran.
    fn rule(&self, finding: &Finding) -> Option<&'a Rule> {
        self.catalogue.get(&finding.rule)
    }
}

/// The three grades that report formats know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Grade {
    Error,
    Warning,
    Note,
}

impl From<Severity> for Grade {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Critical | Severity::High => Grade::Error,
            Severity::Medium => Grade::Warning,
            Severity::Low | Severity::Info => Grade::Note,
        }
    }
}

/// A form in which a run is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// For people at a terminal or in a log.
    Text,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// One JSON document.
    Json,
    /// One JSON value a line.
    Jsonl,
    /// Workflow commands that become annotations on GitHub.
    Github,
    /// Verdict and counts as `name=value` lines, for shells and for `GITHUB_OUTPUT`.
    Outputs,
}

impl Format {
    /// Every format.
    pub const ALL: &'static [Format] =
        &[Format::Text, Format::Sarif, Format::Json, Format::Jsonl, Format::Github, Format::Outputs];

    /// The stable name, as used on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Format::Text => "text",
            Format::Sarif => "sarif",
            Format::Json => "json",
            Format::Jsonl => "jsonl",
            Format::Github => "github",
            Format::Outputs => "outputs",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Format::ALL.iter().copied().find(|format| format.name() == text).ok_or_else(|| {
            let names: Vec<&str> = Format::ALL.iter().map(|format| format.name()).collect();
            format!("unknown format `{text}`; use one of: {}", names.join(", "))
        })
    }
}

/// How much the text report tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verbosity {
    /// The verdict alone.
    Quiet,
    /// Findings that count, what coverage lacks, the verdict.
    #[default]
    Normal,
    /// Also suppressed findings, fingerprints, and every input that was left out.
    Verbose,
}

/// How the text report looks; the other formats have one look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether to use ANSI colours.
    pub color: bool,
    /// Columns of the terminal.
    pub width: usize,
    /// How much to tell.
    pub verbosity: Verbosity,
}

impl Style {
    /// The width when no terminal tells its own.
    pub const DEFAULT_WIDTH: usize = 120;
}

impl Default for Style {
    fn default() -> Self {
        Self { color: false, width: Self::DEFAULT_WIDTH, verbosity: Verbosity::default() }
    }
}

/// Writes `run` to `out` in `format`. An error is the writer's own.
pub fn write(format: Format, run: &Run<'_>, out: &mut dyn io::Write, style: Style) -> io::Result<()> {
    match format {
        Format::Text => text::write(run, out, style),
        Format::Sarif => sarif::write(run, out),
        Format::Json => json::write(run, out),
        Format::Jsonl => jsonl::write(run, out),
        Format::Github => github::write(run, out),
        Format::Outputs => outputs::write(run, out),
    }
}
