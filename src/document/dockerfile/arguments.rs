//! The arguments of instructions: words, the JSON form, names with values.

use super::Instruction;
use crate::document::excerpt::{Excerpt, Word};
use crate::span::Span;

/// A name and its value, in `ENV`, `ARG` and `LABEL`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// All of it.
    pub span: Span,
    /// The name, as written.
    pub name: Word,
    /// The value, as written with its quotes; `None` for an `ARG` without one.
    pub value: Option<Word>,
}

/// The words of an instruction: those of the JSON form, or what white space parts.
#[must_use]
pub fn words(instruction: &Instruction) -> Vec<Word> {
    if let Some(words) = &instruction.exec {
        return words.clone();
    }
    let text = instruction.arguments.as_str();
    let mut words = Vec::new();
    let mut at = 0;
    for word in text.split_whitespace() {
        let start = at + text.get(at..).and_then(|rest| rest.find(word)).unwrap_or(0);
        at = start + word.len();
        words.push(raw_word(&instruction.arguments, start, at));
    }
    words
}

/// The names and values of an `ENV`, `ARG` or `LABEL`: `a=b c=d`, and for the first and the last the old form `a b c`.
#[must_use]
pub fn pairs(instruction: &Instruction, escape: char) -> Vec<Pair> {
    let rest = &instruction.arguments;
    let text = rest.as_str();
    let words = raw_words(text, escape);
    let is_arg = instruction.keyword == super::Keyword::Arg;
    if let Some(&(start, stop)) = words.first()
        && !is_arg
        && !text.get(start..stop).unwrap_or_default().contains('=')
    {
        let value = words.get(1).map(|&(from, _)| raw_word(rest, from, text.len()));
        return vec![Pair { span: rest.span(start, text.len()), name: raw_word(rest, start, stop), value }];
    }
    let pair = |&(start, stop): &(usize, usize)| {
        let word = text.get(start..stop).unwrap_or_default();
        let equals = word.find('=').map(|at| start + at);
        (equals.is_some() || is_arg).then(|| Pair {
            span: rest.span(start, stop),
            name: raw_word(rest, start, equals.unwrap_or(stop)),
            value: equals.map(|at| raw_word(rest, at + 1, stop)),
        })
    };
    words.iter().filter_map(pair).collect()
}

fn raw_word(rest: &Excerpt, start: usize, end: usize) -> Word {
    let text = rest.part(start, end);
    let is_known = !text.as_str().contains('$');
    Word { span: rest.span(start, end), text, is_known }
}

/// Where the words of `text` begin and end; white space in quotes or behind the escape character parts nothing.
pub(super) fn raw_words(text: &str, escape: char) -> Vec<(usize, usize)> {
    let mut words = Vec::new();
    let mut start = None;
    let mut quote = None;
    let mut is_escaped = false;
    for (at, c) in text.char_indices() {
        if is_escaped {
            is_escaped = false;
            continue;
        }
        if quote.is_none() && c.is_whitespace() {
            if let Some(start) = start.take() {
                words.push((start, at));
            }
            continue;
        }
        start.get_or_insert(at);
        if c == escape && quote != Some('\'') {
            is_escaped = true;
        } else if quote == Some(c) {
            quote = None;
        } else if quote.is_none() && matches!(c, '"' | '\'') {
            quote = Some(c);
        }
    }
    if let Some(start) = start {
        words.push((start, text.len()));
    }
    words
}

/// Most words of a JSON list.
const MAX_WORDS: usize = 1 << 16;

/// The texts of a JSON list of texts; `None` when it is none or too long, and then the text is in the shell form.
pub(super) fn json_words(rest: &Excerpt) -> Option<Vec<Word>> {
    let text = rest.as_str();
    let mut at = skip_space(text, 0);
    let mut words = Vec::new();
    at = take(text, at, '[')?;
    let empty = take(text, skip_space(text, at), ']');
    if let Some(end) = empty {
        return (skip_space(text, end) == text.len()).then_some(words);
    }
    loop {
        at = skip_space(text, at);
        let (word, end) = json_text(rest, at).filter(|_| words.len() < MAX_WORDS)?;
        words.push(word);
        at = skip_space(text, end);
        match take(text, at, ',') {
            Some(next) => at = next,
            None => break,
        }
    }
    at = take(text, at, ']')?;
    (skip_space(text, at) == text.len()).then_some(words)
}

fn skip_space(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    text.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len()
}

fn take(text: &str, at: usize, c: char) -> Option<usize> {
    text.get(at..)?.starts_with(c).then_some(at + c.len_utf8())
}

/// Reads a JSON text that begins at `start`.
fn json_text(rest: &Excerpt, start: usize) -> Option<(Word, usize)> {
    let text = rest.as_str();
    let begin = take(text, start, '"')?;
    let mut unescaped = rest.part(begin, begin);
    let mut from = begin;
    let mut characters = text.get(begin..)?.char_indices();
    while let Some((offset, c)) = characters.next() {
        let at = begin + offset;
        match c {
            '"' => {
                unescaped.push_part(rest, from, at);
                let end = at + 1;
                return Some((Word { span: rest.span(start, end), text: unescaped, is_known: true }, end));
            }
            '\\' => {
                unescaped.push_part(rest, from, at);
                let (_, escaped) = characters.next()?;
                let mut length = 1;
                let meant = match escaped {
                    '"' | '\\' | '/' => escaped,
                    'b' => '\u{8}',
                    'f' => '\u{c}',
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    'u' => {
                        let code = u32::from_str_radix(text.get(at + 2..at + 6)?, 16).ok()?;
                        length = 5;
                        for _ in 0..4 {
                            characters.next();
                        }
                        char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
                    }
                    _ => return None,
                };
                unescaped.push(meant.encode_utf8(&mut [0; 4]), rest.offset(at));
                from = at + 1 + length;
            }
            c if c < ' ' => return None,
            _ => {}
        }
    }
    None
}
