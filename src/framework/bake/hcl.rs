//! Bake files in HCL as the tree that the same file in JSON has: `{target: {app: {…}}, variable: {…}}`.
//!
//! Variables have their defaults; what calls a function or compares is not known. The parser bounds the nesting.

use std::collections::BTreeMap;

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, ObjectKey};
use hcl_edit::parser::{parse_body, parse_template};
use hcl_edit::structure::{Block, Body, Structure};
use hcl_edit::template::{Element, Template};

use crate::document::node::{Entry, Mapping, Node, Value};
use crate::document::{Document, ParseError};
use crate::span::Span;

/// Longest text that is parsed; bake files have a few kilobytes, and the parser compares each key of an object with all the
/// others.
const MAX_BYTES: usize = 1 << 17;
/// Longest chain of variables whose defaults name each other.
const MAX_CHAIN: usize = 8;
/// Most nodes and bytes that variables may put in for themselves.
const MAX_COPIED: usize = 1 << 20;

/// Most kinds of blocks that are kept; Buildx knows four.
const MAX_KINDS: usize = 16;

/// Reads a bake file in HCL.
pub(super) fn read(text: &str) -> Document {
    if text.len() > MAX_BYTES {
        let message = format!("longer than {MAX_BYTES} bytes, which is more than a bake file has");
        return Document { errors: vec![ParseError { offset: 0, message }], ..Document::default() };
    }
    match parse_body(text) {
        Ok(body) => {
            let mut evaluator = Evaluator::new(&body);
            Document { roots: vec![evaluator.file(&body, text.len())], ..Document::default() }
        }
        Err(error) => {
            let mut offset = error.location().offset().min(text.len());
            while !text.is_char_boundary(offset) {
                offset -= 1;
            }
            let message = error.message().to_owned();
            Document { errors: vec![ParseError { offset, message }], ..Document::default() }
        }
    }
}

/// Puts the defaults of variables into a bake file in JSON, whose texts are templates of HCL.
pub(super) fn resolve_json(root: &mut Node) {
    let empty = Body::new();
    let mut evaluator = Evaluator::new(&empty);
    for entry in root.get("variable").and_then(Node::as_mapping).unwrap_or_default() {
        let default = entry.value.get("default").filter(|default| !default.is_null());
        let known = default.filter(|default| default.as_str().is_some_and(|text| !is_template(text)));
        let name = entry.key.as_str().unwrap_or_default().to_owned();
        let value = known.cloned().unwrap_or_else(|| Node::unknown(entry.value.span));
        evaluator.variables.insert(name, Variable::Known(value));
    }
    evaluator.json(root);
}

fn is_template(text: &str) -> bool {
    text.contains("${") || text.contains("%{")
}

/// A variable of the file.
enum Variable<'b> {
    /// Its default, not looked at yet.
    Written(&'b Expression),
    /// Its value.
    Known(Node),
    /// Its default is being looked at: what names it now is a cycle.
    Pending,
}

struct Evaluator<'b> {
    variables: BTreeMap<String, Variable<'b>>,
    /// Length of the chain of variables at hand.
    chain: usize,
    /// What variables may still put in.
    left: usize,
}

impl<'b> Evaluator<'b> {
    /// With the variables of `body`: blocks `variable`, and attributes of the file itself.
    fn new(body: &'b Body) -> Self {
        let mut variables = BTreeMap::new();
        for structure in body {
            match structure {
                Structure::Attribute(attribute) => {
                    variables.insert(attribute.key.to_string(), Variable::Written(&attribute.value));
                }
                Structure::Block(block) if block.has_ident("variable") => {
                    let default = block.body.get_attribute("default").map(|default| &default.value);
                    if let (Some(label), Some(default)) = (block.labels.first(), default) {
                        variables.insert(label.as_str().to_owned(), Variable::Written(default));
                    }
                }
                Structure::Block(_) => {}
            }
        }
        Self { variables, chain: 0, left: MAX_COPIED }
    }

    /// The whole file, of `length` bytes: a mapping for each kind of block, with an entry for each label.
    fn file(&mut self, body: &Body, length: usize) -> Node {
        let mut kinds: Vec<(String, Span, Vec<Entry>)> = Vec::new();
        let mut entries = Vec::new();
        for structure in body {
            match structure {
                Structure::Attribute(attribute) => entries.push(Entry::new(
                    span(attribute.key.span()),
                    attribute.key.as_str(),
                    self.expression(&attribute.value),
                )),
                Structure::Block(block) => {
                    let value = self.block(block);
                    let Some(label) = block.labels.first() else { continue };
                    let entry = Entry::new(span(label.span()), label.as_str(), value);
                    // A bake file has four kinds of blocks: looking through them is no search.
                    let kind = block.ident.as_str();
                    if let Some((_, _, found)) = kinds.iter_mut().find(|(name, ..)| name == kind) {
                        found.push(entry);
                    } else if kinds.len() < MAX_KINDS {
                        kinds.push((kind.to_owned(), span(block.ident.span()), vec![entry]));
                    }
                }
            }
        }
        for (name, at, blocks) in kinds {
            let end = blocks.last().map_or(at.end, |entry| entry.value.span.end);
            entries.push(Entry::new(at, &name, Node::mapping(Span::new(at.start, end), blocks)));
        }
        Node::mapping(Span::new(0, length), entries)
    }

    /// The body of a block. The keys of a `matrix` are variables in it whose values differ.
    fn block(&mut self, block: &Block) -> Node {
        let matrix = block.body.get_attribute("matrix").and_then(|matrix| matrix.value.as_object());
        let names = matrix.into_iter().flat_map(|matrix| matrix.iter()).filter_map(|(key, _)| key_text(key));
        let hidden: Vec<(String, Option<Variable<'b>>)> =
            names.map(|name| (name.to_owned(), self.variables.remove(name))).collect();
        let mut entries = Vec::new();
        for attribute in block.body.attributes() {
            let value = self.expression(&attribute.value);
            entries.push(Entry::new(span(attribute.key.span()), attribute.key.as_str(), value));
        }
        for (name, variable) in hidden {
            self.variables.extend(variable.map(|variable| (name, variable)));
        }
        Node::mapping(span(block.span()), entries)
    }

    fn expression(&mut self, expression: &Expression) -> Node {
        let at = span(expression.span());
        match expression {
            Expression::Null(_) => Node::plain(at, "null"),
            Expression::Bool(value) => Node::plain(at, value.to_string()),
            Expression::Number(value) => Node::plain(at, value.value().to_string()),
            Expression::String(value) => Node::text(at, value.as_str()),
            Expression::Array(items) => Node::sequence(at, items.iter().map(|item| self.expression(item)).collect()),
            Expression::Object(object) => {
                let mut mapping = Mapping::default();
                for (key, value) in object {
                    match key_text(key) {
                        Some(name) => {
                            let value = self.expression(value.expr());
                            mapping.entries.push(Entry::new(span(key.span()), name, value));
                        }
                        None => mapping.is_open = true,
                    }
                }
                Node::new(at, Value::Mapping(mapping))
            }
            Expression::StringTemplate(template) => self.template(template, at),
            Expression::HeredocTemplate(heredoc) => self.template(&heredoc.template, at),
            Expression::Parenthesis(inner) => self.expression(inner.inner()),
            Expression::Variable(name) => self.variable(name.as_str(), at),
            Expression::Conditional(conditional) => match self.expression(&conditional.cond_expr).as_str() {
                Some("true") => self.expression(&conditional.true_expr),
                Some("false") => self.expression(&conditional.false_expr),
                _ => Node::unknown(at),
            },
            _ => Node::unknown(at),
        }
    }

    fn template(&mut self, template: &Template, at: Span) -> Node {
        let mut text = String::new();
        for element in template {
            match element {
                Element::Literal(literal) => text.push_str(literal),
                Element::Interpolation(interpolation) => match self.expression(&interpolation.expr).value {
                    Value::Scalar { text: value, .. } => text.push_str(&value),
                    _ => return Node::unknown(at),
                },
                Element::Directive(_) => return Node::unknown(at),
            }
        }
        Node::text(at, text)
    }

    /// The value of a variable, standing where it is named.
    fn variable(&mut self, name: &str, at: Span) -> Node {
        let Some(variable) = self.variables.get_mut(name) else { return Node::unknown(at) };
        let value = match std::mem::replace(variable, Variable::Pending) {
            Variable::Known(value) => value,
            Variable::Pending => return Node::unknown(at),
            Variable::Written(default) if self.chain < MAX_CHAIN => {
                self.chain += 1;
                let value = self.expression(default);
                self.chain -= 1;
                value
            }
            Variable::Written(default) => {
                self.variables.insert(name.to_owned(), Variable::Written(default));
                return Node::unknown(at);
            }
        };
        let copy = self.copy(&value, at);
        self.variables.insert(name.to_owned(), Variable::Known(value));
        copy
    }

    /// A copy of `node` at `at`; what exceeds the bound is not known.
    fn copy(&mut self, node: &Node, at: Span) -> Node {
        let weight = 1 + node.as_str().map_or(0, str::len);
        if weight > self.left {
            return Node::unknown(at);
        }
        self.left -= weight;
        let value = match &node.value {
            Value::Sequence(items) => Value::Sequence(items.iter().map(|item| self.copy(item, at)).collect()),
            Value::Mapping(mapping) => Value::Mapping(Mapping {
                entries: mapping
                    .entries
                    .iter()
                    .map(|entry| Entry { key: self.copy(&entry.key, at), value: self.copy(&entry.value, at) })
                    .collect(),
                is_open: mapping.is_open,
            }),
            value => value.clone(),
        };
        Node::new(at, value)
    }

    /// Resolves the texts all over `node`.
    fn json(&mut self, node: &mut Node) {
        match &mut node.value {
            Value::Scalar { text, plain: false } if is_template(text) => {
                let template = (text.len() <= MAX_BYTES).then(|| parse_template(text).ok()).flatten();
                *node =
                    template.map_or_else(|| Node::unknown(node.span), |template| self.template(&template, node.span));
            }
            Value::Sequence(items) => items.iter_mut().for_each(|item| self.json(item)),
            Value::Mapping(mapping) => mapping.entries.iter_mut().for_each(|entry| self.json(&mut entry.value)),
            Value::Scalar { .. } | Value::Unknown => {}
        }
    }
}

fn key_text(key: &ObjectKey) -> Option<&str> {
    match key {
        ObjectKey::Ident(name) => Some(name.as_str()),
        ObjectKey::Expression(expression) => expression.as_str(),
    }
}

fn span(range: Option<std::ops::Range<usize>>) -> Span {
    range.map_or_else(Span::default, |range| Span::new(range.start, range.end))
}
