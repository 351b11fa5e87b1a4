//! What is known of a workflow and of a job as a whole, for the views of both and as scopes for those of their parts.

use std::borrow::Cow;

use super::attributes::Attributes;
use super::cache;
use super::files::{Files, Place, jobs};
use super::permissions::Permissions;
use super::triggers::{Triggers, word};
use super::uses::Uses;
use crate::document::node::Node;
use crate::framework::Scope;
use crate::span::Span;

/// Actions that label or greet, and neither check out nor run what a pull request brings.
const LABELERS: &[&str] = &["actions/first-interaction", "actions/labeler", "actions/stale", "srvaroa/labeler"];

/// Most workflows that one waits for.
const MAX_WAITED_FOR: usize = 64;

/// A workflow.
#[derive(Clone, Debug, Default)]
pub(super) struct WorkflowFacts<'a> {
    pub(super) root: Option<&'a Node>,
    pub(super) triggers: Triggers<'a>,
    /// What its `permissions` say; `None` when that is not known.
    permissions: Option<Permissions>,
    jobs: usize,
    jobs_without_concurrency: usize,
    only_labels: bool,
    /// Outsiders can start it with the rights and secrets of the repository.
    is_privileged: bool,
    header: Option<Span>,
}

impl<'a> WorkflowFacts<'a> {
    pub(super) fn new(file: usize, root: &'a Node, files: &Files<'a>) -> Self {
        let triggers = Triggers::read(root.get("on"));
        let is_privileged = triggers.all.iter().any(|trigger| {
            word(trigger.name) == "outsider-privileged"
                && (trigger.name != "workflow_run" || follows_outsiders(trigger.filters, file, files))
        });
        let all_jobs = jobs(root);
        let only_labels = all_jobs.len() == 1
            && all_jobs.iter().all(|job| {
                let steps = job.value.get("steps").and_then(Node::as_sequence).unwrap_or_default();
                !steps.is_empty()
                    && steps.iter().all(|step| {
                        let name =
                            step.get("uses").and_then(Node::as_str).and_then(Uses::parse).and_then(|uses| uses.name());
                        name.is_some_and(|name| LABELERS.contains(&name.as_str()))
                    })
            });
        Self {
            root: Some(root),
            triggers,
            permissions: Permissions::read(root.get("permissions")),
            jobs: all_jobs.len(),
            jobs_without_concurrency: all_jobs.iter().filter(|job| is_unlimited(&job.value)).count(),
            only_labels,
            is_privileged,
            header: root.as_mapping().and_then(|entries| entries.first()).map(|entry| entry.key.span),
        }
    }

    /// The words of its events.
    pub(super) fn words(&self) -> Vec<String> {
        self.triggers.all.iter().map(|trigger| trigger.name.to_owned()).collect()
    }

    /// Adds the facts.
    pub(super) fn add(&self, span: Span, attributes: &mut Attributes) {
        let triggers = self.triggers.all.iter().map(|trigger| {
            let mut attributes = Attributes::default();
            attributes.text("name", trigger.span, trigger.name);
            attributes.text("who", trigger.span, word(trigger.name));
            attributes.finish(trigger.span)
        });
        attributes.list("triggers", span, triggers.collect());
        attributes.flag("is_only_called", span, self.triggers.is_only_called());
        attributes.flag("is_release", span, self.triggers.is_release());
        attributes.flag("is_for_outsiders", span, self.triggers.is_for_outsiders());
        attributes.flag("is_privileged", span, self.is_privileged);
        attributes.flag("only_labels", span, self.only_labels);
        attributes.node("job_count", Node::plain(span, self.jobs.to_string()));
        attributes.node("jobs_without_concurrency", Node::plain(span, self.jobs_without_concurrency.to_string()));
        attributes.node("permissions_word", permissions_word(self.permissions.as_ref(), span));
    }

    /// The scope `$workflow`.
    pub(super) fn scope(&self) -> Scope<'a> {
        let span = self.header.unwrap_or(Span::new(0, 0));
        let mut attributes = Attributes::default();
        if self.root.is_some() {
            self.add(span, &mut attributes);
        }
        Scope {
            name: "workflow",
            node: Cow::Owned(attributes.finish(span)),
            base: "$workflow".to_owned(),
            header: span,
        }
    }
}

/// Whether runs of a job pile up. What a job calls has limits of its own.
fn is_unlimited(job: &Node) -> bool {
    job.get("concurrency").is_none() && job.get("uses").is_none()
}

/// Whether one of the workflows that this one waits for can be started by outsiders, or is not there to be looked at.
fn follows_outsiders(filters: Option<&Node>, file: usize, files: &Files<'_>) -> bool {
    let Some(waited) = filters.and_then(|filters| filters.get("workflows")) else { return true };
    let names = waited.as_sequence().unwrap_or(std::slice::from_ref(waited));
    let own = files.sources.get(file).map_or("", |source| &source.path);
    names.iter().take(MAX_WAITED_FOR).any(|name| {
        let Some(pattern) = name.as_str() else { return true };
        let mut found = false;
        let is_open = files.workflows().filter(|(path, _)| *path != own).any(|(path, root)| {
            let file_name = path.rsplit('/').next().unwrap_or(path);
            let name = root.get("name").and_then(Node::as_str).unwrap_or(file_name);
            let is_it = name == pattern || file_name == pattern;
            found |= is_it;
            is_it && Triggers::read(root.get("on")).is_for_outsiders()
        });
        is_open || !found
    })
}

fn permissions_word(permissions: Option<&Permissions>, span: Span) -> Node {
    permissions.map_or(Node::unknown(span), |permissions| Node::text(span, permissions.word()))
}

/// A job, or nothing for an action.
#[derive(Clone, Debug, Default)]
pub(super) struct JobFacts {
    is_job: bool,
    own: Option<Permissions>,
    effective: Option<Permissions>,
    has_environment: bool,
    /// Whether what it caches may end in what is published.
    publishes: bool,
}

impl JobFacts {
    pub(super) fn new(place: &Place<'_>, workflow: &WorkflowFacts<'_>) -> Self {
        let Some(job) = place.job else { return Self::default() };
        let own = Permissions::read(job.value.get("permissions"));
        let effective = if own == Some(Permissions::Default) { workflow.permissions.clone() } else { own.clone() };
        Self {
            is_job: true,
            own,
            effective,
            has_environment: job.value.get("environment").is_some(),
            publishes: workflow.triggers.is_release()
                || place.steps.iter().any(|step| cache::publishes(step).is_some()),
        }
    }

    /// Adds the facts.
    pub(super) fn add(&self, span: Span, attributes: &mut Attributes) {
        attributes.node("permissions_word", permissions_word(self.own.as_ref(), span));
        attributes.node("effective_permissions", permissions_word(self.effective.as_ref(), span));
        let writes = |scope| self.effective.as_ref().is_some_and(|permissions| permissions.writes(scope));
        attributes.flag("writes_id_token", span, writes("id-token"));
        attributes.flag("writes_contents", span, writes("contents"));
        attributes.flag("has_environment", span, self.has_environment);
        attributes.flag("publishes", span, self.publishes);
    }

    /// The scope `$job`.
    pub(super) fn scope<'a>(&self, span: Span) -> Scope<'a> {
        let mut attributes = Attributes::default();
        if self.is_job {
            self.add(span, &mut attributes);
        }
        Scope { name: "job", node: Cow::Owned(attributes.finish(span)), base: "$job".to_owned(), header: span }
    }
}
