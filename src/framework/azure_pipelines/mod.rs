//! Pipelines of Azure DevOps and their templates.
//!
//! What `${{ if … }}` and `${{ each … }}` hold is read as if it were there. A template in another file is looked at in that
//! file.

mod classify;
mod jobs;
mod steps;
mod triggers;
mod variables;

#[cfg(test)]
mod tests;

pub use self::classify::is_azure_pipeline;
pub use super::pipeline::resources;

use std::collections::HashSet;

use super::pipeline::{Include, Place, Syntax, Variables, Views, extended, headed, is_immutable_ref, items};
use crate::document::node::{Entry, Node};
use crate::document::{Document, yaml};

/// Deepest nesting of conditions and loops of templates.
const MAX_DEPTH: usize = 16;

/// Reads one: its pipeline, jobs, steps, scripts, images and templates.
#[must_use]
pub fn read(text: &str) -> Document {
    let document = yaml::read(text);
    let Some((root, first)) = document.roots.first().and_then(headed) else {
        return Document { roots: Vec::new(), ..document };
    };
    let mut variables = Variables::default();
    variables::set(&mut variables, root);
    let added = vec![variables.attribute(first.key.span), triggers::pull_requests(root, first.key.span)];
    let mut views = Views::new(text, Syntax::AzurePipelines, extended(root, added), first.key.span);
    let containers = loaded(&mut views, root);
    if let Some(entry) = root.entry("extends") {
        template(&mut views, "extends", &entry.value);
    }
    jobs::list(&mut views, root, &variables, &containers);
    views.finish(document)
}

/// Lists `resources`: other repositories and images. Gives the aliases of the images.
fn loaded<'n>(views: &mut Views<'_>, root: &'n Node) -> HashSet<&'n str> {
    let mut aliases = HashSet::new();
    let Some(resources) = root.get("resources") else { return aliases };
    for (index, item) in resources.get("containers").map(items).unwrap_or_default().iter().enumerate() {
        aliases.extend(item.get("container").and_then(Node::as_str));
        if let Some(image) = item.get("image") {
            let place = Place::of_item(format!("resources.containers[{index}]"), item);
            let options =
                item.as_mapping().unwrap_or_default().iter().filter(|entry| entry.key.as_str() != Some("image"));
            views.container(&place, image, "job", options.cloned().collect());
        }
    }
    for (index, item) in resources.get("repositories").map(items).unwrap_or_default().iter().enumerate() {
        let Some(name) = item.get("name") else { continue };
        let reference = item.get("ref").and_then(Node::as_str).map(str::to_owned);
        let is_pinned = reference.as_deref().is_some_and(is_immutable_ref);
        let place = Place::of_item(format!("resources.repositories[{index}]"), item);
        views.include(&place, &Include { reference, is_pinned, ..Include::remote("repository", name, None, None) });
    }
    aliases
}

/// Lists a template that `holder` names.
fn template(views: &mut Views<'_>, address: &str, holder: &Node) {
    let Some(name) = holder.get("template") else { return };
    let (file, repository) = name.as_str().and_then(|text| text.rsplit_once('@')).unzip();
    let is_remote = repository.is_some_and(|repository| repository != "self");
    views.include(
        &Place::of_item(address, holder),
        // What its repository is pinned to is said in `resources`.
        &Include { is_pinned: true, is_remote, ..Include::remote("template", name, file, repository) },
    );
}

/// The items of a list, with what stands in conditions and loops of templates in their places.
fn flattened(list: &Node) -> Vec<&Node> {
    let mut found = Vec::new();
    flatten(list, 0, &mut found);
    found
}

fn flatten<'n>(list: &'n Node, depth: usize, found: &mut Vec<&'n Node>) {
    if depth > MAX_DEPTH {
        return;
    }
    if let [entry, ..] = list.as_mapping().unwrap_or_default()
        && is_expression(entry)
    {
        list.as_mapping().unwrap_or_default().iter().for_each(|entry| flatten(&entry.value, depth + 1, found));
        return;
    }
    for item in items(list) {
        match item.as_mapping() {
            Some([entry]) if is_expression(entry) => flatten(&entry.value, depth + 1, found),
            _ => found.push(item),
        }
    }
}

/// Whether the key of an entry is an expression of a template.
fn is_expression(entry: &Entry) -> bool {
    entry.key.as_str().is_some_and(|key| key.trim_start().starts_with("${{"))
}

/// The entries of the mapping `holder`, with those that conditions add.
fn flat_entries(holder: &Node) -> Vec<&Entry> {
    let mut found = Vec::new();
    let mut rest: Vec<(&Entry, usize)> =
        holder.as_mapping().unwrap_or_default().iter().rev().map(|entry| (entry, 0)).collect();
    while let Some((entry, depth)) = rest.pop() {
        if is_expression(entry) && depth < MAX_DEPTH {
            rest.extend(entry.value.as_mapping().unwrap_or_default().iter().rev().map(|entry| (entry, depth + 1)));
        } else {
            found.push(entry);
        }
    }
    found
}

/// The first of the entries of `holder` with this key.
fn flat_entry<'n>(holder: &'n Node, key: &str) -> Option<&'n Entry> {
    holder.entry(key).or_else(|| flat_entries(holder).into_iter().find(|entry| entry.key.as_str() == Some(key)))
}

/// The entries of the mapping at `key`, with those that conditions add.
fn flat_map<'n>(holder: &'n Node, key: &str) -> Vec<&'n Entry> {
    if holder.entries(key).is_empty() { Vec::new() } else { holder.get(key).map(flat_entries).unwrap_or_default() }
}
