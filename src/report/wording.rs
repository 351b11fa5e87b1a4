//! The sentences on verdict and coverage that the reports for people share: text, annotations, summary.
//!
//! They put into words what the gate decided. Whatever comes from the scanned tree goes through [`super::escape`] at the
//! place where it is printed, not here.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Run;
use crate::coverage::{Cause, Consequence};
use crate::finding::{Category, Finding, Fix, Introduction, RelatedLocation, State};
use crate::gate::{Outcome, Threshold};

/// `1 finding`, `2 findings`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// What `lockgate fix` would do.
pub(super) fn fix(fix: &Fix) -> String {
    let option = if fix.is_unsafe { " --unsafe" } else { "" };
    format!("can be applied by `lockgate fix{option}`: {}", fix.description)
}

/// Most places that belong to a finding that a report lists in words.
pub(super) const RELATED: usize = 8;

/// What stands at a place that belongs to a finding, and where.
pub(super) fn related(related: &RelatedLocation) -> String {
    let (place, start) = (&related.location, related.location.region.start);
    format!("{} at {}:{}:{}", related.message, place.path, start.line, start.column)
}

/// How a run ended, in one word.
pub(super) fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "passed",
        Outcome::Block => "blocked",
        Outcome::Undecided => "undecided",
    }
}

/// The verdict in one sentence, without the word for the outcome and without a full stop.
pub(super) fn sentence(run: &Run<'_>) -> String {
    let blocking = run.verdict.blocking.len();
    let suppressed = run.scan.findings.iter().filter(|finding| !finding.is_active()).count();
    let existing = in_state(run, State::Existing);
    let below = (run.scan.findings.len() - suppressed - existing).saturating_sub(blocking);
    let noun = if run.scan.comparison.is_some() { "new or changed finding" } else { "finding" };
    let mut words = match run.verdict.outcome {
        Outcome::Pass => format!("no {noun} {}", measure(run)),
        Outcome::Block if blocking == 0 => attempts(run.verdict.self_suppression),
        Outcome::Block => format!("{} {}", count(blocking, noun), measure(run)),
        Outcome::Undecided => {
            let reasons = run.verdict.undecided.len();
            let mut words = format!("{} left the verdict open", count(reasons, "problem"));
            if blocking > 0 {
                let _ = write!(words, "; {} {}", count(blocking, noun), measure(run));
            }
            words
        }
    };
    if run.verdict.self_suppression > 0 && blocking > 0 {
        let _ = write!(words, "; {}", attempts(run.verdict.self_suppression));
    }
    let others = [(below, "below"), (suppressed, "suppressed")];
    let others: Vec<String> =
        others.iter().filter(|(number, _)| *number > 0).map(|(number, what)| format!("{number} {what}")).collect();
    if !others.is_empty() {
        let _ = write!(words, " ({})", others.join(", "));
    }
    words
}

/// `1 attempt of the change to suppress itself`.
fn attempts(number: usize) -> String {
    format!("{} of the change to suppress itself", count(number, "attempt"))
}

/// Where the policy comes from, and what the change did about it, in one sentence without a full stop; `None` where it is
/// that of the scanned tree.
pub(super) fn trust(run: &Run<'_>) -> Option<String> {
    let trust = run.scan.trust.as_ref()?;
    let mut words = format!("policy from {}", trust.policy_from);
    if trust.is_head {
        words.push_str(", which is HEAD: what is committed has a say in its own judgement");
    }
    match trust.attempts.len() {
        0 => words.push_str("; nothing in the change suppresses it"),
        number => {
            let follows = if trust.blocks { "which blocks" } else { "without effect" };
            let _ = write!(words, "; {}, {follows}", attempts(number));
        }
    }
    Some(words)
}

/// The number of findings in `state` that nothing suppresses.
pub(super) fn in_state(run: &Run<'_>, state: State) -> usize {
    run.scan.findings.iter().filter(|finding| finding.is_active() && finding.state == Some(state)).count()
}

/// What came of a comparison, in one sentence without a full stop, with `aside` behind the existing findings, unless there
/// are none.
pub(super) fn comparison(run: &Run<'_>, aside: &str) -> Option<String> {
    let comparison = run.scan.comparison.as_ref()?;
    let (new, changed) = (in_state(run, State::New), in_state(run, State::Changed));
    let mut words = format!("compared with {}: {new} new, {changed} changed", comparison.base);
    let existing = in_state(run, State::Existing);
    let aside = if existing == 0 { "" } else { aside };
    let _ = write!(words, "; {existing} existing{aside}; {} fixed", comparison.fixed());
    Some(words)
}

/// How `finding` stands to the base of a comparison.
pub(super) fn state(run: &Run<'_>, finding: &Finding) -> Option<String> {
    let base = run.scan.comparison.as_ref().map_or("the base", |comparison| &comparison.base);
    Some(match finding.state? {
        State::New => format!("new: not in {base}"),
        State::Changed => format!("changed: stands in {base} in another form"),
        State::Existing => format!("existing: stands in {base} too, does not block"),
    })
}

/// Where a finding comes from.
pub(super) fn introduction(introduction: &Introduction) -> String {
    let commit = introduction.commit.get(..12).unwrap_or(&introduction.commit);
    let day = introduction.date.get(..10).unwrap_or(&introduction.date);
    let gone = if introduction.at_head { "" } else { ", no longer at HEAD" };
    format!("introduced in {commit} ({day}){gone}")
}

/// What each part of the policy blocks, where it has entries, and which suppressions do not count. `all` tells also of the
/// parts that block nothing.
pub(super) fn decisions(run: &Run<'_>, all: bool) -> Vec<String> {
    let mut lines = Vec::new();
    if all || !run.policy.entries.is_empty() {
        let decisions = run.verdict.decisions.iter().filter(|decision| all || !decision.blocking.is_empty());
        lines.extend(decisions.map(|decision| {
            let (blocking, others) = (decision.blocking.len(), decision.findings - decision.blocking.len());
            let aside = if all && others > 0 { format!(", which lets {others} pass") } else { String::new() };
            format!("{blocking} by the policy `{}`{aside}: {}", decision.policy, decision.reasons.join("; "))
        }));
    }
    let overruled = run.verdict.overruled.iter().filter_map(|&index| run.scan.findings.get(index));
    let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in overruled {
        *rules.entry(&finding.rule).or_default() += 1;
    }
    lines.extend(rules.into_iter().map(|(rule, number)| {
        let (noun, verb) = if number == 1 { ("suppression", "does") } else { ("suppressions", "do") };
        format!("{number} {noun} of {rule} {verb} not count: the policy says that nothing may suppress it")
    }));
    lines
}

/// What the gate measures findings by.
fn measure(run: &Run<'_>) -> String {
    if run.policy.entries.is_empty() {
        format!("at or above {}", thresholds(run))
    } else {
        "that the policy blocks".to_owned()
    }
}

/// What blocks: one threshold where a single one is in play, otherwise a pointer to the categories.
fn thresholds(run: &Run<'_>) -> String {
    let findings = &run.scan.findings;
    let blocking: Vec<Category> =
        run.verdict.blocking.iter().filter_map(|&index| findings.get(index)).map(|finding| finding.category).collect();
    let categories = if blocking.is_empty() { Category::ALL } else { &blocking };
    let mut in_play: Vec<Threshold> = categories.iter().map(|&category| run.policy.threshold(category)).collect();
    in_play.dedup();
    match in_play.as_slice() {
        [one] => format!("{} severity and {} confidence", one.severity, one.confidence),
        _ => "the threshold of its category".to_owned(),
    }
}

/// The rules whose findings block, with their numbers; the most frequent first.
pub(super) fn blocking_rules<'a>(run: &Run<'a>) -> Vec<(&'a str, usize)> {
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in run.verdict.blocking.iter().filter_map(|&index| run.scan.findings.get(index)) {
        *numbers.entry(&finding.rule).or_default() += 1;
    }
    let mut rules: Vec<(&str, usize)> = numbers.into_iter().collect();
    rules.sort_by_key(|&(_, number)| Reverse(number));
    rules
}

/// What would turn an undecided run into a decided one: a sentence for each cause that left it open.
pub(super) fn mends(run: &Run<'_>) -> Vec<&'static str> {
    let mut mends: Vec<&str> = Cause::ALL
        .iter()
        .filter(|&&cause| run.policy.leaves_open(cause) && run.scan.coverage.count(cause) > 0)
        .map(|cause| match cause {
            Cause::Vanished => "run again when nothing else writes to the tree",
            Cause::Missing => {
                "fetch what is missing, or leave out what needs it with `[scan] exclude` in lockgate.toml"
            }
            Cause::TooLarge => {
                "raise `[scan] max-file-size` in lockgate.toml, or leave the file out with `[scan] exclude`"
            }
            Cause::Bound | Cause::Unparsed | Cause::NotRegular | Cause::SymlinkOutside | Cause::SymlinkBroken => {
                "mend the file, or leave it out with `[scan] exclude` in lockgate.toml"
            }
            _ => "let the user that runs Lockgate read it, or leave it out with `[scan] exclude` in lockgate.toml",
        })
        .collect();
    mends.dedup();
    mends
}

/// Number of inputs left out on purpose, by cause, in the order of [`Cause::ALL`].
pub(super) fn skipped(run: &Run<'_>) -> Vec<(Cause, usize)> {
    let mut numbers: BTreeMap<Cause, usize> = BTreeMap::new();
    for entry in &run.scan.coverage.entries {
        *numbers.entry(entry.cause).or_default() += 1;
    }
    Cause::ALL
        .iter()
        .filter(|cause| cause.consequence() == Consequence::Skipped)
        .filter_map(|cause| numbers.get(cause).map(|&number| (*cause, number)))
        .collect()
}

/// What was examined, in one sentence without a full stop.
pub(super) fn coverage(run: &Run<'_>) -> String {
    let coverage = &run.scan.coverage;
    let mut words = format!("{} seen, {} scanned ({})", files(coverage.seen), coverage.scanned, size(coverage.bytes));
    let skipped = skipped(run);
    if !skipped.is_empty() {
        let list: Vec<String> = skipped.iter().map(|(cause, number)| format!("{number} {}", cause.name())).collect();
        let _ = write!(words, "; left out: {}", list.join(", "));
    }
    words
}

fn files(number: u64) -> String {
    if number == 1 { "1 file".to_owned() } else { format!("{number} files") }
}

/// `bytes` in the largest decimal unit that leaves a whole number before the point.
fn size(bytes: u64) -> String {
    let units = [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)];
    match units.iter().find(|(_, unit)| bytes >= *unit) {
        Some((name, unit)) => format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit),
        None => format!("{bytes} B"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_rounded_down_to_one_decimal() {
        assert_eq!(size(0), "0 B");
        assert_eq!(size(999), "999 B");
        assert_eq!(size(14_260_000), "14.2 MB");
        assert_eq!(size(u64::MAX), "18446744073.7 GB");
    }

    #[test]
    fn nouns_follow_their_number() {
        assert_eq!(count(1, "finding"), "1 finding");
        assert_eq!(count(0, "finding"), "0 findings");
        assert_eq!(files(1), "1 file");
    }
}
