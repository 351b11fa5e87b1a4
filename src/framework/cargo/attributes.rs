//! Attributes that views add to what is written.

use crate::document::node::{Entry, Node};
use crate::span::Span;

/// The body of a view while it is made.
#[derive(Default)]
pub(super) struct Attributes {
    entries: Vec<Entry>,
}

impl Attributes {
    /// Begins with the entries of a mapping as they are written; with none for anything else.
    pub(super) fn written(node: &Node) -> Self {
        Self { entries: node.as_mapping().map(<[Entry]>::to_vec).unwrap_or_default() }
    }

    /// Adds a text that stands at `span`.
    pub(super) fn text(&mut self, span: Span, name: &str, value: impl Into<String>) {
        self.node(span, name, Node::text(span, value));
    }

    /// Adds `true` or `false`, which `span` says.
    pub(super) fn flag(&mut self, span: Span, name: &str, value: bool) {
        self.node(span, name, Node::plain(span, value.to_string()));
    }

    /// Adds any value.
    pub(super) fn node(&mut self, span: Span, name: &str, value: Node) {
        self.entries.push(Entry::new(span, name, value));
    }

    /// The body.
    pub(super) fn finish(self, span: Span) -> Node {
        Node::mapping(span, self.entries)
    }
}

/// Everything that `entry` is written in: the span of a table of TOML is only that of its header.
///
/// The recursion is as deep as the text nests, which its reader bounds.
pub(super) fn extent(entry: &Entry) -> Span {
    fn widen(node: &Node, extent: &mut Span) {
        *extent = Span::new(extent.start.min(node.span.start), extent.end.max(node.span.end));
        for item in node.as_sequence().unwrap_or_default() {
            widen(item, extent);
        }
        for entry in node.as_mapping().unwrap_or_default() {
            widen(&entry.key, extent);
            widen(&entry.value, extent);
        }
    }
    let mut extent = entry.key.span;
    widen(&entry.value, &mut extent);
    extent
}

/// Whether the value at `key` of `node` is written as `true`.
pub(super) fn is_true(node: &Node, key: &str) -> bool {
    node.get(key).and_then(Node::as_str) == Some("true")
}

/// The text at `key` of `node`.
pub(super) fn text<'n>(node: &'n Node, key: &str) -> Option<&'n str> {
    node.get(key).and_then(Node::as_str)
}

/// The entries of the mapping at `keys` below `node`.
pub(super) fn table<'n>(node: &'n Node, keys: &[&str]) -> &'n [Entry] {
    node.at(keys).and_then(Node::as_mapping).unwrap_or_default()
}
