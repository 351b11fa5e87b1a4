//! Attributes that are added to services, so that a rule need not know every way to write a thing.

use super::interpolate::{UNKNOWN, partly_known};
use super::{image, merge, mounts, ports};
use crate::document::node::{Entry, Node, Value};
use crate::span::Span;

/// Adds to the body of a service what its short and long forms say. `source` is the text of its file.
pub(super) fn add(service: &mut Node, source: &str) {
    let Value::Mapping(mapping) = &mut service.value else { return };
    for entry in &mut mapping.entries {
        if entry.key.as_str() == Some("build") {
            entry.value = merge::build_mapping(std::mem::replace(&mut entry.value, Node::unknown(entry.key.span)));
        } else if entry.key.as_str() == Some("healthcheck") {
            disable_none(&mut entry.value);
        }
    }
    let mut added = Vec::new();
    let mut derive = |from: &str, name: &str, value: &dyn Fn(&Node) -> Node| {
        if let Some(entry) = service.entry(from).filter(|entry| !entry.value.is_null()) {
            added.push(Entry::new(entry.key.span, name, value(&entry.value)));
        }
    };
    derive("ports", "published_ports", &|node| each(node, &|item| ports::long_form(item, source)));
    derive("volumes", "mounts", &|node| each(node, &|item| mounts::long_form(item, source)));
    derive("image", "image_parts", &|node| image::parts(node, source));
    for (from, name) in [
        ("networks", "network_names"),
        ("depends_on", "depends_on_names"),
        ("secrets", "secret_names"),
        ("configs", "config_names"),
    ] {
        derive(from, name, &names);
    }
    added.extend(environment_entries(service, source));
    if let Value::Mapping(mapping) = &mut service.value {
        mapping.entries.extend(added);
    }
}

/// A list with each item in another form; what is no list is its own only item, as for paths.
fn each(node: &Node, form: &dyn Fn(&Node) -> Node) -> Node {
    match &node.value {
        Value::Unknown => node.clone(),
        Value::Sequence(items) => Node::sequence(node.span, items.iter().map(form).collect()),
        _ => Node::sequence(node.span, vec![form(node)]),
    }
}

/// The names in a list of names or of mappings with a `source`, or in the keys of a mapping.
fn names(node: &Node) -> Node {
    let items = match &node.value {
        Value::Unknown => return node.clone(),
        Value::Mapping(mapping) => {
            let mut names: Vec<Node> = mapping.entries.iter().map(|entry| entry.key.clone()).collect();
            if mapping.is_open {
                names.push(Node::unknown(node.span));
            }
            names
        }
        Value::Sequence(items) => items.iter().map(|item| item.get("source").unwrap_or(item).clone()).collect(),
        Value::Scalar { .. } => vec![node.clone()],
    };
    Node::sequence(node.span, items)
}

/// `{name, value}` for each variable; one without a value is taken from the environment of Compose and not known. Files of
/// variables may hold any others.
fn environment_entries(service: &Node, source: &str) -> Option<Entry> {
    let written = service.entry("environment").filter(|entry| !entry.value.is_null());
    let files = service.entry("env_file").filter(|entry| !entry.value.is_null());
    let first = written.or(files)?;
    let mut variables = match written.map(|entry| &entry.value.value) {
        Some(Value::Mapping(mapping)) => {
            let mut variables: Vec<Node> = mapping
                .entries
                .iter()
                .map(|entry| {
                    let value =
                        if entry.value.is_null() { Node::unknown(entry.value.span) } else { entry.value.clone() };
                    let start = entry.key.span.start;
                    variable(Span::new(start, entry.value.span.end), entry.key.clone(), value)
                })
                .collect();
            if mapping.is_open {
                variables.push(Node::unknown(first.value.span));
            }
            variables
        }
        Some(Value::Sequence(items)) => items.iter().map(|item| assignment(item, source)).collect(),
        Some(_) => vec![Node::unknown(first.value.span)],
        None => Vec::new(),
    };
    variables.extend(files.map(|entry| Node::unknown(entry.value.span)));
    Some(Entry::new(first.key.span, "environment_entries", Node::sequence(first.value.span, variables)))
}

/// `NAME=VALUE` or `NAME`.
fn assignment(item: &Node, source: &str) -> Node {
    let Some(text) = partly_known(item, source) else { return Node::unknown(item.span) };
    let (name, value) = text.split_once('=').map_or((text.as_str(), None), |(name, value)| (name, Some(value)));
    let known =
        |text: &str| if text.contains(UNKNOWN) { Node::unknown(item.span) } else { Node::text(item.span, text) };
    if value.is_none() && name.contains(UNKNOWN) {
        return Node::unknown(item.span);
    }
    variable(item.span, known(name), value.map_or_else(|| Node::unknown(item.span), known))
}

fn variable(span: Span, name: Node, value: Node) -> Node {
    Node::mapping(span, vec![Entry::new(name.span, "name", name), Entry::new(value.span, "value", value)])
}

/// `test: NONE` is another way to write `disable: true`.
fn disable_none(healthcheck: &mut Node) {
    let Some(test) = healthcheck.get("test") else { return };
    let first = test.as_sequence().map_or(Some(test), <[Node]>::first);
    if first.and_then(Node::as_str) != Some("NONE") {
        return;
    }
    let span = test.span;
    if let Value::Mapping(mapping) = &mut healthcheck.value {
        mapping.entries.push(Entry::new(span, "disable", Node::plain(span, "true")));
    }
}
