//! A cursor over the bytes behind a name, bounded to a window, and what counts as part of a name.

use crate::span::Span;

/// Longest name, in bytes; a longer run of name characters is data.
const LONGEST_NAME: usize = 96;

/// A position in a text that moves right and never past its window.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    /// Current offset into the whole text.
    pub(super) at: usize,
    /// Offset one past the window.
    pub(super) end: usize,
}

impl<'a> Reader<'a> {
    /// A reader at `at` that sees at most `window` bytes.
    pub(super) fn new(bytes: &'a [u8], at: usize, window: usize) -> Self {
        let end = bytes.len().min(at.saturating_add(window));
        Self { bytes, at: at.min(end), end }
    }

    /// What is left of the window.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..self.end).unwrap_or_default()
    }

    /// The next byte, 0 at the end of the window.
    pub(super) fn peek(&self) -> u8 {
        self.peek_at(0)
    }

    /// The byte `ahead` bytes further on, 0 past the end of the window.
    pub(super) fn peek_at(&self, ahead: usize) -> u8 {
        self.rest().get(ahead).copied().unwrap_or(0)
    }

    /// Skips `text` if it stands here.
    pub(super) fn eat(&mut self, text: &[u8]) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    /// Skips spaces and tabs; says whether there were any.
    pub(super) fn blanks(&mut self) -> bool {
        let start = self.at;
        self.skip_while(|byte| matches!(byte, b' ' | b'\t'));
        self.at > start
    }

    /// Skips white space, line breaks included.
    pub(super) fn white(&mut self) {
        self.skip_while(|byte| byte.is_ascii_whitespace());
    }

    /// Skips bytes while `wanted` holds and returns them.
    pub(super) fn skip_while(&mut self, wanted: impl Fn(u8) -> bool) -> &'a [u8] {
        let rest = self.rest();
        let length = rest.iter().position(|&byte| !wanted(byte)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }
}

/// Whether `byte` may stand in a name.
pub(super) fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// The name around the keyword hit at `hit`; `None` when the run of name characters is too long to be one.
pub(super) fn name_around(bytes: &[u8], hit: usize) -> Option<Span> {
    let before = bytes.get(..hit)?;
    let left = before.iter().rev().take(LONGEST_NAME + 1).take_while(|&&byte| is_name_byte(byte)).count();
    let right = bytes.get(hit..)?.iter().take(LONGEST_NAME + 1).take_while(|&&byte| is_name_byte(byte)).count();
    if left + right > LONGEST_NAME {
        return None;
    }
    let mut name = Span::new(hit - left, hit + right);
    while name.start < name.end && matches!(bytes[name.start], b'-' | b'.') {
        name.start += 1;
    }
    while name.end > name.start && matches!(bytes[name.end - 1], b'-' | b'.') {
        name.end -= 1;
    }
    (!name.is_empty()).then_some(name)
}

/// Start of the line that holds `at`, looking back at most `window` bytes.
pub(super) fn line_start(bytes: &[u8], at: usize, window: usize) -> usize {
    let from = at.saturating_sub(window);
    let before = bytes.get(from..at).unwrap_or_default();
    memchr::memrchr(b'\n', before).map_or(from, |found| from + found + 1)
}
