//! The events of a YAML text into nodes: anchors, aliases, merge keys, tags and spans.
//!
//! Bounds: nesting depth, and what the tree weighs after aliases are expanded, copies kept for anchors included, so that
//! neither a deep document nor an alias bomb ("billion laughs", or one long text repeated) can exhaust memory or the stack.

use std::collections::{HashMap, HashSet};

use granit_parser::{Event, ScalarStyle, StructureStyle, Tag};

use super::node::{Entry, Mapping, Node, Value};
use super::{Document, ParseError};
use crate::span::Span;

/// Deepest nesting that is read.
const MAX_DEPTH: usize = 200;
/// Most nodes in one text, those that aliases repeat and those kept for anchors included.
const MAX_NODES: usize = 2_000_000;
/// So many bytes of a scalar weigh as much as one node.
const BYTES_A_NODE: usize = 64;
/// Most aliases without a value that are named.
const MAX_ALIAS_ERRORS: usize = 100;

/// Why reading stops.
pub(super) enum Refusal {
    /// The rest of this document cannot be read; the next one can.
    Document(ParseError),
    /// Nothing more of the text is read.
    Text(ParseError),
}

/// Takes the events of a text and builds its trees.
pub(super) struct Builder<'t> {
    text: &'t str,
    /// Anchored nodes of this document with the weight of each.
    anchors: HashMap<usize, (Node, usize)>,
    /// The collections that are open, outermost first.
    stack: Vec<Open>,
    document: Document,
    /// Weight of everything so far, in nodes.
    weight: usize,
}

/// A collection that is still open.
struct Open {
    anchor: usize,
    node: Node,
    style: StructureStyle,
    /// In a mapping, the key that waits for its value.
    key: Option<Node>,
    /// Where its last item or entry ends.
    end: usize,
    /// Weight of everything before this collection, for weighing its anchor.
    before: usize,
}

impl<'t> Builder<'t> {
    /// A builder for the events of `text`.
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, anchors: HashMap::new(), stack: Vec::new(), document: Document::default(), weight: 0 }
    }

    /// What was built, with `errors` beside those that were found here.
    pub(super) fn finish(mut self, errors: Vec<ParseError>) -> Document {
        self.abandon();
        self.document.errors.extend(errors);
        self.document.errors.sort_by_key(|error| error.offset);
        self.document
    }

    /// Takes the next event.
    pub(super) fn event(&mut self, event: Event<'_>, at: granit_parser::Span) -> Result<(), Refusal> {
        let range = at.byte_range().unwrap_or(0..0);
        let span = Span::new(range.start, range.end);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let weight = 1 + text.len() / BYTES_A_NODE;
                self.count(weight, span)?;
                // A value that is left out comes as `~`.
                let text =
                    if span.is_empty() && style == ScalarStyle::Plain { String::new() } else { text.into_owned() };
                let mut node = Node::new(self.trimmed(span, style), scalar(text, style, tag.as_deref()));
                node.tag = local_tag(tag.as_deref());
                self.keep(anchor, &node, weight)?;
                let end = node.span.end;
                self.place(node, end);
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.open(Value::Sequence(Vec::new()), style, anchor, tag.as_deref(), span)?;
            }
            Event::MappingStart(style, anchor, tag) => {
                self.open(Value::Mapping(Mapping::default()), style, anchor, tag.as_deref(), span)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span)?,
            Event::Alias(id) => self.alias(id, span)?,
            Event::UnresolvedAlias(name) => self.place_unknown(span, || format!("no anchor is called `{name}`")),
            Event::Comment(..) => self.document.comments.push(span),
            Event::DocumentEnd => self.anchors.clear(),
            _ => {}
        }
        Ok(())
    }

    /// Closes what is open although the document goes on: its end cannot be read.
    pub(super) fn abandon(&mut self) {
        while let Some(Open { mut node, key, end, .. }) = self.stack.pop() {
            node.span = Span::new(node.span.start, end);
            match &mut node.value {
                Value::Sequence(items) => items.push(Node::unknown(Span::new(end, end))),
                Value::Mapping(mapping) => {
                    if let Some(key) = key {
                        let value = Node::unknown(Span::new(key.span.end, key.span.end));
                        mapping.entries.push(Entry { key, value });
                    }
                    merge(mapping);
                    mapping.is_open = true;
                }
                Value::Scalar { .. } | Value::Unknown => {}
            }
            self.place(node, end);
        }
        self.anchors.clear();
    }

    fn alias(&mut self, id: usize, span: Span) -> Result<(), Refusal> {
        let Some(weight) = self.anchors.get(&id).map(|(_, weight)| *weight) else {
            self.place_unknown(span, || "an alias stands inside of what it stands for".to_owned());
            return Ok(());
        };
        self.count(weight, span)?;
        if let Some(node) = self.anchors.get(&id).map(|(node, _)| node.clone()) {
            self.place(node, span.end);
        }
        Ok(())
    }

    fn place_unknown(&mut self, span: Span, message: impl FnOnce() -> String) {
        if self.document.errors.len() < MAX_ALIAS_ERRORS {
            self.document.errors.push(ParseError { offset: span.start, message: message() });
        }
        self.place(Node::unknown(span), span.end);
    }

    fn count(&mut self, more: usize, span: Span) -> Result<(), Refusal> {
        self.weight += more;
        if self.weight > MAX_NODES {
            return Err(Refusal::Text(ParseError {
                offset: span.start,
                message: format!("more than {MAX_NODES} values once aliases are expanded"),
            }));
        }
        Ok(())
    }

    fn open(
        &mut self,
        value: Value,
        style: StructureStyle,
        anchor: usize,
        tag: Option<&Tag>,
        span: Span,
    ) -> Result<(), Refusal> {
        if self.stack.len() >= MAX_DEPTH {
            let message = format!("nested deeper than {MAX_DEPTH} levels");
            return Err(Refusal::Document(ParseError { offset: span.start, message }));
        }
        let before = self.weight;
        self.count(1, span)?;
        let mut node = Node::new(span, value);
        node.tag = local_tag(tag);
        self.stack.push(Open { anchor, node, style, key: None, end: span.end, before });
        Ok(())
    }

    fn close(&mut self, span: Span) -> Result<(), Refusal> {
        let Some(Open { anchor, mut node, style, end, before, .. }) = self.stack.pop() else { return Ok(()) };
        // The end of a block collection is seen at the next token, which may stand far below.
        let end = if style == StructureStyle::Flow { end.max(span.end) } else { end };
        node.span = Span::new(node.span.start, end);
        if let Value::Mapping(mapping) = &mut node.value {
            merge(mapping);
        }
        self.keep(anchor, &node, self.weight - before)?;
        self.place(node, end);
        Ok(())
    }

    /// Keeps a copy of `node` for the aliases of `anchor`; 0 is none.
    fn keep(&mut self, anchor: usize, node: &Node, weight: usize) -> Result<(), Refusal> {
        if anchor != 0 {
            self.count(weight, node.span)?;
            self.anchors.insert(anchor, (node.clone(), weight));
        }
        Ok(())
    }

    /// Puts a finished node, which is written up to `end`, where it belongs: into the open collection, or as a document
    /// of its own.
    fn place(&mut self, node: Node, end: usize) {
        let Some(open) = self.stack.last_mut() else {
            self.document.roots.push(node);
            return;
        };
        open.end = open.end.max(end);
        match &mut open.node.value {
            Value::Sequence(items) => items.push(node),
            Value::Mapping(mapping) => match open.key.take() {
                None => open.key = Some(node),
                Some(key) => mapping.entries.push(Entry { key, value: node }),
            },
            Value::Scalar { .. } | Value::Unknown => {}
        }
    }

    /// The span of a scalar without the line breaks that a block scalar takes along.
    fn trimmed(&self, span: Span, style: ScalarStyle) -> Span {
        if !matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
            return span;
        }
        let written = self.text.get(span.start..span.end).unwrap_or_default();
        Span::new(span.start, span.start + written.trim_end().len())
    }
}

/// The value of a scalar. A tag of the core schema overrules the quotes.
fn scalar(text: String, style: ScalarStyle, tag: Option<&Tag>) -> Value {
    let plain = match tag {
        // The tag `!` alone makes any scalar a text.
        Some(tag) if tag.original() == "!" => false,
        Some(tag) => tag.core_suffix().map_or(style == ScalarStyle::Plain, |suffix| suffix != "str"),
        None => style == ScalarStyle::Plain,
    };
    Value::Scalar { text, plain }
}

/// The tag as it is written, without the `!`; those of the core schema only say what the value says by itself.
fn local_tag(tag: Option<&Tag>) -> Option<Box<str>> {
    let tag = tag.filter(|tag| tag.core_suffix().is_none())?;
    let written = tag.original();
    let name = written.trim_start_matches('!');
    (!name.is_empty()).then(|| name.into())
}

/// Carries out the merge keys of `mapping`: what it says itself wins over what is merged, and what is merged first over
/// what is merged later.
fn merge(mapping: &mut Mapping) {
    if !mapping.entries.iter().any(is_merge) {
        return;
    }
    let (merges, own): (Vec<Entry>, Vec<Entry>) = std::mem::take(&mut mapping.entries).into_iter().partition(is_merge);
    let mut names: HashSet<String> = own.iter().filter_map(|entry| entry.key.as_str().map(str::to_owned)).collect();
    mapping.entries = own;
    for entry in merges {
        match entry.value.value {
            Value::Sequence(items) => items.into_iter().for_each(|item| merge_one(mapping, &mut names, item)),
            _ => merge_one(mapping, &mut names, entry.value),
        }
    }
}

/// Adds the entries of `from` whose keys are not among `names` yet.
fn merge_one(mapping: &mut Mapping, names: &mut HashSet<String>, from: Node) {
    match from.value {
        Value::Mapping(from) => {
            mapping.is_open |= from.is_open;
            let first = mapping.entries.len();
            // Of a key that stands twice the last value counts.
            for entry in from.entries.into_iter().rev() {
                if entry.key.as_str().is_none_or(|name| names.insert(name.to_owned())) {
                    mapping.entries.push(entry);
                }
            }
            if let Some(added) = mapping.entries.get_mut(first..) {
                added.reverse();
            }
        }
        Value::Unknown => mapping.is_open = true,
        Value::Scalar { .. } | Value::Sequence(_) => {}
    }
}

fn is_merge(entry: &Entry) -> bool {
    let is_plain_name = matches!(&entry.key.value, Value::Scalar { text, plain: true } if text == "<<");
    // What is no mapping cannot be merged: it stays as it is written.
    is_plain_name && !matches!(entry.value.value, Value::Scalar { .. })
}
