//! From findings and coverage to the verdict, one part of the policy after the other.

use std::collections::BTreeMap;

use super::entry::{Entry, Group};
use super::policy::{Part, Policy};
use super::{Decision, Outcome, Response, Threshold, Verdict};
use crate::coverage::Coverage;
use crate::finding::{Category, Confidence, Finding, Severity, SuppressionKind};

/// What a verdict rests on beside findings and coverage.
#[derive(Clone, Copy, Debug, Default)]
pub struct Circumstances<'a> {
    /// What the baseline accepts, for ratchets.
    pub accepted: &'a [Accepted],
    /// What the policy demands of a run and this one lacks, one sentence each: it leaves the verdict open.
    pub lacking: &'a [String],
    /// Indices of findings whose suppression [`overrule`] took away.
    pub overruled: &'a [usize],
    /// How often the change tries to suppress itself.
    pub attempts: usize,
}

/// A finding that the baseline accepts, with what the catalogue knows of its rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Id of the rule.
    pub rule: String,
    /// Path relative to the scan root.
    pub path: String,
    /// The rule's category.
    pub category: Category,
    /// The rule's severity.
    pub severity: Severity,
    /// The rule's confidence.
    pub confidence: Confidence,
}

/// Judges `findings` and `coverage` by `policy`, with nothing else to heed. Undecided outranks block.
#[must_use]
pub fn judge(findings: &[Finding], coverage: &Coverage, policy: &Policy) -> Verdict {
    judge_run(findings, coverage, policy, &Circumstances::default())
}

/// Judges `findings` and `coverage` by `policy` under `circumstances`. Undecided outranks block.
#[must_use]
pub fn judge_run(
    findings: &[Finding],
    coverage: &Coverage,
    policy: &Policy,
    circumstances: &Circumstances<'_>,
) -> Verdict {
    let mut parts: BTreeMap<Part, Vec<usize>> = BTreeMap::new();
    for (index, finding) in findings.iter().enumerate() {
        parts.entry(policy.part_of(finding)).or_default().push(index);
    }
    let has_ratchet = policy.entries.iter().any(|entry| entry.ratchet.is_some());
    let accepted = circumstances.accepted.iter().filter(|_| has_ratchet);
    let accepted = accepted.map(|one| (policy.part(&one.rule, one.category, &one.path), one)).collect();
    let case = Case { findings, policy, accepted };
    let decisions: Vec<Decision> = parts.iter().filter_map(|(&part, members)| case.decide(part, members)).collect();
    let mut blocking: Vec<usize> = decisions.iter().flat_map(|decision| &decision.blocking).copied().collect();
    blocking.sort_unstable();
    let gaps = coverage.entries.iter().filter(|entry| policy.leaves_open(entry.cause)).map(ToString::to_string);
    let self_suppression = if policy.self_suppression == Response::Block { circumstances.attempts } else { 0 };
    let undecided: Vec<String> = gaps.chain(circumstances.lacking.iter().cloned()).collect();
    let outcome = if !undecided.is_empty() {
        Outcome::Undecided
    } else if blocking.is_empty() && self_suppression == 0 {
        Outcome::Pass
    } else {
        Outcome::Block
    };
    Verdict { outcome, blocking, undecided, decisions, overruled: circumstances.overruled.to_vec(), self_suppression }
}

/// Takes the suppression from those of `findings` that `policy` says nothing may suppress, and gives their indices.
pub fn overrule(findings: &mut [Finding], policy: &Policy) -> Vec<usize> {
    let suppressed = findings.iter_mut().enumerate().filter(|(_, finding)| !finding.is_active());
    suppressed
        .filter(|(_, finding)| {
            let mut rules = std::iter::once(&finding.rule).chain(finding.parts().map(|part| &part.rule));
            rules.any(|rule| policy.is_unsuppressible(rule))
        })
        .map(|(index, finding)| {
            finding.suppression = None;
            index
        })
        .collect()
}

/// What is judged, and by what.
struct Case<'a> {
    findings: &'a [Finding],
    policy: &'a Policy,
    /// With the part that each would fall to.
    accepted: Vec<(Part, &'a Accepted)>,
}

impl Case<'_> {
    /// What `part` makes of the findings at `members`; `None` when all of them are suppressed.
    fn decide(&self, part: Part, members: &[usize]) -> Option<Decision> {
        let scope = self.policy.scope_in(part);
        let active: Vec<usize> = self.those(members, Finding::is_active);
        if active.is_empty() {
            return None;
        }
        let in_scope = self.those(&active, |finding| scope.holds(finding));
        let mut decision = Decision {
            policy: self.policy.name_of(part),
            findings: active.len(),
            blocking: Vec::new(),
            reasons: Vec::new(),
        };
        let Some(entry) = self.policy.entry(part) else {
            decision.reasons.push(self.threshold_words(part, &active));
            decision.blocking = self.those(&in_scope, |finding| self.reaches(part, finding));
            return Some(decision);
        };
        if !entry.blocks {
            decision.reasons.push("nothing that falls to it blocks".to_owned());
            return Some(decision);
        }
        for (&severity, &most) in &entry.budget {
            self.spend(part, &in_scope, (severity, most), &mut decision);
        }
        // What has a budget is judged by it alone.
        let has_threshold = |finding: &Finding| !entry.budget.contains_key(&finding.severity);
        let judged = self.those(&in_scope, |finding| has_threshold(finding) && self.reaches(part, finding));
        if let Some(group) = entry.ratchet {
            self.hold(part, (entry, group), members, &judged, &mut decision);
        } else {
            if !judged.is_empty() || entry.budget.is_empty() {
                decision.reasons.push(self.threshold_words(part, &active));
            }
            decision.blocking.extend(judged);
        }
        decision.blocking.sort_unstable();
        Some(decision)
    }

    fn those(&self, members: &[usize], holds: impl Fn(&Finding) -> bool) -> Vec<usize> {
        members.iter().copied().filter(|&index| self.findings.get(index).is_some_and(&holds)).collect()
    }

    /// From where on those of `members` block.
    fn threshold_words(&self, part: Part, members: &[usize]) -> String {
        let of_members = members.iter().filter_map(|&index| self.findings.get(index));
        let mut thresholds = of_members.map(|finding| self.policy.threshold_in(part, finding.category));
        let first = thresholds.next().unwrap_or(self.policy.default);
        if thresholds.any(|other| other != first) {
            return "blocks at or above the threshold of the category".to_owned();
        }
        let Threshold { severity, confidence } = first;
        format!("blocks at or above {severity} severity and {confidence} confidence")
    }

    fn reaches(&self, part: Part, finding: &Finding) -> bool {
        self.policy.threshold_in(part, finding.category).reached_by(finding)
    }

    /// Blocks the findings of `severity` when there are more than `most` of them.
    fn spend(&self, part: Part, in_scope: &[usize], (severity, most): (Severity, usize), decision: &mut Decision) {
        let counted = self.those(in_scope, |finding| {
            let threshold = self.policy.threshold_in(part, finding.category);
            finding.severity == severity && finding.confidence >= threshold.confidence
        });
        if !counted.is_empty() {
            let noun = if counted.len() == 1 { "finding" } else { "findings" };
            decision.reasons.push(format!("{} {severity} {noun}, at most {most} allowed", counted.len()));
        }
        if counted.len() > most {
            decision.blocking.extend(counted);
        }
    }

    /// Blocks those of `judged` of whose group there is more than the baseline has. What the baseline silences counts as
    /// being there; what else is silenced does not.
    fn hold(
        &self,
        part: Part,
        (entry, group): (&Entry, Group),
        members: &[usize],
        judged: &[usize],
        decision: &mut Decision,
    ) {
        let is_there = |finding: &Finding| {
            finding.suppression.as_ref().is_none_or(|one| one.kind == SuppressionKind::Baseline)
                && !entry.budget.contains_key(&finding.severity)
                && self.reaches(part, finding)
        };
        let group_of = |finding: &Finding| group.of(&finding.rule, finding.category);
        let mut now: BTreeMap<String, usize> = BTreeMap::new();
        for finding in self.those(members, is_there).iter().filter_map(|&index| self.findings.get(index)) {
            *now.entry(group_of(finding)).or_default() += 1;
        }
        let mut then: BTreeMap<String, usize> = BTreeMap::new();
        let held = self.accepted.iter().filter(|(of, accepted)| *of == part && self.is_held(part, entry, accepted));
        for (_, accepted) in held {
            *then.entry(group.of(&accepted.rule, accepted.category)).or_default() += 1;
        }
        for (name, &number) in &now {
            let most = then.get(name).copied().unwrap_or(0);
            let more = if number > most { "more than" } else { "no more than" };
            decision.reasons.push(format!("{number} of {name}, {more} the {most} of the baseline"));
        }
        let is_more = |finding: &Finding| {
            let name = group_of(finding);
            now.get(&name).copied().unwrap_or(0) > then.get(&name).copied().unwrap_or(0)
        };
        decision.blocking.extend(self.those(judged, is_more));
    }

    /// Whether what the baseline accepts, and would fall to `part`, reaches its threshold.
    fn is_held(&self, part: Part, entry: &Entry, accepted: &Accepted) -> bool {
        let threshold = self.policy.threshold_in(part, accepted.category);
        !entry.budget.contains_key(&accepted.severity)
            && accepted.severity >= threshold.severity
            && accepted.confidence >= threshold.confidence
    }
}
