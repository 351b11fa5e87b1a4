//! Bake files of Docker Buildx: targets as they are built, with what they inherit and the defaults of variables.
//!
//! The kinds and attributes are described in `docs/views/compose.md`.

mod hcl;
mod inherit;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::Arc;

use super::{Resource, Scope, Source};
use crate::document::node::{Entry, Node};
use crate::document::{Document, json};
use crate::span::Span;

/// Whether the file at `path` is a bake file, by its name.
#[must_use]
pub fn is_bake(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let Some(stem) = name.strip_suffix(".hcl").or_else(|| name.strip_suffix(".json")) else { return false };
    let is_hcl = name.len() - stem.len() == ".hcl".len();
    let first = stem.split('.').next().unwrap_or(stem);
    let last = stem.rsplit('.').next().unwrap_or(stem);
    first == "docker-bake" || (is_hcl && (first == "bake" || last == "bake"))
}

/// Reads a bake file: JSON by its name, else HCL. Both give the same tree, with the defaults of variables put in.
#[must_use]
pub fn read(path: &str, text: &str) -> Document {
    if !path.to_ascii_lowercase().ends_with(".json") {
        return hcl::read(text);
    }
    let mut document = json::read(text);
    document.roots.iter_mut().for_each(hcl::resolve_json);
    document
}

/// Lists what the file at `index`, which is `source`, declares.
pub fn resources<'a>(index: usize, source: &'a Source, out: &mut Vec<Resource<'a>>) {
    let Some(root) = source.document.roots.first() else { return };
    let Some(first) = root.as_mapping().and_then(<[Entry]>::first) else { return };
    out.push(Resource {
        source: index,
        kind: Cow::Borrowed("file"),
        address: Arc::from("bake"),
        body: Cow::Borrowed(root),
        base: String::new(),
        header: first.key.span,
        extent: root.span,
        scopes: Vec::new(),
        object: out.len(),
    });
    let mut targets = inherit::Targets::new(root.entries("target"));
    let mut found: Vec<(&str, &str, &Entry, Cow<'a, Node>)> = Vec::new();
    for (name, entry) in targets.entries() {
        let body = targets.target(name).map_or(Cow::Borrowed(&entry.value), Cow::Owned);
        found.push(("target", name, entry, body));
    }
    for entry in root.entries("group") {
        found.extend(entry.key.as_str().map(|name| ("group", name, entry, Cow::Borrowed(&entry.value))));
    }
    found.sort_by_key(|(_, _, entry, _)| entry.key.span.start);
    for (kind, name, entry, body) in found {
        out.push(Resource {
            source: index,
            kind: Cow::Borrowed(kind),
            address: format!("{kind}.{name}").into(),
            body,
            base: String::new(),
            header: entry.key.span,
            extent: Span::new(entry.key.span.start.min(entry.value.span.start), entry.value.span.end),
            scopes: vec![Scope::file(root, first.key.span)],
            object: out.len(),
        });
    }
}
