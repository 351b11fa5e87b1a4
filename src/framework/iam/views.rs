//! The views of one policy document: `iam-policy`, and `iam-statement` for each statement.

use std::sync::Arc;

use super::find::Found;
use super::purpose::Purpose;
use super::statement::{self, Element, element, header, items};
use crate::document::node::{Entry, Node, Value};
use crate::framework::declared::Declared;
use crate::span::Span;

/// Most statements of one document that have views.
const MAX_STATEMENTS: usize = 1000;

/// Writes the views of the documents of one resource.
pub(super) struct Views<'a> {
    resource: &'a Declared,
    /// The scopes of the resource, and `$object`.
    scopes: Vec<Scope>,
    /// The views, with `behind` counted as if the resource had no others.
    pub(super) written: Vec<Declared>,
    /// A document has more statements than are looked at.
    pub(super) is_cut: bool,
}

type Scope = (&'static str, Arc<Node>, Span);

impl<'a> Views<'a> {
    pub(super) fn new(resource: &'a Declared) -> Self {
        Self { resource, scopes: Vec::new(), written: Vec::new(), is_cut: false }
    }

    /// Adds the views of a document. A statement for which `is_copy` holds is written elsewhere, and has its view there.
    pub(super) fn add(&mut self, found: &Found<'_>, purpose: Option<Purpose>, is_copy: impl Fn(&Node) -> bool) {
        let Element::Present(Entry { key, value }) = element(found.node, "Statement") else { return };
        let written = items(value);
        let purpose = purpose.or_else(|| Purpose::of_content(written));
        let mut statements: Vec<Node> = written.iter().take(MAX_STATEMENTS).map(view_or_unknown).collect();
        if written.len() > MAX_STATEMENTS {
            self.is_cut = true;
            statements.push(Node::unknown(value.span));
        }
        if self.scopes.is_empty() {
            self.scopes.clone_from(&self.resource.scopes);
            self.scopes.push(("object", Arc::new(self.resource.body.clone()), self.resource.header));
        }
        let mut body = self.origin(found, purpose, found.header);
        body.push(Entry::new(key.span, "statements", Node::sequence(value.span, statements)));
        let body = Node::mapping(found.node.span, body);
        let policy = Arc::new(body.clone());
        self.push("iam-policy", body, found.path.clone(), found.header, self.scopes.clone());

        let mut scopes = self.scopes.clone();
        scopes.push(("policy", Arc::clone(&policy), found.header));
        let path = match (found.path.as_str(), key.as_str()) {
            // The blocks of a data source.
            ("", _) => found.key.to_owned(),
            (path, name) => format!("{path}.{}", name.unwrap_or("Statement")),
        };
        let statements = policy.get("statements").map(items).unwrap_or_default();
        for (index, (view, written)) in statements.iter().zip(written).enumerate() {
            let Value::Mapping(mapping) = &view.value else { continue };
            if is_copy(written) {
                continue;
            }
            let header = header(written);
            let mut mapping = mapping.clone();
            mapping.entries.extend(self.origin(found, purpose, header));
            let base = if value.as_sequence().is_some() { format!("{path}[{index}]") } else { path.clone() };
            self.push("iam-statement", Node::new(view.span, Value::Mapping(mapping)), base, header, scopes.clone());
        }
    }

    /// Attributes that say where a document stands and what it is for.
    fn origin(&self, found: &Found<'_>, purpose: Option<Purpose>, at: Span) -> Vec<Entry> {
        let kind = purpose.map_or_else(|| Node::unknown(at), |purpose| Node::text(at, purpose.name()));
        let attribute = found.path.split(['.', '[']).next().filter(|name| !name.is_empty()).unwrap_or(found.key);
        vec![
            Entry::new(at, "kind", kind),
            Entry::new(at, "resource_type", Node::text(at, &*self.resource.kind)),
            Entry::new(at, "attribute", Node::text(at, attribute)),
        ]
    }

    fn push(&mut self, kind: &str, body: Node, base: String, header: Span, scopes: Vec<Scope>) {
        self.written.push(Declared {
            source: self.resource.source,
            kind: kind.into(),
            address: Arc::clone(&self.resource.address),
            marks: Vec::new(),
            body,
            base,
            header,
            extent: self.resource.extent,
            scopes,
            behind: self.written.len() + 1,
            sites: Arc::clone(&self.resource.sites),
        });
    }
}

fn view_or_unknown(statement: &Node) -> Node {
    match statement.value {
        Value::Mapping(_) => statement::view(statement),
        _ => Node { tag: statement.tag.clone(), ..Node::unknown(statement.span) },
    }
}
