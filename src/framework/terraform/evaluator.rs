//! Expressions to values. What cannot be known is unknown; nothing is guessed.

use std::collections::HashMap;
use std::rc::Rc;

use super::functions;
use super::instance::Instance;
use super::module::Module;
use super::settings::Providers;
use super::value::{
    Object, as_bool, as_index, as_text, boolean, equal, failure, first_mark, is_failure, is_known, is_unknown, null,
    number, relocate, unknown_of,
};
use super::{operators, template};
use crate::document::hcl::syntax::{Expression, For, Step, Term};
use crate::document::node::{Node, Value};
use crate::framework::Source;
use crate::framework::declared::{Gap, Manifest, marked};
use crate::span::Span;

/// Deepest nesting of expressions and of what they refer to.
const MAX_DEPTH: usize = 120;
/// Deepest nesting of a value that is referred to.
const MAX_VALUE_DEPTH: usize = 64;
/// Most expressions that are evaluated in a scan, and with one set of values for a root module.
const MAX_STEPS: usize = 6_000_000;
const MAX_STEPS_OF_ROOT: usize = 1_000_000;
/// Most nodes and bytes of text, in units of 64, that references copy and functions make: in a scan, and with one set of
/// values for a root module.
const MAX_COPIES: usize = 3_000_000;
const MAX_COPIES_OF_ROOT: usize = 750_000;
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
    pub(super) each: Option<(Rc<Node>, Rc<Node>)>,
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
    /// Of the root module in hand.
    steps: usize,
    copies: usize,
    /// Of all that come behind it.
    later_steps: usize,
    later_copies: usize,
    /// A bound was reached.
    is_cut: bool,
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
            providers: Providers::new(),
            manifests: Vec::new(),
            depth: 0,
            steps: 0,
            copies: 0,
            later_steps: MAX_STEPS,
            later_copies: MAX_COPIES,
            is_cut: false,
        }
    }

    /// Begins with another root module, or with other values for its variables.
    pub(super) fn begin(&mut self, root: Instance<'a>) {
        self.instances = vec![root];
        self.providers.clear();
        self.world += 1;
        let share = |left: &mut usize, later: &mut usize, most: usize| {
            *later += *left;
            *left = most.min(*later);
            *later -= *left;
        };
        share(&mut self.steps, &mut self.later_steps, MAX_STEPS_OF_ROOT);
        share(&mut self.copies, &mut self.later_copies, MAX_COPIES_OF_ROOT);
    }

    /// Whether a bound on evaluation was reached since this was asked last: something is unknown that need not be.
    pub(super) fn take_cut(&mut self) -> bool {
        std::mem::take(&mut self.is_cut)
    }

    /// Pays for `count` steps. When there are no more, nothing is to be evaluated.
    pub(super) fn pay(&mut self, count: usize) -> bool {
        self.is_cut |= count > self.steps;
        let is_paid = count <= self.steps;
        self.steps = self.steps.saturating_sub(count);
        is_paid
    }

    /// What stands for a value at `at` that exceeds a bound.
    pub(super) fn cut(&mut self, at: Span) -> Node {
        self.is_cut = true;
        Node::unknown(at)
    }

    /// `value`, which was made, when it is not more than may be kept.
    pub(super) fn kept(&mut self, value: Node) -> Node {
        let (weight, _) = weight(&value);
        if weight > self.copies {
            self.copies = 0;
            self.is_cut = true;
            return Node::unknown(value.span);
        }
        self.copies -= weight;
        value
    }

    /// How many more nodes may be made; what makes some takes them from it.
    pub(super) fn copies(&mut self) -> &mut usize {
        &mut self.copies
    }

    /// Runs `evaluate` one level deeper; too deep, or past the bound on steps, the value is unknown.
    pub(super) fn deeper(&mut self, at: Span, evaluate: impl FnOnce(&mut Self) -> Node) -> Node {
        if self.depth >= MAX_DEPTH || !self.pay(1) {
            return self.cut(at);
        }
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
            Term::Number(text) => written_number(text, at),
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
        let mut object = Object::default();
        for (key, value) in entries {
            let name = self.evaluate(key, frame);
            let value = self.evaluate(value, frame);
            match as_text(&name) {
                Some(name) => object.set(&name, key.span, value),
                None => object.is_open = true,
            }
        }
        object.into_node(at)
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
        let mark: Option<Box<str>> = first_mark(&collection).map(Into::into);
        let mut object = Object::default();
        let mut items = Vec::new();
        let pairs: Vec<(Node, Node)> = match collection.value {
            Value::Sequence(found) => {
                let numbered = found.into_iter().enumerate();
                numbered.map(|(index, item)| (Node::plain(at, index.to_string()), item)).collect()
            }
            // One stands for all, because it is not known how many there are.
            Value::Mapping(_) if is_resource(&collection) => vec![(Node::unknown(at), collection)],
            Value::Mapping(found) => {
                object.is_open = found.is_open;
                let mut entries = found.entries;
                entries.sort_by(|a, b| a.key.as_str().cmp(&b.key.as_str()));
                entries.into_iter().map(|entry| (entry.key, entry.value)).collect()
            }
            Value::Unknown | Value::Scalar { .. } => return unknown_of(at, [&collection]),
        };
        if pairs.len() > MAX_ITEMS {
            return self.cut(at);
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
                    Some((Some(name), span)) if each.groups => match object.get_mut(&name) {
                        Some(Node { value: Value::Sequence(group), .. }) => group.push(result),
                        _ => object.set(&name, span, Node::sequence(at, vec![result])),
                    },
                    Some((Some(name), span)) if holds.is_some() => object.set(&name, span, result),
                    Some(_) => object.is_open = true,
                }
            }
            frame.names.truncate(depth);
        }
        if each.name.is_some() {
            return object.into_node(at);
        }
        if object.is_open {
            items.push(Node { tag: mark, ..Node::unknown(at) });
        }
        Node::sequence(at, items)
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
        // An entry is looked for among all.
        if !self.pay(node.as_mapping().unwrap_or_default().len() / 32) {
            return unknown();
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
        let (weight, depth) = weight(node);
        if weight > self.copies || depth > MAX_VALUE_DEPTH {
            if weight > self.copies {
                self.copies = 0;
            }
            return self.cut(at);
        }
        self.copies -= weight;
        let mut copy = node.clone();
        relocate(&mut copy, at);
        copy
    }
}

/// What a copy of `node` counts for, and how deep it nests.
fn weight(node: &Node) -> (usize, usize) {
    let text = |node: &Node| node.as_str().map_or(0, |text| text.len() / 64);
    let mut all = (1 + text(node), 0);
    let mut add = |key: usize, inner: &Node| {
        let (weight, depth) = weight(inner);
        all = (all.0 + key + weight, all.1.max(depth + 1));
    };
    match &node.value {
        Value::Unknown | Value::Scalar { .. } => {}
        Value::Sequence(items) => items.iter().for_each(|item| add(0, item)),
        Value::Mapping(mapping) => mapping.entries.iter().for_each(|entry| add(1 + text(&entry.key), &entry.value)),
    }
    all
}

/// Whether `node` is a resource or data source as a whole that there may be several of.
pub(super) fn is_resource(node: &Node) -> bool {
    marked(node).is_some() && (node.get("for_each").is_some() || node.get("count").is_some())
}

/// A number as Terraform shows it, which leaves out zeros behind the point and exponents.
fn written_number(text: &str, at: Span) -> Node {
    match text.parse() {
        Ok(value) if text.contains(['.', 'e', 'E']) => number(at, value),
        _ => Node::plain(at, text),
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
