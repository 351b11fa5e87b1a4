//! Entries that a change adds to the baseline.

use std::collections::BTreeSet;

use super::{Attempt, Means, Versions, bounded, line_of};
use crate::fingerprint::Fingerprint;
use crate::suppress::baseline::Baseline;

/// The entries of the baseline file that neither earlier version has. One that cannot be read is named as such.
#[must_use]
pub fn accepted(versions: &Versions<'_>) -> Vec<Attempt> {
    let Some(now) = versions.now.filter(|_| !versions.is_unchanged()) else { return Vec::new() };
    let known: BTreeSet<Fingerprint> = versions
        .before
        .iter()
        .flatten()
        .filter_map(|bytes| Baseline::parse(bytes, versions.path).ok())
        .flat_map(|baseline| baseline.entries().iter().map(|entry| entry.fingerprint).collect::<Vec<_>>())
        .collect();
    let Ok(baseline) = Baseline::parse(now, versions.path) else {
        return vec![versions.attempt(None, Means::Baseline, "changes the baseline into one that cannot be read")];
    };
    let added = baseline.entries().iter().filter(|entry| !known.contains(&entry.fingerprint));
    bounded(added, |entry| {
        let at = memchr::memmem::find(now, entry.fingerprint.to_string().as_bytes());
        let detail = format!("accepts a finding of {} in {}", entry.rule, entry.path);
        versions.attempt(at.map(|at| line_of(now, at)), Means::Baseline, detail)
    })
}
