//! Edits of several findings carried out on one text.

use super::{Edit, edited};

/// What became of the edits of several findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The text with them.
    pub text: String,
    /// For each finding, whether its edits are in it. Those that are not touch others, and can be made when those are done.
    pub is_done: Vec<bool>,
}

/// Carries out on `text` the edits of several findings, each a list in the order of places: all of a finding's edits or none.
/// An edit that several findings share is made once. `None` when one lies outside of the text.
#[must_use]
pub fn apply(text: &str, findings: &[Vec<Edit>]) -> Option<Applied> {
    let mut accepted: Vec<&Edit> = Vec::new();
    let mut is_done = Vec::with_capacity(findings.len());
    for edits in findings {
        let new: Vec<&Edit> = edits.iter().filter(|edit| !accepted.contains(edit)).collect();
        let fits = !new.is_empty() && new.iter().all(|edit| accepted.iter().all(|other| !touches(text, edit, other)));
        if fits {
            accepted.extend(new);
        }
        is_done.push(fits);
    }
    accepted.sort();
    let accepted: Vec<Edit> = accepted.into_iter().cloned().collect();
    Some(Applied { text: edited(text, &accepted)?, is_done })
}

/// Whether the two share a byte or a place, where nobody can say which comes first, or take away neighbours: each was proven
/// with the other still there, and without both their mapping may be nothing at all.
fn touches(text: &str, left: &Edit, right: &Edit) -> bool {
    if left.span.start <= right.span.end && right.span.start <= left.span.end {
        return true;
    }
    let (first, second) = if left.span.start < right.span.start { (left, right) } else { (right, left) };
    let between = text.get(first.span.end..second.span.start).unwrap_or_default();
    let is_nothing = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    left.text.is_empty() && right.text.is_empty() && between.lines().all(is_nothing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::Span;

    fn edit(start: usize, end: usize, text: &str) -> Edit {
        Edit { span: Span::new(start, end), text: text.to_owned() }
    }

    #[test]
    fn what_touches_waits_and_what_is_shared_is_made_once() {
        let findings = [
            vec![edit(0, 1, "A"), edit(8, 8, "+")],
            vec![edit(4, 5, "E"), edit(8, 8, "+")],
            vec![edit(2, 3, "C"), edit(8, 8, "-")],
            vec![edit(6, 7, "G")],
            vec![edit(7, 7, "x")],
        ];
        let applied = apply("abcdefgh", &findings).unwrap();
        assert_eq!(applied.text, "AbcdEfGh+");
        assert_eq!(applied.is_done, [true, true, false, true, false]);
        let both =
            apply("a\n# x\nb\nc\n", &[vec![edit(0, 2, "")], vec![edit(6, 8, "")], vec![edit(8, 10, "")]]).unwrap();
        assert_eq!((both.text.as_str(), both.is_done), ("# x\nb\n", vec![true, false, true]));
        assert_eq!(apply("abc", &[vec![edit(2, 9, "")]]), None);
        assert_eq!(apply("abc", &[vec![edit(9, 9, "")]]), None);
    }
}
