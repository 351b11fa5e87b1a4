//! The values of a template.

use std::cell::Cell;
use std::collections::HashMap;

use super::function::{Call, Function};
use super::parameters;
use super::template::Template;
use super::values::literal;
use crate::document::node::{Entry, Mapping, Node, Value};
use crate::framework::iam::parse_with_holes;
use crate::span::Span;

/// Deepest nesting of values, references to other parts of the template included.
const MAX_DEPTH: usize = 256;
/// Most steps that the templates of a scan take: about one for each node and each 32 bytes that are copied.
const MAX_STEPS: usize = 8_000_000;
/// Most steps that one template takes with one set of parameters.
const MAX_TEMPLATE_STEPS: usize = 500_000;
/// Longest text that is put together, in bytes.
pub(super) const MAX_TEXT: usize = 1 << 20;

/// What evaluation may still cost, for all templates of a scan.
#[derive(Debug)]
pub(super) struct Budget {
    left: Cell<usize>,
}

impl Budget {
    pub(super) fn new() -> Self {
        Self { left: Cell::new(MAX_STEPS) }
    }
}

/// A template under evaluation, with the parameters of one stack.
pub(super) struct Evaluator<'t> {
    pub(super) template: &'t Template<'t>,
    /// What is evaluated together: the number of the outermost template.
    pub(super) world: usize,
    /// In front of the logical ids of a nested stack: `Network.`.
    pub(super) prefix: String,
    pub(super) parameters: HashMap<&'t str, Node>,
    /// The templates that its nested stacks are made of, by logical id.
    pub(super) children: HashMap<&'t str, &'t Template<'t>>,
    /// Conditions that were looked at; one that is being looked at is unknown.
    pub(super) conditions: HashMap<&'t str, Option<bool>>,
    /// The variables of the loops around the value in hand.
    pub(super) loops: Vec<(String, Node)>,
    budget: &'t Budget,
    /// Steps that this template may still take.
    left: usize,
    depth: usize,
    /// What references to the resources that were looked at give.
    pub(super) names: HashMap<&'t str, Option<Node>>,
    /// A bound cut something.
    pub(super) is_cut: bool,
}

impl<'t> Evaluator<'t> {
    /// An evaluator of `template`. `given` are the parameters that the stack of a parent passes.
    pub(super) fn new(
        template: &'t Template<'t>,
        world: usize,
        prefix: String,
        given: Option<&Node>,
        budget: &'t Budget,
    ) -> Self {
        Self {
            template,
            world,
            prefix,
            parameters: parameters::values(template, given),
            children: HashMap::new(),
            conditions: HashMap::new(),
            loops: Vec::new(),
            budget,
            left: MAX_TEMPLATE_STEPS,
            depth: 0,
            names: HashMap::new(),
            is_cut: false,
        }
    }

    /// Takes the steps for `bytes` of text that are looked at or copied; `false` when none are left.
    pub(super) fn charge(&mut self, bytes: usize) -> bool {
        let cost = 1 + bytes / 32;
        let left = self.left.min(self.budget.left.get());
        if left < cost {
            self.is_cut = true;
            return false;
        }
        self.left -= cost;
        self.budget.left.set(self.budget.left.get().saturating_sub(cost));
        true
    }

    /// The value of `node`; `None` when it is `AWS::NoValue`, as if it were not written.
    pub(super) fn value(&mut self, node: &Node) -> Option<Node> {
        self.deeper(node, |this| match Call::short(node) {
            Some(call) => this.call(call, node.span),
            None => this.without_tag(node),
        })
    }

    /// The value of the argument of a function.
    pub(super) fn argument(&mut self, call: Call<'_>) -> Option<Node> {
        let node = call.argument;
        if call.is_tag { self.deeper(node, |this| this.without_tag(node)) } else { self.value(node) }
    }

    fn deeper(&mut self, node: &Node, evaluate: impl FnOnce(&mut Self) -> Option<Node>) -> Option<Node> {
        if !self.charge(node.as_str().map_or(0, str::len)) {
            return Some(Node::unknown(node.span));
        }
        self.nested(evaluate).unwrap_or_else(|| Some(Node::unknown(node.span)))
    }

    /// What `evaluate` gives one level deeper; `None` below the deepest.
    pub(super) fn nested<T>(&mut self, evaluate: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth >= MAX_DEPTH {
            self.is_cut = true;
            return None;
        }
        self.depth += 1;
        let value = evaluate(self);
        self.depth -= 1;
        Some(value)
    }

    fn without_tag(&mut self, node: &Node) -> Option<Node> {
        if let Some(call) = Call::long(node) {
            return self.call(call, node.span);
        }
        match &node.value {
            Value::Scalar { text, plain } => Some(self.written(text, *plain, node.span)),
            Value::Sequence(items) => {
                Some(Node::sequence(node.span, items.iter().filter_map(|item| self.value(item)).collect()))
            }
            Value::Mapping(mapping) => Some(self.mapping(mapping, node.span)),
            Value::Unknown => Some(Node::unknown(node.span)),
        }
    }

    fn mapping(&mut self, mapping: &Mapping, span: Span) -> Node {
        let mut entries = Vec::with_capacity(mapping.entries.len());
        let is_open = self.each_entry(&mapping.entries, &mut |this, entry| {
            if let Some(value) = this.value(&entry.value) {
                let key = this.key(&entry.key);
                entries.push(Entry { key, value });
            }
        });
        Node::new(span, Value::Mapping(Mapping { entries, is_open: mapping.is_open || is_open }))
    }

    /// A key with the variables of the loops around it put in.
    pub(super) fn key(&self, key: &Node) -> Node {
        match key.as_str() {
            Some(name) if !self.loops.is_empty() => Node::text(key.span, self.with_variables(name)),
            _ => key.clone(),
        }
    }

    /// A scalar as it is written.
    fn written(&mut self, text: &str, plain: bool, span: Span) -> Node {
        let tree = if plain { None } else { parse_with_holes(span, text, self.template.text) };
        tree.unwrap_or_else(|| literal(text, plain, span))
    }

    fn call(&mut self, call: Call<'_>, span: Span) -> Option<Node> {
        let argument = call.argument;
        let unknown = Node::unknown(span);
        Some(match call.function {
            Function::Ref => match self.name_of(call) {
                Some(name) => return self.reference(&name, span),
                None => unknown,
            },
            Function::If => return self.choice(argument, span),
            // What rules look at is the text, and not how it is sent; and the tree, which stands for each text of JSON.
            Function::Base64 | Function::ToJsonString => Node { span, ..self.argument(call)? },
            Function::GetAtt => self.get_attribute(call, span),
            Function::Sub => self.substitute(argument, span),
            Function::Join => self.join(argument, span),
            Function::Select => self.select(argument, span),
            Function::Split => self.split(argument, span),
            Function::FindInMap => return self.find_in_map(argument, span),
            Function::Length => match self.argument(call)?.as_sequence() {
                Some(items) => Node::plain(span, items.len().to_string()),
                None => unknown,
            },
            Function::And | Function::Condition | Function::Equals | Function::Not | Function::Or => {
                match self.decide(call) {
                    Some(truth) => Node::plain(span, if truth { "true" } else { "false" }),
                    None => unknown,
                }
            }
            Function::Transform => Node::new(span, Value::Mapping(Mapping { entries: Vec::new(), is_open: true })),
            Function::Late => unknown,
        })
    }

    /// Evaluates what stands elsewhere in the template, where the loops in force mean nothing.
    pub(super) fn outside_of_loops<T>(&mut self, evaluate: impl FnOnce(&mut Self) -> T) -> T {
        let loops = std::mem::take(&mut self.loops);
        let value = evaluate(self);
        self.loops = loops;
        value
    }

    /// Takes the steps for a copy of `node`.
    pub(super) fn charge_copy(&mut self, node: &Node) -> bool {
        match &node.value {
            Value::Scalar { text, .. } => self.charge(text.len()),
            Value::Sequence(items) => self.charge(0) && items.iter().all(|item| self.charge_copy(item)),
            Value::Mapping(mapping) => {
                self.charge(0) && mapping.entries.iter().all(|entry| self.charge_copy(&entry.value))
            }
            Value::Unknown => self.charge(0),
        }
    }
}
