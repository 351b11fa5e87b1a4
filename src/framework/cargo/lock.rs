//! Lock files: the packages that a build takes, and where from.

use std::borrow::Cow;
use std::collections::HashSet;

use super::{MAX_PACKAGES, View, Views, names, origin};
use crate::document::node::{Entry, Node, Value};

/// Adds to the packages of a lock file what their source says, and drops what they depend on: rules have no use for it, and
/// it is most of the file. Says whether there were more than [`MAX_PACKAGES`], which are dropped too.
pub(super) fn add_attributes(root: &mut Node) -> bool {
    let earlier = earlier_checksums(root);
    let Some(packages) = packages_mut(root) else { return false };
    let is_cut = packages.len() > MAX_PACKAGES;
    packages.truncate(MAX_PACKAGES);
    for package in packages {
        let added = added(package, &earlier);
        if let Value::Mapping(mapping) = &mut package.value {
            mapping.entries.retain(|entry| entry.key.as_str() != Some("dependencies"));
            mapping.entries.extend(added);
        }
    }
    is_cut
}

/// Names and versions of the packages whose checksums stand in `[metadata]`, as the first version of the format had them:
/// `"checksum NAME VERSION (SOURCE)" = "…"`.
fn earlier_checksums(root: &Node) -> HashSet<String> {
    let metadata = root.get("metadata").and_then(Node::as_mapping).unwrap_or_default();
    let named = metadata.iter().filter_map(|entry| {
        let package = entry.key.as_str()?.strip_prefix("checksum ")?;
        let is_known = entry.value.as_str().is_some_and(|checksum| checksum != "<none>");
        is_known.then(|| package.rsplit_once(" (").map_or(package, |(package, _)| package).to_owned())
    });
    named.collect()
}

fn packages_mut(root: &mut Node) -> Option<&mut Vec<Node>> {
    let Value::Mapping(mapping) = &mut root.value else { return None };
    let entry = mapping.entries.iter_mut().find(|entry| entry.key.as_str() == Some("package"))?;
    match &mut entry.value.value {
        Value::Sequence(packages) => Some(packages),
        _ => None,
    }
}

fn added(package: &Node, earlier: &HashSet<String>) -> Vec<Entry> {
    let Some((name, span)) = package.get("name").and_then(|name| Some((name.as_str()?, name.span))) else {
        return Vec::new();
    };
    let source = package.get("source");
    let (kind, at) = match source.and_then(|source| Some((source.as_str()?, source.span))) {
        None => ("local", span),
        Some((source, at)) if origin::is_crates_io(source) => ("registry", at),
        Some((source, at)) if source.starts_with("git+") => ("git", at),
        Some((_, at)) => ("alternative-registry", at),
    };
    let mut entries = vec![Entry::new(at, "source_kind", Node::text(at, kind))];
    let mut flag = |name: &str, value: bool| {
        entries.push(Entry::new(at, name, Node::plain(at, value.to_string())));
    };
    if let Some(source) = source.and_then(Node::as_str) {
        flag("is_plain", origin::is_plain(source));
        let version = package.get("version").and_then(Node::as_str).unwrap_or_default();
        flag("has_checksum", package.get("checksum").is_some() || earlier.contains(&format!("{name} {version}")));
    }
    if kind.ends_with("registry")
        && let Some(popular) = names::similar_to(name)
    {
        entries.push(Entry::new(span, "similar_to", Node::text(span, popular)));
    }
    entries
}

/// Lists the packages.
pub(super) fn list(views: &mut Views<'_, '_>) {
    let root = views.root;
    for package in root.get("package").and_then(Node::as_sequence).unwrap_or_default() {
        let Some(entry) = package.entry("name") else { continue };
        let Some(name) = entry.value.as_str() else { continue };
        let version = package.get("version").and_then(Node::as_str).unwrap_or_default();
        let written = package.as_mapping().unwrap_or_default().iter();
        let extent = written.fold(package.span, |extent, entry| crate::span::Span {
            start: extent.start.min(entry.key.span.start),
            end: extent.end.max(entry.value.span.end),
        });
        views.push(View {
            kind: "lock-package",
            address: format!("package.{name}@{version}"),
            body: Cow::Borrowed(package),
            header: entry.value.span,
            extent,
        });
    }
}
