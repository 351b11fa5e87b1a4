//! One word of shell text: quotes, escapes, variables and substitutions.

use super::MAX_DEPTH;
use super::reader::Reader;
use crate::document::excerpt::{Excerpt, Word};

impl Reader<'_> {
    /// Reads the word that begins here; an empty one where none begins.
    pub(super) fn word(&mut self) -> Word {
        let start = self.at;
        *self.words = self.words.saturating_sub(1);
        let mut word =
            Word { span: self.source.span(start, start), text: self.source.part(start, start), is_known: true };
        while let Some(byte) = self.peek(0) {
            match byte {
                b'<' | b'>' if self.at == start && self.peek(1) == Some(b'(') => {
                    self.at += 2;
                    self.substitution();
                    word.text.push_part(self.source, start, self.at);
                    word.is_known = false;
                }
                b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')' => break,
                b'\\' => self.escape(&mut word),
                b'\'' => self.single_quotes(&mut word),
                b'"' => self.double_quotes(&mut word),
                b'`' => self.backticks(&mut word),
                b'$' => self.dollar(&mut word, false),
                _ => self.plain(&mut word, |byte| {
                    matches!(
                        byte,
                        b' ' | b'\t'
                            | b'\r'
                            | b'\n'
                            | b';'
                            | b'&'
                            | b'|'
                            | b'<'
                            | b'>'
                            | b'('
                            | b')'
                            | b'\\'
                            | b'\''
                            | b'"'
                            | b'`'
                            | b'$'
                    )
                }),
            }
        }
        word.span = self.source.span(start, self.at);
        word
    }

    /// Takes bytes up to one that `ends` the run; at least one byte.
    fn plain(&mut self, word: &mut Word, ends: impl Fn(u8) -> bool) {
        let start = self.at;
        let rest = self.text.as_bytes().get(start + 1..).unwrap_or_default();
        let length = rest.iter().position(|&byte| ends(byte)).unwrap_or(rest.len());
        self.at = start + 1 + length;
        word.text.push_part(self.source, start, self.at);
    }

    /// A backslash outside quotes: the next character is itself, a line break is nothing.
    fn escape(&mut self, word: &mut Word) {
        let start = self.at + 1;
        match self.text.get(start..).and_then(|rest| rest.chars().next()) {
            None => self.at = self.text.len(),
            Some('\n') => self.at = start + 1,
            Some(c) => {
                self.at = start + c.len_utf8();
                word.text.push_part(self.source, start, self.at);
            }
        }
    }

    fn single_quotes(&mut self, word: &mut Word) {
        self.at += 1;
        let end = self.find(b'\'').unwrap_or(self.text.len());
        word.text.push_part(self.source, self.at, end);
        self.at = (end + 1).min(self.text.len());
    }

    fn double_quotes(&mut self, word: &mut Word) {
        self.at += 1;
        while let Some(byte) = self.peek(0) {
            match byte {
                b'"' => {
                    self.at += 1;
                    return;
                }
                b'\\' if matches!(self.peek(1), Some(b'"' | b'\\' | b'$' | b'`' | b'\n')) => self.escape(word),
                b'`' => self.backticks(word),
                b'$' => self.dollar(word, true),
                _ => self.plain(word, |byte| matches!(byte, b'"' | b'\\' | b'`' | b'$')),
            }
        }
    }

    /// `` `…` ``: its text is unescaped once and then read.
    fn backticks(&mut self, word: &mut Word) {
        let start = self.at;
        self.at += 1;
        let mut inner = self.source.part(self.at, self.at);
        let mut from = self.at;
        while let Some(byte) = self.peek(0) {
            match byte {
                b'`' => break,
                b'\\' if matches!(self.peek(1), Some(b'`' | b'\\' | b'$')) => {
                    inner.push_part(self.source, from, self.at);
                    from = self.at + 1;
                    self.at += 2;
                }
                _ => self.at += 1,
            }
        }
        inner.push_part(self.source, from, self.at);
        self.at = (self.at + 1).min(self.text.len());
        self.nested(&inner);
        self.unresolved(word, start);
    }

    fn dollar(&mut self, word: &mut Word, is_quoted: bool) {
        let start = self.at;
        self.at += 1;
        match (self.peek(0), self.peek(1)) {
            (Some(b'('), Some(b'(')) => {
                self.balanced(b'(', b')');
                self.unresolved(word, start);
            }
            (Some(b'('), _) => {
                self.at += 1;
                self.substitution();
                self.unresolved(word, start);
            }
            (Some(b'{'), _) => {
                self.balanced(b'{', b'}');
                self.unresolved(word, start);
            }
            (Some(b'\''), _) if !is_quoted => self.ansi_quotes(word),
            (Some(b'"'), _) if !is_quoted => self.double_quotes(word),
            (Some(byte), _) if byte.is_ascii_alphabetic() || byte == b'_' => {
                while self.peek(0).is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
                    self.at += 1;
                }
                self.unresolved(word, start);
            }
            (Some(b'0'..=b'9' | b'@' | b'*' | b'#' | b'?' | b'$' | b'!' | b'-'), _) => {
                self.at += 1;
                self.unresolved(word, start);
            }
            _ => word.text.push_part(self.source, start, self.at),
        }
    }

    /// `$'…'`: the escapes stand for themselves, but a quote behind one does not end it.
    fn ansi_quotes(&mut self, word: &mut Word) {
        self.at += 1;
        let start = self.at;
        while let Some(byte) = self.peek(0) {
            match byte {
                b'\'' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at = self.at.min(self.text.len());
        word.text.push_part(self.source, start, self.at);
        self.at = (self.at + 1).min(self.text.len());
    }

    /// What stands between `start` and here is known only when it runs.
    fn unresolved(&mut self, word: &mut Word, start: usize) {
        word.text.push_part(self.source, start, self.at);
        word.is_known = false;
    }

    /// Reads the commands up to the `)` that closes a substitution.
    fn substitution(&mut self) {
        if self.depth + 1 < MAX_DEPTH {
            self.depth += 1;
            self.list(true);
            self.depth -= 1;
        } else {
            // Too deep to list: what follows is passed over up to a parenthesis that may be the right one.
            self.at = self.find(b')').map_or(self.text.len(), |end| end + 1);
        }
    }

    /// Passes over a bracketed text with quotes in it.
    fn balanced(&mut self, open: u8, close: u8) {
        let mut depth = 0usize;
        let mut quote = None;
        while let Some(byte) = self.peek(0) {
            self.at += 1;
            match (quote, byte) {
                (None | Some(b'"'), b'\\') => self.at += 1,
                (Some(open_quote), byte) if open_quote == byte => quote = None,
                (None, b'\'' | b'"') => quote = Some(byte),
                (None, byte) if byte == open => depth += 1,
                (None, byte) if byte == close => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return;
                    }
                }
                _ => {}
            }
        }
        self.at = self.text.len();
    }
}

/// An excerpt with white space between its parts, for commands that join their words.
pub(super) fn joined(words: &[Word]) -> Excerpt {
    let mut text = Excerpt::default();
    for word in words {
        if !text.as_str().is_empty() {
            text.push(" ", word.span.start.saturating_sub(1));
        }
        text.push_part(&word.text, 0, word.as_str().len());
    }
    text
}
