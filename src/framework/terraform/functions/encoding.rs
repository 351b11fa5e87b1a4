//! Functions that encode and decode (Terraform documentation, "Encoding Functions").

use super::{Function, Takes};
use crate::document::node::{Node, Value};
use crate::document::{json, yaml};
use crate::framework::terraform::value::{as_text, relocate};
use crate::span::Span;

pub(super) fn function(name: &str) -> Option<(Takes, Function)> {
    Some(match name {
        // A document that is written by an expression is looked at as what it says, and not as the text of it.
        "jsonencode" | "yamlencode" => (Takes::Anything, same),
        "jsondecode" => (Takes::Shapes, jsondecode),
        "yamldecode" => (Takes::Shapes, yamldecode),
        "urlencode" => (Takes::Known, urlencode),
        _ => return None,
    })
}

fn same(arguments: &[Node], _: Span) -> Option<Node> {
    let [only] = arguments else { return None };
    Some(only.clone())
}

fn jsondecode(arguments: &[Node], at: Span) -> Option<Node> {
    let [only] = arguments else { return None };
    match &only.value {
        Value::Scalar { text, .. } => decoded(json::read(text).roots.pop(), at),
        _ => Some(only.clone()),
    }
}

fn yamldecode(arguments: &[Node], at: Span) -> Option<Node> {
    let [only] = arguments else { return None };
    match &only.value {
        Value::Scalar { text, .. } => decoded(yaml::read(text).roots.pop(), at),
        _ => Some(only.clone()),
    }
}

fn decoded(root: Option<Node>, at: Span) -> Option<Node> {
    let mut root = root?;
    relocate(&mut root, at);
    Some(root)
}

fn urlencode(arguments: &[Node], at: Span) -> Option<Node> {
    use std::fmt::Write as _;
    let [only] = arguments else { return None };
    let mut out = String::new();
    for byte in as_text(only)?.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            byte => write!(out, "%{byte:02X}").ok()?,
        }
    }
    Some(Node::text(at, out))
}
