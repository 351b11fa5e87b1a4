//! The fix of a binding as data: the edit that mends what it finds.
//!
//! ```yaml
//! fix: {set: {at: with.persist-credentials, to: false, after: uses}}
//! fix: {remove: true, unsafe: true}
//! ```

use serde::{Deserialize, Serialize};

use super::path::Path;
use crate::document::node::{Node, Value};

/// Deepest nesting of a value that a fix writes.
const MAX_DEPTH: usize = 8;

/// What mends a finding, and whether that may change what the file is there for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// What is changed.
    pub change: Change,
    /// It may break what the file is there for: it is applied only when the user asks for such changes.
    pub is_unsafe: bool,
    /// What it does, in a sentence; `None` where the change says it.
    pub description: Option<String>,
}

/// A change of the tree of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// The attribute gets a value; it and the mappings on the way to it are added where they are missing.
    Set {
        /// The attribute: keys only, from the resource or from a scope.
        at: Path,
        /// Its value.
        to: Literal,
        /// The entry behind which what is missing is added, where there is one.
        after: Option<String>,
    },
    /// The attribute gets the value that another attribute of the view has.
    Copy {
        /// The attribute that is set: keys only, from the resource or from a scope.
        at: Path,
        /// The one that has the value: keys only, from the resource.
        from: Path,
        /// The entry behind which what is missing is added, where there is one.
        after: Option<String>,
    },
    /// The reported scalar becomes this one.
    Replace(Literal),
    /// The reported entry or item goes away.
    Remove,
    /// The reported scalar is put in quotes.
    Quote,
    /// Code of the fixer, by name.
    Native(String),
}

/// A value that a fix writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Literal {
    /// A scalar.
    Scalar {
        /// Its text.
        text: String,
        /// Written without quotes, so that `true` and `12` keep their meaning.
        plain: bool,
    },
    /// A list.
    List(Vec<Literal>),
    /// A mapping.
    Mapping(Vec<(String, Literal)>),
}

/// Why a node is no value that a fix can write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiteralError {
    /// Too many lists and mappings are inside of each other.
    TooDeep,
    /// It is not known, or a text of several lines; or a key of it is no text.
    NotPlain,
}

impl std::fmt::Display for LiteralError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooDeep => write!(f, "the value of a fix is nested deeper than {MAX_DEPTH} levels"),
            Self::NotPlain => f.write_str("the value of a fix is one line of text, a list or a mapping"),
        }
    }
}

impl Literal {
    /// The value of `node`.
    ///
    /// # Errors
    ///
    /// It has none that a fix can write. The error comes with the part of `node` that is to blame.
    pub fn of(node: &Node) -> Result<Self, (&Node, LiteralError)> {
        Self::below(node, 0)
    }

    fn below(node: &Node, depth: usize) -> Result<Self, (&Node, LiteralError)> {
        if depth > MAX_DEPTH {
            return Err((node, LiteralError::TooDeep));
        }
        match &node.value {
            Value::Scalar { text, plain } if !text.contains(char::is_control) => {
                Ok(Self::Scalar { text: text.clone(), plain: *plain })
            }
            Value::Sequence(items) => {
                items.iter().map(|item| Self::below(item, depth + 1)).collect::<Result<_, _>>().map(Self::List)
            }
            Value::Mapping(mapping) => {
                let entries = mapping.entries.iter().map(|entry| {
                    let key = entry.key.as_str().ok_or((&entry.key, LiteralError::NotPlain))?;
                    Ok((key.to_owned(), Self::below(&entry.value, depth + 1)?))
                });
                entries.collect::<Result<_, _>>().map(Self::Mapping)
            }
            Value::Scalar { .. } | Value::Unknown => Err((node, LiteralError::NotPlain)),
        }
    }

    /// A text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::Scalar { text: text.into(), plain: false }
    }
}

/// The value in YAML's flow style, for people.
impl std::fmt::Display for Literal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Scalar { text, .. } => f.write_str(text),
            Self::List(items) => {
                f.write_str("[")?;
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        f.write_str(", ")?;
                    }
                    item.fmt(f)?;
                }
                f.write_str("]")
            }
            Self::Mapping(entries) => {
                f.write_str("{")?;
                for (index, (key, value)) in entries.iter().enumerate() {
                    if index > 0 {
                        f.write_str(", ")?;
                    }
                    write!(f, "{key}: {value}")?;
                }
                f.write_str("}")
            }
        }
    }
}

/// What the change does, in a sentence.
impl std::fmt::Display for Fix {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(description) = &self.description {
            return f.write_str(description);
        }
        match &self.change {
            Change::Set { at, to, .. } => write!(f, "Set `{at}` to `{to}`"),
            Change::Copy { at, from, .. } => write!(f, "Set `{at}` to the value of `{from}`"),
            Change::Replace(to) => write!(f, "Write `{to}` instead"),
            Change::Remove => f.write_str("Remove it"),
            Change::Quote => f.write_str("Put it in quotes"),
            Change::Native(name) if name == "through-env" => {
                f.write_str("Pass the expression through an environment variable of the step")
            }
            Change::Native(name) => write!(f, "Apply `{name}`"),
        }
    }
}
