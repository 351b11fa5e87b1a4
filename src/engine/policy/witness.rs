//! Why a condition holds or does not: the attributes that decided. Runs only where a finding is about to be made.

use super::compile::Compiled;
use super::evaluate::{Subject, is_unknown};
use super::truth::Truth;
use super::walk::{Place, Reached, Trail, each_item};
use crate::rules::path::Path;
use crate::span::Span;

/// Most places that one rule reports in one resource.
const MAX_WITNESSES: usize = 100;

/// A place that decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Witness {
    /// The value, or the key of the parent of what is missing.
    pub(super) span: Span,
    /// Path of the attribute inside the resource.
    pub(super) attribute: String,
    /// What stands there is the offending value, not the place where one is missing.
    is_present: bool,
}

impl Witness {
    pub(super) fn of(reached: Reached<'_>, trail: &Trail<'_>) -> Self {
        let (span, is_present) = match reached {
            Reached::Present(place) => (place.node.span, true),
            Reached::Missing { header, .. } => (header, false),
        };
        Self { span, attribute: trail.render(), is_present }
    }
}

impl<'p> Subject<'p> {
    /// The places that make `condition` hold (or not hold, as `holds` says) of the whole resource; at least one.
    pub(super) fn witnesses(self, condition: &Compiled, holds: bool) -> Vec<Witness> {
        let mut found = self.collect(condition, self.root(), &Trail::Start(&self.resource.base), holds);
        if found.is_empty() {
            found.push(self.header());
        }
        let mut unique: Vec<Witness> = Vec::new();
        for witness in found {
            if unique.len() < MAX_WITNESSES && !unique.iter().any(|other| other.span == witness.span) {
                unique.push(witness);
            }
        }
        unique
    }

    /// The first place that `path` leads to.
    pub(super) fn place_of(self, path: &Path) -> Witness {
        let mut first = None;
        self.reach(path, self.root(), &Trail::Start(&self.resource.base), &mut |reached, trail| {
            first.get_or_insert_with(|| Witness::of(reached, trail));
        });
        first.unwrap_or_else(|| self.header())
    }

    fn header(self) -> Witness {
        Witness { span: self.resource.header, attribute: self.resource.base.clone(), is_present: false }
    }

    fn collect(self, condition: &Compiled, here: Place<'p>, trail: &Trail<'_>, holds: bool) -> Vec<Witness> {
        match condition {
            Compiled::Not(condition) => self.collect(condition, here, trail, !holds),
            // All of them together decided: the most telling one is shown.
            Compiled::All(parts) if holds => self.most_telling(parts, here, trail, holds),
            Compiled::Any(parts) if !holds => self.most_telling(parts, here, trail, holds),
            // Each of these decided by itself.
            Compiled::All(parts) | Compiled::Any(parts) => parts
                .iter()
                .filter(|part| self.holds(part, here) == Truth::from(holds))
                .flat_map(|part| self.collect(part, here, trail, holds))
                .take(MAX_WITNESSES)
                .collect(),
            Compiled::At { path, question, every } => {
                let mut found = Vec::new();
                self.reach(path, here, trail, &mut |reached, trail| {
                    let decides = self.answer(question, reached, here) == Truth::from(holds);
                    // Where all of them had to be so, one stands for them all.
                    if decides && found.len() < MAX_WITNESSES && (*every != holds || found.is_empty()) {
                        found.push(Witness::of(reached, trail));
                    }
                });
                found
            }
            Compiled::Items { path, that, every } => self.items(path, that, *every, here, trail, holds),
            Compiled::Linked { .. } | Compiled::Declared { .. } => Vec::new(),
        }
    }

    fn items(
        self,
        path: &Path,
        that: &Compiled,
        every: bool,
        here: Place<'p>,
        trail: &Trail<'_>,
        holds: bool,
    ) -> Vec<Witness> {
        let mut found = Vec::new();
        self.reach(path, here, trail, &mut |reached, trail| match reached {
            // One item was enough: each such item is one.
            Reached::Present(place) if every != holds => each_item(place, trail, &mut |item, trail| {
                if found.len() < MAX_WITNESSES && !is_unknown(item.node) && self.holds(that, item) == Truth::from(holds)
                {
                    let inner = self.collect(that, item, trail, holds);
                    if inner.is_empty() {
                        found.push(Witness::of(Reached::Present(item), trail));
                    }
                    found.extend(inner);
                }
            }),
            // None of them was right: the list is reported as a whole.
            Reached::Present(place) if found.is_empty() => {
                found.push(Witness { span: place.header, attribute: trail.render(), is_present: true });
            }
            Reached::Missing { .. } if found.is_empty() => found.push(Witness::of(reached, trail)),
            _ => {}
        });
        found
    }

    /// The places of one of `parts`: of one that speaks of items, else of the first with a value that is there, else of the
    /// first with any place.
    fn most_telling(self, parts: &[Compiled], here: Place<'p>, trail: &Trail<'_>, holds: bool) -> Vec<Witness> {
        let mut best: (u8, Vec<Witness>) = (0, Vec::new());
        for part in parts {
            let found = self.collect(part, here, trail, holds);
            let Some(first) = found.first() else { continue };
            let rank = match part {
                Compiled::Items { every, .. } if *every != holds => 3,
                _ if first.is_present => 2,
                _ => 1,
            };
            if rank > best.0 {
                best = (rank, found);
            }
        }
        best.1
    }
}
