//! Verdict and counts as `name=value` lines: what a shell can read without a parser, and what a GitHub step may append to
//! `GITHUB_OUTPUT`. No value comes from the scanned tree, so none can smuggle in a line of its own.

use std::io::{self, Write};

use super::{Run, wording};
use crate::finding::State;
use crate::rating::Severity;

/// Writes the lines of `run`.
pub(super) fn write(run: &Run<'_>, out: &mut dyn Write) -> io::Result<()> {
    let active = || run.scan.findings.iter().filter(|finding| finding.is_active());
    writeln!(out, "verdict={}", run.verdict.outcome.name())?;
    writeln!(out, "findings={}", active().count())?;
    writeln!(out, "blocking={}", run.verdict.blocking.len())?;
    writeln!(out, "suppressed={}", run.scan.findings.len() - active().count())?;
    if run.scan.comparison.is_some() {
        writeln!(out, "new={}", wording::in_state(run, State::New))?;
        writeln!(out, "changed={}", wording::in_state(run, State::Changed))?;
        writeln!(out, "existing={}", wording::in_state(run, State::Existing))?;
    }
    if let Some(trust) = &run.scan.trust {
        writeln!(out, "self-suppressions={}", trust.attempts.len())?;
    }
    for severity in Severity::ALL.iter().rev() {
        writeln!(out, "{severity}={}", active().filter(|finding| finding.severity == *severity).count())?;
    }
    writeln!(out, "files-scanned={}", run.scan.coverage.scanned)?;
    writeln!(out, "files-parsed={}", run.scan.coverage.parsed)?;
    writeln!(out, "files-not-scanned={}", run.scan.coverage.entries.len())
}
