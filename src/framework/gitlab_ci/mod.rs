//! Pipelines of GitLab, and the files that they include.
//!
//! `extends` and `!reference` are followed inside a file. What a job takes from another file is not known here: it is
//! looked at in that file. The views are described in `docs/views/pipelines.md`.

mod classify;
mod inherit;
mod jobs;

#[cfg(test)]
mod tests;

pub use self::classify::is_gitlab_ci;
pub use super::pipeline::resources;

use super::pipeline::{Include, Place, Syntax, Variables, Views, extended, headed, is_immutable_ref, items};
use crate::document::node::{Entry, Node};
use crate::document::{Document, yaml};

/// Top-level keys that are no jobs.
pub(super) const GLOBAL: &[&str] = &[
    "after_script",
    "before_script",
    "cache",
    "default",
    "image",
    "include",
    "services",
    "spec",
    "stages",
    "types",
    "variables",
    "workflow",
];

/// Reads one: its pipeline, jobs, scripts, images and includes.
#[must_use]
pub fn read(text: &str) -> Document {
    let document = yaml::read(text);
    // The header with `spec` is a document of its own.
    let is_header = |root: &&Node| root.as_mapping().is_some_and(|map| !map.iter().all(|entry| is_key(entry, "spec")));
    let Some((root, first)) = document.roots.iter().find(is_header).and_then(headed) else {
        return Document { roots: Vec::new(), ..document };
    };
    let mut variables = Variables::default();
    set_variables(&mut variables, root);
    let pipeline = extended(root, vec![variables.attribute(first.key.span)]);
    let mut views = Views::new(text, Syntax::GitlabCi, pipeline, first.key.span);
    includes(&mut views, root);
    jobs::list(&mut views, root, &variables);
    views.finish(document)
}

fn is_key(entry: &Entry, name: &str) -> bool {
    entry.key.as_str() == Some(name)
}

/// Sets the `variables` of a pipeline or a job. A variable may be a mapping with `value` and `description`.
fn set_variables(variables: &mut Variables<'_>, holder: &Node) {
    for Entry { key, value } in holder.entries("variables") {
        let value = if value.as_mapping().is_some() { value.get("value").unwrap_or(value) } else { value };
        variables.set(key, value, Syntax::GitlabCi);
    }
}

/// Lists what the pipeline includes.
fn includes(views: &mut Views<'_>, root: &Node) {
    let Some(list) = root.get("include") else { return };
    for (index, item) in items(list).iter().enumerate() {
        let place = Place::of_item(format!("include[{index}]"), item);
        let text = |key| item.get(key).and_then(Node::as_str).map(str::to_owned);
        let base = |kind, name| Include {
            file: item.get("file"),
            integrity: item.get("integrity"),
            ..Include::remote(kind, name, None, None)
        };
        let include = if let Some(path) = item.as_str() {
            let is_remote = path.starts_with("http://") || path.starts_with("https://");
            Include { is_remote, is_pinned: !is_remote, ..base(if is_remote { "remote" } else { "local" }, item) }
        } else if let Some(name) = item.get("project") {
            let reference = text("ref");
            let is_pinned = reference.as_deref().is_some_and(is_immutable_ref);
            Include { reference, is_pinned, ..base("project", name) }
        } else if let Some(name) = item.get("remote") {
            Include { is_pinned: item.get("integrity").is_some(), ..base("remote", name) }
        } else if let Some(name) = item.get("component") {
            let (short, version) = name.as_str().and_then(|text| text.rsplit_once('@')).unzip();
            let is_pinned = version.is_some_and(is_immutable_ref);
            Include { short, reference: version.map(str::to_owned), is_pinned, ..base("component", name) }
        } else if let Some(name) = item.get("template") {
            Include { is_pinned: true, is_remote: false, ..base("template", name) }
        } else if let Some(name) = item.get("local") {
            Include { is_pinned: true, is_remote: false, ..base("local", name) }
        } else {
            continue;
        };
        views.include(&place, &include);
    }
}
