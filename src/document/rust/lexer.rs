//! One pass over the tokens of a Rust file, without a tree: where comments stand, and whether a parser that recurses would
//! stay within its stack.
//!
//! How deep a tree can become is bounded by what is open at once: delimiters, and between two separators the operators,
//! keywords and angle brackets that nest. Each costs what a level of it costs of the stack.

use crate::document::ParseError;
use crate::span::Span;

/// Most delimiters that are open at once.
const MAX_DEPTH: usize = 96;
/// Most cost of what is open at once.
const MAX_COST: u32 = 4000;
/// Most angle brackets that are open at once, as far as can be told from comparisons and shifts.
const MAX_ANGLES: u32 = 160;
/// Cost of an operator behind an operand: chains of them lean to the left, and are read in a loop.
const INFIX: u32 = 1;
/// Cost of an operator in front of its operand.
const PREFIX: u32 = 12;
/// Cost of a keyword that an expression or a type follows.
const NESTING: u32 = 16;

/// Keywords behind which an expression, a type or a pattern nests.
const NESTING_WORDS: &[&str] = &[
    "as", "async", "await", "box", "break", "const", "dyn", "else", "fn", "for", "if", "impl", "in", "let", "loop",
    "match", "move", "mut", "ref", "return", "unsafe", "while", "yield",
];

/// What a file is made of, without a tree.
#[derive(Debug, Default)]
pub(super) struct Outline {
    pub(super) comments: Vec<Span>,
    pub(super) deep_macros: Vec<usize>,
}

/// What stands between two delimiters.
struct Level {
    close: u8,
    /// Cost since the last separator.
    cost: u32,
    angles: u32,
}

/// What the token before is, as far as it matters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    /// The beginning, a separator or an operator: an operand comes next.
    Open,
    /// A name, a literal or a closed group.
    Operand,
    /// A closed block: what follows may be the next statement.
    Block,
    /// A number.
    Number,
    /// `name!`, and `macro_rules! name`.
    Bang,
}

/// Lexes `text`.
pub(super) fn outline(text: &str) -> Result<Outline, ParseError> {
    let mut lexer = Lexer {
        bytes: text.as_bytes(),
        at: 0,
        levels: vec![Level { close: 0, cost: 0, angles: 0 }],
        cost: 0,
        angles: 0,
        before: Before::Open,
        in_macro: None,
        outline: Outline::default(),
    };
    lexer.run()?;
    Ok(lexer.outline)
}

struct Lexer<'t> {
    bytes: &'t [u8],
    at: usize,
    levels: Vec<Level>,
    /// Of all levels.
    cost: u32,
    angles: u32,
    before: Before,
    /// The outermost macro call that is open: its depth, where it opens, and whether it is deep already.
    in_macro: Option<(usize, usize, bool)>,
    outline: Outline,
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn run(&mut self) -> Result<(), ParseError> {
        while let Some(&byte) = self.bytes.get(self.at) {
            let start = self.at;
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                b'/' if self.peek(1) == b'/' => {
                    self.at += memchr::memchr(b'\n', &self.bytes[start..]).unwrap_or(self.bytes.len() - start);
                    let end = if self.bytes[self.at - 1] == b'\r' { self.at - 1 } else { self.at };
                    self.outline.comments.push(Span::new(start, end));
                }
                b'/' if self.peek(1) == b'*' => {
                    self.block_comment();
                    self.outline.comments.push(Span::new(start, self.at));
                }
                b'"' => {
                    self.string();
                    self.operand(Before::Operand);
                }
                b'\'' => self.quote(),
                b'(' | b'[' | b'{' => self.open(byte)?,
                b')' | b']' | b'}' => self.close(byte),
                b'0'..=b'9' => {
                    self.word();
                    self.operand(Before::Number);
                }
                _ if is_word(byte) => self.name(),
                _ => self.operator(byte),
            }
            self.check(start)?;
        }
        Ok(())
    }

    fn block_comment(&mut self) {
        let mut depth = 0_usize;
        while self.at < self.bytes.len() {
            match (self.peek(0), self.peek(1)) {
                (b'/', b'*') => {
                    depth += 1;
                    self.at += 2;
                }
                (b'*', b'/') => {
                    depth -= 1;
                    self.at += 2;
                    if depth == 0 {
                        return;
                    }
                }
                _ => self.at += 1,
            }
        }
        self.at = self.at.min(self.bytes.len());
    }

    fn string(&mut self) {
        self.at += 1;
        while let Some(found) = self.bytes.get(self.at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
            self.at += found;
            if self.bytes[self.at] == b'"' {
                self.at += 1;
                return;
            }
            self.at += 2;
        }
        self.at = self.bytes.len();
    }

    /// A raw string whose hashes begin here.
    fn raw_string(&mut self) {
        let hashes = self.bytes[self.at..].iter().take_while(|&&byte| byte == b'#').count();
        self.at += hashes + 1;
        while let Some(found) = self.bytes.get(self.at..).and_then(|rest| memchr::memchr(b'"', rest)) {
            self.at += found + 1;
            let behind = self.bytes[self.at..].iter().take(hashes).take_while(|&&byte| byte == b'#').count();
            if behind == hashes {
                self.at += hashes;
                return;
            }
        }
        self.at = self.bytes.len();
    }

    /// A character or a lifetime.
    fn quote(&mut self) {
        let first = self.peek(1);
        if first == b'\\' {
            self.at += 3;
            while self.at < self.bytes.len() && !matches!(self.bytes[self.at], b'\'' | b'\n') {
                self.at += 1;
            }
            self.at = (self.at + 1).min(self.bytes.len());
            return self.operand(Before::Operand);
        }
        let width = match first {
            0xF0.. => 4,
            0xE0.. => 3,
            0xC0.. => 2,
            _ => 1,
        };
        if self.peek(1 + width) == b'\'' {
            self.at = (self.at + width + 2).min(self.bytes.len());
            return self.operand(Before::Operand);
        }
        self.at += 1;
        self.word();
    }

    fn word(&mut self) {
        while self.bytes.get(self.at).is_some_and(|&byte| is_word(byte)) {
            self.at += 1;
        }
    }

    fn name(&mut self) {
        let start = self.at;
        self.word();
        let word = &self.bytes[start..self.at];
        let is_prefix = matches!(word, b"r" | b"b" | b"c" | b"br" | b"cr");
        match self.peek(0) {
            b'"' if is_prefix => {
                if word.ends_with(b"r") {
                    self.raw_string();
                } else {
                    self.string();
                }
                return self.operand(Before::Operand);
            }
            b'#' if is_prefix && word.ends_with(b"r") => {
                let hashes = self.bytes[self.at..].iter().take_while(|&&byte| byte == b'#').count();
                if self.peek(hashes) == b'"' {
                    self.raw_string();
                    return self.operand(Before::Operand);
                }
            }
            b'\'' if word == b"b" => return self.quote(),
            _ => {}
        }
        let is_nesting = std::str::from_utf8(word).is_ok_and(|word| NESTING_WORDS.contains(&word));
        if self.before == Before::Block && !matches!(word, b"else" | b"as") {
            self.reset(true);
        }
        if is_nesting {
            self.pay(NESTING);
            self.before = Before::Open;
        } else if self.before != Before::Bang {
            self.before = Before::Operand;
        }
    }

    fn operand(&mut self, kind: Before) {
        if self.before == Before::Block {
            self.reset(true);
        }
        self.before = kind;
    }

    fn operator(&mut self, byte: u8) {
        self.at += 1;
        match byte {
            b';' => {
                self.reset(true);
                self.before = Before::Open;
            }
            b',' => {
                self.reset(false);
                self.before = Before::Open;
            }
            b'<' if self.peek(0) == b'=' => {
                self.at += 1;
                self.pay(INFIX);
                self.before = Before::Open;
            }
            b'<' => {
                // A shift by or of a number is no type.
                let is_shift = self.peek(0) == b'<'
                    && (self.before == Before::Number
                        || self.bytes[self.at + 1..]
                            .iter()
                            .find(|byte| **byte != b' ')
                            .is_some_and(u8::is_ascii_digit));
                if is_shift {
                    self.at += 1;
                    self.pay(INFIX);
                } else {
                    self.angles += 1;
                    if let Some(level) = self.levels.last_mut() {
                        level.angles += 1;
                    }
                }
                self.before = Before::Open;
            }
            b'>' => {
                let is_arrow = self.at >= 2 && matches!(self.bytes[self.at - 2], b'-' | b'=');
                if is_arrow {
                    if self.bytes[self.at - 2] == b'=' {
                        self.reset(true);
                    }
                    self.before = Before::Open;
                } else {
                    if let Some(level) = self.levels.last_mut().filter(|level| level.angles > 0) {
                        level.angles -= 1;
                        self.angles -= 1;
                    }
                    self.before = Before::Operand;
                }
            }
            b'!' if matches!(self.before, Before::Operand) && self.peek(0) != b'=' => self.before = Before::Bang,
            b'?' => self.pay(INFIX),
            b'#' => {
                if self.before == Before::Block {
                    self.reset(true);
                }
                self.pay(INFIX);
                self.before = Before::Open;
            }
            _ => {
                self.pay(if self.before == Before::Open { PREFIX } else { INFIX });
                // `::` and the like are one operator each.
                while self.peek(0) == byte && matches!(byte, b':' | b'.' | b'=') {
                    self.at += 1;
                }
                let is_dot = byte == b'.' || byte == b':';
                self.before = if is_dot { Before::Operand } else { Before::Open };
            }
        }
    }

    fn open(&mut self, byte: u8) -> Result<(), ParseError> {
        let close = match byte {
            b'(' => b')',
            b'[' => b']',
            _ => b'}',
        };
        if self.before == Before::Bang && self.in_macro.is_none() {
            self.in_macro = Some((self.levels.len(), self.at, false));
        }
        // Calls of calls lean to the left.
        self.pay(INFIX);
        if self.levels.len() > MAX_DEPTH {
            return Err(ParseError { offset: self.at, message: format!("more than {MAX_DEPTH} brackets are open") });
        }
        self.levels.push(Level { close, cost: 0, angles: 0 });
        self.at += 1;
        self.before = Before::Open;
        Ok(())
    }

    fn close(&mut self, byte: u8) {
        self.at += 1;
        // What does not match is for the parser to say.
        if self.levels.len() > 1
            && let Some(level) = self.levels.pop()
        {
            self.cost = self.cost.saturating_sub(level.cost);
            self.angles = self.angles.saturating_sub(level.angles);
            if level.close == byte && self.in_macro.is_some_and(|(depth, ..)| depth == self.levels.len()) {
                self.in_macro = None;
            }
        }
        self.before = if byte == b'}' { Before::Block } else { Before::Operand };
    }

    fn pay(&mut self, cost: u32) {
        if let Some(level) = self.levels.last_mut() {
            level.cost += cost;
            self.cost += cost;
        }
    }

    /// A separator: what stood before is done. A comma may stand inside of angle brackets that are open.
    fn reset(&mut self, with_angles: bool) {
        let Some(level) = self.levels.last_mut() else { return };
        if with_angles {
            self.angles = self.angles.saturating_sub(level.angles);
            level.angles = 0;
        }
        if level.angles == 0 {
            self.cost = self.cost.saturating_sub(level.cost);
            level.cost = 0;
        }
    }

    /// Whether what is open is still within bounds. The tokens of a macro call need not be: then they are not parsed.
    fn check(&mut self, at: usize) -> Result<(), ParseError> {
        if self.cost <= MAX_COST && self.angles <= MAX_ANGLES {
            return Ok(());
        }
        if let Some((_, open, is_deep)) = &mut self.in_macro {
            if !*is_deep {
                *is_deep = true;
                self.outline.deep_macros.push(*open);
            }
            return Ok(());
        }
        Err(ParseError { offset: at, message: "an expression or a type is nested too deep".to_owned() })
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}
