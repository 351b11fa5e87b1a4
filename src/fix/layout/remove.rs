//! Taking an entry or an item away.

use super::{Candidate, Edit, Intent, NOWHERE, end_within, is_flow, line_end, line_start, own_entries};
use crate::document::node::{Node, Value};
use crate::fix::tree::{Way, node_at};
use crate::span::Span;

/// Removes the entry whose value, or the item that, stands at the end of `way`, with its line.
pub(in crate::fix) fn remove(text: &str, roots: &[Node], way: &Way) -> Vec<Candidate> {
    let Some((&index, parent_way)) = way.split_last() else { return Vec::new() };
    let Some(parent) = node_at(roots, parent_way) else { return Vec::new() };
    let Some(siblings) = siblings(text, parent) else { return Vec::new() };
    let Some(position) = siblings.iter().position(|sibling| sibling.index == index) else { return Vec::new() };
    let intent = Intent::Remove(parent_way.to_vec(), index);
    if siblings.len() == 1 {
        return emptied(text, parent, parent_way, roots, &siblings);
    }
    let Some(own) = siblings.get(position).map(|sibling| sibling.span) else { return Vec::new() };
    let next = siblings.get(position + 1).map(|sibling| sibling.span);
    let before = position.checked_sub(1).and_then(|before| siblings.get(before)).map(|sibling| sibling.span);
    let mut spans = Vec::new();
    if is_flow(text, parent) {
        // With the comma in front of it, or behind the first.
        match (before, next) {
            (Some(before), _) => spans.push(Span::new(before.end, own.end)),
            (None, Some(next)) => spans.push(Span::new(own.start, next.start)),
            (None, None) => {}
        }
    } else {
        let start = line_start(text, own.start);
        let is_alone = text.get(start..own.start).is_some_and(|indent| indent.bytes().all(|byte| byte == b' '));
        let end = line_end(text, own.end);
        let end_of_break = text.get(end..).and_then(|rest| rest.find('\n')).map(|at| end + at + 1);
        match (is_alone, end_of_break, next) {
            (true, Some(end), _) => spans.push(Span::new(start, end)),
            // The last line of a text without a line break at its end.
            (true, None, _) => {
                let kept = text.get(..start).unwrap_or_default();
                spans.push(Span::new(kept.trim_end_matches(['\r', '\n']).len(), end));
            }
            // The first entry of an item stands behind its dash: the next one takes its place.
            (false, _, Some(next)) => spans.push(Span::new(own.start, next.start)),
            (false, _, None) => {}
        }
    }
    let removal = |span| Candidate { edits: vec![Edit { span, text: String::new() }], intents: vec![intent.clone()] };
    spans.into_iter().map(removal).collect()
}

/// The only child goes: an empty collection stays, because nothing at all would be null.
fn emptied(text: &str, parent: &Node, way: &Way, roots: &[Node], siblings: &[Sibling]) -> Vec<Candidate> {
    let (empty, brackets) = match parent.value {
        Value::Sequence(_) => (Node::sequence(NOWHERE, Vec::new()), "[]"),
        _ => (Node::mapping(NOWHERE, Vec::new()), "{}"),
    };
    let is_other = |node: &Node| match &node.value {
        Value::Mapping(mapping) => mapping.is_open || mapping.entries.len() != siblings.len(),
        _ => false,
    };
    if is_other(parent) || parent.tag.is_some() {
        return Vec::new();
    }
    let span = if is_flow(text, parent) {
        Some(parent.span)
    } else {
        behind_key(text, way, roots).map(|start| Span::new(start, parent.span.end))
    };
    let Some(span) = span else { return Vec::new() };
    let gone = text.get(span.start..span.end).unwrap_or_default();
    // A comment between the lines would go with them.
    let text = if is_flow(text, parent) { brackets.to_owned() } else { format!(" {brackets}") };
    if gone.lines().any(|line| line.trim_start().starts_with('#')) || gone.contains('&') {
        return Vec::new();
    }
    let intents = vec![Intent::Replace(way.to_vec(), empty)];
    vec![Candidate { edits: vec![Edit { span, text }], intents }]
}

/// The place behind the colon of the entry whose value is at the end of `way`.
fn behind_key(text: &str, way: &Way, roots: &[Node]) -> Option<usize> {
    let (&index, holder) = way.split_last()?;
    let Value::Mapping(mapping) = &node_at(roots, holder)?.value else { return None };
    let key = &mapping.entries.get(index)?.key;
    text.get(key.span.end..)?.starts_with(':').then_some(key.span.end + 1)
}

/// A child as it is written: with its key, or with its dash in block style.
struct Sibling {
    index: usize,
    span: Span,
}

fn siblings(text: &str, parent: &Node) -> Option<Vec<Sibling>> {
    match &parent.value {
        Value::Mapping(mapping) => {
            let sibling = |index: usize| {
                let entry = mapping.entries.get(index)?;
                let span = Span::new(entry.key.span.start, end_within(entry, parent.span));
                Some(Sibling { index, span })
            };
            own_entries(parent, mapping).into_iter().map(sibling).collect()
        }
        Value::Sequence(items) => {
            let flow = is_flow(text, parent);
            let sibling = |(index, item): (usize, &Node)| {
                let start = if flow {
                    item.span.start
                } else {
                    let start = line_start(text, item.span.start);
                    let before = text.get(start..item.span.start)?;
                    start + before.rfind('-').filter(|&dash| before.get(dash + 1..).is_some_and(is_blank))?
                };
                parent.span.contains(item.span).then_some(Sibling { index, span: Span::new(start, item.span.end) })
            };
            items.iter().enumerate().map(sibling).collect()
        }
        Value::Scalar { .. } | Value::Unknown => None,
    }
}

fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| byte == b' ')
}
