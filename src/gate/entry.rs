//! One entry of the policy: which findings fall to it, and when they block.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::finding::{Category, Confidence, Finding, Severity};
use crate::selector::{PathGlob, RulePattern};

/// Which findings fall to an entry. A list that is empty means all; of several lists, each must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector {
    /// Of one of these categories.
    pub categories: Vec<Category>,
    /// Of a rule that one of these means.
    pub rules: Vec<RulePattern>,
    /// At a path that one of these means.
    pub paths: Vec<PathGlob>,
}

impl Selector {
    /// Whether a finding of `rule`, which is of `category`, at `path` falls to it.
    #[must_use]
    pub fn selects(&self, rule: &str, category: Category, path: &str) -> bool {
        self.selects_category(category) && self.selects_rule(rule) && self.selects_path(path)
    }

    pub(super) fn selects_category(&self, category: Category) -> bool {
        self.categories.is_empty() || self.categories.contains(&category)
    }

    pub(super) fn selects_rule(&self, rule: &str) -> bool {
        self.rules.is_empty() || self.rules.iter().any(|pattern| pattern.matches(rule))
    }

    pub(super) fn selects_path(&self, path: &str) -> bool {
        self.paths.is_empty() || self.paths.iter().any(|glob| glob.matches(path))
    }
}

/// Which findings count, where a change is judged. Where none is, all do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Those too that were there before the change.
    All,
    /// Those that the change brought, or that it made other than they were.
    #[default]
    New,
    /// Those that stand on lines that the change adds or edits.
    ChangedLines,
}

impl Scope {
    /// Every scope, the widest first.
    pub const ALL: &'static [Self] = &[Self::All, Self::New, Self::ChangedLines];

    /// The stable kebab-case name, as used in configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::New => "new",
            Self::ChangedLines => "changed-lines",
        }
    }

    /// Whether `finding` counts.
    #[must_use]
    pub fn holds(self, finding: &Finding) -> bool {
        match self {
            Self::All => true,
            Self::New => finding.is_of_change(),
            Self::ChangedLines => finding.on_changed_lines.unwrap_or(true),
        }
    }
}

/// What a ratchet counts together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    /// Findings of one rule.
    Rule,
    /// Findings of one category.
    Category,
    /// All that fall to the entry.
    Total,
}

impl Group {
    /// Every group, the narrowest first.
    pub const ALL: &'static [Self] = &[Self::Rule, Self::Category, Self::Total];

    /// The stable name, as used in configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rule => "rule",
            Self::Category => "category",
            Self::Total => "total",
        }
    }

    /// The name of the group that something of `rule` and `category` belongs to.
    pub(super) fn of(self, rule: &str, category: Category) -> String {
        match self {
            Self::Rule => format!("the rule {rule}"),
            Self::Category => format!("the category {category}"),
            Self::Total => "this entry".to_owned(),
        }
    }
}

/// One entry of the policy (`[[gate.policy]]`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What reports call it.
    pub name: String,
    /// Which findings fall to it.
    pub selector: Selector,
    /// Least severity that blocks; `None` leaves it to the category.
    pub severity: Option<Severity>,
    /// Least confidence that blocks; `None` leaves it to the category.
    pub confidence: Option<Confidence>,
    /// Which findings count; `None` leaves it to the gate.
    pub scope: Option<Scope>,
    /// How many findings of a severity may stand before they block, all of them. For these severities the threshold of
    /// severity does not count.
    pub budget: BTreeMap<Severity, usize>,
    /// Blocks what reaches the threshold when there is more of it than in the baseline, and not otherwise.
    pub ratchet: Option<Group>,
    /// Whether anything that falls to it can block.
    pub blocks: bool,
}

impl Entry {
    /// An entry that changes nothing for what falls to it.
    #[must_use]
    pub fn new(name: impl Into<String>, selector: Selector) -> Self {
        Self {
            name: name.into(),
            selector,
            severity: None,
            confidence: None,
            scope: None,
            budget: BTreeMap::new(),
            ratchet: None,
            blocks: true,
        }
    }
}
