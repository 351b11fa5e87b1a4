//! Values of Terraform's expressions, as nodes: numbers and booleans are plain scalars, strings quoted ones, sets and tuples
//! sequences, objects and maps mappings.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use crate::document::node::{Entry, Mapping, Node, Value};
use crate::framework::declared::marked;
use crate::span::Span;

/// Tag of an unknown value that stands for an error of evaluation, which `try` and `can` look for.
const FAILURE: &str = "\u{2}";
/// Tag of an unknown value that exceeds a bound of ours.
const TOO_MUCH: &str = "\u{3}";
/// Mappings of more entries are not searched for each key.
const MANY: usize = 16;

pub(super) fn null(at: Span) -> Node {
    Node::plain(at, "null")
}

pub(super) fn boolean(at: Span, value: bool) -> Node {
    Node::plain(at, if value { "true" } else { "false" })
}

/// A number; whole ones have no point.
pub(super) fn number(at: Span, value: f64) -> Node {
    // There is no negative zero.
    if value.is_finite() { Node::plain(at, format!("{}", value + 0.0)) } else { failure(at) }
}

/// An expression that Terraform would refuse, as far as can be seen.
pub(super) fn failure(at: Span) -> Node {
    Node { tag: Some(FAILURE.into()), ..Node::unknown(at) }
}

pub(super) fn is_failure(node: &Node) -> bool {
    node.tag.as_deref() == Some(FAILURE)
}

/// What is not computed because it exceeds a bound.
pub(super) fn too_much(at: Span) -> Node {
    Node { tag: Some(TOO_MUCH.into()), ..Node::unknown(at) }
}

pub(super) fn is_too_much(node: &Node) -> bool {
    node.tag.as_deref() == Some(TOO_MUCH)
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
            // A key is looked for among all.
            if x.entries.len() > MANY {
                return Some(canonical(a)? == canonical(b)?);
            }
            all(x.entries.iter().map(|entry| {
                let other = entry.key.as_str().and_then(|key| b.get(key));
                other.map_or(Some(false), |other| equal(&entry.value, other))
            }))
        }
        _ => Some(false),
    }
}

/// A text that two known values have in common when, and only when, they are equal; `None` where something is not known.
pub(super) fn canonical(node: &Node) -> Option<String> {
    let mut out = String::new();
    write_canonical(node, &mut out)?;
    Some(out)
}

fn write_canonical(node: &Node, out: &mut String) -> Option<()> {
    match &node.value {
        Value::Unknown => return None,
        Value::Scalar { .. } if node.is_null() => out.push('0'),
        Value::Scalar { text, plain } => match as_number(node).filter(|_| *plain) {
            Some(number) => write!(out, "#{number}").ok()?,
            None => write!(out, "{}{}:{text}", if *plain { '!' } else { '\'' }, text.len()).ok()?,
        },
        Value::Sequence(items) => {
            out.push('[');
            for item in items {
                write_canonical(item, out)?;
                out.push(',');
            }
            out.push(']');
        }
        Value::Mapping(mapping) => {
            if mapping.is_open {
                return None;
            }
            out.push('{');
            for entry in in_order(mapping) {
                let key = entry.key.as_str()?;
                write!(out, "{}:{key}", key.len()).ok()?;
                write_canonical(&entry.value, out)?;
            }
            out.push('}');
        }
    }
    Some(())
}

/// `items` without those that stand twice, in order of their first; what is unknown stays.
pub(super) fn distinct<'n>(items: impl IntoIterator<Item = &'n Node>) -> Vec<Node> {
    let mut seen = HashSet::new();
    let is_first = |item: &&Node| canonical(item).is_none_or(|known| seen.insert(known));
    items.into_iter().filter(is_first).cloned().collect()
}

/// The set of `items`, in the order in which Terraform goes through it: texts by their letters, numbers by size.
pub(super) fn as_set<'n>(items: impl IntoIterator<Item = &'n Node>) -> Vec<Node> {
    let mut set = distinct(items);
    let is_number = |item: &Node| matches!(item.value, Value::Scalar { plain: true, .. }) && as_number(item).is_some();
    if set.iter().all(is_number) {
        set.sort_by(|a, b| as_number(a).partial_cmp(&as_number(b)).unwrap_or(std::cmp::Ordering::Equal));
    } else if set.iter().all(|item| matches!(item.value, Value::Scalar { .. } | Value::Unknown)) {
        set.sort_by(|a, b| (is_unknown(a), a.as_str()).cmp(&(is_unknown(b), b.as_str())));
    }
    set
}

/// An object that grows: each key stands once, in order of its first value, and has its last one.
#[derive(Default)]
pub(super) struct Object {
    entries: Vec<Entry>,
    by_key: HashMap<Box<str>, usize>,
    /// There may be more keys.
    pub(super) is_open: bool,
}

impl Object {
    pub(super) fn set(&mut self, key: &str, at: Span, value: Node) {
        if let Some(known) = self.get_mut(key) {
            *known = value;
            return;
        }
        self.by_key.insert(key.into(), self.entries.len());
        self.entries.push(Entry { key: Node::text(at, key), value });
    }

    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        let number = *self.by_key.get(key)?;
        self.entries.get_mut(number).map(|entry| &mut entry.value)
    }

    /// All of its values.
    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut Node> {
        self.entries.iter_mut().map(|entry| &mut entry.value)
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn into_node(self, at: Span) -> Node {
        Node::new(at, Value::Mapping(Mapping { entries: self.entries, is_open: self.is_open }))
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
