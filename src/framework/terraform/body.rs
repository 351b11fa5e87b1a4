//! Bodies of blocks to mappings: attributes evaluated, nested blocks as lists under their names, `dynamic` blocks written out.

use std::rc::Rc;

use super::evaluator::{Evaluator, Frame};
use super::value::{relocate, set};
use crate::document::hcl::syntax::{Block, Body, Expression, Item, Step, Term};
use crate::document::node::{Entry, Mapping, Node, Value};
use crate::framework::declared::mark;
use crate::span::Span;

/// Most blocks that one `dynamic` block makes.
const MAX_DYNAMIC: usize = 256;
/// Most attributes and types of blocks in one body.
const MAX_ENTRIES: usize = 512;
/// Deepest nesting of blocks.
const MAX_BLOCKS: usize = 32;

impl<'a> Evaluator<'a> {
    /// The body of `block`, with what `overrides` say instead: an attribute for an attribute, all blocks of a type for all.
    pub(super) fn block(&mut self, block: &'a Block, overrides: &[&'a Block], frame: &mut Frame<'a>) -> Node {
        let mut mapping = Mapping::default();
        self.body(&block.body, frame, &mut mapping, 0);
        for changed in overrides {
            let mut instead = Mapping::default();
            self.body(&changed.body, frame, &mut instead, 0);
            for entry in instead.entries {
                // It stands in another file: what it says holds for the whole block.
                let mut value = entry.value;
                let known = mapping.entries.iter().find(|known| known.key.as_str() == entry.key.as_str());
                let at = known.map_or(block.kind.span, |known| known.value.span);
                relocate(&mut value, at);
                if let Some(name) = entry.key.as_str() {
                    set(&mut mapping, name, block.kind.span, value);
                }
            }
        }
        Node::new(block.span, Value::Mapping(mapping))
    }

    fn body(&mut self, body: &'a Body, frame: &mut Frame<'a>, out: &mut Mapping, level: usize) {
        for item in &body.items {
            if out.entries.len() >= MAX_ENTRIES {
                let detail =
                    format!("more than {MAX_ENTRIES} attributes and types of blocks: the others were not examined");
                self.gap(frame.file, body_start(item), true, detail);
            }
            if out.entries.len() >= MAX_ENTRIES || !self.pay(1) {
                out.is_open = true;
                break;
            }
            match item {
                Item::Attribute(attribute) => {
                    let value = match &*attribute.name.text {
                        // How many there are is known already, and not needed once more for each of them.
                        "for_each" if level == 0 => Node::unknown(attribute.value.span),
                        "depends_on" if level == 0 => self.dependencies(&attribute.value, frame),
                        _ => self.evaluate(&attribute.value, frame),
                    };
                    let key = Node::plain(attribute.name.span, &*attribute.name.text);
                    out.entries.push(Entry { key, value });
                }
                Item::Block(block) if level >= MAX_BLOCKS => {
                    add(out, &block.kind.text, block.kind.span, Node::unknown(block.span));
                }
                Item::Block(block) if &*block.kind.text == "dynamic" && block.label(0).is_some() => {
                    self.dynamic(block, frame, out, level);
                }
                Item::Block(block) => {
                    let mut inner = Mapping::default();
                    for label in &block.labels {
                        inner.entries.push(Entry {
                            key: Node::plain(label.span, "label"),
                            value: Node::text(label.span, &*label.text),
                        });
                    }
                    self.body(&block.body, frame, &mut inner, level + 1);
                    add(out, &block.kind.text, block.kind.span, Node::new(block.span, Value::Mapping(inner)));
                }
            }
        }
    }

    /// What `depends_on` lists: each with the mark of the resource that it is.
    fn dependencies(&self, list: &Expression, frame: &Frame<'a>) -> Node {
        let Term::Tuple(items) = &list.term else { return Node::unknown(list.span) };
        let found = self.instances.get(frame.instance);
        let items = items.iter().map(|item| {
            let address = found.and_then(|found| Some(found.address_of(&resource_address(item)?)));
            Node { tag: address.map(|address| mark(self.world, &address)), ..Node::unknown(item.span) }
        });
        Node::sequence(list.span, items.collect())
    }

    /// Writes out the blocks of a `dynamic` block. Where it is not known how many there are, one stands for all.
    fn dynamic(&mut self, block: &'a Block, frame: &mut Frame<'a>, out: &mut Mapping, level: usize) {
        let Some(label) = block.labels.first() else { return };
        let Some(content) = block.body.blocks().find(|inner| &*inner.kind.text == "content") else { return };
        let iterator = match block.body.attribute("iterator").map(|iterator| &iterator.term) {
            Some(Term::Variable(name)) => &**name,
            _ => &*label.text,
        };
        let at = block.span;
        let collection = match block.body.attribute("for_each") {
            Some(collection) => self.evaluate(collection, frame),
            None => Node::unknown(at),
        };
        let pairs: Vec<(Node, Node)> = match collection.value {
            Value::Sequence(items) => items
                .into_iter()
                .enumerate()
                .map(|(index, item)| {
                    let key =
                        if item.as_str().is_some() { item.clone() } else { Node::plain(item.span, index.to_string()) };
                    (key, item)
                })
                .collect(),
            Value::Mapping(mapping) if !mapping.is_open || !mapping.entries.is_empty() => {
                mapping.entries.into_iter().map(|entry| (entry.key, entry.value)).collect()
            }
            Value::Scalar { .. } if collection.is_null() => Vec::new(),
            _ => vec![(Node::unknown(at), Node { tag: collection.tag, ..Node::unknown(at) })],
        };
        if pairs.len() > MAX_DYNAMIC {
            let detail = format!("makes {} blocks: {MAX_DYNAMIC} of them were examined", pairs.len());
            self.gap(frame.file, at.start, true, detail);
        }
        for (key, value) in pairs.into_iter().take(MAX_DYNAMIC) {
            let entries = vec![Entry::new(at, "key", key), Entry::new(at, "value", value)];
            frame.names.push((iterator, Rc::new(Node::mapping(at, entries))));
            let mut inner = Mapping::default();
            self.body(&content.body, frame, &mut inner, level + 1);
            frame.names.pop();
            add(out, &label.text, label.span, Node::new(content.span, Value::Mapping(inner)));
        }
    }
}

fn body_start(item: &Item) -> usize {
    match item {
        Item::Attribute(attribute) => attribute.name.span.start,
        Item::Block(block) => block.span.start,
    }
}

/// The address, in its module, of the resource or data source that `expression` is.
fn resource_address(expression: &Expression) -> Option<String> {
    let Term::Traversal(base, steps) = &expression.term else { return None };
    let Term::Variable(first) = &base.term else { return None };
    match (&**first, steps.as_slice()) {
        ("module", _) => None,
        ("data", [Step::Attribute(kind), Step::Attribute(name), ..]) => Some(format!("data.{kind}.{name}")),
        (kind, [Step::Attribute(name), ..]) => Some(format!("{kind}.{name}")),
        _ => None,
    }
}

/// Adds a block to the list of its type.
fn add(out: &mut Mapping, kind: &str, at: Span, block: Node) {
    let known = out.entries.iter_mut().find(|entry| entry.key.as_str() == Some(kind));
    match known.map(|entry| &mut entry.value) {
        Some(Node { value: Value::Sequence(blocks), span, .. }) => {
            *span = Span::new(span.start, block.span.end.max(span.end));
            blocks.push(block);
        }
        // An attribute of the same name, which Terraform refuses.
        Some(other) => *other = Node::sequence(block.span, vec![block]),
        None => {
            let list = Node::sequence(block.span, vec![block]);
            out.entries.push(Entry { key: Node::plain(at, kind), value: list });
        }
    }
}
