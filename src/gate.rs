//! The gate: findings and coverage in, one verdict out. It knows nothing of files, formats or the command line.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::coverage::Coverage;
use crate::finding::{Category, Confidence, Finding, Severity};

/// The answer to the only question a pipeline asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Nothing reaches the thresholds, and everything that should have been examined was.
    Pass,
    /// At least one finding reaches the thresholds.
    Block,
    /// Something that should have been examined was not, so neither pass nor block would be honest.
    Undecided,
}

impl Outcome {
    /// The process exit code that stands for this outcome.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Outcome::Pass => 0,
            Outcome::Block => 1,
            Outcome::Undecided => 2,
        }
    }

    /// The stable lower-case name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Pass => "pass",
            Outcome::Block => "block",
            Outcome::Undecided => "undecided",
        }
    }
}

/// From where on a finding blocks: both must be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// Least severity.
    pub severity: Severity,
    /// Least confidence.
    pub confidence: Confidence,
}

impl Threshold {
    /// Whether a finding reaches it.
    #[must_use]
    pub fn reached_by(self, finding: &Finding) -> bool {
        finding.severity >= self.severity && finding.confidence >= self.confidence
    }
}

/// What blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// For categories without a threshold of their own.
    pub default: Threshold,
    /// By category.
    pub by_category: BTreeMap<Category, Threshold>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            default: Threshold { severity: Severity::Medium, confidence: Confidence::Medium },
            by_category: BTreeMap::new(),
        }
    }
}

impl Policy {
    /// The threshold of `category`.
    #[must_use]
    pub fn threshold(&self, category: Category) -> Threshold {
        self.by_category.get(&category).copied().unwrap_or(self.default)
    }
}

/// The verdict with what it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Pass, block or undecided.
    pub outcome: Outcome,
    /// Indices (into the findings that were judged) of those that block; also filled when the outcome is undecided.
    pub blocking: Vec<usize>,
    /// Why it is undecided, one sentence each.
    pub undecided: Vec<String>,
}

/// Judges `findings` and `coverage` by `policy`. Undecided outranks block.
#[must_use]
pub fn judge(findings: &[Finding], coverage: &Coverage, policy: &Policy) -> Verdict {
    let blocking: Vec<usize> = findings
        .iter()
        .enumerate()
        .filter(|(_, finding)| finding.is_active() && policy.threshold(finding.category).reached_by(finding))
        .map(|(index, _)| index)
        .collect();
    let undecided: Vec<String> = coverage.failures().map(ToString::to_string).collect();
    let outcome = if !undecided.is_empty() {
        Outcome::Undecided
    } else if blocking.is_empty() {
        Outcome::Pass
    } else {
        Outcome::Block
    };
    Verdict { outcome, blocking, undecided }
}
