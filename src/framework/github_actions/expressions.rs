//! The views of expressions: every `${{ … }}` of a file and every `if`, with what it uses and who controls that.

use std::cell::Cell;

use super::alias;
use super::attributes::Attributes;
use super::expression::{self, Constant, Expression, Kind};
use super::files::{Files, Place};
use super::flow::Flow;
use super::located;
use super::sinks;
use super::trust::Trust;
use crate::document::node::{Node, Value};
use crate::span::Span;

/// An expression and where it stands.
pub(super) struct Found {
    /// The view.
    pub(super) body: Node,
    /// Its path in what stands around it: `env.TITLE`, `run`.
    pub(super) base: String,
    /// It becomes a part of code.
    pub(super) is_code: bool,
}

/// What a file says about all of its expressions.
pub(super) struct Around<'a, 'f> {
    pub(super) files: &'f Files<'a>,
    pub(super) source: &'a str,
    /// The words of the events that start the workflow; `action` for actions.
    pub(super) triggers: Vec<String>,
    /// How much more may be looked at to follow values.
    pub(super) budget: Cell<usize>,
}

/// Keys of a step or job whose content is looked at by itself.
const SKIPPED: &[&str] = &["steps", "jobs", "runs", "parallel"];

/// The expressions in `node`, a step, a job without its steps, or a file without its jobs.
pub(super) fn expressions(node: &Node, place: &Place<'_>, around: &Around<'_, '_>, limit: &mut usize) -> Vec<Found> {
    let mut found = Vec::new();
    let mut open: Vec<(&Node, String, Option<Span>)> = vec![(node, String::new(), None)];
    while let Some((node, path, alias)) = open.pop() {
        match &node.value {
            Value::Mapping(mapping) => {
                for entry in mapping.entries.iter().rev() {
                    let Some(key) = entry.key.as_str() else { continue };
                    if path.is_empty() && SKIPPED.contains(&key) {
                        continue;
                    }
                    let dot = if path.is_empty() { "" } else { "." };
                    let alias = alias.or_else(|| alias::place(entry, node.span, around.source));
                    open.push((&entry.value, format!("{path}{dot}{key}"), alias));
                }
            }
            Value::Sequence(items) => {
                for (index, item) in items.iter().enumerate().rev() {
                    open.push((item, format!("{path}[{index}]"), alias));
                }
            }
            Value::Scalar { text, .. } => {
                if path != "if" && text.contains("${{") {
                    let first = found.len();
                    of_scalar(node, &path, place, around, limit, &mut found);
                    if let Some(alias) = alias {
                        for found in found.iter_mut().skip(first) {
                            found.body = alias::moved(found.body.clone(), alias);
                        }
                    }
                }
            }
            Value::Unknown => {}
        }
        if *limit == 0 {
            break;
        }
    }
    found
}

fn of_scalar(
    node: &Node,
    path: &str,
    place: &Place<'_>,
    around: &Around<'_, '_>,
    limit: &mut usize,
    found: &mut Vec<Found>,
) {
    let Some(located) = located::text(node, around.source) else { return };
    let text = located.as_str();
    let sink = sinks::sink(path, place);
    for fence in expression::fences(text) {
        if *limit == 0 {
            return;
        }
        *limit -= 1;
        let span = located.span(fence.outer.start, fence.outer.end);
        let Some(inner) = text.get(fence.inner.clone()) else { continue };
        let mut attributes = Attributes::default();
        attributes.text("text", span, inner.trim());
        attributes.text("key", span, path);
        attributes.flag("is_whole", span, fence.outer == (0..text.trim_end().len()));
        if let Some(sink) = sink {
            attributes.text("sink", span, sink);
        }
        attributes.texts("triggers", span, around.triggers.iter().map(String::as_str));
        let has_environment = place.job.is_none_or(|job| job.value.get("environment").is_some());
        attributes.flag("has_environment", span, has_environment);
        match expression::parse(inner) {
            Some(parsed) => describe(&parsed, place, around, span, &mut attributes),
            None => attributes.flag("is_readable", span, false),
        }
        found.push(Found { body: attributes.finish(span), base: path.to_owned(), is_code: sink.is_some() });
    }
}

/// The view of `if`.
pub(super) fn condition(node: &Node, place: &Place<'_>, around: &Around<'_, '_>) -> Option<Node> {
    let text = node.as_str()?;
    let fences = expression::fences(text);
    let span = node.span;
    let mut attributes = Attributes::default();
    attributes.text("text", span, text.trim());
    attributes.text("key", span, "if");
    attributes.flag("is_sound", span, expression::is_fully_fenced(text));
    attributes.texts("triggers", span, around.triggers.iter().map(String::as_str));
    // Text around an expression does not keep its parts from being looked at.
    let inner = match fences.as_slice() {
        [] => text,
        [fence, ..] => text.get(fence.inner.clone()).unwrap_or_default(),
    };
    match expression::parse(inner) {
        Some(parsed) => {
            attributes.flag("has_constant_value", span, expression::evaluate(&parsed).is_some());
            describe(&parsed, place, around, span, &mut attributes);
        }
        None => attributes.flag("is_readable", span, false),
    }
    Some(attributes.finish(span))
}

/// The constant value of an `if`, if it has one.
pub(super) fn constant_condition(text: &str) -> Option<bool> {
    let fences = expression::fences(text);
    let inner = match fences.as_slice() {
        [] => text,
        [fence] if expression::is_fully_fenced(text.trim()) => text.get(fence.inner.clone())?,
        _ => return Some(true),
    };
    expression::evaluate(&expression::parse(inner)?).map(|value: Constant| value.is_true())
}

/// What an expression uses.
fn describe(parsed: &Expression, place: &Place<'_>, around: &Around<'_, '_>, span: Span, attributes: &mut Attributes) {
    let all = parsed.all();
    let paths = all.iter().filter_map(|part| part.path()).map(|path| path.join("."));
    attributes.texts("contexts", span, paths);
    let functions = all.iter().filter_map(|part| match &part.kind {
        Kind::Call(name, _) => Some(name.as_str()),
        _ => None,
    });
    attributes.texts("functions", span, functions);
    let flow = Flow::new(around.files, &around.budget);
    let origin = flow.of_expression(parsed, place);
    attributes.text("trust", span, origin.trust.word());
    if !origin.via.is_empty() {
        let via: Vec<&str> = origin.via.iter().map(|via| via.context.as_str()).collect();
        attributes.text("via", span, via.join(" ← "));
    }
    attributes.maybe("flow", origin.steps(around.files, place.file, span));
    attributes.flag(
        "is_literal",
        span,
        matches!(parsed.kind, Kind::Null | Kind::Boolean(_) | Kind::Number(_) | Kind::Text(_)),
    );
    attributes.flag("is_reducible", span, expression::is_reducible(parsed));
    attributes.flag("has_computed_index", span, all.iter().any(|part| part.has_computed_index()));
    secrets(&all, span, attributes);
    attributes.maybe("contains_in_text", contains_in_text(&all, place, &flow, span));
    attributes.flag("has_unsound_ternary", span, all.iter().any(|part| is_unsound_ternary(part)));
    attributes.maybe("spoofable_actor", spoofable_actor(&all, span));
}

/// The secrets that it reads by name, and whether it reads all of them, or one by a computed name.
fn secrets(all: &[&Expression], span: Span, attributes: &mut Attributes) {
    let mut names = Vec::new();
    // A context that is the base of an access is not read as a whole.
    let bases: Vec<*const Expression> = all
        .iter()
        .filter_map(|part| match &part.kind {
            Kind::Access(base, _) => Some(std::ptr::from_ref(base.as_ref())),
            _ => None,
        })
        .collect();
    let (mut reads_all, mut reads_computed, mut parses) = (false, false, false);
    for part in all {
        match (&part.kind, part.path().as_deref()) {
            (Kind::Context(_), Some(["secrets"])) => reads_all |= !bases.contains(&std::ptr::from_ref(*part)),
            (_, Some(["secrets", "*", ..])) => reads_computed = true,
            (_, Some(["secrets", name, ..])) => names.push((*name).to_owned()),
            (Kind::Call(name, arguments), _) if name == "fromjson" => {
                parses |= arguments
                    .iter()
                    .any(|argument| matches!(argument.path().as_deref(), Some(["secrets", name, ..]) if *name != "*"));
            }
            _ => {}
        }
    }
    attributes.texts("secrets", span, names);
    attributes.flag("reads_all_secrets", span, reads_all);
    attributes.flag("reads_computed_secret", span, reads_computed);
    attributes.flag("parses_secret", span, parses);
}

/// Who controls what `contains` looks for in a text that should be a list: a part of one of its words is found too.
fn contains_in_text(all: &[&Expression], place: &Place<'_>, flow: &Flow<'_, '_>, span: Span) -> Option<Node> {
    let worst = all
        .iter()
        .filter_map(|part| match &part.kind {
            Kind::Call(name, arguments) if name == "contains" => match arguments.as_slice() {
                [Expression { kind: Kind::Text(_), .. }, needle] => Some(needle),
                _ => None,
            },
            _ => None,
        })
        .filter_map(|needle| {
            let path = needle.path()?;
            Some(match path.as_slice() {
                // What the runner sets from these.
                ["env", name]
                    if matches!(*name, "github_ref_name" | "github_head_ref" | "github_actor" | "github_ref") =>
                {
                    Trust::Caller
                }
                ["github", "actor" | "triggering_actor"] => Trust::Caller,
                path => flow.of_context(path, place).trust,
            })
        })
        .max()?;
    Some(Node::text(span, worst.word()))
}

/// `a && '' || b` is `b`, always.
fn is_unsound_ternary(part: &Expression) -> bool {
    let Kind::Or(alternatives) = &part.kind else { return false };
    alternatives.iter().rev().skip(1).any(|alternative| match &alternative.kind {
        Kind::And(parts) => {
            let last = parts.last().and_then(expression::evaluate);
            parts.len() > 1 && last.is_some_and(|value| !value.is_true())
        }
        _ => false,
    })
}

/// Contexts that name whoever caused the event last, and not whose change it is.
const ACTORS: &[&str] =
    &["github.actor", "github.triggering_actor", "github.event.sender.login", "github.event.pull_request.sender.login"];
/// The same as numbers.
const ACTOR_IDS: &[&str] = &["github.actor_id", "github.event.sender.id"];
/// Numbers of the accounts of Dependabot, Renovate, GitHub Actions and Mend.
const BOT_IDS: &[&str] = &["49699333", "27856297", "29139614", "41898282", "8418310", "44816363"];

/// The bot that a comparison with the actor asks for.
fn spoofable_actor(all: &[&Expression], span: Span) -> Option<Node> {
    let bot = |expression: &Expression| -> Option<String> {
        match expression::evaluate(expression)? {
            Constant::Text(text) => Some(text),
            Constant::Number(number) => Some(number.to_string()),
            _ => None,
        }
    };
    let found = all.iter().find_map(|part| {
        let Kind::Compare(expression::Comparison::Equal, left, right) = &part.kind else { return None };
        [(left, right), (right, left)].into_iter().find_map(|(context, other)| {
            let path = context.path()?.join(".");
            let bot = bot(other)?;
            let is_bot = (ACTORS.contains(&path.as_str()) && bot.ends_with("[bot]"))
                || (ACTOR_IDS.contains(&path.as_str()) && BOT_IDS.contains(&bot.as_str()));
            is_bot.then_some(bot)
        })
    })?;
    Some(Node::text(span, found))
}
