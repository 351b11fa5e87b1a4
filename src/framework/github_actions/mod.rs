//! Workflows, actions and Dependabot configuration of GitHub.
//!
//! The kinds, attributes and scopes are described in `docs/views/github-actions.md`.

mod alias;
mod attributes;
mod cache;
mod checkout;
mod dependabot;
mod expression;
mod expressions;
mod facts;
mod files;
mod flow;
mod image;
mod located;
mod needed;
mod permissions;
mod runner;
mod script;
mod sinks;
#[cfg(test)]
mod tests;
mod triggers;
mod trust;
mod uses;
mod views;

pub use self::files::Files;

use memchr::memmem;

use self::views::Views;
use super::Resource;
use crate::document::{Document, ParseError, yaml};

/// Most steps and expressions of one file that views are made of.
const MAX_VIEWS: usize = 10_000;
/// The views of expressions.
const EXPRESSIONS: &[&str] = &["condition", "expansion", "expression"];

/// Whether the file at `path` is one, by its name and a look at its text.
#[must_use]
pub fn is_github_actions(path: &str, text: &str) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let Some(stem) = name.strip_suffix(".yml").or_else(|| name.strip_suffix(".yaml")) else { return false };
    let is_in = |wanted: &str| folder == wanted || folder.strip_suffix(wanted).is_some_and(|rest| rest.ends_with('/'));
    is_in(".github/workflows")
        || (stem == "dependabot" && is_in(".github"))
        || (stem == "action" && has_top_key(text, "runs"))
}

/// Whether a line of `text` begins with `key:`.
fn has_top_key(text: &str, key: &str) -> bool {
    text.lines().any(|line| line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with(':')))
}

/// Reads one.
#[must_use]
pub fn read(text: &str) -> Document {
    let mut document = yaml::read(text);
    // Each view is one of a step or of an expression, and each of those has one of these marks.
    let marks: [&[u8]; 3] = [b"${{", b"- ", b"if"];
    let count: usize = marks.iter().map(|mark| memmem::find_iter(text.as_bytes(), mark).take(MAX_VIEWS).count()).sum();
    if count >= MAX_VIEWS {
        let message = format!("more than {MAX_VIEWS} steps and expressions: those behind may not be looked at");
        document.errors.push(ParseError { offset: text.len(), message });
    }
    document
}

/// What users call the `attribute` of `resource`. They know an expression by what it stands in, not by what is said of it.
pub(super) fn attribute_name<'a>(resource: &'a Resource<'_>, attribute: &'a str) -> &'a str {
    if EXPRESSIONS.contains(&&*resource.kind) { &resource.base } else { attribute }
}

/// Lists what the file at `index` of `files` declares.
pub fn resources<'a>(index: usize, files: &Files<'a>, out: &mut Vec<Resource<'a>>) {
    let Some(source) = files.sources.get(index) else { return };
    let Some(root) = source.document.roots.first().filter(|root| root.as_mapping().is_some()) else { return };
    let mut views = Views::new(index, &source.text, MAX_VIEWS, out);
    let name = source.path.rsplit('/').next().unwrap_or_default();
    if name.starts_with("dependabot.") && root.get("updates").is_some() {
        dependabot::list(root, &mut views);
    } else if root.get("runs").is_some() {
        views.action(root, files);
    } else if root.get("jobs").is_some() || root.get("on").is_some() {
        views.workflow(root, files);
    }
}
