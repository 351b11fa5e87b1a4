//! What holds for the result of every reader, whatever the input: the fuzz targets assert it.

use lockgate::document::node::{Node, Value};
use lockgate::span::Span;

/// Panics unless `span` can be cut out of `text`.
pub fn assert_inside(text: &str, span: Span) {
    assert!(span.start <= span.end, "{span:?} ends before it starts");
    assert!(text.get(span.start..span.end).is_some(), "{span:?} cannot be cut out of a text of {} bytes", text.len());
}

/// Panics unless the span of `root` and of every node below it can be cut out of `text`.
pub fn assert_located(text: &str, root: &Node) {
    let mut rest = vec![root];
    while let Some(node) = rest.pop() {
        assert_inside(text, node.span);
        match &node.value {
            Value::Sequence(items) => rest.extend(items),
            Value::Mapping(mapping) => {
                rest.extend(mapping.entries.iter().flat_map(|entry| [&entry.key, &entry.value]));
            }
            Value::Scalar { .. } | Value::Unknown => {}
        }
    }
}

/// Panics when `message`, which quotes the input, would move the cursor of the terminal that it is printed on.
pub fn assert_printable(message: &str) {
    let moves = |c: char| c.is_control() && c != '\n';
    assert!(!message.contains(moves), "a message holds control characters: {message:?}");
}
