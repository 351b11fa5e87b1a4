//! `permissions`: what the token of a job may do.

use super::attributes::Attributes;
use crate::document::node::{Node, Value};
use crate::span::Span;

/// What a `permissions` key says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Permissions {
    /// There is none: the setting of the repository counts, which may be to write all.
    Default,
    /// `read-all`
    ReadAll,
    /// `write-all`
    WriteAll,
    /// Scopes, each with what it allows.
    Scopes(Vec<(String, String)>),
}

impl Permissions {
    /// Reads the value of `permissions`; `None` when it is not known.
    pub(super) fn read(node: Option<&Node>) -> Option<Self> {
        let Some(node) = node else { return Some(Self::Default) };
        match &node.value {
            Value::Scalar { .. } => match node.as_str()? {
                "read-all" => Some(Self::ReadAll),
                "write-all" => Some(Self::WriteAll),
                "" => Some(Self::Default),
                _ => None,
            },
            Value::Mapping(mapping) => Some(Self::Scopes(
                mapping
                    .entries
                    .iter()
                    .filter_map(|entry| Some((entry.key.as_str()?.to_owned(), entry.value.as_str()?.to_owned())))
                    .collect(),
            )),
            Value::Sequence(_) | Value::Unknown => None,
        }
    }

    /// A word for rules.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::ReadAll => "read-all",
            Self::WriteAll => "write-all",
            Self::Scopes(scopes) if scopes.iter().any(|(_, access)| access == "write") => "write",
            Self::Scopes(scopes) if scopes.is_empty() => "none",
            Self::Scopes(_) => "read",
        }
    }

    /// Whether `scope` may be written for certain.
    pub(super) fn writes(&self, scope: &str) -> bool {
        match self {
            Self::WriteAll => true,
            Self::Scopes(scopes) => scopes.iter().any(|(name, access)| name == scope && access == "write"),
            Self::Default | Self::ReadAll => false,
        }
    }
}

/// `{scope, access, has_comment}` for each scope.
pub(super) fn entries(node: &Node, source: &str) -> Vec<Node> {
    let entries = node.as_mapping().unwrap_or_default();
    entries
        .iter()
        .filter_map(|entry| {
            let span = Span::new(entry.key.span.start, entry.value.span.end.max(entry.key.span.end));
            let mut attributes = Attributes::default();
            attributes.text("scope", entry.key.span, entry.key.as_str()?);
            attributes.text("access", entry.value.span, entry.value.as_str()?);
            attributes.flag("has_comment", entry.key.span, has_comment(span, source));
            Some(attributes.finish(span))
        })
        .collect()
}

/// Whether a comment with words in it stands behind `span` on its line.
fn has_comment(span: Span, source: &str) -> bool {
    let line = source.get(span.end..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    line.split_once('#').is_some_and(|(_, comment)| comment.chars().any(char::is_alphanumeric))
}
