//! Pipelines of Bitbucket: steps, what they run in, and the pipes that they use.

mod steps;

#[cfg(test)]
mod tests;

pub use super::pipeline::resources;

use super::pipeline::{Place, Syntax, Variables, Views, extended, has_key, headed, yaml_stem};
use crate::document::node::{Entry, Node};
use crate::document::{Document, yaml};

/// Whether the file at `path` is one, by its name and a look at its text.
#[must_use]
pub fn is_bitbucket_pipeline(path: &str, text: &str) -> bool {
    yaml_stem(path).is_some_and(|stem| stem.contains("bitbucket-pipelines"))
        && has_key(text, &["pipelines", "definitions"])
}

/// Reads one: its pipeline, steps, scripts, images and pipes.
#[must_use]
pub fn read(text: &str) -> Document {
    let document = yaml::read(text);
    let Some((root, first)) = document.roots.first().and_then(headed) else {
        return Document { roots: Vec::new(), ..document };
    };
    let mut views = Views::new(text, Syntax::BitbucketPipelines, extended(root, Vec::new()), first.key.span);
    if let Some(entry) = root.entry("image") {
        image(&mut views, "image", entry);
    }
    for entry in root.get("definitions").map(|definitions| definitions.entries("services")).unwrap_or_default() {
        let name = entry.key.as_str().unwrap_or_default();
        if let Some(image) = entry.value.entry("image") {
            let node = image.value.get("name").unwrap_or(&image.value);
            let place = Place::of_entry(format!("definitions.services.{name}"), image);
            views.container(&place, node, "service", Vec::new());
        }
    }
    steps::list(&mut views, root);
    views.finish(document)
}

/// Lists the image of a pipeline or a step.
fn image(views: &mut Views<'_>, address: &str, entry: &Entry) {
    let name = entry.value.get("name").unwrap_or(&entry.value);
    views.container(&Place::of_entry(address, entry), name, "job", Vec::new());
}

/// No variables are set in the file but those that whoever starts a pipeline fills in.
fn no_variables() -> Variables<'static> {
    Variables::default()
}

/// Whether `node` is a mapping with the key `name`.
fn has(node: &Node, name: &str) -> bool {
    node.entry(name).is_some()
}
