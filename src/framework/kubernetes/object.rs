//! Objects of a manifest, those inside lists included, and what they are called.

use super::attribute::Attribute;
use super::namespace::is_implied;
use crate::document::Document;
use crate::document::node::Node;
use crate::span::Span;

/// Deepest nesting of lists in lists that is read.
const MAX_LISTS: usize = 8;

/// One object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Object<'a> {
    /// All of it.
    pub(super) node: &'a Node,
    /// Its kind, as written; in a typed list without kinds, the kind that the list is of.
    pub(super) kind: &'a str,
    /// Group of its API: what stands in front of `/` in `apiVersion`; empty for the core.
    pub(super) group: &'a str,
}

/// The objects of `document`, in order.
pub(super) fn objects(document: &Document) -> Vec<Object<'_>> {
    let mut objects = Vec::new();
    for root in &document.roots {
        collect(root, None, 0, &mut objects);
    }
    objects
}

/// Collects `node`, an item of `list` or a document of its own.
fn collect<'a>(node: &'a Node, list: Option<&Object<'a>>, depth: usize, objects: &mut Vec<Object<'a>>) {
    let written = |key| node.get(key).and_then(Node::as_str).filter(|text| !text.is_empty());
    let inherited_kind = list.and_then(|list| list.kind.strip_suffix("List")).filter(|kind| !kind.is_empty());
    let Some(kind) = written("kind").or(inherited_kind) else { return };
    let group = match node.get("apiVersion") {
        Some(version) => group(version.as_str().unwrap_or_default()),
        None => match list {
            Some(list) => list.group,
            None => return,
        },
    };
    let object = Object { node, kind, group };
    let items = |key| node.get(key).and_then(Node::as_sequence);
    if let Some(items) = items("items").filter(|_| kind.ends_with("List")) {
        for item in items.iter().filter(|_| depth < MAX_LISTS) {
            collect(item, Some(&object), depth + 1, objects);
        }
        return;
    }
    objects.push(object);
    // An OpenShift template holds the objects that it makes.
    if let Some(items) = items("objects").filter(|_| kind == "Template" && depth < MAX_LISTS) {
        for item in items {
            collect(item, None, depth + 1, objects);
        }
    }
}

/// The group in an `apiVersion`.
fn group(version: &str) -> &str {
    version.split_once('/').map_or("", |(group, _)| group)
}

impl<'a> Object<'a> {
    /// The object `node`, whose kind is known.
    pub(super) fn of(kind: &'a str, node: &'a Node) -> Self {
        Self { node, kind, group: group(node.get("apiVersion").and_then(Node::as_str).unwrap_or_default()) }
    }

    /// Its `metadata.name`.
    pub(super) fn name(&self) -> Attribute<&'a str> {
        Attribute::text_at(self.node, &["metadata", "name"])
    }

    /// Its `metadata.namespace`.
    pub(super) fn namespace(&self) -> Attribute<&'a str> {
        Attribute::text_at(self.node, &["metadata", "namespace"])
    }

    /// `Kind.namespace.name`, with `default` for a namespace that is not written and `?` for what cannot be known.
    pub(super) fn address(&self) -> String {
        let namespace = match self.namespace() {
            Attribute::Known(namespace) => namespace,
            Attribute::Unknown if self.node.get("metadata").is_some_and(is_implied) => "default",
            Attribute::Absent => "default",
            Attribute::Unknown => "?",
        };
        let name = match self.name() {
            Attribute::Absent => Attribute::text_at(self.node, &["metadata", "generateName"]),
            name => name,
        };
        let name = if let Attribute::Known(name) = name { name } else { "?" };
        format!("{}.{namespace}.{name}", self.kind)
    }

    /// Where what is missing in it is reported: its name, else its kind.
    pub(super) fn header(&self) -> Span {
        let name = self.node.at(&["metadata", "name"]).or_else(|| self.node.get("kind"));
        name.map_or(self.node.span, |node| node.span)
    }
}
