//! The fix of a binding as data: the edit that mends what it finds.
//!
//! ```yaml
//! fix: {set: {at: with.persist-credentials, to: false, after: uses}}
//! fix: {remove: true, unsafe: true}
//! ```

use serde::{Deserialize, Serialize};

use super::path::Path;

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

impl Literal {
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
