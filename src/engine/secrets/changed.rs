//! What is new in a text against an earlier one without a secret: which secrets could it hold?
//!
//! The history of a file is many texts that have most in common. Where nothing was found in one of them, its neighbour
//! can hold a secret only where it differs: each rule looks at a bounded surrounding of what triggers it. So only triggers
//! are followed whose surrounding holds a change. What comes out is a question answered in favour of doubt: whoever gets a
//! yes examines the text as a whole.

use std::collections::HashMap;

use super::index::{Call, Index};
use super::{AROUND, MAX_ANCHORED, MAX_NEAR_BYTES, Pass, SecretEngine, assigned, generic, pem};
use crate::span::Span;

/// How far in front of a keyword of the generic detector, and how far behind it, something counts: its windows, and in
/// front the window of what may have covered the keyword.
const GENERIC_REACH: (usize, usize) = (2 * 1024, 1536);
/// The same for the name of a provider: its value, and the value of a name in front that may have covered it.
const NAME_REACH: (usize, usize) = (2 * (assigned::WINDOW + 128), assigned::WINDOW + 128);
/// The same for a keyword that a regex is searched around.
const AROUND_REACH: (usize, usize) = (4 * AROUND, 4 * AROUND);
/// The farthest of these.
const NEAR: usize = 2 * 1024 + 512;
/// The farthest that anything counts, but for private keys.
const FAR: usize = 2 * MAX_ANCHORED + MAX_NEAR_BYTES + AROUND;
/// How many steps a repeated line is looked for.
const MAX_REPEATS: usize = 4;

impl SecretEngine<'_> {
    /// Whether `new`, the content of the file at `path`, may hold a secret, when `old` at the same path holds none.
    #[must_use]
    pub fn may_hold(&self, path: &str, old: &str, new: &str) -> bool {
        let index = self.index();
        let applicable = index.applicable(path);
        let is_whole = |&id: &u32| {
            let rule = index.matchers[id as usize].rule;
            applicable.includes(&index.rules[rule], rule)
        };
        if index.whole_file.iter().any(is_whole) {
            return true;
        }
        let Changes { spans: changed, shrunk } = changed(old.as_bytes(), new.as_bytes());
        if changed.is_empty() {
            return false;
        }
        // Whether a place lies in a string of many lines depends on everything in front of it.
        if let Some(quote) = generic::quote_of_lines(path) {
            let count = |text: &[u8]| memchr::memmem::find_iter(text, quote).count();
            let in_changed: usize =
                changed.iter().map(|span| count(span.slice(new.as_bytes()).unwrap_or_default())).sum();
            if in_changed > 0 || count(old.as_bytes()) != count(new.as_bytes()) {
                return true;
            }
        }
        let mut question = Question { index, text: new.as_bytes(), changed: &changed, has_companion: false };
        question.has_companion = question.brings_companion(&shrunk);
        let mut pass = Pass::new(index, path, new.as_bytes());
        let far = index.far(NEAR / 2);
        for window in merged(&changed, pem::MAX_BLOCK, FAR, new.len()) {
            let text = window.slice(new.as_bytes()).unwrap_or_default();
            far.visit(text, |call, at| {
                let at = window.start + at;
                if pass.found.is_empty() && question.touches(call, at) {
                    pass.call(call, at);
                }
            });
        }
        // What looks far was called already.
        pass.done.fill(0);
        for window in question.windows() {
            let text = window.slice(new.as_bytes()).unwrap_or_default();
            index.visit(text, |call, at| {
                let at = window.start + at;
                if pass.found.is_empty() && question.touches(call, at) {
                    pass.call(call, at);
                }
            });
            if !pass.found.is_empty() {
                return true;
            }
        }
        pass.generic(path, new);
        !pass.found.is_empty()
    }
}

/// Which triggers in a text look at what is new in it.
struct Question<'a> {
    index: &'a Index,
    text: &'a [u8],
    changed: &'a [Span],
    /// What is new, or what came nearer, may be the companion of something that is not.
    has_companion: bool,
}

impl Question<'_> {
    /// Whether a companion stands in what is new, or so near to a place that was `shrunk` that it may have come into reach.
    fn brings_companion(&self, shrunk: &[Span]) -> bool {
        let companions = self.index.companions();
        let stand_in = |spans: &[Span], reach: usize| {
            let windows = merged(spans, reach, reach, self.text.len());
            windows.iter().any(|window| companions.stand_in(window.slice(self.text).unwrap_or_default()))
        };
        stand_in(self.changed, companions.longest) || stand_in(shrunk, MAX_NEAR_BYTES + companions.longest)
    }

    /// The parts of the text in which a trigger may look at what is new.
    fn windows(&self) -> Vec<Span> {
        let reach = if self.has_companion { FAR } else { NEAR };
        merged(self.changed, reach, reach, self.text.len())
    }

    /// Whether what `call` looks at, triggered at `at`, may hold something new. A match that was refused keeps the same
    /// rule from looking at what it covers, so what comes before counts, too.
    fn touches(&self, call: Call, at: usize) -> bool {
        let (id, (before, after)) = match call {
            Call::PrivateKey => return self.is_near(at, (pem::MAX_BLOCK, pem::MAX_BLOCK)),
            Call::Generic => return self.is_near(at, GENERIC_REACH),
            Call::Name(id) => (id, NAME_REACH),
            Call::Around(id) => (id, AROUND_REACH),
            Call::Anchored(id) => {
                let matcher = &self.index.matchers[id as usize];
                if matcher.keeps_to_line() {
                    // What is new is whole lines, and a place where lines went is the end of one.
                    (id, (0, 0))
                } else {
                    let longest = matcher.longest().min(MAX_ANCHORED) + 2;
                    (id, (2 * longest, longest))
                }
            }
        };
        let rule = &self.index.rules[self.index.matchers[id as usize].rule];
        if self.has_companion && rule.near().is_some() {
            return self.is_near(at, (before + MAX_NEAR_BYTES + MAX_ANCHORED, after + MAX_NEAR_BYTES + MAX_ANCHORED));
        }
        if before == 0 {
            let start = memchr::memrchr(b'\n', &self.text[..at]).unwrap_or(0);
            let end = memchr::memchr(b'\n', &self.text[at..]).map_or(self.text.len(), |end| at + end + 1);
            return self.is_near(at, (at - start, end - at));
        }
        self.is_near(at, (before, after))
    }

    fn is_near(&self, at: usize, (before, after): (usize, usize)) -> bool {
        let first = self.changed.partition_point(|span| span.end < at.saturating_sub(before));
        self.changed.get(first).is_some_and(|span| span.start <= at + after)
    }
}

/// `spans` with `before` bytes in front and `after` bytes behind, within a text of `len` bytes, those that touch as one.
fn merged(spans: &[Span], before: usize, after: usize, len: usize) -> Vec<Span> {
    let mut windows = Vec::new();
    for span in spans {
        add(&mut windows, Span::new(span.start.saturating_sub(before), len.min(span.end + after)));
    }
    windows
}

/// What is new in a text.
#[derive(Default)]
struct Changes {
    /// The parts, whole lines, that do not stand in the old text in the same surroundings, in order. A part without length
    /// is a place where something was taken out. What lies between two parts stands in the old text as it is, and in the
    /// same order.
    spans: Vec<Span>,
    /// Those that are shorter than what they replace, in bytes or lines: what stands around them came nearer.
    shrunk: Vec<Span>,
}

/// What is new in `new` against `old`.
fn changed(old: &[u8], new: &[u8]) -> Changes {
    let mut changes = Changes::default();
    let prefix = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    if prefix == old.len() && prefix == new.len() {
        return changes;
    }
    let start = memchr::memrchr(b'\n', &new[..prefix]).map_or(0, |at| at + 1);
    let (old, new_rest) = (&old[start..], &new[start..]);
    let suffix = old.iter().rev().zip(new_rest.iter().rev()).take_while(|(a, b)| a == b).count();
    // The suffix begins behind the end of a line.
    let tail = &new_rest[new_rest.len() - suffix..];
    let suffix = memchr::memchr(b'\n', tail).map_or(0, |at| suffix - at - 1);
    let old = &old[..old.len() - suffix];
    let middle = Span::new(start, new.len() - suffix);
    let lines = lines(&new[middle.start..middle.end]);
    let old_lines = self::lines(old);
    let mut places: HashMap<&[u8], (u32, usize), foldhash::fast::FixedState> = HashMap::default();
    for (at, line) in (0_u32..).zip(&old_lines) {
        places.entry(line).and_modify(|place| place.1 += 1).or_insert((at, 1));
    }
    // Where the lines that are new, up to here, began, and how many they are.
    let (mut added_from, mut added) = (middle.start, 0);
    let mut next = 0;
    let mut at = middle.start;
    for line in lines {
        let end = at + line.len();
        // A line that stands in many places says nothing about where this is.
        let is_telling = |&&(place, times): &&(u32, usize)| times <= MAX_REPEATS && place as usize >= next;
        let place = if old_lines.get(next) == Some(&line) {
            Some(next)
        } else {
            places.get(line).filter(is_telling).map(|&(place, _)| place as usize)
        };
        if let Some(place) = place {
            changes.add(Span::new(added_from, at), added, &old_lines[next..place]);
            next = place + 1;
            (added_from, added) = (end, 0);
        } else {
            added += 1;
        }
        at = end;
    }
    changes.add(Span::new(added_from, at), added, &old_lines[next..]);
    if changes.spans.is_empty() {
        add(&mut changes.spans, Span::new(at, at));
    }
    changes
}

impl Changes {
    /// Notes that the lines of `span`, so many, stand where `replaced` stood.
    fn add(&mut self, span: Span, lines: usize, replaced: &[&[u8]]) {
        if lines == 0 && replaced.is_empty() {
            return;
        }
        add(&mut self.spans, span);
        if replaced.len() > lines || replaced.iter().map(|line| line.len()).sum::<usize>() > span.len() {
            add(&mut self.shrunk, span);
        }
    }
}

/// Adds `span` to `spans`, to the last of them where they touch.
fn add(spans: &mut Vec<Span>, span: Span) {
    match spans.last_mut() {
        Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
        _ => spans.push(span),
    }
}

/// The lines of `text` with their ends.
fn lines(text: &[u8]) -> Vec<&[u8]> {
    let mut lines = Vec::new();
    let mut start = 0;
    for end in memchr::memchr_iter(b'\n', text) {
        lines.push(&text[start..=end]);
        start = end + 1;
    }
    if start < text.len() {
        lines.push(&text[start..]);
    }
    lines
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rules::catalogue::Catalogue;

    fn parts(old: &str, new: &str) -> Vec<(usize, String)> {
        changed(old.as_bytes(), new.as_bytes())
            .spans
            .into_iter()
            .map(|span| (span.start, new[span.start..span.end].to_owned()))
            .collect()
    }

    #[test]
    fn changed_lines_and_seams_are_found() {
        assert_eq!(parts("a\nb\nc\n", "a\nb\nc\n"), []);
        assert_eq!(parts("a\nb\nc\n", "a\nx\nc\n"), [(2, "x\n".to_owned())]);
        assert_eq!(parts("a\nb\nc\n", "a\nc\n"), [(2, String::new())]);
        assert_eq!(parts("a\nb\nc\nd\ne\n", "a\nx\nc\ny\ne\n"), [(2, "x\n".to_owned()), (6, "y\n".to_owned())]);
        assert_eq!(parts("", "a"), [(0, "a".to_owned())]);
        assert_eq!(parts("a", ""), [(0, String::new())]);
        assert_eq!(parts("a\nb", "a\nb\nc"), [(2, "b\nc".to_owned())]);
    }

    /// Lines that go bring a companion into reach.
    #[test]
    fn a_companion_may_come_nearer() {
        let catalogue = Catalogue::new(crate::rules::builtin::rules());
        let engine = SecretEngine::new(&catalogue, |_| true);
        let digits = concat!("4023b38", "43a78975a18b28fb880ae58d51ff82be71a9feece2b3c721cd5dabe29");
        let text = |between: usize| {
            let filler = "and so on\n".repeat(between);
            format!(
                "kickbox\none line of some fifty bytes in front of what is cut\n{filler}second line\nx = live_{digits}\n"
            )
        };
        let (far, near) = (text(12), text(0));
        assert!(engine.scan("a.txt", &far).detections.is_empty());
        assert_eq!(engine.scan("a.txt", &near).detections.len(), 1);
        assert!(engine.may_hold("a.txt", &far, &near));
    }

    proptest! {
        /// What is not changed stands in the old text, part by part and in order.
        #[test]
        fn what_is_not_changed_was_there(old in "([ab]{0,2}\n){0,12}[ab]?", new in "([abc]{0,2}\n){0,12}[ab]?") {
            let spans = changed(old.as_bytes(), new.as_bytes()).spans;
            prop_assert_eq!(spans.is_empty(), old == new);
            prop_assert!(spans.windows(2).all(|pair| pair[0].end < pair[1].start));
            let mut from = 0;
            let mut start = 0;
            for span in spans.iter().copied().chain([Span::new(new.len(), new.len())]) {
                let kept = &new[start..span.start];
                let found = old[from..].find(kept);
                prop_assert!(found.is_some(), "{kept:?} of {new:?} in {old:?}");
                from += found.unwrap_or_default() + kept.len();
                start = span.end;
            }
        }
    }
}
