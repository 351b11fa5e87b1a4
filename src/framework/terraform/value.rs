//! Values of Terraform's expressions, as nodes: numbers and booleans are plain scalars, strings quoted ones, sets and tuples
//! sequences, objects and maps mappings.

use std::borrow::Cow;

use crate::document::node::{Entry, Mapping, Node, Value};
use crate::framework::declared::marked;
use crate::span::Span;

/// Tag of an unknown value that stands for an error of evaluation, which `try` and `can` look for.
const FAILURE: &str = "\u{2}";

pub(super) fn null(at: Span) -> Node {
    Node::plain(at, "null")
}

pub(super) fn boolean(at: Span, value: bool) -> Node {
    Node::plain(at, if value { "true" } else { "false" })
}

/// A number; whole ones have no point.
pub(super) fn number(at: Span, value: f64) -> Node {
    if value.is_finite() { Node::plain(at, format!("{value}")) } else { failure(at) }
}

/// An expression that Terraform would refuse, as far as can be seen.
pub(super) fn failure(at: Span) -> Node {
    Node { tag: Some(FAILURE.into()), ..Node::unknown(at) }
}

pub(super) fn is_failure(node: &Node) -> bool {
    node.tag.as_deref() == Some(FAILURE)
}

pub(super) fn is_unknown(node: &Node) -> bool {
    matches!(node.value, Value::Unknown)
}

/// Whether nothing in `node` is unknown.
pub(super) fn is_known(node: &Node) -> bool {
    match &node.value {
        Value::Unknown => false,
        Value::Scalar { .. } => true,
        Value::Sequence(items) => items.iter().all(is_known),
        Value::Mapping(mapping) => !mapping.is_open && mapping.entries.iter().all(|entry| is_known(&entry.value)),
    }
}

/// What comes of an operation on `operands` of which something is not known: a failure when one of them is, otherwise an
/// unknown value with the first mark among them.
pub(super) fn unknown_of<'n>(at: Span, operands: impl IntoIterator<Item = &'n Node>) -> Node {
    let mut mark = None;
    for operand in operands {
        if is_failure(operand) {
            return failure(at);
        }
        mark = mark.or_else(|| first_mark(operand));
    }
    Node { tag: mark.map(Into::into), ..Node::unknown(at) }
}

/// The first mark in `node`.
pub(super) fn first_mark(node: &Node) -> Option<&str> {
    marked(node).or_else(|| match &node.value {
        Value::Sequence(items) => items.iter().find_map(first_mark),
        Value::Mapping(mapping) => mapping.entries.iter().find_map(|entry| first_mark(&entry.value)),
        Value::Scalar { .. } | Value::Unknown => None,
    })
}

/// The boolean that `node` is or converts to.
pub(super) fn as_bool(node: &Node) -> Option<bool> {
    match node.as_str()? {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// The number that `node` is or converts to.
pub(super) fn as_number(node: &Node) -> Option<f64> {
    let text = node.as_str()?;
    // What Rust reads and Terraform does not: `inf`, `nan`.
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.')) {
        return None;
    }
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

/// The whole number, zero or more, that `node` is or converts to.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is looked at first")]
pub(super) fn as_index(node: &Node) -> Option<usize> {
    let value = as_number(node)?;
    ((0.0..=9e15).contains(&value) && value.fract() == 0.0).then_some(value as usize)
}

/// The string that `node` is or converts to; null is none.
pub(super) fn as_text(node: &Node) -> Option<Cow<'_, str>> {
    if node.is_null() {
        return None;
    }
    node.as_str().map(Cow::Borrowed)
}

/// Whether two values are equal: of the same type and the same contents. `None` when that cannot be known.
pub(super) fn equal(a: &Node, b: &Node) -> Option<bool> {
    match (&a.value, &b.value) {
        (Value::Unknown, _) | (_, Value::Unknown) => None,
        (Value::Scalar { text: x, plain: x_is_plain }, Value::Scalar { text: y, plain: y_is_plain }) => {
            if a.is_null() || b.is_null() {
                return Some(a.is_null() && b.is_null());
            }
            let numbers = as_number(a).filter(|_| *x_is_plain).zip(as_number(b).filter(|_| *y_is_plain));
            Some(
                numbers.map_or(x == y && x_is_plain == y_is_plain, |(x, y)| {
                    (x - y).abs() < f64::EPSILON * x.abs().max(1.0)
                }),
            )
        }
        (Value::Sequence(x), Value::Sequence(y)) => {
            if x.len() != y.len() {
                return Some(false);
            }
            all(x.iter().zip(y).map(|(x, y)| equal(x, y)))
        }
        (Value::Mapping(x), Value::Mapping(y)) => {
            if x.is_open || y.is_open {
                return None;
            }
            if x.entries.len() != y.entries.len() {
                return Some(false);
            }
            all(x.entries.iter().map(|entry| {
                let other = entry.key.as_str().and_then(|key| b.get(key));
                other.map_or(Some(false), |other| equal(&entry.value, other))
            }))
        }
        _ => Some(false),
    }
}

/// Kleene's conjunction.
fn all(mut truths: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    truths
        .try_fold(Some(true), |all, truth| match truth {
            Some(false) => Err(()),
            None => Ok(None),
            Some(true) => Ok(all),
        })
        .unwrap_or(Some(false))
}

/// Puts `value` under `key`, in the place of what is there.
pub(super) fn set(mapping: &mut Mapping, key: &str, at: Span, value: Node) {
    match mapping.entries.iter_mut().find(|entry| entry.key.as_str() == Some(key)) {
        Some(entry) => entry.value = value,
        None => mapping.entries.push(Entry { key: Node::text(at, key), value }),
    }
}

/// The keys of `mapping` in the order in which Terraform goes through them.
pub(super) fn in_order(mapping: &Mapping) -> Vec<&Entry> {
    let mut entries: Vec<&Entry> = mapping.entries.iter().collect();
    entries.sort_by(|a, b| a.key.as_str().cmp(&b.key.as_str()));
    entries
}

/// Makes every place in `node` the place `at`.
pub(super) fn relocate(node: &mut Node, at: Span) {
    node.span = at;
    match &mut node.value {
        Value::Sequence(items) => items.iter_mut().for_each(|item| relocate(item, at)),
        Value::Mapping(mapping) => {
            for entry in &mut mapping.entries {
                entry.key.span = at;
                relocate(&mut entry.value, at);
            }
        }
        Value::Scalar { .. } | Value::Unknown => {}
    }
}
