//! Environment variables of containers: what a comparison of items with each other, or with other objects, tells.

use std::collections::HashSet;

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
    for (index, item) in variables(subject) {
        for (source, kind) in [("secretKeyRef", "Secret"), ("configMapKeyRef", "ConfigMap")] {
            let Some(reference) = item.at(&["valueFrom", source]) else { continue };
            if reference.get("optional").and_then(Node::as_str) == Some("true") {
                continue;
            }
            let (Some(name), Some(key)) = (reference.get("name"), reference.get("key")) else { continue };
            let (Some(name_text), Some(key_text)) = (name.as_str(), key.as_str()) else { continue };
            match declared(subject, kind, name_text) {
                Declared::No => found.push(witness(subject, name, index, "valueFrom")),
                Declared::Yes(object) if lacks(object, key_text) => {
                    found.push(witness(subject, key, index, "valueFrom"));
                }
                _ => {}
            }
        }
    }
    found
}

enum Declared<'p> {
    Yes(&'p Resource<'p>),
    No,
    /// A link may lead to it.
    Unknown,
}

/// Whether the workload uses an object of `kind` called `name` that the tree declares.
fn declared<'p>(subject: Subject<'p>, kind: &str, name: &str) -> Declared<'p> {
    let project = subject.project;
    let links = project.links.get(subject.resource.object).map(Vec::as_slice).unwrap_or_default();
    let mut may_be = false;
    for link in links {
        let Some(other) = project.resources.get(link.to) else { continue };
        if link.relation == "unknown" {
            may_be |= other.kind == kind || link.to == subject.resource.object;
        } else if other.kind == kind && other.body.at(&["metadata", "name"]).and_then(Node::as_str) == Some(name) {
            return Declared::Yes(other);
        }
    }
    if may_be { Declared::Unknown } else { Declared::No }
}

/// Whether the Secret or `ConfigMap` `object` is known not to have `key`.
fn lacks(object: &Resource<'_>, key: &str) -> bool {
    ["data", "stringData", "binaryData"].into_iter().all(|part| match object.body.get(part).map(|node| &node.value) {
        Some(Value::Mapping(mapping)) => {
            !mapping.is_open && !mapping.entries.iter().any(|entry| entry.key.as_str() == Some(key))
        }
        Some(Value::Unknown) => false,
        _ => true,
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
