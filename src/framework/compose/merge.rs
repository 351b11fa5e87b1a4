//! Merging a service over the one that it extends, as the Compose specification says.
//!
//! Mappings merge key by key and lists are joined; of a mount the last for a target counts. Commands and health checks are
//! replaced. What may be written as a list or as a mapping is merged as a mapping. The tags `!reset` and `!override` hold.

use std::collections::{BTreeMap, BTreeSet};

use super::mounts;
use crate::document::node::{Entry, Mapping, Node, Value};
use crate::span::Span;

/// Attributes whose value is replaced as a whole.
const REPLACED: &[&str] = &["command", "entrypoint", "extends", "test"];
/// Attributes that may be a list of `KEY=VALUE`, or of names, instead of a mapping.
const KEYED: &[&str] =
    &["annotations", "args", "depends_on", "environment", "extra_hosts", "labels", "networks", "sysctls"];
/// Attributes that may be one text instead of a list.
const LISTED: &[&str] = &["dns", "dns_search", "env_file", "tmpfs"];

/// So many bytes of a scalar weigh as much as one node.
const BYTES_A_NODE: usize = 64;

/// `over` merged over `base`. It goes no deeper than the two trees.
pub(super) fn merge(base: Node, over: &Node) -> Node {
    let value = match (base.value, &over.value) {
        (Value::Mapping(base), Value::Mapping(over)) => Value::Mapping(merge_mappings(base, over)),
        // What lies below is not known: there may be more than is written here.
        (Value::Unknown, Value::Mapping(over)) => {
            Value::Mapping(Mapping { entries: over.entries.clone(), is_open: true })
        }
        _ => over.value.clone(),
    };
    Node::new(over.span, value)
}

/// `build: ./app` is short for `build: {context: ./app}`.
pub(super) fn build_mapping(build: Node) -> Node {
    if matches!(build.value, Value::Scalar { .. }) && !build.is_null() {
        let span = build.span;
        return Node::mapping(span, vec![Entry::new(span, "context", build)]);
    }
    build
}

fn merge_mappings(base: Mapping, over: &Mapping) -> Mapping {
    let mut overriding: BTreeMap<&str, &Entry> = BTreeMap::new();
    for entry in &over.entries {
        if let Some(key) = entry.key.as_str() {
            overriding.insert(key, entry);
        }
    }
    let is_open = base.is_open || over.is_open;
    let mut entries = Vec::with_capacity(base.entries.len() + over.entries.len());
    // Of a key that stands twice the last counts; merging both would join what is not joined.
    let mut last: BTreeMap<String, usize> = BTreeMap::new();
    for (index, entry) in base.entries.iter().enumerate() {
        last.insert(entry.key.as_str().unwrap_or_default().to_owned(), index);
    }
    let mut merged: BTreeSet<&str> = BTreeSet::new();
    for (index, entry) in base.entries.into_iter().enumerate() {
        let name = entry.key.as_str().unwrap_or_default().to_owned();
        if last.get(&name) != Some(&index) {
            continue;
        }
        match overriding.get_key_value(name.as_str()) {
            Some((&key, over)) => {
                merged.insert(key);
                entries.extend(merge_entry(&name, entry, over));
            }
            None => entries.push(entry),
        }
    }
    for entry in &over.entries {
        let is_merged = entry.key.as_str().is_some_and(|key| merged.contains(key));
        if !is_merged && !has_tag(&entry.value, "reset") {
            entries.push(entry.clone());
        }
    }
    Mapping { entries, is_open }
}

/// The entry `name` with both values; `None` when it is taken away.
fn merge_entry(name: &str, base: Entry, over: &Entry) -> Option<Entry> {
    if has_tag(&over.value, "reset") {
        return None;
    }
    if over.value.is_null() && !REPLACED.contains(&name) {
        return Some(base);
    }
    let value = if has_tag(&over.value, "override") || REPLACED.contains(&name) {
        over.value.clone()
    } else if KEYED.contains(&name) {
        merge(keyed(base.value), &keyed(over.value.clone()))
    } else if name == "build" {
        merge(build_mapping(base.value), &build_mapping(over.value.clone()))
    } else if LISTED.contains(&name) {
        join(name, listed(base.value), listed(over.value.clone()))
    } else if matches!(over.value.value, Value::Sequence(_)) {
        join(name, base.value, over.value.clone())
    } else {
        merge(base.value, &over.value)
    };
    Some(Entry { key: over.key.clone(), value })
}

fn has_tag(node: &Node, tag: &str) -> bool {
    node.tag.as_deref() == Some(tag)
}

/// The items of `base` in front of those of `over`.
fn join(name: &str, base: Node, over: Node) -> Node {
    let Value::Sequence(over_items) = over.value else { return over };
    let mut items = match base.value {
        Value::Sequence(items) => items,
        Value::Unknown => vec![Node::unknown(base.span)],
        _ => Vec::new(),
    };
    if name == "volumes" {
        let targets: BTreeSet<String> = over_items.iter().filter_map(mounts::target).collect();
        items.retain(|item| mounts::target(item).is_none_or(|target| !targets.contains(&target)));
    }
    items.extend(over_items);
    Node::sequence(over.span, items)
}

/// A list of `KEY=VALUE` or of names as a mapping.
fn keyed(node: Node) -> Node {
    let Value::Sequence(items) = node.value else { return node };
    let mut mapping = Mapping::default();
    for item in items {
        match item.as_str().map(|text| text.split_once('=').map_or((text, None), |(key, value)| (key, Some(value)))) {
            Some((key, value)) => {
                let value = value.map_or_else(|| Node::plain(item.span, ""), |value| Node::text(item.span, value));
                mapping.entries.push(Entry::new(item.span, key, value));
            }
            // A name that is not known may be any.
            None => mapping.is_open = true,
        }
    }
    Node::new(node.span, Value::Mapping(mapping))
}

/// One text as a list of it.
fn listed(node: Node) -> Node {
    match node.value {
        Value::Scalar { .. } => Node::sequence(node.span, vec![node]),
        _ => node,
    }
}

/// Moves all of `node` to `span`: what comes from another file is reported where this one asks for it.
pub(super) fn relocate(node: &mut Node, span: Span) {
    node.span = span;
    match &mut node.value {
        Value::Sequence(items) => items.iter_mut().for_each(|item| relocate(item, span)),
        Value::Mapping(mapping) => {
            for entry in &mut mapping.entries {
                relocate(&mut entry.key, span);
                relocate(&mut entry.value, span);
            }
        }
        Value::Scalar { .. } | Value::Unknown => {}
    }
}

/// Number of nodes in `node`, counted no further than just above `limit`.
pub(super) fn weight(node: &Node, limit: usize) -> usize {
    let mut total = 1;
    match &node.value {
        Value::Sequence(items) => {
            for item in items {
                if total > limit {
                    break;
                }
                total += weight(item, limit - total.min(limit));
            }
        }
        Value::Mapping(mapping) => {
            for entry in &mapping.entries {
                if total > limit {
                    break;
                }
                total += 1 + weight(&entry.value, limit - total.min(limit));
            }
        }
        Value::Scalar { text, .. } => total += text.len() / BYTES_A_NODE,
        Value::Unknown => {}
    }
    total
}
