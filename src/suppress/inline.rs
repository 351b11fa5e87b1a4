//! Comments in the scanned file that silence findings: Lockgate's own, those of other secret scanners, and those of
//! scanners for misconfigurations ([`super::peers`]).
//!
//! ```text
//! password = "…"   # lockgate: ignore[rule-id, other-rule] why
//! # lockgate: ignore why                     (alone on its line: also for the next line)
//! # lockgate: ignore-block[rule-id] why … # lockgate: end-ignore
//! # lockgate: ignore-file[rule-id] why       (within the first 20 lines)
//! ```
//!
//! A marker counts where it stands right behind a comment opener of some language ([`super::comment`]) and neither inside
//! a string nor inside a secret that was found: a password that happens to hold one is still reported. Where something is
//! unclear (a list that is not closed, a glob, a block without an end) the marker silences nothing.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use memchr::memmem;

use super::comment::Line;
use super::marker::{Addressee, Checks, MAX_IDS, Marker};
use super::peers::{self, Place};
use super::reach::{Lines, Reach};
use super::reason::SecretSpans;
pub use super::target::Target;
use crate::finding::Suppression;
use crate::span::Span;

/// `lockgate: ignore-file` counts up to this line.
const FILE_MARKER_LINES: u32 = 20;

/// Bounds on what one file may demand: markers on a line and for a line, blocks, markers of other scanners for
/// misconfigurations, markers and mistakes listed.
const MAX_ON_LINE: usize = 16;
const MAX_BLOCKS: usize = 256;
const MAX_PEER_MARKERS: usize = 1024;
const MAX_OWN: usize = 1024;
const MAX_MALFORMED: usize = 20;

/// What a file says about findings in it.
#[derive(Clone, Debug, Default)]
pub struct InlineSuppressions {
    /// For the line, from 1.
    by_line: BTreeMap<u32, Vec<Marker>>,
    /// First and last line, and what holds for them.
    blocks: Vec<(u32, u32, Marker)>,
    whole_file: Vec<Marker>,
    /// Of other scanners for misconfigurations and code.
    peers: Vec<(Reach, Marker)>,
    own: Vec<OwnMarker>,
    malformed: Vec<MalformedMarker>,
}

/// A comment that is written for Lockgate and silences something, if there is anything to silence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnMarker {
    /// The comment from `lockgate:` up to its reason.
    pub span: Span,
    /// The rules that it names; none means every rule.
    pub rules: Vec<String>,
    /// Whether it says why.
    pub has_reason: bool,
}

/// A marker that was meant for Lockgate and silences nothing, or less than it seems to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MalformedMarker {
    /// Line, from 1.
    pub line: u32,
    /// Where `lockgate:` begins in the text.
    pub at: usize,
    /// What is wrong with it.
    pub message: String,
}

/// The markers of other scanners that stand for "not a secret", on their own line.
const SECRET_SCANNERS: [&str; 4] = ["gitleaks:allow", "betterleaks:allow", "trufflehog:ignore", "kingfisher:ignore"];

/// What begins each marker: ours, that of detect-secrets, and the peers'.
const OURS: &str = "lockgate:";
const PRAGMA: &str = "pragma:";

impl InlineSuppressions {
    /// Reads the markers of `text`. `secrets` are the spans of the secrets found in it, in any order: no marker is read
    /// from inside of one, and no reason that holds one is kept. Cheap when there is no marker.
    #[must_use]
    pub fn parse(text: &str, secrets: &[Span]) -> Self {
        Self::read(text, secrets, None)
    }

    /// The same for a text that was parsed: `comments` are the spans of its comments, in order. The markers of scanners for
    /// misconfigurations count in these only, and not in what the file embeds (a heredoc, a block scalar). Those for
    /// secrets count there too: what is embedded has comments of its own.
    #[must_use]
    pub fn parse_document(text: &str, secrets: &[Span], comments: &[Span]) -> Self {
        Self::read(text, secrets, Some(comments))
    }

    fn read(text: &str, secrets: &[Span], comments: Option<&[Span]>) -> Self {
        let needles = SECRET_SCANNERS.into_iter().chain([OURS, PRAGMA]).chain(peers::NEEDLES);
        let mut hits: Vec<(usize, &'static str)> =
            needles.flat_map(|needle| memmem::find_iter(text.as_bytes(), needle).map(move |at| (at, needle))).collect();
        if hits.is_empty() {
            return Self::default();
        }
        hits.sort_unstable();
        Parser::new(text, secrets, comments).run(&hits)
    }

    /// What silences `target`: the marker on its line, then the innermost block, then the file. Of a finding of several
    /// lines the first and the last count, and the line above: inside there is seldom room for a comment.
    #[must_use]
    pub fn find(&self, target: &Target<'_>) -> Option<Suppression> {
        self.find_marker(target).map(|(suppression, _)| suppression)
    }

    /// The same, with the place where that marker begins in the text, when it is written for Lockgate.
    #[must_use]
    pub fn find_marker(&self, target: &Target<'_>) -> Option<(Suppression, Option<usize>)> {
        let mut lines = vec![target.first_line];
        if target.last_line > target.first_line {
            lines.extend([target.first_line.saturating_sub(1), target.last_line]);
        }
        let on_lines = lines.iter().filter_map(|line| self.by_line.get(line)).flatten();
        // Inner blocks end, and so are listed, before the outer ones.
        let in_blocks = self.blocks.iter().filter(|(first, last, _)| (*first..=*last).contains(&target.first_line));
        let of_peers = self.peers.iter().filter(|(reach, _)| reach.covers(target));
        let marker = on_lines
            .chain(in_blocks.map(|(_, _, marker)| marker))
            .chain(&self.whole_file)
            .chain(of_peers.map(|(_, marker)| marker))
            .find(|marker| marker.means(target))?;
        Some((marker.suppression(), marker.at))
    }

    /// Whether `text` may hold a marker that is written for Lockgate. Cheap.
    #[must_use]
    pub fn may_be_in(text: &str) -> bool {
        memmem::find(text.as_bytes(), OURS.as_bytes()).is_some()
    }

    /// The markers that are written for Lockgate and understood, in the order of the text: at most 1,024.
    #[must_use]
    pub fn own(&self) -> &[OwnMarker] {
        &self.own
    }

    /// Markers that do not work, by line: at most 20.
    #[must_use]
    pub fn malformed(&self) -> &[MalformedMarker] {
        &self.malformed
    }
}

/// The state of one pass over the lines with markers.
struct Parser<'a> {
    text: &'a str,
    /// Cut when a marker asks for them.
    lines: OnceCell<Lines<'a>>,
    secrets: SecretSpans,
    comments: Option<&'a [Span]>,
    found: InlineSuppressions,
    /// Blocks that are not closed yet, outer ones first.
    open: Vec<(u32, OwnMarker, Marker)>,
    /// Markers that are alone on their line.
    alone: BTreeMap<u32, Vec<Marker>>,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str, secrets: &[Span], comments: Option<&'a [Span]>) -> Self {
        Self {
            text,
            lines: OnceCell::new(),
            secrets: SecretSpans::new(secrets),
            comments,
            found: InlineSuppressions::default(),
            open: Vec::new(),
            alone: BTreeMap::new(),
        }
    }

    fn run(mut self, hits: &[(usize, &'static str)]) -> InlineSuppressions {
        let bytes = self.text.as_bytes();
        let (mut number, mut counted) = (1_u32, 0);
        let mut hits = hits.iter().copied().peekable();
        while let Some(&(at, _)) = hits.peek() {
            let start = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |line_break| line_break + 1);
            let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |line_break| at + line_break);
            let breaks = memchr::memchr_iter(b'\n', &bytes[counted..start]).count();
            number = number.saturating_add(u32::try_from(breaks).unwrap_or(u32::MAX));
            counted = start;
            let line = Line::new(&self.text[start..end]);
            let mut on_line = 0;
            while let Some((at, needle)) = hits.next_if(|&(at, _)| at < end) {
                on_line += 1;
                let is_secret = self.secrets.touch(Span::new(at, at + needle.len()));
                if on_line <= MAX_ON_LINE && !is_secret {
                    match needle {
                        OURS => self.own(number, &line, start, at - start),
                        peer if peers::NEEDLES.contains(&peer) => self.of_peer(number, &line, start, at - start, peer),
                        peer => self.foreign(number, &line, at - start, peer),
                    }
                }
            }
        }
        self.finish()
    }

    /// A marker of Lockgate's at `offset` of the line `number`, which begins at `start` of the text.
    fn own(&mut self, number: u32, line: &Line<'a>, start: usize, offset: usize) {
        let Some(comment) = line.comment_right_before(offset) else { return };
        let said = line.text_of(comment, offset + OURS.len());
        let said_end = start + offset + OURS.len() + said.len();
        let said = said.trim_start();
        let word_end = said.find(|c: char| !c.is_ascii_lowercase() && c != '-').unwrap_or(said.len());
        let (word, rest) = said.split_at(word_end);
        if word == "end-ignore" {
            match self.open.pop() {
                Some((first, own, marker)) => self.close_block((first, number), own, marker),
                None => {
                    self.reject(number, start + offset, "`end-ignore` without an `ignore-block` before it".to_owned());
                }
            }
            return;
        }
        if !matches!(word, "ignore" | "ignore-block" | "ignore-file") {
            return;
        }
        let at = start + offset;
        let Some((checks, reason)) = self.checks(number, at, rest) else { return };
        let justification = self.secrets.reason(reason, said_end);
        let head = said_end.saturating_sub(reason.len()).max(at + OURS.len());
        let own = OwnMarker {
            span: Span::new(at, at + self.text.get(at..head).map_or(OURS.len(), |head| head.trim_end().len())),
            rules: if let Checks::Only(rules) = &checks { rules.clone() } else { Vec::new() },
            has_reason: justification.is_some(),
        };
        let marker = Marker { addressee: Addressee::Lockgate, checks, justification, at: Some(at) };
        match word {
            "ignore-block" => return self.open.push((number, own, marker)),
            "ignore-file" if number > FILE_MARKER_LINES => {
                return self.reject(
                    number,
                    at,
                    format!("`ignore-file` counts within the first {FILE_MARKER_LINES} lines only"),
                );
            }
            "ignore-file" => self.found.whole_file.push(marker),
            _ => {
                if line.is_only(comment, offset) {
                    self.alone.entry(number).or_default().push(marker.clone());
                }
                self.put(number, marker);
            }
        }
        self.list(own);
    }

    /// The ids in brackets at the beginning of `rest`, none meaning every rule, and what follows them.
    fn checks<'t>(&mut self, number: u32, at: usize, rest: &'t str) -> Option<(Checks, &'t str)> {
        let Some(list) = rest.trim_start().strip_prefix('[') else { return Some((Checks::Every, rest)) };
        let Some((list, reason)) = list.split_once(']') else {
            self.reject(number, at, "the list of rules is not closed with `]`".to_owned());
            return None;
        };
        let mut rules = Vec::new();
        for id in list.split(',').take(MAX_IDS).map(str::trim) {
            let is_id = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            if !id.is_empty() && id.bytes().all(is_id) {
                rules.push(id.to_owned());
            } else {
                // What stands there is not repeated: it could be anything.
                self.reject(number, at, "the list of rules must hold ids; globs do not work here".to_owned());
            }
        }
        // Without brackets it would mean every rule, so what had some must keep one.
        if rules.is_empty() { None } else { Some((Checks::Only(rules), reason)) }
    }

    /// A marker of another scanner for secrets.
    fn foreign(&mut self, number: u32, line: &Line<'a>, offset: usize, needle: &'static str) {
        if line.comment_around(offset).is_none() {
            return;
        }
        let behind = &line.text()[offset + needle.len()..];
        let ends = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        let (target, name) = if needle == PRAGMA {
            let Some((is_next, rest)) = allowlist_pragma(behind) else { return };
            if !ends(rest) {
                return;
            }
            (number.saturating_add(u32::from(is_next)), "pragma: allowlist secret")
        } else if ends(behind) {
            (number, needle)
        } else {
            return;
        };
        let marker = Marker {
            addressee: Addressee::SecretScanner,
            checks: Checks::Every,
            justification: Some(name.to_owned()),
            at: None,
        };
        self.put(target, marker);
    }

    /// A marker of a scanner for misconfigurations or code.
    fn of_peer(&mut self, number: u32, line: &Line<'a>, start: usize, offset: usize, needle: &'static str) {
        let is_embedded = self.comments.is_some_and(|comments| !is_inside(comments, start + offset));
        if is_embedded || self.found.peers.len() >= MAX_PEER_MARKERS {
            return;
        }
        let lines = self.lines.get_or_init(|| Lines::new(self.text));
        let place = Place { number, line, start, offset, lines, secrets: &self.secrets };
        self.found.peers.extend(peers::read(&place, needle));
    }

    fn put(&mut self, line: u32, marker: Marker) {
        let markers = self.found.by_line.entry(line).or_default();
        if markers.len() < MAX_ON_LINE {
            markers.push(marker);
        }
    }

    fn close_block(&mut self, (first, last): (u32, u32), own: OwnMarker, marker: Marker) {
        if self.found.blocks.len() < MAX_BLOCKS {
            self.found.blocks.push((first, last, marker));
            self.list(own);
        } else {
            self.reject(first, own.span.start, format!("more than {MAX_BLOCKS} blocks in one file"));
        }
    }

    fn list(&mut self, own: OwnMarker) {
        if self.found.own.len() < MAX_OWN {
            self.found.own.push(own);
        }
    }

    fn reject(&mut self, line: u32, at: usize, message: String) {
        if self.found.malformed.len() < MAX_MALFORMED {
            self.found.malformed.push(MalformedMarker { line, at, message });
        }
    }

    fn finish(mut self) -> InlineSuppressions {
        for (line, own, _) in std::mem::take(&mut self.open) {
            self.reject(line, own.span.start, "`ignore-block` without an `end-ignore` silences nothing".to_owned());
        }
        // A marker alone on its line holds for the next line that is not such a line itself. From the last to the first,
        // so that the next line of each is known; what a run passes on is bounded by `put`.
        let alone = std::mem::take(&mut self.alone);
        let mut targets: BTreeMap<u32, u32> = BTreeMap::new();
        for (line, markers) in alone.into_iter().rev() {
            let next = line.saturating_add(1);
            let target = targets.get(&next).copied().unwrap_or(next);
            targets.insert(line, target);
            for marker in markers {
                self.put(target, marker);
            }
        }
        self.found.own.sort_by_key(|marker| marker.span);
        self.found.malformed.sort_by_key(|marker| marker.line);
        self.found
    }
}

/// Whether one of `comments`, which are in order, holds the byte at `offset`.
fn is_inside(comments: &[Span], offset: usize) -> bool {
    let next = comments.partition_point(|comment| comment.end <= offset);
    comments.get(next).is_some_and(|comment| comment.start <= offset)
}

/// Reads ` allowlist secret` or ` allowlist nextline secret` behind `pragma:`: whether it is for the next line, and what
/// follows.
fn allowlist_pragma(behind: &str) -> Option<(bool, &str)> {
    let blank = |text: &'_ str| text.starts_with([' ', '-']);
    let rest = behind.trim_start_matches(' ');
    let rest = rest.strip_prefix("allowlist").or_else(|| rest.strip_prefix("whitelist"))?;
    let rest = rest.get(1..).filter(|_| blank(rest))?;
    let (is_next, rest) = match rest.strip_prefix("nextline") {
        Some(rest) => (true, rest.get(1..).filter(|_| blank(rest))?),
        None => (false, rest),
    };
    rest.strip_prefix("secret").map(|rest| (is_next, rest))
}

#[cfg(test)]
mod tests;
