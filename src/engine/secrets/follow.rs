//! The texts of one file, one after the other: what is found in each, at the cost of what changed.
//!
//! The history of a file is many texts that have most in common. Each rule looks at a bounded surrounding of what triggers
//! it. So the triggers of a text are those of its neighbour and those of the places that differ, and only where such a place
//! lies in its surrounding can a trigger say something else than before. Those triggers are asked again, in both texts. When
//! their answers are the same, so is the outcome. When they are not, or in doubt, the text is examined as a whole.

use super::difference::{Change, changes};
use super::encoded::holds_encoded;
use super::index::{Applicable, Call, Index};
use super::{AROUND, MAX_ANCHORED, MAX_NEAR_BYTES, Outcome, Pass, SecretEngine, assigned, generic, pem};
use crate::engine::Detection;
use crate::span::Span;

/// Most triggers of a text that are remembered. The text behind one that has more is examined as a whole.
const MAX_TRIGGERS: usize = 1 << 18;
/// How far in front of and behind a keyword the generic detector looks, in front with what may have covered the keyword.
const GENERIC_REACH: usize = 2 * 1024 + 512;
/// The same for the name of a provider.
const NAME_REACH: usize = assigned::WINDOW + 128;

/// A call that a literal in the text asks for, and where the literal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Trigger {
    call: Call,
    at: usize,
    len: usize,
}

/// Follows one file through its texts.
pub struct Follower<'e> {
    index: &'e Index,
    path: &'e str,
    applicable: Applicable,
    before: Option<Known>,
}

/// What is known of a text.
struct Known {
    text: String,
    /// Sorted.
    triggers: Vec<Trigger>,
    /// Whether anything was found.
    is_bearing: bool,
}

impl SecretEngine<'_> {
    /// A look at the texts of the file at `path`, one after the other.
    #[must_use]
    pub fn follow<'e>(&'e self, path: &'e str) -> Follower<'e> {
        let index = self.index();
        Follower { index, path, applicable: index.applicable(path), before: None }
    }
}

impl Follower<'_> {
    /// Looks at the next text: what a scan of it finds, or `None` when that is, in the same order, what was found in the
    /// text before.
    pub fn next(&mut self, text: &str) -> Option<Outcome> {
        let Some(Known { text: mut before, mut triggers, is_bearing }) = self.before.take() else {
            return Some(self.examine(text, String::new()));
        };
        let least = self.index.longest_literal.max(1);
        let changes = changes(before.as_bytes(), text.as_bytes(), least);
        if self.quotes_lines(&changes, &before, text) || encodes(&changes, before.as_bytes(), text.as_bytes()) {
            return Some(self.examine(text, before));
        }
        let now = self.carried(&triggers, &changes, text.as_bytes());
        let (old, new) = (changes.iter().map(|change| change.old), changes.iter().map(|change| change.new));
        let found = self.ask(text, &now, &new.collect::<Vec<_>>());
        let found_before = if is_bearing { self.ask(&before, &triggers, &old.collect::<Vec<_>>()) } else { Vec::new() };
        if !are_same(&found_before, &found, &changes) {
            return Some(self.examine(text, before));
        }
        before.clear();
        before.push_str(text);
        triggers.clear();
        self.before = (now.len() <= MAX_TRIGGERS).then_some(Known { text: before, triggers: now, is_bearing });
        None
    }

    /// Forgets the text before: the next one is examined as a whole.
    pub fn forget(&mut self) {
        self.before = None;
    }

    /// Examines `text` as a whole and remembers it, in `buffer`.
    fn examine(&mut self, text: &str, mut buffer: String) -> Outcome {
        let mut triggers = Vec::new();
        let mut pass = Pass::new(self.index, &self.applicable, text.as_bytes());
        self.index.visit(text.as_bytes(), |call, at, len| {
            if triggers.len() <= MAX_TRIGGERS {
                triggers.push(Trigger { call, at, len });
            }
            pass.call(call, at);
        });
        let outcome = pass.finish(self.path, text);
        let looks_at_all = self.index.gitleaks.len() > 0
            || self.index.whole_file.iter().any(|&id| self.applicable.has(self.index, id));
        if triggers.len() <= MAX_TRIGGERS && !looks_at_all && outcome.unexamined_from.is_none() {
            triggers.sort_unstable();
            buffer.clear();
            buffer.push_str(text);
            self.before = Some(Known { text: buffer, triggers, is_bearing: !outcome.detections.is_empty() });
        }
        outcome
    }

    /// Whether a quote came or went that begins or ends strings of many lines: whether a place lies in one depends on
    /// everything in front of it.
    fn quotes_lines(&self, changes: &[Change], old: &str, new: &str) -> bool {
        let Some(quote) = generic::quote_of_lines(self.path) else { return false };
        let holds = |text: &str, span: Span| {
            span.slice(text.as_bytes()).is_some_and(|part| memchr::memmem::find(part, quote).is_some())
        };
        changes.iter().any(|change| holds(old, change.old) || holds(new, change.new))
    }

    /// The triggers of `text`: those of the text before, which lie elsewhere now, and those of what changed.
    fn carried(&self, before: &[Trigger], changes: &[Change], text: &[u8]) -> Vec<Trigger> {
        let around = self.index.longest_literal.saturating_sub(1);
        let mut fresh = Vec::new();
        for Change { new, .. } in changes {
            let window = Span::new(new.start.saturating_sub(around), text.len().min(new.end + around));
            self.index.visit(window.slice(text).unwrap_or_default(), |call, at, len| {
                let at = window.start + at;
                // What lies between two changes is longer than any literal: none is found twice.
                if at < new.end && new.start < at + len {
                    fresh.push(Trigger { call, at, len });
                }
            });
        }
        fresh.sort_unstable();
        let mut fresh = fresh.into_iter().peekable();
        let mut all = Vec::with_capacity(before.len() + fresh.len());
        let mut next = 0;
        let mut call = None;
        for trigger in before {
            if call != Some(trigger.call) {
                (call, next) = (Some(trigger.call), 0);
            }
            while changes.get(next).is_some_and(|change| change.old.end <= trigger.at) {
                next += 1;
            }
            if changes.get(next).is_some_and(|change| change.old.start < trigger.at + trigger.len) {
                continue;
            }
            let (old, new) = match next.checked_sub(1).and_then(|last| changes.get(last)) {
                Some(change) => (change.old.end, change.new.end),
                None => (0, 0),
            };
            let trigger = Trigger { at: trigger.at - old + new, ..*trigger };
            while let Some(other) = fresh.next_if(|other| *other < trigger) {
                all.push(other);
            }
            all.push(trigger);
        }
        all.extend(fresh);
        all
    }

    /// What those of `triggers` find that look at one of the `changed` places.
    fn ask(&self, text: &str, triggers: &[Trigger], changed: &[Span]) -> Vec<Detection> {
        let bytes = text.as_bytes();
        let mut pass: Option<Pass<'_>> = None;
        let mut call = |trigger: &Trigger| {
            let pass = pass.get_or_insert_with(|| Pass::new(self.index, &self.applicable, bytes));
            pass.call(trigger.call, trigger.at);
        };
        for triggers in triggers.chunk_by(|a, b| a.call == b.call) {
            let Some(first) = triggers.first() else { continue };
            match self.index.reach(first.call) {
                Reach::Line => {
                    let mut next = 0;
                    for trigger in triggers {
                        while changed.get(next + 1).is_some_and(|span| span.start <= trigger.at) {
                            next += 1;
                        }
                        let near = changed.get(next..changed.len().min(next + 2)).unwrap_or_default();
                        if near.iter().any(|&span| shares_line(bytes, trigger.at, span)) {
                            call(trigger);
                        }
                    }
                }
                Reach::Bytes { before, after, cover } => {
                    // What covers the next trigger decides whether that is looked at: they are asked together.
                    for triggers in triggers.chunk_by(|a, b| b.at - a.at <= cover) {
                        let (Some(first), Some(last)) = (triggers.first(), triggers.last()) else { continue };
                        let (start, end) = (first.at.saturating_sub(before), last.at + after);
                        let nearest = changed.partition_point(|span| span.end < start);
                        if changed.get(nearest).is_some_and(|span| span.start <= end) {
                            triggers.iter().for_each(&mut call);
                        }
                    }
                }
            }
        }
        let Some(mut pass) = pass else { return Vec::new() };
        pass.generic(self.path, text);
        pass.found
    }
}

/// Whether encoded text came or went: what it says has no triggers in the outer text.
fn encodes(changes: &[Change], old: &[u8], new: &[u8]) -> bool {
    holds_encoded(old, changes.iter().map(|change| change.old))
        || holds_encoded(new, changes.iter().map(|change| change.new))
}

/// Whether `span`, whole lines or a place between two, touches the line of `at`.
fn shares_line(text: &[u8], at: usize, span: Span) -> bool {
    if span.end <= at {
        return text.get(span.end..at).is_some_and(|between| memchr::memchr(b'\n', between).is_none());
    }
    let Some(between) = text.get(at..span.start) else { return true };
    memchr::memchr(b'\n', between).is_none_or(|end| end + 1 == between.len())
}

/// Whether `new` is `old`, each detection in a place that both texts have in common.
fn are_same(old: &[Detection], new: &[Detection], changes: &[Change]) -> bool {
    let is_same = |(old, new): (&Detection, &Detection)| {
        let next = changes.partition_point(|change| change.new.end <= new.span.start);
        if changes.get(next).is_some_and(|change| change.new.start < new.span.end) {
            return false;
        }
        let (from_old, from_new) = match next.checked_sub(1).and_then(|last| changes.get(last)) {
            Some(change) => (change.old.end, change.new.end),
            None => (0, 0),
        };
        let span = Span::new(new.span.start - from_new + from_old, new.span.end - from_new + from_old);
        span == old.span
            && (old.rule, old.public_prefix, old.confidence, old.specificity)
                == (new.rule, new.public_prefix, new.confidence, new.specificity)
            && old.facts == new.facts
    };
    old.len() == new.len() && old.iter().zip(new).all(is_same)
}

/// What of a text may change what comes of a trigger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Its line.
    Line,
    /// So many bytes in front of it and behind it. `cover` bytes behind it, the same call may have nothing to look at for
    /// the match of this one.
    Bytes { before: usize, after: usize, cover: usize },
}

impl Index {
    fn reach(&self, call: Call) -> Reach {
        let (id, reach) = match call {
            // Where there are such rules, or anything that is encoded changed, the text is examined as a whole.
            Call::Gitleaks(_) | Call::Encoded => return Reach::Bytes { before: 0, after: 0, cover: 0 },
            Call::PrivateKey => {
                return Reach::Bytes { before: 1, after: pem::MAX_BLOCK, cover: pem::MAX_BLOCK };
            }
            // A keyword is covered by the name or the value that it is in; a page of keywords is asked one by one.
            Call::Generic => return Reach::Bytes { before: GENERIC_REACH, after: GENERIC_REACH, cover: 0 },
            Call::Name(id) => (id, Reach::Bytes { before: NAME_REACH, after: NAME_REACH, cover: NAME_REACH }),
            Call::Around(id) => (id, Reach::Bytes { before: AROUND + 1, after: AROUND + 1, cover: 2 * AROUND }),
            Call::Anchored(id) => {
                let matcher = &self.matchers[id as usize];
                let longest = matcher.longest().min(MAX_ANCHORED) + 2;
                // What changes is whole lines, and where lines went, the line in front and the line behind did change.
                let reach = Reach::Bytes { before: 2, after: longest, cover: longest };
                (id, if matcher.keeps_to_line() { Reach::Line } else { reach })
            }
        };
        if self.rules[self.matchers[id as usize].rule].near().is_none() {
            return reach;
        }
        // The companion may stand on another line, or lines between it and the match may go.
        let (before, after, cover) = match reach {
            Reach::Line => (2, MAX_ANCHORED, MAX_ANCHORED),
            Reach::Bytes { before, after, cover } => (before, after, cover),
        };
        Reach::Bytes { before: before + MAX_NEAR_BYTES, after: after + MAX_NEAR_BYTES, cover }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;
    use crate::rules::builtin;
    use crate::rules::catalogue::Catalogue;

    static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::new(builtin::rules()));
    static ENGINE: LazyLock<SecretEngine<'static>> = LazyLock::new(|| SecretEngine::new(&CATALOGUE, |_| true));

    /// What a text may be made of, made-up secrets among it, each line with a number that sets it apart.
    fn line(kind: usize, number: usize) -> String {
        let random = |len: usize| {
            let letters = blake3::hash(number.to_string().as_bytes()).to_hex().to_string();
            letters.chars().cycle().take(len).collect::<String>()
        };
        match kind {
            0 => format!("let value_{number} = compute({number});"),
            1 => format!("password = \"{}\"", random(18)),
            2 => format!("url: https://user{number}:{}@example.org/", random(14)),
            3 => format!("twilio account {number}"),
            4 => format!("sid SK{}", random(32)),
            5 => format!("aws_secret_access_key = {}{}", random(20).to_uppercase(), random(20)),
            6 => format!("-----{} RSA PRIVATE KEY-----", "BEGIN"),
            7 => format!("{}+/", random(62)),
            8 => format!("-----{} RSA PRIVATE KEY-----", "END"),
            9 => "\"\"\"".to_owned(),
            10 => format!("datadog_api_key: {}", random(32)),
            11 => format!("token = os.environ['NAME_{number}']"),
            12 => format!("AKIA{}", random(16).to_uppercase().replace(['0', '1', '8', '9'], "Z")),
            13 => format!("curl -u admin:{} https://example.org \\", random(12)),
            14 => data_encoding::BASE64.encode(format!("https://u:{}@example.org/", random(14)).as_bytes()),
            15 => {
                let text = format!("https://u:{}@example.org/ and some more text behind it", random(14));
                let digits = data_encoding::BASE64.encode(text.as_bytes());
                digits.as_bytes().chunks(36).map(|line| str::from_utf8(line).unwrap()).collect::<Vec<_>>().join("\n")
            }
            _ => String::new(),
        }
    }

    fn outcome(outcome: &Outcome) -> Vec<(usize, Vec<u8>)> {
        let detection = |detection: &Detection| (detection.rule, detection.secret.expose().to_vec());
        outcome.detections.iter().map(detection).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        /// Whoever follows a file sees in each text what a scan of that text finds.
        #[test]
        fn each_text_is_as_if_scanned(
            first in prop::collection::vec((0..17_usize, 0..50_usize), 0..60),
            edits in prop::collection::vec((0..60_usize, 0..3_usize, prop::collection::vec((0..17_usize, 0..50_usize), 0..3)), 1..8),
            path in prop::sample::select(vec!["src/main.py", "config/settings.yaml", "deploy.sh", "README.md", "src/main.rs"]),
        ) {
            let mut lines: Vec<String> = first.into_iter().map(|(kind, number)| line(kind, number)).collect();
            let mut follower = ENGINE.follow(path);
            let mut latest = Vec::new();
            for (at, taken, given) in [(0, 0, Vec::new())].into_iter().chain(edits) {
                let at = at.min(lines.len());
                let end = lines.len().min(at + taken);
                lines.splice(at..end, given.into_iter().map(|(kind, number)| line(kind, number)));
                let text = lines.join("\n");
                if let Some(found) = follower.next(&text) {
                    latest = outcome(&found);
                }
                prop_assert_eq!(&latest, &outcome(&ENGINE.scan(path, &text)), "in {}", text);
            }
        }
    }

    /// Lines that go bring a companion into reach.
    #[test]
    fn a_companion_that_comes_near_is_seen() {
        let digits = concat!("4023b38", "43a78975a18b28fb880ae58d51ff82be71a9feece2b3c721cd5dabe29");
        let text = |between: usize| {
            let filler = "and so on\n".repeat(between);
            format!(
                "kickbox\none line of some fifty bytes in front of what is cut\n{filler}second line\nx = live_{digits}\n"
            )
        };
        let mut follower = ENGINE.follow("a.txt");
        assert_eq!(follower.next(&text(12)).map(|found| found.detections.len()), Some(0));
        assert_eq!(follower.next(&text(0)).map(|found| found.detections.len()), Some(1));
    }

    #[test]
    fn what_stays_and_what_is_added_far_from_it_costs_no_second_look() {
        let secret = line(2, 1);
        let filler = |name: &str| format!("{name} the value of nothing at all\n").repeat(200);
        let first = format!("{}{secret}\n{}", filler("a"), filler("b"));
        let second = format!("{}new\n{}{secret}\n{}new\n", filler("c"), filler("a"), filler("b"));
        let mut follower = ENGINE.follow("notes.txt");
        assert_eq!(follower.next(&first).map(|found| found.detections.len()), Some(1));
        assert!(follower.next(&second).is_none(), "the same secret, elsewhere");
        assert_eq!(follower.next(&filler("d")).map(|found| found.detections.len()), Some(0));
        assert!(follower.next(&filler("e")).is_none());
    }
}
