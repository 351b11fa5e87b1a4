//! The located tree that every structured format is read into.

use crate::span::Span;

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Bytes of the value in the text.
    pub span: Span,
    /// The value.
    pub value: Value,
    /// The tag that is written in front of it (YAML's `!Ref`), without the `!`.
    pub tag: Option<Box<str>>,
}

/// What a node holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A scalar: its text after escapes, and whether it was written without quotes.
    Scalar {
        /// Text after escape processing.
        text: String,
        /// Written without quotes, so that `true`, `12` and `null` keep their meaning.
        plain: bool,
    },
    /// A sequence.
    Sequence(Vec<Node>),
    /// A mapping.
    Mapping(Mapping),
    /// There is a value, but the text alone does not say which: a variable without a value, a template's expression.
    Unknown,
}

/// The entries of a mapping, in order; a key that is written twice stands twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping {
    /// Its entries.
    pub entries: Vec<Entry>,
    /// It may hold more entries than are written, because a template or a reference adds some: a key that is not here is
    /// not known to be absent.
    pub is_open: bool,
}

/// One entry of a mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: Node,
    /// The value.
    pub value: Node,
}

impl Node {
    /// A node of `value` at `span`, without a tag.
    #[must_use]
    pub fn new(span: Span, value: Value) -> Self {
        Self { span, value, tag: None }
    }

    /// A scalar that was written with quotes, or in a format where all scalars are text.
    #[must_use]
    pub fn text(span: Span, text: impl Into<String>) -> Self {
        Self::new(span, Value::Scalar { text: text.into(), plain: false })
    }

    /// A scalar that was written without quotes, such as `true` or `12`.
    #[must_use]
    pub fn plain(span: Span, text: impl Into<String>) -> Self {
        Self::new(span, Value::Scalar { text: text.into(), plain: true })
    }

    /// A sequence of `items`.
    #[must_use]
    pub fn sequence(span: Span, items: Vec<Node>) -> Self {
        Self::new(span, Value::Sequence(items))
    }

    /// A mapping of `entries` that is known as a whole.
    #[must_use]
    pub fn mapping(span: Span, entries: Vec<Entry>) -> Self {
        Self::new(span, Value::Mapping(Mapping { entries, is_open: false }))
    }

    /// A value that cannot be known.
    #[must_use]
    pub fn unknown(span: Span) -> Self {
        Self::new(span, Value::Unknown)
    }

    /// The text of a scalar.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The items of a sequence.
    #[must_use]
    pub fn as_sequence(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// The entries of a mapping.
    #[must_use]
    pub fn as_mapping(&self) -> Option<&[Entry]> {
        match &self.value {
            Value::Mapping(mapping) => Some(&mapping.entries),
            _ => None,
        }
    }

    /// Whether it is written as nothing: `null`, `~` or an empty plain scalar.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, plain: true } if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// The entry with this key. Of a key that stands twice the last counts, as in the parsers that will read the file.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.as_mapping()?.iter().rev().find(|entry| entry.key.as_str() == Some(key))
    }

    /// The value of the entry with this key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The entries of the mapping with this key; none where there is no mapping.
    #[must_use]
    pub fn entries(&self, key: &str) -> &[Entry] {
        self.get(key).and_then(Self::as_mapping).unwrap_or_default()
    }

    /// The value at the end of a chain of keys.
    #[must_use]
    pub fn at(&self, keys: &[&str]) -> Option<&Node> {
        keys.iter().try_fold(self, |node, key| node.get(key))
    }

    /// What kind of value it is, for messages.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Scalar { .. } => "a scalar",
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a mapping",
            Value::Unknown => "an unknown value",
        }
    }
}

impl Entry {
    /// An entry whose key is `name`, written at `span`.
    #[must_use]
    pub fn new(span: Span, name: &str, value: Node) -> Self {
        Self { key: Node::plain(span, name), value }
    }
}
