//! JSON syntax: the tree that the same configuration in native syntax has.
//!
//! The HCL JSON Syntax Specification leaves it to the schema which objects are blocks. What Terraform's own schema says is
//! known here; the arguments and blocks of resources are those of their providers, and stand as attributes.

use super::syntax::{Attribute, Block, Body, Expression, Item, Name, Term};
use super::{MAX_COMPARISONS, MAX_ERRORS, native, split};
use crate::document::node::{Entry, Node, Value};
use crate::document::{Document, ParseError, json};
use crate::span::Span;

/// Longest template in a string.
const MAX_TEMPLATE: usize = 1 << 16;
/// Key of a comment, wherever an object is a body.
const COMMENT: &str = "//";

/// Blocks of a body: their name, the number of their labels, and the blocks in their body.
struct Kind {
    name: &'static str,
    labels: usize,
    inner: &'static [Kind],
}

const fn kind(name: &'static str, labels: usize, inner: &'static [Kind]) -> Kind {
    Kind { name, labels, inner }
}

static CONDITIONS: [Kind; 2] = [kind("precondition", 0, &[]), kind("postcondition", 0, &[])];
static CONNECTION: [Kind; 1] = [kind("connection", 0, &[])];
static LIFECYCLE: [Kind; 3] =
    [kind("lifecycle", 0, &CONDITIONS), kind("connection", 0, &[]), kind("provisioner", 1, &CONNECTION)];
/// The content of a dynamic block may hold further ones.
static DYNAMIC: [Kind; 1] = [kind("dynamic", 1, &CONTENT)];
static CONTENT: [Kind; 1] = [kind("content", 0, &DYNAMIC)];
static RESOURCE: [Kind; 4] = [
    kind("dynamic", 1, &CONTENT),
    kind("lifecycle", 0, &CONDITIONS),
    kind("connection", 0, &[]),
    kind("provisioner", 1, &CONNECTION),
];
static TERRAFORM: [Kind; 4] = [
    kind("backend", 1, &[]),
    kind("cloud", 0, &[kind("workspaces", 0, &[])]),
    kind("required_providers", 0, &[]),
    kind("provider_meta", 1, &[]),
];
static FILE: [Kind; 13] = [
    kind("resource", 2, &RESOURCE),
    kind("data", 2, &RESOURCE),
    kind("ephemeral", 2, &RESOURCE),
    kind("module", 1, &[]),
    kind("variable", 1, &[kind("validation", 0, &[])]),
    kind("output", 1, &CONDITIONS),
    kind("provider", 1, &DYNAMIC),
    kind("locals", 0, &[]),
    kind("terraform", 0, &TERRAFORM),
    kind("check", 1, &[kind("data", 2, &RESOURCE), kind("assert", 0, &[])]),
    kind("import", 0, &[]),
    kind("moved", 0, &[]),
    kind("removed", 0, &LIFECYCLE),
];

/// Reads configuration of Terraform in JSON syntax (`*.tf.json`). Strings are templates; their parts have the span of the
/// string.
#[must_use]
pub fn read_json(text: &str) -> (Body, Document) {
    read(text, &FILE)
}

/// Reads values of variables in JSON syntax (`*.tfvars.json`): each property is an attribute.
#[must_use]
pub fn read_json_values(text: &str) -> (Body, Document) {
    read(text, &[])
}

fn read(text: &str, kinds: &[Kind]) -> (Body, Document) {
    let document = json::read(text);
    let mut reader = Reader { comparisons: 0, errors: document.errors };
    let mut body = Body::default();
    for root in &document.roots {
        reader.roots(root, kinds, &mut body);
    }
    (body, Document { comments: document.comments, errors: reader.errors, ..Document::default() })
}

struct Reader {
    /// What was spent of [`MAX_COMPARISONS`].
    comparisons: usize,
    errors: Vec<ParseError>,
}

impl Reader {
    /// The file: an object, or a list of objects.
    fn roots(&mut self, root: &Node, kinds: &[Kind], out: &mut Body) {
        match &root.value {
            Value::Mapping(mapping) => self.body(&mapping.entries, kinds, out),
            Value::Sequence(items) => {
                for item in items {
                    match item.as_mapping() {
                        Some(entries) => self.body(entries, kinds, out),
                        None => self.refuse(item, "a body"),
                    }
                }
            }
            _ => self.refuse(root, "a body"),
        }
    }

    fn refuse(&mut self, node: &Node, wanted: &str) {
        let message = format!("{} where {wanted} belongs, which is an object", node.kind());
        self.error(node.span.start, message);
    }

    /// The one that is too many says that there are more.
    fn error(&mut self, offset: usize, message: String) {
        if self.errors.len() <= MAX_ERRORS {
            self.errors.push(ParseError { offset, message });
        }
    }

    fn body(&mut self, entries: &[Entry], kinds: &[Kind], out: &mut Body) {
        for entry in entries {
            let name = name(&entry.key);
            if &*name.text == COMMENT {
                continue;
            }
            if let Some(kind) = kinds.iter().find(|kind| kind.name == &*name.text) {
                let start = name.span;
                let mut header = Header { kind, name, labels: Vec::new(), start };
                self.blocks(&mut header, &entry.value, out);
            } else {
                let value = self.expression(&entry.value);
                out.items.push(Item::Attribute(Attribute { name, value }));
            }
        }
    }

    /// The blocks that `value` stands for: behind each label comes an object or a list of them.
    fn blocks(&mut self, header: &mut Header<'_>, value: &Node, out: &mut Body) {
        match &value.value {
            Value::Sequence(items) => items.iter().for_each(|item| self.blocks(header, item, out)),
            Value::Mapping(mapping) if header.labels.len() < header.kind.labels => {
                for entry in &mapping.entries {
                    let label = name(&entry.key);
                    if &*label.text != COMMENT {
                        let start = std::mem::replace(&mut header.start, label.span);
                        header.labels.push(label);
                        self.blocks(header, &entry.value, out);
                        header.labels.pop();
                        header.start = start;
                    }
                }
            }
            Value::Mapping(mapping) => {
                let mut body = Body::default();
                self.body(&mapping.entries, header.kind.inner, &mut body);
                out.items.push(Item::Block(Block {
                    kind: header.name.clone(),
                    labels: header.labels.clone(),
                    body,
                    span: Span::new(header.start.start, value.span.end),
                }));
            }
            _ if value.is_null() => {}
            _ => self.refuse(value, "a block"),
        }
    }

    fn expression(&mut self, node: &Node) -> Expression {
        let term = match &node.value {
            Value::Scalar { text, plain: true } => match text.as_str() {
                "null" => Term::Null,
                "true" => Term::Bool(true),
                "false" => Term::Bool(false),
                number => Term::Number(number.into()),
            },
            Value::Scalar { text, plain: false } => self.template(text, node.span),
            Value::Sequence(items) => Term::Tuple(items.iter().map(|item| self.expression(item)).collect()),
            Value::Mapping(mapping) => {
                let entries = mapping.entries.iter();
                Term::Object(
                    entries.map(|entry| (self.expression(&entry.key), self.expression(&entry.value))).collect(),
                )
            }
            Value::Unknown => undeclared(),
        };
        Expression { span: node.span, term }
    }

    fn template(&mut self, text: &str, span: Span) -> Term {
        if !(text.contains("${") || text.contains("%{")) {
            return Term::Text(text.into());
        }
        match self.parse(text, span) {
            Ok(term) => term,
            Err(message) => {
                self.error(span.start, message);
                undeclared()
            }
        }
    }

    fn parse(&mut self, text: &str, span: Span) -> Result<Term, String> {
        if self.errors.len() >= MAX_ERRORS {
            return Err(format!("more than {MAX_ERRORS} mistakes: this template is not read"));
        }
        if text.len() > MAX_TEMPLATE {
            return Err(format!("a template longer than {MAX_TEMPLATE} bytes"));
        }
        let layout = split::template(text);
        if layout.items.iter().any(|part| part.is_too_deep) {
            return Err(format!("nested deeper than {} levels", split::MAX_DEPTH));
        }
        let comparisons =
            layout.items.iter().map(|part| part.comparisons).fold(self.comparisons, usize::saturating_add);
        if comparisons > MAX_COMPARISONS {
            return Err("an object with too many keys".to_owned());
        }
        self.comparisons = comparisons;
        native::json_template(&layout.text, span).map_err(|error| error.message().to_owned())
    }
}

/// What the blocks at hand begin with.
struct Header<'k> {
    kind: &'k Kind,
    name: Name,
    labels: Vec<Name>,
    /// The last of these words.
    start: Span,
}

fn name(key: &Node) -> Name {
    Name { text: key.as_str().unwrap_or_default().into(), span: key.span }
}

/// Stands for what cannot be read: a name that nothing declares is not known.
fn undeclared() -> Term {
    Term::Variable("".into())
}
