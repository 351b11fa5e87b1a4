//! The run itself as a SARIF invocation: how it ended, and a notification for each thing that it did not see.

use std::collections::BTreeSet;

use serde_sarif::sarif::{Invocation, Notification, ReportingDescriptorReference};

use super::{Location, PhysicalLocation, artifact, message};
use crate::coverage::{Consequence, CoverageEntry};
use crate::gate::Outcome;
use crate::report::{Run, wording};

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
    let mut notifications: Vec<Notification> = single.iter().take(SINGLE).map(|entry| about_input(entry)).collect();
    if single.len() > SINGLE {
        let words = format!("{} more inputs were not, or not wholly, examined.", single.len() - SINGLE);
        notifications.push(notification("coverage/more", "warning", &words));
    }
    let told: BTreeSet<String> = coverage.failures().map(ToString::to_string).collect();
    let other = run.verdict.undecided.iter().filter(|reason| !told.contains(*reason));
    notifications.extend(other.map(|reason| notification("verdict/undecided", "error", reason)));
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

fn about_input(entry: &CoverageEntry) -> Notification {
    let level = if entry.cause.consequence() == Consequence::Failed { "error" } else { "warning" };
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
