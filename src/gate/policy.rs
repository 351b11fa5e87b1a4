//! What blocks: entries, thresholds by category, a general threshold, and what nothing may suppress.

use std::collections::{BTreeMap, BTreeSet};

use super::entry::{Entry, Scope};
use super::{Response, Threshold};
use crate::coverage::{Cause, Consequence};
use crate::finding::{Category, Confidence, Finding, Severity};
use crate::selector::{Memory, RulePattern};

/// What blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// For categories without a threshold of their own.
    pub default: Threshold,
    /// By category.
    pub by_category: BTreeMap<Category, Threshold>,
    /// Which findings count where no entry says otherwise.
    pub scope: Scope,
    /// What outranks the thresholds above: a finding falls to the first entry that selects it. The selectors must not change
    /// once the policy was asked.
    pub entries: Vec<Entry>,
    /// Which entries mean a path.
    pub of_paths: Memory,
    /// Which entries mean a rule.
    pub of_rules: Memory,
    /// Rules whose findings nothing suppresses: no comment, no waiver, no baseline.
    pub unsuppressible: Vec<RulePattern>,
    /// Causes for which something that was not, or not wholly, examined leaves the verdict undecided.
    pub undecided: BTreeSet<Cause>,
    /// Whether what a change does to its own judgement blocks it.
    pub self_suppression: Response,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            default: Threshold { severity: Severity::Medium, confidence: Confidence::Medium },
            by_category: BTreeMap::new(),
            scope: Scope::default(),
            entries: Vec::new(),
            of_paths: Memory::default(),
            of_rules: Memory::default(),
            unsuppressible: Vec::new(),
            undecided: Cause::ALL.into_iter().filter(|cause| cause.consequence() == Consequence::Failed).collect(),
            self_suppression: Response::Warn,
        }
    }
}

/// The part of a policy that a finding falls to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The entry at this position.
    Entry(usize),
    /// The thresholds of a category.
    Category(Category),
    /// What is left.
    Default,
}

impl Policy {
    /// Whether something that this cause kept back leaves the verdict undecided.
    #[must_use]
    pub fn leaves_open(&self, cause: Cause) -> bool {
        self.undecided.contains(&cause)
    }

    /// The threshold of `category`, where no entry says otherwise.
    #[must_use]
    pub fn threshold(&self, category: Category) -> Threshold {
        self.by_category.get(&category).copied().unwrap_or(self.default)
    }

    /// The part that a finding of `rule`, which is of `category`, at `path` falls to.
    #[must_use]
    pub fn part(&self, rule: &str, category: Category, path: &str) -> Part {
        match self.position(rule, category, path) {
            Some(position) => Part::Entry(position),
            None if self.by_category.contains_key(&category) => Part::Category(category),
            None => Part::Default,
        }
    }

    /// The position of the first entry that selects a finding.
    fn position(&self, rule: &str, category: Category, path: &str) -> Option<usize> {
        if self.entries.is_empty() {
            return None;
        }
        let count = self.entries.len();
        let of = |position: usize| self.entries.get(position).map(|entry| &entry.selector);
        let by_path = self.of_paths.of(path, count, |at| of(at).is_some_and(|selector| selector.selects_path(path)));
        let by_rule = self.of_rules.of(rule, count, |at| of(at).is_some_and(|selector| selector.selects_rule(rule)));
        let mut both = by_path.iter().zip(by_rule.iter()).zip(&self.entries);
        both.position(|((path, rule), entry)| *path && *rule && entry.selector.selects_category(category))
    }

    /// The part that `finding` falls to.
    #[must_use]
    pub fn part_of(&self, finding: &Finding) -> Part {
        self.part(&finding.rule, finding.category, &finding.location.path)
    }

    /// The entry that `part` is.
    #[must_use]
    pub fn entry(&self, part: Part) -> Option<&Entry> {
        match part {
            Part::Entry(position) => self.entries.get(position),
            Part::Category(_) | Part::Default => None,
        }
    }

    /// What reports call `part`.
    #[must_use]
    pub fn name_of(&self, part: Part) -> String {
        match (self.entry(part), part) {
            (Some(entry), _) => entry.name.clone(),
            (None, Part::Category(category)) => format!("gate.{category}"),
            (None, _) => "gate".to_owned(),
        }
    }

    /// The threshold in `part` for findings of `category`.
    #[must_use]
    pub fn threshold_in(&self, part: Part, category: Category) -> Threshold {
        let below = self.threshold(category);
        self.entry(part).map_or(below, |entry| Threshold {
            severity: entry.severity.unwrap_or(below.severity),
            confidence: entry.confidence.unwrap_or(below.confidence),
        })
    }

    /// Which findings count in `part`.
    #[must_use]
    pub fn scope_in(&self, part: Part) -> Scope {
        self.entry(part).and_then(|entry| entry.scope).unwrap_or(self.scope)
    }

    /// Whether `finding` would block, or count towards a budget or a ratchet, if nothing suppressed it.
    #[must_use]
    pub fn reached_by(&self, finding: &Finding) -> bool {
        let part = self.part_of(finding);
        let threshold = self.threshold_in(part, finding.category);
        match self.entry(part) {
            Some(entry) if !entry.blocks => false,
            Some(entry) if entry.budget.contains_key(&finding.severity) => finding.confidence >= threshold.confidence,
            _ => threshold.reached_by(finding),
        }
    }

    /// Whether `finding` belongs in the reports: it reaches `least`, or it reaches the gate, for a run must not be blocked
    /// by something that it does not show.
    #[must_use]
    pub fn reports(&self, least: Threshold, finding: &Finding) -> bool {
        least.reached_by(finding) || self.reached_by(finding)
    }

    /// Whether nothing may suppress findings of `rule`.
    #[must_use]
    pub fn is_unsuppressible(&self, rule: &str) -> bool {
        self.unsuppressible.iter().any(|pattern| pattern.matches(rule))
    }

    /// The same policy, by which nothing below `severity` or `confidence` blocks.
    #[must_use]
    pub fn at_least(mut self, severity: Option<Severity>, confidence: Option<Confidence>) -> Self {
        // What an entry leaves to the category is raised there.
        let thresholds = std::iter::once(&mut self.default).chain(self.by_category.values_mut());
        for threshold in thresholds {
            threshold.severity = threshold.severity.max(severity.unwrap_or(threshold.severity));
            threshold.confidence = threshold.confidence.max(confidence.unwrap_or(threshold.confidence));
        }
        for entry in &mut self.entries {
            entry.severity = entry.severity.map(|own| own.max(severity.unwrap_or(own)));
            entry.confidence = entry.confidence.map(|own| own.max(confidence.unwrap_or(own)));
            entry.budget.retain(|&own, _| severity.is_none_or(|least| own >= least));
        }
        self
    }
}
