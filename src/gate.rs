//! The gate: findings and coverage in, one verdict out. It knows nothing of files, formats or the command line.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::coverage::Coverage;
use crate::finding::{Category, Confidence, Finding, Severity};

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

    /// Whether `finding` would block if nothing suppressed it.
    #[must_use]
    pub fn reached_by(&self, finding: &Finding) -> bool {
        self.threshold(finding.category).reached_by(finding)
    }

    /// Whether `finding` belongs in the reports: it reaches `least`, or it reaches the gate, for a run must not be blocked
    /// by something that it does not show.
    #[must_use]
    pub fn reports(&self, least: Threshold, finding: &Finding) -> bool {
        least.reached_by(finding) || self.reached_by(finding)
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
        .filter(|(_, finding)| finding.is_active() && finding.is_of_change() && policy.reached_by(finding))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coverage::{Cause, CoverageEntry};
    use crate::finding::{Excerpt, Location, Origin, Suppression, SuppressionKind};
    use crate::fingerprint::{Fingerprint, Identity, Subject};
    use crate::secret::Secret;
    use crate::span::{Region, Span};

    fn finding(category: Category, severity: Severity, confidence: Confidence) -> Finding {
        let secret = Secret::new("s");
        let identity = Identity { rule: "rule", path: "path", subject: Subject::Secret(&secret), ordinal: 0 };
        Finding {
            rule: "rule".into(),
            message: String::new(),
            severity,
            confidence,
            category,
            location: Location { path: "path".into(), span: Span::new(0, 1), region: Region::default() },
            related: Vec::new(),
            flow: Vec::new(),
            resource: None,
            evidence: None,
            fingerprint: Fingerprint::of(&identity),
            origin: Origin::Tree,
            excerpt: Excerpt::default(),
            state: None,
            introduction: None,
            fix: None,
            owners: Vec::new(),
            tools: Vec::new(),
            suppression: None,
        }
    }

    fn suppressed(mut finding: Finding, kind: SuppressionKind) -> Finding {
        finding.suppression = Some(Suppression { kind, justification: None });
        finding
    }

    fn coverage(causes: &[Cause]) -> Coverage {
        let entry = |&cause| CoverageEntry { path: "path".to_owned(), cause, detail: "detail".to_owned() };
        Coverage { entries: causes.iter().map(entry).collect(), ..Coverage::default() }
    }

    fn threshold(severity: Severity, confidence: Confidence) -> Threshold {
        Threshold { severity, confidence }
    }

    #[test]
    fn a_finding_blocks_when_it_reaches_both_thresholds_of_its_category() {
        let own = threshold(Severity::Low, Confidence::High);
        let policy = Policy { by_category: BTreeMap::from([(Category::Secret, own)]), ..Policy::default() };
        for &category in &[Category::Secret, Category::Network] {
            let (least_severity, least_confidence) = match category {
                Category::Secret => (Severity::Low, Confidence::High),
                _ => (Severity::Medium, Confidence::Medium),
            };
            for &severity in Severity::ALL {
                for &confidence in Confidence::ALL {
                    let finding = finding(category, severity, confidence);
                    let blocks = severity >= least_severity && confidence >= least_confidence;
                    let verdict = judge(&[finding], &Coverage::default(), &policy);
                    let expected = if blocks { Outcome::Block } else { Outcome::Pass };
                    assert_eq!(verdict.outcome, expected, "{category} {severity} {confidence}");
                    assert_eq!(verdict.blocking.len(), usize::from(blocks), "{category} {severity} {confidence}");
                }
            }
        }
    }

    #[test]
    fn the_outcome_follows_from_findings_suppressions_and_coverage() {
        let bad = || finding(Category::Secret, Severity::High, Confidence::High);
        let mild = || finding(Category::Secret, Severity::Info, Confidence::High);
        let inline = || suppressed(bad(), SuppressionKind::Inline);
        let known = || suppressed(bad(), SuppressionKind::Baseline);
        let (skipped, partial) = (&[Cause::Ignored, Cause::Binary][..], &[Cause::TooLarge, Cause::Bound][..]);
        let failed = &[Cause::Ignored, Cause::Unreadable][..];
        for (findings, causes, outcome, blocking) in [
            (vec![], &[][..], Outcome::Pass, vec![]),
            (vec![mild()], &[], Outcome::Pass, vec![]),
            (vec![bad()], &[], Outcome::Block, vec![0]),
            (vec![inline()], &[], Outcome::Pass, vec![]),
            (vec![known()], &[], Outcome::Pass, vec![]),
            (vec![mild(), inline(), bad(), known(), bad()], &[], Outcome::Block, vec![2, 4]),
            (vec![], skipped, Outcome::Pass, vec![]),
            (vec![], partial, Outcome::Pass, vec![]),
            (vec![bad()], skipped, Outcome::Block, vec![0]),
            (vec![bad()], partial, Outcome::Block, vec![0]),
            (vec![], failed, Outcome::Undecided, vec![]),
            (vec![inline()], failed, Outcome::Undecided, vec![]),
            // Undecided outranks block, but what blocks is still named.
            (vec![mild(), bad()], failed, Outcome::Undecided, vec![1]),
            (vec![], &[Cause::Vanished], Outcome::Undecided, vec![]),
        ] {
            let verdict = judge(&findings, &coverage(causes), &Policy::default());
            assert_eq!((verdict.outcome, &verdict.blocking), (outcome, &blocking), "{findings:#?} {causes:?}");
            assert_eq!(verdict.undecided.is_empty(), outcome != Outcome::Undecided, "{causes:?}");
        }
    }

    #[test]
    fn what_is_undecided_is_told_with_path_and_cause() {
        let verdict = judge(&[], &coverage(&[Cause::Unreadable]), &Policy::default());
        assert_eq!(verdict.undecided, ["path: detail (unreadable)"]);
    }

    #[test]
    fn what_blocks_is_reported_even_below_the_report_threshold() {
        let policy = Policy { default: threshold(Severity::Low, Confidence::Low), by_category: BTreeMap::new() };
        let least = threshold(Severity::High, Confidence::High);
        assert!(policy.reports(least, &finding(Category::Secret, Severity::Low, Confidence::Low)));
        assert!(!policy.reports(least, &finding(Category::Secret, Severity::Info, Confidence::High)));
        let strict = Policy { default: threshold(Severity::Critical, Confidence::High), by_category: BTreeMap::new() };
        assert!(strict.reports(least, &finding(Category::Secret, Severity::High, Confidence::High)));
        assert!(!strict.reports(least, &finding(Category::Secret, Severity::Medium, Confidence::High)));
    }

    #[test]
    fn outcomes_have_distinct_codes_and_names() {
        let all = [Outcome::Pass, Outcome::Block, Outcome::Undecided];
        assert_eq!(all.map(Outcome::exit_code), [0, 1, 2]);
        assert_eq!(all.map(Outcome::name), ["pass", "block", "undecided"]);
        assert!(all.is_sorted());
    }
}
