//! Takes an expression out of a script: the step passes it in an environment variable, and the script reads that.
//!
//! GitHub documentation, "Security hardening for GitHub Actions", "Using an intermediate environment variable", and
//! "Variables reference", "Default environment variables".

use super::intent::{Intent, NOWHERE};
use super::layout::{self, own_entries};
use super::step::{self, RunStep};
use super::tree::{find_around, node_at};
use super::{Candidate, Edit, shell};
use crate::document::node::{Node, Value};
use crate::rules::fix::Literal;
use crate::span::Span;

/// Longest expression that is taken out.
const MAX_EXPRESSION: usize = 200;
/// How many names are tried for one variable.
const MAX_NAMES: usize = 9;
/// Properties of `github` that every step finds in a variable of that name.
const DEFAULT_VARIABLES: &[&str] = &[
    "actor",
    "actor_id",
    "base_ref",
    "event_name",
    "head_ref",
    "job",
    "ref",
    "ref_name",
    "ref_type",
    "repository",
    "repository_id",
    "repository_owner",
    "repository_owner_id",
    "run_attempt",
    "run_id",
    "run_number",
    "server_url",
    "sha",
    "triggering_actor",
    "workflow",
    "workflow_ref",
    "workflow_sha",
    "workspace",
];

/// Takes out the expression that stands at `reported`, or that `reported` lies in.
pub(super) fn edits(text: &str, roots: &[Node], reported: Span) -> Vec<Candidate> {
    candidate(text, roots, reported).unwrap_or_default()
}

fn candidate(text: &str, roots: &[Node], reported: Span) -> Option<Vec<Candidate>> {
    let way = find_around(roots, reported)?;
    let script_node = node_at(roots, &way)?;
    let script = script_node.as_str()?;
    let RunStep { way: step_way, node: step_node, shell } = step::of_script(roots, &way)?;
    let expansion = expansion(text, script_node, script, reported)?;
    let Variable { name, entry } = variable(step_node, script, &expansion.inner)?;
    let reads = shell::reading(script, expansion.decoded.start, expansion.decoded.end, &name, shell)?;
    let edit = Edit { span: expansion.written, text: escaped(text, script_node, &reads)? };
    let new_script =
        format!("{}{reads}{}", script.get(..expansion.decoded.start)?, script.get(expansion.decoded.end..)?);
    let Value::Scalar { plain, .. } = &script_node.value else { return None };
    let value = Value::Scalar { text: new_script, plain: *plain };
    let new_node = Node { span: NOWHERE, value, tag: script_node.tag.clone() };
    let script_intent = Intent::Replace(way.clone(), new_node);
    if !entry {
        return Some(vec![Candidate { edits: vec![edit], intents: vec![script_intent] }]);
    }
    let is_in_flow =
        layout::is_flow(text, step_node) || step_node.get("env").is_some_and(|env| layout::is_flow(text, env));
    let passed = format!("${{{{ {} }}}}", expansion.inner);
    let to = Literal::Scalar { text: passed, plain: !is_in_flow };
    let set = layout::set(text, roots, &step_way, &["env", &name], &to, Some(behind(step_node)));
    let with_script = |mut candidate: Candidate| {
        // The script is replaced first: an entry in front of it would move it.
        candidate.edits.push(edit.clone());
        candidate.intents.insert(0, script_intent.clone());
        candidate
    };
    Some(set.into_iter().map(with_script).collect())
}

/// The entry behind which `env` is added: what comes in front of the script, if anything does.
fn behind(step: &Node) -> &str {
    let Some(mapping) = layout::mapping(step) else { return "" };
    let own: Vec<&str> = own_entries(step, mapping)
        .into_iter()
        .filter_map(|index| mapping.entries.get(index)?.key.as_str())
        .take_while(|key| *key != "run")
        .collect();
    own.last().copied().unwrap_or("run")
}

/// An expression in a script.
struct Expansion {
    /// From `${{` to `}}`, in the file.
    written: Span,
    /// The same in the script.
    decoded: Span,
    /// What is between them.
    inner: String,
}

/// The expression of `script`, written at `node`, that overlaps `reported`; only of one that is a plain access of a property.
fn expansion(text: &str, node: &Node, script: &str, reported: Span) -> Option<Expansion> {
    let raw = text.get(node.span.start..node.span.end)?;
    let written: Vec<Span> = expansions(raw);
    let decoded: Vec<Span> = expansions(script);
    if written.len() != decoded.len() {
        return None;
    }
    let place = |span: Span| Span::new(span.start + node.span.start, span.end + node.span.start);
    let mut found = written.iter().zip(&decoded).filter(|(written, _)| place(**written).overlaps(reported));
    let (Some((&written, &decoded)), None) = (found.next(), found.next()) else { return None };
    let whole = raw.get(written.start..written.end)?;
    let inner = whole.strip_prefix("${{")?.strip_suffix("}}")?.trim();
    let is_same = script.get(decoded.start..decoded.end) == Some(whole);
    (is_same && is_property(inner)).then(|| Expansion { written: place(written), decoded, inner: inner.to_owned() })
}

fn expansions(text: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text.get(at..).and_then(|rest| rest.find("${{")).map(|start| at + start) {
        let Some(end) = text.get(start..).and_then(|rest| rest.find("}}")).map(|end| start + end + 2) else { break };
        found.push(Span::new(start, end));
        at = end;
    }
    found
}

/// `a.b-c.d`, with indices `[0]` and `['e']`.
fn is_property(expression: &str) -> bool {
    expression.len() <= MAX_EXPRESSION
        && expression.starts_with(|c: char| c.is_ascii_alphabetic())
        && expression.contains('.')
        && expression.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.[]'".contains(&byte))
}

/// The variable that the script will read.
struct Variable {
    name: String,
    /// The step has to pass it; otherwise it is there.
    entry: bool,
}

fn variable(step: &Node, script: &str, expression: &str) -> Option<Variable> {
    // What the context `env` holds are the variables that the script finds.
    if let Some(name) = expression.strip_prefix("env.") {
        let is_word = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let is_name = is_word && !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit());
        return is_name.then(|| Variable { name: name.to_owned(), entry: false });
    }
    let parts: Vec<String> = expression
        .split(['.', '[', ']'])
        .map(|part| part.trim_matches('\'').replace('-', "_").to_ascii_uppercase())
        .filter(|part| !part.is_empty())
        .collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let name = match parts.as_slice() {
        ["GITHUB", property] => {
            let property = property.to_ascii_lowercase();
            if !DEFAULT_VARIABLES.contains(&property.as_str()) {
                return None;
            }
            return Some(Variable { name: format!("GITHUB_{}", property.to_ascii_uppercase()), entry: false });
        }
        // One word alone could be `PATH`.
        ["GITHUB", "EVENT", property] => format!("EVENT_{property}"),
        ["GITHUB", "EVENT", rest @ ..] if !rest.is_empty() => rest.join("_"),
        ["ENV", ..] => return None,
        [_, _, ..] => parts.join("_"),
        _ => return None,
    };
    let env = match step.get("env") {
        None => None,
        Some(env) => Some(env.as_mapping().or_else(|| env.is_null().then_some(&[][..]))?),
    };
    let names = std::iter::once(name.clone()).chain((2..=MAX_NAMES).map(|number| format!("{name}_{number}")));
    for name in names {
        let passed = env.and_then(|entries| entries.iter().find(|entry| entry.key.as_str() == Some(&name)));
        match passed.map(|entry| entry.value.as_str()) {
            // Passed already, for another place in the script.
            Some(Some(value)) if is_expression(value, expression) => return Some(Variable { name, entry: false }),
            None if !mentions(script, &name) => return Some(Variable { name, entry: true }),
            _ => {}
        }
    }
    None
}

fn is_expression(value: &str, expression: &str) -> bool {
    let inner = value.trim().strip_prefix("${{").and_then(|rest| rest.strip_suffix("}}"));
    inner.is_some_and(|inner| inner.trim() == expression)
}

/// Whether the script speaks of a variable of that name: it would be another one.
fn mentions(script: &str, name: &str) -> bool {
    script.match_indices(name).any(|(at, _)| {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let before = script.get(..at).unwrap_or_default();
        let after = script.get(at + name.len()..).unwrap_or_default();
        !before.ends_with(is_word) && !after.starts_with(is_word)
    })
}

/// `words` as they are written in the scalar at `node`.
fn escaped(text: &str, node: &Node, words: &str) -> Option<String> {
    match text.get(node.span.start..)?.chars().next()? {
        '"' => Some(words.replace('"', "\\\"")),
        '\'' => (!words.contains('\'')).then(|| words.to_owned()),
        '&' | '*' | '!' => None,
        _ => Some(words.to_owned()),
    }
}
