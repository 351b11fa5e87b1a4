//! A text into its top-level items, so that one which does not parse costs no other, and its comments.
//!
//! It knows brackets, strings, templates, heredocs and comments, nothing else; it is one pass over the bytes.

use std::borrow::Cow;

use crate::span::Span;

/// Deepest nesting that is followed. The parser gives up far above it.
pub(super) const MAX_DEPTH: usize = 1000;
/// How much more the comparison of a byte costs in a key that is an expression.
const EXPRESSION_FACTOR: usize = 32;

/// A text in parts.
#[derive(Debug, Default)]
pub(super) struct Layout<'t> {
    /// Comments, in order, without the line break behind them.
    pub(super) comments: Vec<Span>,
    /// Its top-level items, in order.
    pub(super) items: Vec<Part>,
    /// The text with blanks for the line breaks and comments where line breaks mean nothing: the parser stumbles over some.
    /// Every other byte stands where it stood.
    pub(super) text: Cow<'t, str>,
}

/// A top-level attribute or block, or what should be one.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Part {
    /// Its bytes, with a comment behind it.
    pub(super) span: Span,
    /// Where further items may begin if this one is not closed: headers of blocks at the beginning of a line.
    pub(super) headers: Vec<usize>,
    /// How many bytes a parser compares that looks for each key of an object among all others.
    pub(super) comparisons: usize,
    /// It nests deeper than is followed, and ends where that was seen.
    pub(super) is_too_deep: bool,
}

/// What is open.
enum Open {
    /// `{` of a block.
    Block,
    /// `{` of an object.
    Object(Keys),
    /// `{` of a `for` expression, `(`, `[`: line breaks mean nothing in it.
    Bracket(u8),
    /// `${` or `%{`: line breaks mean nothing in it.
    Interpolation,
    /// `"`
    Quote,
    /// A heredoc that ends with the word at these bytes.
    Heredoc(Span),
    /// A template that ends with the text.
    Template,
}

/// The keys of an object.
struct Keys {
    /// Where the entry at hand began; `None` behind its key.
    start: Option<usize>,
    count: usize,
    weight: usize,
}

/// Splits `text` from byte `start` on.
pub(super) fn split(text: &str, start: usize) -> Layout<'_> {
    Splitter::new(text, start).run()
}

/// The template `text` as one part.
pub(super) fn template(text: &str) -> Layout<'_> {
    let mut splitter = Splitter::new(text, 0);
    splitter.open.push(Open::Template);
    splitter.begin = Some(0);
    splitter.run()
}

/// `text` with blanks at `spans`, which are in order.
fn blanked<'t>(text: &'t str, spans: &[Span]) -> Cow<'t, str> {
    if spans.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut blanked = String::with_capacity(text.len());
    for span in spans {
        blanked.push_str(text.get(blanked.len()..span.start).unwrap_or_default());
        blanked.extend(std::iter::repeat_n(' ', span.end.saturating_sub(blanked.len())));
    }
    blanked.push_str(text.get(blanked.len()..).unwrap_or_default());
    Cow::Owned(blanked)
}

struct Splitter<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    open: Vec<Open>,
    /// The byte in front that is no blank, comment or line break, in this item.
    last: Option<u8>,
    /// Where the item at hand began.
    begin: Option<usize>,
    part: Part,
    layout: Layout<'t>,
    blank: Vec<Span>,
}

impl<'t> Splitter<'t> {
    fn new(text: &'t str, start: usize) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            at: start,
            open: Vec::new(),
            last: None,
            begin: None,
            part: Part::default(),
            layout: Layout::default(),
            blank: Vec::new(),
        }
    }

    fn run(mut self) -> Layout<'t> {
        while let Some(&byte) = self.bytes.get(self.at) {
            match self.open.last() {
                Some(Open::Quote) => self.quoted(byte),
                Some(&Open::Heredoc(word)) => self.heredoc(byte, word),
                Some(Open::Template) => self.template(byte),
                _ => self.code(byte),
            }
            if self.open.len() > MAX_DEPTH {
                self.part.is_too_deep = true;
                self.end_part();
                self.skip_to_header();
            }
        }
        self.end_part();
        self.layout.text = blanked(self.text, &self.blank);
        self.layout
    }

    fn starts_with(&self, word: &str) -> bool {
        self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(word.as_bytes()))
    }

    fn is_line_start(&self) -> bool {
        self.at.checked_sub(1).and_then(|before| self.bytes.get(before)).is_none_or(|&byte| byte == b'\n')
    }

    /// Closes the item at hand in front of the next byte.
    fn end_part(&mut self) {
        while let Some(open) = self.open.pop() {
            self.weigh(open);
        }
        let mut part = std::mem::take(&mut self.part);
        if let Some(begin) = self.begin.take() {
            let end = self.at.min(self.text.len());
            // The break of a line is of two bytes, or of one.
            let is_break = self.text.get(..end).is_some_and(|text| text.ends_with('\r'));
            part.span = Span::new(begin, end - usize::from(is_break));
            self.layout.items.push(part);
        }
        self.last = None;
    }

    /// Goes on with the next line that looks like the header of a block.
    fn skip_to_header(&mut self) {
        while self.at < self.bytes.len() && !(self.is_line_start() && self.is_header()) {
            self.at += 1;
        }
    }

    fn weigh(&mut self, open: Open) {
        if let Open::Object(keys) = open {
            let cost = keys.count.saturating_mul(keys.weight);
            self.part.comparisons = self.part.comparisons.saturating_add(cost);
        }
    }

    /// Whether line breaks mean nothing here.
    fn is_bracketed(&self) -> bool {
        matches!(self.open.last(), Some(Open::Bracket(_) | Open::Interpolation))
    }

    fn code(&mut self, byte: u8) {
        let start = self.at;
        match byte {
            b' ' | b'\t' | b'\r' => self.at += 1,
            b'\n' => self.line_break(),
            b'#' => self.line_comment(),
            b'/' if self.starts_with("//") => self.line_comment(),
            b'/' if self.starts_with("/*") => {
                let rest = self.text.get(start + 2..).unwrap_or_default();
                self.at = rest.find("*/").map_or(self.text.len(), |end| start + 2 + end + 2);
                self.layout.comments.push(Span::new(start, self.at));
            }
            _ => {
                self.begin.get_or_insert(start);
                if !self.open.is_empty() && self.is_line_start() && self.is_header() {
                    self.part.headers.push(start);
                }
                self.token(byte);
                self.last = Some(byte);
            }
        }
    }

    fn line_break(&mut self) {
        if self.open.is_empty() {
            self.end_part();
        } else if self.is_bracketed() {
            let start = if self.last_byte() == Some(b'\r') { self.at - 1 } else { self.at };
            self.blank.push(Span::new(start, self.at + 1));
        } else if let Some(Open::Object(keys)) = self.open.last_mut() {
            keys.start = Some(self.at + 1);
        }
        self.at += 1;
    }

    fn last_byte(&self) -> Option<u8> {
        self.bytes.get(self.at.checked_sub(1)?).copied()
    }

    fn line_comment(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let line = memchr::memchr(b'\n', rest).map_or(rest, |end| rest.get(..end).unwrap_or_default());
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let span = Span::new(self.at, self.at + line.len());
        self.layout.comments.push(span);
        if self.is_bracketed() {
            self.blank.push(span);
        }
        self.at = span.end;
    }

    fn token(&mut self, byte: u8) {
        match byte {
            b'"' => self.open.push(Open::Quote),
            b'(' | b'[' => self.open.push(Open::Bracket(byte)),
            b'{' => {
                let open = self.brace();
                self.open.push(open);
            }
            b'}' => self.close_brace(),
            b')' | b']' => {
                let opener = if byte == b')' { b'(' } else { b'[' };
                if matches!(self.open.last(), Some(Open::Bracket(open)) if *open == opener) {
                    self.open.pop();
                }
            }
            b'=' | b':' => self.end_key(),
            b',' => {
                if let Some(Open::Object(keys)) = self.open.last_mut() {
                    keys.start = Some(self.at + 1);
                }
            }
            b'<' => {
                if let Some((word, content)) = self.heredoc_start() {
                    self.open.push(Open::Heredoc(word));
                    self.at = content;
                    return;
                }
            }
            _ => {}
        }
        self.at += 1;
    }

    /// What the `{` at hand opens.
    fn brace(&self) -> Open {
        let in_body = matches!(self.open.last(), None | Some(Open::Block));
        let behind_word = self.last.is_some_and(|last| last == b'"' || is_word(last));
        if in_body && behind_word {
            return Open::Block;
        }
        let rest = self.text.get(self.at + 1..).unwrap_or_default().trim_start();
        let is_for = rest.strip_prefix("for").is_some_and(|rest| rest.starts_with([' ', '\t', '\r', '\n', '#', '/']));
        if is_for { Open::Bracket(b'{') } else { Open::Object(Keys { start: Some(self.at + 1), count: 0, weight: 0 }) }
    }

    /// A closing brace closes the brackets inside of it, too.
    fn close_brace(&mut self) {
        while let Some(open) = self.open.pop() {
            let is_brace = !matches!(open, Open::Bracket(b'(' | b'['));
            self.weigh(open);
            if is_brace {
                break;
            }
        }
    }

    /// Counts the key in front, when an object is open and this is what follows its key.
    fn end_key(&mut self) {
        let (text, at) = (self.text, self.at);
        let Some(Open::Object(keys)) = self.open.last_mut() else { return };
        let Some(start) = keys.start.take() else { return };
        let key = text.get(start..at).unwrap_or_default().trim();
        let is_expression = !key.bytes().all(|byte| byte == b'"' || is_word(byte));
        let factor = if is_expression { EXPRESSION_FACTOR } else { 1 };
        keys.count += 1;
        keys.weight = keys.weight.saturating_add(key.len().saturating_mul(factor));
    }

    /// The word of the heredoc that begins here, and where its content begins.
    fn heredoc_start(&self) -> Option<(Span, usize)> {
        let rest = self.text.get(self.at..)?.strip_prefix("<<")?;
        let rest = rest.strip_prefix('-').unwrap_or(rest);
        let start = self.text.len() - rest.len();
        let length = rest.find(|c: char| !is_identifier(c)).unwrap_or(rest.len());
        let line = rest.get(length..)?;
        let content = line.strip_prefix("\r\n").or_else(|| line.strip_prefix('\n'))?;
        (length > 0).then(|| (Span::new(start, start + length), self.text.len() - content.len()))
    }

    fn heredoc(&mut self, byte: u8, word: Span) {
        if self.is_line_start() {
            let line = self.text.get(self.at..).unwrap_or_default();
            let trimmed = line.trim_start_matches([' ', '\t']);
            let word = self.text.get(word.start..word.end).unwrap_or_default();
            if trimmed.strip_prefix(word).is_some_and(|rest| !rest.starts_with(is_identifier)) {
                self.open.pop();
                self.at += line.len() - trimmed.len() + word.len();
                return;
            }
        }
        self.template(byte);
    }

    /// Literal text, to the next byte that may mean something.
    fn template(&mut self, byte: u8) {
        if !self.interpolation(byte) {
            self.at += 1;
            if byte != b'\n' {
                let rest = self.bytes.get(self.at..).unwrap_or_default();
                self.at += memchr::memchr3(b'\n', b'$', b'%', rest).unwrap_or(rest.len());
            }
        }
    }

    fn quoted(&mut self, byte: u8) {
        match byte {
            b'"' => {
                self.open.pop();
                self.at += 1;
            }
            // No string has one: it was not closed.
            b'\n' => {
                self.open.pop();
            }
            b'\\' => self.at += if self.bytes.get(self.at + 1) == Some(&b'\n') { 1 } else { 2 },
            _ if self.interpolation(byte) => {}
            _ => self.at += 1,
        }
    }

    /// Goes into `${` and `%{`, and over `$${` and `%%{`.
    fn interpolation(&mut self, byte: u8) -> bool {
        if !matches!(byte, b'$' | b'%') {
            return false;
        }
        let next = (self.bytes.get(self.at + 1).copied(), self.bytes.get(self.at + 2).copied());
        if next.0 == Some(b'{') {
            self.open.push(Open::Interpolation);
            self.at += 2;
            self.last = None;
        } else if next == (Some(byte), Some(b'{')) {
            self.at += 3;
        } else {
            return false;
        }
        true
    }

    /// Whether the line that begins here looks like `word "label" {`.
    fn is_header(&self) -> bool {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        // No header is longer: what is looked at again and again must be short.
        let rest = rest.get(..rest.len().min(300)).unwrap_or_default();
        let line = rest.split(|&byte| byte == b'\n').next().unwrap_or_default();
        let Some(header) = line.trim_ascii_end().strip_suffix(b"{") else { return false };
        header.first().is_some_and(u8::is_ascii_alphabetic)
            && header.iter().all(|&byte| is_word(byte) || matches!(byte, b' ' | b'\t' | b'"' | b'.' | b'/'))
    }
}

/// Whether a word has this byte; those of longer characters count as well.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-') || !byte.is_ascii()
}

fn is_identifier(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-')
}
