//! Expressions to values. What cannot be known is unknown; nothing is guessed.

use std::collections::HashMap;
use std::rc::Rc;

use super::functions;
use super::instance::Instance;
use super::module::Module;
use super::settings::Providers;
use super::value::{
    as_bool, as_index, as_text, boolean, equal, failure, first_mark, is_failure, is_known, is_unknown, null, number,
    relocate, unknown_of,
};
use super::{operators, template};
use crate::document::hcl::syntax::{Expression, For, Step, Term};
use crate::document::node::{Entry, Mapping, Node, Value};
use crate::framework::Source;
use crate::framework::declared::{Gap, Manifest, marked};
use crate::span::Span;

/// Deepest nesting of expressions and of what they refer to.
const MAX_DEPTH: usize = 120;
/// Most expressions that are evaluated in a scan.
const MAX_STEPS: usize = 4_000_000;
/// Most nodes and bytes of text, in units of 64, that references copy in a scan.
const MAX_COPIES: usize = 8_000_000;
/// Most items that a `for` goes through.
const MAX_ITEMS: usize = 4_096;

/// Where an expression stands: what `each`, `count` and the names of `for` mean there.
#[derive(Clone, Debug, Default)]
pub(super) struct Frame<'a> {
    /// Index of the module instance.
    pub(super) instance: usize,
    /// Index of the file.
    pub(super) file: usize,
    /// `each.key` and `each.value`.
    pub(super) each: Option<Rc<(Node, Node)>>,
    /// `count.index`; unknown where the count is.
    pub(super) count: Option<Rc<Node>>,
    /// Names of `for` expressions and iterators of `dynamic` blocks, the innermost last.
    pub(super) names: Vec<(&'a str, Rc<Node>)>,
}

/// What is being evaluated, once.
#[derive(Debug)]
pub(super) enum Memo {
    /// It is being evaluated: what asks for it now is part of a cycle.
    Pending,
    Done(Rc<Node>),
}

pub(super) struct Evaluator<'a> {
    pub(super) sources: &'a [Source],
    pub(super) modules: &'a [Module<'a>],
    /// Numbers of modules by directory.
    pub(super) by_directory: HashMap<&'a str, usize>,
    /// Instances of modules of the configuration in hand; the first is the root.
    pub(super) instances: Vec<Instance<'a>>,
    /// Number of the configuration in hand.
    pub(super) world: usize,
    /// Instances of modules that may still be made.
    pub(super) instances_left: usize,
    pub(super) gaps: Vec<Gap>,
    pub(super) providers: Providers,
    /// Kubernetes objects that were declared.
    pub(super) manifests: Vec<Manifest>,
    depth: usize,
    steps: usize,
    copies: usize,
}

impl<'a> Evaluator<'a> {
    pub(super) fn new(sources: &'a [Source], modules: &'a [Module<'a>], instances_left: usize) -> Self {
        Self {
            sources,
            modules,
            by_directory: modules.iter().enumerate().map(|(number, module)| (module.directory, number)).collect(),
            instances: Vec::new(),
            world: 0,
            instances_left,
            gaps: Vec::new(),
            providers: Vec::new(),
            manifests: Vec::new(),
            depth: 0,
            steps: MAX_STEPS,
            copies: MAX_COPIES,
        }
    }

    /// Whether the bounds on evaluation have been reached: what was asked for since then is unknown.
    pub(super) fn is_exhausted(&self) -> bool {
        self.steps == 0 || self.copies == 0
    }

    /// Runs `evaluate` one level deeper; too deep, or past the bound on steps, the value is unknown.
    pub(super) fn deeper(&mut self, at: Span, evaluate: impl FnOnce(&mut Self) -> Node) -> Node {
        if self.depth >= MAX_DEPTH || self.steps == 0 {
            return Node::unknown(at);
        }
        self.steps -= 1;
        self.depth += 1;
        let value = evaluate(self);
        self.depth -= 1;
        value
    }

    /// The value of `expression`, with places of its file.
    pub(super) fn evaluate(&mut self, expression: &'a Expression, frame: &mut Frame<'a>) -> Node {
        self.deeper(expression.span, |this| this.term(expression, frame))
    }

    fn term(&mut self, expression: &'a Expression, frame: &mut Frame<'a>) -> Node {
        let at = expression.span;
        match &expression.term {
            Term::Null => null(at),
            Term::Bool(value) => boolean(at, *value),
            Term::Number(text) => Node::plain(at, &**text),
            Term::Text(text) => Node::text(at, &**text),
            Term::Template(parts) => template::render(self, parts, frame, at),
            Term::Tuple(items) => Node::sequence(at, items.iter().map(|item| self.evaluate(item, frame)).collect()),
            Term::Object(entries) => self.object(entries, frame, at),
            // Terraform refuses them; who comes from Python means the obvious.
            Term::Variable(name) if matches!(&**name, "True" | "TRUE") => boolean(at, true),
            Term::Variable(name) if matches!(&**name, "False" | "FALSE") => boolean(at, false),
            Term::Variable(_) => self.traverse(expression, &[], at, frame),
            Term::Traversal(base, steps) => self.traverse(base, steps, at, frame),
            Term::Call { name, arguments, expands } => functions::call(self, name, arguments, *expands, frame, at),
            Term::Conditional(parts) => self.conditional(parts, frame, at),
            Term::Negative(inner) => {
                let value = self.evaluate(inner, frame);
                match super::value::as_number(&value) {
                    Some(value) => number(at, -value),
                    None => unknown_of(at, [&value]),
                }
            }
            Term::Not(inner) => {
                let value = self.evaluate(inner, frame);
                match as_bool(&value) {
                    Some(value) => boolean(at, !value),
                    None => unknown_of(at, [&value]),
                }
            }
            Term::Binary(operator, sides) => {
                let [left, right] = &**sides;
                let (left, right) = (self.evaluate(left, frame), self.evaluate(right, frame));
                operators::apply(*operator, &left, &right, at)
            }
            Term::For(each) => self.for_each_item(each, frame, at),
        }
    }

    fn object(&mut self, entries: &'a [(Expression, Expression)], frame: &mut Frame<'a>, at: Span) -> Node {
        let mut mapping = Mapping::default();
        for (key, value) in entries {
            let name = self.evaluate(key, frame);
            let value = self.evaluate(value, frame);
            match as_text(&name) {
                Some(name) => mapping.entries.push(Entry { key: Node::text(key.span, name), value }),
                None => mapping.is_open = true,
            }
        }
        Node::new(at, Value::Mapping(mapping))
    }

    fn conditional(&mut self, parts: &'a [Expression; 3], frame: &mut Frame<'a>, at: Span) -> Node {
        let [condition, then, otherwise] = parts;
        let condition = self.evaluate(condition, frame);
        match as_bool(&condition) {
            Some(true) => self.evaluate(then, frame),
            Some(false) => self.evaluate(otherwise, frame),
            None if is_failure(&condition) => failure(at),
            None => {
                let (then, otherwise) = (self.evaluate(then, frame), self.evaluate(otherwise, frame));
                if equal(&then, &otherwise) == Some(true) {
                    return then;
                }
                let mark = first_mark(&then).or_else(|| first_mark(&otherwise)).map(Into::into);
                Node { tag: mark, ..Node::unknown(at) }
            }
        }
    }

    fn for_each_item(&mut self, each: &'a For, frame: &mut Frame<'a>, at: Span) -> Node {
        let collection = self.evaluate(&each.collection, frame);
        let mut mapping = Mapping::default();
        let mut items = Vec::new();
        let pairs: Vec<(Node, Node)> = match collection.value {
            Value::Sequence(found) => {
                let numbered = found.into_iter().enumerate();
                numbered.map(|(index, item)| (Node::plain(at, index.to_string()), item)).collect()
            }
            Value::Mapping(found) => {
                mapping.is_open = found.is_open;
                let mut entries = found.entries;
                entries.sort_by(|a, b| a.key.as_str().cmp(&b.key.as_str()));
                entries.into_iter().map(|entry| (entry.key, entry.value)).collect()
            }
            Value::Unknown | Value::Scalar { .. } => return unknown_of(at, [&collection]),
        };
        if pairs.len() > MAX_ITEMS {
            return Node::unknown(at);
        }
        for (key, value) in pairs {
            let depth = frame.names.len();
            if let Some(name) = &each.key {
                frame.names.push((name, Rc::new(key)));
            }
            frame.names.push((&each.value, Rc::new(value)));
            let holds =
                each.condition.as_ref().map_or(Some(true), |condition| as_bool(&self.evaluate(condition, frame)));
            if holds != Some(false) {
                let name = each.name.as_ref().map(|name| self.evaluate(name, frame));
                let mut result = self.evaluate(&each.result, frame);
                if holds.is_none() {
                    result = Node { tag: first_mark(&result).map(Into::into), ..Node::unknown(at) };
                }
                match name.as_ref().map(|name| (as_text(name), name.span)) {
                    None => items.push(result),
                    Some((Some(name), span)) if each.groups => {
                        match mapping.entries.iter_mut().find(|entry| entry.key.as_str() == Some(&*name)) {
                            Some(Entry { value: Node { value: Value::Sequence(group), .. }, .. }) => group.push(result),
                            _ => mapping
                                .entries
                                .push(Entry { key: Node::text(span, name), value: Node::sequence(at, vec![result]) }),
                        }
                    }
                    Some((Some(name), span)) if holds.is_some() => {
                        mapping.entries.push(Entry { key: Node::text(span, name), value: result });
                    }
                    Some(_) => mapping.is_open = true,
                }
            }
            frame.names.truncate(depth);
        }
        if each.name.is_some() { Node::new(at, Value::Mapping(mapping)) } else { Node::sequence(at, items) }
    }

    /// The value at the end of `steps` from `base`.
    fn traverse(&mut self, base: &'a Expression, steps: &'a [Step], at: Span, frame: &mut Frame<'a>) -> Node {
        let (root, used) = match &base.term {
            Term::Variable(name) => self.root(name, steps, frame, at),
            _ => (Rc::new(self.evaluate(base, frame)), 0),
        };
        self.walk(&root, None, steps.get(used..).unwrap_or_default(), at, frame)
    }

    /// The value at the end of `steps` from `node`, which is or is a part of what `mark` stands for.
    pub(super) fn walk(
        &mut self,
        node: &Node,
        mark: Option<&str>,
        steps: &'a [Step],
        at: Span,
        frame: &mut Frame<'a>,
    ) -> Node {
        let own = marked(node);
        let mark = own.or(mark);
        let Some((step, rest)) = steps.split_first() else {
            let mut copy = self.copy(node, at);
            if mark.is_some() && marked(&copy).is_none() {
                copy.tag = mark.map(Into::into);
            }
            return copy;
        };
        let unknown = || Node { tag: mark.map(Into::into), ..Node::unknown(at) };
        if is_failure(node) {
            return failure(at);
        }
        match step {
            Step::AttributeSplat | Step::FullSplat => {
                // After `.*` only attributes apply to the items.
                let inner = match step {
                    Step::FullSplat => rest.len(),
                    _ => rest.iter().take_while(|step| matches!(step, Step::Attribute(_))).count(),
                };
                let (inner, outer) = rest.split_at(inner);
                let items: &[Node] = match &node.value {
                    Value::Unknown => return unknown(),
                    Value::Sequence(items) => items,
                    _ if node.is_null() => &[],
                    _ => std::slice::from_ref(node),
                };
                let items = items.iter().map(|item| self.walk(item, mark, inner, at, frame)).collect();
                let list = Node::sequence(at, items);
                if outer.is_empty() { list } else { self.walk(&list, mark, outer, at, frame) }
            }
            Step::Attribute(name) => match child(node, name) {
                Child::Found(child) => self.walk(child, mark, rest, at, frame),
                // What a resource does not set, the provider fills in.
                Child::Missing if own.is_none() && !is_unknown(node) => failure(at),
                Child::Missing | Child::Unknown => unknown(),
            },
            Step::Index(key) => {
                let key = self.evaluate(key, frame);
                match index(node, &key) {
                    Child::Found(child) => self.walk(child, mark, rest, at, frame),
                    Child::Missing if own.is_none() => failure(at),
                    Child::Missing => unknown(),
                    Child::Unknown => {
                        let mark = mark.or_else(|| first_mark(node)).map(Into::into);
                        Node { tag: mark, ..Node::unknown(at) }
                    }
                }
            }
        }
    }

    /// A copy of `node` at `at`; what exceeds the bound is unknown.
    pub(super) fn copy(&mut self, node: &Node, at: Span) -> Node {
        let weight = weight(node);
        if weight > self.copies {
            self.copies = 0;
            return Node::unknown(at);
        }
        self.copies -= weight;
        let mut copy = node.clone();
        relocate(&mut copy, at);
        copy
    }
}

/// What a copy of `node` counts for.
fn weight(node: &Node) -> usize {
    1 + match &node.value {
        Value::Unknown => 0,
        Value::Scalar { text, .. } => text.len() / 64,
        Value::Sequence(items) => items.iter().map(weight).sum(),
        Value::Mapping(mapping) => mapping.entries.iter().map(|entry| 1 + weight(&entry.value)).sum(),
    }
}

/// What a step leads to.
pub(super) enum Child<'n> {
    Found(&'n Node),
    Missing,
    Unknown,
}

/// The attribute `name` of `node`. On a list of blocks with one item it is that of the item, as old configurations write it.
fn child<'n>(node: &'n Node, name: &str) -> Child<'n> {
    match &node.value {
        Value::Unknown => Child::Unknown,
        Value::Mapping(mapping) => match node.get(name) {
            Some(child) => Child::Found(child),
            None if mapping.is_open => Child::Unknown,
            None => Child::Missing,
        },
        Value::Sequence(items) => match items.as_slice() {
            [only] => child(only, name),
            _ => Child::Missing,
        },
        Value::Scalar { .. } => Child::Missing,
    }
}

/// The item or entry of `node` under `key`.
pub(super) fn index<'n>(node: &'n Node, key: &Node) -> Child<'n> {
    if is_unknown(node) || is_unknown(key) {
        return Child::Unknown;
    }
    match &node.value {
        Value::Sequence(items) => match as_index(key).map(|index| items.get(index)) {
            Some(Some(item)) => Child::Found(item),
            // What stands behind an item that may be several is not known.
            Some(None) if !items.is_empty() && !is_known(node) => Child::Unknown,
            _ => Child::Missing,
        },
        Value::Mapping(_) => as_text(key).map_or(Child::Missing, |key| child(node, &key)),
        // `count` is not known, and there is one for all.
        _ => Child::Missing,
    }
}
