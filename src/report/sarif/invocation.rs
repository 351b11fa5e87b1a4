//! The run itself as a SARIF invocation: how it ended, and a notification for each thing that it did not see.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use serde_sarif::sarif::{Invocation, Notification, PropertyBag, ReportingDescriptorReference};

use super::{Location, PhysicalLocation, Region, artifact, message};
use crate::coverage::{Cause, CoverageEntry};
use crate::gate::Outcome;
use crate::report::{Run, wording};
use crate::trust::Attempt;

/// Most notifications about single inputs; the rest is summed up in one.
const SINGLE: usize = 1000;

/// The invocation of `run`, whose report leaves out `cut` results.
pub(super) fn invocation(run: &Run<'_>, cut: usize) -> Invocation {
    let outcome = run.verdict.outcome;
    Invocation::builder()
        .execution_successful(outcome != Outcome::Undecided)
        .exit_code(outcome.exit_code())
        .exit_code_description(format!("{}: {}", wording::outcome(outcome), wording::sentence(run)))
        .tool_execution_notifications(notifications(run, cut))
        .build()
}

fn notifications(run: &Run<'_>, cut: usize) -> Vec<Notification> {
    let coverage = &run.scan.coverage;
    // Failures first: they are what the verdict hangs on.
    let single: Vec<&CoverageEntry> = coverage.failures().chain(coverage.partial()).collect();
    let mut notifications: Vec<Notification> =
        single.iter().take(SINGLE).map(|entry| about_input(run, entry)).collect();
    if single.len() > SINGLE {
        let words = format!("{} more inputs were not, or not wholly, examined.", single.len() - SINGLE);
        notifications.push(notification("coverage/more", "warning", &words));
    }
    let told: BTreeSet<String> = single.iter().map(ToString::to_string).collect();
    let other = run.verdict.undecided.iter().filter(|reason| !told.contains(*reason));
    notifications.extend(other.map(|reason| notification("verdict/undecided", "error", reason)));
    if let Some(trust) = &run.scan.trust {
        let level = if run.verdict.self_suppression > 0 { "error" } else { "warning" };
        notifications.extend(trust.attempts.iter().map(|attempt| about_attempt(attempt, level)));
    }
    for (cause, number) in wording::skipped(run) {
        let words = format!("{} left out: {}.", wording::count(number, "input"), cause.name());
        notifications.push(notification(&format!("coverage/{}", cause.name()), "note", &words));
    }
    if cut > 0 {
        let (total, kept) = (run.scan.findings.len(), run.scan.findings.len() - cut);
        let words =
            format!("The scan has {total} results; this report holds the weightiest {kept} and leaves out {cut}.");
        notifications.push(notification("report/cut", "warning", &words));
    }
    notifications
}

/// A notification about something that the change does to its own judgement.
fn about_attempt(attempt: &Attempt, level: &str) -> Notification {
    let id = format!("self-suppression/{}", attempt.means.name());
    let mut notification = notification(&id, level, &attempt.detail);
    let mut physical = PhysicalLocation::builder().artifact_location(artifact(&attempt.path)).build();
    physical.region = attempt.line.map(|line| Region::builder().start_line(line).build());
    notification.locations = Some(vec![Location::builder().physical_location(physical).build()]);
    notification
}

fn about_input(run: &Run<'_>, entry: &CoverageEntry) -> Notification {
    let level = if run.policy.leaves_open(entry.cause) { "error" } else { "warning" };
    let mut notification = notification(&format!("coverage/{}", entry.cause.name()), level, &entry.detail);
    let physical = PhysicalLocation::builder().artifact_location(artifact(&entry.path)).build();
    notification.locations = Some(vec![Location::builder().physical_location(physical).build()]);
    notification
}

fn notification(id: &str, level: &str, words: &str) -> Notification {
    Notification::builder()
        .descriptor(ReportingDescriptorReference::builder().id(id).build())
        .level(level)
        .message(message(words))
        .build()
}

/// What the run covered, and where its policy comes from, as properties of the run.
pub(super) fn properties(run: &Run<'_>) -> PropertyBag {
    let coverage = &run.scan.coverage;
    let mut causes = serde_json::Map::new();
    for cause in Cause::ALL {
        let number = coverage.count(cause);
        if number > 0 {
            causes.insert(cause.name().to_owned(), number.into());
        }
    }
    let covered = json!({
        "seen": coverage.seen,
        "scanned": coverage.scanned,
        "parsed": coverage.parsed,
        "bytes": coverage.bytes,
        "causes": causes,
    });
    let mut bag = BTreeMap::from([("coverage".to_owned(), covered)]);
    bag.insert("decisions".to_owned(), json!(run.verdict.decisions));
    if !run.verdict.overruled.is_empty() {
        bag.insert("overruled".to_owned(), json!(run.verdict.overruled));
    }
    if let Some(trust) = &run.scan.trust {
        let said = json!({
            "policyFrom": trust.policy_from,
            "commit": trust.commit,
            "isHead": trust.is_head,
            "blocks": trust.blocks,
            "attempts": trust.attempts,
        });
        bag.insert("selfSuppression".to_owned(), said);
    }
    PropertyBag::builder().additional_properties(bag).build()
}
