//! Images that jobs, services, steps and actions run in.

use super::attributes::Attributes;
use super::expression::{self, Expression, Kind};
use super::files::{Place, get};
use crate::document::node::{Node, Value};
use crate::span::Span;

/// Most images that one value stands for.
const MAX_ALTERNATIVES: usize = 64;

/// The images that the scalar `node` may name, each as a view; those of a matrix are all its values.
pub(super) fn nodes(node: &Node, role: &str, place: &Place<'_>) -> Vec<Node> {
    let Some(text) = node.as_str() else { return Vec::new() };
    let text = text.trim();
    let fences = expression::fences(text);
    let alternatives = match fences.as_slice() {
        [] => vec![Some(text.to_owned())],
        [fence] if fence.outer == (0..text.len()) => {
            let parsed = text.get(fence.inner.clone()).and_then(expression::parse);
            parsed.map_or(vec![None], |parsed| alternatives(&parsed, place))
        }
        _ => vec![part_known(text)],
    };
    let known = alternatives.into_iter().filter(|text| text.as_deref() != Some("")).take(MAX_ALTERNATIVES);
    known.map(|text| view(text.as_deref(), node.span, role)).collect()
}

/// What an expression may become: `None` for what a run decides.
fn alternatives(expression: &Expression, place: &Place<'_>) -> Vec<Option<String>> {
    let mut found = Vec::new();
    let mut open = vec![expression];
    while let Some(expression) = open.pop() {
        match &expression.kind {
            Kind::Or(parts) => open.extend(parts),
            Kind::And(parts) => open.extend(parts.last()),
            Kind::Text(text) => found.push(Some(text.clone())),
            _ => match expression.path().as_deref() {
                Some(["matrix", name, rest @ ..]) => found.extend(of_matrix(name, rest, place)),
                _ => found.push(None),
            },
        }
    }
    found
}

/// The values of a key of the matrix.
fn of_matrix(name: &str, rest: &[&str], place: &Place<'_>) -> Vec<Option<String>> {
    let Some(matrix) = place.job.and_then(|job| job.value.at(&["strategy", "matrix"])) else { return vec![None] };
    let mut values: Vec<&Node> = Vec::new();
    let mut is_open = matrix.as_mapping().is_none();
    match get(matrix, name).map(|value| (&value.value, value)) {
        Some((Value::Sequence(items), _)) => values.extend(items),
        Some(_) => is_open = true,
        None => {}
    }
    match get(matrix, "include").map(|include| &include.value) {
        Some(Value::Sequence(items)) => values.extend(items.iter().filter_map(|item| get(item, name))),
        Some(_) => is_open = true,
        None => {}
    }
    let mut found: Vec<Option<String>> = values
        .into_iter()
        .map(|value| rest.iter().try_fold(value, |value, key| get(value, key)))
        .map(|value| value.and_then(Node::as_str).filter(|text| !text.contains("${{")).map(str::to_owned))
        .collect();
    if is_open || found.is_empty() {
        found.push(None);
    }
    found
}

/// A text with expressions in it, when what matters stands outside of them: a digest.
fn part_known(text: &str) -> Option<String> {
    let (_, digest) = text.rsplit_once("@sha256:")?;
    (!digest.contains("${{")).then(|| format!("image@sha256:{digest}"))
}

fn view(text: Option<&str>, span: Span, role: &str) -> Node {
    let mut attributes = Attributes::default();
    attributes.text("role", span, role);
    let Some(text) = text else {
        attributes.node("text", Node::unknown(span));
        attributes.flag("is_known", span, false);
        return attributes.finish(span);
    };
    let text = text.strip_prefix("docker://").unwrap_or(text);
    attributes.flag("is_known", span, true);
    attributes.text("text", span, text);
    let (name, digest) = text.split_once('@').map_or((text, None), |(name, digest)| (name, Some(digest)));
    let (name, tag) = match name.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (name, None),
    };
    attributes.text("repository", span, name);
    if let Some(tag) = tag {
        attributes.text("tag", span, tag);
    }
    if let Some(digest) = digest {
        attributes.text("digest", span, digest);
    }
    attributes.finish(span)
}
