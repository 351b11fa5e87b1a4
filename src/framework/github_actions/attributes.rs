//! Building the trees of views: mappings whose every value has the place of what it says.

use super::alias;
use crate::document::node::{Entry, Node, Value};
use crate::span::Span;

/// The attributes that are added to a tree, or make one.
#[derive(Default)]
pub(super) struct Attributes {
    entries: Vec<Entry>,
}

impl Attributes {
    /// Adds a value.
    pub(super) fn node(&mut self, key: &str, node: Node) {
        self.entries.push(Entry::new(node.span, key, node));
    }

    /// Adds a value if there is one.
    pub(super) fn maybe(&mut self, key: &str, node: Option<Node>) {
        if let Some(node) = node {
            self.node(key, node);
        }
    }

    /// Adds a text.
    pub(super) fn text(&mut self, key: &str, span: Span, text: impl Into<String>) {
        self.node(key, Node::text(span, text));
    }

    /// Adds `true` or `false`.
    pub(super) fn flag(&mut self, key: &str, span: Span, holds: bool) {
        self.node(key, Node::plain(span, if holds { "true" } else { "false" }));
    }

    /// Adds a list.
    pub(super) fn list(&mut self, key: &str, span: Span, items: Vec<Node>) {
        self.node(key, Node::sequence(span, items));
    }

    /// Adds a list of texts that all stand at one place.
    pub(super) fn texts<T: Into<String>>(&mut self, key: &str, span: Span, texts: impl IntoIterator<Item = T>) {
        self.list(key, span, texts.into_iter().map(|text| Node::text(span, text)).collect());
    }

    /// Adds what others hold; with `span`, as if all of it stood there.
    pub(super) fn append(&mut self, others: Self, span: Option<Span>) {
        self.entries.extend(others.entries.into_iter().map(|mut entry| {
            if let Some(span) = span {
                entry.key.span = span;
                entry.value = alias::moved(entry.value, span);
            }
            entry
        }));
    }

    /// The mapping.
    pub(super) fn finish(self, span: Span) -> Node {
        Node::mapping(span, self.entries)
    }

    /// `node` with the attributes behind its own.
    pub(super) fn added_to(self, node: &Node) -> Node {
        let mut node = node.clone();
        match &mut node.value {
            Value::Mapping(mapping) => mapping.entries.extend(self.entries),
            _ => node.value = Node::mapping(node.span, self.entries).value,
        }
        node
    }
}
