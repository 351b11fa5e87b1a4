//! Findings under headings: by file, rule, severity or owner.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use super::Item;

/// What findings are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GroupBy {
    /// The file that they stand in.
    File,
    /// The rule.
    Rule,
    /// The severity, the highest first.
    Severity,
    /// The owners of the file together, as `CODEOWNERS` says.
    Owner,
}

impl GroupBy {
    /// Every one.
    pub const ALL: &'static [GroupBy] = &[GroupBy::File, GroupBy::Rule, GroupBy::Severity, GroupBy::Owner];

    /// The stable name, as used on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            GroupBy::File => "file",
            GroupBy::Rule => "rule",
            GroupBy::Severity => "severity",
            GroupBy::Owner => "owner",
        }
    }
}

impl fmt::Display for GroupBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for GroupBy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        GroupBy::ALL
            .iter()
            .copied()
            .find(|by| by.name() == text)
            .ok_or_else(|| "use one of: file, rule, severity, owner".to_owned())
    }
}

/// The heading of what nobody owns.
pub(super) const NOBODY: &str = "no owner";

/// The owners of a finding as one text.
pub(super) fn owners(owners: &[String]) -> String {
    if owners.is_empty() { NOBODY.to_owned() } else { owners.join(", ") }
}

/// `items` in groups with their headings, each group in the order of `items`. What nobody owns comes last.
pub(super) fn groups<'a>(by: GroupBy, items: &[Item<'a>]) -> Vec<(String, Vec<Item<'a>>)> {
    let mut groups: BTreeMap<(Reverse<u8>, bool, String), Vec<Item<'a>>> = BTreeMap::new();
    for item in items {
        let finding = item.finding;
        let (rank, heading) = match by {
            GroupBy::File => (0, finding.location.path.to_string()),
            GroupBy::Rule => (0, finding.rule.to_string()),
            GroupBy::Severity => (finding.severity as u8, finding.severity.name().to_owned()),
            GroupBy::Owner => (0, owners(&finding.owners)),
        };
        let is_last = by == GroupBy::Owner && finding.owners.is_empty();
        groups.entry((Reverse(rank), is_last, heading)).or_default().push(*item);
    }
    groups.into_iter().map(|((.., heading), items)| (heading, items)).collect()
}
