//! The parts of one credential as one finding: an id that stands with its secret is no finding of its own.
//!
//! Rules say what belongs to a credential ([`CredentialPart`]). Everything else is done to both as to two findings: comments,
//! waivers, the comparison with another state. What comes of that is joined at the end, so that a secret that goes and leaves its id
//! behind makes nothing new.

use std::collections::{BTreeSet, HashMap};

use super::ScanReport;
use crate::finding::{Confidence, Finding, Part, RelatedLocation, State};
use crate::rules::catalogue::Catalogue;
use crate::rules::schema::{CredentialPart, Detect};

/// How many bytes a part may be away: a line may be as long as a file.
const MAX_BYTES: usize = 4 * 1024;
/// Most findings of one kind of credential, close together, that are compared with each other; more are compared in groups.
const MAX_CLUSTER: usize = 512;
/// What one more pair is worth beside all the ways between secrets and parts.
const PAIR: i64 = 1 << 40;
/// What a line between a secret and its part costs, in bytes.
const LINE: usize = 2 * MAX_BYTES;

impl ScanReport {
    /// Makes one finding of a secret and the parts of its credential that stand nearby, as the rules of `catalogue` say. The
    /// finding is that of the secret, with its identity and what silences it; the parts are places that belong to it. Of several
    /// secrets and parts, each goes with the nearest.
    pub fn join_parts(&mut self, catalogue: &Catalogue) {
        join(&mut self.findings, catalogue);
        if let Some(comparison) = &mut self.comparison {
            join(&mut comparison.fixed, catalogue);
        }
    }
}

/// Joins what belongs together among `findings`, which are in report order.
fn join(findings: &mut Vec<Finding>, catalogue: &Catalogue) {
    let ids: BTreeSet<&str> = findings.iter().map(|finding| &*finding.rule).collect();
    let mut owners: HashMap<&str, &[CredentialPart]> = HashMap::new();
    for id in ids {
        let Some(rule) = catalogue.get(id) else { continue };
        if let Detect::Secret(secret) = &rule.detect
            && !secret.parts.is_empty()
        {
            owners.insert(&rule.id, &secret.parts);
        }
    }
    if owners.is_empty() {
        return;
    }
    let mut pairs = Vec::new();
    let mut first = 0;
    for of_file in findings.chunk_by(|left, right| left.location.path == right.location.path) {
        pairs.extend(pairs_of(of_file, &owners).into_iter().map(|pair| Pair {
            owner: first + pair.owner,
            part: first + pair.part,
            ..pair
        }));
        first += of_file.len();
    }
    if pairs.is_empty() {
        return;
    }
    let mut all: Vec<Option<Finding>> = std::mem::take(findings).into_iter().map(Some).collect();
    for pair in &pairs {
        let part = all.get_mut(pair.part).and_then(Option::take);
        if let (Some(part), Some(Some(owner))) = (part, all.get_mut(pair.owner)) {
            let title = catalogue.get(&part.rule).map_or("part", |rule| &rule.title);
            absorb(owner, part, pair.slot.name.as_deref().unwrap_or(title));
        }
    }
    findings.extend(all.into_iter().flatten());
}

/// A secret and what belongs to it, by their places in a list.
struct Pair<'r> {
    owner: usize,
    part: usize,
    slot: &'r CredentialPart,
}

/// What belongs together among the findings of one file.
fn pairs_of<'r>(findings: &[Finding], owners: &HashMap<&str, &'r [CredentialPart]>) -> Vec<Pair<'r>> {
    let mut wishes: Vec<(&CredentialPart, usize)> = Vec::new();
    for (index, finding) in findings.iter().enumerate() {
        // A hint must not hide what is found for certain.
        if finding.confidence > Confidence::Low {
            let slots = owners.get(&*finding.rule).copied().unwrap_or_default();
            wishes.extend(slots.iter().map(|slot| (slot, index)));
        }
    }
    // Rules that want the same share what there is of it. Who wants one of few is asked before who takes any.
    wishes.sort_by(|(one, index), (other, at)| one.wish().cmp(&other.wish()).then(index.cmp(at)));
    let mut pairs: Vec<Pair<'r>> = Vec::new();
    let mut is_part = vec![false; findings.len()];
    let mut is_owner = vec![false; findings.len()];
    for wishes in wishes.chunk_by(|(one, _), (other, _)| one.wish() == other.wish()) {
        let Some(&(slot, _)) = wishes.first() else { continue };
        let mut secrets: Vec<usize> = wishes.iter().map(|&(_, index)| index).collect();
        secrets.retain(|&index| is_part.get(index) == Some(&false));
        let is_free = |index: &usize| is_part.get(*index) == Some(&false) && is_owner.get(*index) == Some(&false);
        let parts: Vec<usize> = (0..findings.len())
            .filter(is_free)
            .filter(|&index| findings.get(index).is_some_and(|finding| slot.any.iter().any(|id| **id == *finding.rule)))
            .collect();
        for (owner, part) in matched(findings, &secrets, &parts, slot.lines) {
            is_owner[owner] = true;
            is_part[part] = true;
            pairs.push(Pair { owner, part, slot });
        }
    }
    pairs
}

/// Pairs `secrets` with `parts`, both in the order of the text, so that most have one, and the ways between them are shortest.
/// No two ways cross: of lists of ids and secrets the first goes with the first.
fn matched(findings: &[Finding], secrets: &[usize], parts: &[usize], lines: u32) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    let line = |index: Option<&usize>| index.and_then(|&index| findings.get(index)).map(|finding| lines_of(finding).0);
    let (mut next_secret, mut next_part) = (0, 0);
    while next_secret < secrets.len() && next_part < parts.len() {
        let (first_secret, first_part) = (next_secret, next_part);
        let mut last = None;
        while next_secret - first_secret + next_part - first_part < MAX_CLUSTER {
            let (secret, part) = (line(secrets.get(next_secret)), line(parts.get(next_part)));
            let takes_secret = secret.is_some_and(|secret| part.is_none_or(|part| secret <= part));
            let Some(at) = (if takes_secret { secret } else { part }) else { break };
            // A block of many lines reaches further than its first.
            if last.is_some_and(|last| at > last && at - last > lines.saturating_add(MAX_BLOCK_LINES)) {
                break;
            }
            last = Some(at);
            if takes_secret { next_secret += 1 } else { next_part += 1 }
        }
        let cluster = (secrets.get(first_secret..next_secret), parts.get(first_part..next_part));
        if let (Some(secrets), Some(parts)) = cluster {
            pairs.extend(aligned(findings, secrets, parts, lines));
        }
    }
    pairs
}

/// Lines of the longest secret that is a block, a private key.
const MAX_BLOCK_LINES: u32 = 64;

/// The pairs of one cluster, by dynamic programming over both lists.
fn aligned(findings: &[Finding], secrets: &[usize], parts: &[usize], lines: u32) -> Vec<(usize, usize)> {
    let worth = |secret: usize, part: usize| Some(PAIR - cost(findings.get(secret)?, findings.get(part)?, lines)?);
    let width = parts.len() + 1;
    // What the first `i` secrets and the first `j` parts are worth at best, at `i * width + j`.
    let mut best = vec![0_i64; (secrets.len() + 1) * width];
    for (i, &secret) in secrets.iter().enumerate() {
        for (j, &part) in parts.iter().enumerate() {
            let alone = best[i * width + j + 1].max(best[(i + 1) * width + j]);
            let paired = worth(secret, part).map_or(0, |worth| best[i * width + j] + worth);
            best[(i + 1) * width + j + 1] = alone.max(paired);
        }
    }
    let mut pairs = Vec::new();
    let (mut i, mut j) = (secrets.len(), parts.len());
    while i > 0 && j > 0 {
        let here = best[i * width + j];
        if here == best[(i - 1) * width + j] {
            i -= 1;
        } else if here == best[i * width + j - 1] {
            j -= 1;
        } else {
            (i, j) = (i - 1, j - 1);
            pairs.push((secrets[i], parts[j]));
        }
    }
    pairs
}

/// How far it is from `secret` to `part`; `None` where that is too far, or they do not stand in one text.
fn cost(secret: &Finding, part: &Finding, lines: u32) -> Option<i64> {
    let is_one_text = secret.origin == part.origin
        && match (&secret.introduction, &part.introduction) {
            (None, None) => true,
            (Some(one), Some(other)) => one.at_head == other.at_head && (one.at_head || one.commit == other.commit),
            _ => false,
        };
    let ((first, last), (part_first, part_last)) = (lines_of(secret), lines_of(part));
    let distance = part_first.saturating_sub(last).max(first.saturating_sub(part_last));
    let (span, part_span) = (secret.location.span, part.location.span);
    let bytes = part_span.start.saturating_sub(span.end).max(span.start.saturating_sub(part_span.end));
    if !is_one_text || distance > lines || bytes > MAX_BYTES || span.overlaps(part_span) {
        return None;
    }
    // An id usually stands in front of its secret.
    let behind = usize::from(part_span.start > span.start) * (LINE / 2);
    i64::try_from(distance as usize * LINE + behind + bytes / 2).ok()
}

/// First and last line of `finding`.
fn lines_of(finding: &Finding) -> (u32, u32) {
    let region = finding.location.region;
    (region.start.line, region.end.line.max(region.start.line))
}

/// Makes `part` a part of `owner`, which calls it `name`.
fn absorb(owner: &mut Finding, part: Finding, name: &str) {
    // What was found for certain, or is worse, stays so.
    owner.severity = owner.severity.max(part.severity);
    owner.confidence = Confidence::High;
    owner.state = match (owner.state, part.state) {
        (Some(State::Existing), Some(State::New | State::Changed)) => Some(State::Changed),
        (state, _) => state,
    };
    owner.on_changed_lines = match (owner.on_changed_lines, part.on_changed_lines) {
        (Some(one), Some(other)) => Some(one || other),
        (one, other) => one.or(other),
    };
    owner.tools.extend(part.tools);
    owner.tools.sort_unstable();
    owner.tools.dedup();
    let identity = Part { rule: part.rule, fingerprint: part.fingerprint };
    // A report that was read back names the place already, and another tool has found it there as well.
    let is_place = |related: &&mut RelatedLocation| {
        (&related.location.path, related.location.region) == (&part.location.path, part.location.region)
    };
    if let Some(known) = owner.related.iter_mut().find(is_place) {
        known.part = Some(identity);
        return;
    }
    let mut message = name.to_owned();
    for word in part.evidence.iter().flat_map(|evidence| std::iter::once(&evidence.value).chain(&evidence.facts)) {
        message.push_str(if message.len() == name.len() { " " } else { ", " });
        message.push_str(word);
    }
    if let Some(evidence) = &mut owner.evidence {
        evidence.facts.push(format!("stands with its {name}"));
    }
    owner.related.push(RelatedLocation { location: part.location, message, part: Some(identity) });
}

#[cfg(test)]
mod tests;
