//! Variables in Compose files: `${VAR:-default}` is its default, any other variable is not known.
//!
//! A `.env` file and the environment are not looked at: what runs elsewhere has others.

use crate::document::node::{Node, Value};

/// Stands for the value of a variable that is not known, inside a text whose other parts are. A noncharacter of Unicode.
pub(in crate::framework) const UNKNOWN: char = '\u{10FFFF}';
/// Deepest nesting of defaults in defaults.
const MAX_DEPTH: usize = 8;

/// Puts in the values of variables all over `node`; a scalar with a variable that is not known becomes unknown. Keys are
/// left alone, as Compose does.
pub(super) fn resolve(node: &mut Node) {
    match &mut node.value {
        Value::Scalar { text, plain } if text.contains('$') => {
            let expanded = expand(text);
            if expanded.contains(UNKNOWN) {
                node.value = Value::Unknown;
            } else {
                // An empty default is an empty text, not the absence of a value.
                *plain &= !expanded.is_empty();
                *text = expanded;
            }
        }
        Value::Sequence(items) => items.iter_mut().for_each(resolve),
        Value::Mapping(mapping) => mapping.entries.iter_mut().for_each(|entry| resolve(&mut entry.value)),
        Value::Scalar { .. } | Value::Unknown => {}
    }
}

/// The text of a scalar, with [`UNKNOWN`] for each variable that is not known. `source` is the text of the file.
///
/// [`resolve`] made such a scalar unknown as a whole; here it is read again, for the short forms whose parts can be known
/// one by one (`127.0.0.1:${PORT}:80`). `None` when there is no telling.
pub(super) fn partly_known(node: &Node, source: &str) -> Option<String> {
    if let Some(text) = node.as_str() {
        return Some(text.to_owned());
    }
    if node.value != Value::Unknown {
        return None;
    }
    let written = source.get(node.span.start..node.span.end)?;
    let quote = written.chars().next().filter(|first| matches!(first, '"' | '\''));
    let inner = match quote {
        Some(quote) => written.strip_prefix(quote)?.strip_suffix(quote)?,
        None => written,
    };
    // What needs more than its quotes removed is not worth a second YAML reader, and a template's expression is not known.
    if inner.contains(['\\', '\n', '"', '\'']) || inner.contains("{{") || inner.contains("{%") {
        return None;
    }
    // A value from another file has the place of `extends`, whose text holds no such variable.
    Some(expand(inner)).filter(|text| text.contains(UNKNOWN))
}

fn expand(text: &str) -> String {
    let mut expanded = String::with_capacity(text.len());
    expand_into(text, 0, &mut expanded);
    expanded
}

fn expand_into(text: &str, depth: usize, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let (before, dollar) = rest.split_at(at);
        out.push_str(before);
        let after = dollar.get(1..).unwrap_or_default();
        if let Some(literal) = after.strip_prefix('$') {
            out.push('$');
            rest = literal;
        } else if let Some(inner) = after.strip_prefix('{') {
            // Without its end this and all that follows is no variable; looking further would cost quadratic time.
            let Some((inside, behind)) = split_at_closing(inner) else {
                out.push_str(dollar);
                return;
            };
            expand_braced(inside, depth, out);
            rest = behind;
        } else {
            let name = name_length(after);
            out.push(if name == 0 { '$' } else { UNKNOWN });
            rest = after.get(name..).unwrap_or_default();
        }
    }
    out.push_str(rest);
}

/// What stands between `${` and `}`.
fn expand_braced(inside: &str, depth: usize, out: &mut String) {
    let operator = inside.get(name_length(inside)..).unwrap_or_default();
    match operator.strip_prefix(":-").or_else(|| operator.strip_prefix('-')) {
        Some(default) if depth < MAX_DEPTH => expand_into(default, depth + 1, out),
        _ => out.push(UNKNOWN),
    }
}

/// Splits at the `}` that closes the brace in front of `text`.
fn split_at_closing(text: &str) -> Option<(&str, &str)> {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    for (at, &byte) in bytes.iter().enumerate() {
        match byte {
            b'{' if at > 0 && bytes.get(at - 1) == Some(&b'$') => depth += 1,
            b'}' if depth == 0 => return Some((text.get(..at)?, text.get(at + 1..)?)),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn name_length(text: &str) -> usize {
    let is_name =
        |(at, byte): (usize, u8)| byte == b'_' || byte.is_ascii_alphabetic() || (at > 0 && byte.is_ascii_digit());
    text.bytes().enumerate().take_while(|&pair| is_name(pair)).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::Span;

    #[test]
    fn a_default_is_the_value_and_all_else_is_not_known() {
        for (text, expected) in [
            ("plain", "plain"),
            ("${TAG:-1.2}", "1.2"),
            ("${TAG-1.2}", "1.2"),
            ("app:${TAG:-${OTHER:-dev}}-x", "app:dev-x"),
            ("${EMPTY:-}", ""),
            ("cost $$5 and $${NAME}", "cost $5 and ${NAME}"),
            ("$", "$"),
            ("$1 ${open", "$1 ${open"),
        ] {
            assert_eq!(expand(text), expected, "{text}");
        }
        for text in ["$TAG", "${TAG}", "${TAG:?must be set}", "${TAG?}", "${TAG:+x}", "${TAG:-${OTHER}}", "${}"] {
            assert!(expand(text).contains(UNKNOWN), "{text}");
        }
    }

    #[test]
    fn deep_defaults_and_open_braces_end() {
        let deep = format!("{}{}", "${A:-".repeat(50_000), "}".repeat(50_000));
        assert!(expand(&deep).contains(UNKNOWN));
        assert_eq!(expand(&"${".repeat(100_000)).len(), 200_000);
    }

    #[test]
    fn an_empty_default_is_a_value() {
        let mut node = Node::plain(Span::new(0, 8), "${VAR:-}");
        resolve(&mut node);
        assert!(!node.is_null());
        assert_eq!(node.as_str(), Some(""));
    }

    #[test]
    fn the_known_parts_of_a_text_are_read_from_the_source() {
        let source = r#"- "127.0.0.1:${PORT}:80""#;
        let node = Node::unknown(Span::new(2, source.len()));
        assert_eq!(partly_known(&node, source), Some(format!("127.0.0.1:{UNKNOWN}:80")));
        assert_eq!(partly_known(&Node::unknown(Span::new(0, 1)), source), None);
        let template = "{{ ip }}:${PORT}:80";
        assert_eq!(partly_known(&Node::unknown(Span::new(0, template.len())), template), None);
        assert_eq!(partly_known(&Node::unknown(Span::new(0, 9_999)), source), None);
    }
}
