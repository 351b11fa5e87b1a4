//! Pipelines of Jenkins, declarative and scripted: stages, scripts, images and libraries.

mod stages;

#[cfg(test)]
mod tests;

pub use super::pipeline::resources;

use super::pipeline::{Include, Place, Syntax, Variables, Views, items};
use crate::document::node::{Entry, Node};
use crate::document::{Document, groovy};
use crate::span::Span;

/// Whether the file at `path` is one, by its name or a look at its text.
#[must_use]
pub fn is_jenkinsfile(path: &str, text: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let is_named = name == "jenkinsfile" || name.starts_with("jenkinsfile.") || name.ends_with(".jenkinsfile");
    let is_other = [".md", ".yml", ".yaml", ".json", ".txt"].iter().any(|end| name.ends_with(end));
    let is_groovy = name.ends_with(".groovy") && text.lines().any(|line| line.starts_with("pipeline {"));
    (is_named && !is_other) || is_groovy
}

/// Reads one: its pipeline, stages, scripts, images and libraries.
#[must_use]
pub fn read(text: &str) -> Document {
    let document = groovy::read(text);
    let Some(root) = document.roots.first() else { return document };
    let Some(first) = items(root).first() else { return Document { roots: Vec::new(), ..document } };
    let header = Span::new(first.span.start, first.span.start);
    let pipeline = items(root).iter().find(|statement| name(statement) == "pipeline");
    let body = pipeline.and_then(|statement| statement.get("body"));
    let mut variables = Variables::default();
    environment(&mut variables, body.unwrap_or(root));
    let options = body.into_iter().flat_map(items).filter(|statement| name(statement) == "options");
    let options = options.filter_map(|statement| statement.get("body")).flat_map(items);
    let options = options.filter_map(|option| option.get("name").cloned()).collect();
    let declared = Node::plain(header, if body.is_some() { "true" } else { "false" });
    let view = Node::mapping(
        root.span,
        vec![
            Entry::new(header, "is_declarative", declared),
            Entry::new(header, "options", Node::sequence(header, options)),
            variables.attribute(header),
        ],
    );
    let mut views = Views::new(text, Syntax::JenkinsInterpolated, view, header);
    stages::list(&mut views, root, &variables);
    views.finish(document)
}

/// The name of what a statement calls.
fn name(statement: &Node) -> &str {
    statement.get("name").and_then(Node::as_str).unwrap_or_default()
}

/// The arguments of a call without names.
fn arguments(statement: &Node) -> &[Node] {
    statement.get("arguments").and_then(Node::as_sequence).unwrap_or_default()
}

/// The argument of this name, or the first.
fn argument<'n>(statement: &'n Node, key: &str) -> Option<&'n Node> {
    statement.get("named").and_then(|named| named.get(key)).or_else(|| arguments(statement).first())
}

/// Sets the variables of the block `environment` in `body`.
fn environment(variables: &mut Variables<'_>, body: &Node) {
    for block in items(body).iter().filter(|statement| name(statement) == "environment") {
        for statement in block.get("body").map(items).unwrap_or_default() {
            if statement.get("is_assignment").is_some()
                && let (Some(name), Some(value)) = (statement.get("name"), arguments(statement).first())
            {
                let is_text = value.tag.is_some();
                let is_literal = value.tag.as_deref() == Some(groovy::LITERAL);
                let unknown = Node::unknown(value.span);
                let syntax = if is_literal { Syntax::JenkinsVerbatim } else { Syntax::JenkinsInterpolated };
                variables.set(name, if is_text { value } else { &unknown }, syntax);
            }
        }
    }
}

/// Lists the libraries that `text` names: `shared@1.2`, several between commas.
fn library(views: &mut Views<'_>, statement: &Node) {
    for node in arguments(statement).iter().chain(statement.at(&["named", "identifier"])) {
        let Some(text) = node.as_str().filter(|_| node.tag.is_some()) else { continue };
        let (short, reference) = text.split_once('@').map_or((text, None), |(name, version)| (name, Some(version)));
        let place = Place { address: format!("library.{short}"), header: node.span, extent: statement.span };
        views.include(&place, &Include::remote("library", node, Some(short), reference));
    }
}
