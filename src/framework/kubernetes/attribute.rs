//! Attributes that are known, absent or unknown: what the text alone tells of a value.

use crate::document::node::{Node, Value};

/// What is known of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attribute<T> {
    /// It is this.
    Known(T),
    /// There is none, or it is null.
    Absent,
    /// A template decides.
    Unknown,
}

impl<'a> Attribute<&'a Node> {
    /// The value at the end of a chain of keys below `node`.
    pub(super) fn find(node: &'a Node, keys: &[&str]) -> Self {
        let mut found = node;
        for key in keys {
            match found.get(key) {
                Some(next) => found = next,
                None if is_open(found) => return Self::Unknown,
                None => return Self::Absent,
            }
        }
        Self::of(found)
    }

    /// A value that stands there.
    fn of(node: &'a Node) -> Self {
        match node.value {
            Value::Unknown => Self::Unknown,
            _ if node.is_null() => Self::Absent,
            _ => Self::Known(node),
        }
    }
}

impl<'a> Attribute<&'a str> {
    /// The name or label value that `node` holds. Neither can hold a `$` or a brace: such a text waits for a substitution.
    pub(super) fn text(node: Attribute<&'a Node>) -> Self {
        match node {
            Attribute::Known(node) => match node.as_str() {
                Some(text) if text.contains(['$', '{']) => Self::Unknown,
                Some(text) => Self::Known(text),
                None => Self::Absent,
            },
            Attribute::Absent => Self::Absent,
            Attribute::Unknown => Self::Unknown,
        }
    }

    /// The text at the end of a chain of keys below `node`.
    pub(super) fn text_at(node: &'a Node, keys: &[&str]) -> Self {
        Self::text(Attribute::find(node, keys))
    }
}

/// Whether `node` may hold keys that are not written.
pub(super) fn is_open(node: &Node) -> bool {
    match &node.value {
        Value::Unknown => true,
        Value::Mapping(mapping) => mapping.is_open,
        _ => false,
    }
}
