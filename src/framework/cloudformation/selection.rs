//! Functions that take a part of something: of a list, a text, a map, or one of two values.

use super::conditions::equal;
use super::evaluator::Evaluator;
use super::values::{constant, scalar};
use crate::document::node::{Node, Value};
use crate::span::Span;

impl Evaluator<'_> {
    /// `Fn::Select: [index, list]`.
    pub(super) fn select(&mut self, argument: &Node, span: Span) -> Node {
        let Some([index, list]) = argument.as_sequence() else { return Node::unknown(span) };
        let index = self.value(index).and_then(|index| index.as_str()?.trim().parse::<usize>().ok());
        let Some(list) = self.value(list) else { return Node::unknown(span) };
        let tag = list.tag;
        match (list.value, index) {
            (Value::Sequence(mut items), Some(index)) if index < items.len() => items.swap_remove(index),
            _ => Node { tag, ..Node::unknown(span) },
        }
    }

    /// `Fn::Split: [delimiter, text]`.
    pub(super) fn split(&mut self, argument: &Node, span: Span) -> Node {
        let Some([delimiter, text]) = argument.as_sequence() else { return Node::unknown(span) };
        let text = self.value(text).unwrap_or_else(|| Node::unknown(span));
        match (delimiter.as_str(), text.as_str()) {
            (Some(delimiter), Some(joined)) if !delimiter.is_empty() => {
                let count = joined.matches(delimiter).count();
                if !self.charge(joined.len() + 32 * count) {
                    return Node::unknown(span);
                }
                let items = joined.split(delimiter).map(|item| Node { tag: text.tag.clone(), ..scalar(span, item) });
                Node::sequence(span, items.collect())
            }
            _ => Node { tag: text.tag, ..Node::unknown(span) },
        }
    }

    /// `Fn::FindInMap: [map, top key, second key, {DefaultValue: value}]`.
    pub(super) fn find_in_map(&mut self, argument: &Node, span: Span) -> Option<Node> {
        let Some([map, top, second, rest @ ..]) = argument.as_sequence() else { return Some(Node::unknown(span)) };
        let mut keys = Vec::with_capacity(3);
        for key in [map, top, second] {
            match self.value(key) {
                Some(Node { value: Value::Scalar { text, .. }, .. }) => keys.push(text),
                _ => return Some(Node::unknown(span)),
            }
        }
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let found = self.template.root.get("Mappings").and_then(|mappings| mappings.at(&keys));
        match (found, rest.first().and_then(|rest| rest.get("DefaultValue"))) {
            (Some(found), _) if self.charge_copy(found) => Some(constant(found, span)),
            (None, Some(default)) => self.value(default),
            (Some(_), _) | (None, None) => Some(Node::unknown(span)),
        }
    }

    /// `Fn::If: [condition, then, else]`.
    pub(super) fn choice(&mut self, argument: &Node, span: Span) -> Option<Node> {
        let Some([condition, then, otherwise]) = argument.as_sequence() else { return Some(Node::unknown(span)) };
        let truth = match condition.as_str().filter(|_| condition.tag.is_none()) {
            Some(name) => self.condition(name),
            None => self.truth(condition),
        };
        if let Some(truth) = truth {
            return self.value(if truth { then } else { otherwise });
        }
        let (then, otherwise) = (self.value(then), self.value(otherwise));
        if let (Some(a), Some(b)) = (&then, &otherwise)
            && equal(a, b) == Some(true)
        {
            return then;
        }
        let tag = [then, otherwise].into_iter().flatten().find_map(|node| node.tag);
        Some(Node { tag, ..Node::unknown(span) })
    }
}
