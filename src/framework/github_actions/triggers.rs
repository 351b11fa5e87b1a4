//! `on`: what starts a workflow, and who can.

use crate::document::node::{Node, Value};
use crate::span::Span;

/// An event that starts a workflow.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trigger<'a> {
    /// Its name.
    pub(super) name: &'a str,
    /// Where the name stands.
    pub(super) span: Span,
    /// What narrows it; absent when it is only named.
    pub(super) filters: Option<&'a Node>,
}

/// Events that run with the rights and secrets of the repository though anyone can cause them with content of their own.
/// See <https://docs.github.com/en/actions/reference/security/secure-use>.
const PRIVILEGED: &[&str] = &[
    "pull_request_target",
    "workflow_run",
    "issue_comment",
    "issues",
    "discussion",
    "discussion_comment",
    "gollum",
    "fork",
];

/// Events whose content people without rights in the repository write.
const OUTSIDE: &[&str] = &["pull_request", "pull_request_review", "pull_request_review_comment", "watch"];

/// The events of a workflow.
#[derive(Clone, Debug, Default)]
pub(super) struct Triggers<'a> {
    /// In order.
    pub(super) all: Vec<Trigger<'a>>,
    /// What `on` holds is not known in full.
    pub(super) is_open: bool,
}

impl<'a> Triggers<'a> {
    /// Reads the value of `on`.
    pub(super) fn read(node: Option<&'a Node>) -> Self {
        let mut triggers = Self::default();
        let Some(node) = node else { return triggers };
        let named = |node: &'a Node| node.as_str().map(|name| Trigger { name, span: node.span, filters: None });
        match &node.value {
            Value::Scalar { .. } => triggers.all.extend(named(node)),
            Value::Sequence(items) => triggers.all.extend(items.iter().filter_map(named)),
            Value::Mapping(mapping) => {
                triggers.is_open = mapping.is_open;
                triggers.all.extend(mapping.entries.iter().filter_map(|entry| {
                    let name = entry.key.as_str()?;
                    Some(Trigger { name, span: entry.key.span, filters: Some(&entry.value) })
                }));
            }
            Value::Unknown => triggers.is_open = true,
        }
        triggers
    }

    /// The trigger of this name.
    pub(super) fn get(&self, name: &str) -> Option<&Trigger<'a>> {
        self.all.iter().find(|trigger| trigger.name == name)
    }

    /// Whether other workflows call it, and nothing else starts it.
    pub(super) fn is_only_called(&self) -> bool {
        !self.is_open && !self.all.is_empty() && self.all.iter().all(|trigger| trigger.name == "workflow_call")
    }

    /// Whether people without rights in the repository can start it, with or without its rights.
    pub(super) fn is_for_outsiders(&self) -> bool {
        self.all.iter().any(|trigger| PRIVILEGED.contains(&trigger.name) || OUTSIDE.contains(&trigger.name))
    }

    /// Whether it runs for releases: a release, a push of tags, or a push to a branch that is named like one.
    pub(super) fn is_release(&self) -> bool {
        self.all.iter().any(|trigger| match trigger.name {
            "release" => true,
            "push" => {
                let patterns = |key| {
                    let value = trigger.filters.and_then(|filters| filters.get(key));
                    value.map(|value| value.as_sequence().unwrap_or(std::slice::from_ref(value))).unwrap_or_default()
                };
                patterns("tags").iter().any(|tag| tag.as_str().is_some_and(|tag| !tag.starts_with('!')))
                    || patterns("branches").iter().filter_map(Node::as_str).any(is_release_branch)
            }
            _ => false,
        })
    }

    /// Whether every run for a release is one for a tag.
    pub(super) fn releases_are_tags(&self) -> bool {
        let branches = self.get("push").and_then(|push| push.filters).and_then(|filters| filters.get("branches"));
        let branches = branches.map(|value| value.as_sequence().unwrap_or(std::slice::from_ref(value)));
        !branches.unwrap_or_default().iter().filter_map(Node::as_str).any(is_release_branch)
    }
}

fn is_release_branch(branch: &str) -> bool {
    branch.to_ascii_lowercase().contains("release")
}

/// A word for who can cause the event: `outsider-privileged`, `outsider`, `caller` or `maintainer`.
pub(super) fn word(name: &str) -> &'static str {
    if PRIVILEGED.contains(&name) {
        "outsider-privileged"
    } else if OUTSIDE.contains(&name) {
        "outsider"
    } else if name == "workflow_call" {
        "caller"
    } else {
        "maintainer"
    }
}
