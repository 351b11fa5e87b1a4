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
        let changed = changed(old.as_bytes(), new.as_bytes());
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
        question.has_companion = question.changed_holds_companion();
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
    /// What is new may be the companion of something that is not.
    has_companion: bool,
}

impl Question<'_> {
    fn changed_holds_companion(&self) -> bool {
        let longest = self.index.companions().longest;
        self.changed.iter().any(|span| {
            let end = self.text.len().min(span.end + longest);
            let around = &self.text[span.start.saturating_sub(longest)..end];
            self.index.companions().stand_in(around)
        })
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

/// The parts of `new`, whole lines, that do not stand in `old` in the same surroundings, in order. A part without length is
/// a place where something was taken out. What lies between two parts stands in `old` as it is, and in the same order.
fn changed(old: &[u8], new: &[u8]) -> Vec<Span> {
    let prefix = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    if prefix == old.len() && prefix == new.len() {
        return Vec::new();
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
    let mut spans: Vec<Span> = Vec::new();
    let mut next = 0;
    let mut at = middle.start;
    for line in lines {
        let end = at + line.len();
        if old_lines.get(next) == Some(&line) {
            next += 1;
        } else {
            // A line that stands in many places says nothing about where this is.
            let place = places.get(line).filter(|&&(place, times)| times <= MAX_REPEATS && place as usize >= next);
            match place {
                Some(&(place, _)) => {
                    add(&mut spans, Span::new(at, at));
                    next = place as usize + 1;
                }
                None => add(&mut spans, Span::new(at, end)),
            }
        }
        at = end;
    }
    if next < old_lines.len() || spans.is_empty() {
        add(&mut spans, Span::new(at, at));
    }
    spans
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

    fn parts(old: &str, new: &str) -> Vec<(usize, String)> {
        changed(old.as_bytes(), new.as_bytes())
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

    proptest! {
        /// What is not changed stands in the old text, part by part and in order.
        #[test]
        fn what_is_not_changed_was_there(old in "([ab]{0,2}\n){0,12}[ab]?", new in "([abc]{0,2}\n){0,12}[ab]?") {
            let spans = changed(old.as_bytes(), new.as_bytes());
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
