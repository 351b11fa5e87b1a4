//! Building the tree of a view: mappings whose every value has the place of what it says.

use crate::document::excerpt::Word;
use crate::document::node::{Entry, Mapping, Node, Value};
use crate::span::Span;

/// A mapping that is being built.
pub(in crate::framework) struct Attributes {
    span: Span,
    mapping: Mapping,
}

impl Attributes {
    /// An empty mapping over `span`.
    pub(in crate::framework) fn new(span: Span) -> Self {
        Self { span, mapping: Mapping::default() }
    }

    /// Says that there may be more than is written.
    pub(in crate::framework) fn open(&mut self) {
        self.mapping.is_open = true;
    }

    /// Adds a value.
    pub(in crate::framework) fn node(&mut self, key: &str, node: Node) {
        self.mapping.entries.push(Entry::new(node.span, key, node));
    }

    /// Adds a value if there is one.
    pub(in crate::framework) fn maybe(&mut self, key: &str, node: Option<Node>) {
        if let Some(node) = node {
            self.node(key, node);
        }
    }

    /// Adds a text.
    pub(in crate::framework) fn text(&mut self, key: &str, span: Span, text: impl Into<String>) {
        self.node(key, Node::text(span, text));
    }

    /// Adds a text, or an unknown value for `None`.
    pub(in crate::framework) fn known(&mut self, key: &str, span: Span, text: Option<String>) {
        self.node(key, known(span, text));
    }

    /// Adds `true` or `false`.
    pub(in crate::framework) fn flag(&mut self, key: &str, span: Span, holds: bool) {
        self.node(key, Node::plain(span, if holds { "true" } else { "false" }));
    }

    /// Adds `true` or `false`, or an unknown value for `None`.
    pub(in crate::framework) fn known_flag(&mut self, key: &str, span: Span, holds: Option<bool>) {
        match holds {
            Some(holds) => self.flag(key, span, holds),
            None => self.node(key, Node::unknown(span)),
        }
    }

    /// Adds a number.
    pub(in crate::framework) fn number(&mut self, key: &str, span: Span, number: usize) {
        self.node(key, Node::plain(span, number.to_string()));
    }

    /// Adds a list.
    pub(in crate::framework) fn list(&mut self, key: &str, span: Span, items: Vec<Node>) {
        self.node(key, Node::sequence(span, items));
    }

    /// The mapping.
    pub(in crate::framework) fn finish(self) -> Node {
        Node::new(self.span, Value::Mapping(self.mapping))
    }
}

/// A text, or an unknown value for `None`.
pub(in crate::framework) fn known(span: Span, text: Option<String>) -> Node {
    text.map_or_else(|| Node::unknown(span), |text| Node::text(span, text))
}

/// A word of a shell: unknown when there are variables in it.
pub(in crate::framework) fn word(word: &Word) -> Node {
    known(word.span, word.is_known.then(|| word.as_str().to_owned()))
}
