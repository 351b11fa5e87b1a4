//! Texts that are put together: `Fn::Sub` and `Fn::Join`.

use super::evaluator::{Evaluator, MAX_TEXT};
use super::function::Call;
use super::json_text;
use super::values::{literal, relocated, scalar};
use crate::document::node::{Node, Value};
use crate::framework::declared::marked;
use crate::span::Span;

/// A text in the making.
#[derive(Default)]
struct Parts {
    text: String,
    /// The tag of each part that is not known.
    unknown: Vec<Option<Box<str>>>,
    /// The mark of the first reference.
    tag: Option<Box<str>>,
}

impl Parts {
    fn add(&mut self, part: Option<Node>) {
        let Some(part) = part else { return };
        let tag = marked(&part).map(Box::from);
        if self.tag.is_none() {
            self.tag.clone_from(&tag);
        }
        match part.value {
            Value::Scalar { text, .. } if self.push(&text) => {}
            _ => {
                self.text.push_str(&json_text::placeholder(self.unknown.len()));
                self.unknown.push(tag);
            }
        }
    }

    /// Appends a text that is known, unless it is too much.
    fn push(&mut self, text: &str) -> bool {
        let fits = self.text.len() + text.len() <= MAX_TEXT;
        if fits {
            self.text.push_str(text);
        }
        fits
    }
}

impl Evaluator<'_> {
    fn finish(&mut self, parts: Parts, span: Span) -> Node {
        let Parts { text, unknown, tag } = parts;
        self.charge(text.len());
        let tree = json_text::tree(&text, &unknown, self.template.text, span);
        let node = tree.unwrap_or_else(|| if unknown.is_empty() { scalar(span, &text) } else { Node::unknown(span) });
        Node { tag, ..node }
    }

    /// `node` as a part of a text: without a look for JSON in it, and with the names of the usual partition.
    fn part(&mut self, node: &Node) -> Option<Node> {
        let call = Call::short(node).or_else(|| Call::long(node));
        match (call, &node.value) {
            (None, Value::Scalar { text, plain }) => Some(literal(text, *plain, node.span)),
            (Some(call), _) => match self.name_of(call) {
                Some(name) => self.part_named(&name, node.span),
                None => self.value(node),
            },
            _ => self.value(node),
        }
    }

    fn part_named(&mut self, name: &str, span: Span) -> Option<Node> {
        match name {
            "AWS::Partition" => Some(Node::text(span, "aws")),
            "AWS::URLSuffix" => Some(Node::text(span, "amazonaws.com")),
            _ => self.reference(name, span),
        }
    }

    /// `Fn::Join: [delimiter, list]`.
    pub(super) fn join(&mut self, argument: &Node, span: Span) -> Node {
        let Some([delimiter, list]) = argument.as_sequence() else { return Node::unknown(span) };
        let delimiter = delimiter.as_str().map(str::to_owned);
        let mut parts = Parts::default();
        let is_call = Call::short(list).or_else(|| Call::long(list)).is_some();
        let items: Vec<Option<Node>> = match list.as_sequence() {
            Some(items) if !is_call => items.iter().map(|item| self.part(item)).collect(),
            _ => match self.value(list) {
                Some(Node { value: Value::Sequence(items), .. }) => items.into_iter().map(Some).collect(),
                other => return Node { tag: other.and_then(|node| node.tag), ..Node::unknown(span) },
            },
        };
        for (index, item) in items.into_iter().flatten().enumerate() {
            if index > 0 {
                match &delimiter {
                    Some(delimiter) if parts.push(delimiter) => {}
                    _ => parts.add(Some(Node::unknown(span))),
                }
            }
            parts.add(Some(item));
        }
        self.finish(parts, span)
    }

    /// `Fn::Sub: text` or `Fn::Sub: [text, {name: value}]`.
    pub(super) fn substitute(&mut self, argument: &Node, span: Span) -> Node {
        let (text, own) = match argument.as_sequence() {
            Some([text, own, ..]) => (text, Some(own)),
            Some([text]) => (text, None),
            _ => (argument, None),
        };
        let Some(text) = text.as_str() else { return Node::unknown(span) };
        let mut parts = Parts::default();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once("${") {
            parts.text.push_str(before);
            let Some((name, after)) = behind.split_once('}') else {
                parts.text.push_str("${");
                rest = behind;
                break;
            };
            rest = after;
            if let Some(literal) = name.strip_prefix('!') {
                parts.text.push_str("${");
                parts.text.push_str(literal);
                parts.text.push('}');
                continue;
            }
            let name = name.trim();
            let part = match own.and_then(|own| own.get(name)) {
                Some(value) => self.part(value).map(|part| relocated(part, span)),
                None => match name.split_once('.') {
                    Some((resource, attribute)) => Some(self.attribute(resource, attribute, span)),
                    None => self.part_named(name, span),
                },
            };
            parts.add(part);
            if parts.text.len() > MAX_TEXT || !self.charge(1) {
                return Node { tag: parts.tag, ..Node::unknown(span) };
            }
        }
        parts.text.push_str(rest);
        self.finish(parts, span)
    }
}
