//! Templates: texts with interpolations and directives.

use std::rc::Rc;

use super::evaluator::{Evaluator, Frame};
use super::value::{as_bool, as_text, failure, first_mark, is_failure};
use crate::document::hcl::syntax::Part;
use crate::document::node::{Node, Value};
use crate::framework::iam::{HOLE, parse_with_holes};
use crate::span::Span;

/// Longest text that a template makes, in bytes.
const MAX_TEXT: usize = 1 << 20;

/// The value of a template. One that is a single interpolation has its value, whatever its type.
pub(super) fn render<'a>(evaluator: &mut Evaluator<'a>, parts: &'a [Part], frame: &mut Frame<'a>, at: Span) -> Node {
    if let [Part::Interpolation(expression)] = parts {
        return evaluator.evaluate(expression, frame);
    }
    let mut text = String::new();
    match append(evaluator, parts, frame, &mut text) {
        // What is made of a part of another resource refers to it.
        Outcome::Known(mark) => Node { tag: mark, ..Node::text(at, text) },
        Outcome::Failure => failure(at),
        Outcome::Unknown(mark) => {
            // Of a document most is known, even where a part of it is not.
            let file = evaluator.sources.get(frame.file).map_or("", |source| &*source.text);
            let document = parse_with_holes(at, &text, file).unwrap_or_else(|| Node::unknown(at));
            Node { tag: mark, ..document }
        }
    }
}

/// What came of a part of a template, with the first mark of what it was made of.
enum Outcome {
    Known(Option<Box<str>>),
    Unknown(Option<Box<str>>),
    Failure,
}

fn append<'a>(evaluator: &mut Evaluator<'a>, parts: &'a [Part], frame: &mut Frame<'a>, text: &mut String) -> Outcome {
    let mut outcome = Outcome::Known(None);
    let mut note = |other: Outcome| {
        let first = match &mut outcome {
            Outcome::Failure => return,
            Outcome::Known(mark) | Outcome::Unknown(mark) => mark.take(),
        };
        let was_known = matches!(outcome, Outcome::Known(_));
        outcome = match other {
            Outcome::Failure => Outcome::Failure,
            Outcome::Known(mark) if was_known => Outcome::Known(first.or(mark)),
            Outcome::Known(mark) | Outcome::Unknown(mark) => Outcome::Unknown(first.or(mark)),
        };
    };
    for part in parts {
        if text.len() > MAX_TEXT {
            note(Outcome::Unknown(None));
            break;
        }
        match part {
            Part::Literal(literal) => text.push_str(literal),
            Part::Interpolation(expression) => {
                let value = evaluator.evaluate(expression, frame);
                match as_text(&value) {
                    Some(known) => {
                        text.push_str(&known);
                        note(Outcome::Known(first_mark(&value).map(Into::into)));
                    }
                    None if is_failure(&value) => note(Outcome::Failure),
                    None => {
                        text.push(HOLE);
                        note(Outcome::Unknown(first_mark(&value).map(Into::into)));
                    }
                }
            }
            Part::If { condition, then, otherwise } => {
                let condition = evaluator.evaluate(condition, frame);
                if let Some(holds) = as_bool(&condition) {
                    note(append(evaluator, if holds { then } else { otherwise }, frame, text));
                } else {
                    text.push(HOLE);
                    note(Outcome::Unknown(None));
                }
            }
            Part::For { key, value, collection, body } => {
                let collection = evaluator.evaluate(collection, frame);
                let pairs: Vec<(Node, Node)> = match collection.value {
                    Value::Sequence(items) => items
                        .into_iter()
                        .enumerate()
                        .map(|(index, item)| (Node::plain(item.span, index.to_string()), item))
                        .collect(),
                    Value::Mapping(mapping) if !mapping.is_open => {
                        mapping.entries.into_iter().map(|entry| (entry.key, entry.value)).collect()
                    }
                    _ => {
                        text.push(HOLE);
                        note(Outcome::Unknown(first_mark(&collection).map(Into::into)));
                        continue;
                    }
                };
                for (name, item) in pairs {
                    if text.len() > MAX_TEXT {
                        note(Outcome::Unknown(None));
                        break;
                    }
                    let depth = frame.names.len();
                    if let Some(key) = key {
                        frame.names.push((key, Rc::new(name)));
                    }
                    frame.names.push((value, Rc::new(item)));
                    note(append(evaluator, body, frame, text));
                    frame.names.truncate(depth);
                }
            }
        }
    }
    outcome
}
