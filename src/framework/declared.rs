//! Resources as the evaluation of a configuration gives them: with values of their own, which stand in no file as such.

use std::collections::HashMap;
use std::sync::Arc;

use super::identity::Names;
use super::{Link, Part, Resource, Scope};
use crate::document::node::{Node, Value};
use crate::span::Span;

/// Begins the tag of a value that comes from another resource. No tag that a file can write begins so: [`marked`] is the
/// only one who makes them.
const MARK: char = '\u{1}';
/// Begins the tag of a value that is not known, and is that of a variable as it is.
const ALIKE: char = '\u{3}';
/// Most links that one attribute makes.
const MAX_LINKS: usize = 64;

/// What evaluation made of all configurations of a scan.
#[derive(Clone, Debug, Default)]
pub struct Evaluated {
    /// What they declare, in the order of the files.
    pub declared: Vec<Declared>,
    /// What could not be evaluated, or only in part.
    pub gaps: Vec<Gap>,
    /// Kubernetes objects that they declare.
    pub manifests: Vec<Manifest>,
    /// Of each source that was added for one of those, where it comes from.
    pub added: Vec<Added>,
}

/// A source that was added for what a file declares of another platform.
#[derive(Clone, Debug)]
pub struct Added {
    /// Index of the file.
    pub file: usize,
    /// Why what it declares is there.
    pub sites: Arc<[Site]>,
}

/// A place outside of a resource that made it what it is: where its module is called, a file that gives values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Index of the file.
    pub source: usize,
    /// The place.
    pub span: Span,
    /// What happens there, as the beginning of a sentence that ends in the place: `module.logs is called`.
    pub message: String,
}

/// A Kubernetes object that a configuration of something else declares.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// Index of its file.
    pub source: usize,
    /// What it is there.
    pub part: Part,
    /// The object, with places of its file.
    pub object: Node,
    /// Why it is there.
    pub sites: Arc<[Site]>,
}

/// A resource, or a view of a part of one.
#[derive(Clone, Debug)]
pub struct Declared {
    /// Index of its file.
    pub source: usize,
    /// What rules bind to: `aws_s3_bucket`, `AWS::S3::Bucket`.
    pub kind: Arc<str>,
    /// The address that its users know it by: `module.logs.aws_s3_bucket.this["a"]`.
    pub address: Arc<str>,
    /// Tags by which values say that they come from it, from [`mark`]; none for views.
    pub marks: Vec<Box<str>>,
    /// Its attributes. All spans are those of its file: a value from elsewhere stands where it is used.
    pub body: Node,
    /// The path of `body` inside what `address` names; empty for the whole.
    pub base: String,
    /// Where a missing attribute is reported.
    pub header: Span,
    /// All of what `address` names.
    pub extent: Span,
    /// Other trees that paths may begin in, by name, each with where a missing attribute of it is reported.
    pub scopes: Vec<(&'static str, Arc<Node>, Span)>,
    /// For a view, how far before it the resource stands that it is a view of; 0 for a resource.
    pub behind: usize,
    /// Why it is there, and has the values that it has: the innermost call of a module first.
    pub sites: Arc<[Site]>,
}

/// Something that evaluation left out, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Index of the file.
    pub source: usize,
    /// Byte offset there.
    pub offset: usize,
    /// What was left out, and why.
    pub detail: String,
    /// A bound of ours cut it, or it is a mistake in the file; otherwise it is something that cannot be known here.
    pub is_cut: bool,
}

/// The tag of values that come from the resource `address` of the configuration `world`: what is evaluated together.
#[must_use]
pub fn mark(world: usize, address: &str) -> Box<str> {
    format!("{MARK}{world}:{address}").into()
}

/// The tag of the unknown value of the variable at `address` of the configuration `world`: wherever it is used as it is, it is
/// the same.
#[must_use]
pub fn alike(world: usize, address: &str) -> Box<str> {
    format!("{ALIKE}{world}:{address}").into()
}

/// What stands for the unknown value of `node` wherever the same value is used, when it is that of a variable.
#[must_use]
pub fn named_alike(node: &Node) -> Option<&str> {
    node.tag.as_deref().filter(|tag| tag.starts_with(ALIKE))
}

/// The mark of a value that comes from another resource.
#[must_use]
pub fn marked(node: &Node) -> Option<&str> {
    node.tag.as_deref().filter(|tag| tag.starts_with(MARK))
}

/// Appends the resources of `evaluated` in file `index` to `out`, and notes in `marks` which tags stand for them. Returns how
/// many of `declared` there were.
pub(super) fn resources<'a>(
    index: usize,
    declared: &'a [Declared],
    out: &mut Vec<Resource<'a>>,
    marks: &mut HashMap<&'a str, Vec<usize>>,
) -> usize {
    let of_file = declared.iter().take_while(|declared| declared.source == index);
    of_file
        .map(|declared| {
            let number = out.len();
            for mark in &declared.marks {
                marks.entry(mark).or_default().push(number);
            }
            out.push(declared.resource(number));
        })
        .count()
}

impl Declared {
    /// What it is evaluated together with, as its marks say; none for views.
    pub(super) fn world(&self) -> Option<&str> {
        self.marks.first()?.split(':').next()
    }

    fn resource(&self, number: usize) -> Resource<'_> {
        Resource {
            source: self.source,
            kind: (&*self.kind).into(),
            address: Arc::clone(&self.address),
            body: std::borrow::Cow::Borrowed(&self.body),
            base: self.base.clone(),
            header: self.header,
            extent: self.extent,
            scopes: self
                .scopes
                .iter()
                .map(|(name, node, header)| Scope {
                    name,
                    node: std::borrow::Cow::Borrowed(node),
                    base: format!("${name}"),
                    header: *header,
                })
                .collect(),
            object: number.saturating_sub(self.behind),
        }
    }
}

/// The links that the attributes of `declared` make, from both ends; `first` is the index of its first resource. A link is
/// named after the attribute of the resource that refers to the other.
pub(super) fn links<'a>(
    numbered: &[(usize, &'a Declared)],
    marks: &HashMap<&'a str, Vec<usize>>,
) -> Vec<(usize, Link<'a>)> {
    let mut links = Vec::new();
    let names = Names::new(numbered);
    for &(number, declared) in numbered.iter().filter(|(_, declared)| declared.behind == 0) {
        for entry in declared.body.as_mapping().unwrap_or_default() {
            let Some(relation) = entry.key.as_str() else { continue };
            let mut others = Vec::new();
            references(&entry.value, &mut |mark| {
                others.extend(marks.get(mark).into_iter().flatten().filter(|&&other| other != number));
                others.len() < MAX_LINKS
            });
            others.extend(names.named(number, declared, relation, &entry.value));
            others.sort_unstable();
            others.dedup();
            for other in others {
                links.push((number, Link { relation, to: other }));
                links.push((other, Link { relation, to: number }));
            }
        }
    }
    links
}

/// Calls `visit` for each mark in `node`, until it says that it has enough.
fn references(node: &Node, visit: &mut dyn FnMut(&str) -> bool) -> bool {
    if let Some(mark) = marked(node)
        && !visit(mark)
    {
        return false;
    }
    match &node.value {
        Value::Sequence(items) => items.iter().all(|item| references(item, visit)),
        Value::Mapping(mapping) => mapping.entries.iter().all(|entry| references(&entry.value, visit)),
        Value::Scalar { .. } | Value::Unknown => true,
    }
}
