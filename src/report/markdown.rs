//! The run as Markdown: for GitHub's job summary, and for a comment on a pull request.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

use super::escape::{cut, one_line};
use super::grouping::groups;
use super::{Item, Run, wording};
use crate::coverage::CoverageEntry;
use crate::finding::Severity;
use crate::gate::Outcome;

/// Findings that the summary lists.
const FINDINGS: usize = 50;

/// Entries of any other list.
const LIST: usize = 20;

/// Characters of one field. With the numbers above and six bytes a character this keeps the summary far below the
/// 1 MiB that GitHub accepts.
const FIELD: usize = 300;

/// Characters that GitHub takes for a comment, and GitLab takes more.
const COMMENT: usize = 65_536;

/// Characters of a comment that are kept for what stands behind the findings.
const BEHIND: usize = 8_000;

/// Marks the comment, so that a script finds the one of the run before and replaces it.
const MARK: &str = "<!-- lockgate -->";

/// Writes the run as a comment on a pull request: at most 65,536 characters, the weightiest findings first.
pub(super) fn write(run: &Run<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    out.write_all(comment(run).as_bytes())
}

fn comment(run: &Run<'_>) -> String {
    let mut page = format!("{MARK}\n");
    let mut head = String::new();
    verdict(run, &mut head);
    severities(run, &mut head);
    // A list of hostile reasons could fill the comment alone: the first sentence says how many there are.
    if characters(&head) > COMMENT / 2 {
        head = format!(
            "## Lockgate: {}\n\n{}.\n",
            wording::outcome(run.verdict.outcome),
            literal(&wording::sentence(run))
        );
    }
    page.push_str(&head);
    comment_findings(run, &mut page);
    let mut tail = String::new();
    coverage(run, &mut tail);
    if characters(&page) + characters(&tail) > COMMENT {
        tail = format!("\nCoverage: {}.\n", literal(&wording::coverage(run)));
    }
    page.push_str(&tail);
    page
}

/// The findings as tables, as many as fit.
fn comment_findings(run: &Run<'_>, page: &mut String) {
    let items = shown(run);
    let grouped = match run.group_by {
        Some(by) => groups(by, &items),
        None if items.is_empty() => Vec::new(),
        None => vec![(String::new(), items.clone())],
    };
    let mut left = (COMMENT - BEHIND).saturating_sub(characters(page));
    let mut listed = 0;
    'groups: for (heading, items) in grouped {
        let mut head = if heading.is_empty() { String::new() } else { format!("\n### {}\n", literal(&heading)) };
        head.push_str(TABLE);
        for (index, item) in items.iter().enumerate() {
            let row = format!("{}{}", if index == 0 { &head } else { "" }, row(*item));
            let Some(rest) = left.checked_sub(characters(&row)) else { break 'groups };
            left = rest;
            page.push_str(&row);
            listed += 1;
        }
    }
    if items.len() > listed {
        let _ = writeln!(page, "\nand {} more: see the full report.", items.len() - listed);
    }
}

fn characters(text: &str) -> usize {
    text.chars().count()
}

/// Writes the run for `GITHUB_STEP_SUMMARY`: verdict, findings by severity, the weightiest findings, coverage. What comes
/// from the scanned tree cannot become markup. At most 1 MiB.
#[must_use]
pub fn summary_markdown(run: &Run<'_>) -> String {
    let mut page = String::new();
    verdict(run, &mut page);
    severities(run, &mut page);
    findings(run, &mut page);
    trust(run, &mut page);
    coverage(run, &mut page);
    page
}

fn verdict(run: &Run<'_>, page: &mut String) {
    let outcome = run.verdict.outcome;
    let _ = writeln!(page, "## Lockgate: {}\n\n{}.", wording::outcome(outcome), literal(&wording::sentence(run)));
    if let Some(comparison) = wording::comparison(run, "") {
        let _ = writeln!(page, "\n{}.", literal(&comparison));
    }
    if outcome == Outcome::Undecided {
        page.push('\n');
        for reason in run.verdict.undecided.iter().take(LIST) {
            let _ = writeln!(page, "- {}", literal(reason));
        }
        more(page, run.verdict.undecided.len(), LIST);
        for mend in wording::mends(run) {
            let _ = writeln!(page, "- To mend: {}", literal(mend));
        }
    }
}

fn severities(run: &Run<'_>, page: &mut String) {
    #[derive(Default)]
    struct Tally {
        blocking: usize,
        other: usize,
        suppressed: usize,
    }
    let mut tallies: BTreeMap<Severity, Tally> = BTreeMap::new();
    let items = run.items();
    // What stood there before is no part of the change; the sentence above counts it.
    for item in items.iter().filter(|item| item.finding.is_of_change() || !item.finding.is_active()) {
        let tally = tallies.entry(item.finding.severity).or_default();
        match (item.finding.is_active(), item.blocks) {
            (false, _) => tally.suppressed += 1,
            (true, true) => tally.blocking += 1,
            (true, false) => tally.other += 1,
        }
    }
    if tallies.is_empty() {
        return;
    }
    page.push_str("\n| Severity | Blocking | Other | Suppressed |\n| --- | ---: | ---: | ---: |\n");
    for (severity, tally) in tallies.iter().rev() {
        let _ = writeln!(page, "| {severity} | {} | {} | {} |", tally.blocking, tally.other, tally.suppressed);
    }
}

/// The findings that a reader of a change is shown, the weightiest first.
fn shown<'a>(run: &Run<'a>) -> Vec<Item<'a>> {
    let is_shown = |item: &Item<'_>| item.finding.is_active() && item.finding.is_of_change();
    run.weighted_items().into_iter().filter(is_shown).collect()
}

/// The head of a table of findings.
const TABLE: &str = "\n| Blocks | Severity | Rule | Place | Finding |\n| --- | --- | --- | --- | --- |\n";

fn row(item: Item<'_>) -> String {
    let finding = item.finding;
    format!(
        "| {} | {} | {} | {} | {} |\n",
        if item.blocks { "yes" } else { "no" },
        finding.severity,
        code(&finding.rule, ""),
        code(&finding.location.path, &format!(":{}", finding.location.region.start.line)),
        literal(&finding.message),
    )
}

fn findings(run: &Run<'_>, page: &mut String) {
    let items = shown(run);
    if items.is_empty() {
        return;
    }
    page.push_str(TABLE);
    page.extend(items.iter().take(FINDINGS).map(|item| row(*item)));
    if items.len() > FINDINGS {
        let _ = writeln!(page, "\nand {} more: see the full report.", items.len() - FINDINGS);
    }
}

fn coverage(run: &Run<'_>, page: &mut String) {
    let _ = writeln!(page, "\n### Coverage\n\n{}: {}.", code(run.root, ""), literal(&wording::coverage(run)));
    let coverage = &run.scan.coverage;
    entries(page, "Not examined", &coverage.failures().collect::<Vec<_>>());
    entries(page, "Examined in part", &coverage.partial().collect::<Vec<_>>());
}

/// Where the policy comes from when it is not that of the tree, and what the change does to its own judgement.
fn trust(run: &Run<'_>, page: &mut String) {
    let (Some(words), Some(trust)) = (wording::trust(run), &run.scan.trust) else { return };
    let _ = writeln!(page, "\n### Trust\n\n{}.", literal(&words));
    if !trust.attempts.is_empty() {
        page.push('\n');
    }
    for attempt in trust.attempts.iter().take(LIST) {
        let line = attempt.line.map(|line| format!(":{line}")).unwrap_or_default();
        let (place, means) = (code(&attempt.path, &line), attempt.means.name());
        let _ = writeln!(page, "- {place}: {} ({means})", literal(&attempt.detail));
    }
    more(page, trust.attempts.len(), LIST);
}

fn entries(page: &mut String, heading: &str, entries: &[&CoverageEntry]) {
    if entries.is_empty() {
        return;
    }
    let _ = writeln!(page, "\n{heading}:\n");
    for entry in entries.iter().take(LIST) {
        let _ = writeln!(page, "- {}: {} ({})", code(&entry.path, ""), literal(&entry.detail), entry.cause.name());
    }
    more(page, entries.len(), LIST);
}

fn more(page: &mut String, total: usize, limit: usize) {
    if total > limit {
        let _ = writeln!(page, "- and {} more", total - limit);
    }
}

/// `text` in the type of code, followed by `suffix`, which is kept when `text` is cut.
fn code(text: &str, suffix: &str) -> String {
    format!("<code>{}{suffix}</code>", literal(text))
}

/// `text` on one line, with every character that Markdown or HTML could read as markup written as an entity: an entity
/// stands for the character and never for its meaning (`CommonMark` 0.31, section 2.5).
fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in cut(&one_line(text), FIELD).chars() {
        if c.is_ascii_punctuation() && !matches!(c, '-' | '/' | ',' | '.' | ';') {
            let _ = write!(out, "&#{};", u32::from(c));
        } else {
            out.push(c);
        }
    }
    // The one kind of bare link that needs no punctuation but the dot.
    out.replace("www.", "www&#46;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hostile_remains_markup() {
        let hostile = "<img src=x onerror=alert(1)>|\n# h\n`c` **b** _i_ [l](javascript:x) https://e.example &amp; @all ~~s~~ \\|";
        let safe = literal(hostile);
        assert_eq!(safe.lines().count(), 1);
        let bare = safe.replace(|c: char| c.is_ascii_digit(), "").replace("&#;", "");
        assert!(!bare.contains(|c: char| "<>|`*_[]()#@~\\&:!".contains(c)), "{bare}");
        assert_eq!(literal("www.e.example"), "www&#46;e.example");
    }

    #[test]
    fn a_field_is_bounded() {
        assert!(literal(&"|".repeat(100_000)).len() < 6 * FIELD);
    }
}
