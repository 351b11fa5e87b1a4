//! Environment variables of containers: what a comparison of items with each other, or with other objects, tells.

use std::collections::{HashMap, HashSet};

use crate::document::node::{Node, Value};
use crate::engine::policy::evaluate::Subject;
use crate::engine::policy::walk::{Place, Reached, Trail};
use crate::engine::policy::witness::Witness;
use crate::framework::Resource;

/// A variable that is set twice: the later value wins, silently.
pub(super) fn duplicate(subject: Subject<'_>) -> Vec<Witness> {
    let mut names = HashSet::new();
    let mut found = Vec::new();
    for (index, item) in variables(subject) {
        let Some(entry) = item.entry("name") else { continue };
        let Some(name) = entry.value.as_str() else { continue };
        if !names.insert(name) {
            found.push(witness(subject, &entry.value, index, "name"));
        }
    }
    found
}

/// A variable that is read from a Secret or `ConfigMap`, or from a key of one, that no file declares.
pub(super) fn dangling(subject: Subject<'_>) -> Vec<Witness> {
    let mut found = Vec::new();
    let declared = Declared::new(subject);
    for (index, item) in variables(subject) {
        for (source, kind) in [("secretKeyRef", "Secret"), ("configMapKeyRef", "ConfigMap")] {
            let Some(reference) = item.at(&["valueFrom", source]) else { continue };
            if reference.get("optional").and_then(Node::as_str) == Some("true") {
                continue;
            }
            let (Some(name), Some(key)) = (reference.get("name"), reference.get("key")) else { continue };
            let (Some(name_text), Some(key_text)) = (name.as_str(), key.as_str()) else { continue };
            match declared.named.get(&(kind, name_text)) {
                Some(object) if lacks(subject, object, key_text) => {
                    found.push(witness(subject, key, index, "valueFrom"));
                }
                None if !declared.may_be(kind) => found.push(witness(subject, name, index, "valueFrom")),
                _ => {}
            }
        }
    }
    found
}

/// What the workload uses of what the tree declares.
struct Declared<'p> {
    /// By kind and name.
    named: HashMap<(&'p str, &'p str), &'p Resource<'p>>,
    /// Kinds of what a link may lead to, and whether one may lead to anything.
    doubted: HashSet<&'p str>,
    is_doubted: bool,
}

impl<'p> Declared<'p> {
    fn new(subject: Subject<'p>) -> Self {
        let mut declared = Self { named: HashMap::new(), doubted: HashSet::new(), is_doubted: false };
        let links = subject.project.links.get(subject.resource.object).map(Vec::as_slice).unwrap_or_default();
        for link in links {
            let Some(other) = subject.project.resources.get(link.to).filter(|_| subject.steps.take(1)) else {
                continue;
            };
            if link.relation == "unknown" {
                declared.doubted.insert(&other.kind);
                declared.is_doubted |= link.to == subject.resource.object;
            } else if let Some(name) = other.body.at(&["metadata", "name"]).and_then(Node::as_str) {
                declared.named.entry((&other.kind, name)).or_insert(other);
            }
        }
        declared
    }

    /// Whether a link may lead to something of `kind`.
    fn may_be(&self, kind: &str) -> bool {
        self.is_doubted || self.doubted.contains(kind)
    }
}

/// Whether the Secret or `ConfigMap` `object` is known not to have `key`.
fn lacks(subject: Subject<'_>, object: &Resource<'_>, key: &str) -> bool {
    ["data", "stringData", "binaryData"].into_iter().all(|part| {
        let Some(part) = object.body.get(part) else { return true };
        match &part.value {
            Value::Mapping(mapping) => {
                let is_known = !mapping.is_open && subject.steps.take_for(part);
                is_known && !mapping.entries.iter().any(|entry| entry.key.as_str() == Some(key))
            }
            Value::Unknown => false,
            _ => true,
        }
    })
}

fn variables(subject: Subject<'_>) -> impl Iterator<Item = (usize, &Node)> {
    let items = subject.resource.body.get("env").and_then(Node::as_sequence).unwrap_or_default();
    items.iter().enumerate()
}

fn witness(subject: Subject<'_>, node: &Node, index: usize, attribute: &str) -> Witness {
    let base = Trail::Start(&subject.resource.base);
    let env = Trail::Key(&base, "env");
    let item = Trail::Item(&env, index);
    let place = Place { node, header: node.span, key: None };
    Witness::of(Reached::Present(place), &Trail::Key(&item, attribute))
}
