//! Reports read back: SARIF 2.1.0 of any tool, and Lockgate's own JSON.
//!
//! What other tools found becomes findings like ours: paths relative to the scan root, severities on our scale, rules of
//! ours where `equivalents` say that they mean the same. A report is input like any other: it may be hostile, so sizes,
//! counts and nesting have bounds, and what a bound cuts is an entry of the coverage.

mod bounded;
mod combine;
mod json;
mod place;
mod rating;
mod results;
mod sarif;
mod tool;

use crate::coverage::{Cause, Coverage, CoverageEntry};
use crate::finding::Finding;
use crate::gate::{Policy, Verdict};
use crate::rating::Severity;
use crate::rules::catalogue::Catalogue;
use crate::rules::schema::Rule;
use crate::span::{Position, Region, Span};

pub use self::combine::combine;
pub use self::tool::Equivalents;

/// Most bytes of one report.
pub const MAX_SIZE: u64 = 64 << 20;

/// Most reports of one run.
pub const MAX_REPORTS: usize = 256;

/// Most findings of one report.
const MAX_FINDINGS: usize = 200_000;

/// Highest number of a line or column.
const MAX_NUMBER: u32 = 1 << 30;

/// Why a report could not be read. Nothing of the report is repeated: it may hold secrets.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It is no JSON, or a field has the wrong type.
    #[error("{path}:{line}:{column}: {message}")]
    Malformed {
        /// The file.
        path: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong.
        message: &'static str,
    },
    /// It is JSON, and no report.
    #[error("{path}: is neither SARIF 2.1.0 nor a JSON report of Lockgate; have the tool write SARIF")]
    Unknown {
        /// The file.
        path: String,
    },
    /// It has more findings than are read.
    #[error("{path}: holds more than {MAX_FINDINGS} findings, the most that are read")]
    TooMany {
        /// The file.
        path: String,
    },
}

impl ImportError {
    fn malformed(path: &str, error: &serde_json::Error) -> Self {
        let message = match error.classify() {
            serde_json::error::Category::Eof => {
                "the report ends too early: its tool was interrupted, or is still writing"
            }
            serde_json::error::Category::Syntax => "this is no JSON, or is nested too deeply",
            _ => "a value has another type than in SARIF 2.1.0 or in a report of Lockgate",
        };
        Self::Malformed { path: path.to_owned(), line: error.line(), column: error.column(), message }
    }
}

/// A finding that a report holds.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The finding, as ours are.
    pub finding: Finding,
    /// The tool that reports it.
    pub tool: String,
    /// Indices, in the catalogue, of the rules that mean what the tool's rule means.
    pub rules: Vec<usize>,
}

/// What a report says.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Its findings, in report order.
    pub findings: Vec<Imported>,
    /// What it says was not examined, and what of it was not read.
    pub coverage: Coverage,
    /// The rules behind the findings that no rule of the catalogue means, by id.
    pub rules: Vec<Rule>,
    /// What was scanned, where the report is Lockgate's own and says so.
    pub root: Option<String>,
    /// With what the scan was compared, where the report is Lockgate's own JSON and says so.
    pub comparison: Option<Compared>,
    /// The verdict in it, where the report is Lockgate's own.
    pub recorded: Option<Recorded>,
}

/// With what a scan was compared.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
pub struct Compared {
    /// The base, as reports call it.
    pub base: String,
    /// Number of findings of the base that are gone.
    pub fixed: usize,
}

/// A verdict that a report of Lockgate holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// What was decided; its indices refer to [`Report::findings`].
    pub verdict: Verdict,
    /// What blocked then, where the report says so.
    pub policy: Option<Policy>,
}

/// Reads reports.
pub struct Reader<'a> {
    /// The rules of ours.
    pub catalogue: &'a Catalogue,
    /// Which of them mean the same as rules of other tools.
    pub equivalents: &'a Equivalents,
    /// The severity that findings of one of our rules have.
    pub severity_of: &'a dyn Fn(&Rule) -> Severity,
    /// Absolute directories, with `/`, where the tree stood when a tool looked at it: paths below them are relative to the
    /// scan root.
    pub roots: &'a [String],
    /// A text with every secret in it masked.
    pub mask: &'a dyn Fn(&str) -> String,
}

impl Reader<'_> {
    /// Reads the report `bytes`, which errors and coverage call `name`.
    ///
    /// # Errors
    ///
    /// It is no report, or one that is broken. What a tool says of itself, such as that it failed, is no error but an
    /// entry of the coverage.
    pub fn read(&self, bytes: &[u8], name: &str) -> Result<Report, ImportError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut report = match kind(bytes, name)? {
            Kind::Json => json::read(bytes, name)?,
            Kind::Sarif => {
                let log: sarif::Log =
                    serde_json::from_slice(bytes).map_err(|error| ImportError::malformed(name, &error))?;
                results::read(self, log, name)?
            }
        };
        for imported in &mut report.findings {
            bound(&mut imported.finding);
            if imported.rules.is_empty() {
                let known =
                    self.catalogue.rules().binary_search_by(|rule| rule.id.as_str().cmp(&imported.finding.rule));
                imported.rules.extend(known.ok());
            }
        }
        report.coverage.entries.sort_unstable();
        Ok(report)
    }
}

/// Makes places of `finding` such that whoever counts on from them does not run over.
fn bound(finding: &mut Finding) {
    let at =
        |position: Position| Position { line: position.line.min(MAX_NUMBER), column: position.column.min(MAX_NUMBER) };
    let region = |region: Region| Region { start: at(region.start), end: at(region.end).max(at(region.start)) };
    let related = finding.related.iter_mut().chain(&mut finding.flow).map(|related| &mut related.location);
    for location in std::iter::once(&mut finding.location).chain(related) {
        location.region = region(location.region);
        location.span = Span::new(location.span.start, location.span.end);
    }
    for replacement in finding.fix.iter_mut().flat_map(|fix| &mut fix.replacements) {
        replacement.region = region(replacement.region);
        replacement.span = Span::new(replacement.span.start, replacement.span.end);
    }
    let excerpt = &mut finding.excerpt;
    excerpt.first_line = excerpt.first_line.min(MAX_NUMBER);
    excerpt.first_column = excerpt.first_column.min(MAX_NUMBER);
}

enum Kind {
    Json,
    Sarif,
}

/// What a report is, by its first fields: nothing else of it is kept.
fn kind(bytes: &[u8], name: &str) -> Result<Kind, ImportError> {
    #[derive(serde::Deserialize)]
    #[serde(expecting = "an object")]
    struct Head {
        schema: Option<String>,
        version: Option<String>,
        runs: Option<serde::de::IgnoredAny>,
    }

    let head: Head = serde_json::from_slice(bytes).map_err(|error| ImportError::malformed(name, &error))?;
    match (head.schema, head.version, head.runs) {
        (Some(schema), ..) if schema == json::SCHEMA => Ok(Kind::Json),
        // 2.1.0 had betas, which are read as it is.
        (_, Some(version), Some(_)) if version.starts_with("2.1.0") => Ok(Kind::Sarif),
        _ => Err(ImportError::Unknown { path: name.to_owned() }),
    }
}

fn entry(path: &str, cause: Cause, detail: String) -> CoverageEntry {
    CoverageEntry { path: path.to_owned(), cause, detail }
}

#[cfg(test)]
mod tests;
