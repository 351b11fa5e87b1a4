//! The reports of shards: what one part of a scan hands to the run that merges them.
//!
//! A shard report is no report for people or other programs. It is JSON that holds all that a scan established, before
//! baseline, thresholds and gate: those are applied to the whole, when it is whole. It is read by the same version alone.

mod merge;

use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize};

pub use self::merge::{MergeError, merge};
use crate::coverage::Coverage;
use crate::finding::Finding;
use crate::scan::{ScanReport, Shard, ShardPart, Undecided};
use crate::span::{Region, Span};

/// Name of the format; it changes with it.
const SCHEMA: &str = "lockgate/shard/v1";
/// Largest report of a shard that is read, in bytes.
const MAX_SIZE: u64 = 1 << 30;

/// What the shards of one scan have in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Basis {
    /// Version of Lockgate, `major.minor.patch`.
    pub version: String,
    /// Identity of the rules that there are.
    pub rules: String,
    /// Identity of everything else that a scan depends on: `lockgate.toml` and the options.
    pub settings: String,
    /// What was scanned, as it was named.
    pub paths: Vec<String>,
}

/// What a shard hands on.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShardReport {
    schema: String,
    /// What all shards have in common.
    pub basis: Basis,
    /// Identity of the tree that was walked and of its division.
    pub tree: String,
    /// Which shard.
    pub shard: Shard,
    coverage: Coverage,
    undecided: Vec<Undecided>,
    findings: Vec<Finding>,
}

/// What every report begins with, of whatever schema.
#[derive(Deserialize)]
struct Head {
    schema: String,
}

/// Why a file is not taken for the report of a shard.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The operating system's error.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It is something else, or not whole.
    #[error("not the report of a shard, which `lockgate scan --shard K/N --output FILE` writes: {0}")]
    Format(String),
    /// It is too large.
    #[error("larger than {MAX_SIZE} bytes, the most that the report of a shard may have")]
    TooLarge,
}

impl ShardReport {
    /// The report of `shard`.
    #[must_use]
    pub fn new(shard: Shard, basis: Basis, part: ShardPart) -> Self {
        // Nothing of a report is forgotten: whoever adds a field decides here what becomes of it.
        let ScanReport { findings, coverage, undecided, comparison: _, markers: _, trust: _ } = part.report;
        Self { schema: SCHEMA.to_owned(), basis, tree: part.tree, shard, coverage, undecided, findings }
    }

    /// Number of findings in it.
    #[must_use]
    pub fn findings(&self) -> usize {
        self.findings.len()
    }

    /// Writes it to `out` as one line of JSON.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer(&mut *out, self)?;
        out.write_all(b"\n")
    }

    /// Reads one from `input`.
    ///
    /// # Errors
    ///
    /// `input` cannot be read, or holds something else.
    pub fn read(input: &mut dyn Read) -> Result<Self, ReadError> {
        let mut bytes = Vec::new();
        input.take(MAX_SIZE + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MAX_SIZE {
            return Err(ReadError::TooLarge);
        }
        let format = |error: serde_json::Error| ReadError::Format(error.to_string());
        // The schema first: what differs in another one would be an error of no help.
        let Head { schema } = serde_json::from_slice(&bytes).map_err(format)?;
        if schema != SCHEMA {
            return Err(ReadError::Format(format!("its schema is not {SCHEMA}")));
        }
        let report: Self = serde_json::from_slice(&bytes).map_err(format)?;
        match report.findings.iter().find(|finding| !is_sound(finding)) {
            None => Ok(report),
            Some(finding) => {
                Err(ReadError::Format(format!("finding {} stands at a place that cannot be", finding.fingerprint)))
            }
        }
    }

    fn into_scan(self) -> ScanReport {
        let (findings, coverage, undecided) = (self.findings, self.coverage, self.undecided);
        ScanReport { findings, coverage, undecided, ..ScanReport::default() }
    }
}

/// Whether the places in `finding` can be of a text: who writes reports of findings counts on it.
fn is_sound(finding: &Finding) -> bool {
    let is_place = |span: Span, region: Region| {
        span.start <= span.end && region.start <= region.end && region.start.line > 0 && region.start.column > 0
    };
    let replacements = finding.fix.iter().flat_map(|fix| &fix.replacements);
    let places = std::iter::once((finding.location.span, finding.location.region))
        .chain(finding.related.iter().map(|related| (related.location.span, related.location.region)))
        .chain(replacements.map(|replacement| (replacement.span, replacement.region)));
    let lines = u32::try_from(finding.excerpt.lines.len()).ok();
    places.into_iter().all(|(span, region)| is_place(span, region))
        && lines.and_then(|lines| lines.checked_add(finding.excerpt.first_line)).is_some()
}
