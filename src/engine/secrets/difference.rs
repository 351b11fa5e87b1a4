//! What two texts have in common, in runs of whole lines.
//!
//! Neighbours in the history of a file differ in a few places. So equal bytes are compared as they lie, and at a place where
//! the texts part, the next common line is looked for nearby. Only where that fails are lines hashed.

use std::collections::HashMap;

use crate::span::Span;

/// How many lines behind a difference are compared with each other.
const NEARBY: usize = 24;
/// A line shorter than this says nothing about where it is.
const TELLING: usize = 6;
/// How many steps a repeated line is looked for.
const MAX_REPEATS: usize = 4;
/// Bytes that are compared at once.
const BLOCK: usize = 128;

/// What lies between two common runs, in both texts. At least one of the two has a length; one without is the place where
/// lines were added or taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Change {
    /// In the one text.
    pub(super) old: Span,
    /// In the other.
    pub(super) new: Span,
}

/// The places at which `new` differs from `old`, in order. What lies between them are whole lines, equal in both texts, and
/// never less than `least` bytes.
pub(super) fn changes(old: &[u8], new: &[u8], least: usize) -> Vec<Change> {
    let mut changes = Vec::new();
    let (mut at_old, mut at_new) = line_before(old, new, 0, 0);
    // What is equal at the end is put aside, so that it is never hashed.
    let tail = equal_tail(&old[at_old..], &new[at_new..]);
    let (old_end, new_end) = (old.len() - tail, new.len() - tail);
    while at_old < old_end || at_new < new_end {
        let (rest_old, rest_new) = (&old[at_old..old_end], &new[at_new..new_end]);
        let Some((skip_old, skip_new)) = nearby(rest_old, rest_new) else {
            by_lines(&mut changes, (rest_old, at_old), (rest_new, at_new), least);
            break;
        };
        let (from_old, from_new) = (at_old + skip_old, at_new + skip_new);
        add(&mut changes, Span::new(at_old, from_old), Span::new(at_new, from_new), least);
        (at_old, at_new) = line_before(&old[..old_end], &new[..new_end], from_old, from_new);
    }
    changes
}

/// Adds a change, to the last one when what lies between them is too short.
fn add(changes: &mut Vec<Change>, old: Span, new: Span, least: usize) {
    match changes.last_mut() {
        Some(before) if new.start - before.new.end < least => {
            before.old.end = old.end;
            before.new.end = new.end;
        }
        _ => changes.push(Change { old, new }),
    }
}

/// How far the texts are equal from `at_old` and `at_new` on, back to the end of a line.
fn line_before(old: &[u8], new: &[u8], at_old: usize, at_new: usize) -> (usize, usize) {
    let (old_rest, new_rest) = (&old[at_old..], &new[at_new..]);
    let blocks = old_rest.chunks_exact(BLOCK).zip(new_rest.chunks_exact(BLOCK)).take_while(|(a, b)| a == b).count();
    let from = blocks * BLOCK;
    let equal = from + old_rest[from..].iter().zip(&new_rest[from..]).take_while(|(a, b)| a == b).count();
    if equal == old_rest.len() && equal == new_rest.len() {
        return (old.len(), new.len());
    }
    let lines = memchr::memrchr(b'\n', &new_rest[..equal]).map_or(0, |end| end + 1);
    (at_old + lines, at_new + lines)
}

/// How many bytes are equal at the ends, whole lines.
fn equal_tail(old: &[u8], new: &[u8]) -> usize {
    let blocks = old.rchunks_exact(BLOCK).zip(new.rchunks_exact(BLOCK)).take_while(|(a, b)| a == b).count();
    let from = blocks * BLOCK;
    let (old, new_rest) = (&old[..old.len() - from], &new[..new.len() - from]);
    let equal = from + old.iter().rev().zip(new_rest.iter().rev()).take_while(|(a, b)| a == b).count();
    if old.is_empty() && new_rest.is_empty() {
        return equal;
    }
    let tail = &new[new.len() - equal..];
    memchr::memchr(b'\n', tail).map_or(0, |end| equal - end - 1)
}

/// The nearest line that `old` and `new` have in common within their first lines: where it begins in each.
fn nearby(old: &[u8], new: &[u8]) -> Option<(usize, usize)> {
    let (mut old, mut new) = (Lines::new(old), Lines::new(new));
    let (mut old_lines, mut new_lines) = ([(0, [].as_slice()); NEARBY], [(0, [].as_slice()); NEARBY]);
    for farthest in 0..NEARBY {
        let (next_old, next_new) = (old.next(), new.next());
        if next_old.is_none() && next_new.is_none() {
            return None;
        }
        let telling = |line: Option<(usize, _)>| line.filter(|(_, line): &(usize, &[u8])| line.len() >= TELLING);
        // Each new line is looked for among those of the other text that are as near or nearer.
        if let Some((start, line)) = telling(next_new)
            && let Some((place, _)) = old_lines[..farthest].iter().find(|(_, other)| *other == line)
        {
            return Some((*place, start));
        }
        if let Some((start, line)) = telling(next_old) {
            old_lines[farthest] = (start, line);
        }
        if let Some((start, line)) = telling(next_new) {
            new_lines[farthest] = (start, line);
        }
        if let Some((start, line)) = telling(next_old)
            && let Some((place, _)) = new_lines[..=farthest].iter().find(|(_, other)| *other == line)
        {
            return Some((start, *place));
        }
    }
    None
}

/// Adds the changes between `old` and `new`, which begin at `at_old` and `at_new`, line by line.
fn by_lines(changes: &mut Vec<Change>, (old, at_old): (&[u8], usize), (new, at_new): (&[u8], usize), least: usize) {
    let mut places: HashMap<&[u8], (usize, usize), foldhash::fast::FixedState> = HashMap::default();
    for (start, line) in Lines::new(old) {
        places.entry(line).and_modify(|place| place.1 += 1).or_insert((start, 1));
    }
    // Up to here both are dealt with.
    let (mut done_old, mut done_new) = (0, 0);
    for (start, line) in Lines::new(new) {
        let follows = done_new == start && old[done_old..].starts_with(line) && line.ends_with(b"\n");
        let place = if follows {
            Some(done_old)
        } else {
            // A line that stands in many places says nothing about where this is.
            let place = places.get(line).filter(|&&(place, times)| times <= MAX_REPEATS && place >= done_old);
            place.map(|&(place, _)| place)
        };
        let Some(place) = place else { continue };
        if place > done_old || start > done_new {
            let old = Span::new(at_old + done_old, at_old + place);
            add(changes, old, Span::new(at_new + done_new, at_new + start), least);
        }
        (done_old, done_new) = (place + line.len(), start + line.len());
    }
    if done_old < old.len() || done_new < new.len() {
        let old = Span::new(at_old + done_old, at_old + old.len());
        add(changes, old, Span::new(at_new + done_new, at_new + new.len()), least);
    }
}

/// The lines of a text with their ends, and where they begin.
struct Lines<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Lines<'a> {
    fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0 }
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = (usize, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.at;
        let rest = self.text.get(start..).filter(|rest| !rest.is_empty())?;
        let len = memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
        self.at = start + len;
        Some((start, &rest[..len]))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parts(old: &str, new: &str) -> Vec<(String, String)> {
        let part = |text: &str, span: Span| text[span.start..span.end].to_owned();
        changes(old.as_bytes(), new.as_bytes(), 0)
            .into_iter()
            .map(|change| (part(old, change.old), part(new, change.new)))
            .collect()
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|&(old, new)| (old.to_owned(), new.to_owned())).collect()
    }

    #[test]
    fn changed_lines_and_seams_are_found() {
        let lines = |words: &str| format!("the line {}\n", words.replace(' ', "\nthe line "));
        assert_eq!(parts(&lines("a b c"), &lines("a b c")), []);
        assert_eq!(parts(&lines("a b c"), &lines("a x c")), pairs(&[("the line b\n", "the line x\n")]));
        assert_eq!(parts(&lines("a b c"), &lines("a c")), pairs(&[("the line b\n", "")]));
        assert_eq!(
            parts(&lines("a b c d e"), &lines("a x c y d e")),
            pairs(&[("the line b\n", "the line x\n"), ("", "the line y\n")])
        );
        assert_eq!(parts("", "a"), pairs(&[("", "a")]));
        assert_eq!(parts("a", ""), pairs(&[("a", "")]));
        assert_eq!(parts("a\nb", "a\nb\nc"), pairs(&[("b", "b\nc")]));
    }

    #[test]
    fn common_lines_are_found_far_from_each_other() {
        let many = |name: &str| {
            let lines: Vec<String> = (0..200).map(|n| format!("{name} {n}\n")).collect();
            lines.concat()
        };
        let (old, new) = (format!("{}one line\n", many("old")), format!("{}one line\n{}", many("new"), many("more")));
        assert_eq!(parts(&old, &new), [(many("old"), many("new")), (String::new(), many("more"))]);
    }

    #[test]
    fn common_runs_that_are_short_belong_to_the_change() {
        let (old, new) = ("1 first line\ncommon line\n2 second line\n", "3 first line\ncommon line\n4 second line\n");
        assert_eq!(changes(old.as_bytes(), new.as_bytes(), 12).len(), 2);
        assert_eq!(changes(old.as_bytes(), new.as_bytes(), 13).len(), 1);
    }

    proptest! {
        /// What lies between the changes is the same in both texts: whole lines, and not less than asked for.
        #[test]
        fn what_is_not_changed_is_common(
            old in "((a|b|the line a|the line b|the line c){0,2}\n){0,40}[ab]?",
            new in "((a|b|the line a|the line b|the line d){0,2}\n){0,40}[ab]?",
            least in 0_usize..30,
        ) {
            let changes = changes(old.as_bytes(), new.as_bytes(), least);
            prop_assert_eq!(changes.is_empty(), old == new);
            let (mut old_end, mut new_end) = (0, 0);
            let end = Change { old: Span::new(old.len(), old.len()), new: Span::new(new.len(), new.len()) };
            for (at, change) in changes.iter().copied().chain([end]).enumerate() {
                let kept = &new[new_end..change.new.start];
                prop_assert_eq!(kept, &old[old_end..change.old.start]);
                let is_inner = at > 0 && at < changes.len();
                prop_assert!(!is_inner || kept.len() >= least.max(1));
                prop_assert!(kept.is_empty() || change.new.start == new.len() || kept.ends_with('\n'));
                prop_assert!(new_end == 0 || kept.is_empty() || new[..new_end].ends_with('\n'));
                prop_assert!(change.old.start < change.old.end || change.new.start < change.new.end || at == changes.len());
                (old_end, new_end) = (change.old.end, change.new.end);
            }
        }
    }
}
