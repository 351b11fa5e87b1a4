//! Functions of regular expressions (Terraform documentation, "regex", "regexall" and "replace").

use regex_automata::meta::{BuildError, Regex};
use regex_automata::util::captures::Captures;

use super::{Function, Takes};
use crate::document::node::Node;
use crate::framework::terraform::value::{Object, as_text, null, too_much};
use crate::span::Span;

/// Longest text that a replacement makes, in bytes.
const MAX_TEXT: usize = 1 << 20;
/// Most that a compiled pattern takes, in bytes.
const MAX_PATTERN: usize = 1 << 18;
/// Most matches that are looked for.
const MAX_MATCHES: usize = 4_096;

pub(super) fn function(name: &str) -> Option<(Takes, Function)> {
    Some(match name {
        "regex" => (Takes::Known, regex),
        "regexall" => (Takes::Known, regexall),
        _ => return None,
    })
}

/// `Err` with what stands for the result where `pattern` is too large; `None` where it is none.
fn compile(pattern: &str, at: Span) -> Option<Result<Regex, Node>> {
    let config = Regex::config().nfa_size_limit(Some(MAX_PATTERN));
    match Regex::builder().configure(config).build(pattern) {
        Ok(regex) => Some(Ok(regex)),
        Err(error) => is_too_large(&error).then(|| Err(too_much(at))),
    }
}

fn is_too_large(error: &BuildError) -> bool {
    error.size_limit().is_some()
}

/// The first match; none is a failure.
fn regex(arguments: &[Node], at: Span) -> Option<Node> {
    let [pattern, text] = arguments else { return None };
    let (pattern, text) = (as_text(pattern)?, as_text(text)?);
    match compile(&pattern, at)? {
        Ok(regex) => {
            let mut captures = regex.create_captures();
            regex.captures(&*text, &mut captures);
            captures.get_match()?;
            matched(&captures, &text, at)
        }
        Err(too_much) => Some(too_much),
    }
}

fn regexall(arguments: &[Node], at: Span) -> Option<Node> {
    let [pattern, text] = arguments else { return None };
    let (pattern, text) = (as_text(pattern)?, as_text(text)?);
    let regex = match compile(&pattern, at)? {
        Ok(regex) => regex,
        Err(too_much) => return Some(too_much),
    };
    let mut found = Vec::new();
    for captures in regex.captures_iter(&*text) {
        if found.len() >= MAX_MATCHES {
            return Some(too_much(at));
        }
        found.push(matched(&captures, &text, at)?);
    }
    Some(Node::sequence(at, found))
}

/// A match: the text of it, a list of its groups, or an object of its groups where they have names.
fn matched(captures: &Captures, text: &str, at: Span) -> Option<Node> {
    let shown = |index: usize| match captures.get_group(index) {
        Some(span) => text.get(span.start..span.end).map(|part| Node::text(at, part)),
        None => Some(null(at)),
    };
    let names: Vec<Option<&str>> = captures.group_info().pattern_names(captures.pattern()?).collect();
    if names.len() == 1 {
        return shown(0);
    }
    if names.iter().any(Option::is_some) {
        let mut object = Object::default();
        for (index, name) in names.iter().enumerate() {
            if let Some(name) = name {
                object.set(name, at, shown(index)?);
            }
        }
        return Some(object.into_node(at));
    }
    let groups: Option<Vec<Node>> = (1..names.len()).map(shown).collect();
    Some(Node::sequence(at, groups?))
}

/// `value` with each match of `pattern` replaced; `$1` and `${name}` in `with` are its groups.
pub(super) fn replace(value: &str, pattern: &str, with: &str, at: Span) -> Option<Node> {
    let regex = match compile(pattern, at)? {
        Ok(regex) => regex,
        Err(too_much) => return Some(too_much),
    };
    let mut out = String::new();
    let mut end = 0;
    for captures in regex.captures_iter(value) {
        let found = captures.get_match()?;
        out.push_str(value.get(end..found.start())?);
        captures.interpolate_string_into(value, with, &mut out);
        end = found.end();
        if out.len() > MAX_TEXT {
            return Some(too_much(at));
        }
    }
    out.push_str(value.get(end..)?);
    Some(Node::text(at, out))
}
