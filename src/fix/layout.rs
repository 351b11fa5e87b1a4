//! Edits of a YAML text in the layout that it has: block or flow style, the indentation and the line endings of the
//! neighbours.
//!
//! Nothing here has to be right in every corner of YAML: each function gives candidates, best first, and only one that is
//! proven is used.

mod remove;

pub(super) use self::remove::remove;

use super::intent::{Intent, NOWHERE, entry, has_other_meaning, node, single_quoted, written, written_key};
use super::tree::{Way, node_at};
use super::{Candidate, Edit};
use crate::document::node::{Entry, Mapping, Node, Value};
use crate::rules::fix::Literal;
use crate::span::Span;

/// Columns that a nested mapping is indented by where the file does not show any.
const STEP: usize = 2;

/// Gives the attribute `keys`, counted from the mapping at `way`, the value `to`.
pub(super) fn set(
    text: &str,
    roots: &[Node],
    way: &Way,
    keys: &[&str],
    to: &Literal,
    after: Option<&str>,
) -> Vec<Candidate> {
    let Some(start) = node_at(roots, way) else { return Vec::new() };
    let mut way = way.to_vec();
    let mut mapping_node = start;
    let mut rest = keys;
    // As deep as there are mappings already.
    while let Some((key, deeper)) = rest.split_first() {
        let Some(mapping) = mapping(mapping_node) else { return Vec::new() };
        let Some(index) = mapping.entries.iter().rposition(|entry| entry.key.as_str() == Some(key)) else { break };
        let Some(Entry { key, value }) = mapping.entries.get(index) else { return Vec::new() };
        way.push(index);
        if matches!(&value.value, Value::Scalar { text, plain: true } if text.is_empty()) {
            return fill(text, roots, (&way, mapping_node, key), deeper, to);
        }
        if deeper.is_empty() {
            return replace(text, roots, &way, to);
        }
        mapping_node = value;
        rest = deeper;
    }
    let Some((key, deeper)) = rest.split_first() else { return Vec::new() };
    let Some(mapping) = mapping(mapping_node).filter(|mapping| !mapping.is_open) else { return Vec::new() };
    // What stands at the place that the rule names belongs to the first mapping.
    let after = after.filter(|_| rest.len() == keys.len());
    if is_flow(text, mapping_node) {
        return insert_in_flow(&way, (mapping_node, mapping), &entry(key, nested(deeper, to)), (key, deeper, to));
    }
    let own = own_entries(mapping_node, mapping);
    let last = own.last().copied();
    let named = after.and_then(|name| {
        own.iter()
            .copied()
            .find(|&index| mapping.entries.get(index).is_some_and(|entry| entry.key.as_str() == Some(name)))
    });
    let first = own.first().copied();
    let Some(column) = first.and_then(|index| column(text, mapping.entries.get(index)?.key.span.start)) else {
        return Vec::new();
    };
    let step = step(text, roots, way.first().copied());
    let lines = block_lines(key, deeper, to, column, step);
    let mut candidates = Vec::new();
    for index in named.into_iter().chain(last) {
        let Some(before) = mapping.entries.get(index) else { continue };
        let end = if Some(index) == last { mapping_node.span.end } else { end_within(before, mapping_node.span) };
        let at = line_end(text, end);
        let mut inserted = String::new();
        for line in &lines {
            inserted.push_str(line_break(text));
            inserted.push_str(line);
        }
        let new = entry(key, nested(deeper, to));
        candidates.push(insertion(at, inserted, Intent::Insert(way.clone(), index + 1, new)));
    }
    if let Some(index) = first
        && let Some(next) = mapping.entries.get(index)
    {
        let mut inserted = String::new();
        for (number, line) in lines.iter().enumerate() {
            // The first line takes the place, and so the indentation, of the one that was first.
            inserted.push_str(if number == 0 { line.trim_start() } else { line });
            inserted.push_str(line_break(text));
        }
        inserted.push_str(&" ".repeat(column));
        let new = entry(key, nested(deeper, to));
        candidates.push(insertion(next.key.span.start, inserted, Intent::Insert(way, index, new)));
    }
    candidates
}

/// Gives the entry at the end of `way`, whose value is left out, one.
fn fill(
    text: &str,
    roots: &[Node],
    (way, parent, key): (&Way, &Node, &Node),
    deeper: &[&str],
    to: &Literal,
) -> Vec<Candidate> {
    let behind = text.get(key.span.end..).unwrap_or_default();
    let Some(colon) = behind.strip_prefix(':').map(|_| key.span.end + 1) else { return Vec::new() };
    let intent = Intent::Replace(way.to_vec(), nested(deeper, to));
    let Some((first, rest)) = deeper.split_first().filter(|_| !is_flow(text, parent)) else {
        return vec![insertion(colon, format!(" {}", flow_value(deeper, to)), intent)];
    };
    let Some(column) = column(text, key.span.start) else { return Vec::new() };
    let step = step(text, roots, way.first().copied());
    let lines = block_lines(first, rest, to, column + step, step);
    let inserted: String = lines.iter().flat_map(|line| [line_break(text), line]).collect();
    vec![insertion(line_end(text, colon), inserted, intent)]
}

/// The scalar at the end of `way` becomes `to`, in the quotes that it has.
pub(super) fn replace(text: &str, roots: &[Node], way: &Way, to: &Literal) -> Vec<Candidate> {
    let Some(old) = node_at(roots, way) else { return Vec::new() };
    let written_old = text.get(old.span.start..old.span.end).unwrap_or_default();
    if old.tag.is_some()
        || !matches!(old.value, Value::Scalar { .. })
        || written_old.starts_with(['|', '>', '&', '*', '!'])
    {
        return Vec::new();
    }
    let quote = written_old.chars().next().filter(|c| matches!(c, '"' | '\''));
    let (new, value) = match (to, quote) {
        (Literal::Scalar { text: new, plain }, Some(quote))
            if (!plain || !has_other_meaning(new)) && (quote == '\'' || !new.contains(['"', '\\'])) =>
        {
            let quoted = if quote == '"' { format!("\"{new}\"") } else { single_quoted(new) };
            (quoted, Node::text(NOWHERE, new.clone()))
        }
        _ => (written(to), node(to)),
    };
    let edit = Edit { span: old.span, text: new };
    vec![Candidate { edits: vec![edit], intents: vec![Intent::Replace(way.to_vec(), value)] }]
}

/// The plain scalar at the end of `way` is put in quotes.
pub(super) fn quote(text: &str, roots: &[Node], way: &Way) -> Vec<Candidate> {
    let Some(old) = node_at(roots, way) else { return Vec::new() };
    let Value::Scalar { text: value, plain: true } = &old.value else { return Vec::new() };
    let written_old = text.get(old.span.start..old.span.end).unwrap_or_default();
    // What spans lines is folded, and what has quotes was made plain by a tag.
    if old.tag.is_some() || written_old != value {
        return Vec::new();
    }
    // The quotes that the file uses.
    let prefers_single = text.matches(": '").count() > text.matches(": \"").count();
    let fits_double = !value.contains(['"', '\\']) && !prefers_single;
    let new = if fits_double { format!("\"{value}\"") } else { single_quoted(value) };
    let intent = Intent::Replace(way.to_vec(), Node::text(NOWHERE, value.clone()));
    vec![Candidate { edits: vec![Edit { span: old.span, text: new }], intents: vec![intent] }]
}

/// Adds an entry to a mapping in braces.
fn insert_in_flow(
    way: &Way,
    (parent, mapping): (&Node, &Mapping),
    new: &Entry,
    (key, deeper, to): (&str, &[&str], &Literal),
) -> Vec<Candidate> {
    let written = format!("{}: {}", written_key(key), flow_value(deeper, to));
    let own = own_entries(parent, mapping);
    let (at, inserted, index) = match own.last().and_then(|&index| Some((index, mapping.entries.get(index)?))) {
        Some((index, last)) => (end_within(last, parent.span), format!(", {written}"), index + 1),
        None => (parent.span.start + 1, written, 0),
    };
    vec![insertion(at, inserted, Intent::Insert(way.to_vec(), index, new.clone()))]
}

fn insertion(at: usize, inserted: String, intent: Intent) -> Candidate {
    Candidate { edits: vec![Edit { span: Span::new(at, at), text: inserted }], intents: vec![intent] }
}

/// The mappings of `keys` around `to`.
fn nested(keys: &[&str], to: &Literal) -> Node {
    keys.iter().rev().fold(node(to), |inner, key| Node::mapping(NOWHERE, vec![entry(key, inner)]))
}

/// The same in flow style.
fn flow_value(keys: &[&str], to: &Literal) -> String {
    // An expression has braces, which mean something else here.
    let value = match to {
        Literal::Scalar { text, .. } if text.contains(['{', '}', '[', ']', ',']) => single_quoted(text),
        _ => written(to),
    };
    keys.iter().rev().fold(value, |inner, key| format!("{{{}: {inner}}}", written_key(key)))
}

/// The lines, without their breaks, of an entry in block style that begins in `column`.
fn block_lines(key: &str, deeper: &[&str], to: &Literal, column: usize, step: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let keys: Vec<&str> = std::iter::once(key).chain(deeper.iter().copied()).collect();
    for (depth, key) in keys.iter().enumerate() {
        let value = if depth + 1 == keys.len() { format!(" {}", written(to)) } else { String::new() };
        lines.push(format!("{}{}:{value}", " ".repeat(column + depth * step), written_key(key)));
    }
    lines
}

pub(super) fn mapping(node: &Node) -> Option<&Mapping> {
    match &node.value {
        Value::Mapping(mapping) => Some(mapping),
        _ => None,
    }
}

/// Whether the collection is written in brackets or braces.
pub(super) fn is_flow(text: &str, node: &Node) -> bool {
    text.get(node.span.start..).is_some_and(|rest| rest.starts_with(['{', '[']))
        && text.get(..node.span.end).is_some_and(|before| before.ends_with(['}', ']']))
}

/// The entries that are written in `node` itself and do not come from a merge key.
pub(super) fn own_entries(node: &Node, mapping: &Mapping) -> Vec<usize> {
    let is_own = |(index, entry): (usize, &Entry)| node.span.contains(entry.key.span).then_some(index);
    mapping.entries.iter().enumerate().filter_map(is_own).collect()
}

/// Where `entry` ends in the mapping at `span`; an alias has the place of what it stands for.
pub(super) fn end_within(entry: &Entry, span: Span) -> usize {
    if span.contains(entry.value.span) { entry.value.span.end.max(entry.key.span.end) } else { entry.key.span.end }
}

/// The beginning of the line that holds the byte at `offset`.
pub(super) fn line_start(text: &str, offset: usize) -> usize {
    text.get(..offset).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1)
}

/// The end of that line, in front of its break.
pub(super) fn line_end(text: &str, offset: usize) -> usize {
    let rest = text.get(offset..).unwrap_or_default();
    let line = rest.split('\n').next().unwrap_or_default();
    offset + if line.len() < rest.len() { line.strip_suffix('\r').unwrap_or(line).len() } else { line.len() }
}

/// The line break of the file.
pub(super) fn line_break(text: &str) -> &'static str {
    if text.split_inclusive('\n').next().is_some_and(|line| line.ends_with("\r\n")) { "\r\n" } else { "\n" }
}

/// The column, from 0, of a key in block style; `None` where something other than indentation and dashes is in front.
fn column(text: &str, offset: usize) -> Option<usize> {
    let before = text.get(line_start(text, offset)..offset)?;
    before.bytes().all(|byte| matches!(byte, b' ' | b'-')).then_some(before.len())
}

/// By how many columns the document indents a mapping in a mapping: as the first that it shows.
fn step(text: &str, roots: &[Node], document: Option<usize>) -> usize {
    let mut rest: Vec<&Node> = document.and_then(|index| roots.get(index)).into_iter().collect();
    while let Some(node) = rest.pop() {
        match &node.value {
            Value::Mapping(outer) => {
                let outer_column = outer.entries.first().and_then(|entry| column(text, entry.key.span.start));
                for inner in outer.entries.iter().filter_map(|entry| mapping(&entry.value)) {
                    let inner_column = inner.entries.first().and_then(|entry| column(text, entry.key.span.start));
                    if let (Some(outer), Some(inner)) = (outer_column, inner_column)
                        && (1..=8).contains(&inner.saturating_sub(outer))
                    {
                        return inner - outer;
                    }
                }
                rest.extend(outer.entries.iter().rev().map(|entry| &entry.value));
            }
            Value::Sequence(items) => rest.extend(items.iter().rev()),
            Value::Scalar { .. } | Value::Unknown => {}
        }
    }
    STEP
}
