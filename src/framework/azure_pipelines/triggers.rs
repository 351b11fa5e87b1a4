//! When a pipeline runs.

use crate::document::node::{Entry, Node};
use crate::span::Span;

/// The attribute `runs_on_pull_requests`: unless `pr: none` is said, code of pull requests is built, where the repository
/// is on GitHub or Bitbucket. A file without steps of its own kind, and a template, which has parameters, does not say.
pub(super) fn pull_requests(root: &Node, header: Span) -> Entry {
    let value = match root.entry("pr") {
        Some(entry) => {
            let is_none =
                entry.value.as_str() == Some("none") || entry.value.as_sequence().is_some_and(<[Node]>::is_empty);
            Node::plain(entry.value.span, if is_none { "false" } else { "true" })
        }
        None if root.get("parameters").is_some() && root.get("trigger").is_none() => Node::unknown(header),
        None => Node::plain(header, "true"),
    };
    Entry::new(value.span, "runs_on_pull_requests", value)
}
