//! The resources of a pipeline while its file is read, and their listing.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use super::expansion::Syntax;
use super::script::{self, Script};
use super::{Include, image, include, variables};
use crate::document::node::{Entry, Node};
use crate::document::{Document, ParseError};
use crate::framework::{Resource, Scope, Source};
use crate::span::Span;

/// Most resources of one file.
const MAX_RESOURCES: usize = 20_000;
/// Most nodes that the bodies of jobs and steps of one file have together: a template may be part of many jobs.
const MAX_NODES: usize = 500_000;

/// Where a resource stands.
#[derive(Clone, Debug)]
pub(in crate::framework) struct Place {
    /// Its address: `jobs.build.steps[2]`.
    pub(in crate::framework) address: String,
    /// Where what is missing in it is reported.
    pub(in crate::framework) header: Span,
    /// All of it.
    pub(in crate::framework) extent: Span,
}

impl Place {
    /// The place of an entry of a mapping, at `address`.
    pub(in crate::framework) fn of_entry(address: impl Into<String>, entry: &Entry) -> Self {
        let end = entry.value.span.end.max(entry.key.span.end);
        Self {
            address: address.into(),
            header: entry.key.span,
            extent: Span::new(entry.key.span.start.min(entry.value.span.start), end),
        }
    }

    /// The place of an item of a list, at `address`: its first key stands for it.
    pub(in crate::framework) fn of_item(address: impl Into<String>, item: &Node) -> Self {
        let first = item.as_mapping().and_then(<[Entry]>::first).map(|entry| entry.key.span);
        Self { address: address.into(), header: first.unwrap_or(item.span), extent: item.span }
    }
}

/// The resources that a file declares, while they are collected.
pub(in crate::framework) struct Views<'t> {
    text: &'t str,
    syntax: Syntax,
    roots: Vec<Node>,
    /// The root of the job in hand.
    job: Option<usize>,
    /// Where scripts, images and includes stand that are listed: what several jobs share is listed once.
    seen: HashSet<(&'static str, usize)>,
    nodes: usize,
    commands: script::Budget,
    errors: Vec<ParseError>,
}

impl<'t> Views<'t> {
    /// The views of a file with this text, whose pipeline is `body`.
    pub(in crate::framework) fn new(text: &'t str, syntax: Syntax, body: Node, header: Span) -> Self {
        let mut views = Self {
            text,
            syntax,
            roots: Vec::new(),
            job: None,
            seen: HashSet::new(),
            nodes: 0,
            commands: script::Budget::default(),
            errors: Vec::new(),
        };
        let extent = body.span;
        views.push("pipeline", &Place { address: "pipeline".to_owned(), header, extent }, body);
        views
    }

    /// Adds a job. The resources that follow are of this job, until the next one or [`Self::leave_job`].
    pub(in crate::framework) fn job(&mut self, place: &Place, body: Node) {
        self.job = None;
        let number = self.roots.len();
        if self.push("job", place, body) {
            self.job = Some(number);
        }
    }

    /// What follows is of no job.
    pub(in crate::framework) fn leave_job(&mut self) {
        self.job = None;
    }

    /// Adds a step.
    pub(in crate::framework) fn step(&mut self, place: &Place, body: Node) {
        self.push("step", place, body);
    }

    /// Adds a script, unless it is empty or another job has the same one.
    pub(in crate::framework) fn script(
        &mut self,
        place: &Place,
        script: &Script<'_>,
        variables: &variables::Variables,
    ) {
        if script.is_empty() || !self.seen.insert(("script", script.node.span.start)) {
            return;
        }
        let (body, is_cut) = script::body(script, self.text, self.syntax, variables, &mut self.commands);
        if is_cut {
            let message = "the commands of scripts from here on are not looked at: the file has too many".to_owned();
            self.errors.push(ParseError { offset: script.node.span.start, message });
        }
        self.push("script", place, body);
    }

    /// Adds an image. `role` says what it is for: `job`, `step` or `service`.
    pub(in crate::framework) fn container(&mut self, place: &Place, image: &Node, role: &str, added: Vec<Entry>) {
        if image.is_null() || image.as_str() == Some("") || !self.seen.insert(("container", image.span.start)) {
            return;
        }
        let body = image::container_with(image, self.syntax, role, added);
        self.push("container", place, body);
    }

    /// Adds what is loaded from elsewhere.
    pub(in crate::framework) fn include(&mut self, place: &Place, what: &Include<'_>) {
        if self.seen.insert(("include", what.name.span.start)) {
            let body = include::include(what, self.syntax);
            self.push("include", place, body);
        }
    }

    /// Whether it was added.
    fn push(&mut self, kind: &'static str, place: &Place, body: Node) -> bool {
        let weight = if matches!(kind, "job" | "step" | "include") { weight(&body) } else { 0 };
        if self.roots.len() >= MAX_RESOURCES || self.nodes + weight > MAX_NODES {
            if self.errors.last().is_none_or(|error| error.message != TOO_MANY) {
                self.errors.push(ParseError { offset: place.header.start, message: TOO_MANY.to_owned() });
            }
            return false;
        }
        self.nodes += weight;
        let mut entries = vec![
            Entry::new(place.header, "kind", Node::text(place.header, kind)),
            Entry::new(place.header, "address", Node::text(place.header, place.address.as_str())),
            Entry::new(place.header, "body", body),
        ];
        if let Some(job) = self.job {
            entries.push(Entry::new(place.header, "job", Node::plain(place.header, job.to_string())));
        }
        self.roots.push(Node::mapping(place.extent, entries));
        true
    }

    /// The document that holds the views in place of what was read.
    pub(in crate::framework) fn finish(self, read: Document) -> Document {
        let mut errors = read.errors;
        errors.extend(self.errors);
        errors.sort_by_key(|error| error.offset);
        Document { roots: self.roots, comments: read.comments, errors, is_template: read.is_template }
    }
}

const TOO_MANY: &str = "jobs, steps and scripts from here on are not looked at: the file has too many";

/// Number of nodes in a tree. Trees of readers are of bounded depth; a stack of its own keeps that from mattering.
pub(in crate::framework) fn weight(node: &Node) -> usize {
    let mut count = 0;
    let mut rest = vec![node];
    while let Some(node) = rest.pop() {
        count += 1;
        if count > MAX_NODES {
            return count;
        }
        rest.extend(node.as_sequence().unwrap_or_default());
        rest.extend(node.as_mapping().unwrap_or_default().iter().map(|entry| &entry.value));
    }
    count
}

/// Lists what the file at `index`, which is `source`, declares.
pub fn resources<'a>(index: usize, source: &'a Source, out: &mut Vec<Resource<'a>>) {
    let roots = &source.document.roots;
    let scope = |name: &'static str, root: &'a Node| {
        let body = root.entry("body")?;
        Some(Scope { name, node: Cow::Borrowed(&body.value), base: format!("${name}"), header: body.key.span })
    };
    let pipeline = roots.first().and_then(|root| scope("pipeline", root));
    for root in roots {
        let text = |key| root.get(key).and_then(Node::as_str);
        let (Some(kind), Some(address), Some(body)) = (text("kind"), text("address"), root.entry("body")) else {
            continue;
        };
        let job = text("job").and_then(|number| number.parse().ok()).and_then(|number: usize| roots.get(number));
        let own = (kind == "job").then_some(root);
        out.push(Resource {
            source: index,
            kind: Cow::Borrowed(kind),
            address: Arc::from(address),
            body: Cow::Borrowed(&body.value),
            base: String::new(),
            header: body.key.span,
            extent: root.span,
            scopes: pipeline.iter().cloned().chain(job.or(own).and_then(|root| scope("job", root))).collect(),
            object: out.len(),
        });
    }
}
