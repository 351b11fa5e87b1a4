//! The resources of one workflow or action, in the order of the text.

use std::borrow::Cow;
use std::cell::Cell;
use std::sync::Arc;

use super::attributes::Attributes;
use super::checkout;
use super::expressions::{self, Around};
use super::facts::{JobFacts, WorkflowFacts};
use super::files::{Files, Place, jobs, steps};
use super::flow::{self, MAX_LOOKED_AT};
use super::needed::WorkflowNeeds;
use super::{alias, cache, image, permissions, runner, script, uses};
use crate::document::node::{Entry, Node};
use crate::framework::{Resource, Scope};
use crate::span::Span;

/// Collects the resources of a file.
pub(super) struct Views<'a, 'r> {
    resources: &'r mut Vec<Resource<'a>>,
    file: usize,
    source: &'a str,
    /// Of how many more steps and expressions views are made.
    limit: usize,
}

impl<'a, 'r> Views<'a, 'r> {
    pub(super) fn new(file: usize, source: &'a str, limit: usize, resources: &'r mut Vec<Resource<'a>>) -> Self {
        Self { resources, file, source, limit }
    }

    /// Where what is missing in a mapping is reported.
    pub(super) fn first_key(node: &Node) -> Span {
        node.as_mapping().and_then(<[Entry]>::first).map_or(node.span, |entry| entry.key.span)
    }

    /// Adds a resource.
    pub(super) fn push(
        &mut self,
        kind: &'static str,
        address: &str,
        base: String,
        body: Cow<'a, Node>,
        header: Span,
        scopes: Vec<Scope<'a>>,
    ) {
        let object = self.resources.len();
        let extent = body.span;
        let address = Arc::from(address);
        let kind = Cow::Borrowed(kind);
        self.resources.push(Resource { source: self.file, kind, address, body, base, header, extent, scopes, object });
    }

    /// Lists a workflow.
    pub(super) fn workflow(&mut self, root: &'a Node, files: &Files<'a>) {
        let facts = WorkflowFacts::new(self.file, root, files);
        let header = Self::first_key(root);
        let mut attributes = Attributes::default();
        facts.add(header, &mut attributes);
        if let Some(node) = root.get("permissions") {
            attributes.list("permission_entries", node.span, permissions::entries(node, self.source));
        }
        let needs = WorkflowNeeds::of(root);
        attributes.maybe("needed_permissions", needs.together(header));
        self.push("workflow", "workflow", String::new(), Cow::Owned(attributes.added_to(root)), header, Vec::new());
        let around = Around { files, source: self.source, triggers: facts.words(), budget: Cell::new(MAX_LOOKED_AT) };
        let place = Place { file: self.file, root, job: None, steps: &[], step: None };
        self.expressions("workflow", root, &place, &around);
        let all = root.get("jobs").map_or(root.span, |jobs| jobs.span);
        for (number, job) in jobs(root).iter().enumerate() {
            let first = self.resources.len();
            self.job(job, needs.of_job(number, job.key.span), &facts, &around);
            if let Some(span) = alias::place(job, all, self.source) {
                self.move_to(first, span);
            }
        }
    }

    /// Lists an action.
    pub(super) fn action(&mut self, root: &'a Node, files: &Files<'a>) {
        let Some(runs) = root.get("runs") else { return };
        let header = Self::first_key(root);
        self.push("action", "action", String::new(), Cow::Borrowed(root), header, Vec::new());
        let around = Around {
            files,
            source: self.source,
            triggers: vec!["action".to_owned()],
            budget: Cell::new(MAX_LOOKED_AT),
        };
        let place = Place { file: self.file, root, job: None, steps: steps(runs), step: None };
        if let Some(image) =
            runs.get("image").filter(|image| image.as_str().is_some_and(|text| text.starts_with("docker://")))
        {
            self.images("runs", "runs.image", image, "action", &place);
        }
        self.steps("runs", runs.get("steps"), &place, &WorkflowFacts::default(), &JobFacts::default(), &around);
    }

    fn job(
        &mut self,
        job: &'a Entry,
        needed_permissions: Option<Node>,
        workflow: &WorkflowFacts<'a>,
        around: &Around<'a, '_>,
    ) {
        let Some(id) = job.key.as_str() else { return };
        let node = &job.value;
        let address = format!("jobs.{id}");
        let place = Place {
            file: self.file,
            root: workflow.root.unwrap_or(node),
            job: Some(job),
            steps: steps(node),
            step: None,
        };
        let facts = JobFacts::new(&place, workflow);
        let header = job.key.span;
        let mut attributes = Attributes::default();
        attributes.text("id", header, id);
        facts.add(header, &mut attributes);
        runner::add(&place, &mut attributes);
        attributes.maybe("needed_permissions", needed_permissions);
        if let Some(permissions) = node.get("permissions") {
            attributes.list("permission_entries", permissions.span, permissions::entries(permissions, self.source));
        }
        let is_call = node.get("uses").is_some();
        if let Some(called) = node.get("uses") {
            attributes.maybe("uses_parts", uses::node(called, self.source));
        }
        script::add(&place, self.source, &mut attributes);
        let body = attributes.added_to(node);
        let scopes = vec![workflow.scope()];
        let mut add = |kind, body: Node, scopes| {
            let extent = Span::new(job.key.span.start, node.span.end.max(job.key.span.end));
            self.push(kind, &address, String::new(), Cow::Owned(body), header, scopes);
            if let Some(last) = self.resources.last_mut() {
                last.extent = extent;
            }
        };
        if is_call {
            add("reusable-call", body.clone(), scopes.clone());
        }
        add("job", body, scopes);
        self.expressions(&address, node, &place, around);
        self.condition(&address, &place, around);
        let container = node.get("container");
        if let Some(image) = container.and_then(|container| container.get("image").or(Some(container))) {
            self.images(&address, "container", image, "container", &place);
        }
        for service in node.get("services").and_then(Node::as_mapping).unwrap_or_default() {
            let image = service.value.get("image").unwrap_or(&service.value);
            let name = service.key.as_str().unwrap_or_default();
            self.images(&address, &format!("services.{name}"), image, "service", &place);
        }
        let first = self.resources.len();
        self.steps(&address, node.get("steps"), &place, workflow, &facts, around);
        if let Some(span) = node.entry("steps").and_then(|steps| alias::place(steps, node.span, self.source)) {
            self.move_to(first, span);
        }
    }

    fn steps(
        &mut self,
        address: &str,
        list: Option<&Node>,
        place: &Place<'a>,
        workflow: &WorkflowFacts<'a>,
        job: &JobFacts,
        around: &Around<'a, '_>,
    ) {
        let aliases = list.map(|list| alias::places(list, self.source)).unwrap_or_default();
        let mut untrusted: Option<Span> = None;
        for (index, step) in place.steps.iter().enumerate() {
            if self.limit == 0 {
                return;
            }
            self.limit -= 1;
            let address = format!("{address}.steps[{index}]");
            if let Some(inner) = step.get("parallel").and_then(Node::as_sequence) {
                // Steps that run side by side hold no such list again.
                for (inner_index, _) in inner.iter().enumerate() {
                    let place = Place { steps: inner, step: Some(inner_index), ..*place };
                    let address = format!("{address}.parallel[{inner_index}]");
                    let own = self.step(&address, &place, workflow, job, around, untrusted);
                    untrusted = untrusted.or(own);
                }
                continue;
            }
            let place = Place { step: Some(index), ..*place };
            let first = self.resources.len();
            let own = self.step(&address, &place, workflow, job, around, untrusted);
            untrusted = untrusted.or(own);
            if let Some(span) = aliases.get(index).copied().flatten() {
                self.move_to(first, span);
            }
        }
    }

    /// Moves the resources from number `first` on to the alias that they were made of.
    fn move_to(&mut self, first: usize, span: Span) {
        for resource in self.resources.iter_mut().skip(first) {
            let body = std::mem::replace(&mut resource.body, Cow::Owned(Node::unknown(span)));
            resource.body = Cow::Owned(alias::moved(body.into_owned(), span));
            resource.header = span;
            resource.extent = span;
        }
    }

    /// Lists a step, behind the `untrusted` checkout. Its place, when it checks out what an outsider proposes.
    fn step(
        &mut self,
        address: &str,
        place: &Place<'a>,
        workflow: &WorkflowFacts<'a>,
        job: &JobFacts,
        around: &Around<'a, '_>,
        untrusted: Option<Span>,
    ) -> Option<Span> {
        let step = place.step_node()?;
        let header = Self::first_key(step);
        let mut attributes = Attributes::default();
        let parts = step.get("uses").and_then(|uses| uses::node(uses, self.source));
        let version = parts.as_ref().and_then(|parts| parts.get("version")).and_then(Node::as_str).map(str::to_owned);
        attributes.maybe("uses_parts", parts);
        script::add(place, self.source, &mut attributes);
        attributes.maybe("cache", cache::node(step, version.as_deref(), &workflow.triggers));
        let condition = step.get("if").and_then(Node::as_str).and_then(expressions::constant_condition);
        attributes.flag("is_disabled", header, condition == Some(false));
        let is_untrusted = checkout::is_untrusted(place, around);
        attributes.flag("checks_out_untrusted", header, is_untrusted);
        attributes.flag("follows_untrusted_checkout", header, untrusted.is_some());
        attributes.maybe("checkout_flow", untrusted.map(flow::from_checkout));
        attributes.maybe("bot_guard", Self::bot_guard(step, place, around));
        let body = Cow::Owned(attributes.added_to(step));
        self.push("step", address, String::new(), body, header, vec![job.scope(header), workflow.scope()]);
        self.expressions(address, step, place, around);
        self.condition(address, place, around);
        if let Some(image) =
            step.get("uses").filter(|uses| uses.as_str().is_some_and(|text| text.starts_with("docker://")))
        {
            self.images(address, "uses", image, "step", place);
        }
        is_untrusted.then(|| step.get("uses").or_else(|| step.get("run")).map_or(header, |node| node.span))
    }

    /// The bot that the condition of the step, or of its job, asks for.
    fn bot_guard(step: &'a Node, place: &Place<'a>, around: &Around<'a, '_>) -> Option<Node> {
        let conditions = [step.get("if"), place.job.and_then(|job| job.value.get("if"))];
        conditions.into_iter().flatten().find_map(|node| {
            let view = expressions::condition(node, place, around)?;
            view.get("spoofable_actor").cloned()
        })
    }

    fn condition(&mut self, address: &str, place: &Place<'a>, around: &Around<'a, '_>) {
        let node = place.step_node().or(place.job.map(|job| &job.value));
        let Some(condition) = node.and_then(|node| node.get("if")) else { return };
        let Some(view) = expressions::condition(condition, place, around) else { return };
        let scopes = Vec::new();
        self.push("expression", address, "if".to_owned(), Cow::Owned(view.clone()), condition.span, scopes.clone());
        self.push("condition", address, "if".to_owned(), Cow::Owned(view), condition.span, scopes);
    }

    fn expressions(&mut self, address: &str, node: &'a Node, place: &Place<'a>, around: &Around<'a, '_>) {
        let mut limit = self.limit;
        for found in expressions::expressions(node, place, around, &mut limit) {
            let span = found.body.span;
            if found.is_code {
                self.push("expansion", address, found.base.clone(), Cow::Owned(found.body.clone()), span, Vec::new());
            }
            self.push("expression", address, found.base, Cow::Owned(found.body), span, Vec::new());
        }
        self.limit = limit;
    }

    fn images(&mut self, address: &str, base: &str, image: &'a Node, role: &str, place: &Place<'a>) {
        for view in image::nodes(image, role, place) {
            self.push("image", address, base.to_owned(), Cow::Owned(view), image.span, Vec::new());
        }
    }
}
