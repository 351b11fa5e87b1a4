//! Expressions into tokens.

use std::ops::Range;

/// A token.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A name or keyword.
    Name(String),
    /// A number.
    Number(f64),
    /// A text, unescaped.
    Text(String),
    /// An operator or bracket.
    Sign(&'static str),
}

/// Signs, longer ones first.
const SIGNS: &[&str] = &["&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "(", ")", "[", "]", ",", ".", "*"];

/// The tokens of `text` with their places; `None` when a character begins none.
pub(super) fn tokens(text: &str) -> Option<Vec<(Token, Range<usize>)>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let first = rest.chars().next()?;
        let begin = at;
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let after_name = matches!(tokens.last(), Some((Token::Name(_) | Token::Sign("]" | ")" | "*"), _)));
        let token = if first == '\'' {
            let (content, length) = quoted(rest)?;
            at += length;
            Token::Text(content)
        } else if first.is_ascii_alphabetic() || first == '_' {
            let length =
                rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))).unwrap_or(rest.len());
            at += length;
            Token::Name(rest.get(..length)?.to_owned())
        } else if first.is_ascii_digit() || matches!(first, '-' | '+') || (first == '.' && !after_name) {
            let length =
                rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+'))).unwrap_or(rest.len());
            at += length;
            Token::Number(number(rest.get(..length)?)?)
        } else {
            let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign))?;
            at += sign.len();
            Token::Sign(sign)
        };
        tokens.push((token, begin..at));
    }
    Some(tokens)
}

/// The content of the quoted text at the beginning of `rest`, and the length of it with its quotes.
fn quoted(rest: &str) -> Option<(String, usize)> {
    let mut content = String::new();
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c != '\'' {
            content.push(c);
        } else if chars.next_if(|(_, next)| *next == '\'').is_some() {
            content.push('\'');
        } else {
            return Some((content, at + 1));
        }
    }
    None
}

fn number(text: &str) -> Option<f64> {
    let (sign, digits) = match text.strip_prefix(['-', '+']) {
        Some(digits) if text.starts_with('-') => (-1.0, digits),
        Some(digits) => (1.0, digits),
        None => (1.0, text),
    };
    let whole = |digits: &str, radix| u32::from_str_radix(digits, radix).ok().map(f64::from);
    let value = if let Some(digits) = digits.strip_prefix("0x") {
        whole(digits, 16)
    } else if let Some(digits) = digits.strip_prefix("0o") {
        whole(digits, 8)
    } else if digits == "Infinity" {
        Some(f64::INFINITY)
    } else {
        digits.parse().ok()
    };
    value.map(|value| sign * value)
}
