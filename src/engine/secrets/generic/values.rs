//! Where a value begins and ends, in the syntaxes in which values are written.

use super::file::Syntax;
use super::reader::{Reader, is_name_byte};
use crate::span::Span;

/// Longest value, in bytes. Longer texts are documents or data.
const LONGEST_VALUE: usize = 1024;

/// A value as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Value {
    /// Its bytes, without quotes.
    pub(super) span: Span,
    /// Whether it stood in quotes.
    pub(super) quoted: bool,
    /// Whether it is what another lookup falls back to: `getenv("X") || "value"`.
    pub(super) fallback: bool,
    /// Whether more pairs follow in the same text: `value&next=…`, `value;next=…`.
    pub(super) query: bool,
}

fn quoted(start: usize, end: usize) -> Value {
    Value { span: Span::new(start, end), quoted: true, fallback: false, query: false }
}

fn bare(start: usize, end: usize) -> Option<Value> {
    (end > start && end - start <= LONGEST_VALUE).then(|| Value {
        span: Span::new(start, end),
        quoted: false,
        fallback: false,
        query: false,
    })
}

/// A string literal with an optional prefix letter (`b"…"`, `@"…"`), which is the whole operand: one that is joined to
/// other text by an operator has an unknown value.
pub(super) fn literal(reader: &mut Reader<'_>) -> Option<Value> {
    let prefix = reader
        .rest()
        .iter()
        .take(3)
        .take_while(|byte| matches!(byte, b'b' | b'B' | b'u' | b'U' | b'r' | b'R' | b'@' | b'N' | b'L'))
        .count();
    if matches!(reader.peek_at(prefix), b'"' | b'\'' | b'`') {
        reader.at += prefix;
    }
    let value = string(reader)?;
    (!is_joined(reader)).then_some(value)
}

/// A quoted string, by its own closing quote, on one line.
fn string(reader: &mut Reader<'_>) -> Option<Value> {
    let quote = reader.peek();
    if !matches!(quote, b'"' | b'\'' | b'`') {
        return None;
    }
    let triple = [quote; 3];
    if reader.rest().starts_with(&triple) {
        let start = reader.at + 3;
        let length = memchr::memmem::find(reader.rest().get(3..)?, &triple)?;
        reader.at = start + length + 3;
        return (length <= LONGEST_VALUE).then(|| quoted(start, start + length));
    }
    let start = reader.at + 1;
    let mut escape = false;
    for (length, &byte) in reader.rest().get(1..)?.iter().take(LONGEST_VALUE + 1).enumerate() {
        match byte {
            _ if escape => escape = false,
            b'\\' => escape = true,
            b'\n' => return None,
            _ if byte == quote => {
                reader.at = start + length + 1;
                return Some(quoted(start, start + length));
            }
            _ => {}
        }
    }
    None
}

/// Whether an operator joins more text to the literal that was just read.
fn is_joined(reader: &Reader<'_>) -> bool {
    let mut after = *reader;
    after.blanks();
    let next = after.peek_at(1);
    match after.peek() {
        b'+' => next != b'+',
        b'%' => next != b'>' && next != b'}',
        b'.' => {
            next == b' '
                || next == b'$'
                || next == b'"'
                || after.rest().starts_with(b".format(")
                || after.rest().starts_with(b".repeat(")
        }
        b'&' => next == b' ',
        b'*' => next == b' ' || next.is_ascii_digit(),
        b'"' | b'\'' => false,
        _ => after.rest().starts_with(b"<> ") || after.rest().starts_with(b".. "),
    }
}

/// A value inside a string literal, between escaped quotes: `\"value\"`.
pub(super) fn escaped(reader: &mut Reader<'_>) -> Option<Value> {
    let backslashes = reader.rest().iter().take_while(|&&byte| byte == b'\\').count();
    let quote = reader.peek_at(backslashes);
    if backslashes == 0 || backslashes > 3 || !matches!(quote, b'"' | b'\'') {
        return None;
    }
    let start = reader.at + backslashes + 1;
    reader.at = start;
    let length = reader.rest().iter().take(LONGEST_VALUE).position(|byte| matches!(byte, b'\\' | b'\n' | b'"'))?;
    reader.at += length;
    (reader.peek() == b'\\').then(|| quoted(start, start + length))
}

/// `${NAME:-value}`, `${NAME-value}` and Spring's `${NAME:value}`.
pub(super) fn shell_default(reader: &mut Reader<'_>) -> Option<Value> {
    if !(reader.eat(b":-") || reader.eat(b":=") || reader.eat(b"-") || reader.eat(b":")) {
        return None;
    }
    let start = reader.at;
    let value = reader.skip_while(|byte| !matches!(byte, b'}' | b'\n' | b'{' | b'$'));
    (reader.peek() == b'}').then(|| bare(start, start + value.len())).flatten()
}

/// A value of a URL query, a form body or a connection string.
pub(super) fn query(reader: &mut Reader<'_>) -> Option<Value> {
    let start = reader.at;
    let value = reader.skip_while(|byte| {
        !byte.is_ascii_whitespace()
            && !matches!(
                byte,
                b'&' | b'"' | b'\'' | b'`' | b';' | b'<' | b'>' | b'#' | b'\\' | b')' | b'}' | b'|' | b','
            )
    });
    bare(start, start + value.len()).map(|value| Value { query: true, ..value })
}

/// An argument on a command line, quoted or not.
pub(super) fn argument(reader: &mut Reader<'_>) -> Option<Value> {
    if matches!(reader.peek(), b'"' | b'\'') {
        return string(reader);
    }
    let start = reader.at;
    let value = reader.skip_while(|byte| {
        !byte.is_ascii_whitespace()
            && !matches!(byte, b'"' | b'\'' | b'`' | b';' | b'|' | b')' | b'>' | b'<' | b'\\' | b',')
    });
    if value.starts_with(b"-") {
        return None;
    }
    bare(start, start + value.len())
}

/// The text of an XML element.
pub(super) fn element(reader: &mut Reader<'_>) -> Option<Value> {
    reader.white();
    let start = reader.at;
    let value = reader.skip_while(|byte| !matches!(byte, b'<' | b'\n'));
    let length = value.trim_ascii_end().len();
    reader.white();
    reader.rest().starts_with(b"</").then(|| bare(start, start + length)).flatten()
}

/// A YAML list item or plain scalar: quoted, or a single word up to the end of the line.
pub(super) fn item(reader: &mut Reader<'_>) -> Option<Value> {
    if matches!(reader.peek(), b'"' | b'\'') {
        return string(reader);
    }
    whole_line(reader)
}

/// `name value`, as in nginx-like settings and netrc files: a literal, or one word that ends the line.
pub(super) fn spaced(reader: &mut Reader<'_>, syntax: Syntax) -> Option<Value> {
    if matches!(reader.peek(), b'"' | b'\'') {
        return literal(reader);
    }
    (syntax == Syntax::Plain).then(|| whole_line(reader)).flatten()
}

/// The one word that stands from here to the end of the line.
fn whole_line(reader: &mut Reader<'_>) -> Option<Value> {
    let start = reader.at;
    let value = reader.skip_while(|byte| byte.is_ascii_graphic() || byte >= 0x80);
    let value = value.strip_suffix(b";").unwrap_or(value);
    reader.blanks();
    matches!(reader.peek(), b'\n' | b'\r' | 0 | b'#').then(|| bare(start, start + value.len())).flatten()
}

/// A string literal in an expression: alone, wrapped (`Some("…")`, `new Secret("…")`), as the first item of a list, as the
/// second argument of a lookup (`getenv("NAME", "…")`) or behind `||`, `??` and `or`. `typed` says that a type may come
/// first (`name: String = "…"`).
pub(super) fn expression(reader: &mut Reader<'_>, typed: bool) -> Option<Value> {
    let mut typed = typed;
    let mut lookup = false;
    for _ in 0..6 {
        reader.blanks();
        let next = reader.peek();
        if matches!(next, b'"' | b'\'' | b'`') || is_prefixed_string(reader) {
            if lookup {
                string(reader)?;
                reader.blanks();
                if reader.peek() == b']' || reader.peek() == b')' {
                    reader.at += 1;
                    return fallback(reader);
                }
                if !reader.eat(b",") {
                    return None;
                }
                reader.white();
                return literal(reader).map(|value| Value { fallback: true, ..value });
            }
            return literal(reader);
        }
        match next {
            b'(' | b'[' | b'{' | b'&' | b'*' => reader.at += 1,
            b'=' if typed && reader.peek_at(1) != b'=' && reader.peek_at(1) != b'>' => {
                reader.at += 1;
                typed = false;
            }
            _ if next.is_ascii_alphabetic() || next == b'_' || next == b'$' => {
                let word = reader
                    .skip_while(|byte| is_name_byte(byte) || matches!(byte, b':' | b'$' | b'<' | b'>' | b'!' | b'?'));
                // A type with parameters: `Option[String]`, `byte[]`.
                if matches!(reader.peek(), b'[') && (typed || reader.peek_at(1) == b']') {
                    reader.skip_while(|byte| is_name_byte(byte) || matches!(byte, b'[' | b']' | b' '));
                    continue;
                }
                if reader.peek() == b'[' || reader.peek() == b'(' {
                    if is_reader(word) {
                        lookup = true;
                    } else if reader.peek() == b'[' || makes_other(word) {
                        return None;
                    }
                    continue;
                }
                if word == b"new" || word == b"await" || word == b"const" {
                    continue;
                }
                reader.blanks();
                if reader.peek() == b'=' && typed {
                    continue;
                }
                return fallback(reader);
            }
            _ => return None,
        }
    }
    None
}

/// The second of two literals that are all arguments of a call: `NetworkCredential("user", "value")`.
pub(super) fn second(reader: &mut Reader<'_>) -> Option<Value> {
    literal(reader)?;
    reader.blanks();
    if !reader.eat(b",") {
        return None;
    }
    reader.white();
    let value = literal(reader)?;
    reader.white();
    (reader.peek() == b')').then_some(value)
}

/// A literal as it is passed to a setter: as it stands or in one call (`Base64.decode("…")`).
pub(super) fn wrapped(reader: &mut Reader<'_>) -> Option<Value> {
    let word = reader.skip_while(is_name_byte);
    if word.len() > 1 {
        if is_reader(word) || (makes_other(word) && !word.ends_with(b"decode")) || !reader.eat(b"(") {
            return None;
        }
    } else {
        reader.at -= word.len();
    }
    literal(reader)
}

/// The literal behind `||`, `??`, `or`, `?:` — what holds when a lookup finds nothing.
pub(super) fn fallback(reader: &mut Reader<'_>) -> Option<Value> {
    reader.blanks();
    if !(reader.eat(b"||") || reader.eat(b"??") || reader.eat(b"or ") || reader.eat(b"?:")) {
        return None;
    }
    reader.blanks();
    if reader.peek() == b'`' {
        return None;
    }
    literal(reader).map(|value| Value { fallback: true, ..value })
}

/// Whether a string with a prefix letter stands here: `b'…'`, `@"…"`.
fn is_prefixed_string(reader: &Reader<'_>) -> bool {
    matches!(reader.peek(), b'b' | b'B' | b'u' | b'U' | b'r' | b'R' | b'@' | b'N' | b'L')
        && matches!(reader.peek_at(1), b'"' | b'\'')
}

/// Whether a function of this name reads a value by its name, so that its first argument is no value.
fn is_reader(callee: &[u8]) -> bool {
    let lower = callee.to_ascii_lowercase();
    let last = lower.rsplit(|&byte| matches!(byte, b'.' | b':')).next().unwrap_or_default();
    [
        &b"get"[..],
        b"env",
        b"fetch",
        b"lookup",
        b"read",
        b"config",
        b"find",
        b"param",
        b"resolve",
        b"property",
        b"query",
        b"option",
    ]
    .iter()
    .any(|word| memchr::memmem::find(last, word).is_some())
        || lower.ends_with(b"environ")
        || lower.ends_with(b"environ.get")
        || lower.ends_with(b"process.env")
}

/// Whether a function of this name makes something that is not its argument.
fn makes_other(callee: &[u8]) -> bool {
    let lower = callee.to_ascii_lowercase();
    let last = lower.rsplit(|&byte| matches!(byte, b'.' | b':')).next().unwrap_or_default();
    last.len() <= 2
        || [
            &b"format"[..],
            b"print",
            b"trans",
            b"gettext",
            b"regex",
            b"pattern",
            b"matcher",
            b"require",
            b"import",
            b"join",
            b"path",
            b"file",
            b"load",
            b"generate",
            b"random",
            b"create",
            b"hash",
            b"message",
            b"error",
            b"label",
            b"column",
            b"field",
            b"schema",
            b"describe",
            b"element",
            b"selector",
            b"render",
            b"uuid",
            b"exec",
            b"test",
            b"match",
            b"func",
            b"input",
            b"prompt",
            b"ask",
            b"encode",
            b"decode",
            b"split",
            b"replace",
            b"strip",
            b"trim",
            b"substr",
            b"starts",
            b"ends",
            b"contains",
            b"index",
        ]
        .iter()
        .any(|word| memchr::memmem::find(last, word).is_some())
}

/// An unquoted value. `lead` is what stands before the name on its line, `tight` says that `=` stood without blanks.
pub(super) fn plain(reader: &mut Reader<'_>, syntax: Syntax, lead: &[u8], name: &[u8], tight: bool) -> Option<Value> {
    let start = reader.at;
    let first = reader.peek();
    if matches!(first, b'|' | b'>' | b'!' | b'*' | b'&' | b'[' | b'(' | b'<' | b'"' | b'\'' | b'`' | b'\n' | b'\r' | 0)
        && !tight
    {
        return None;
    }
    if first == b'#' && !tight {
        return None;
    }
    let upper_case = !name.iter().any(u8::is_ascii_lowercase);
    let inner = lead.iter().any(|byte| matches!(byte, b'{' | b'"' | b'\'' | b'`' | b'('));
    let value = reader.skip_while(|byte| match byte {
        b'"' | b'\'' | b'`' | b',' | b'}' | b')' | b'\\' if inner => false,
        b'&' if inner || matches!(syntax, Syntax::Prose | Syntax::Markup | Syntax::Quoted) => false,
        b';' => false,
        _ => byte.is_ascii_graphic() || byte >= 0x80,
    });
    let value = if syntax == Syntax::Plain { value } else { trimmed(value) };
    reader.at = start + value.len();
    if reader.rest().starts_with(b"...") || reader.rest().starts_with("…".as_bytes()) {
        return None;
    }
    let query = matches!(reader.peek(), b'&' | b';') && tight;
    let found = bare(start, start + value.len()).map(|value| Value { query, ..value });
    // A name in capitals with a tight `=` is an environment variable wherever it stands.
    if tight && upper_case && name.len() > 3 {
        return found;
    }
    if query && tight {
        return found;
    }
    reader.blanks();
    let ends = matches!(reader.peek(), b'\n' | b'\r' | 0 | b'#' | b'"' | b'\'' | b'`')
        || (inner && matches!(reader.peek(), b',' | b'}' | b';'))
        || (matches!(reader.peek(), b';' | b',' | b'\\') && syntax != Syntax::Quoted)
        || (syntax == Syntax::Shell && tight)
        || reader.rest().starts_with(b"//");
    ends.then_some(found).flatten()
}

/// `value` without the punctuation that ends a phrase.
fn trimmed(value: &[u8]) -> &[u8] {
    let length = value
        .iter()
        .rposition(|byte| !matches!(byte, b'.' | b',' | b')' | b':' | b'>' | b']' | b'}' | b'|'))
        .map_or(0, |at| at + 1);
    &value[..length]
}
