//! The run as one page for a browser.
//!
//! The page holds its style and its script, and loads nothing: a policy in its head forbids it (Content Security Policy
//! Level 3). Without the script all of it can be read; with it, findings can be filtered and grouped anew. Everything that
//! comes from the scanned tree is text, escaped in one place.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

use super::escape::{cut, one_line};
use super::grouping::{GroupBy, groups, owners};
use super::xml::escaped;
use super::{Item, Run, wording};
use crate::coverage::CoverageEntry;
use crate::finding::{Finding, Severity};
use crate::rules::schema::Rule;

/// Style of the page.
const STYLE: &str = include_str!("html/style.css");
/// What filters and groups.
const SCRIPT: &str = include_str!("html/script.js");

/// Most findings of a page, the weightiest first; and most bytes of them.
const FINDINGS: usize = 5_000;
const BYTES: usize = 12 << 20;
/// Findings that are unfolded from the start: the first of those that block.
const OPEN: usize = 20;
/// Characters of a field, of a text.
const FIELD: usize = 500;
const TEXT: usize = 4_000;
/// Lines of source of a finding, and characters of one of them.
const LINES: usize = 8;
const LINE: usize = 400;
/// Steps of the way of a value.
const STEPS: usize = 32;
/// Entries of each list of the coverage.
const LIST: usize = 200;

pub(super) fn write(run: &Run<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    out.write_all(page(run).as_bytes())
}

fn page(run: &Run<'_>) -> String {
    let mut page = String::new();
    head(run, &mut page);
    top(run, &mut page);
    page.push_str("<main>\n");
    if !run.scan.findings.is_empty() {
        filter(run, &mut page);
    }
    let rules = findings(run, &mut page);
    describe(&rules, &mut page);
    coverage(run, &mut page);
    let _ = write!(
        page,
        "</main>\n<footer class=\"soft\">Lockgate {}</footer>\n<script>{SCRIPT}</script>\n</body>\n</html>\n",
        escaped(run.version)
    );
    page
}

fn head(run: &Run<'_>, page: &mut String) {
    let title = format!("Lockgate: {}, {}", wording::outcome(run.verdict.outcome), field(run.root));
    let (style, script) = (hash::STYLE, hash::SCRIPT);
    let _ = write!(
        page,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '{style}'; script-src '{script}'; \
         base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
    );
}

fn top(run: &Run<'_>, page: &mut String) {
    let outcome = run.verdict.outcome;
    let _ = write!(
        page,
        "<header>\n<h1>Lockgate: <span class=\"{}\">{}</span></h1>\n<p>{}.</p>\n<p class=\"soft\">Scanned: <code>{}</code></p>\n",
        outcome.name(),
        wording::outcome(outcome),
        text(&wording::sentence(run)),
        field(run.root),
    );
    if let Some(comparison) = wording::comparison(run, "") {
        let _ = writeln!(page, "<p>{}.</p>", text(&comparison));
    }
    if !run.verdict.undecided.is_empty() {
        page.push_str("<ul>\n");
        for reason in run.verdict.undecided.iter().take(LIST) {
            let _ = writeln!(page, "<li>{}</li>", text(reason));
        }
        for mend in wording::mends(run) {
            let _ = writeln!(page, "<li>To mend: {}</li>", text(mend));
        }
        page.push_str("</ul>\n");
    }
    severities(run, page);
    page.push_str("</header>\n");
}

fn severities(run: &Run<'_>, page: &mut String) {
    let mut tallies: BTreeMap<Severity, [usize; 3]> = BTreeMap::new();
    for item in run.items() {
        let tally = tallies.entry(item.finding.severity).or_default();
        let column = if item.finding.is_active() { usize::from(!item.blocks) } else { 2 };
        tally[column] += 1;
    }
    if tallies.is_empty() {
        return;
    }
    page.push_str("<table>\n<tr><th>Severity</th><th>Blocking</th><th>Other</th><th>Suppressed</th></tr>\n");
    for (severity, [blocking, other, suppressed]) in tallies.iter().rev() {
        let _ = writeln!(
            page,
            "<tr><th scope=\"row\">{severity}</th><td class=\"number\">{blocking}</td><td class=\"number\">{other}</td>\
             <td class=\"number\">{suppressed}</td></tr>"
        );
    }
    page.push_str("</table>\n");
}

/// Hidden until the script is there to answer it.
fn filter(run: &Run<'_>, page: &mut String) {
    page.push_str("<form id=\"filter\" hidden>\n<label>Words<input type=\"search\" name=\"words\"></label>\n");
    for (name, label) in [("severity", "Severity"), ("category", "Category"), ("owner", "Owner")] {
        let _ =
            writeln!(page, "<label>{label}<select name=\"{name}\"><option value=\"\">all</option></select></label>");
    }
    page.push_str("<label>Group by<select name=\"group\">");
    for by in GroupBy::ALL {
        let selected = if *by == grouped_by(run) { " selected" } else { "" };
        let _ = write!(page, "<option{selected}>{by}</option>");
    }
    page.push_str(
        "</select></label>\n<label class=\"check\"><input type=\"checkbox\" name=\"blocking\">only what blocks</label>\n\
         <label class=\"check\"><input type=\"checkbox\" name=\"suppressed\" checked>suppressed too</label>\n\
         <span id=\"shown\" class=\"soft\" aria-live=\"polite\"></span>\n</form>\n",
    );
}

fn grouped_by(run: &Run<'_>) -> GroupBy {
    run.group_by.unwrap_or(GroupBy::File)
}

/// Writes the findings in groups, and gives the rules behind them in the order of their numbers.
fn findings<'a>(run: &Run<'a>, page: &mut String) -> Vec<(&'a str, Option<&'a Rule>)> {
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    let mut rules = Vec::new();
    let weighted = run.weighted_items();
    let mut items: Vec<Item<'_>> = weighted.iter().take(FINDINGS).copied().collect();
    // In groups, the order of reports is easier to follow.
    items.sort_by(|a, b| a.finding.order(b.finding));
    page.push_str("<div id=\"findings\">\n");
    if weighted.is_empty() {
        page.push_str("<p>No findings.</p>\n");
    }
    let (end, mut open, mut written) = (page.len() + BYTES, OPEN, 0);
    'groups: for (heading, items) in groups(grouped_by(run), &items) {
        let _ = writeln!(page, "<section>\n<h2>{} ({})</h2>", field(&heading), items.len());
        for item in items {
            let rule = &*item.finding.rule;
            let number = *numbers.entry(rule).or_insert_with(|| {
                rules.push((rule, run.rule(item.finding)));
                rules.len() - 1
            });
            let is_open = item.blocks && open > 0;
            open -= usize::from(is_open);
            finding(run, item, number, is_open, page);
            written += 1;
            if page.len() > end {
                page.push_str("</section>\n");
                break 'groups;
            }
        }
        page.push_str("</section>\n");
    }
    page.push_str("</div>\n");
    if weighted.len() > written {
        let _ = writeln!(page, "<p>{} more findings are in the full report.</p>", weighted.len() - written);
    }
    rules
}

fn finding(run: &Run<'_>, item: Item<'_>, rule: usize, is_open: bool, page: &mut String) {
    let finding = item.finding;
    let suppressed = !finding.is_active();
    let _ = writeln!(
        page,
        "<details class=\"finding {severity}{class}\" data-severity=\"{severity}\" data-category=\"{}\" data-rule=\"{}\" \
         data-file=\"{}\" data-owner=\"{}\" data-blocks=\"{}\" data-suppressed=\"{}\"{open}>",
        finding.category,
        field(&finding.rule),
        field(&finding.location.path),
        field(&owners(&finding.owners)),
        yes(item.blocks),
        yes(suppressed),
        severity = finding.severity,
        class = if suppressed { " suppressed" } else { "" },
        open = if is_open { " open" } else { "" },
    );
    let start = finding.location.region.start;
    let _ = writeln!(
        page,
        "<summary><span class=\"badge\">{}</span> {} <span class=\"soft\"><code>{}:{}</code></span></summary>\n\
         <div class=\"inside\">",
        finding.severity,
        text(&finding.message),
        field(&finding.location.path),
        start.line,
    );
    excerpt(finding, page);
    page.push_str("<dl>\n");
    let _ = writeln!(page, "<dt>Rule</dt><dd><a href=\"#rule-{rule}\"><code>{}</code></a></dd>", field(&finding.rule));
    let gate = match (suppressed, item.blocks) {
        (true, _) => "suppressed",
        (false, true) => "blocks",
        (false, false) => "does not block",
    };
    entry(page, "Gate", gate);
    entry(page, "Confidence", finding.confidence.name());
    entry(page, "Category", finding.category.name());
    if let Some(evidence) = &finding.evidence {
        let facts = evidence.facts.iter().map(String::as_str);
        let words: Vec<&str> = std::iter::once(evidence.value.as_str()).chain(facts).collect();
        entry(page, "Evidence", &words.join(", "));
    }
    if let Some(resource) = &finding.resource {
        entry(page, "Resource", resource);
    }
    if !finding.owners.is_empty() {
        entry(page, "Owners", &finding.owners.join(", "));
    }
    if !finding.tools.is_empty() {
        let tools: Vec<String> = finding.tools.iter().map(ToString::to_string).collect();
        entry(page, "Reported by", &tools.join(", "));
    }
    for related in finding.related.iter().take(LINES) {
        let place = &related.location;
        let start = place.region.start;
        entry(page, "See also", &format!("{}: {}:{}", related.message, place.path, start.line));
    }
    for step in finding.flow.iter().take(STEPS) {
        let place = &step.location;
        entry(page, "Way", &format!("{}: {}:{}", step.message, place.path, place.region.start.line));
    }
    if let Some(fix) = &finding.fix {
        entry(page, "Edit", &wording::fix(fix));
    }
    if let Some(words) = wording::state(run, finding) {
        entry(page, "State", &words);
    }
    if let Some(introduction) = &finding.introduction {
        entry(page, "History", &wording::introduction(introduction));
    }
    if let Some(suppression) = &finding.suppression {
        entry(page, "Suppressed", suppression.justification.as_deref().unwrap_or("no reason given"));
    }
    entry(page, "Fingerprint", &finding.fingerprint.to_string());
    page.push_str("</dl>\n</div>\n</details>\n");
}

fn entry(page: &mut String, name: &str, value: &str) {
    let _ = writeln!(page, "<dt>{name}</dt><dd>{}</dd>", field(value));
}

/// The source lines, with the place of the finding marked.
fn excerpt(finding: &Finding, page: &mut String) {
    let excerpt = &finding.excerpt;
    if excerpt.lines.is_empty() {
        return;
    }
    let region = finding.location.region;
    let first_column = excerpt.first_column.max(1);
    page.push_str("<pre>");
    for (number, line) in (excerpt.first_line..).zip(excerpt.lines.iter().take(LINES)) {
        let characters: Vec<char> = line.chars().take(LINE).collect();
        let index = |column: u32| (column.saturating_sub(first_column) as usize).min(characters.len());
        let is_marked = (region.start.line..=region.end.line).contains(&number);
        let from = if number == region.start.line { index(region.start.column) } else { 0 };
        let to = if number == region.end.line { index(region.end.column) } else { characters.len() };
        let (from, to) = if is_marked { (from, to.max(from)) } else { (0, 0) };
        let part = |range: &[char]| escaped(&range.iter().collect::<String>()).replace('␉', "&#9;");
        let _ = write!(page, "<b>{number:>5} </b>{}", part(&characters[..from]));
        if to > from {
            let _ = write!(page, "<mark>{}</mark>", part(&characters[from..to]));
        }
        let _ = writeln!(page, "{}", part(&characters[to..]));
    }
    page.push_str("</pre>\n");
}

/// What the rules say, once for all findings of each.
fn describe(rules: &[(&str, Option<&Rule>)], page: &mut String) {
    if rules.is_empty() {
        return;
    }
    page.push_str("<h2>Rules</h2>\n");
    for (number, (id, rule)) in rules.iter().enumerate() {
        let _ = writeln!(
            page,
            "<details class=\"finding\" id=\"rule-{number}\" open>\n<summary><code>{}</code>",
            field(id)
        );
        let Some(rule) = rule else {
            page.push_str("</summary>\n</details>\n");
            continue;
        };
        let _ = writeln!(
            page,
            " {}</summary>\n<div class=\"inside\">\n<p>{}</p>\n<p><strong>To fix:</strong> {}</p>",
            field(&rule.title),
            text(&rule.details.description),
            text(&rule.details.remediation),
        );
        let is_link = |link: &&String| link.starts_with("https://") && !link.contains(char::is_whitespace);
        let links: Vec<&String> = rule.details.references.iter().filter(is_link).collect();
        if !links.is_empty() {
            page.push_str("<ul>\n");
            for link in links {
                let link = field(link);
                let _ = writeln!(page, "<li><a href=\"{link}\" rel=\"noopener noreferrer\">{link}</a></li>");
            }
            page.push_str("</ul>\n");
        }
        page.push_str("<dl>\n");
        if !rule.details.cwe.is_empty() {
            let numbers: Vec<String> = rule.details.cwe.iter().map(|number| format!("CWE-{number}")).collect();
            entry(page, "Weakness", &numbers.join(", "));
        }
        if !rule.details.equivalents.is_empty() {
            entry(page, "In other tools", &rule.details.equivalents.join(", "));
        }
        page.push_str("</dl>\n</div>\n</details>\n");
    }
}

fn coverage(run: &Run<'_>, page: &mut String) {
    let coverage = &run.scan.coverage;
    let _ = writeln!(page, "<h2>Coverage</h2>\n<p>{}.</p>", text(&wording::coverage(run)));
    entries(page, "Not examined", &coverage.failures().collect::<Vec<_>>());
    entries(page, "Examined in part", &coverage.partial().collect::<Vec<_>>());
}

fn entries(page: &mut String, heading: &str, entries: &[&CoverageEntry]) {
    if entries.is_empty() {
        return;
    }
    let _ = writeln!(
        page,
        "<table>\n<caption>{heading}</caption>\n<tr><th>Input</th><th>Cause</th><th>What happened</th></tr>"
    );
    for entry in entries.iter().take(LIST) {
        let _ = writeln!(
            page,
            "<tr><td><code>{}</code></td><td>{}</td><td>{}</td></tr>",
            field(&entry.path),
            entry.cause.name(),
            text(&entry.detail)
        );
    }
    page.push_str("</table>\n");
    if entries.len() > LIST {
        let _ = writeln!(page, "<p>and {} more</p>", entries.len() - LIST);
    }
}

fn yes(is: bool) -> &'static str {
    if is { "yes" } else { "no" }
}

/// A short text on one line, escaped.
fn field(text: &str) -> String {
    escaped(&cut(&one_line(text), FIELD))
}

/// A text on one line, escaped.
fn text(text: &str) -> String {
    escaped(&cut(&one_line(text), TEXT))
}

/// What the policy of the page lets run: the hashes of its own style and script (Content Security Policy Level 3, section
/// 2.3.1, `hash-source`). A test compares them with the files.
mod hash {
    pub(super) const STYLE: &str = "sha256-tNKKrBJNzqKZ1iSoNxRhR3cXdAAqaqVGWhbivGhPDGQ=";
    pub(super) const SCRIPT: &str = "sha256-Fqd9RnhJilt4Uo8khfTS3loJH/sBQLTYIlGubbEWpPQ=";
}
