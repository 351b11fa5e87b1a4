//! Texts that are put together: `Fn::Sub` and `Fn::Join`.

use super::evaluator::{Evaluator, MAX_TEXT};
use super::function::Call;
use super::values::{literal, relocated, scalar};
use crate::document::node::{Node, Value};
use crate::framework::declared::marked;
use crate::framework::iam::{HOLE, parse_with_holes};
use crate::span::Span;

/// A text in the making.
#[derive(Default)]
struct Parts {
    text: String,
    /// A part is not known: a [`HOLE`] stands for it.
    is_unknown: bool,
    /// The mark of the first reference.
    tag: Option<Box<str>>,
    /// It would be longer than a text may be.
    is_cut: bool,
}

impl Parts {
    fn add(&mut self, part: Option<Node>) {
        let Some(part) = part else { return };
        if self.tag.is_none() {
            self.tag = marked(&part).map(Box::from);
        }
        match part.value {
            Value::Scalar { text, .. } if self.push(&text) => {}
            _ => {
                self.text.push(HOLE);
                self.is_unknown = true;
            }
        }
    }

    /// Appends a text that is known, unless it is too much.
    fn push(&mut self, text: &str) -> bool {
        let fits = self.text.len() + text.len() <= MAX_TEXT;
        if fits {
            self.text.push_str(text);
        }
        self.is_cut |= !fits;
        fits
    }
}

impl Evaluator<'_> {
    fn finish(&mut self, parts: Parts, span: Span) -> Node {
        let Parts { text, is_unknown, tag, is_cut } = parts;
        self.is_cut |= is_cut;
        self.charge(text.len());
        let rest = || if is_unknown { Node::unknown(span) } else { scalar(span, &text) };
        let node = parse_with_holes(span, &text, self.template.text).unwrap_or_else(rest);
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
