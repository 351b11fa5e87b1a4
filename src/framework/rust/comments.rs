//! Comments of a file, for asking what is said right above a piece of code.

use crate::span::{LineIndex, Span};

/// Most lines of comments and attributes that are looked at above a piece of code.
const MAX_LINES: u32 = 60;

/// Comments of a file, in order.
pub(super) struct Comments<'a> {
    text: &'a str,
    spans: &'a [Span],
    lines: LineIndex,
}

impl<'a> Comments<'a> {
    pub(super) fn new(text: &'a str, spans: &'a [Span]) -> Self {
        // Without comments nothing is asked.
        let lines = LineIndex::new(if spans.is_empty() { "" } else { text });
        Self { text, spans, lines }
    }

    /// Whether a comment with the word `word`, in any case, stands on the line of `offset` before it, or on the lines of
    /// comments and attributes right above.
    pub(super) fn above(&self, offset: usize, word: &str) -> bool {
        if self.spans.is_empty() {
            return false;
        }
        let line = self.lines.line(offset);
        let start = |line: u32| self.lines.line_span(self.text, line).map_or(0, |span| span.start);
        if self.within(Span::new(start(line), offset), word) {
            return true;
        }
        let mut above = line;
        for _ in 0..MAX_LINES {
            above = above.saturating_sub(1);
            let Some(span) = self.lines.line_span(self.text, above).filter(|_| above > 0) else { return false };
            let code = self.text.get(span.start..span.end).unwrap_or_default().trim_start();
            let is_comment = self.covers(span.start + (span.len() - code.len().min(span.len())));
            if is_comment && self.within(span, word) {
                return true;
            }
            if !is_comment && !code.starts_with('#') {
                return false;
            }
        }
        false
    }

    /// Whether a comment with that word begins inside of `span`, or reaches into it.
    pub(super) fn within(&self, span: Span, word: &str) -> bool {
        let first = self.spans.partition_point(|comment| comment.end <= span.start);
        let comments = self.spans.iter().skip(first).take_while(|comment| comment.start < span.end).take(64);
        comments.into_iter().any(|comment| {
            let text = self.text.get(comment.start..comment.end.min(comment.start + 8192)).unwrap_or_default();
            contains_word(text, word)
        })
    }

    fn covers(&self, offset: usize) -> bool {
        let first = self.spans.partition_point(|comment| comment.end <= offset);
        self.spans.get(first).is_some_and(|comment| comment.start <= offset)
    }
}

fn contains_word(text: &str, word: &str) -> bool {
    text.as_bytes().windows(word.len()).any(|window| window.eq_ignore_ascii_case(word.as_bytes()))
}
