//! What a step checks out, and whether outsiders decide what it is.

use super::expression;
use super::expressions::Around;
use super::files::Place;
use super::flow::Flow;
use super::located;
use super::script;
use super::trust::Trust;
use super::uses::Uses;
use crate::document::excerpt::Word;
use crate::document::node::Node;

/// Parts of contexts that lead to the content of a pull request, though a hash or number does no harm as text.
const HEADS: &[&str] = &[
    "github.event.pull_request.head.",
    "github.event.pull_request.merge_commit_sha",
    "github.event.pull_request.number",
    "github.event.number",
    "github.event.issue.number",
    "github.event.workflow_run.head_",
    "github.event.workflow_run.pull_requests",
    "github.event.check_suite.head_sha",
    "github.event.check_run.head_sha",
    "github.head_ref",
];

/// Whether the step checks out what an outsider proposes.
pub(super) fn is_untrusted(place: &Place<'_>, around: &Around<'_, '_>) -> bool {
    let Some(step) = place.step_node() else { return false };
    if let Some(run) = step.get("run") {
        let Some(text) = located::text(run, around.source) else { return false };
        let shell = script::shell(place).name.unwrap_or("bash");
        return script::commands(&text.excerpt, shell).iter().any(|command| {
            let words: Vec<&str> = command.words.iter().map(Word::as_str).collect();
            let fetches = match words.as_slice() {
                ["gh" | "hub", "pr", "checkout", ..] => return true,
                ["git", "fetch" | "checkout" | "pull" | "clone" | "switch", ..] => true,
                _ => false,
            };
            fetches && words.iter().any(|word| word.contains("pull/") || leads_to_head(word, place, around))
        });
    }
    let uses = step.get("uses").and_then(Node::as_str).and_then(Uses::parse);
    if uses.and_then(|uses| uses.name()).as_deref() != Some("actions/checkout") {
        return false;
    }
    let input = |name| step.at(&["with", name]).and_then(Node::as_str);
    [input("ref"), input("repository")]
        .into_iter()
        .flatten()
        .any(|value| (value.contains("refs/pull/") && value.contains("${{")) || leads_to_head(value, place, around))
}

fn leads_to_head(text: &str, place: &Place<'_>, around: &Around<'_, '_>) -> bool {
    let flow = Flow::new(around.files, &around.budget);
    expression::fences(text).into_iter().any(|fence| {
        let Some(parsed) = text.get(fence.inner).and_then(expression::parse) else { return false };
        let by_name = parsed.sources().into_iter().any(|path| {
            let path = path.join(".");
            HEADS.iter().any(|head| path.starts_with(head))
                || (path.starts_with("steps.") || path.starts_with("needs.") || path.starts_with("env."))
                    && ["head_sha", "head_ref", "head-sha", "head-ref"].iter().any(|name| path.contains(name))
        });
        by_name || flow.of_expression(&parsed, place).trust == Trust::Untrusted
    })
}
