//! Several reports as one: what more than one tool reports is one finding that names them all.

use std::collections::{BTreeMap, BTreeSet};

use super::Imported;
use crate::finding::{Category, Finding};

/// How many findings of one rule in one file a finding is compared with, the nearest before it first.
const MAX_COMPARED: usize = 256;

/// The findings of all reports in report order, each problem once.
///
/// Two findings are about the same problem when a rule of ours means both of their rules and their lines overlap, or when
/// both are secrets on the same line. Of those, the one of Lockgate itself is kept, else the one with the fewest lines. A
/// finding of one tool stands for a finding of the same tool only when the two are equal. What is kept is suppressed only
/// when every tool says so.
#[must_use]
pub fn combine(imported: Vec<Imported>) -> Vec<Finding> {
    let mut imported = imported;
    imported.sort_by_cached_key(|one| {
        let Finding { rule, location, fingerprint, .. } = &one.finding;
        let lines = location.region.end.line.saturating_sub(location.region.start.line);
        (one.tool != "lockgate", lines, location.clone(), one.tool.clone(), rule.clone(), *fingerprint)
    });
    let mut kept: Vec<Imported> = Vec::new();
    // By path and group: places in `kept`.
    let mut places: BTreeMap<(std::sync::Arc<str>, Group), Vec<usize>> = BTreeMap::new();
    let mut equal: BTreeSet<(std::sync::Arc<str>, std::sync::Arc<str>, crate::span::Region, String)> = BTreeSet::new();
    for one in imported {
        let finding = &one.finding;
        let location = &finding.location;
        if !equal.insert((finding.rule.clone(), location.path.clone(), location.region, finding.message.clone())) {
            continue;
        }
        let mut same: BTreeSet<usize> = BTreeSet::new();
        for group in groups(&one) {
            let near = places.get(&(location.path.clone(), group)).map_or(&[][..], Vec::as_slice);
            let near = near.iter().rev().take(MAX_COMPARED);
            same.extend(near.filter(|&&index| kept.get(index).is_some_and(|other| is_same(other, &one))));
        }
        if same.is_empty() {
            for group in groups(&one) {
                places.entry((location.path.clone(), group)).or_default().push(kept.len());
            }
            kept.push(one);
            continue;
        }
        for index in same {
            if let Some(other) = kept.get_mut(index) {
                join(other, &one.finding);
            }
        }
    }
    let mut findings: Vec<Finding> = kept.into_iter().map(|one| one.finding).collect();
    findings.sort_by(Finding::order);
    findings
}

/// Under what a finding is looked for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    Rule(usize),
    Secret,
}

fn groups(one: &Imported) -> impl Iterator<Item = Group> + '_ {
    let secret = (one.finding.category == Category::Secret).then_some(Group::Secret);
    one.rules.iter().map(|&rule| Group::Rule(rule)).chain(secret)
}

fn is_same(a: &Imported, b: &Imported) -> bool {
    let (first, second) = (a.finding.location.region, b.finding.location.region);
    let overlaps = first.start.line <= second.end.line && second.start.line <= first.end.line;
    let is_placed = first.start.line > 0 && second.start.line > 0;
    a.tool != b.tool
        && is_placed
        && overlaps
        // Of a tool that was joined already, this is another finding.
        && !a.finding.tools.iter().any(|tool| b.finding.tools.contains(tool) && a.finding.location != b.finding.location)
}

fn join(kept: &mut Imported, other: &Finding) {
    let finding = &mut kept.finding;
    finding.tools.extend(other.tools.iter().cloned());
    finding.tools.sort_unstable();
    finding.tools.dedup();
    finding.confidence = finding.confidence.max(other.confidence);
    finding.state = finding.state.or(other.state);
    if other.is_active() {
        finding.suppression = None;
    }
    if finding.excerpt.lines.is_empty() {
        finding.excerpt = other.excerpt.clone();
    }
    if finding.resource.is_none() {
        finding.resource.clone_from(&other.resource);
    }
}
