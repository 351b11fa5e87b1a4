//! `runs-on`: what machines a job runs on.

use super::attributes::Attributes;
use super::expression;
use super::files::{Place, get};
use crate::document::node::{Node, Value};
use crate::span::Span;

/// Adds `runner`: `{kind, labels}` with `kind` `hosted` (by GitHub), `self-hosted`, or `unknown`.
pub(super) fn add(place: &Place<'_>, attributes: &mut Attributes) {
    let Some(runs_on) = place.job.and_then(|job| job.value.get("runs-on")) else { return };
    let mut labels = Vec::new();
    let mut is_group = false;
    let mut is_open = false;
    let mut add = |node: &Node| match &node.value {
        Value::Scalar { text, .. } => labels.push(text.clone()),
        _ => is_open = true,
    };
    match &runs_on.value {
        Value::Mapping(_) => {
            is_group = runs_on.get("group").is_some();
            match runs_on.get("labels").map(|labels| (&labels.value, labels)) {
                Some((Value::Sequence(items), _)) => items.iter().for_each(&mut add),
                Some((_, label)) => add(label),
                None => {}
            }
        }
        Value::Sequence(items) => items.iter().for_each(&mut add),
        _ => add(runs_on),
    }
    let mut expanded = Vec::new();
    for label in labels {
        match expand(&label, place) {
            Some(values) => expanded.extend(values),
            None => is_open = true,
        }
    }
    let is_own = expanded.iter().any(|label| label.eq_ignore_ascii_case("self-hosted"));
    let is_foreign = expanded.iter().any(|label| !is_hosted(label));
    let span = runs_on.span;
    let kind = if is_own {
        "self-hosted"
    } else if is_group {
        "group"
    } else if is_open {
        "unknown"
    } else if is_foreign {
        "own-label"
    } else {
        "hosted"
    };
    attributes.node("runner", view(kind, expanded, span));
}

fn view(kind: &str, labels: Vec<String>, span: Span) -> Node {
    let mut attributes = Attributes::default();
    attributes.text("kind", span, kind);
    attributes.texts("labels", span, labels);
    attributes.finish(span)
}

/// Whether GitHub runs machines of this label.
fn is_hosted(label: &str) -> bool {
    let label = label.to_ascii_lowercase();
    ["ubuntu-", "macos-", "windows-"].iter().any(|system| label.starts_with(system))
}

/// The labels that a text stands for, those of the matrix that are not excluded; `None` when a run decides.
fn expand(label: &str, place: &Place<'_>) -> Option<Vec<String>> {
    let label = label.trim();
    let fences = expression::fences(label);
    let fence = match fences.as_slice() {
        [] => return Some(vec![label.to_owned()]),
        [fence] if fence.outer == (0..label.len()) => fence,
        _ => return None,
    };
    let parsed = expression::parse(label.get(fence.inner.clone())?)?;
    let path = parsed.path()?;
    let ["matrix", name, rest @ ..] = path.as_slice() else { return None };
    let matrix = place.job?.value.at(&["strategy", "matrix"])?;
    let mut values = Vec::new();
    let mut add =
        |value: &Node| match rest.iter().try_fold(value, |value, key| get(value, key)).map(|value| &value.value) {
            Some(Value::Sequence(items)) => values.extend(items.iter().map(|item| item.as_str().map(str::to_owned))),
            Some(Value::Scalar { text, .. }) => values.push(Some(text.clone())),
            _ => values.push(None),
        };
    for value in get(matrix, name).and_then(Node::as_sequence).unwrap_or_default() {
        let excluded = get(matrix, "exclude").and_then(Node::as_sequence).unwrap_or_default();
        // An exclusion that names nothing else takes the value away.
        let same = |item: &Node| {
            item.as_mapping().is_some_and(|entries| entries.len() == 1)
                && get(item, name).and_then(Node::as_str).is_some_and(|text| Some(text) == value.as_str())
        };
        if !excluded.iter().any(same) {
            add(value);
        }
    }
    for item in get(matrix, "include").and_then(Node::as_sequence).unwrap_or_default() {
        if let Some(value) = get(item, name) {
            add(value);
        }
    }
    let values: Option<Vec<String>> = values.into_iter().collect();
    values.filter(|values| !values.is_empty() && !values.iter().any(|value| value.contains("${{")))
}
