//! GitLab's Code Quality report: a list of issues in the form of Code Climate.
//! (GitLab documentation, "Code Quality", "Code Quality report format".)

use std::collections::BTreeSet;
use std::io;

use serde::Serialize;

use super::Run;
use super::escape::{cut, write_json};
use crate::finding::Severity;

/// Characters of a description.
const DESCRIPTION: usize = 500;

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    /// GitLab compares issues of two branches by it, and takes two with one fingerprint for one.
    fingerprint: String,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

pub(super) fn write(run: &Run<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let mut names = Unique::default();
    let items = run.items();
    let active = items.iter().filter(|item| item.finding.is_active());
    let issues: Vec<Issue<'_>> = active
        .map(|item| {
            let finding = item.finding;
            Issue {
                description: cut(&finding.message, DESCRIPTION),
                check_name: &finding.rule,
                fingerprint: names.of(&finding.fingerprint.to_string()),
                severity: severity(finding.severity),
                location: Location {
                    path: &finding.location.path,
                    lines: Lines { begin: finding.location.region.start.line.max(1) },
                },
            }
        })
        .collect();
    write_json(out, &issues)?;
    out.write_all(b"\n")
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "blocker",
        Severity::High => "critical",
        Severity::Medium => "major",
        Severity::Low => "minor",
        Severity::Info => "info",
    }
}

/// Names that are given once: the second of a kind gets a number.
#[derive(Default)]
pub(super) struct Unique(BTreeSet<String>);

impl Unique {
    /// `name`, or `name-2` and so on where it was given before.
    pub(super) fn of(&mut self, name: &str) -> String {
        let mut candidate = name.to_owned();
        let mut number = 1;
        while !self.0.insert(candidate.clone()) {
            number += 1;
            candidate = format!("{name}-{number}");
        }
        candidate
    }
}
