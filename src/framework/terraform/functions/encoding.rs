//! Functions that encode and decode (Terraform documentation, "Encoding Functions").

use data_encoding::BASE64;

use super::{Function, Takes};
use crate::document::node::{Node, Value};
use crate::document::{json, yaml};
use crate::framework::terraform::value::{Object, as_text, relocate, unknown_of};
use crate::span::Span;

pub(super) fn function(name: &str) -> Option<(Takes, Function)> {
    Some(match name {
        "base64decode" => (Takes::Shapes, base64decode),
        "base64encode" => (Takes::Shapes, base64encode),
        "csvdecode" => (Takes::Known, csvdecode),
        // A document that is written by an expression is looked at as what it says, and not as the text of it.
        "jsonencode" | "yamlencode" => (Takes::Anything, same),
        "jsondecode" => (Takes::Shapes, jsondecode),
        "yamldecode" => (Takes::Shapes, yamldecode),
        "urlencode" => (Takes::Known, urlencode),
        _ => return None,
    })
}

fn base64decode(arguments: &[Node], at: Span) -> Option<Node> {
    let [only] = arguments else { return None };
    let bytes = BASE64.decode(as_text(only)?.as_bytes()).ok()?;
    Some(Node::text(at, String::from_utf8(bytes).ok()?))
}

fn base64encode(arguments: &[Node], at: Span) -> Option<Node> {
    let [only] = arguments else { return None };
    match only.value {
        // The text of it is not written out.
        Value::Mapping(_) | Value::Sequence(_) => Some(unknown_of(at, [only])),
        _ => Some(Node::text(at, BASE64.encode(as_text(only)?.as_bytes()))),
    }
}

/// One object for each row, with the names of the first row (RFC 4180).
fn csvdecode(arguments: &[Node], at: Span) -> Option<Node> {
    let [only] = arguments else { return None };
    let text = as_text(only)?;
    let mut rows = csv_rows(&text)?.into_iter();
    let names = rows.next()?;
    let mut objects = Vec::new();
    for row in rows {
        if row.len() != names.len() {
            return None;
        }
        let mut object = Object::default();
        for (name, field) in names.iter().zip(row) {
            object.set(name, at, Node::text(at, field));
        }
        objects.push(object.into_node(at));
    }
    Some(Node::sequence(at, objects))
}

/// The rows that are not empty, as fields; `None` for a quote in the wrong place.
fn csv_rows(text: &str) -> Option<Vec<Vec<String>>> {
    let mut rows = Vec::new();
    let mut row = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let field = match rest.strip_prefix('"') {
            Some(mut quoted) => {
                let mut field = String::new();
                loop {
                    let (part, behind) = quoted.split_once('"')?;
                    field.push_str(part);
                    match behind.strip_prefix('"') {
                        Some(behind) => {
                            field.push('"');
                            quoted = behind;
                        }
                        None => {
                            rest = behind;
                            break field;
                        }
                    }
                }
            }
            None => {
                let end = rest.find([',', '\n']).unwrap_or(rest.len());
                let (field, behind) = rest.split_at(end);
                rest = behind;
                field.trim_end_matches('\r').to_owned()
            }
        };
        row.push(field);
        let ended = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n'));
        rest = match (rest.strip_prefix(','), ended) {
            (Some(behind), _) => {
                if behind.is_empty() {
                    row.push(String::new());
                }
                behind
            }
            (None, Some(behind)) => {
                end_row(&mut rows, &mut row);
                behind
            }
            (None, None) if rest.is_empty() => rest,
            (None, None) => return None,
        };
    }
    end_row(&mut rows, &mut row);
    Some(rows)
}

fn end_row(rows: &mut Vec<Vec<String>>, row: &mut Vec<String>) {
    let row = std::mem::take(row);
    if !(row.is_empty() || matches!(row.as_slice(), [only] if only.is_empty())) {
        rows.push(row);
    }
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
