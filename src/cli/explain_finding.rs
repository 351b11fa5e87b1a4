//! `lockgate explain --finding FINGERPRINT`: why one finding was reported, and why with this confidence.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::Write;

use clap::Parser;

use super::args::{ExplainArgs, InputArgs};
use super::{CommandError, invocation, print, scan};
use crate::engine::secrets::generic;
use crate::finding::{Confidence, Finding};
use crate::report::harmless_lines;
use crate::rules::schema::{Detect, Rule};

/// Fewest digits of a fingerprint that may stand for all of it.
const FEWEST_DIGITS: usize = 6;

/// The options of a scan with their defaults.
#[derive(Parser)]
struct Defaults {
    #[command(flatten)]
    input: InputArgs,
}

/// Scans, and explains the finding whose fingerprint begins with `fingerprint`.
pub(super) fn run(args: &ExplainArgs, fingerprint: &str, out: &mut dyn Write) -> Result<u8, CommandError> {
    let wanted = fingerprint.to_ascii_lowercase();
    if wanted.len() < FEWEST_DIGITS || !wanted.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let message =
            format!("`{fingerprint}` is no fingerprint: give its first {FEWEST_DIGITS} hexadecimal digits or more");
        return Err(CommandError::new(message));
    }
    let mut words: Vec<OsString> = vec!["lockgate".into(), "--confidence".into(), "low".into()];
    for pack in &args.rules {
        words.extend(["--rules".into(), pack.into()]);
    }
    words.extend(["--".into(), args.path.clone().into()]);
    let defaults = Defaults::try_parse_from(words).map_err(|error| CommandError::new(error.to_string()))?;
    let resolved = invocation::resolve(&defaults.input)?;
    let report = scan::findings(&resolved, true)?;
    let is_wanted = |finding: &&Finding| {
        let parts = finding.parts().map(|part| part.fingerprint);
        std::iter::once(finding.fingerprint).chain(parts).any(|one| one.to_string().starts_with(&wanted))
    };
    let found: Vec<&Finding> = report.findings.iter().filter(is_wanted).collect();
    let path = args.path.display();
    let finding = match found.as_slice() {
        [] => {
            return Err(CommandError::new(format!("no finding in {path} has a fingerprint that begins with {wanted}")));
        }
        [finding] => *finding,
        several => {
            let number = several.len();
            return Err(CommandError::new(format!("{number} findings have a fingerprint that begins with {wanted}")));
        }
    };
    let rule = super::rules::find(&resolved.invocation.catalogue, &finding.rule)?;
    let text = explain(finding, rule);
    print(out, |out| writeln!(out, "{}", harmless_lines(text.trim_end())))?;
    Ok(0)
}

/// The explanation; it holds of the secret no more than every report does.
fn explain(finding: &Finding, rule: &Rule) -> String {
    let Finding { location, severity, confidence, fingerprint, .. } = finding;
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = writeln!(text, "{} ({})", rule.title, rule.id);
    let _ = writeln!(text, "{}:{}:{}", location.path, location.region.start.line, location.region.start.column);
    let _ = writeln!(text, "{severity}, {confidence} confidence, fingerprint {fingerprint}");
    let _ = writeln!(text, "\nWhat is wrong\n  {}", finding.message);
    if let Some(evidence) = &finding.evidence {
        let _ = writeln!(text, "  value {}", evidence.value);
        let (weighed, established): (Vec<_>, Vec<_>) = evidence
            .facts
            .iter()
            .map(|fact| (generic::points_of(fact), fact))
            .partition(|(points, _)| points.is_some());
        if !weighed.is_empty() {
            let _ = writeln!(text, "\nWhat was weighed");
            let mut sum = 0;
            for (points, fact) in weighed {
                let points = points.unwrap_or_default();
                sum += points;
                let _ = writeln!(text, "  {points:+4}  {fact}");
            }
            let [high, medium, low] = generic::thresholds();
            let _ = writeln!(text, "  {sum:4}  points; {high} are high confidence, {medium} medium, {low} a hint");
        }
        if !established.is_empty() {
            let _ = writeln!(text, "\nWhat was established");
            for (_, fact) in established {
                let _ = writeln!(text, "  {fact}");
            }
        }
    }
    if !finding.related.is_empty() {
        let _ = writeln!(text, "\nWhat belongs to it");
        for related in &finding.related {
            let start = related.location.region.start;
            let _ =
                writeln!(text, "  {} at {}:{}:{}", related.message, related.location.path, start.line, start.column);
        }
    }
    let _ = writeln!(text, "\nWhy this confidence\n  {}", reason(finding, rule));
    if let Some(suppression) = &finding.suppression {
        let given = suppression.justification.as_deref().unwrap_or("no reason given");
        let _ = writeln!(text, "\nIt is silenced\n  {given}");
    }
    let _ = writeln!(text, "\nTo silence it");
    let _ = writeln!(text, "  on its line or the line above: lockgate: ignore[{}] why this is no danger", rule.id);
    let _ = writeln!(text, "  or with everything else of today: lockgate baseline create");
    let _ = writeln!(text, "\nMore on the rule: lockgate explain {}", rule.id);
    text
}

/// What the confidence rests on.
fn reason(finding: &Finding, rule: &Rule) -> String {
    let Detect::Secret(secret) = &rule.detect else {
        return "the configuration says so, and the rule is sure of it".to_owned();
    };
    if finding.confidence != rule.confidence {
        let direction = if finding.confidence < rule.confidence { "lower" } else { "higher" };
        return format!("the rule's own is {}; what is said above makes it {direction}", rule.confidence);
    }
    if !secret.validate.is_empty() {
        return format!("the rule's own; the value was proven by {}", secret.validate.join(", "));
    }
    match rule.confidence {
        Confidence::High => "the rule's own: hardly anything else has this form".to_owned(),
        Confidence::Medium => "the rule's own: other things may have this form".to_owned(),
        Confidence::Low => "the rule's own: many other things have this form".to_owned(),
    }
}
