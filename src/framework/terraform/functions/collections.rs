//! Functions of lists, sets and maps (Terraform documentation, "Collection Functions", and the conversions of types).

use std::collections::HashSet;

use super::{Function, Takes};
use crate::document::node::{Mapping, Node, Value};
use crate::framework::terraform::evaluator::{Child, index};
use crate::framework::terraform::value::{
    self, Object, as_bool, as_index, as_number, as_set, as_text, boolean, canonical, equal, in_order, is_known,
    is_unknown, number, too_much, unknown_of,
};
use crate::span::Span;

/// Longest texts that the items of a product hold, in bytes.
const MAX_TEXT: usize = 1 << 22;
/// Most items that a function makes.
const MAX_ITEMS: usize = 16_384;

pub(super) fn function(name: &str) -> Option<(Takes, Function)> {
    Some(match name {
        "alltrue" => (Takes::Shapes, alltrue),
        "anytrue" => (Takes::Shapes, anytrue),
        "chunklist" => (Takes::Shapes, chunklist),
        "coalesce" => (Takes::Anything, coalesce),
        "coalescelist" => (Takes::Anything, coalescelist),
        "compact" => (Takes::Known, compact),
        "concat" => (Takes::Anything, concat),
        "contains" => (Takes::Anything, contains),
        "distinct" => (Takes::Shapes, distinct),
        "element" => (Takes::Shapes, element),
        "flatten" => (Takes::Shapes, flatten),
        "index" => (Takes::Known, index_of),
        "keys" => (Takes::Shapes, keys),
        "length" => (Takes::Shapes, length),
        "list" | "tolist" => (Takes::Shapes, tolist),
        "lookup" => (Takes::Anything, lookup),
        "map" => (Takes::Shapes, map),
        "matchkeys" => (Takes::Known, matchkeys),
        "merge" => (Takes::Anything, merge),
        "one" => (Takes::Shapes, one),
        "range" => (Takes::Known, range),
        "reverse" => (Takes::Shapes, reverse),
        "setintersection" => (Takes::Known, setintersection),
        "setproduct" => (Takes::Shapes, setproduct),
        "setsubtract" => (Takes::Known, setsubtract),
        "setunion" => (Takes::Shapes, setunion),
        "slice" => (Takes::Shapes, slice),
        "sort" => (Takes::Known, sort),
        "sum" => (Takes::Known, sum),
        "tobool" => (Takes::Known, tobool),
        "tomap" | "nonsensitive" | "sensitive" | "ephemeralasnull" => (Takes::Anything, same),
        "tonumber" => (Takes::Known, tonumber),
        "toset" => (Takes::Shapes, toset),
        "tostring" => (Takes::Known, tostring),
        "transpose" => (Takes::Known, transpose),
        "values" => (Takes::Shapes, values),
        "zipmap" => (Takes::Shapes, zipmap),
        _ => return None,
    })
}

fn items(node: &Node) -> Option<&[Node]> {
    node.as_sequence()
}

fn mapping(node: &Node) -> Option<&Mapping> {
    match &node.value {
        Value::Mapping(mapping) => Some(mapping),
        _ => None,
    }
}

fn same(arguments: &[Node], at: Span) -> Option<Node> {
    arguments.first().map(|node| Node { span: at, ..node.clone() })
}

fn alltrue(arguments: &[Node], at: Span) -> Option<Node> {
    let mut is_known = true;
    for item in items(arguments.first()?)? {
        match as_bool(item) {
            Some(false) => return Some(boolean(at, false)),
            Some(true) => {}
            None => is_known = false,
        }
    }
    Some(if is_known { boolean(at, true) } else { Node::unknown(at) })
}

fn anytrue(arguments: &[Node], at: Span) -> Option<Node> {
    let mut is_known = true;
    for item in items(arguments.first()?)? {
        match as_bool(item) {
            Some(true) => return Some(boolean(at, true)),
            Some(false) => {}
            None => is_known = false,
        }
    }
    Some(if is_known { boolean(at, false) } else { Node::unknown(at) })
}

fn chunklist(arguments: &[Node], at: Span) -> Option<Node> {
    let [list, size] = arguments else { return None };
    let size = as_index(size).filter(|size| *size > 0)?;
    Some(Node::sequence(at, items(list)?.chunks(size).map(|chunk| Node::sequence(at, chunk.to_vec())).collect()))
}

/// The first that is neither null nor an empty text.
fn coalesce(arguments: &[Node], at: Span) -> Option<Node> {
    for argument in arguments {
        if is_unknown(argument) {
            return Some(unknown_of(at, arguments));
        }
        if !argument.is_null() && argument.as_str() != Some("") {
            return Some(argument.clone());
        }
    }
    None
}

fn coalescelist(arguments: &[Node], at: Span) -> Option<Node> {
    for argument in arguments {
        match items(argument) {
            Some([]) => {}
            Some(_) => return Some(argument.clone()),
            None if argument.is_null() => {}
            None => return Some(unknown_of(at, arguments)),
        }
    }
    None
}

fn compact(arguments: &[Node], at: Span) -> Option<Node> {
    let kept = items(arguments.first()?)?.iter().filter(|item| !item.is_null() && item.as_str() != Some(""));
    Some(Node::sequence(at, kept.cloned().collect()))
}

/// A list that is not known stands as one item that is not known.
fn concat(arguments: &[Node], at: Span) -> Option<Node> {
    let mut all = Vec::new();
    for argument in arguments {
        match &argument.value {
            Value::Sequence(items) => all.extend(items.iter().cloned()),
            Value::Unknown => all.push(argument.clone()),
            _ if argument.is_null() => {}
            _ => return None,
        }
    }
    Some(if all.len() <= MAX_ITEMS { Node::sequence(at, all) } else { too_much(at) })
}

fn contains(arguments: &[Node], at: Span) -> Option<Node> {
    let [list, value] = arguments else { return None };
    let Some(items) = items(list) else { return Some(unknown_of(at, arguments)) };
    let mut is_known = true;
    for item in items {
        match equal(item, value) {
            Some(true) => return Some(boolean(at, true)),
            Some(false) => {}
            None => is_known = false,
        }
    }
    Some(if is_known { boolean(at, false) } else { unknown_of(at, arguments) })
}

fn distinct(arguments: &[Node], at: Span) -> Option<Node> {
    let [list] = arguments else { return None };
    Some(Node::sequence(at, value::distinct(items(list)?)))
}

fn toset(arguments: &[Node], at: Span) -> Option<Node> {
    let [list] = arguments else { return None };
    Some(Node::sequence(at, as_set(items(list)?)))
}

/// It goes round: behind the last item comes the first, and in front of the first the last.
fn element(arguments: &[Node], at: Span) -> Option<Node> {
    let [list, index] = arguments else { return None };
    let items = items(list)?;
    if items.iter().any(is_unknown) && items.len() == 1 {
        return Some(unknown_of(at, [list]));
    }
    let back = as_number(index).filter(|index| *index < 0.0).and_then(|index| as_index(&number(at, -index)));
    let index = match back {
        Some(back) => items.len() - 1 - (back - 1).checked_rem(items.len())?,
        None => as_index(index)?.checked_rem(items.len())?,
    };
    items.get(index).cloned()
}

fn flatten(arguments: &[Node], at: Span) -> Option<Node> {
    let mut flat = Vec::new();
    flatten_into(items(arguments.first()?)?, &mut flat);
    Some(if flat.len() <= MAX_ITEMS { Node::sequence(at, flat) } else { too_much(at) })
}

fn flatten_into(items: &[Node], flat: &mut Vec<Node>) {
    for item in items {
        match &item.value {
            Value::Sequence(inner) => flatten_into(inner, flat),
            _ => flat.push(item.clone()),
        }
    }
}

fn index_of(arguments: &[Node], at: Span) -> Option<Node> {
    let [list, value] = arguments else { return None };
    let found = items(list)?.iter().position(|item| equal(item, value) == Some(true))?;
    Some(Node::plain(at, found.to_string()))
}

fn keys(arguments: &[Node], at: Span) -> Option<Node> {
    let map = mapping(arguments.first()?)?;
    if map.is_open {
        return Some(unknown_of(at, arguments));
    }
    Some(Node::sequence(at, in_order(map).into_iter().map(|entry| entry.key.clone()).collect()))
}

fn length(arguments: &[Node], at: Span) -> Option<Node> {
    let argument = arguments.first()?;
    Some(match &argument.value {
        // One that is unknown in a list may stand for several.
        Value::Sequence(items) if items.iter().any(is_unknown) => unknown_of(at, arguments),
        Value::Sequence(items) => Node::plain(at, items.len().to_string()),
        Value::Mapping(mapping) if mapping.is_open => unknown_of(at, arguments),
        Value::Mapping(mapping) => Node::plain(at, mapping.entries.len().to_string()),
        _ => Node::plain(at, as_text(argument)?.chars().count().to_string()),
    })
}

/// `tolist(x)`, and `list(a, b)` of old.
#[expect(clippy::unnecessary_wraps, reason = "it is one of the functions")]
fn tolist(arguments: &[Node], at: Span) -> Option<Node> {
    match arguments {
        [Node { value: Value::Sequence(items), .. }] => Some(Node::sequence(at, items.clone())),
        _ => Some(Node::sequence(at, arguments.to_vec())),
    }
}

fn lookup(arguments: &[Node], at: Span) -> Option<Node> {
    let (map, key, default) = match arguments {
        [map, key] => (map, key, None),
        [map, key, default] => (map, key, Some(default)),
        _ => return None,
    };
    match index(map, key) {
        Child::Found(value) => Some(value.clone()),
        Child::Missing => default.cloned(),
        Child::Unknown => Some(unknown_of(at, [map, key])),
    }
}

/// `map(k, v, …)` of old.
fn map(arguments: &[Node], at: Span) -> Option<Node> {
    let mut found = Object::default();
    for pair in arguments.chunks(2) {
        let [key, value] = pair else { return None };
        found.set(&as_text(key)?, key.span, value.clone());
    }
    Some(found.into_node(at))
}

fn matchkeys(arguments: &[Node], at: Span) -> Option<Node> {
    let [values, keys, wanted] = arguments else { return None };
    let (values, keys, wanted) = (items(values)?, items(keys)?, items(wanted)?);
    let wanted = known(wanted);
    let is_wanted = |key: &Node| canonical(key).is_some_and(|key| wanted.contains(&key));
    let found = values.iter().zip(keys).filter(|(_, key)| is_wanted(key)).map(|(value, _)| value.clone());
    Some(Node::sequence(at, found.collect()))
}

/// What an unknown map puts in may be any key, also one that is there already.
fn merge(arguments: &[Node], at: Span) -> Option<Node> {
    let mut merged = Object::default();
    for argument in arguments {
        match &argument.value {
            Value::Mapping(map) => {
                if map.is_open {
                    cover(&mut merged);
                }
                merged.is_open |= map.is_open;
                for entry in &map.entries {
                    merged.set(&as_text(&entry.key)?, entry.key.span, entry.value.clone());
                }
                if merged.len() > MAX_ITEMS {
                    return Some(too_much(at));
                }
            }
            Value::Unknown => {
                cover(&mut merged);
                merged.is_open = true;
            }
            _ if argument.is_null() => {}
            _ => return None,
        }
    }
    Some(merged.into_node(at))
}

fn cover(merged: &mut Object) {
    for value in merged.values_mut() {
        *value = Node { tag: value.tag.take(), ..Node::unknown(value.span) };
    }
}

fn one(arguments: &[Node], at: Span) -> Option<Node> {
    match items(arguments.first()?)? {
        [] => Some(super::super::value::null(at)),
        [only] => Some(only.clone()),
        _ => None,
    }
}

fn range(arguments: &[Node], at: Span) -> Option<Node> {
    let numbers: Option<Vec<f64>> = arguments.iter().map(as_number).collect();
    let (start, limit, step) = match numbers?.as_slice() {
        [limit] => (0.0, *limit, if *limit < 0.0 { -1.0 } else { 1.0 }),
        [start, limit] => (*start, *limit, if limit < start { -1.0 } else { 1.0 }),
        [start, limit, step] => (*start, *limit, *step),
        _ => return None,
    };
    if step == 0.0 {
        return None;
    }
    let mut found = Vec::new();
    let mut value = start;
    while if step > 0.0 { value < limit } else { value > limit } {
        // The bound of Terraform itself.
        if found.len() >= 1_024 {
            return None;
        }
        found.push(number(at, value));
        value += step;
    }
    Some(Node::sequence(at, found))
}

fn reverse(arguments: &[Node], at: Span) -> Option<Node> {
    Some(Node::sequence(at, items(arguments.first()?)?.iter().rev().cloned().collect()))
}

/// What stands for each of `items` that is known.
fn known(items: &[Node]) -> HashSet<String> {
    items.iter().filter_map(canonical).collect()
}

fn setintersection(arguments: &[Node], at: Span) -> Option<Node> {
    let (first, rest) = arguments.split_first()?;
    let rest: Option<Vec<HashSet<String>>> = rest.iter().map(|other| items(other).map(known)).collect();
    let rest = rest?;
    let is_common = |item: &&Node| canonical(item).is_some_and(|item| rest.iter().all(|other| other.contains(&item)));
    Some(Node::sequence(at, as_set(items(first)?.iter().filter(is_common))))
}

fn setsubtract(arguments: &[Node], at: Span) -> Option<Node> {
    let [from, less] = arguments else { return None };
    let less = known(items(less)?);
    let is_left = |item: &&Node| canonical(item).is_none_or(|item| !less.contains(&item));
    Some(Node::sequence(at, as_set(items(from)?.iter().filter(is_left))))
}

fn setunion(arguments: &[Node], at: Span) -> Option<Node> {
    toset(&[concat(arguments, at)?], at)
}

fn setproduct(arguments: &[Node], at: Span) -> Option<Node> {
    let mut rows: Vec<Vec<Node>> = vec![Vec::new()];
    let size = |nodes: &[Node]| nodes.iter().map(|node| canonical(node).map_or(1, |text| text.len())).sum::<usize>();
    for argument in arguments {
        let found = items(argument)?;
        let row = rows.first().map_or(0, |row| size(row)).max(rows.last().map_or(0, |row| size(row)));
        if rows.len().saturating_mul(found.len()) > MAX_ITEMS
            || rows.len().saturating_mul(size(found)) + found.len().saturating_mul(row) > MAX_TEXT
        {
            return Some(too_much(at));
        }
        rows = rows
            .iter()
            .flat_map(|row| found.iter().map(|item| row.iter().chain([item]).cloned().collect::<Vec<_>>()))
            .collect();
    }
    Some(Node::sequence(at, rows.into_iter().map(|row| Node::sequence(at, row)).collect()))
}

fn slice(arguments: &[Node], at: Span) -> Option<Node> {
    let [list, start, end] = arguments else { return None };
    Some(Node::sequence(at, items(list)?.get(as_index(start)?..as_index(end)?)?.to_vec()))
}

fn sort(arguments: &[Node], at: Span) -> Option<Node> {
    let mut sorted = items(arguments.first()?)?.to_vec();
    sorted.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
    Some(Node::sequence(at, sorted))
}

fn sum(arguments: &[Node], at: Span) -> Option<Node> {
    let numbers: Option<Vec<f64>> = items(arguments.first()?)?.iter().map(as_number).collect();
    Some(number(at, numbers?.iter().sum()))
}

fn tobool(arguments: &[Node], at: Span) -> Option<Node> {
    let argument = arguments.first()?;
    if argument.is_null() { Some(argument.clone()) } else { as_bool(argument).map(|value| boolean(at, value)) }
}

fn tonumber(arguments: &[Node], at: Span) -> Option<Node> {
    let argument = arguments.first()?;
    if argument.is_null() { Some(argument.clone()) } else { as_number(argument).map(|value| number(at, value)) }
}

fn tostring(arguments: &[Node], at: Span) -> Option<Node> {
    let argument = arguments.first()?;
    if argument.is_null() { Some(argument.clone()) } else { as_text(argument).map(|text| Node::text(at, text)) }
}

fn transpose(arguments: &[Node], at: Span) -> Option<Node> {
    let mut turned = Object::default();
    for entry in in_order(mapping(arguments.first()?)?) {
        for item in items(&entry.value)? {
            let key = as_text(item)?;
            match turned.get_mut(&key) {
                Some(Node { value: Value::Sequence(names), .. }) => names.push(entry.key.clone()),
                _ => turned.set(&key, at, Node::sequence(at, vec![entry.key.clone()])),
            }
        }
    }
    Some(turned.into_node(at))
}

fn values(arguments: &[Node], at: Span) -> Option<Node> {
    let map = mapping(arguments.first()?)?;
    let mut found: Vec<Node> = in_order(map).into_iter().map(|entry| entry.value.clone()).collect();
    if map.is_open {
        found.push(Node::unknown(at));
    }
    Some(Node::sequence(at, found))
}

fn zipmap(arguments: &[Node], at: Span) -> Option<Node> {
    let [keys, values] = arguments else { return None };
    if !is_known(keys) {
        return Some(unknown_of(at, arguments));
    }
    let mut zipped = Object::default();
    for (key, value) in items(keys)?.iter().zip(items(values)?).take(MAX_ITEMS) {
        zipped.set(&as_text(key)?, key.span, value.clone());
    }
    Some(zipped.into_node(at))
}
