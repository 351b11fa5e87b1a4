//! The run as `OpenMetrics` text, for the text file collector of the node exporter or for a push gateway.
//!
//! All metrics are gauges, because that is what both of them take, and what a run is: a value that the next run replaces.
//! (`OpenMetrics` 1.0, "Text Format".)

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::escape::visible;
use super::grouping::owners;
use super::{Run, wording};
use crate::coverage::Cause;
use crate::finding::{Category, Severity, State, SuppressionKind};
use crate::gate::Outcome;

/// Most owners that get a value of their own.
const OWNERS: usize = 200;

pub(super) fn write(run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
    let findings = &run.scan.findings;
    let active = || findings.iter().filter(|finding| finding.is_active());
    family(out, "lockgate_build_info", "Version of Lockgate.", None)?;
    sample(out, "lockgate_build_info", &[("version", run.version)], 1)?;

    family(out, "lockgate_verdict", "1 for the verdict of the run, 0 for the others.", None)?;
    for outcome in [Outcome::Pass, Outcome::Block, Outcome::Undecided] {
        let value = u64::from(run.verdict.outcome == outcome);
        sample(out, "lockgate_verdict", &[("outcome", outcome.name())], value)?;
    }

    family(out, "lockgate_findings", "Findings that nothing suppresses, by severity and category.", None)?;
    let mut numbers: BTreeMap<(Severity, Category), u64> = BTreeMap::new();
    for finding in active() {
        *numbers.entry((finding.severity, finding.category)).or_default() += 1;
    }
    for &severity in Severity::ALL.iter().rev() {
        for &category in Category::ALL {
            let labels = [("severity", severity.name()), ("category", category.name())];
            sample(out, "lockgate_findings", &labels, numbers.get(&(severity, category)).copied().unwrap_or(0))?;
        }
    }

    family(out, "lockgate_findings_blocking", "Findings that block.", None)?;
    sample(out, "lockgate_findings_blocking", &[], run.verdict.blocking.len() as u64)?;

    family(out, "lockgate_findings_suppressed", "Findings that do not count, by what suppresses them.", None)?;
    for (kind, name) in [(SuppressionKind::Inline, "inline"), (SuppressionKind::Baseline, "baseline")] {
        let is_of = |finding: &&crate::finding::Finding| {
            finding.suppression.as_ref().is_some_and(|suppression| suppression.kind == kind)
        };
        sample(out, "lockgate_findings_suppressed", &[("kind", name)], findings.iter().filter(is_of).count() as u64)?;
    }

    if run.scan.comparison.is_some() {
        family(out, "lockgate_findings_compared", "Findings against the base of the comparison, by state.", None)?;
        for (state, name) in [(State::New, "new"), (State::Changed, "changed"), (State::Existing, "existing")] {
            let number = wording::in_state(run, state) as u64;
            sample(out, "lockgate_findings_compared", &[("state", name)], number)?;
        }
    }

    let mut by_owner: BTreeMap<String, u64> = BTreeMap::new();
    for finding in active() {
        *by_owner.entry(owners(&finding.owners)).or_default() += 1;
    }
    if findings.iter().any(|finding| !finding.owners.is_empty()) {
        family(
            out,
            "lockgate_findings_by_owner",
            "Findings that nothing suppresses, by the owners of the file.",
            None,
        )?;
        for (owner, number) in by_owner.iter().take(OWNERS) {
            sample(out, "lockgate_findings_by_owner", &[("owner", owner)], *number)?;
        }
    }

    let coverage = &run.scan.coverage;
    family(out, "lockgate_inputs_seen", "Inputs that the run met.", None)?;
    sample(out, "lockgate_inputs_seen", &[], coverage.seen)?;
    family(out, "lockgate_inputs_scanned", "Inputs that were examined, wholly or in part.", None)?;
    sample(out, "lockgate_inputs_scanned", &[], coverage.scanned)?;
    family(out, "lockgate_scanned_bytes", "Bytes of text that were examined.", Some("bytes"))?;
    sample(out, "lockgate_scanned_bytes", &[], coverage.bytes)?;
    family(out, "lockgate_inputs_not_examined", "Inputs not, or not wholly, examined, by cause.", None)?;
    for cause in Cause::ALL {
        sample(out, "lockgate_inputs_not_examined", &[("cause", cause.name())], coverage.count(cause) as u64)?;
    }

    if let Some(timing) = run.timing {
        family(out, "lockgate_run_duration_seconds", "How long scan and judgement took.", Some("seconds"))?;
        writeln!(out, "lockgate_run_duration_seconds {:.3}", timing.scan.as_secs_f64())?;
        family(out, "lockgate_run_timestamp_seconds", "When the run began, since 1970.", Some("seconds"))?;
        sample(out, "lockgate_run_timestamp_seconds", &[], timing.started)?;
    }
    writeln!(out, "# EOF")
}

/// The head of a metric.
fn family(out: &mut dyn Write, name: &str, help: &str, unit: Option<&str>) -> io::Result<()> {
    writeln!(out, "# TYPE {name} gauge")?;
    if let Some(unit) = unit {
        writeln!(out, "# UNIT {name} {unit}")?;
    }
    writeln!(out, "# HELP {name} {help}")
}

fn sample(out: &mut dyn Write, name: &str, labels: &[(&str, &str)], value: u64) -> io::Result<()> {
    if labels.is_empty() {
        return writeln!(out, "{name} {value}");
    }
    let labels: Vec<String> = labels.iter().map(|(key, value)| format!("{key}=\"{}\"", label(value))).collect();
    writeln!(out, "{name}{{{}}} {value}", labels.join(","))
}

/// The value of a label, escaped.
fn label(text: &str) -> String {
    visible(text).replace('\\', "\\\\").replace('"', "\\\"")
}
