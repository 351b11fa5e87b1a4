//! Where the characters of a scalar of YAML stand in the file, whatever its style.

use crate::document::excerpt::Excerpt;
use crate::document::groovy;
use crate::document::node::{Node, Value};

/// How a scalar is written, or a text of Groovy, whose span has no quotes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    /// Without quotes, or as a block.
    Bare,
    Single,
    Double,
}

/// `text`, which is what `node` holds, with the place of each of its parts in `source`.
///
/// What is behind a character that cannot be found again is left out.
pub(super) fn located(node: &Node, text: &str, source: &str) -> Excerpt {
    let (start, end) = (node.span.start, node.span.end);
    let written = source.get(start..end).unwrap_or_default();
    let style = style(node, source.get(..start).unwrap_or_default(), written);
    let mut excerpt = Excerpt::default();
    let mut at = usize::from(style != Style::Bare && !is_groovy(node));
    let mut letters = [0; 4];
    for c in text.chars() {
        let Some((place, next)) = find(written, at, c, style) else { break };
        excerpt.push(c.encode_utf8(&mut letters), start + place);
        at = next;
    }
    excerpt
}

fn is_groovy(node: &Node) -> bool {
    matches!(node.tag.as_deref(), Some(groovy::INTERPOLATED | groovy::LITERAL))
}

fn style(node: &Node, before: &str, written: &str) -> Style {
    if is_groovy(node) {
        return Style::Double;
    }
    let is_plain = matches!(node.value, Value::Scalar { plain: true, .. });
    let header = before.trim_end();
    let has_break = before.get(header.len()..).is_some_and(|gap| gap.contains('\n'));
    let header = header.trim_end_matches(|c: char| c == '+' || c == '-' || c.is_ascii_digit());
    if is_plain || (has_break && header.ends_with(['|', '>'])) {
        return Style::Bare;
    }
    match written.as_bytes().first() {
        Some(b'"') => Style::Double,
        Some(b'\'') => Style::Single,
        _ => Style::Bare,
    }
}

/// Where `c` stands in `written` from `at` on, and where the next character is sought.
fn find(written: &str, at: usize, c: char, style: Style) -> Option<(usize, usize)> {
    let mut at = at;
    loop {
        let next = written.get(at..)?.chars().next()?;
        // Groovy leaves the backslash in front of a dollar for the shell.
        let is_kept = c == '\\' && written.get(at + 1..)?.starts_with('$');
        if next == '\\' && style == Style::Double && !is_kept {
            let length = escape_length(written.get(at + 1..)?);
            let is_break = written.get(at + 1..)?.starts_with(['\n', '\r']);
            if is_break {
                at += 1 + length;
                continue;
            }
            return Some((at, at + 1 + length));
        }
        if next == c {
            // A quote in single quotes is written twice.
            let twice = usize::from(style == Style::Single && c == '\'');
            return Some((at, at + c.len_utf8() + twice));
        }
        let is_gap = next.is_ascii_whitespace();
        if is_gap && c.is_ascii_whitespace() {
            // Line breaks are folded into a space or fewer breaks; a tab stays one.
            return Some((at, at + 1));
        }
        if !is_gap {
            return None;
        }
        at += 1;
    }
}

/// Bytes of an escape behind its backslash.
fn escape_length(rest: &str) -> usize {
    let length = match rest.chars().next() {
        Some('x') => 3,
        Some('u') => 5,
        Some('U') => 9,
        Some(c) => c.len_utf8(),
        None => 0,
    };
    length.min(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::yaml;

    /// What the word `wanted` of the scalar at `a` is in the file.
    fn written(text: &str, wanted: &str) -> String {
        let root = yaml::parse(text).unwrap().remove(0);
        let node = root.get("a").unwrap();
        let scalar = node.as_str().unwrap();
        let excerpt = located(node, scalar, text);
        let at = excerpt.as_str().find(wanted).unwrap();
        let span = excerpt.span(at, at + wanted.len());
        text[span.start..span.end].to_owned()
    }

    #[test]
    fn words_are_found_in_every_style() {
        for text in [
            "a: one two three\n",
            "a: 'it''s one two three'\n",
            "a: \"one\\t\\\"x\\\" \\u00e4 two three\"\n",
            "a: |\n  one\n    two\n\n  three\n",
            "a: >-\n  one\n  two\n\n  three\n",
            "a: one\n  two\n  three\nb: 1\n",
            "a: \"one \\\n  two three\"\n",
            "a: |\n  \"quoted\" one\n  two three\n",
        ] {
            assert_eq!((written(text, "two"), written(text, "three")), ("two".into(), "three".into()), "{text}");
        }
    }
}
