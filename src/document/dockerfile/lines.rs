//! Physical lines into logical ones: directives, comments, continuations and the bodies of here-documents.

use super::{Directive, Dockerfile, HereDocument};
use crate::document::ParseError;
use crate::document::excerpt::Excerpt;
use crate::span::Span;

/// The lines of a Dockerfile.
pub(super) struct Lines<'a> {
    text: &'a str,
    at: usize,
    escape: char,
    /// What was wrong since somebody looked.
    pub(super) errors: Vec<ParseError>,
}

impl<'a> Lines<'a> {
    /// Reads the directives at the top of `text` into `file`.
    pub(super) fn new(text: &'a str, file: &mut Dockerfile) -> Self {
        let mut lines =
            Self { text, at: if text.starts_with('\u{feff}') { 3 } else { 0 }, escape: '\\', errors: Vec::new() };
        while let Some((offset, line)) = lines.peek() {
            let Some(directive) = directive(offset, line) else { break };
            lines.at = lines.line_end(offset + line.len());
            if directive.name == "escape" {
                match directive.value.as_str() {
                    "\\" => file.escape = '\\',
                    "`" => file.escape = '`',
                    _ => file.errors.push(ParseError {
                        offset: directive.value_span.start,
                        message: "the escape character is a backslash or a backtick".to_owned(),
                    }),
                }
            }
            file.comments.push(directive.span);
            file.directives.push(directive);
        }
        lines.escape = file.escape;
        lines
    }

    /// The line at the cursor without its break, and where it begins.
    fn peek(&self) -> Option<(usize, &'a str)> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let line = memchr::memchr(b'\n', rest.as_bytes()).and_then(|end| rest.get(..end)).unwrap_or(rest);
        Some((self.at, line.strip_suffix('\r').unwrap_or(line)))
    }

    /// Where the line begins that follows the line break at or behind `at`.
    fn line_end(&self, at: usize) -> usize {
        let rest = self.text.as_bytes().get(at..).unwrap_or_default();
        memchr::memchr(b'\n', rest).map_or(self.text.len(), |end| at + end + 1)
    }

    fn next_physical(&mut self) -> Option<(usize, &'a str)> {
        let (offset, line) = self.peek()?;
        self.at = self.line_end(offset + line.len());
        Some((offset, line))
    }

    /// The next line with an instruction, its continuation lines joined to it.
    pub(super) fn next_logical(&mut self, file: &mut Dockerfile) -> Option<Excerpt> {
        let mut joined: Option<Excerpt> = None;
        while let Some((offset, line)) = self.next_physical() {
            let trimmed = line.trim_start();
            let start = line.len() - trimmed.len();
            if trimmed.starts_with('#') {
                file.comments.push(Span::new(offset + start, offset + line.trim_end().len()));
                continue;
            }
            if trimmed.is_empty() {
                continue;
            }
            // The white space in front of the first line is dropped; in front of the others it parts words.
            let start = if joined.is_some() { 0 } else { start };
            let (content, continues) = match self.continued(line) {
                Some(content) => (content, true),
                None => (line, false),
            };
            let logical = joined.get_or_insert_with(Excerpt::default);
            logical.push(content.get(start..).unwrap_or_default(), offset + start);
            if !continues {
                break;
            }
        }
        joined
    }

    /// The line without the escape character that continues it, if there is one: alone, or not behind another one.
    fn continued<'l>(&self, line: &'l str) -> Option<&'l str> {
        let content = line.trim_end_matches([' ', '\t']).strip_suffix(self.escape)?;
        (!content.ends_with(self.escape)).then_some(content)
    }

    /// Reads the body of a here-document; the lines up to the one that is its name.
    pub(super) fn here_document(&mut self, opener: Span, name: &str, strips_tabs: bool) -> HereDocument {
        let (mut body, mut full) = (Excerpt::verbatim("", self.at), Excerpt::verbatim("", self.at));
        let mut is_closed = false;
        while let Some((offset, line)) = self.next_physical() {
            let content = if strips_tabs { line.trim_start_matches('\t') } else { line };
            let begin = offset + line.len() - content.len();
            full.push(self.text.get(begin..self.at).unwrap_or_default(), begin);
            if content == name {
                is_closed = true;
                break;
            }
            body.push(self.text.get(begin..self.at).unwrap_or_default(), begin);
        }
        if !is_closed {
            self.errors.push(ParseError {
                offset: opener.start,
                message: format!("no line ends this here-document: a line with `{name}` alone is missing"),
            });
        }
        HereDocument { opener, name: name.to_owned(), body, full }
    }
}

/// The directive that a line is: `# name=value` with a name that is known.
fn directive(offset: usize, line: &str) -> Option<Directive> {
    let comment = line.trim_start();
    let (name, value) = comment.strip_prefix('#')?.split_once('=')?;
    let name = name.trim().to_ascii_lowercase();
    if !matches!(name.as_str(), "syntax" | "escape" | "check") {
        return None;
    }
    let end = offset + line.trim_end().len();
    let value = value.trim();
    let value_span = Span::new(end - value.len(), end);
    let span = Span::new(offset + line.len() - comment.len(), end);
    Some(Directive { span, name, value: value.to_owned(), value_span })
}
