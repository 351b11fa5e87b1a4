//! Byte spans, and the line and column positions that readers see.
//!
//! Everything inside Lockgate speaks in byte offsets into one decoded text. Lines and columns are computed at the edge,
//! once, for the few spans that became findings.

use serde::{Deserialize, Serialize};

/// A half-open range of bytes, `start..end`, in the text of one document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset one past the last byte.
    pub end: usize,
}

impl Span {
    /// The span `start..end`; an `end` before `start` gives the empty span at `start`.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end: end.max(start) }
    }

    /// Length in bytes.
    #[must_use]
    pub fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether the span holds no byte.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Whether `other` lies wholly inside this span.
    #[must_use]
    pub fn contains(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Whether the two spans share at least one byte.
    #[must_use]
    pub fn overlaps(self, other: Span) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The bytes of `text` that this span covers; `None` when it reaches past the end.
    #[must_use]
    pub fn slice(self, text: &[u8]) -> Option<&[u8]> {
        text.get(self.start..self.end)
    }
}

/// A place as a reader counts it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1, in Unicode code points (SARIF `columnKind: unicodeCodePoints`).
    pub column: u32,
}

/// A span as a reader counts it. `end` is one past the last character, as in SARIF's `endColumn`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Region {
    /// First character.
    pub start: Position,
    /// One past the last character.
    pub end: Position,
}

/// The line starts of one text, for turning byte offsets into positions.
#[derive(Debug, Clone)]
pub struct LineIndex {
    starts: Vec<usize>,
    len: usize,
    /// Characters in front of each block of [`BLOCK`] bytes: without them, each of many places on one very long line would
    /// be counted from the beginning of that line.
    characters: Vec<usize>,
}

/// Bytes of one block in [`LineIndex::characters`].
const BLOCK: usize = 1024;

/// Number of characters that begin in `bytes`: continuation bytes are not characters of their own.
fn count_characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&byte| byte & 0xC0 != 0x80).count()
}

impl LineIndex {
    /// Indexes `text`. A line ends after `\n`; a lone `\r` does not end one, as in git and in editors.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut starts = vec![0];
        starts.extend(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1));
        let mut characters = Vec::with_capacity(text.len() / BLOCK + 1);
        let mut before = 0;
        for block in text.as_bytes().chunks(BLOCK) {
            characters.push(before);
            before += count_characters(block);
        }
        characters.push(before);
        Self { starts, len: text.len(), characters }
    }

    /// Number of lines, at least 1.
    #[must_use]
    pub fn line_count(&self) -> u32 {
        u32::try_from(self.starts.len()).unwrap_or(u32::MAX)
    }

    /// The line that holds the byte at `offset`, from 1.
    #[must_use]
    pub fn line(&self, offset: usize) -> u32 {
        u32::try_from(self.starts.partition_point(|&start| start <= offset)).unwrap_or(u32::MAX)
    }

    /// The bytes of line `line` (from 1) without its line break; `None` past the last line.
    #[must_use]
    pub fn line_span(&self, text: &str, line: u32) -> Option<Span> {
        let index = usize::try_from(line).ok()?.checked_sub(1)?;
        let start = *self.starts.get(index)?;
        let mut end = self.starts.get(index + 1).map_or(self.len, |next| next - 1);
        if end > start && text.as_bytes().get(end - 1) == Some(&b'\r') {
            end -= 1;
        }
        Some(Span::new(start, end))
    }

    /// Line and column of `offset`, which is clamped to the text.
    #[must_use]
    pub fn position(&self, text: &str, offset: usize) -> Position {
        let offset = offset.min(self.len);
        let line = self.line(offset);
        let start = self.starts[line as usize - 1];
        let column = self.characters_before(text, offset) - self.characters_before(text, start) + 1;
        Position { line, column: u32::try_from(column).unwrap_or(u32::MAX) }
    }

    /// Number of characters of `text` that begin in front of `offset`.
    fn characters_before(&self, text: &str, offset: usize) -> usize {
        let block = offset / BLOCK;
        self.characters[block] + count_characters(&text.as_bytes()[block * BLOCK..offset])
    }

    /// Line and column range of `span`.
    #[must_use]
    pub fn region(&self, text: &str, span: Span) -> Region {
        Region { start: self.position(text, span.start), end: self.position(text, span.end) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_code_points_from_one() {
        let text = "a\nüb\r\nc";
        let lines = LineIndex::new(text);
        assert_eq!(lines.line_count(), 3);
        assert_eq!(lines.position(text, 0), Position { line: 1, column: 1 });
        assert_eq!(lines.position(text, 4), Position { line: 2, column: 2 });
        assert_eq!(lines.position(text, 999), Position { line: 3, column: 2 });
        assert_eq!(lines.line_span(text, 2), Some(Span::new(2, 5)));
        assert_eq!(lines.line_span(text, 4), None);
    }

    #[test]
    fn columns_of_a_long_line_are_counted_across_blocks() {
        let text = format!("a\n{}x\nb", "é".repeat(3 * BLOCK));
        let lines = LineIndex::new(&text);
        for (characters, offset) in
            [(0, 2), (1, 4), (1500, 3002), (3 * 1024, 2 + 6 * BLOCK), (3 * 1024 + 1, 3 + 6 * BLOCK)]
        {
            assert_eq!(lines.position(&text, offset), Position { line: 2, column: characters + 1 });
        }
        let whole_blocks = "y".repeat(2 * BLOCK);
        let end = LineIndex::new(&whole_blocks).position(&whole_blocks, 2 * BLOCK);
        assert_eq!(end, Position { line: 1, column: 2049 });
    }

    #[test]
    fn spans_overlap_only_when_they_share_a_byte() {
        assert!(Span::new(0, 3).overlaps(Span::new(2, 5)));
        assert!(!Span::new(0, 3).overlaps(Span::new(3, 5)));
        assert!(Span::new(0, 3).contains(Span::new(1, 3)));
        assert!(Span::new(5, 2).is_empty());
    }
}
