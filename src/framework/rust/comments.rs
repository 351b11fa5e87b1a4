//! Comments of a file, for asking what is said right above a piece of code.

use std::cell::{Cell, OnceCell};

use crate::span::{LineIndex, Span};

/// Most lines of comments and attributes that are looked at above a piece of code.
const MAX_LINES: usize = 60;
/// Most comments that are looked at in one place.
const MAX_COMMENTS: usize = 64;

/// Comments of a file, in order.
pub(super) struct Comments<'a> {
    text: &'a str,
    spans: &'a [Span],
    /// Of each comment whether it speaks of safety; made when it is first asked for.
    says: OnceCell<Vec<bool>>,
    lines: OnceCell<LineIndex>,
    /// The last answer of [`Comments::above`], by line: one line may hold any number of pieces of code.
    last: Cell<Option<(u32, bool)>>,
}

impl<'a> Comments<'a> {
    pub(super) fn new(text: &'a str, spans: &'a [Span]) -> Self {
        Self { text, spans, says: OnceCell::new(), lines: OnceCell::new(), last: Cell::new(None) }
    }

    /// Whether a comment that speaks of safety stands on the line of `offset` before it, or on the lines of comments and
    /// attributes right above.
    pub(super) fn above(&self, offset: usize) -> bool {
        if self.spans.is_empty() {
            return false;
        }
        let lines = self.lines.get_or_init(|| LineIndex::new(self.text));
        let line = lines.line(offset);
        let start = lines.line_span(self.text, line).map_or(0, |span| span.start);
        if self.within(Span::new(start, offset)) {
            return true;
        }
        if let Some((_, answer)) = self.last.get().filter(|(known, _)| *known == line) {
            return answer;
        }
        let answer = self.on_lines_above(lines, line);
        self.last.set(Some((line, answer)));
        answer
    }

    fn on_lines_above(&self, lines: &LineIndex, line: u32) -> bool {
        for above in (1..line).rev().take(MAX_LINES) {
            let Some(span) = lines.line_span(self.text, above) else { return false };
            let written = self.text.get(span.start..span.end).unwrap_or_default();
            let code = written.trim_start();
            let is_comment = self.covers(span.start + (written.len() - code.len()));
            if is_comment && self.within(span) {
                return true;
            }
            if !is_comment && !code.starts_with('#') {
                return false;
            }
        }
        false
    }

    /// Whether a comment that speaks of safety begins inside of `span`, or reaches into it.
    pub(super) fn within(&self, span: Span) -> bool {
        let says = self.says.get_or_init(|| {
            let text = |comment: &Span| self.text.get(comment.start..comment.end).unwrap_or_default();
            self.spans.iter().map(|comment| speaks_of_safety(text(comment))).collect()
        });
        let first = self.spans.partition_point(|comment| comment.end <= span.start);
        let comments = self.spans.iter().zip(says).skip(first);
        comments.take_while(|(comment, _)| comment.start < span.end).take(MAX_COMMENTS).any(|(_, says)| *says)
    }

    fn covers(&self, offset: usize) -> bool {
        let first = self.spans.partition_point(|comment| comment.end <= offset);
        self.spans.get(first).is_some_and(|comment| comment.start <= offset)
    }
}

fn speaks_of_safety(text: &str) -> bool {
    let word = b"safety";
    text.as_bytes().windows(word.len()).any(|window| window.eq_ignore_ascii_case(word))
}
