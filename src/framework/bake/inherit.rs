//! Targets of a bake file with what they inherit, merged as Buildx does: the target over its parents, later ones over earlier.

use std::collections::BTreeMap;

use crate::document::node::{Entry, Mapping, Node, Value};

/// Attributes that are merged key by key.
const MAPPINGS: &[&str] = &["args", "contexts", "labels"];
/// Attributes whose lists are joined; all others are replaced.
const JOINED: &[&str] = &["annotations", "attest", "entitlements", "secret", "ssh"];
/// Longest chain of targets that inherit from each other.
const MAX_CHAIN: usize = 16;
/// Most entries that all targets of one file take from others.
const MAX_COPIED: usize = 200_000;

/// The targets of one file.
pub(super) struct Targets<'a> {
    written: BTreeMap<&'a str, &'a Entry>,
    /// Those that are merged; `None` while one is at work.
    merged: BTreeMap<&'a str, Option<Node>>,
    /// Entries that may still be taken.
    left: usize,
}

impl<'a> Targets<'a> {
    /// Of a name that stands twice the last counts.
    pub(super) fn new(entries: &'a [Entry]) -> Self {
        let named = |entry: &'a Entry| entry.key.as_str().map(|name| (name, entry));
        Self { written: entries.iter().filter_map(named).collect(), merged: BTreeMap::new(), left: MAX_COPIED }
    }

    /// The names and the entries, in the order of the names.
    pub(super) fn entries(&self) -> Vec<(&'a str, &'a Entry)> {
        self.written.iter().map(|(name, entry)| (*name, *entry)).collect()
    }

    /// The target `name` with what it inherits. It is open when some of that is not known.
    pub(super) fn target(&mut self, name: &str) -> Option<Node> {
        self.merged_target(name, 0)
    }

    fn merged_target(&mut self, name: &str, depth: usize) -> Option<Node> {
        let (&name, &entry) = self.written.get_key_value(name)?;
        if let Some(done) = self.merged.get(name) {
            return done.clone();
        }
        let Value::Mapping(own) = &entry.value.value else { return Some(entry.value.clone()) };
        self.merged.insert(name, None);
        let mut mapping = Mapping::default();
        let inherits = entry.value.get("inherits").filter(|inherits| !inherits.is_null());
        let parents = match inherits.map(|inherits| &inherits.value) {
            Some(Value::Sequence(parents)) => parents.as_slice(),
            Some(_) => {
                mapping.is_open = true;
                &[]
            }
            None => &[],
        };
        for parent in parents {
            let parent = match parent.as_str() {
                Some(name) if depth < MAX_CHAIN => self.merged_target(name, depth + 1),
                _ => None,
            };
            match parent.map(|parent| parent.value) {
                Some(Value::Mapping(parent)) if self.take(&parent) => merge(&mut mapping, &parent),
                _ => mapping.is_open = true,
            }
        }
        merge(&mut mapping, own);
        let merged = Node::new(entry.value.span, Value::Mapping(mapping));
        // What was cut for its depth may be whole when it is asked for by itself.
        if depth < MAX_CHAIN {
            self.merged.insert(name, Some(merged.clone()));
        } else {
            self.merged.remove(name);
        }
        Some(merged)
    }

    /// Whether `parent` may still be taken.
    fn take(&mut self, parent: &Mapping) -> bool {
        let count = |node: &Node| match &node.value {
            Value::Sequence(items) => 1 + items.len(),
            Value::Mapping(mapping) => 1 + mapping.entries.len(),
            _ => 1,
        };
        let weight = parent.entries.iter().map(|entry| count(&entry.value)).sum();
        let is_enough = self.left >= weight;
        self.left = self.left.saturating_sub(weight);
        is_enough
    }
}

/// Merges `over` over `base`.
fn merge(base: &mut Mapping, over: &Mapping) {
    base.is_open |= over.is_open;
    let places: BTreeMap<String, usize> = base
        .entries
        .iter()
        .enumerate()
        .filter_map(|(at, entry)| entry.key.as_str().map(|name| (name.to_owned(), at)))
        .collect();
    for entry in &over.entries {
        let name = entry.key.as_str().unwrap_or_default();
        let Some(known) = places.get(name).and_then(|&at| base.entries.get_mut(at)) else {
            base.entries.push(entry.clone());
            continue;
        };
        match (&mut known.value.value, &entry.value.value) {
            (Value::Mapping(base), Value::Mapping(over)) if MAPPINGS.contains(&name) => {
                // The last of a key counts.
                base.entries.extend(over.entries.iter().cloned());
                base.is_open |= over.is_open;
            }
            (Value::Sequence(base), Value::Sequence(over)) if JOINED.contains(&name) => {
                base.extend(over.iter().cloned());
            }
            _ => *known = entry.clone(),
        }
    }
}
