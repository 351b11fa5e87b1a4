//! Kubernetes: manifests into objects, views of the parts that rules look at, and the links between objects.
//!
//! An object is anything with `apiVersion` and `kind`: workloads, RBAC, custom resources, the configuration of kubelet and
//! control plane. Lists are unrolled. `docs/views/kubernetes.md` tells rule writers the names of views, scopes and relations.

mod annotations;
mod attribute;
mod classify;
mod flags;
mod index;
mod kustomize;
mod links;
mod namespace;
mod network;
mod object;
mod placeholder;
mod ports;
mod rbac;
mod relations;
mod script;
mod selector;
mod steps;
mod volume;
mod workload;
pub(super) mod world;

pub use self::classify::is_kubernetes;
pub use self::kustomize::apply as apply_kustomizations;
pub use self::links::{UNKNOWN, links};

use std::borrow::Cow;
use std::sync::Arc;

use memchr::memmem;

use self::object::Object;
use super::{Resource, Scope, Source};
use crate::document::node::Node;
use crate::document::{self, Document};
use crate::span::Span;

/// Reads the manifest at `path`; what waits for a substitution (`${NAME}`) is unknown in it, and in charts the namespace of
/// objects that name none.
#[must_use]
pub fn read(path: &str, text: &str) -> Document {
    let mut document = document::read_data(path, text);
    if memmem::find(text.as_bytes(), b"${").is_some() {
        document.roots.iter_mut().for_each(placeholder::forget);
    }
    if namespace::is_in_chart(path) {
        document.roots.iter_mut().for_each(namespace::imply);
    }
    document
}

/// Appends the objects of `source`, each followed by its views.
///
/// The first resource of an object has the kind as written; its index in `resources` is what [`Resource::object`] of all
/// views of the object holds, but for items with links of their own: they hold their own index. A kustomization declares no
/// objects, it changes those of others.
pub fn resources<'a>(source_index: usize, source: &'a Source, resources: &mut Vec<Resource<'a>>) {
    if kustomize::is_kustomization(&source.path) {
        return;
    }
    for object in object::objects(&source.document) {
        let mut views = Views::new(source_index, &object, resources);
        views.whole(object.kind);
        views.whole("object");
        workload::views(&object, &source.text, &mut views);
        steps::views(&object, &mut views);
        rbac::views(&object, &mut views);
        network::views(&object, &mut views);
    }
}

/// Collects the views of one object.
struct Views<'a, 'r> {
    resources: &'r mut Vec<Resource<'a>>,
    source: usize,
    /// Index of the first resource of the object.
    index: usize,
    address: Arc<str>,
    node: &'a Node,
    header: Span,
}

impl<'a, 'r> Views<'a, 'r> {
    fn new(source: usize, object: &Object<'a>, resources: &'r mut Vec<Resource<'a>>) -> Self {
        let index = resources.len();
        let header = object.header();
        Self { resources, source, index, address: object.address().into(), node: object.node, header }
    }

    /// A view of the whole object.
    fn whole(&mut self, kind: &'a str) {
        self.whole_with(kind, Vec::new());
    }

    /// A view of the whole object, with scopes.
    fn whole_with(&mut self, kind: &'a str, scopes: Vec<Scope<'a>>) {
        self.part(kind, Part { body: Cow::Borrowed(self.node), base: String::new(), header: self.header }, scopes);
    }

    /// A view of a part of the object, with the links of the object.
    fn part(&mut self, kind: &'a str, part: Part<'a>, scopes: Vec<Scope<'a>>) {
        self.push(kind, part, scopes, self.index);
    }

    /// A view of a part of the object that has links of its own.
    fn linked_part(&mut self, kind: &'a str, part: Part<'a>) {
        self.push(kind, part, vec![self.object_scope()], self.resources.len());
    }

    fn push(&mut self, kind: &'a str, part: Part<'a>, scopes: Vec<Scope<'a>>, object: usize) {
        self.resources.push(Resource {
            source: self.source,
            kind: Cow::Borrowed(kind),
            address: Arc::clone(&self.address),
            body: part.body,
            base: part.base,
            header: part.header,
            extent: self.node.span,
            scopes,
            object,
        });
    }

    /// The scope `$object`.
    fn object_scope(&self) -> Scope<'a> {
        Scope { name: "object", node: Cow::Borrowed(self.node), base: String::new(), header: self.header }
    }
}

/// A part of an object: its tree, its path in the object, and where what is missing in it is reported.
struct Part<'a> {
    body: Cow<'a, Node>,
    base: String,
    header: Span,
}

/// Where what is missing in an item of a list is reported: its name, else its first key, else the item.
fn item_header(item: &Node) -> Span {
    let named = item.get("name").filter(|name| name.as_str().is_some_and(|text| !text.is_empty()));
    let first = || item.as_mapping().and_then(|entries| entries.first()).map(|entry| entry.key.span);
    named.map(|name| name.span).or_else(first).unwrap_or(item.span)
}

#[cfg(test)]
mod tests;
