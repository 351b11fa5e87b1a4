//! What became of findings between two states of a tree.

use std::collections::BTreeMap;

use crate::finding::{Evidence, Finding, State};
use crate::fingerprint::Fingerprint;

/// With what a scan was compared, and what is there no more.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// The base, as reports call it: abbreviated id of the commit and the name that led to it.
    pub base: String,
    /// Findings of the base that are gone, in report order.
    pub fixed: Vec<Finding>,
    /// How many more are gone, of which only the number is known: those of a report that was read back.
    pub fixed_elsewhere: usize,
}

impl Comparison {
    /// The number of findings of the base that are gone, without those that were suppressed there.
    #[must_use]
    pub fn fixed(&self) -> usize {
        self.fixed.iter().filter(|finding| finding.is_active()).count() + self.fixed_elsewhere
    }
}

/// Sets the state of each of `findings` by what `base` held, and gives those of `base` that are gone.
pub(super) fn compare(findings: &mut [Finding], base: Vec<Finding>) -> Vec<Finding> {
    let mut known: BTreeMap<Fingerprint, Finding> =
        base.into_iter().map(|finding| (finding.fingerprint, finding)).collect();
    for finding in findings {
        finding.state = Some(match known.remove(&finding.fingerprint) {
            None => State::New,
            // What was silenced in the base and no longer is counts as a change.
            Some(old) if Says::of(&old) != Says::of(finding) || (!old.is_active() && finding.is_active()) => {
                State::Changed
            }
            Some(_) => State::Existing,
        });
    }
    let mut fixed: Vec<Finding> = known.into_values().collect();
    fixed.sort_by(Finding::order);
    fixed
}

/// Whether two findings of one identity say the same, wherever they stand.
pub(super) fn say_the_same(one: &Finding, other: &Finding) -> bool {
    Says::of(one) == Says::of(other)
}

/// What a finding says, apart from where.
#[derive(PartialEq)]
struct Says<'a> {
    message: &'a str,
    evidence: Option<&'a Evidence>,
    /// The text of its place, as far as the excerpt shows it, with secrets masked.
    text: Vec<String>,
}

impl<'a> Says<'a> {
    fn of(finding: &'a Finding) -> Self {
        let (region, excerpt) = (finding.location.region, &finding.excerpt);
        let column = |column: u32| column.saturating_sub(excerpt.first_column.max(1)) as usize;
        let text = (excerpt.first_line..)
            .zip(&excerpt.lines)
            .filter(|(number, _)| (region.start.line..=region.end.line).contains(number))
            .map(|(number, line)| {
                let from = if number == region.start.line { column(region.start.column) } else { 0 };
                let to = if number == region.end.line { column(region.end.column) } else { usize::MAX };
                line.chars().skip(from).take(to.saturating_sub(from)).collect::<String>().trim().to_owned()
            })
            .collect();
        Self { message: &finding.message, evidence: finding.evidence.as_ref(), text }
    }
}
