//! Docker Compose files: services as they run, with what they extend merged in and short forms written out.
//!
//! Each file is seen by itself: an override file is not merged over the file that it overrides, and the files that
//! `include` names speak for themselves. The kinds, attributes and links are described in `docs/views/compose.md`.

mod attributes;
mod classify;
mod extends;
pub(super) mod image;
pub(super) mod interpolate;
mod links;
mod merge;
mod mounts;
mod ports;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

pub use self::classify::is_compose;
pub use self::links::links;
use super::{Resource, Scope, Source};
use crate::document::node::Entry;
use crate::document::{self, Document};
use crate::platform::Platform;
use crate::span::Span;
use crate::tree_path;

/// The top-level mappings, and what an entry of each is.
const SECTIONS: &[(&str, &str)] = &[
    ("services", "service"),
    ("networks", "network"),
    ("volumes", "volume"),
    ("secrets", "secret"),
    ("configs", "config"),
];

/// Reads a Compose file, with the defaults of its variables put in.
#[must_use]
pub fn read(path: &str, text: &str) -> Document {
    let mut document = document::read_data(path, text);
    document.roots.iter_mut().for_each(interpolate::resolve);
    document
}

/// The Compose files of a scan, which may extend each other.
#[derive(Debug)]
pub struct Files<'a> {
    sources: &'a [Source],
    by_path: BTreeMap<&'a str, usize>,
    /// By index of the file, its services by name.
    services: BTreeMap<usize, BTreeMap<&'a str, &'a Entry>>,
}

impl<'a> Files<'a> {
    /// Indexes the Compose files among `sources`.
    #[must_use]
    pub fn new(sources: &'a [Source]) -> Self {
        let mut files = Self { sources, by_path: BTreeMap::new(), services: BTreeMap::new() };
        for (index, source) in sources.iter().enumerate() {
            if source.platform != Platform::Compose {
                continue;
            }
            files.by_path.insert(&source.path, index);
            let services = files.services.entry(index).or_default();
            for entry in source.document.roots.iter().flat_map(|root| root.entries("services")) {
                services.extend(entry.key.as_str().map(|name| (name, entry)));
            }
        }
        files
    }

    /// The service `name` of file `file`. Of a name that stands twice the last counts.
    fn service(&self, file: usize, name: &str) -> Option<&'a Entry> {
        self.services.get(&file)?.get(name).copied()
    }

    /// The file that `path` names in file `file`.
    fn beside(&self, file: usize, path: &str) -> Option<usize> {
        let from = self.sources.get(file)?;
        let path = tree_path::join(tree_path::directory(&from.path), path)?;
        self.by_path.get(path.as_str()).copied()
    }
}

/// Lists what file `index` declares.
pub fn resources<'a>(index: usize, files: &Files<'a>, out: &mut Vec<Resource<'a>>) {
    let Some(source) = files.sources.get(index).filter(|_| files.services.contains_key(&index)) else { return };
    let mut resolver = extends::Resolver::new(files);
    for root in &source.document.roots {
        let Some(first) = root.as_mapping().and_then(<[Entry]>::first) else { continue };
        out.push(Resource {
            source: index,
            kind: Cow::Borrowed("file"),
            address: Arc::from("compose"),
            body: Cow::Borrowed(root),
            base: String::new(),
            header: first.key.span,
            extent: root.span,
            scopes: Vec::new(),
            object: out.len(),
        });
        for &(section, kind) in SECTIONS {
            for entry in root.entries(section) {
                let Some(name) = entry.key.as_str() else { continue };
                let body = if kind == "service" {
                    // An earlier entry of the same name does not count.
                    if files.service(index, name).is_none_or(|last| !std::ptr::eq(last, entry)) {
                        continue;
                    }
                    let mut service = resolver.service(index, entry);
                    attributes::add(&mut service, &source.text);
                    Cow::Owned(service)
                } else {
                    Cow::Borrowed(&entry.value)
                };
                out.push(Resource {
                    source: index,
                    kind: Cow::Borrowed(kind),
                    address: format!("{section}.{name}").into(),
                    body,
                    base: String::new(),
                    header: entry.key.span,
                    extent: Span::new(entry.key.span.start, entry.value.span.end.max(entry.key.span.end)),
                    scopes: vec![Scope::file(root, first.key.span)],
                    object: out.len(),
                });
            }
        }
    }
}
