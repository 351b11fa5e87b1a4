//! Comma-separated values (RFC 4180), one finding a row, for spreadsheets.
//!
//! A spreadsheet takes a field that begins with `=`, `+`, `-` or `@` for a formula, which can fetch and run things. Such a
//! field gets an apostrophe in front, which spreadsheets do not show as part of the text (OWASP, "CSV Injection"). Lines end
//! in LF.

use std::io;

use super::escape::visible;
use super::{Item, Run};
use crate::finding::{State, SuppressionKind};

/// The names of the columns.
const HEAD: [&str; 19] = [
    "severity",
    "confidence",
    "category",
    "rule",
    "path",
    "line",
    "column",
    "end_line",
    "end_column",
    "message",
    "resource",
    "owners",
    "tools",
    "blocks",
    "state",
    "suppressed",
    "justification",
    "fingerprint",
    "remediation",
];

pub(super) fn write(run: &Run<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    row(&HEAD.map(ToOwned::to_owned), out)?;
    for item in run.items() {
        row(&fields(run, item), out)?;
    }
    Ok(())
}

fn fields(run: &Run<'_>, item: Item<'_>) -> [String; HEAD.len()] {
    let finding = item.finding;
    let region = finding.location.region;
    let state = finding.state.map_or("", |state| match state {
        State::New => "new",
        State::Changed => "changed",
        State::Existing => "existing",
    });
    let suppressed = finding.suppression.as_ref().map_or("", |suppression| match suppression.kind {
        SuppressionKind::Inline => "inline",
        SuppressionKind::Baseline => "baseline",
        SuppressionKind::Waiver => "waiver",
        SuppressionKind::External => "external",
    });
    let justification = finding.suppression.as_ref().and_then(|suppression| suppression.justification.clone());
    let tools: Vec<String> = finding.tools.iter().map(ToString::to_string).collect();
    [
        finding.severity.name().to_owned(),
        finding.confidence.name().to_owned(),
        finding.category.name().to_owned(),
        finding.rule.to_string(),
        finding.location.path.to_string(),
        region.start.line.to_string(),
        region.start.column.to_string(),
        region.end.line.to_string(),
        region.end.column.to_string(),
        finding.message.clone(),
        finding.resource.clone().unwrap_or_default(),
        finding.owners.join(" "),
        tools.join(" "),
        if item.blocks { "yes" } else { "no" }.to_owned(),
        state.to_owned(),
        suppressed.to_owned(),
        justification.unwrap_or_default(),
        finding.fingerprint.to_string(),
        run.rule(finding).map(|rule| rule.details.remediation.clone()).unwrap_or_default(),
    ]
}

fn row(fields: &[String], out: &mut dyn io::Write) -> io::Result<()> {
    let quoted: Vec<String> = fields.iter().map(|field| quoted(field)).collect();
    writeln!(out, "{}", quoted.join(","))
}

/// `text` as a field in quotes that no spreadsheet computes.
fn quoted(text: &str) -> String {
    let text = visible(&text.replace('\n', " "));
    // Full-width forms are formulas in some languages; a blank in front is passed over.
    let is_formula = text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '|', '%']);
    format!("\"{}{}\"", if is_formula { "'" } else { "" }, text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_field_is_a_formula() {
        assert_eq!(quoted("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
        for start in ["+1", "-1", "@SUM(A1)", "\t=1", " =1", "＝1", "\r=1", "|x"] {
            let field = quoted(start);
            assert!(field.starts_with("\"'") || field.starts_with("\"␉") || field.starts_with("\"␍"), "{field}");
        }
        assert_eq!(quoted("a,\nb"), "\"a, b\"");
    }
}
