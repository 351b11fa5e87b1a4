//! The markers of other scanners for misconfigurations and code, in comments.
//!
//! | marker | about |
//! |---|---|
//! | `checkov:skip=ID,ID: reason` (`bridgecrew:`, `cortex:`) | the resource around it |
//! | `trivy:ignore:ID:exp:2030-01-01` (`tfsec:`) | its line or the next one, with the block that begins there |
//! | `kics-scan ignore`, `disable=ID,ID`, `enable=ID,ID` | the file, above its first line of content |
//! | `kics-scan ignore-line`, `ignore-block` | the next statement, the next block |
//! | `hadolint ignore=ID,ID`, `hadolint global ignore=ID,ID` | the next instruction, the file |
//! | `zizmor: ignore[ID,ID]` | its line, and the list item (step) around it |
//! | `nosec`, `nosec ID ID` | its line |
//! | `nosemgrep`, `nosemgrep: ID,ID` | its line, or the next one |
//!
//! The ids are translated by the `equivalents` of a rule, so an id that no rule knows silences nothing. Where a tool
//! decides by something that is not in the file (a workspace, a parameter), its marker silences nothing. Whether a date
//! has passed is not decided either: a verdict does not depend on the clock, and the date goes into the justification.

use super::comment::{Comment, Line};
use super::marker::{Checks, MAX_IDS, Marker, Peer, id_list};
use super::reach::{Lines, Reach};
use super::reason::{SecretSpans, foreign};

const CHECKOV: [&str; 3] = ["checkov:skip=", "bridgecrew:skip=", "cortex:skip="];
const TRIVY: [&str; 2] = ["trivy:ignore:", "tfsec:ignore:"];
const KICS: &str = "kics-scan";
const HADOLINT: &str = "hadolint";
const ZIZMOR: &str = "zizmor:";
const NOSEC: &str = "nosec";
const NOSEM: &str = "nosem";

/// What begins each marker.
pub(super) const NEEDLES: [&str; 10] =
    [CHECKOV[0], CHECKOV[1], CHECKOV[2], TRIVY[0], TRIVY[1], KICS, HADOLINT, ZIZMOR, NOSEC, NOSEM];

/// Where a marker was found.
pub(super) struct Place<'p, 'a> {
    /// Number of the line, from 1.
    pub(super) number: u32,
    /// The line.
    pub(super) line: &'p Line<'a>,
    /// Offset of the line in the text.
    pub(super) start: usize,
    /// Offset of the marker in the line.
    pub(super) offset: usize,
    /// All lines of the text.
    pub(super) lines: &'p Lines<'a>,
    /// The secrets of the text.
    pub(super) secrets: &'p SecretSpans,
}

/// What a comment says behind the word that begins a marker.
struct Said<'a> {
    text: &'a str,
    /// Where it ends in the text of the file.
    end: usize,
    /// The line holds nothing but the comment.
    is_alone: bool,
}

/// Reads the marker at `place`, which begins with `needle`, one of [`NEEDLES`]. `None` when it is none, or unclear.
pub(super) fn read(place: &Place<'_, '_>, needle: &str) -> Option<(Reach, Marker)> {
    match needle {
        KICS => kics(place, &place.said_right_behind_opener(needle)?),
        HADOLINT => hadolint(place, &place.said_right_behind_opener(needle)?),
        ZIZMOR => zizmor(place, &place.said_right_behind_opener(needle)?),
        NOSEC => nosec(place, &place.said_right_behind_opener(needle)?),
        NOSEM => nosemgrep(place, &place.said(needle)?),
        _ if TRIVY.contains(&needle) => trivy(place, needle, &place.said(needle)?),
        _ => checkov(place, needle, &place.said(needle)?),
    }
}

impl<'a> Place<'_, 'a> {
    /// What stands behind `needle`, which may stand anywhere in a comment, as a word of its own.
    fn said(&self, needle: &str) -> Option<Said<'a>> {
        let before = self.line.text().get(..self.offset)?;
        if before.ends_with(is_word) {
            return None;
        }
        Some(self.said_in(self.line.comment_around(self.offset)?, needle))
    }

    /// What stands behind `needle`, which is the first text of a comment.
    fn said_right_behind_opener(&self, needle: &str) -> Option<Said<'a>> {
        Some(self.said_in(self.line.comment_right_before(self.offset)?, needle))
    }

    fn said_in(&self, comment: Comment, needle: &str) -> Said<'a> {
        let from = self.offset + needle.len();
        let text = self.line.text_of(comment, from);
        let is_alone = self.line.is_only(comment, self.offset);
        Said { text, end: self.start + from + text.len(), is_alone }
    }

    /// The line that a marker is about: its own, or the next one when it is alone.
    fn subject(&self, said: &Said<'_>) -> Option<u32> {
        if said.is_alone { self.lines.after_comments(self.number) } else { Some(self.number) }
    }

    /// The justification of the marker `name`, for which `reason` is given, the end of what is said.
    fn justification(&self, name: &str, reason: &str, said: &Said<'_>) -> String {
        foreign(name, self.secrets.reason(reason, said.end))
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

/// These checks only, when there are some.
fn only(ids: Vec<String>) -> Option<Checks> {
    if ids.is_empty() { None } else { Some(Checks::Only(ids)) }
}

fn checkov(place: &Place<'_, '_>, needle: &str, said: &Said<'_>) -> Option<(Reach, Marker)> {
    let (ids, reason) = id_list(said.text, "_");
    let name = needle.trim_end_matches('=');
    let marker = Marker::of_peer(Peer::Checkov, only(ids)?, place.justification(name, reason, said));
    let next = if said.is_alone { place.lines.after_comments(place.number) } else { None };
    Some((Reach::Resource(place.number, next.unwrap_or(place.number)), marker))
}

fn trivy(place: &Place<'_, '_>, needle: &str, said: &Said<'_>) -> Option<(Reach, Marker)> {
    let end = said.text.find(char::is_whitespace).unwrap_or(said.text.len());
    let (condition, reason) = said.text.split_at(end);
    let mut sections = condition.split(':');
    let checks = match sections.next()? {
        "*" => Checks::Every,
        // An id with parameters in brackets is no id: what they compare is not known here.
        id if !id.is_empty() && id.chars().all(is_word) => Checks::Only(vec![id.to_owned()]),
        _ => return None,
    };
    let mut name = needle.trim_end_matches(':').to_owned();
    while let Some(key) = sections.next() {
        match (key, sections.next()) {
            ("exp", Some(date)) if is_date(date) => name = format!("{name}, expires {date}"),
            ("exp", _) => return None,
            // The workspace when none is chosen.
            ("ws", workspace) if workspace != Some("default") => return None,
            _ => {}
        }
    }
    // The next marker in the comment is no reason of this one.
    let is_list = TRIVY.iter().any(|other| reason.contains(other));
    let justification = if is_list { name } else { place.justification(&name, reason, said) };
    let first = place.subject(said)?;
    let reach = Reach::Block(first, place.lines.block_end(first));
    Some((reach, Marker::of_peer(Peer::Trivy, checks, justification)))
}

/// Whether `text` has the form `2030-01-31`.
fn is_date(text: &str) -> bool {
    let number = |part: Option<&str>, length: usize| {
        part.filter(|part| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit()))?.parse::<u16>().ok()
    };
    let mut parts = text.split('-');
    let (year, month, day) = (number(parts.next(), 4), number(parts.next(), 2), number(parts.next(), 2));
    year.is_some()
        && month.is_some_and(|month| (1..=12).contains(&month))
        && day.is_some_and(|day| (1..=31).contains(&day))
        && parts.next().is_none()
}

fn kics(place: &Place<'_, '_>, said: &Said<'_>) -> Option<(Reach, Marker)> {
    let text = said.text.strip_prefix(char::is_whitespace)?.trim_start();
    let end = text.find(|c: char| !c.is_ascii_lowercase() && c != '-').unwrap_or(text.len());
    let (command, rest) = text.split_at(end);
    let lines = place.lines;
    let (reach, checks, rest) = match command {
        "ignore" | "disable" | "enable" if !said.is_alone || !lines.is_head(place.number) => return None,
        "ignore" => (Reach::File, Checks::Every, rest),
        "disable" | "enable" => {
            let (ids, rest) = id_list(rest.strip_prefix('=')?, "-");
            let only = only(ids)?;
            (Reach::File, if command == "disable" { only } else { all_but(only) }, rest)
        }
        "ignore-line" => {
            let first = place.subject(said)?;
            (Reach::Lines(first, lines.statement_end(first)), Checks::Every, rest)
        }
        "ignore-block" => {
            let first = place.subject(said)?;
            let last = lines.stage_end(first).unwrap_or_else(|| lines.block_end(first));
            (Reach::Block(first, last), Checks::Every, rest)
        }
        _ => return None,
    };
    let justification = place.justification(&format!("{KICS} {command}"), rest, said);
    Some((reach, Marker::of_peer(Peer::Kics, checks, justification)))
}

fn all_but(checks: Checks) -> Checks {
    match checks {
        Checks::Only(ids) => Checks::AllBut(ids),
        other => other,
    }
}

fn hadolint(place: &Place<'_, '_>, said: &Said<'_>) -> Option<(Reach, Marker)> {
    let text = said.text.strip_prefix(char::is_whitespace)?.trim_start();
    let (is_global, text) = match text.strip_prefix("global") {
        Some(rest) => (true, rest.strip_prefix(char::is_whitespace)?.trim_start()),
        None => (false, text),
    };
    let list = text.strip_prefix("ignore")?.trim_start().strip_prefix('=')?;
    let (ids, reason) = id_list(list, "");
    let checks = only(ids)?;
    // In a Dockerfile, a comment has its line for itself.
    let next = if said.is_alone { place.lines.after_comments(place.number) } else { None };
    let (reach, name) = if is_global && said.is_alone {
        (Reach::File, "hadolint global ignore")
    } else {
        let first = next?;
        (Reach::Block(first, place.lines.statement_end(first)), "hadolint ignore")
    };
    Some((reach, Marker::of_peer(Peer::Hadolint, checks, place.justification(name, reason, said))))
}

fn zizmor(place: &Place<'_, '_>, said: &Said<'_>) -> Option<(Reach, Marker)> {
    let (ids, rest) = id_list(said.text.trim_start().strip_prefix("ignore[")?, "-");
    let reason = rest.trim_start().strip_prefix(']')?;
    let justification = place.justification("zizmor: ignore", reason, said);
    let item = place.lines.item_around(place.number);
    Some((Reach::Item { line: place.number, item }, Marker::of_peer(Peer::Zizmor, only(ids)?, justification)))
}

fn nosec(place: &Place<'_, '_>, said: &Said<'_>) -> Option<(Reach, Marker)> {
    if said.text.starts_with(is_word) {
        return None;
    }
    // Both tools take ids with blanks or commas between them; what is none begins the reason.
    let mut ids = Vec::new();
    let mut rest = said.text.trim_start_matches([':', ' ', '\t']);
    loop {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(end);
        let is_id =
            word.len() == 4 && word.starts_with(['B', 'G']) && word.bytes().skip(1).all(|byte| byte.is_ascii_digit());
        if !is_id {
            break;
        }
        if ids.len() < MAX_IDS {
            ids.push(word.to_owned());
        }
        rest = behind.trim_start_matches([',', ' ', '\t']);
    }
    let checks = only(ids).unwrap_or(Checks::Every);
    let marker = Marker::of_peer(Peer::Nosec, checks, place.justification(NOSEC, rest, said));
    Some((Reach::Lines(place.number, place.number), marker))
}

fn nosemgrep(place: &Place<'_, '_>, said: &Said<'_>) -> Option<(Reach, Marker)> {
    let text = said.text.strip_prefix("grep").unwrap_or(said.text);
    let (checks, reason) = match text.strip_prefix([':', '=']) {
        Some(list) => {
            let (ids, reason) = id_list(list, "._-");
            (only(ids)?, reason)
        }
        None if text.starts_with(is_word) => return None,
        None => (Checks::Every, text),
    };
    let line = place.subject(said)?;
    let marker = Marker::of_peer(Peer::Semgrep, checks, place.justification("nosemgrep", reason, said));
    Some((Reach::Lines(line, line), marker))
}

#[cfg(test)]
mod tests;
