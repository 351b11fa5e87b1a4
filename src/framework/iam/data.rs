//! The data source `aws_iam_policy_document` as the JSON that it gives.
//!
//! Source: <https://github.com/hashicorp/terraform-provider-aws/blob/main/website/docs/d/iam_policy_document.html.markdown>

use super::json_text::parse_with_holes;
use crate::document::node::{Entry, Mapping, Node, Value};

/// Most statements of one document. AWS takes 32 KiB of JSON at most.
const MAX_STATEMENTS: usize = 1000;
/// Most that the statements of one document may take, in bytes: a text and [`NODE_SIZE`] for each node.
const MAX_SIZE: usize = 1 << 19;
const NODE_SIZE: usize = 64;
/// Most blocks of one kind (`principals`, `condition`) that a statement is read with.
const MAX_BLOCKS: usize = 200;

/// The policy document that a data source with the attributes `body` gives as `json`. Each part stands where it was written;
/// a statement that comes from a document of `source_policy_documents` or `override_policy_documents` has the tag of that one,
/// and a document there that is not known is an unknown statement.
#[must_use]
pub fn document_of_data(body: &Node) -> Node {
    if matches!(body.value, Value::Unknown) {
        return Node::unknown(body.span);
    }
    let mut statements = Statements::default();
    for source in ["source_json", "source_policy_documents"].iter().flat_map(|name| items(body, name)) {
        statements.merge(source);
    }
    for statement in items(body, "statement") {
        statements.add(self::statement(statement));
    }
    for source in ["override_policy_documents", "override_json"].iter().flat_map(|name| items(body, name)) {
        statements.merge(source);
    }
    if is_open(body) && body.get("statement").is_none() {
        statements.add(Node::unknown(body.span));
    }
    let version = value(body, "version").cloned().unwrap_or_else(|| Node::text(body.span, "2012-10-17"));
    let mut entries = vec![Entry::new(body.span, "Version", version)];
    entries.extend(renamed(body, "policy_id", "Id"));
    entries.push(Entry::new(body.span, "Statement", Node::sequence(body.span, statements.list)));
    Node::mapping(body.span, entries)
}

/// The value of an attribute that is set.
fn value<'n>(node: &'n Node, name: &str) -> Option<&'n Node> {
    node.get(name).filter(|value| !value.is_null())
}

/// The items of a list or of repeated blocks; a value that is no list is its own only item.
fn items<'n>(node: &'n Node, name: &str) -> &'n [Node] {
    match value(node, name) {
        Some(value) => value.as_sequence().unwrap_or(std::slice::from_ref(value)),
        None => &[],
    }
}

fn is_open(node: &Node) -> bool {
    matches!(&node.value, Value::Mapping(mapping) if mapping.is_open)
}

/// The attribute `name` as the element `element` of a policy; not when it is an empty list.
fn renamed(node: &Node, name: &str, element: &str) -> Option<Entry> {
    let entry = node.entry(name).filter(|entry| !entry.value.is_null())?;
    let is_empty = entry.value.as_sequence().is_some_and(<[_]>::is_empty);
    (!is_empty).then(|| Entry::new(entry.key.span, element, with_variables(&entry.value)))
}

/// A copy in which the variables of IAM are written as IAM writes them: `${aws:username}` stands as `&{aws:username}` in
/// Terraform, which has interpolations of its own.
fn with_variables(node: &Node) -> Node {
    let value = match &node.value {
        Value::Scalar { text, plain } if text.contains("&{") => {
            Value::Scalar { text: text.replace("&{", "${"), plain: *plain }
        }
        Value::Sequence(items) => Value::Sequence(items.iter().map(with_variables).collect()),
        other => other.clone(),
    };
    Node { span: node.span, value, tag: node.tag.clone() }
}

/// The statements of a document, while documents are merged into it.
#[derive(Default)]
struct Statements {
    list: Vec<Node>,
    size: usize,
}

impl Statements {
    /// Adds a statement, in the place of one with the same `Sid` if there is one.
    fn add(&mut self, statement: Node) {
        let size = size(&statement);
        if self.list.len() > MAX_STATEMENTS || self.size > MAX_SIZE {
            return;
        }
        self.size += size;
        if self.list.len() == MAX_STATEMENTS || self.size > MAX_SIZE {
            // One that is not known stands for this one and all that would follow.
            self.size = MAX_SIZE + 1;
            self.list.push(Node::unknown(statement.span));
            return;
        }
        let same = sid(&statement).and_then(|own| self.list.iter().position(|other| sid(other) == Some(own)));
        match same.and_then(|index| self.list.get_mut(index)) {
            Some(other) => *other = statement,
            None => self.list.push(statement),
        }
    }

    /// Adds the statements of a document: a tree, or a text.
    fn merge(&mut self, document: &Node) {
        let parsed = match &document.value {
            Value::Scalar { text, .. } if text.trim_ascii().is_empty() => return,
            Value::Scalar { text, .. } => parse_with_holes(document.span, text, ""),
            Value::Mapping(_) => Some(document.clone()),
            Value::Sequence(_) | Value::Unknown => None,
        };
        let unknown = || Node { tag: document.tag.clone(), ..Node::unknown(document.span) };
        let Some(parsed) = parsed else { return self.add(unknown()) };
        let Some(statement) = parsed.get("Statement") else {
            if is_open(&parsed) {
                self.add(unknown());
            }
            return;
        };
        for statement in statement.as_sequence().unwrap_or(std::slice::from_ref(statement)) {
            let mut statement = statement.clone();
            if statement.tag.is_none() {
                statement.tag.clone_from(&document.tag);
            }
            self.add(statement);
        }
    }
}

/// The name of a statement.
fn sid(statement: &Node) -> Option<&str> {
    statement.get("Sid").and_then(Node::as_str).filter(|sid| !sid.is_empty())
}

/// How much a tree takes. The evaluation that made it bounds its depth.
fn size(node: &Node) -> usize {
    NODE_SIZE
        + match &node.value {
            Value::Scalar { text, .. } => text.len(),
            Value::Sequence(items) => items.iter().map(size).sum(),
            Value::Mapping(mapping) => mapping.entries.iter().map(|entry| size(&entry.key) + size(&entry.value)).sum(),
            Value::Unknown => 0,
        }
}

/// A block `statement` as a statement of a policy.
fn statement(block: &Node) -> Node {
    let Value::Mapping(mapping) = &block.value else { return Node { tag: None, ..Node::unknown(block.span) } };
    let mut entries: Vec<Entry> = renamed(block, "sid", "Sid").into_iter().collect();
    entries.extend(renamed(block, "effect", "Effect").or_else(|| {
        // Allow is the default, unless the effect stands in what is not known.
        (!mapping.is_open).then(|| Entry::new(block.span, "Effect", Node::text(block.span, "Allow")))
    }));
    for (name, element) in [
        ("actions", "Action"),
        ("not_actions", "NotAction"),
        ("resources", "Resource"),
        ("not_resources", "NotResource"),
    ] {
        entries.extend(renamed(block, name, element));
    }
    for (name, element) in [("principals", "Principal"), ("not_principals", "NotPrincipal")] {
        entries.extend(principals(block, name, element));
    }
    entries.extend(conditions(block));
    Node::new(block.span, Value::Mapping(Mapping { entries, is_open: mapping.is_open }))
}

/// Blocks `principals { type, identifiers }` as `{Type: [identifiers]}`, or `"*"`.
fn principals(block: &Node, name: &str, element: &str) -> Option<Entry> {
    let key = &block.entry(name)?.key;
    let blocks = items(block, name);
    let first = blocks.first()?;
    let mut groups = Groups::default();
    for principal in blocks.iter().take(MAX_BLOCKS) {
        match (principal.get("type"), principal.get("identifiers")) {
            (Some(kind), Some(identifiers)) => groups.add(kind, identifiers),
            _ => groups.0.is_open = true,
        }
    }
    groups.0.is_open |= blocks.len() > MAX_BLOCKS;
    let anyone = match groups.0.entries.as_slice() {
        [only] if !groups.0.is_open && only.key.as_str() == Some("*") => only.value.as_sequence(),
        _ => None,
    };
    let value = match anyone {
        Some([one]) if one.as_str() == Some("*") => one.clone(),
        _ if matches!(first.value, Value::Unknown) && blocks.len() == 1 => Node::unknown(first.span),
        _ => Node::new(first.span, Value::Mapping(groups.0)),
    };
    Some(Entry::new(key.span, element, value))
}

/// Blocks `condition { test, variable, values }` as `{Test: {variable: [values]}}`.
fn conditions(block: &Node) -> Option<Entry> {
    let key = &block.entry("condition")?.key;
    let blocks = items(block, "condition");
    let first = blocks.first()?;
    let mut is_open = blocks.len() > MAX_BLOCKS;
    let mut tests: Vec<(&Node, Groups)> = Vec::new();
    for condition in blocks.iter().take(MAX_BLOCKS) {
        let (Some(test), Some(variable), Some(values)) =
            (condition.get("test"), condition.get("variable"), condition.get("values"))
        else {
            is_open = true;
            continue;
        };
        let same = tests.iter().position(|(other, _)| test.as_str().is_some() && other.as_str() == test.as_str());
        let index = same.unwrap_or_else(|| {
            tests.push((test, Groups::default()));
            tests.len() - 1
        });
        if let Some((_, variables)) = tests.get_mut(index) {
            variables.add(variable, values);
        }
    }
    let entry = |(test, variables): (&Node, Groups)| Entry {
        key: test.clone(),
        value: Node::new(test.span, Value::Mapping(variables.0)),
    };
    let entries = tests.into_iter().map(entry).collect();
    Some(Entry::new(key.span, "Condition", Node::new(first.span, Value::Mapping(Mapping { entries, is_open }))))
}

/// Lists by name, those of the same name joined.
#[derive(Default)]
struct Groups(Mapping);

impl Groups {
    fn add(&mut self, name: &Node, values: &Node) {
        let values_here = with_variables(values);
        let here = match values_here.value {
            Value::Sequence(items) => items,
            _ => vec![values_here],
        };
        let is_same = |entry: &&mut Entry| name.as_str().is_some() && entry.key.as_str() == name.as_str();
        let same = self.0.entries.iter_mut().find(is_same).map(|entry| &mut entry.value.value);
        if let Some(Value::Sequence(items)) = same {
            items.extend(here);
        } else {
            self.0.entries.push(Entry { key: name.clone(), value: Node::sequence(values.span, here) });
        }
    }
}
