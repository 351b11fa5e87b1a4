//! Documents into resources: what a file declares, under the names that its users know, with views that make rules short.
//!
//! A file is classified by name and a look at its text, parsed once ([`read`]), and kept until all files are there, because
//! resources refer to each other across files. [`Project::new`] then lists the resources of all files and their links.

pub mod dockerfile;

use std::borrow::Cow;
use std::sync::Arc;

use crate::document::Document;
use crate::document::node::Node;
use crate::platform::Platform;
use crate::span::Span;

/// A parsed file of a platform.
#[derive(Clone, Debug)]
pub struct Source {
    /// Path relative to the scan root, with `/`.
    pub path: Arc<str>,
    /// The decoded text that all spans point into.
    pub text: Arc<str>,
    /// What it is.
    pub platform: Platform,
    /// What was read of it.
    pub document: Document,
}

/// Something that a file declares, or a view of a part of it.
#[derive(Clone, Debug)]
pub struct Resource<'a> {
    /// Index of its file.
    pub source: usize,
    /// What rules bind to: `Deployment`, `container`, `RUN`.
    pub kind: Cow<'a, str>,
    /// The address that its users know it by: `Deployment.shop.web`, `services.web`.
    pub address: Arc<str>,
    /// Its attributes.
    pub body: Cow<'a, Node>,
    /// The path of `body` inside what `address` names, such as `spec.template.spec.containers[0]`; empty for the whole.
    pub base: String,
    /// Where a missing attribute of `body` is reported.
    pub header: Span,
    /// All of what `address` names, for comments and annotations that silence a whole resource.
    pub extent: Span,
    /// Other trees that paths may begin in (`$pod`), each with its path inside what `address` names.
    pub scopes: Vec<Scope<'a>>,
    /// Index of the resource whose links hold for this one: a view shares those of its object.
    pub object: usize,
}

/// A tree that paths of a rule may begin in, by name.
#[derive(Clone, Debug)]
pub struct Scope<'a> {
    /// Its name, without the `$`.
    pub name: &'static str,
    /// The tree.
    pub node: &'a Node,
    /// Its path inside the resource.
    pub base: String,
    /// Where a missing attribute of it is reported.
    pub header: Span,
}

/// A reference between two resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    /// What kind of reference, such as `selects`.
    pub relation: &'static str,
    /// Index of the resource at the other end.
    pub to: usize,
}

/// All resources of a scan.
#[derive(Debug, Default)]
pub struct Project<'a> {
    /// The resources, in the order of the files.
    pub resources: Vec<Resource<'a>>,
    /// For each resource the links from it and to it.
    pub links: Vec<Vec<Link>>,
}
