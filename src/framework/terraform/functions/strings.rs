//! Functions of texts (Terraform documentation, "String Functions").

use super::{Function, Takes, patterns};
use crate::document::node::Node;
use crate::framework::terraform::value::{as_index, as_number, as_text, boolean, too_much};
use crate::span::Span;

/// Longest text that a function makes, in bytes.
const MAX_TEXT: usize = 1 << 20;
/// Most parts that a text is split into.
const MAX_PARTS: usize = 4_096;

pub(super) fn function(name: &str) -> Option<(Takes, Function)> {
    Some(match name {
        "basename" => (Takes::Known, basename),
        "chomp" => (Takes::Known, chomp),
        "dirname" => (Takes::Known, dirname),
        "endswith" => (Takes::Known, endswith),
        "format" => (Takes::Known, format_values),
        "formatlist" => (Takes::Known, formatlist),
        "indent" => (Takes::Known, indent),
        "join" => (Takes::Known, join),
        "lower" => (Takes::Known, lower),
        "replace" => (Takes::Known, replace),
        "split" => (Takes::Known, split),
        "startswith" => (Takes::Known, startswith),
        "strcontains" => (Takes::Known, strcontains),
        "strrev" => (Takes::Known, strrev),
        "substr" => (Takes::Known, substr),
        "title" => (Takes::Known, title),
        "trim" => (Takes::Known, trim),
        "trimprefix" => (Takes::Known, trimprefix),
        "trimspace" => (Takes::Known, trimspace),
        "trimsuffix" => (Takes::Known, trimsuffix),
        "upper" => (Takes::Known, upper),
        _ => return None,
    })
}

fn text(at: Span, text: impl Into<String>) -> Option<Node> {
    let text = text.into();
    Some(if text.len() <= MAX_TEXT { Node::text(at, text) } else { too_much(at) })
}

/// Two texts.
fn pair(arguments: &[Node]) -> Option<(String, String)> {
    let [first, second] = arguments else { return None };
    Some((as_text(first)?.into_owned(), as_text(second)?.into_owned()))
}

fn single(arguments: &[Node]) -> Option<String> {
    let [only] = arguments else { return None };
    as_text(only).map(std::borrow::Cow::into_owned)
}

fn chomp(arguments: &[Node], at: Span) -> Option<Node> {
    text(at, single(arguments)?.trim_end_matches(['\r', '\n']))
}

fn basename(arguments: &[Node], at: Span) -> Option<Node> {
    let path = single(arguments)?;
    let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    text(
        at,
        match (name, path.is_empty()) {
            ("", true) => ".",
            ("", false) => "/",
            (name, _) => name,
        },
    )
}

fn dirname(arguments: &[Node], at: Span) -> Option<Node> {
    let path = single(arguments)?;
    text(
        at,
        match path.rsplit_once('/') {
            Some((directory, _)) => match directory.trim_end_matches('/') {
                "" => "/",
                directory => directory,
            },
            None => ".",
        },
    )
}

fn endswith(arguments: &[Node], at: Span) -> Option<Node> {
    pair(arguments).map(|(text, end)| boolean(at, text.ends_with(&end)))
}

fn startswith(arguments: &[Node], at: Span) -> Option<Node> {
    pair(arguments).map(|(text, start)| boolean(at, text.starts_with(&start)))
}

fn strcontains(arguments: &[Node], at: Span) -> Option<Node> {
    pair(arguments).map(|(text, part)| boolean(at, text.contains(&part)))
}

fn format_values(arguments: &[Node], at: Span) -> Option<Node> {
    let (pattern, values) = arguments.split_first()?;
    text(at, formatted(&as_text(pattern)?, values)?)
}

fn formatlist(arguments: &[Node], at: Span) -> Option<Node> {
    let (pattern, values) = arguments.split_first()?;
    let count = values.iter().filter_map(Node::as_sequence).map(<[_]>::len).max().unwrap_or(1);
    let pattern = as_text(pattern)?;
    let mut left = MAX_TEXT;
    let mut rows = Vec::new();
    for row in 0..count {
        let item = |value: &Node| value.as_sequence().map_or(Some(value), |items| items.get(row)).cloned();
        let row: Option<Vec<Node>> = values.iter().map(item).collect();
        let row = formatted(&pattern, &row?)?;
        match left.checked_sub(row.len() + 1) {
            Some(rest) => left = rest,
            None => return Some(too_much(at)),
        }
        rows.push(Node::text(at, row));
    }
    Some(Node::sequence(at, rows))
}

/// `pattern` with its verbs filled in; `None` for a verb that is not known here or has no value.
fn formatted(pattern: &str, values: &[Node]) -> Option<String> {
    let mut out = String::new();
    let mut next = 0;
    let mut rest = pattern;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let verb = &rest[at + 1..];
        let flags = verb.len() - verb.trim_start_matches(['-', '+', ' ', '0', '#']).len();
        let (flag, behind) = verb.split_at(flags);
        let width = behind.len() - behind.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (width, behind) = behind.split_at(width);
        let (precision, behind) = match behind.strip_prefix('.') {
            Some(behind) => {
                let digits = behind.len() - behind.trim_start_matches(|c: char| c.is_ascii_digit()).len();
                let (digits, behind) = behind.split_at(digits);
                (Some(digits.parse::<usize>().unwrap_or(0).min(64)), behind)
            }
            None => (None, behind),
        };
        let letter = behind.chars().next()?;
        rest = &behind[letter.len_utf8()..];
        if letter == '%' {
            out.push('%');
            continue;
        }
        let value = values.get(next)?;
        next += 1;
        let shown = match letter {
            's' | 'v' if value.as_str().is_some() => {
                as_text(value).map_or_else(|| "null".to_owned(), std::borrow::Cow::into_owned)
            }
            'q' => format!("\"{}\"", as_text(value)?.replace('\\', "\\\\").replace('"', "\\\"")),
            'd' => {
                let number = as_number(value)?;
                let sign = if flag.contains('+') && number >= 0.0 { "+" } else { "" };
                format!("{sign}{:.0}", number.trunc())
            }
            'f' => format!("{:.*}", precision.unwrap_or(6), as_number(value)?),
            'x' => format!("{:x}", as_index(value)?),
            'X' => format!("{:X}", as_index(value)?),
            'o' => format!("{:o}", as_index(value)?),
            'b' => format!("{:b}", as_index(value)?),
            't' => as_text(value)?.into_owned(),
            _ => return None,
        };
        let width = width.parse::<usize>().unwrap_or(0).min(1_024);
        let missing = width.saturating_sub(shown.chars().count());
        match (flag.contains('-'), flag.contains('0') && letter != 's') {
            (true, _) => {
                out.push_str(&shown);
                out.extend(std::iter::repeat_n(' ', missing));
            }
            (false, true) => {
                let (sign, digits) = shown.split_at(usize::from(shown.starts_with(['-', '+'])));
                out.push_str(sign);
                out.extend(std::iter::repeat_n('0', missing));
                out.push_str(digits);
            }
            (false, false) => {
                out.extend(std::iter::repeat_n(' ', missing));
                out.push_str(&shown);
            }
        }
        if out.len() > MAX_TEXT {
            break;
        }
    }
    out.push_str(rest);
    Some(out)
}

fn indent(arguments: &[Node], at: Span) -> Option<Node> {
    let [spaces, value] = arguments else { return None };
    let spaces = " ".repeat(as_index(spaces)?.min(256));
    let value = as_text(value)?;
    if value.matches('\n').count().saturating_mul(spaces.len()) > MAX_TEXT {
        return Some(too_much(at));
    }
    let lines: Vec<String> = value
        .split('\n')
        .enumerate()
        .map(|(row, line)| if row == 0 || line.is_empty() { line.to_owned() } else { format!("{spaces}{line}") })
        .collect();
    text(at, lines.join("\n"))
}

/// The separator, then one or more lists.
fn join(arguments: &[Node], at: Span) -> Option<Node> {
    let (separator, lists) = arguments.split_first()?;
    let mut parts = Vec::new();
    for list in lists {
        for item in list.as_sequence()? {
            parts.push(as_text(item)?);
        }
    }
    text(at, parts.join(&as_text(separator)?))
}

fn lower(arguments: &[Node], at: Span) -> Option<Node> {
    text(at, single(arguments)?.to_lowercase())
}

fn upper(arguments: &[Node], at: Span) -> Option<Node> {
    text(at, single(arguments)?.to_uppercase())
}

/// A part between slashes is a regular expression.
fn replace(arguments: &[Node], at: Span) -> Option<Node> {
    let [value, part, with] = arguments else { return None };
    let (value, part, with) = (as_text(value)?, as_text(part)?, as_text(with)?);
    if part.len() > 1 && part.starts_with('/') && part.ends_with('/') {
        return patterns::replace(&value, part.get(1..part.len() - 1)?, &with, at);
    }
    if part.is_empty() {
        return None;
    }
    // What replaces may be longer than what it replaces, many times over.
    let count = value.matches(&*part).count();
    if count.saturating_mul(with.len()) > MAX_TEXT {
        return Some(too_much(at));
    }
    text(at, value.replace(&*part, &with))
}

fn split(arguments: &[Node], at: Span) -> Option<Node> {
    let (separator, value) = pair(arguments)?;
    let parts: Vec<Node> = if separator.is_empty() {
        value.chars().take(MAX_PARTS + 1).map(|c| Node::text(at, c.to_string())).collect()
    } else {
        value.split(&separator).take(MAX_PARTS + 1).map(|part| Node::text(at, part)).collect()
    };
    Some(if parts.len() <= MAX_PARTS { Node::sequence(at, parts) } else { too_much(at) })
}

fn strrev(arguments: &[Node], at: Span) -> Option<Node> {
    text(at, single(arguments)?.chars().rev().collect::<String>())
}

fn substr(arguments: &[Node], at: Span) -> Option<Node> {
    let [value, offset, length] = arguments else { return None };
    let value: Vec<char> = as_text(value)?.chars().collect();
    let offset = as_number(offset)?;
    let start = if offset < 0.0 {
        value.len().checked_sub(as_index(&super::super::value::number(at, -offset))?)?
    } else {
        as_index(&super::super::value::number(at, offset))?
    };
    let rest = value.get(start..)?;
    let end = as_index(length).map_or(rest.len(), |length| length.min(rest.len()));
    text(at, rest[..end].iter().collect::<String>())
}

fn title(arguments: &[Node], at: Span) -> Option<Node> {
    let mut is_start = true;
    let titled = single(arguments)?
        .chars()
        .map(|c| {
            let shown = if is_start { c.to_uppercase().next().unwrap_or(c) } else { c };
            is_start = !c.is_alphanumeric() && c != '_' && c != '\'';
            shown
        })
        .collect::<String>();
    text(at, titled)
}

fn trim(arguments: &[Node], at: Span) -> Option<Node> {
    let (value, set) = pair(arguments)?;
    text(at, value.trim_matches(|c| set.contains(c)))
}

fn trimprefix(arguments: &[Node], at: Span) -> Option<Node> {
    let (value, start) = pair(arguments)?;
    text(at, value.strip_prefix(&*start).unwrap_or(&value))
}

fn trimsuffix(arguments: &[Node], at: Span) -> Option<Node> {
    let (value, end) = pair(arguments)?;
    text(at, value.strip_suffix(&*end).unwrap_or(&value))
}

fn trimspace(arguments: &[Node], at: Span) -> Option<Node> {
    text(at, single(arguments)?.trim())
}
