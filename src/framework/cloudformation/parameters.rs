//! What parameters are worth.

use std::collections::HashMap;

use super::template::Template;
use super::values::{constant, scalar};
use crate::document::node::{Entry, Node};
use crate::framework::declared::marked;
use crate::span::Span;

/// The values of the parameters of `template`: what `given` says, which is what the stack of a parent passes, else the
/// default. One without either is not known.
pub(super) fn values<'s>(template: &Template<'s>, given: Option<&Node>) -> HashMap<&'s str, Node> {
    let value = |(name, entry): (&'s str, &'s Entry)| {
        let span = entry.key.span;
        let passed = given.and_then(|given| given.get(name));
        let kind = entry.value.get("Type").and_then(Node::as_str).unwrap_or("String");
        let value = passed.or_else(|| entry.value.get("Default"));
        (name, value.map_or_else(|| Node::unknown(span), |value| typed(value, kind, span)))
    };
    template.parameters().map(value).collect()
}

/// `value` as a parameter of the type `kind` has it.
fn typed(value: &Node, kind: &str, span: Span) -> Node {
    if kind.starts_with("AWS::SSM::Parameter::Value") {
        // What is given is the name of what holds the value.
        return Node::unknown(span);
    }
    let is_list = kind == "CommaDelimitedList" || kind.starts_with("List<");
    match value.as_str() {
        Some(text) if is_list => {
            let items = text.split(',').map(str::trim).filter(|_| !text.is_empty());
            let list = Node::sequence(span, items.map(|item| scalar(span, item)).collect());
            Node { tag: marked(value).map(Box::from), ..list }
        }
        _ => constant(value, span),
    }
}
