//! Services that extend others, of the same file or of another scanned one.

use std::collections::BTreeSet;

use super::Files;
use super::merge;
use crate::document::node::{Entry, Node, Value};
use crate::span::Span;

/// Longest chain of services that extend each other.
const MAX_CHAIN: usize = 16;
/// Most nodes that all services of one file take from others.
const MAX_COPIED: usize = 1_000_000;

/// Merges the services of one file over those that they extend.
pub(super) struct Resolver<'f, 'a> {
    files: &'f Files<'a>,
    /// Nodes that may still be taken from other services.
    left: usize,
}

/// A service in a chain.
struct Service<'a> {
    /// Index of its file.
    file: usize,
    node: &'a Node,
}

impl<'f, 'a> Resolver<'f, 'a> {
    pub(super) fn new(files: &'f Files<'a>) -> Self {
        Self { files, left: MAX_COPIED }
    }

    /// The service at `entry` of file `file`, with what it takes from others. It is open when some of that is not known.
    pub(super) fn service(&mut self, file: usize, entry: &'a Entry) -> Node {
        let (chain, is_whole) = self.chain(file, entry);
        let mut links = chain.into_iter().rev();
        let Some(Service { file: mut from, node }) = links.next() else { return entry.value.clone() };
        let mut merged = node.clone();
        for service in links {
            if from != service.file {
                merge::relocate(&mut merged, extends_span(service.node));
            }
            merged = merge::merge(merged, service.node);
            from = service.file;
        }
        if let Value::Mapping(mapping) = &mut merged.value {
            mapping.is_open |= !is_whole;
        }
        merged
    }

    /// The service, what it extends, and so on, and whether that is all of it.
    fn chain(&mut self, file: usize, entry: &'a Entry) -> (Vec<Service<'a>>, bool) {
        let mut chain = vec![Service { file, node: &entry.value }];
        let mut seen = BTreeSet::from([(file, entry.key.as_str().unwrap_or_default())]);
        let mut file = file;
        let mut node = &entry.value;
        while let Some(extends) = node.get("extends").filter(|extends| !extends.is_null()) {
            let Some((next, base)) = self.base(file, extends) else { return (chain, false) };
            // A cycle adds nothing: Compose refuses the file.
            if chain.len() >= MAX_CHAIN || !seen.insert((next, base.key.as_str().unwrap_or_default())) {
                return (chain, false);
            }
            let weight = merge::weight(&base.value, self.left);
            if weight > self.left {
                return (chain, false);
            }
            self.left -= weight;
            chain.push(Service { file: next, node: &base.value });
            (file, node) = (next, &base.value);
        }
        (chain, true)
    }

    /// The file and the service that `extends` of file `file` names, when both are known and scanned.
    fn base(&self, file: usize, extends: &'a Node) -> Option<(usize, &'a Entry)> {
        let (service, path) = match extends.as_str() {
            Some(service) => (service, None),
            None => (extends.get("service")?.as_str()?, extends.get("file").filter(|path| !path.is_null())),
        };
        let file = match path {
            Some(path) => self.files.beside(file, path.as_str()?)?,
            None => file,
        };
        Some((file, self.files.service(file, service)?))
    }
}

/// Where `service` says what it extends.
fn extends_span(service: &Node) -> Span {
    service
        .entry("extends")
        .map_or(service.span, |entry| Span::new(entry.key.span.start, entry.value.span.end.max(entry.key.span.end)))
}
