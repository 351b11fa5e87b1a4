//! What an edit is meant to do to the trees, carried out on a copy of them to compare the edited text with.

use super::tree::node_at_mut;
use crate::document::node::{Entry, Node, Value};
use crate::rules::fix::Literal;
use crate::span::Span;

/// A change of the trees. Spans do not matter.
#[derive(Clone, Debug)]
pub(super) enum Intent {
    /// The node at the end of the way gets another value.
    Replace(Vec<usize>, Node),
    /// The mapping at the end of the way gets an entry, at this place among the others.
    Insert(Vec<usize>, usize, Entry),
    /// The mapping or list at the end of the way loses the child with this index.
    Remove(Vec<usize>, usize),
}

impl Intent {
    /// Carries it out; `None` when there is nothing at the end of its way.
    pub(super) fn carry_out(self, roots: &mut [Node]) -> Option<()> {
        match self {
            Self::Replace(way, node) => *node_at_mut(roots, &way)? = node,
            Self::Insert(way, index, entry) => match &mut node_at_mut(roots, &way)?.value {
                Value::Mapping(mapping) if index <= mapping.entries.len() => mapping.entries.insert(index, entry),
                _ => return None,
            },
            Self::Remove(way, index) => match &mut node_at_mut(roots, &way)?.value {
                Value::Mapping(mapping) if index < mapping.entries.len() => drop(mapping.entries.remove(index)),
                Value::Sequence(items) if index < items.len() => drop(items.remove(index)),
                _ => return None,
            },
        }
        Some(())
    }
}

/// Where what is not written yet stands.
pub(super) const NOWHERE: Span = Span { start: 0, end: 0 };

/// An entry with a key without quotes.
pub(super) fn entry(key: &str, value: Node) -> Entry {
    Entry { key: Node::new(NOWHERE, Value::Scalar { text: key.to_owned(), plain: is_plain_key(key) }), value }
}

/// Whether `key` can be written as it is: no punctuation that begins something else, and no look of a number or `true`.
pub(super) fn is_plain_key(key: &str) -> bool {
    is_plain_text(key) && !has_other_meaning(key)
}

/// Whether the text can stand without quotes in block and flow style. Stricter than YAML is.
pub(super) fn is_plain_text(text: &str) -> bool {
    let is_inner = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '+' | '@' | '$');
    text.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '/' | '.' | '$'))
        && text.chars().all(|c| is_inner(c) || matches!(c, ':' | ' ' | '='))
        && !text.contains(": ")
        && !text.contains("  ")
        && !text.ends_with([':', ' '])
}

/// Whether the text without quotes is no text in YAML 1.1 or 1.2: a number, a boolean, null, a date.
pub(super) fn has_other_meaning(text: &str) -> bool {
    const WORDS: &[&str] = &["true", "false", "yes", "no", "on", "off", "y", "n", "null", "~", "", ".inf", ".nan"];
    WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
        || text.starts_with(|c: char| c.is_ascii_digit() || ".+-=<".contains(c))
}

/// The tree of `literal`, as [`written`] writes it.
pub(super) fn node(literal: &Literal) -> Node {
    let value = match literal {
        Literal::Scalar { text, plain } => Value::Scalar { text: text.clone(), plain: is_written_plain(text, *plain) },
        Literal::List(items) => Value::Sequence(items.iter().map(node).collect()),
        Literal::Mapping(entries) => {
            return Node::mapping(NOWHERE, entries.iter().map(|(key, value)| entry(key, node(value))).collect());
        }
    };
    Node::new(NOWHERE, value)
}

/// `literal` on one line, in flow style.
pub(super) fn written(literal: &Literal) -> String {
    match literal {
        Literal::Scalar { text, plain } if is_written_plain(text, *plain) => text.clone(),
        Literal::Scalar { text, .. } => single_quoted(text),
        Literal::List(items) => format!("[{}]", items.iter().map(written).collect::<Vec<_>>().join(", ")),
        Literal::Mapping(entries) => {
            let entry = |(key, value): &(String, Literal)| format!("{}: {}", written_key(key), written(value));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
    }
}

/// A key as [`entry`] has it.
pub(super) fn written_key(key: &str) -> String {
    if is_plain_key(key) { key.to_owned() } else { single_quoted(key) }
}

/// A text in single quotes.
pub(super) fn single_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// What the rule writes without quotes keeps its meaning; a text gets quotes only where it needs them.
fn is_written_plain(text: &str, plain: bool) -> bool {
    if has_other_meaning(text) {
        plain && (text.is_empty() || is_plain_text(text) || is_number(text))
    } else {
        is_plain_text(text) || (plain && is_expression(text))
    }
}

/// Whether the text is an expression in `${{ }}` that needs no quotes in block style.
fn is_expression(text: &str) -> bool {
    text.starts_with("${{") && text.ends_with("}}") && ![": ", " #", "\n"].iter().any(|part| text.contains(part))
}

fn is_number(text: &str) -> bool {
    text.parse::<f64>().is_ok_and(f64::is_finite)
}
