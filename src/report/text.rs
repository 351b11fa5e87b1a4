//! The report for people: each finding with its source lines, then what was not examined, then the verdict.

use std::io;
use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use anstyle::{AnsiColor, Effects};

use super::escape::{one_line, visible, visible_chars};
use super::grouping::groups;
use super::{Grade, Item, Run, Style, Verbosity, wording};
use crate::coverage::{Consequence, CoverageEntry};
use crate::finding::Finding;
use crate::gate::Outcome;

/// Most entries of a list that the report prints when it is not asked for more.
const LIST: usize = 20;

/// Most lines of one finding's excerpt; the renderer folds what lies between the marked ones.
const EXCERPT_LINES: usize = 64;

/// A finding behind this column is shown without a caret: to place one, the renderer would walk the line from its start.
const LONG_LINE: usize = 2000;

/// Least width that leaves room for source lines.
const LEAST_WIDTH: usize = 40;

pub(super) fn write(run: &Run<'_>, out: &mut dyn io::Write, style: Style) -> io::Result<()> {
    let style = Style { width: style.width.max(LEAST_WIDTH), ..style };
    if style.verbosity > Verbosity::Quiet {
        let renderer = if style.color { Renderer::styled() } else { Renderer::plain() };
        let renderer = renderer.decor_style(DecorStyle::Ascii).term_width(style.width);
        let is_shown = |item: &Item<'_>| {
            style.verbosity == Verbosity::Verbose || (item.finding.is_active() && item.finding.is_of_change())
        };
        let items: Vec<Item<'_>> = run.items().into_iter().filter(is_shown).collect();
        let grouped = match run.group_by {
            Some(by) => groups(by, &items),
            None => vec![(String::new(), items)],
        };
        for (heading, items) in grouped {
            if !heading.is_empty() {
                writeln!(out, "== {} ({}) ==\n", visible(&heading), wording::count(items.len(), "finding"))?;
            }
            for item in items {
                writeln!(out, "{}\n", renderer.render(&[group(run, item, style)]))?;
            }
        }
        coverage(run, out, style)?;
        trust(run, out, style)?;
    }
    verdict(run, out, style)
}

/// One finding as the renderer takes it.
fn group<'a>(run: &Run<'_>, item: Item<'a>, style: Style) -> Group<'a> {
    let finding = item.finding;
    let level = match (finding.is_active(), Grade::from(finding.severity)) {
        (true, Grade::Error) => Level::ERROR,
        (true, Grade::Warning) => Level::WARNING,
        (_, Grade::Note) | (false, _) => Level::NOTE,
    };
    let title =
        level.with_name(finding.severity.name()).primary_title(visible(&finding.message)).id(visible(&finding.rule));
    let path = visible(&finding.location.path);
    let start = finding.location.region.start;
    let origin = |path| Origin::path(path).line(start.line as usize).char_column(start.column as usize);
    let mut group = match Shown::of(finding, style.width) {
        Some(Shown::Lines { source, first_line, marked }) => title.element(
            Snippet::source(source).path(path).line_start(first_line).annotation(AnnotationKind::Primary.span(marked)),
        ),
        Some(Shown::Part(part)) => title.element(origin(path)).element(Level::NOTE.with_name("source").message(part)),
        None => title.element(origin(path)),
    };
    // The last step is the finding itself.
    let flow = finding.flow.split_last().map_or(&[][..], |(_, steps)| steps);
    for related in flow.iter().chain(&finding.related) {
        group = group.element(Level::NOTE.message(visible(&wording::related(related))));
    }
    let (name, words) = evidence(item);
    group = group.element(Level::NOTE.with_name(name).message(words));
    if let Some(resource) = &finding.resource {
        group = group.element(Level::NOTE.with_name("resource").message(visible(resource)));
    }
    if !finding.owners.is_empty() {
        group = group.element(Level::NOTE.with_name("owners").message(visible(&finding.owners.join(", "))));
    }
    if !finding.tools.is_empty() {
        let tools: Vec<String> = finding.tools.iter().map(ToString::to_string).collect();
        group = group.element(Level::NOTE.with_name("reported by").message(visible(&tools.join(", "))));
    }
    if let Some(rule) = run.rule(finding) {
        group = group.element(Level::HELP.with_name("fix").message(one_line(&rule.details.remediation)));
    }
    if let Some(fix) = &finding.fix {
        group = group.element(Level::HELP.with_name("edit").message(one_line(&wording::fix(fix))));
    }
    if let Some(words) = wording::state(run, finding) {
        group = group.element(Level::NOTE.message(visible(&words)));
    }
    if let Some(introduction) = &finding.introduction {
        group = group.element(Level::NOTE.message(visible(&wording::introduction(introduction))));
    }
    if let Some(suppression) = &finding.suppression {
        let reason = suppression.justification.as_deref().unwrap_or("no reason given");
        group = group.element(Level::NOTE.with_name("suppressed").message(one_line(reason)));
    }
    if style.verbosity == Verbosity::Verbose {
        group = group.element(Level::NOTE.with_name("fingerprint").message(finding.fingerprint.to_string()));
        if let Some(hash) = finding.value_hash {
            group = group.element(Level::NOTE.with_name("value hash").message(hash.to_string()));
        }
    }
    group
}

/// The redacted value, what is known of it, how sure the engine is, and whether the gate counts it: heading and words.
fn evidence(item: Item<'_>) -> (&'static str, String) {
    let finding = item.finding;
    let aside = if item.blocks || !finding.is_active() { "" } else { ", does not block" };
    match &finding.evidence {
        None => ("confidence", format!("{}{aside}", finding.confidence)),
        Some(evidence) => {
            let mut words = visible(&evidence.value);
            for fact in &evidence.facts {
                words.push_str(", ");
                words.extend(visible_chars(fact));
            }
            ("evidence", format!("{words}, {} confidence{aside}", finding.confidence))
        }
    }
}

/// The part of an excerpt that is worth printing, harmless to a terminal.
#[derive(Debug, PartialEq)]
enum Shown {
    /// Lines in which the place of the finding can be marked.
    Lines {
        source: String,
        /// Number of the first line, from 1.
        first_line: usize,
        /// Bytes of `source` that the finding covers.
        marked: Range<usize>,
    },
    /// What stands around the finding far inside a long line.
    Part(String),
}

impl Shown {
    /// Cuts the finding's excerpt to what the renderer, which does the exact fit, can walk quickly: it should never see a
    /// line of a megabyte. `None` when the excerpt does not hold the line of the finding.
    fn of(finding: &Finding, width: usize) -> Option<Self> {
        let region = finding.location.region;
        let first_line = finding.excerpt.first_line;
        let mut source = String::new();
        let (mut start, mut end) = (None, None);
        for (number, line) in (first_line..).zip(finding.excerpt.lines.iter().take(EXCERPT_LINES)) {
            // Characters of this line that the finding covers.
            let index = |column: u32| column.saturating_sub(finding.excerpt.first_column.max(1)) as usize;
            let from = if number == region.start.line { index(region.start.column) } else { 0 };
            let to = if number == region.end.line { index(region.end.column) } else { usize::MAX };
            if from > LONG_LINE {
                return Some(Self::part(line, from, width));
            }
            let kept = from + to.saturating_sub(from).min(2 * width) + width;
            for (column, c) in visible_source(line).enumerate().take(kept) {
                if number == region.start.line && column == from {
                    start = Some(source.len());
                }
                if number == region.end.line && column == to {
                    end = Some(source.len());
                }
                source.push(c);
            }
            if number == region.start.line {
                start = start.or(Some(source.len()));
            }
            if number == region.end.line {
                end = end.or(Some(source.len()));
            }
            source.push('\n');
        }
        source.pop();
        let start = start?;
        let end = end.unwrap_or(source.len()).max(start);
        Some(Self::Lines { source, first_line: first_line as usize, marked: start..end })
    }

    /// Some characters before the one at `from` and some after it.
    fn part(line: &str, from: usize, width: usize) -> Self {
        let skipped = from.saturating_sub(width / 4);
        let part: String = visible_chars(line).skip(skipped).take(width * 3 / 4).collect();
        Self::Part(format!("…{part}…"))
    }
}

/// A source line with harmful characters replaced; tabs stay, for the renderer knows their width.
fn visible_source(line: &str) -> impl Iterator<Item = char> + '_ {
    visible_chars(line).zip(line.chars()).map(|(shown, c)| if c == '\t' { c } else { shown })
}

/// What was examined and what was not.
fn coverage(run: &Run<'_>, out: &mut dyn io::Write, style: Style) -> io::Result<()> {
    writeln!(out, "{}: {}", visible(run.root), wording::coverage(run))?;
    let coverage = &run.scan.coverage;
    list(out, "not examined", coverage.failures(), style)?;
    list(out, "examined in part", coverage.partial(), style)?;
    if style.verbosity == Verbosity::Verbose {
        let skipped = coverage.entries.iter().filter(|entry| entry.cause.consequence() == Consequence::Skipped);
        list(out, "left out", skipped, style)?;
    }
    Ok(())
}

/// The entries one a line, under a heading with their number; all of them only when verbose.
fn list<'a>(
    out: &mut dyn io::Write,
    heading: &str,
    entries: impl Iterator<Item = &'a CoverageEntry>,
    style: Style,
) -> io::Result<()> {
    let entries: Vec<&CoverageEntry> = entries.collect();
    if entries.is_empty() {
        return Ok(());
    }
    writeln!(out, "{heading}: {}", wording::count(entries.len(), "input"))?;
    let limit = if style.verbosity == Verbosity::Verbose { entries.len() } else { LIST };
    for entry in entries.iter().take(limit) {
        writeln!(out, "  {}", visible(&entry.to_string()))?;
    }
    more(out, entries.len(), limit)
}

/// Where the policy comes from when it is not that of the tree, and what the change does to its own judgement.
fn trust(run: &Run<'_>, out: &mut dyn io::Write, style: Style) -> io::Result<()> {
    let Some(words) = wording::trust(run) else { return Ok(()) };
    writeln!(out, "{}", visible(&words))?;
    attempts(run, out, style)
}

fn attempts(run: &Run<'_>, out: &mut dyn io::Write, style: Style) -> io::Result<()> {
    let Some(trust) = &run.scan.trust else { return Ok(()) };
    let limit = if style.verbosity == Verbosity::Verbose { trust.attempts.len() } else { LIST };
    for attempt in trust.attempts.iter().take(limit) {
        writeln!(out, "  {}", visible(&attempt.to_string()))?;
    }
    more(out, trust.attempts.len(), limit)
}

/// Says how many of `total` lines a list of `limit` did not show.
fn more(out: &mut dyn io::Write, total: usize, limit: usize) -> io::Result<()> {
    if total > limit {
        writeln!(out, "  and {} more (--verbose lists all)", total - limit)?;
    }
    Ok(())
}

/// The last lines: what the gate decided, why, and what shows or mends it.
fn verdict(run: &Run<'_>, out: &mut dyn io::Write, style: Style) -> io::Result<()> {
    let outcome = run.verdict.outcome;
    let color = match outcome {
        Outcome::Pass => AnsiColor::Green,
        Outcome::Block => AnsiColor::Red,
        Outcome::Undecided => AnsiColor::Yellow,
    };
    let paint = if style.color { color.on_default().effects(Effects::BOLD) } else { anstyle::Style::new() };
    writeln!(out, "{paint}{}{paint:#}: {}", wording::outcome(outcome), wording::sentence(run))?;
    let aside = if style.verbosity == Verbosity::Verbose { "" } else { ", not shown" };
    if let Some(comparison) = wording::comparison(run, aside) {
        writeln!(out, "  {}", visible(&comparison))?;
    }
    let limit = if style.verbosity == Verbosity::Verbose { usize::MAX } else { LIST };
    if outcome == Outcome::Undecided {
        for reason in run.verdict.undecided.iter().take(limit) {
            writeln!(out, "  {}", visible(reason))?;
        }
        more(out, run.verdict.undecided.len(), limit)?;
        for mend in wording::mends(run) {
            writeln!(out, "  to mend: {mend}")?;
        }
    }
    for decision in wording::decisions(run, style.verbosity == Verbosity::Verbose) {
        writeln!(out, "  {}", visible(&decision))?;
    }
    // Elsewhere they stand above.
    if style.verbosity == Verbosity::Quiet && run.verdict.self_suppression > 0 {
        attempts(run, out, style)?;
    }
    let rules = wording::blocking_rules(run);
    for (rule, number) in rules.iter().take(limit) {
        // What another tool calls its rule, only that tool explains.
        let is_foreign = rule.contains(':');
        let rule = visible(rule);
        let explain = if is_foreign { String::new() } else { format!(", see: lockgate explain {rule}") };
        writeln!(out, "  {number} × {rule}{explain}")?;
    }
    more(out, rules.len(), limit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Category, Confidence, Excerpt, Location, Severity};
    use crate::span::{Position, Region, Span};

    fn finding(lines: &[&str], start: (u32, u32), end: (u32, u32)) -> Finding {
        let position = |(line, column)| Position { line, column };
        Finding {
            excerpt: Excerpt { first_line: 7, first_column: 1, lines: lines.iter().map(ToString::to_string).collect() },
            ..Finding::new(
                "r",
                "m".to_owned(),
                (Severity::High, Confidence::High, Category::Secret),
                Location {
                    path: "p".into(),
                    span: Span::default(),
                    region: Region { start: position(start), end: position(end) },
                },
                "00000000000000000000000000000000".parse().unwrap(),
            )
        }
    }

    /// The source that is shown, and the part of it that is marked.
    fn marked(finding: &Finding) -> (String, String) {
        match Shown::of(finding, 100) {
            Some(Shown::Lines { source, marked, .. }) => (source.clone(), source[marked].to_owned()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_marked_bytes_are_those_of_the_region() {
        let (source, mark) = marked(&finding(&["ab", "\u{202e}k=\u{1b}ü"], (8, 4), (8, 6)));
        assert_eq!((source.as_str(), mark.as_str()), ("ab\n�k=␛ü", "␛ü"));
    }

    #[test]
    fn a_region_over_lines_is_marked_from_start_to_end() {
        assert_eq!(marked(&finding(&["xabc", "def", "ghi"], (7, 2), (9, 2))).1, "abc\ndef\ng");
        assert_eq!(marked(&finding(&["xabc", "def"], (7, 2), (900, 2))).1, "abc\ndef");
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let line = format!("{}SECRET{}", "a".repeat(1_000_000), "z".repeat(1_000_000));
        let part = Shown::of(&finding(&[&line], (7, 1_000_001), (7, 1_000_007)), 100);
        let expected = format!("…{}SECRET{}…", "a".repeat(25), "z".repeat(44));
        assert_eq!(part, Some(Shown::Part(expected)));
        let (source, mark) = marked(&finding(&[&line], (7, 2), (7, 1_999_999)));
        assert!(source.len() < 400 && mark.len() < 400);
    }

    #[test]
    fn a_region_outside_the_excerpt_has_no_source() {
        assert_eq!(Shown::of(&finding(&["ab"], (3, 1), (3, 2)), 80), None);
        assert_eq!(Shown::of(&finding(&[], (7, 1), (7, 2)), 80), None);
        assert_eq!(Shown::of(&finding(&["ab"], (0, 0), (0, 0)), 80), None);
        assert_eq!(marked(&finding(&["ab"], (7, 90), (7, 95))), ("ab".to_owned(), String::new()));
    }
}
