//! Regexes of Go's `regexp` (RE2 syntax, <https://github.com/google/re2/wiki/Syntax>) in the syntax of this engine.
//!
//! The two have the same ancestor and differ in small things: which escapes there are, what a bracket or a brace that begins
//! nothing means, and set operations in classes, which Go does not have. Classes such as `\w` are ASCII in Go. Code points
//! beyond ASCII, where a regex names some, are matched as such; otherwise it is matched on bytes, as all others are.

use std::fmt::Write as _;

use regex_syntax::is_meta_character;

/// Classes by name, in brackets and colons.
const POSIX: &[&str] = &[
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "word",
    "xdigit",
];

/// `regex` in the syntax of this engine. Whether it compiles is not known yet.
///
/// # Errors
///
/// What of it Go does not know, and neither does this engine.
pub(super) fn translate(regex: &str) -> Result<String, String> {
    let mut translator = Translator { rest: regex, out: String::with_capacity(regex.len() + 16), is_unicode: false };
    while !translator.rest.is_empty() {
        translator.piece()?;
    }
    let Translator { out, is_unicode, .. } = translator;
    Ok(if is_unicode { format!("(?u){out}") } else { out })
}

struct Translator<'a> {
    rest: &'a str,
    out: String,
    /// It names code points beyond ASCII.
    is_unicode: bool,
}

impl<'a> Translator<'a> {
    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    fn takes(&mut self, text: &str) -> bool {
        let found = self.rest.strip_prefix(text);
        self.rest = found.unwrap_or(self.rest);
        found.is_some()
    }

    /// The text up to `end`, which is taken too.
    fn until(&mut self, end: &str) -> Option<&'a str> {
        let (text, rest) = self.rest.split_once(end)?;
        self.rest = rest;
        Some(text)
    }

    /// Writes `c` as itself.
    fn literal(&mut self, c: char) {
        self.is_unicode |= !c.is_ascii();
        if c.is_control() {
            let _ = write!(self.out, "\\x{{{:x}}}", u32::from(c));
        } else {
            if is_meta_character(c) {
                self.out.push('\\');
            }
            self.out.push(c);
        }
    }

    fn piece(&mut self) -> Result<(), String> {
        match self.next() {
            None => {}
            Some('\\') => self.escape()?,
            Some('[') => self.class()?,
            Some('(') => self.group()?,
            Some('{') => match repetition(self.rest) {
                Some(length) => {
                    self.out.push('{');
                    self.out.push_str(&self.rest[..length]);
                    self.rest = &self.rest[length..];
                }
                None => self.literal('{'),
            },
            Some(c @ ('.' | '*' | '+' | '?' | '|' | ')' | '^' | '$')) => self.out.push(c),
            Some(c) => self.literal(c),
        }
        Ok(())
    }

    /// What begins with `(`.
    fn group(&mut self) -> Result<(), String> {
        self.out.push('(');
        if !self.takes("?") {
            return Ok(());
        }
        if self.takes("P<") || self.takes("<") {
            let name = self.until(">").unwrap_or_default();
            if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
                return Err("look-behind is not supported, or the name of a group is not valid".to_owned());
            }
            // Groups go by their numbers here.
            return Ok(());
        }
        let end = self.rest.find([':', ')']).unwrap_or(self.rest.len());
        let flags = &self.rest[..end];
        if !flags.chars().all(|c| matches!(c, 'i' | 'm' | 's' | 'U' | '-')) {
            let is_look_around = flags.starts_with(['=', '!']);
            return Err(if is_look_around {
                "look-ahead is not supported".to_owned()
            } else {
                format!("the flags `(?{}` are not supported", flags.chars().take(8).collect::<String>())
            });
        }
        self.out.push('?');
        self.out.push_str(flags);
        self.rest = &self.rest[end..];
        if self.takes(":") {
            self.out.push(':');
        }
        Ok(())
    }

    /// What follows `\`, outside of a class.
    fn escape(&mut self) -> Result<(), String> {
        match self.rest.chars().next() {
            Some('Q') => {
                self.next();
                let text = match self.until("\\E") {
                    Some(text) => text,
                    None => std::mem::take(&mut self.rest),
                };
                text.chars().for_each(|c| self.literal(c));
            }
            Some(c @ ('A' | 'z')) => {
                self.next();
                self.out.extend(['\\', c]);
            }
            // A boundary of ASCII words, also where code points are matched.
            Some(c @ ('b' | 'B')) => {
                self.next();
                let _ = write!(self.out, "(?-u:\\{c})");
            }
            Some('p' | 'P') => self.unicode_class()?,
            Some(c @ ('d' | 'D' | 's' | 'S' | 'w' | 'W')) => {
                self.next();
                let (negated, items) = perl_class(c);
                let _ = write!(self.out, "[{}{items}]", if negated { "^" } else { "" });
            }
            _ => {
                let c = self.escaped_character()?;
                self.literal(c);
            }
        }
        Ok(())
    }

    /// `\pN`, `\p{Greek}`, `\P{…}`, `\p{^…}`, behind the backslash.
    fn unicode_class(&mut self) -> Result<(), String> {
        let mut negated = self.next() == Some('P');
        let name = if self.takes("{") {
            self.until("}").ok_or("`\\p{` is not closed")?
        } else {
            let length = self.rest.chars().next().map_or(0, char::len_utf8);
            let (name, rest) = self.rest.split_at(length);
            self.rest = rest;
            name
        };
        let name = match name.strip_prefix('^') {
            Some(name) => {
                negated = !negated;
                name
            }
            None => name,
        };
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return Err("`\\p` needs the name of a class".to_owned());
        }
        self.is_unicode = true;
        let _ = write!(self.out, "\\{}{{{name}}}", if negated { 'P' } else { 'p' });
        Ok(())
    }

    /// The one character that an escape stands for, behind the backslash.
    fn escaped_character(&mut self) -> Result<char, String> {
        let Some(c) = self.next() else { return Err("it ends with a single `\\`".to_owned()) };
        match c {
            'a' => Ok('\x07'),
            'f' => Ok('\x0c'),
            'n' => Ok('\n'),
            'r' => Ok('\r'),
            't' => Ok('\t'),
            'v' => Ok('\x0b'),
            'x' => {
                let digits = if self.takes("{") {
                    self.until("}").unwrap_or_default()
                } else {
                    let (digits, rest) = self.rest.split_at_checked(2).unwrap_or_default();
                    self.rest = rest;
                    digits
                };
                let code = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
                code.ok_or_else(|| "`\\x` needs two hexadecimal digits, or a code point in braces".to_owned())
            }
            // A single digit that is not zero would refer back to a group.
            '0'..='7' if c == '0' || self.rest.starts_with(|next: char| matches!(next, '0'..='7')) => {
                let more = self.rest.chars().take(2).take_while(|next| matches!(next, '0'..='7')).count();
                let (digits, rest) = self.rest.split_at(more);
                self.rest = rest;
                u32::from_str_radix(&format!("{c}{digits}"), 8)
                    .ok()
                    .and_then(char::from_u32)
                    .ok_or_else(|| "no such octal escape".to_owned())
            }
            '1'..='9' => Err(format!("the back-reference `\\{c}` is not supported")),
            c if c.is_ascii() && !c.is_ascii_alphanumeric() => Ok(c),
            c => Err(format!("the escape `\\{c}` is not supported")),
        }
    }

    /// What follows `[`.
    fn class(&mut self) -> Result<(), String> {
        let open = || "a class `[…]` is not closed".to_owned();
        self.out.push('[');
        if self.takes("^") {
            self.out.push('^');
        }
        let mut is_first = true;
        loop {
            if !is_first && self.takes("]") {
                self.out.push(']');
                return Ok(());
            }
            is_first = false;
            if let Some((name, rest)) = self.rest.strip_prefix("[:").and_then(|rest| rest.split_once(":]")) {
                let plain = name.strip_prefix('^').unwrap_or(name);
                if POSIX.contains(&plain) {
                    let _ = write!(self.out, "[:{name}:]");
                    self.rest = rest;
                    continue;
                }
                if plain.chars().all(|c| c.is_ascii_alphabetic()) {
                    return Err(format!("there is no class `[:{plain}:]`"));
                }
            }
            let low = match self.next().ok_or_else(open)? {
                '\\' => match self.rest.chars().next() {
                    Some('p' | 'P') => {
                        self.unicode_class()?;
                        continue;
                    }
                    Some(c @ ('d' | 'D' | 's' | 'S' | 'w' | 'W')) => {
                        self.next();
                        let (negated, items) = perl_class(c);
                        if negated {
                            let _ = write!(self.out, "[^{items}]");
                        } else {
                            self.out.push_str(items);
                        }
                        continue;
                    }
                    _ => self.escaped_character()?,
                },
                c => c,
            };
            self.literal(low);
            // A `-` that ends the class stands for itself.
            if self.rest.starts_with('-') && !self.rest.starts_with("-]") {
                self.next();
                let high = match self.next().ok_or_else(open)? {
                    '\\' => self.escaped_character()?,
                    c => c,
                };
                self.out.push('-');
                self.literal(high);
            }
        }
    }
}

/// Whether the class `\c` is a negated one, and what is in it, or is not.
fn perl_class(c: char) -> (bool, &'static str) {
    let items = match c.to_ascii_lowercase() {
        'd' => "0-9",
        's' => r"\t\n\x0c\r ",
        _ => "0-9A-Za-z_",
    };
    (c.is_ascii_uppercase(), items)
}

/// Length of what makes a repetition of the brace in front of `text`: `3}`, `3,}`, `3,5}`.
fn repetition(text: &str) -> Option<usize> {
    let end = text.find('}')?;
    let (least, most) = text[..end].split_once(',').map_or((&text[..end], ""), |(least, most)| (least, most));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    (!least.is_empty() && is_number(least) && is_number(most)).then_some(end + 1)
}

#[cfg(test)]
mod tests {
    use regex_automata::meta;
    use regex_automata::util::syntax;

    use super::*;

    fn compiled(regex: &str) -> meta::Regex {
        let translated = translate(regex).unwrap();
        let syntax = syntax::Config::new().unicode(false).utf8(false);
        meta::Builder::new()
            .syntax(syntax)
            .configure(meta::Config::new().utf8_empty(false))
            .build(&translated)
            .unwrap_or_else(|error| panic!("{regex} became {translated}: {error}"))
    }

    fn matched(regex: &str, text: &str) -> Option<String> {
        compiled(regex).find(text).map(|found| text[found.range()].to_owned())
    }

    #[test]
    fn it_means_what_it_means_in_go() {
        for (regex, text, expected) in [
            (r"(?i)ACME_[a-z]{3}", "x acme_abc", Some("acme_abc")),
            (r"ab\z", "ab\n", None),
            (r"(?m)ab$", "ab\n", Some("ab")),
            (r"\x41\x{42}", "AB", Some("AB")),
            (r"\101\0", "A\0", Some("A\0")),
            (r"\Qa.b[\E+", "a.b[[", Some("a.b[[")),
            (r"\Qa.b", "a.b", Some("a.b")),
            (r"(?P<a>x)(?<a>y)", "xy", Some("xy")),
            (r"\<a\>", "<a>", Some("<a>")),
            (r"\_\-\%", "_-%", Some("_-%")),
            (r"{a}", "{a}", Some("{a}")),
            (r"a{,2}", "a{,2}", Some("a{,2}")),
            (r"a{2,3}b{2}c{1,}", "aaabbcc", Some("aaabbcc")),
            (r"[[]x", "[x", Some("[x")),
            (r"[]x]+", "]x", Some("]x")),
            (r"[^]x]", "]xa", Some("a")),
            (r"[a&&b~~]+", "a&b~", Some("a&b~")),
            (r"[\w.-]+", "a-.", Some("a-.")),
            (r"[\w-.]+", "a-.", Some("a-.")),
            (r"[--/]+", "-./", Some("-./")),
            (r"[a-c-e]+", "b-e", Some("b-e")),
            (r"[\D]+", "1ab", Some("ab")),
            (r"[[:alpha:]_]+", "1a_", Some("a_")),
            (r"[^[:^digit:]]+", "a12", Some("12")),
            (r"[\x60'\\\]]+", "`'\\]", Some("`'\\]")),
            (r"\d+", "٣", None),
            (r"a\sb", "a\u{b}b", None),
            (r"[é-ü]+", "aêb", Some("ê")),
            (r"é{2}", "éé", Some("éé")),
            (r"\p{Greek}\pL\P{Greek}\p{^Greek}", "αβab", Some("αβab")),
            (r"\bä", "aä", Some("ä")),
            (r"a(?s:.)b(?-s:.)?", "a\nb\n", Some("a\nb")),
            (r"(?U)a+", "aaa", Some("a")),
            (r"a}]", "a}]", Some("a}]")),
        ] {
            assert_eq!(matched(regex, text).as_deref(), expected, "{regex} on {text}");
        }
    }

    #[test]
    fn what_neither_knows_is_an_error() {
        for (regex, error) in [
            (r"(?=a)", "look-ahead is not supported"),
            (r"(?!a)", "look-ahead is not supported"),
            (r"(?<=a)", "look-behind is not supported, or the name of a group is not valid"),
            (r"(?x)a", "the flags `(?x` are not supported"),
            (r"(a)\1", "the back-reference `\\1` is not supported"),
            (r"a\Z", "the escape `\\Z` is not supported"),
            (r"[\b]", "the escape `\\b` is not supported"),
            (r"\xg", "`\\x` needs two hexadecimal digits, or a code point in braces"),
            (r"[a", "a class `[…]` is not closed"),
            (r"[[:foo:]]", "there is no class `[:foo:]`"),
            (r"\p{", "`\\p{` is not closed"),
            ("a\\", "it ends with a single `\\`"),
        ] {
            assert_eq!(translate(regex).unwrap_err(), error, "{regex}");
        }
    }
}
