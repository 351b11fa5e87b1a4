//! From a name to the value that belongs to it: assignments, map entries, arguments, attributes, flags.
//!
//! One hand-written scan to the right of the name, and a look at the byte to its left. It knows shapes, not meanings:
//! whether the name names a secret and the value is one is judged elsewhere.

use super::encoded;
use super::file::Syntax;
use super::reader::{Reader, is_name_byte, line_start, name_around};
use super::values::{self, Value};
use crate::span::Span;

/// How many bytes behind a name are looked at.
pub(super) const WINDOW: usize = 1280;

/// What joins a name and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    /// `name = value`, `name: value`, `name => value`.
    Assign,
    /// `name == "value"`, `name.equals("value")`.
    Compare,
    /// `setName("value")`, `name("value")`.
    Call,
    /// `("name", "value")`.
    Argument,
    /// `<name>value</name>`.
    Element,
    /// `--name value`, `-name=value`.
    Flag,
    /// `${NAME:-value}`, `getenv("NAME") || "value"`.
    Default,
    /// `?name=value&…`, `;name=value;…`.
    Query,
    /// `name value`.
    Space,
    /// `name: NAME` and `value: value` as neighbours.
    Neighbour,
}

/// A name and the value that belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) name: Span,
    pub(super) value: Span,
    pub(super) link: Link,
    /// Whether the value stands in quotes.
    pub(super) quoted: bool,
    /// Whether a colon stands right before the value.
    pub(super) tight_colon: bool,
    /// Whether a call or a command around the value decodes it from base64.
    pub(super) encoded: bool,
}

/// The pair whose name holds the keyword hit at `hit`.
pub(super) fn pair_at(bytes: &[u8], syntax: Syntax, hit: usize) -> Option<Pair> {
    let mut name = name_around(bytes, hit)?;
    let before = byte_before(bytes, name.start);
    let mut reader = Reader::new(bytes, name.end, WINDOW);
    if before == b'{' && byte_before(bytes, name.start - 1) == b'$' {
        let value = values::shell_default(&mut reader)?;
        return Some(Pair {
            name,
            value: value.span,
            link: Link::Default,
            quoted: false,
            tight_colon: false,
            encoded: false,
        });
    }
    if let Some(shorter) = comparison(bytes, name) {
        name = shorter;
        reader.eat(b"(");
        reader.blanks();
        let value = values::literal(&mut reader)?;
        return Some(pair(name, value, Link::Compare));
    }
    let quote = closing_quote(&mut reader, before);
    if quote.is_some() {
        if let Some(pair) = neighbour(bytes, name, reader) {
            return Some(pair);
        }
        while matches!(reader.peek(), b']' | b')') {
            reader.at += 1;
        }
    } else {
        reader.skip_while(|byte| matches!(byte, b'*' | b'!' | b'?') || (byte == b'`' && before == b'`'));
        if syntax != Syntax::Quoted
            && let Some(pair) = neighbour(bytes, name, reader)
        {
            return Some(pair);
        }
        if matches!(reader.peek(), b')' | b']') {
            reader.at += 1;
        }
    }
    let slash = before == b'/' && byte_before(bytes, name.start - 1) == b' ' && reader.peek() == b':';
    let flag = slash || before == b'-';
    let spaced = reader.blanks();
    if let Some(value) = values::fallback(&mut reader) {
        return Some(pair(name, value, Link::Default));
    }
    if let Some(value) = received(reader) {
        return Some(Pair { encoded: true, ..pair(name, value, Link::Assign) });
    }
    let link = link(&mut reader, before, quote.is_some(), bytes, name)?;
    match link {
        Link::Space => {
            if !spaced {
                return None;
            }
            let value = if flag && quote.is_none() {
                return values::argument(&mut reader).map(|value| pair(name, value, Link::Flag));
            } else if matches!(syntax, Syntax::Plain) || matches!(reader.peek(), b'"' | b'\'') {
                values::spaced(&mut reader, syntax)?
            } else {
                return None;
            };
            (!is_phrase(bytes, name)).then(|| pair(name, value, Link::Space))
        }
        Link::Call | Link::Compare | Link::Argument => {
            reader.white();
            if link == Link::Call
                && is_login(name.slice(bytes)?)
                && let Some(value) = values::second(&mut reader.clone())
            {
                return Some(pair(name, value, link));
            }
            let value = if link == Link::Call { values::wrapped(&mut reader)? } else { values::literal(&mut reader)? };
            reader.white();
            // A credential is the only argument of its setter.
            let alone = link != Link::Call || matches!(reader.peek(), b')' | b']' | b'}');
            alone.then(|| pair(name, value, link))
        }
        Link::Element => values::element(&mut reader).map(|value| pair(name, value, link)),
        _ => assigned(bytes, syntax, name, reader, Assigned { flag, spaced, quote }),
    }
}

/// Words that stand in sentences, and in no setting in front of its name.
const OF_SENTENCES: &[&[u8]] = &[
    b"a", b"an", b"and", b"any", b"are", b"as", b"at", b"be", b"by", b"for", b"from", b"has", b"have", b"if", b"in",
    b"is", b"it", b"its", b"of", b"on", b"or", b"our", b"such", b"than", b"that", b"the", b"their", b"then", b"these",
    b"this", b"to", b"use", b"uses", b"using", b"was", b"when", b"where", b"which", b"with", b"without", b"your",
];

/// Whether `name` is a word of a sentence rather than a setting that stands in front of its value: it is in the plural, or a
/// word in front of it on its line makes a sentence.
fn is_phrase(bytes: &[u8], name: Span) -> bool {
    let plural = name.slice(bytes).is_some_and(|name| name.last().is_some_and(|byte| matches!(byte, b's' | b'S')));
    let lead = &bytes[line_start(bytes, name.start, 256)..name.start];
    // `pass` ends in the same letter.
    let plural = plural && !name.slice(bytes).is_some_and(|name| name.to_ascii_lowercase().ends_with(b"ss"));
    plural
        || lead
            .split(|byte| !byte.is_ascii_alphabetic())
            .any(|word| OF_SENTENCES.iter().any(|known| known.eq_ignore_ascii_case(word)))
}

/// The encoded value of the first of two names that are assigned together: `password, err := decode("…")`.
fn received(mut reader: Reader<'_>) -> Option<Value> {
    if !reader.eat(b",") {
        return None;
    }
    reader.blanks();
    reader.skip_while(is_name_byte);
    reader.blanks();
    if !reader.eat(b":=") && !reader.eat(b"=") {
        return None;
    }
    reader.blanks();
    encoded::value(&mut reader)
}

/// What is known of an assignment when its separator has been read.
#[derive(Clone, Copy)]
struct Assigned {
    flag: bool,
    spaced: bool,
    /// The quote that closed the name.
    quote: Option<Quote>,
}

/// The value behind an assigning separator.
fn assigned(bytes: &[u8], syntax: Syntax, name: Span, mut reader: Reader<'_>, seen: Assigned) -> Option<Pair> {
    let separator = byte_before(bytes, reader.at);
    let blank = reader.blanks();
    if seen.quote == Some(Quote::Escaped) || (reader.peek() == b'\\' && matches!(reader.peek_at(1), b'"' | b'\'')) {
        return values::escaped(&mut reader).map(|value| pair(name, value, Link::Assign));
    }
    let tight = separator == b'=' && !blank && !seen.spaced;
    let before = byte_before(bytes, name.start);
    let tight_flag = seen.flag && !blank && !seen.spaced;
    if (tight || tight_flag) && !matches!(reader.peek(), b'"' | b'\'') {
        if matches!(before, b'?' | b'&') || (before == b';' && syntax != Syntax::Shell) {
            return values::query(&mut reader).map(|value| pair(name, value, Link::Query));
        }
        if seen.flag && seen.quote.is_none() {
            return values::argument(&mut reader).map(|value| pair(name, value, Link::Flag));
        }
    }
    if matches!(reader.peek(), b'\n' | b'\r') {
        return next_line(syntax, name, reader);
    }
    if let Some(value) = encoded::value(&mut reader.clone()) {
        return Some(Pair { encoded: true, ..pair(name, value, Link::Assign) });
    }
    if let Some(value) = values::expression(&mut reader.clone(), separator == b':') {
        let link = if value.fallback { Link::Default } else { Link::Assign };
        return Some(pair(name, value, link));
    }
    if seen.quote.is_some() && syntax != Syntax::Plain {
        return None;
    }
    let start = line_start(bytes, name.start, 256);
    let lead = &bytes[start..name.start];
    let value = values::plain(&mut reader, syntax, lead, bytes.get(name.start..name.end).unwrap_or_default(), tight)?;
    let link = if value.query { Link::Query } else { Link::Assign };
    Some(Pair { tight_colon: separator == b':' && !blank, ..pair(name, value, link) })
}

/// The value on the line after `name:` or `name =`: a quoted literal, or a list item.
fn next_line(syntax: Syntax, name: Span, mut reader: Reader<'_>) -> Option<Pair> {
    reader.white();
    let item = reader.peek() == b'-' && reader.peek_at(1) == b' ';
    if item && syntax == Syntax::Plain {
        reader.at += 1;
        reader.blanks();
        let value = values::item(&mut reader)?;
        return Some(pair(name, value, Link::Assign));
    }
    let value = values::literal(&mut reader)?;
    // A key of its own, not the value of the name above it.
    (!matches!(reader.peek(), b':' | b'=')).then(|| pair(name, value, Link::Assign))
}

fn pair(name: Span, value: Value, link: Link) -> Pair {
    Pair { name, value: value.span, link, quoted: value.quoted, tight_colon: false, encoded: false }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quote {
    Plain,
    Escaped,
}

/// Skips the quote that closes the name. A name may be the end of a longer quoted text (`"admin password": …`).
fn closing_quote(reader: &mut Reader<'_>, before: u8) -> Option<Quote> {
    if reader.peek() == b'\\' && matches!(reader.peek_at(1), b'"' | b'\'') {
        reader.at += 2;
        return Some(Quote::Escaped);
    }
    let quote = reader.peek();
    if matches!(quote, b'"' | b'\'' | b'`')
        && (before == quote || before == b' ' || before == b'-' || before == b'/' || before == b':')
    {
        reader.at += 1;
        return Some(Quote::Plain);
    }
    None
}

/// Reads the separator between name and value.
fn link(reader: &mut Reader<'_>, before: u8, quoted: bool, bytes: &[u8], name: Span) -> Option<Link> {
    for compare in [&b"==="[..], b"!==", b"==", b"!=", b"-eq ", b"-ne "] {
        if reader.eat(compare) {
            reader.blanks();
            return Some(Link::Compare);
        }
    }
    for never in [&b"=~"[..], b"::", b"=>>", b"=<", b"<="] {
        if reader.rest().starts_with(never) {
            return None;
        }
    }
    for assign in [&b"=>"[..], b"->", b":=", b"||=", b"??=", b"+=", b"?=", b"<-", b"=", b":"] {
        if reader.eat(assign) {
            return Some(Link::Assign);
        }
    }
    match reader.peek() {
        b'>' if !quoted && (before == b'<' || in_tag(bytes, name)) => {
            reader.at += 1;
            Some(Link::Element)
        }
        b'>' if quoted && in_tag(bytes, name) => {
            reader.at += 1;
            Some(Link::Element)
        }
        b'(' if !quoted => {
            reader.at += 1;
            Some(Link::Call)
        }
        b',' if quoted && is_argument(bytes, name) => {
            reader.at += 1;
            Some(Link::Argument)
        }
        b' ' | b'\t' | 0 | b'\n' | b'\r' | b',' | b';' | b')' | b'}' => None,
        _ => Some(Link::Space),
    }
}

/// Whether `name` stands inside an opening tag: `<entry key="password">`.
fn in_tag(bytes: &[u8], name: Span) -> bool {
    let from = name.start.saturating_sub(120);
    let before = &bytes[from..name.start];
    memchr::memrchr2(b'<', b'>', before)
        .is_some_and(|at| before[at] == b'<' && before.get(at + 1).is_some_and(u8::is_ascii_alphabetic))
}

/// Whether the quoted `name` is the first argument of a call that stores or looks up, or a flag in a list of arguments.
fn is_argument(bytes: &[u8], name: Span) -> bool {
    let Some(quote) = name.start.checked_sub(1) else { return false };
    if bytes[quote] == b'-' {
        return true;
    }
    let Some(open) = quote.checked_sub(1).filter(|&at| bytes[at] == b'(') else { return false };
    let from = open.saturating_sub(40);
    let callee: Vec<u8> = bytes[from..open]
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_')
        .map(u8::to_ascii_lowercase)
        .collect();
    let callee: Vec<u8> = callee.into_iter().rev().collect();
    let stores: [&[u8]; 18] = [
        b"set",
        b"put",
        b"add",
        b"header",
        b"property",
        b"env",
        b"param",
        b"with",
        b"attribute",
        b"append",
        b"field",
        b"insert",
        b"option",
        b"pair",
        b"entry",
        b"default",
        b"arg",
        b"value",
    ];
    let compares: [&[u8]; 4] = [b"assert", b"expect", b"equal", b"verify"];
    stores.iter().any(|word| memchr::memmem::find(&callee, word).is_some())
        && !compares.iter().any(|word| memchr::memmem::find(&callee, word).is_some())
}

/// Whether a function of this name takes a user and a password.
fn is_login(name: &[u8]) -> bool {
    let lower = name.to_ascii_lowercase();
    [&b"credential"[..], b"credentials", b"basicauth", b"auth", b"authentication"]
        .iter()
        .any(|word| lower.ends_with(word))
}

/// `password.equals` read as a name: the comparison cut off.
fn comparison(bytes: &[u8], name: Span) -> Option<Span> {
    if bytes.get(name.end) != Some(&b'(') {
        return None;
    }
    let text = name.slice(bytes)?;
    [&b".equals"[..], b".equalsIgnoreCase", b".eq", b".isEqualTo", b".Equals"]
        .iter()
        .find_map(|suffix| text.strip_suffix(*suffix))
        .map(|rest| Span::new(name.start, name.start + rest.len()))
}

/// `{"name": "DB_PASSWORD", "value": "…"}` in either quotes or YAML: the secret's name is itself a value.
fn neighbour(bytes: &[u8], name: Span, mut reader: Reader<'_>) -> Option<Pair> {
    let from = line_start(bytes, name.start, 64);
    let lead = bytes[from..name.start].trim_ascii_end();
    let lead = lead.strip_suffix(b"\"").or_else(|| lead.strip_suffix(b"'")).unwrap_or(lead).trim_ascii_end();
    let lead = lead.strip_suffix(b":").or_else(|| lead.strip_suffix(b"="))?.trim_ascii_end();
    let lead = lead.strip_suffix(b"\"").or_else(|| lead.strip_suffix(b"'")).unwrap_or(lead);
    let key_of_name = [&b"name"[..], b"key", b"Name", b"Key", b"id", b"variable", b"ParameterKey", b"Variable"];
    if !key_of_name.iter().any(|key| {
        lead.ends_with(key) && lead.len().checked_sub(key.len() + 1).is_none_or(|at| !lead[at].is_ascii_alphanumeric())
    }) {
        return None;
    }
    reader.skip_while(|byte| byte.is_ascii_whitespace() || matches!(byte, b',' | b';' | b'"' | b'\''));
    if !["value", "Value", "ParameterValue", "defaultValue", "initial", "stringValue", "secretText"]
        .iter()
        .any(|key| reader.eat(key.as_bytes()))
    {
        return None;
    }
    reader.skip_while(|byte| matches!(byte, b'"' | b'\'' | b' '));
    if !reader.eat(b":") && !reader.eat(b"=") {
        return None;
    }
    reader.blanks();
    let value = values::literal(&mut reader.clone()).or_else(|| values::item(&mut reader))?;
    Some(Pair {
        name,
        value: value.span,
        link: Link::Neighbour,
        quoted: value.quoted,
        tight_colon: false,
        encoded: false,
    })
}

fn byte_before(bytes: &[u8], at: usize) -> u8 {
    at.checked_sub(1).and_then(|at| bytes.get(at)).copied().unwrap_or(b'\n')
}
