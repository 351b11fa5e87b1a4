//! Workflow commands for GitHub Actions: a finding becomes an annotation on its line.
//!
//! GitHub keeps ten annotations of each level per step and drops the rest without a word, so the weightiest go out first
//! and a notice tells how many are left for the full report.

use std::fmt::Write as _;
use std::io;

use super::escape::{one_line, visible};
use super::{Grade, Item, Run, wording};
use crate::gate::Outcome;
use crate::trust::Attempt;

/// Annotations of one level that GitHub shows for one step.
const SHOWN: usize = 10;

pub(super) fn write(run: &Run<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let mut room = Room::default();
    if run.verdict.outcome == Outcome::Undecided {
        room.take(Level::Error);
        writeln!(out, "{}", undecided(run))?;
    }
    let partial = run.scan.coverage.partial().count();
    if partial > 0 {
        room.take(Level::Warning);
        let words = format!("{} examined in part: see the full report.", wording::count(partial, "input"));
        writeln!(out, "{}", Command::new(Level::Warning).message(&words))?;
    }
    // What a change does to its own judgement comes before what it holds: the reviewer has to see it in any case.
    for attempt in run.scan.trust.iter().flat_map(|trust| &trust.attempts) {
        let level = if run.verdict.self_suppression > 0 { Level::Error } else { Level::Warning };
        // Half of the room is left for findings.
        if room.used(level) < SHOWN / 2 && room.take(level) {
            writeln!(out, "{}", attempted(attempt, level))?;
        }
    }
    // The notice about the rest, should there be one, needs its place too.
    room.take(Level::Notice);
    let mut dropped = 0;
    for item in run.weighted_items().into_iter().filter(|item| item.finding.is_active() && item.finding.is_of_change())
    {
        let level = level(item);
        if room.take(level) {
            writeln!(out, "{}", annotation(run, item, level))?;
        } else {
            dropped += 1;
        }
    }
    if dropped > 0 {
        let words = format!("{} more without an annotation: see the full report.", wording::count(dropped, "finding"));
        writeln!(out, "{}", Command::new(Level::Notice).message(&words))?;
    }
    if let Some(words) = wording::trust(run) {
        writeln!(out, "{}", visible(&words))?;
    }
    writeln!(out, "{}: {}", wording::outcome(run.verdict.outcome), wording::sentence(run))
}

/// The level of an annotation: an error is what fails the step.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Error,
    Warning,
    Notice,
}

fn level(item: Item<'_>) -> Level {
    match (item.blocks, Grade::from(item.finding.severity)) {
        (true, _) => Level::Error,
        (false, Grade::Error | Grade::Warning) => Level::Warning,
        (false, Grade::Note) => Level::Notice,
    }
}

/// How many annotations of each level have gone out.
#[derive(Default)]
struct Room([usize; 3]);

impl Room {
    fn used(&self, level: Level) -> usize {
        self.0[level as usize]
    }

    /// Takes a place among those of `level`; false when none is left.
    fn take(&mut self, level: Level) -> bool {
        let used = &mut self.0[level as usize];
        let free = *used < SHOWN;
        *used += usize::from(free);
        free
    }
}

/// An attempt of the change to suppress itself.
fn attempted(attempt: &Attempt, level: Level) -> String {
    let mut command = Command::new(level).property("file", &visible(&attempt.path));
    if let Some(line) = attempt.line {
        command = command.property("line", &line.to_string());
    }
    let title = format!("Lockgate: self-suppression, {}", attempt.means.name());
    command.property("title", &title).message(&one_line(&attempt.detail))
}

fn undecided(run: &Run<'_>) -> String {
    let mut words = wording::sentence(run);
    for line in run.verdict.undecided.iter().take(SHOWN) {
        let _ = write!(words, "\n{}", one_line(line));
    }
    for mend in wording::mends(run) {
        let _ = write!(words, "\nTo mend: {mend}");
    }
    Command::new(Level::Error).property("title", "Lockgate: undecided").message(&words)
}

fn annotation(run: &Run<'_>, item: Item<'_>, level: Level) -> String {
    let finding = item.finding;
    let (start, end) = (finding.location.region.start, finding.location.region.end);
    let mut command = Command::new(level)
        .property("file", &visible(&finding.location.path))
        .property("line", &start.line.max(1).to_string())
        .property("endLine", &end.line.max(start.line).max(1).to_string());
    // GitHub takes columns only for what stands on one line.
    if start.line == end.line && start.column > 0 {
        command = command
            .property("col", &start.column.to_string())
            .property("endColumn", &end.column.max(start.column).to_string());
    }
    let mut words = visible(&finding.message);
    if let Some(evidence) = &finding.evidence {
        let _ = write!(words, "\nEvidence: {}", visible(&evidence.value));
        for fact in &evidence.facts {
            let _ = write!(words, ", {}", visible(fact));
        }
    }
    for related in finding.related.iter().take(wording::RELATED) {
        let _ = write!(words, "\n{}", one_line(&wording::related(related)));
    }
    if let Some(rule) = run.rule(finding) {
        let _ = write!(words, "\nTo fix: {}", one_line(&rule.details.remediation));
    }
    let title = format!("{}: {} confidence, {}", finding.severity, finding.confidence, visible(&finding.rule));
    command.property("title", &title).message(&words)
}

/// A workflow command under construction: `::name key=value,key=value::message`.
struct Command {
    text: String,
    has_properties: bool,
}

impl Command {
    fn new(level: Level) -> Self {
        let name = match level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Notice => "notice",
        };
        Self { text: format!("::{name}"), has_properties: false }
    }

    fn property(mut self, key: &str, value: &str) -> Self {
        let separator = if self.has_properties { ',' } else { ' ' };
        let _ = write!(self.text, "{separator}{key}={}", escape_property(value));
        self.has_properties = true;
        self
    }

    fn message(self, message: &str) -> String {
        format!("{}::{}", self.text, escape_data(message))
    }
}

/// Escapes a message as the runner unescapes it; `%` first, for it is the escape character.
fn escape_data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes the value of a property, where colon and comma have a meaning too.
fn escape_property(text: &str) -> String {
    escape_data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_those_that_the_runner_undoes() {
        assert_eq!(escape_data("100%\r\na:b,c"), "100%25%0D%0Aa:b,c");
        assert_eq!(escape_property("100%\r\na:b,c"), "100%25%0D%0Aa%3Ab%2Cc");
    }

    #[test]
    fn a_hostile_value_cannot_leave_its_command() {
        let command =
            Command::new(Level::Error).property("file", "a::b,line=9\n::warning::x").message("m\n::add-mask::y");
        assert_eq!(command.lines().count(), 1);
        assert_eq!(command, "::error file=a%3A%3Ab%2Cline=9%0A%3A%3Awarning%3A%3Ax::m%0A::add-mask::y");
    }

    #[test]
    fn room_is_ten_a_level() {
        let mut room = Room::default();
        assert!((0..10).all(|_| room.take(Level::Warning)));
        assert!(!room.take(Level::Warning));
        assert!(room.take(Level::Error));
    }
}
