//! Trees as short text, for tests.

use crate::document::node::{Node, Value};

/// The tree as short text: `{a: 1, b: [x, ?]}`, with `…` behind what may hold more.
pub(super) fn show(node: &Node) -> String {
    let list = |items: Vec<String>| items.join(", ");
    match &node.value {
        Value::Unknown => "?".to_owned(),
        Value::Scalar { text, .. } => text.clone(),
        Value::Sequence(items) => format!("[{}]", list(items.iter().map(show).collect())),
        Value::Mapping(mapping) => {
            let mut entries: Vec<String> =
                mapping.entries.iter().map(|entry| format!("{}: {}", show(&entry.key), show(&entry.value))).collect();
            entries.extend(mapping.is_open.then(|| "…".to_owned()));
            format!("{{{}}}", list(entries))
        }
    }
}
