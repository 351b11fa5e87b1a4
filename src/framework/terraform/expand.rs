//! `count` and `for_each`: how many there are of a resource or a module, and what tells them apart.

use std::rc::Rc;

use super::evaluator::{Evaluator, Frame, is_resource};
use super::module::Declaration;
use super::value::{as_index, first_mark};
use crate::document::node::{Node, Value};

/// Most instances that one block makes.
const MAX_INSTANCES: usize = 256;

/// What `count` or `for_each` say.
pub(super) enum Expansion {
    /// Neither is there.
    Single,
    /// So many.
    Count(usize),
    /// One for each key, with its value.
    Each(Vec<(Node, Node)>),
    /// It is not known how many; there may be none. One stands for all: where it is known what `each.value` is made of, with
    /// that.
    Unknown(Option<Node>),
}

impl<'a> Evaluator<'a> {
    /// What `count` or `for_each` of `declaration` say.
    pub(super) fn expansion(&mut self, declaration: &Declaration<'a>, frame: &mut Frame<'a>) -> Expansion {
        if let Some((count, _)) = declaration.attribute("count") {
            let value = self.evaluate(count, frame);
            return match as_index(&value) {
                Some(count) => {
                    self.note_cut(declaration, count);
                    Expansion::Count(count.min(MAX_INSTANCES))
                }
                None => Expansion::Unknown(None),
            };
        }
        let Some((each, _)) = declaration.attribute("for_each") else { return Expansion::Single };
        let value = self.evaluate(each, frame);
        if is_resource(&value) {
            return Expansion::Unknown(Some(value));
        }
        let stand_in = Some(Node { tag: first_mark(&value).map(Into::into), ..Node::unknown(value.span) });
        let mut pairs: Vec<(Node, Node)> = match value.value {
            Value::Mapping(mapping) if !mapping.is_open || !mapping.entries.is_empty() => {
                mapping.entries.into_iter().map(|entry| (entry.key, entry.value)).collect()
            }
            Value::Sequence(items) if items.iter().all(|item| item.as_str().is_some()) => {
                items.into_iter().map(|item| (item.clone(), item)).collect()
            }
            // Something of a set is not known: what is known of it stands for the rest.
            Value::Sequence(items) if items.iter().any(|item| item.as_str().is_some()) => {
                items.into_iter().filter(|item| item.as_str().is_some()).map(|item| (item.clone(), item)).collect()
            }
            _ => return Expansion::Unknown(stand_in),
        };
        pairs.sort_by(|a, b| a.0.as_str().cmp(&b.0.as_str()));
        pairs.dedup_by(|a, b| a.0.as_str() == b.0.as_str());
        self.note_cut(declaration, pairs.len());
        pairs.truncate(MAX_INSTANCES);
        Expansion::Each(pairs)
    }

    fn note_cut(&mut self, declaration: &Declaration<'a>, count: usize) {
        if count > MAX_INSTANCES {
            let detail = format!("makes {count} instances: {MAX_INSTANCES} of them were examined");
            self.gap(declaration.source, declaration.block.span.start, true, detail);
        }
    }
}

impl Expansion {
    /// For each instance its key, where it has one that is known, and what `each` and `count` mean in it.
    pub(super) fn frames<'a>(self, outer: &Frame<'a>) -> Vec<(Option<Node>, Frame<'a>)> {
        match self {
            Self::Single => vec![(None, outer.clone())],
            Self::Unknown(value) => {
                let each = value.map(|value| (Rc::new(Node::unknown(value.span)), Rc::new(value)));
                vec![(None, Frame { each, ..outer.clone() })]
            }
            Self::Count(count) => (0..count)
                .map(|index| {
                    let index = Node::plain(crate::span::Span::new(0, 0), index.to_string());
                    let frame = Frame { count: Some(Rc::new(index.clone())), ..outer.clone() };
                    (Some(index), frame)
                })
                .collect(),
            Self::Each(pairs) => pairs
                .into_iter()
                .map(|(key, value)| {
                    let each = (Rc::new(key.clone()), Rc::new(value));
                    let frame = Frame { each: Some(each), ..outer.clone() };
                    (Some(Node { tag: None, ..key }), frame)
                })
                .collect(),
        }
    }
}

/// What stands behind an address for an instance: `[0]`, `["key"]`, or nothing.
pub(super) fn suffix(key: Option<&Node>) -> String {
    match key.map(|key| &key.value) {
        Some(Value::Scalar { text, plain: true }) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("[{text}]")
        }
        Some(Value::Scalar { text, .. }) => format!("[\"{text}\"]"),
        _ => String::new(),
    }
}
