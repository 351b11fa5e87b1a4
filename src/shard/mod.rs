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
        .chain(
            finding.related.iter().chain(&finding.flow).map(|related| (related.location.span, related.location.region)),
        )
        .chain(replacements.map(|replacement| (replacement.span, replacement.region)));
    let lines = u32::try_from(finding.excerpt.lines.len()).ok();
    places.into_iter().all(|(span, region)| is_place(span, region))
        && lines.and_then(|lines| lines.checked_add(finding.excerpt.first_line)).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coverage::{Cause, CoverageEntry};
    use crate::finding::{
        Category, Confidence, Evidence, Excerpt, Fix, Introduction, Location, Origin, RelatedLocation, Replacement,
        Severity, State, Suppression, SuppressionKind,
    };
    use crate::fingerprint::{Fingerprint, Identity, Subject, ValueHash};
    use crate::secret::Secret;
    use crate::span::Position;

    /// A finding in which everything is set, or, not `full`, nothing that need not be.
    fn finding(full: bool) -> Finding {
        let text = |text: &str| text.to_owned();
        let region = Region { start: Position { line: 2, column: 3 }, end: Position { line: 2, column: 9 } };
        let location = Location { path: "a/b.tf".into(), span: Span::new(7, 13), region };
        let subject = Subject::Attribute { resource: "r", attribute: "a" };
        let related = RelatedLocation::new(location.clone(), text("here"));
        let replacement = Replacement { span: Span::new(7, 13), region, text: text("x") };
        Finding {
            rule: "a-rule".into(),
            message: text("wrong: \"é\"\n"),
            severity: Severity::Low,
            confidence: Confidence::High,
            category: Category::Secret,
            related: if full { vec![related.clone()] } else { Vec::new() },
            flow: if full { vec![related] } else { Vec::new() },
            resource: full.then(|| text("aws_s3_bucket.b")),
            evidence: full.then(|| Evidence { value: text("ghp_…"), facts: vec![text("valid")] }),
            fingerprint: Fingerprint::of(&Identity { rule: "a-rule", path: "a/b.tf", subject, ordinal: 1 }),
            origin: Origin::Tree,
            state: full.then_some(State::Changed),
            introduction: full.then(|| Introduction {
                commit: text("abc"),
                date: text("2026-01-01T00:00:00Z"),
                at_head: true,
                paths: vec![text("p")],
                refs: vec![text("refs/heads/main")],
            }),
            fix: full.then(|| Fix {
                description: text("mend"),
                is_unsafe: true,
                replacements: vec![replacement],
                base: [0; 32],
            }),
            excerpt: Excerpt { first_line: 1, first_column: 1, lines: vec![text("one"), text("two")] },
            value_hash: full.then(|| ValueHash::of(&Secret::new("s"))),
            on_changed_lines: full.then_some(true),
            owners: if full { vec![text("@team")] } else { Vec::new() },
            tools: Vec::new(),
            suppression: full.then_some(Suppression { kind: SuppressionKind::Inline, justification: None }),
            location,
        }
    }

    #[test]
    fn everything_that_a_scan_established_comes_back() {
        let entries = Cause::ALL.iter().map(|&cause| CoverageEntry { path: "p".into(), cause, detail: "d".into() });
        let undecided = Undecided { path: "p".into(), line: 3, rule: "r".into(), resource: "x".into() };
        let scan = ScanReport {
            findings: vec![finding(true), finding(false)],
            coverage: Coverage { seen: 3, scanned: 2, parsed: 1, bytes: 1, entries: entries.collect() },
            undecided: vec![undecided],
            ..ScanReport::default()
        };
        let basis = Basis { version: "1".into(), rules: "r".into(), settings: "s".into(), paths: vec![".".into()] };
        let part = ShardPart { report: scan.clone(), tree: "t".into(), files: 2 };
        let mut bytes = Vec::new();
        ShardReport::new(Shard { number: 1, of: 1 }, basis, part).write(&mut bytes).unwrap();
        let back = ShardReport::read(&mut bytes.as_slice()).unwrap().into_scan();
        assert_eq!(back.findings, scan.findings);
        assert_eq!((back.coverage, back.undecided), (scan.coverage, scan.undecided));
    }

    #[test]
    fn a_place_that_cannot_be_is_not_believed() {
        assert!(is_sound(&finding(true)) && is_sound(&finding(false)));
        let forgeries: [fn(&mut Finding); 6] = [
            |finding| finding.location.region.start.line = 0,
            |finding| finding.location.region.end.line = 1,
            |finding| finding.location.span = Span { start: 2, end: 1 },
            |finding| finding.excerpt.first_line = u32::MAX,
            |finding| finding.flow[0].location.region.start.column = 0,
            |finding| finding.fix.as_mut().unwrap().replacements[0].span = Span { start: 2, end: 1 },
        ];
        for (number, forge) in forgeries.iter().enumerate() {
            let mut forged = finding(true);
            forge(&mut forged);
            assert!(!is_sound(&forged), "{number}");
        }
    }
}
