//! Type constraints of variables: what a value becomes that is given to one (Terraform documentation, "Type Constraints").

use std::collections::HashMap;

use super::value::{Object, as_bool, as_number, as_set, null, set};
use crate::document::hcl::syntax::{Expression, Term};
use crate::document::node::{Entry, Mapping, Node, Value};

/// Deepest nesting of types that is looked at.
const MAX_TYPE_DEPTH: usize = 32;

/// `value` as the type that `constraint` describes. What does not convert stays as it is: Terraform would refuse it.
/// `left` is how many values it may make: what exceeds that is unknown.
pub(super) fn convert(value: &Node, constraint: &Expression, left: &mut usize) -> Node {
    convert_at(value, constraint, 0, left)
}

fn convert_at(value: &Node, constraint: &Expression, depth: usize, left: &mut usize) -> Node {
    if depth > MAX_TYPE_DEPTH || matches!(value.value, Value::Unknown) || value.is_null() {
        return value.clone();
    }
    *left = left.saturating_sub(1);
    if *left == 0 {
        return Node::unknown(value.span);
    }
    let (name, arguments): (&str, &[Expression]) = match &constraint.term {
        // Old configurations write types as texts.
        Term::Variable(name) | Term::Text(name) => (name, &[]),
        Term::Call { name, arguments, .. } => (name, arguments),
        _ => return value.clone(),
    };
    let tag = value.tag.clone();
    let retyped = |node: Node| Node { tag: tag.clone(), ..node };
    let inner = arguments.first();
    match (name, &value.value) {
        ("string", Value::Scalar { text, .. }) => retyped(Node::text(value.span, text.as_str())),
        ("number", Value::Scalar { text, .. }) if as_number(value).is_some() => {
            retyped(Node::plain(value.span, text.as_str()))
        }
        ("bool", Value::Scalar { text, .. }) if as_bool(value).is_some() => {
            retyped(Node::plain(value.span, text.as_str()))
        }
        ("list" | "set", Value::Sequence(items)) => {
            let mut converted = |item: &Node| match inner {
                Some(inner) => convert_at(item, inner, depth + 1, left),
                None => item.clone(),
            };
            let items: Vec<Node> = items.iter().map(&mut converted).collect();
            retyped(Node::sequence(value.span, if name == "set" { as_set(&items) } else { items }))
        }
        ("map", Value::Mapping(mapping)) => {
            let Some(inner) = inner else { return value.clone() };
            let mut mapping = mapping.clone();
            for entry in &mut mapping.entries {
                entry.value = convert_at(&entry.value, inner, depth + 1, left);
            }
            retyped(Node::new(value.span, Value::Mapping(mapping)))
        }
        ("tuple", Value::Sequence(items)) => {
            let Some(Term::Tuple(types)) = inner.map(|inner| &inner.term) else { return value.clone() };
            let items = items.iter().enumerate().map(|(index, item)| {
                types.get(index).map_or_else(|| item.clone(), |kind| convert_at(item, kind, depth + 1, left))
            });
            retyped(Node::sequence(value.span, items.collect()))
        }
        ("object", Value::Mapping(mapping)) => {
            let Some(Term::Object(attributes)) = inner.map(|inner| &inner.term) else { return value.clone() };
            let mut object = Object::default();
            object.is_open = mapping.is_open;
            let by_key: HashMap<&str, &Entry> =
                mapping.entries.iter().filter_map(|entry| Some((entry.key.as_str()?, entry))).collect();
            for (key, kind) in attributes {
                let Term::Text(key) = &key.term else { continue };
                let (kind, default) = match &kind.term {
                    Term::Call { name, arguments, .. } if &**name == "optional" => {
                        (arguments.first().unwrap_or(kind), arguments.get(1))
                    }
                    _ => (kind, None),
                };
                let given = by_key.get(&**key);
                let converted = match given.filter(|given| !(given.value.is_null() && default.is_some())) {
                    Some(given) => convert_at(&given.value, kind, depth + 1, left),
                    None if mapping.is_open => continue,
                    None => {
                        let default = default.map_or_else(|| null(value.span), |it| literal(it, value, depth));
                        *left = left.saturating_sub(1);
                        convert_at(&default, kind, depth + 1, left)
                    }
                };
                object.set(key, given.map_or(value.span, |given| given.key.span), converted);
            }
            retyped(object.into_node(value.span))
        }
        _ => value.clone(),
    }
}

/// The value of a default in a type, which is made of literals.
fn literal(default: &Expression, at: &Node, depth: usize) -> Node {
    let span = at.span;
    if depth > MAX_TYPE_DEPTH {
        return Node::unknown(span);
    }
    match &default.term {
        Term::Null => null(span),
        Term::Bool(value) => super::value::boolean(span, *value),
        Term::Number(text) => Node::plain(span, &**text),
        Term::Text(text) => Node::text(span, &**text),
        Term::Tuple(items) => Node::sequence(span, items.iter().map(|item| literal(item, at, depth + 1)).collect()),
        Term::Object(entries) => {
            let mut mapping = Mapping::default();
            for (key, value) in entries {
                match &key.term {
                    Term::Text(key) => set(&mut mapping, key, span, literal(value, at, depth + 1)),
                    _ => mapping.is_open = true,
                }
            }
            Node::new(span, Value::Mapping(mapping))
        }
        Term::Negative(inner) => as_number(&literal(inner, at, depth + 1))
            .map_or_else(|| Node::unknown(span), |value| super::value::number(span, -value)),
        _ => Node::unknown(span),
    }
}
