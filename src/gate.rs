//! The gate: findings and coverage in, one verdict out. It knows nothing of files, formats or the command line.
//!
//! The policy ([`Policy`]) is a list of entries, the first of which that means a finding decides it; below them stand the
//! thresholds of the categories, and below those the general one. [`judge`] counts, and says which part decided what.

mod entry;
mod judge;
mod policy;

use serde::{Deserialize, Serialize};

use crate::finding::{Confidence, Finding, Severity};

pub use self::entry::{Entry, Group, Scope, Selector};
pub use self::judge::{Accepted, Circumstances, judge, judge_run, overrule};
pub use self::policy::{Part, Policy};

/// The answer to the only question a pipeline asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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

/// What follows from something that is not as it should be, beside a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Response {
    /// It keeps the verdict from being a pass.
    Block,
    /// It is listed.
    Warn,
}

impl Response {
    /// Every response.
    pub const ALL: &'static [Response] = &[Response::Block, Response::Warn];

    /// The stable lower-case name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Response::Block => "block",
            Response::Warn => "warn",
        }
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
    /// What each part of the policy decided, in the order of the policy, without parts that no finding fell to.
    pub decisions: Vec<Decision>,
    /// Indices of findings that something suppressed, in vain: the policy says that nothing may.
    pub overruled: Vec<usize>,
    /// How many attempts of the change to suppress itself block it.
    pub self_suppression: usize,
}

/// What one part of the policy made of the findings that fell to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The part: `gate`, `gate.CATEGORY`, or the name of an entry of `[[gate.policy]]`.
    pub policy: String,
    /// Number of findings that fell to it and that nothing suppresses.
    pub findings: usize,
    /// Indices of those that block.
    pub blocking: Vec<usize>,
    /// What it looks at, and what it met: one sentence each, without a full stop.
    pub reasons: Vec<String>,
}

impl Verdict {
    /// The decision on the finding at `index`, when that blocks.
    #[must_use]
    pub fn decision_on(&self, index: usize) -> Option<&Decision> {
        self.decisions.iter().find(|decision| decision.blocking.contains(&index))
    }
}

#[cfg(test)]
mod tests;
