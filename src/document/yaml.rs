//! YAML into located trees, over the events of `granit-parser`.
//!
//! Bounds: nesting depth, and what the tree weighs after aliases are expanded, copies kept for anchors included, so that
//! neither a deep document nor an alias bomb ("billion laughs", or one long text repeated) can exhaust memory or the stack.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle};

use super::node::{Entry, Mapping, Node, Value};
use crate::span::Span;

/// Deepest nesting that is read.
const MAX_DEPTH: usize = 200;
/// Most nodes in one text, those that aliases repeat and those kept for anchors included.
const MAX_NODES: usize = 2_000_000;
/// So many bytes of a scalar weigh as much as one node.
const BYTES_A_NODE: usize = 64;

/// Why a YAML text could not be read, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YamlError {
    /// Byte offset in the text.
    pub offset: usize,
    /// What is wrong.
    pub message: String,
}

/// Reads every document of `text`.
///
/// # Errors
///
/// The first syntax error, or the first bound that the text exceeds.
pub fn parse(text: &str) -> Result<Vec<Node>, YamlError> {
    let mut builder = Builder { anchors: HashMap::new(), stack: Vec::new(), documents: Vec::new(), nodes: 0 };
    for next in Parser::new_from_str(text) {
        let (event, span) = next.map_err(|error| YamlError {
            offset: error.marker().byte_offset().unwrap_or(0).min(text.len()),
            message: error.info(),
        })?;
        let range = span.byte_range().unwrap_or(0..0);
        builder.event(event, Span::new(range.start, range.end))?;
    }
    Ok(builder.documents)
}

/// A collection that is still open.
struct Open {
    anchor: usize,
    node: Node,
    /// In a mapping, the key that waits for its value.
    key: Option<Node>,
    /// Weight of the whole document before this collection, for weighing its anchor.
    before: usize,
}

struct Builder {
    /// Anchored nodes with the weight of each.
    anchors: HashMap<usize, (Node, usize)>,
    stack: Vec<Open>,
    documents: Vec<Node>,
    /// Weight of everything so far, in nodes.
    nodes: usize,
}

impl Builder {
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), YamlError> {
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let weight = 1 + text.len() / BYTES_A_NODE;
                self.count(weight, span)?;
                let value = Value::Scalar { text: text.into_owned(), plain: style == ScalarStyle::Plain };
                let node = Node::new(span, value);
                self.keep(anchor, &node, weight)?;
                self.place(node);
            }
            Event::SequenceStart(_, anchor, _) => self.open(anchor, Value::Sequence(Vec::new()), span)?,
            Event::MappingStart(_, anchor, _) => self.open(anchor, Value::Mapping(Mapping::default()), span)?,
            Event::SequenceEnd | Event::MappingEnd => self.close(span)?,
            Event::Alias(id) => {
                // An alias inside its own anchor has no node yet: it reads as an empty scalar, not as a cycle.
                let empty = (Node::plain(span, String::new()), 1);
                let weight = self.anchors.get(&id).map_or(1, |(_, weight)| *weight);
                self.count(weight, span)?;
                let (node, _) = self.anchors.get(&id).cloned().unwrap_or(empty);
                self.place(node);
            }
            Event::DocumentEnd => self.anchors.clear(),
            _ => {}
        }
        Ok(())
    }

    fn count(&mut self, more: usize, span: Span) -> Result<(), YamlError> {
        self.nodes += more;
        if self.nodes > MAX_NODES {
            return Err(YamlError {
                offset: span.start,
                message: format!("more than {MAX_NODES} values once aliases are expanded"),
            });
        }
        Ok(())
    }

    fn open(&mut self, anchor: usize, value: Value, span: Span) -> Result<(), YamlError> {
        if self.stack.len() >= MAX_DEPTH {
            return Err(YamlError { offset: span.start, message: format!("nested deeper than {MAX_DEPTH} levels") });
        }
        let before = self.nodes;
        self.count(1, span)?;
        self.stack.push(Open { anchor, node: Node::new(span, value), key: None, before });
        Ok(())
    }

    fn close(&mut self, span: Span) -> Result<(), YamlError> {
        let Some(Open { anchor, mut node, before, .. }) = self.stack.pop() else { return Ok(()) };
        node.span = Span::new(node.span.start, span.end);
        self.keep(anchor, &node, self.nodes - before)?;
        self.place(node);
        Ok(())
    }

    /// Keeps a copy of `node` for the aliases of `anchor`; 0 is none.
    fn keep(&mut self, anchor: usize, node: &Node, weight: usize) -> Result<(), YamlError> {
        if anchor != 0 {
            self.count(weight, node.span)?;
            self.anchors.insert(anchor, (node.clone(), weight));
        }
        Ok(())
    }

    /// Puts a finished node where it belongs: into the open collection, or as a document of its own.
    fn place(&mut self, node: Node) {
        let Some(open) = self.stack.last_mut() else {
            self.documents.push(node);
            return;
        };
        match &mut open.node.value {
            Value::Sequence(items) => items.push(node),
            Value::Mapping(mapping) => match open.key.take() {
                None => open.key = Some(node),
                Some(key) => mapping.entries.push(Entry { key, value: node }),
            },
            Value::Scalar { .. } | Value::Unknown => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    #[test]
    fn spans_point_at_the_source() {
        let text = "a: one\nlist:\n  - 'two'\n  - {b: 3}\n";
        let document = &parse(text).unwrap()[0];
        let list = document.get("list").unwrap().as_sequence().unwrap();
        assert_eq!(&text[list[0].span.start..list[0].span.end], "'two'");
        assert_eq!(list[0].as_str(), Some("two"));
        assert_eq!(list[1].get("b").unwrap().as_str(), Some("3"));
    }

    #[test]
    fn several_documents_and_aliases() {
        let documents = parse("x: &a [1, 2]\ny: *a\n---\nz: 1\n").unwrap();
        assert_eq!(documents.len(), 2);
        assert_eq!(documents[0].get("y").unwrap().as_sequence().unwrap().len(), 2);
    }

    #[test]
    fn an_alias_bomb_is_an_error_not_an_explosion() {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..12 {
            let items = vec![format!("*a{}", level - 1); 10].join(", ");
            writeln!(text, "a{level}: &a{level} [{items}]").unwrap();
        }
        assert!(parse(&text).unwrap_err().message.contains("aliases"));
    }

    #[test]
    fn copies_for_anchors_and_long_texts_weigh_too() {
        let nested: String = (0..150).fold(String::new(), |text, level| text + &format!("&a{level} ["));
        let items = "x, ".repeat(50_000);
        let text = format!("{nested}{items}{}", "]".repeat(150));
        assert!(parse(&text).unwrap_err().message.contains("aliases"));
        let text = format!("a: &a {}\nb: [{}]\n", "x".repeat(100_000), "*a, ".repeat(10_000));
        assert!(parse(&text).unwrap_err().message.contains("aliases"));
        assert!(parse(&format!("a: &a {}\nb: [*a, *a]\n", "x".repeat(100_000))).is_ok());
    }

    #[test]
    fn deep_nesting_is_an_error_not_a_crash() {
        let error = parse(&"[".repeat(100_000)).unwrap_err();
        assert!(!error.message.is_empty());
    }

    #[test]
    fn a_syntax_error_has_its_place() {
        let error = parse("a: 1\nb: 'open\n").unwrap_err();
        assert!(error.offset > 0, "{error:?}");
    }
}
