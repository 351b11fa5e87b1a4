//! Configuration of CircleCI: jobs, commands, executors and orbs.

mod jobs;

#[cfg(test)]
mod tests;

pub use super::pipeline::resources;

use super::pipeline::{Include, Place, Syntax, Variables, Views, extended, has_key, headed, yaml_stem};
use crate::document::node::{Entry, Node};
use crate::document::{Document, yaml};

/// Whether the file at `path` is one, by its folder and a look at its text.
#[must_use]
pub fn is_circleci(path: &str, text: &str) -> bool {
    let is_inside = path.starts_with(".circleci/") || path.contains("/.circleci/");
    let keys = ["jobs", "workflows", "orbs", "executors", "commands", "steps"];
    yaml_stem(path).is_some() && is_inside && has_key(text, &keys)
}

/// Reads one: its pipeline, jobs, steps, scripts, images and orbs.
#[must_use]
pub fn read(text: &str) -> Document {
    let document = yaml::read(text);
    let Some((root, first)) = document.roots.first().and_then(headed) else {
        return Document { roots: Vec::new(), ..document };
    };
    let mut views = Views::new(text, Syntax::Circleci, extended(root, Vec::new()), first.key.span);
    for entry in root.entries("orbs") {
        let name = entry.key.as_str().unwrap_or_default();
        match entry.value.as_mapping() {
            // An orb that is written out in the file.
            Some(_) => jobs::list(&mut views, &entry.value, &format!("orbs.{name}.")),
            None => orb(&mut views, name, entry),
        }
    }
    jobs::list(&mut views, root, "");
    views.finish(document)
}

/// An orb: `circleci/node@5.1.0`. A full version cannot change; `5.1` and `volatile` move on, and `dev:…` may be replaced.
fn orb(views: &mut Views<'_>, alias: &str, entry: &Entry) {
    let Some(text) = entry.value.as_str() else { return };
    let (short, version) = text.split_once('@').unzip();
    let is_full = version.is_some_and(|version| {
        let parts: Vec<&str> = version.split('.').collect();
        parts.len() == 3 && parts.iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    });
    let orb = Include { is_pinned: is_full, ..Include::remote("orb", &entry.value, short, version) };
    views.include(&Place::of_entry(format!("orbs.{alias}"), entry), &orb);
}

/// The variables of the mapping `environment`.
fn environment<'o>(holder: &Node, outer: &'o Variables<'o>) -> Variables<'o> {
    let mut variables = Variables::inside(outer);
    for Entry { key, value } in holder.entries("environment") {
        variables.set(key, value, Syntax::Circleci);
    }
    variables
}
