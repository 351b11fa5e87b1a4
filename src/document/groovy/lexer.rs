//! The tokens of Groovy.

use crate::span::Span;

/// A token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A name, with the names behind its dots, or a number.
    Name(String),
    /// A text.
    Text { text: String, is_interpolated: bool },
    /// `(` or `[`
    Open,
    /// `)` or `]`
    Close,
    /// `{`
    BlockOpen,
    /// `}`
    BlockClose,
    /// `=`
    Assign,
    /// `:`
    Colon,
    /// `;`
    Separator,
    /// A line break.
    Break,
    /// `,` or whatever else stands between two values.
    Operator,
}

/// Splits a text into tokens.
pub(super) struct Lexer<'t> {
    text: &'t str,
    at: usize,
    /// The token in front leaves a value open, so that a slash begins a text.
    wants_value: bool,
    /// Comments so far.
    pub(super) comments: Vec<Span>,
    /// Where a text begins that is not closed.
    pub(super) unclosed: Option<usize>,
}

impl<'t> Lexer<'t> {
    /// A lexer for `text`.
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0, wants_value: true, comments: Vec::new(), unclosed: None }
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Whether the next character, but for spaces, is `wanted`.
    pub(super) fn next_is(&self, wanted: char) -> bool {
        self.rest().trim_start_matches([' ', '\t']).starts_with(wanted)
    }

    /// Whether what follows a name makes it a call: a parenthesis, a text or a block.
    pub(super) fn begins_call(&self) -> bool {
        self.rest().trim_start_matches([' ', '\t']).starts_with(['(', '\'', '"', '{'])
    }

    /// The next token.
    pub(super) fn next_token(&mut self) -> Option<(Token, Span)> {
        self.skip();
        let start = self.at;
        let rest = self.rest();
        let c = rest.chars().next()?;
        let token = match c {
            '\n' => self.one(Token::Break),
            ';' => self.one(Token::Separator),
            '(' | '[' => self.one(Token::Open),
            ')' | ']' => self.one(Token::Close),
            '{' => self.one(Token::BlockOpen),
            '}' => self.one(Token::BlockClose),
            ':' => self.one(Token::Colon),
            '=' if !rest.starts_with("==") && !rest.starts_with("=~") => self.one(Token::Assign),
            '\'' | '"' => return Some(self.quoted(c)),
            '/' if self.wants_value && is_slashy(rest) => return Some(self.quoted('/')),
            _ if c.is_alphanumeric() || c == '_' || c == '$' => {
                let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '.');
                let end = rest.find(|c: char| !is_part(c)).unwrap_or(rest.len());
                self.at += end;
                Token::Name(rest.get(..end).unwrap_or_default().trim_end_matches('.').to_owned())
            }
            _ => {
                let length = if rest.starts_with("==") || rest.starts_with("=~") { 2 } else { c.len_utf8() };
                self.at += length;
                // A dot or an annotation joins what it stands between.
                if matches!(c, '.' | '@' | '!' | '-' | '>') {
                    self.wants_value = false;
                    return self.next_token_after_mark();
                }
                Token::Operator
            }
        };
        self.wants_value = matches!(token, Token::Open | Token::Assign | Token::Operator | Token::Colon | Token::Break);
        Some((token, Span::new(start, self.at)))
    }

    /// The token behind a run of marks that mean nothing here.
    fn next_token_after_mark(&mut self) -> Option<(Token, Span)> {
        let marks = self.rest().trim_start_matches(['.', '@', '!', '-', '>', '?']);
        self.at = self.text.len() - marks.len();
        if marks.starts_with(|c: char| c.is_alphanumeric() || c == '_') {
            self.next_token()
        } else {
            let at = self.at;
            Some((Token::Operator, Span::new(at, at)))
        }
    }

    fn one(&mut self, token: Token) -> Token {
        self.at += 1;
        token
    }

    /// Skips spaces and comments.
    fn skip(&mut self) {
        loop {
            let rest = self.rest();
            let content = rest.trim_start_matches([' ', '\t', '\r', '\u{FEFF}', '\\']);
            self.at += rest.len() - content.len();
            let length = if content.starts_with("//") || (self.at == 0 && content.starts_with("#!")) {
                content.find('\n').unwrap_or(content.len())
            } else if content.starts_with("/*") {
                content.find("*/").map_or(content.len(), |end| end + 2)
            } else {
                return;
            };
            self.comments.push(Span::new(self.at, self.at + length));
            self.at += length;
        }
    }

    /// A text; its span is what stands between the quotes.
    fn quoted(&mut self, quote: char) -> (Token, Span) {
        let begin = self.at;
        let mut quotes = [0; 4];
        let quotes = quote.encode_utf8(&mut quotes);
        let triple = quotes.repeat(3);
        let close: &str = if quote != '/' && self.rest().starts_with(&triple) { &triple } else { quotes };
        let is_triple = close.len() == 3;
        self.at += close.len();
        let start = self.at;
        let mut text = String::new();
        let mut is_interpolated = false;
        let mut end = None;
        let mut characters = self.rest().char_indices();
        while let Some((at, c)) = characters.next() {
            if c == quote && self.rest().get(at..).is_some_and(|rest| rest.starts_with(close)) {
                end = Some(at);
                break;
            }
            match c {
                '\\' => match characters.next() {
                    Some((_, 'n')) => text.push('\n'),
                    Some((_, 't')) => text.push('\t'),
                    Some((_, 'r')) => text.push('\r'),
                    // For a shell it is still no variable.
                    Some((_, '$')) => text.push_str("\\$"),
                    Some((_, '\n')) | None => {}
                    Some((_, other)) => text.push(other),
                },
                '\n' if !is_triple => break,
                _ => {
                    is_interpolated |= c == '$' && quote != '\'';
                    text.push(c);
                }
            }
        }
        let length = end.unwrap_or_else(|| {
            self.unclosed.get_or_insert(begin);
            self.rest().find('\n').filter(|_| !is_triple).unwrap_or(self.rest().len())
        });
        let span = Span::new(start, start + length);
        self.at = start + length + if end.is_some() { close.len() } else { 0 };
        self.wants_value = false;
        (Token::Text { text, is_interpolated }, span)
    }
}

/// Whether the slash that the text begins with is closed in the same line.
fn is_slashy(text: &str) -> bool {
    let line = text.lines().next().unwrap_or_default();
    line.len() > 2 && line.get(1..).is_some_and(|rest| rest.contains('/') && !rest.starts_with(' '))
}
