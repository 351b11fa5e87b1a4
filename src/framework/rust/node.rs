//! What is known of expressions, types and attributes as trees that paths of rules lead through.

use std::cell::Cell;
use std::rc::Rc;

use proc_macro2::Span as Token;

use super::fact::{Constant, Fact, Link};
use crate::document::node::{Entry, Node};
use crate::span::Span;

/// Most bytes of source that stand for an expression.
const MAX_TEXT: usize = 160;
/// Levels of arguments of arguments that are told.
const MAX_LEVELS: usize = 3;
/// Most arguments that are told.
const MAX_ARGUMENTS: usize = 64;
/// Most expressions that are told of one, what constants stand for included.
const MAX_NESTED: usize = 300;
/// Longest text whose value is told.
const MAX_VALUE: usize = 4096;

/// The text that token spans point into.
#[derive(Clone, Copy)]
pub(super) struct Text<'t> {
    pub(super) text: &'t str,
    /// Where the first token span counts from.
    pub(super) base: usize,
}

impl<'t> Text<'t> {
    /// Bytes from the first to the last of two tokens.
    pub(super) fn span(self, first: Token, last: Token) -> Span {
        Span::new(first.byte_range().start + self.base, last.byte_range().end + self.base)
    }

    pub(super) fn of(self, token: Token) -> Span {
        self.span(token, token)
    }

    /// What is written there, cut to some length.
    pub(super) fn slice(self, span: Span) -> &'t str {
        let mut end = span.end.min(span.start + MAX_TEXT).min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        self.text.get(span.start..end).unwrap_or_default()
    }

    /// The tree of what is known of an expression.
    pub(super) fn expression(self, fact: &Fact) -> Node {
        self.nested(fact, 0, &Cell::new(MAX_NESTED))
    }

    /// The tree of `fact`, with as many expressions in it as are `left`.
    fn nested(self, fact: &Fact, level: usize, left: &Cell<usize>) -> Node {
        left.set(left.get().saturating_sub(1));
        let span = self.span(fact.first, fact.last);
        let mut entries = Body::at(span);
        entries.text("text", self.slice(span));
        entries.text("kind", fact.kind);
        match &fact.constant {
            Constant::Unknown | Constant::Bytes | Constant::Parts => entries.push("value", Node::unknown(span)),
            Constant::Text(text) if text.len() > MAX_VALUE => entries.push("value", Node::unknown(span)),
            Constant::Text(text) => entries.text("value", text),
            Constant::Plain(text) => entries.plain("value", text),
        }
        entries.flag("constant", fact.is_constant());
        if let Some(length) = fact.length {
            entries.plain("length", &length.to_string());
        }
        let texts =
            [("name", &fact.name), ("path", &fact.path), ("from", &fact.from), ("from_argument", &fact.from_argument)];
        for (name, text) in texts {
            if let Some(text) = text {
                entries.text(name, text);
            }
        }
        if let Some(taint) = &fact.taint {
            entries.text("taint", taint.control);
            entries.text("source", &taint.source);
        }
        if let Some((first, last)) = fact.declared {
            let place = self.span(first, last);
            entries.push("declared", Node::text(place, self.slice(place)));
        }
        entries.flag("interpolates", fact.interpolates);
        if let Some(template) = fact.template.as_ref().filter(|template| template.len() <= MAX_VALUE) {
            entries.text("template", template);
        }
        if let Some(chain) = &fact.chain {
            entries.texts("chain", Link::names(Some(chain)).iter().map(|name| &**name));
        }
        if level < MAX_LEVELS && !fact.inner.is_empty() {
            entries.push("arguments", self.list(span, &fact.inner, level + 1, left));
        }
        entries.node()
    }

    fn list(self, span: Span, facts: &[Fact], level: usize, left: &Cell<usize>) -> Node {
        let told = facts.iter().take(MAX_ARGUMENTS).take_while(|_| left.get() > 0);
        Node::sequence(span, told.map(|fact| self.nested(fact, level, left)).collect())
    }

    /// The trees of arguments that stand in `span`.
    pub(super) fn expressions(self, span: Span, facts: &[Fact]) -> Node {
        self.list(span, facts, 0, &Cell::new(MAX_NESTED))
    }
}

/// A mapping in the making.
pub(super) struct Body {
    span: Span,
    entries: Vec<Entry>,
}

impl Body {
    /// Of what stands at `span`, where attributes without a place of their own are reported.
    pub(super) fn at(span: Span) -> Self {
        Self { span, entries: Vec::with_capacity(12) }
    }

    pub(super) fn push(&mut self, name: &str, value: Node) {
        self.entries.push(Entry::new(self.span, name, value));
    }

    pub(super) fn text(&mut self, name: &str, value: &str) {
        self.push(name, Node::text(self.span, value));
    }

    pub(super) fn maybe(&mut self, name: &str, value: Option<&Rc<str>>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    pub(super) fn plain(&mut self, name: &str, value: &str) {
        self.push(name, Node::plain(self.span, value));
    }

    pub(super) fn flag(&mut self, name: &str, value: bool) {
        self.plain(name, if value { "true" } else { "false" });
    }

    pub(super) fn texts<'v>(&mut self, name: &str, values: impl IntoIterator<Item = &'v str>) {
        let items = values.into_iter().map(|value| Node::text(self.span, value)).collect();
        self.push(name, Node::sequence(self.span, items));
    }

    pub(super) fn node(self) -> Node {
        Node::mapping(self.span, self.entries)
    }
}
