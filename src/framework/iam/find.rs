//! Policy documents in the attributes of resources.

use super::statement::{Element, element, items};
use crate::document::node::{Node, Value};
use crate::span::Span;

/// Deepest nesting of attributes that is looked at; JSON texts in them count.
const MAX_DEPTH: usize = 64;
/// Most policy documents of one resource.
const MAX_DOCUMENTS: usize = 64;

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
    finder.look(body, "", &Place { path: "", header: body.span }, 0);
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

/// How a value is reached.
struct Place<'p> {
    path: &'p str,
    header: Span,
}

impl<'n> Finder<'n> {
    fn look(&mut self, node: &'n Node, key: &'n str, place: &Place<'_>, depth: usize) {
        match &node.value {
            Value::Scalar { .. } | Value::Unknown => {}
            _ if depth > MAX_DEPTH || self.found.len() > MAX_DOCUMENTS => self.is_cut = true,
            Value::Mapping(_) if depth > 0 && is_document(node) => {
                if self.found.len() == MAX_DOCUMENTS {
                    self.is_cut = true;
                    return;
                }
                self.found.push(Found { node, path: place.path.to_owned(), key, header: place.header });
            }
            Value::Mapping(mapping) => {
                for entry in &mapping.entries {
                    let name = entry.key.as_str().unwrap_or("*");
                    let path = if place.path.is_empty() { name.to_owned() } else { format!("{}.{name}", place.path) };
                    self.look(&entry.value, name, &Place { path: &path, header: entry.key.span }, depth + 1);
                }
            }
            Value::Sequence(items) => {
                for (index, item) in items.iter().enumerate() {
                    let path = format!("{}[{index}]", place.path);
                    self.look(item, key, &Place { path: &path, header: place.header }, depth + 1);
                }
            }
        }
    }
}
