//! Trees compared and walked: the way to a node, and whether two trees say the same.

use crate::document::node::{Entry, Node, Value};
use crate::span::Span;

/// Deepest tree that is edited; the reader itself goes no deeper, but aliases may.
const MAX_DEPTH: usize = 250;

/// The way to a node: the index of its document, and then of an item, or of the entry whose value it is or is in.
pub(super) type Way = [usize];

/// Whether `roots` have at most `max_nodes` nodes and are not too deep to be walked by recursion.
pub(super) fn is_within(roots: &[Node], max_nodes: usize) -> bool {
    let mut rest: Vec<(&Node, usize)> = roots.iter().map(|root| (root, 0)).collect();
    let mut count = 0;
    while let Some((node, depth)) = rest.pop() {
        count += 1;
        if depth > MAX_DEPTH || count > max_nodes {
            return false;
        }
        match &node.value {
            Value::Sequence(items) => rest.extend(items.iter().map(|item| (item, depth + 1))),
            Value::Mapping(mapping) => rest
                .extend(mapping.entries.iter().flat_map(|Entry { key, value }| [(key, depth + 1), (value, depth + 1)])),
            Value::Scalar { .. } | Value::Unknown => {}
        }
    }
    true
}

/// The way to the outermost value that stands at `span` and is `wanted`. It is looked for where it is written, never through
/// an alias, whose tree has the spans of its definition.
pub(super) fn find(roots: &[Node], span: Span, wanted: fn(&Node) -> bool) -> Option<Vec<usize>> {
    let mut way = Vec::new();
    for (index, root) in roots.iter().enumerate() {
        way.push(index);
        if search(root, &|node| node.span == span && wanted(node), span, &mut way) {
            return Some(way);
        }
        way.pop();
    }
    None
}

/// The way to the scalar in which `span` lies.
pub(super) fn find_around(roots: &[Node], span: Span) -> Option<Vec<usize>> {
    let is_it = |node: &Node| matches!(node.value, Value::Scalar { .. }) && node.span.contains(span);
    let mut way = Vec::new();
    for (index, root) in roots.iter().enumerate() {
        way.push(index);
        if search(root, &is_it, span, &mut way) {
            return Some(way);
        }
        way.pop();
    }
    None
}

fn search(node: &Node, is_it: &dyn Fn(&Node) -> bool, span: Span, way: &mut Vec<usize>) -> bool {
    if is_it(node) {
        return true;
    }
    if !node.span.contains(span) {
        return false;
    }
    let mut enter = |index, child: &Node| {
        way.push(index);
        let found = search(child, is_it, span, way);
        if !found {
            way.pop();
        }
        found
    };
    match &node.value {
        Value::Sequence(items) => items.iter().enumerate().any(|(index, item)| enter(index, item)),
        Value::Mapping(mapping) => mapping.entries.iter().enumerate().any(|(index, entry)| enter(index, &entry.value)),
        Value::Scalar { .. } | Value::Unknown => false,
    }
}

/// The node at the end of `way`.
pub(super) fn node_at<'n>(roots: &'n [Node], way: &Way) -> Option<&'n Node> {
    let (first, rest) = way.split_first()?;
    rest.iter().try_fold(roots.get(*first)?, |node, &index| match &node.value {
        Value::Sequence(items) => items.get(index),
        Value::Mapping(mapping) => mapping.entries.get(index).map(|entry| &entry.value),
        _ => None,
    })
}

/// The same for changing it.
pub(super) fn node_at_mut<'n>(roots: &'n mut [Node], way: &Way) -> Option<&'n mut Node> {
    let (first, rest) = way.split_first()?;
    rest.iter().try_fold(roots.get_mut(*first)?, |node, &index| match &mut node.value {
        Value::Sequence(items) => items.get_mut(index),
        Value::Mapping(mapping) => mapping.entries.get_mut(index).map(|entry| &mut entry.value),
        _ => None,
    })
}

/// Whether the documents say the same, wherever it stands.
pub(super) fn are_same(left: &[Node], right: &[Node]) -> bool {
    left.len() == right.len() && left.iter().zip(right).all(|(left, right)| is_same(left, right))
}

fn is_same(left: &Node, right: &Node) -> bool {
    left.tag == right.tag
        && match (&left.value, &right.value) {
            (Value::Scalar { text, plain }, Value::Scalar { text: other, plain: other_plain }) => {
                text == other && plain == other_plain
            }
            (Value::Sequence(items), Value::Sequence(others)) => are_same(items, others),
            (Value::Mapping(mapping), Value::Mapping(other)) => {
                mapping.is_open == other.is_open
                    && mapping.entries.len() == other.entries.len()
                    && mapping
                        .entries
                        .iter()
                        .zip(&other.entries)
                        .all(|(entry, other)| is_same(&entry.key, &other.key) && is_same(&entry.value, &other.value))
            }
            (Value::Unknown, Value::Unknown) => true,
            _ => false,
        }
}
