//! Steps of the way that a value takes, as views list them under `flow`: each says `what` happens where it stands. What stands in
//! another file is told by its `path` and the bytes `start` and `end` in that.

use crate::document::node::{Entry, Node};
use crate::span::Span;

/// A step at `span`.
pub(super) fn step(span: Span, what: impl Into<String>) -> Node {
    Node::mapping(span, vec![Entry::new(span, "what", Node::text(span, what))])
}

/// A step at `span` of the file at `path`, in a view of which all stands `here`.
pub(super) fn step_elsewhere(here: Span, path: &str, span: Span, what: impl Into<String>) -> Node {
    let entry = |key, text: String| Entry::new(here, key, Node::text(here, text));
    let place = [("path", path.to_owned()), ("start", span.start.to_string()), ("end", span.end.to_string())];
    let place = place.into_iter().map(|(key, text)| entry(key, text));
    Node::mapping(here, std::iter::once(entry("what", what.into())).chain(place).collect())
}
