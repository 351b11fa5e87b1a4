//! Policy documents in the attributes of resources.

use super::statement::{Element, element, items};
use crate::document::node::{Node, Value};
use crate::span::Span;

/// Deepest nesting of attributes that is looked at; JSON texts in them count.
const MAX_DEPTH: usize = 64;
/// Most policy documents of one resource.
const MAX_DOCUMENTS: usize = 64;

/// Longest path that is kept, in bytes: each statement has one.
const MAX_PATH: usize = 512;

/// A policy document in the attributes of a resource.
#[derive(Clone, Debug)]
pub(super) struct Found<'n> {
    /// The document.
    pub(super) node: &'n Node,
    /// Its path in the resource: `inline_policy[0].policy`.
    pub(super) path: String,
    /// The key that it stands under.
    pub(super) key: &'n str,
    /// Where that key is written.
    pub(super) header: Span,
}

/// The policy documents in `body`, in order, and whether a bound hides more of them.
pub(super) fn documents(body: &Node) -> (Vec<Found<'_>>, bool) {
    let mut finder = Finder { found: Vec::new(), is_cut: false };
    finder.look(body, &Place { parent: None, step: Step::Start, header: body.span }, 0);
    (finder.found, finder.is_cut)
}

/// Whether a mapping is a policy document: it has statements with an effect, or is said to be of a version. Rules of firewalls
/// have a `statement` too, but none with an effect.
fn is_document(node: &Node) -> bool {
    let Element::Present(statements) = element(node, "Statement") else { return false };
    let has_effect = |statement: &Node| matches!(element(statement, "Effect"), Element::Present(_));
    matches!(element(node, "Version"), Element::Present(_)) || items(&statements.value).iter().any(has_effect)
}

struct Finder<'n> {
    found: Vec<Found<'n>>,
    is_cut: bool,
}

/// How a value is reached. Written out for documents only.
struct Place<'p, 'n> {
    parent: Option<&'p Place<'p, 'n>>,
    step: Step<'n>,
    /// The key that leads here, or to the list that this is an item of.
    header: Span,
}

#[derive(Clone, Copy)]
enum Step<'n> {
    Start,
    Key(&'n str),
    Item(usize),
}

impl<'n> Place<'_, 'n> {
    /// The key that leads here, or to the list that this is an item of.
    fn key(&self) -> &'n str {
        match (self.step, self.parent) {
            (Step::Key(key), _) => key,
            (Step::Item(_), Some(parent)) => parent.key(),
            _ => "",
        }
    }

    /// The path as text; `None` when it is too long.
    fn path(&self) -> Option<String> {
        let mut path = self.parent.map_or_else(|| Some(String::new()), Place::path)?;
        match self.step {
            Step::Start => {}
            Step::Key(key) if path.is_empty() => path.push_str(key),
            Step::Key(key) => path.extend([".", key]),
            Step::Item(index) => path.extend(["[", &index.to_string(), "]"]),
        }
        (path.len() <= MAX_PATH).then_some(path)
    }
}

impl<'n> Finder<'n> {
    fn look(&mut self, node: &'n Node, place: &Place<'_, 'n>, depth: usize) {
        match &node.value {
            Value::Scalar { .. } | Value::Unknown => {}
            _ if depth > MAX_DEPTH => self.is_cut = true,
            Value::Mapping(_) if depth > 0 && is_document(node) => match place.path() {
                Some(path) if self.found.len() < MAX_DOCUMENTS => {
                    self.found.push(Found { node, path, key: place.key(), header: place.header });
                }
                _ => self.is_cut = true,
            },
            Value::Mapping(mapping) => {
                for entry in &mapping.entries {
                    let step = Step::Key(entry.key.as_str().unwrap_or("*"));
                    let inner = Place { parent: Some(place), step, header: entry.key.span };
                    self.look(&entry.value, &inner, depth + 1);
                }
            }
            Value::Sequence(items) => {
                for (index, item) in items.iter().enumerate() {
                    let inner = Place { parent: Some(place), step: Step::Item(index), header: place.header };
                    self.look(item, &inner, depth + 1);
                }
            }
        }
    }
}
