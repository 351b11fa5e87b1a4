//! Functions of Terraform and OpenTofu that depend on nothing but their arguments, after their documentation.
//!
//! A function of the file system, the clock or chance gives an unknown value, and so does one that is not known here.

mod collections;
mod dates;
mod encoding;
mod network;
mod numbers;
mod patterns;
mod strings;

use super::evaluator::{Evaluator, Frame};
use super::value::{failure, first_mark, is_failure, is_known, is_too_much, is_unknown, unknown_of};
use crate::document::hcl::syntax::Expression;
use crate::document::node::{Node, Value};
use crate::span::Span;

/// What a function makes of its arguments, at a place. `None` where it refuses them.
type Function = fn(&[Node], Span) -> Option<Node>;

/// How a function takes what is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    /// All of its arguments have to be known throughout.
    Known,
    /// It goes by the outer shape of its arguments; items and entries may be unknown.
    Shapes,
    /// Anything.
    Anything,
}

/// The functions of one family: `None` for a name that is not in it.
type Family = fn(&str) -> Option<(Takes, Function)>;

const FAMILIES: &[Family] = &[
    collections::function,
    strings::function,
    encoding::function,
    network::function,
    numbers::function,
    patterns::function,
    dates::function,
];

/// Steps that a regular expression takes.
const PATTERN_STEPS: usize = 1_000;
/// Most arguments of a call.
const MAX_ARGUMENTS: usize = 4_096;

/// The value of a call.
pub(super) fn call<'a>(
    evaluator: &mut Evaluator<'a>,
    name: &str,
    arguments: &'a [Expression],
    expands: bool,
    frame: &mut Frame<'a>,
    at: Span,
) -> Node {
    let name = name.strip_prefix("core::").unwrap_or(name);
    match name {
        "try" => return first_that_works(evaluator, arguments, frame, at),
        "can" => {
            let value = arguments.first().map(|argument| evaluator.evaluate(argument, frame));
            return match value {
                Some(value) if is_failure(&value) => super::value::boolean(at, false),
                Some(value) if !is_unknown(&value) => super::value::boolean(at, true),
                _ => Node::unknown(at),
            };
        }
        _ => {}
    }
    let mut values: Vec<Node> =
        arguments.iter().take(MAX_ARGUMENTS).map(|argument| evaluator.evaluate(argument, frame)).collect();
    if expands {
        match values.pop() {
            Some(Node { value: Value::Sequence(items), .. }) => values.extend(items.into_iter().take(MAX_ARGUMENTS)),
            last => return unknown_of(at, last.iter().chain(&values)),
        }
    }
    let Some((takes, function)) = FAMILIES.iter().find_map(|family| family(name)) else {
        return unknown_of(at, values.iter().filter(|value| !is_failure(value)));
    };
    if values.iter().any(is_failure) {
        return failure(at);
    }
    let is_taken = match takes {
        Takes::Known => values.iter().all(is_known),
        Takes::Shapes => !values.iter().any(is_unknown),
        Takes::Anything => true,
    };
    if !is_taken {
        return unknown_of(at, &values);
    }
    let is_pattern = match name {
        "regex" | "regexall" => true,
        "replace" => values.get(1).and_then(Node::as_str).is_some_and(|part| part.len() > 1 && part.starts_with('/')),
        _ => false,
    };
    if is_pattern && !evaluator.pay(PATTERN_STEPS) {
        return unknown_of(at, &values);
    }
    let value = function(&values, at).unwrap_or_else(|| failure(at));
    if is_too_much(&value) {
        return evaluator.cut(at);
    }
    let mut value = evaluator.kept(value);
    // A text that is made of a part of another resource refers to it.
    if value.tag.is_none() && matches!(value.value, Value::Scalar { plain: false, .. }) {
        value.tag = values.iter().find_map(first_mark).map(Into::into);
    }
    value
}

/// `try`: the first argument that is no failure. One that is not known may be one.
fn first_that_works<'a>(
    evaluator: &mut Evaluator<'a>,
    arguments: &'a [Expression],
    frame: &mut Frame<'a>,
    at: Span,
) -> Node {
    for argument in arguments {
        let value = evaluator.evaluate(argument, frame);
        if !is_failure(&value) {
            return value;
        }
    }
    failure(at)
}
