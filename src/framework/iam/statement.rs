//! One statement of a policy document in the form that rules read: every element under one name, every list a list.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html>

use super::certainty::{Certainty, any};
use super::restriction::restricts;
use crate::document::node::{Entry, Mapping, Node, Value};
use crate::framework::declared::marked;
use crate::span::Span;

/// Longest type of a principal or test of a condition, in bytes.
const MAX_NAME: usize = 128;

/// An element of a document or a statement.
#[derive(Clone, Copy)]
pub(super) enum Element<'n> {
    /// It is written.
    Present(&'n Entry),
    /// It is not there.
    Absent,
    /// It is not written, but may be there.
    Unknown,
}

/// The element of this name. The names of elements have no case; of one that stands twice the last counts.
pub(super) fn element<'n>(node: &'n Node, name: &str) -> Element<'n> {
    let Value::Mapping(mapping) = &node.value else {
        return if matches!(node.value, Value::Unknown) { Element::Unknown } else { Element::Absent };
    };
    let is_named = |entry: &&Entry| entry.key.as_str().is_some_and(|key| key.eq_ignore_ascii_case(name));
    let is_unknown = |entry: &Entry| matches!(entry.key.value, Value::Unknown);
    match mapping.entries.iter().rev().find(is_named) {
        Some(entry) if entry.value.is_null() => Element::Absent,
        Some(entry) => Element::Present(entry),
        None if mapping.is_open || mapping.entries.iter().any(is_unknown) => Element::Unknown,
        None => Element::Absent,
    }
}

/// The items of a value: those of a list, or the value itself.
pub(super) fn items(node: &Node) -> &[Node] {
    node.as_sequence().unwrap_or(std::slice::from_ref(node))
}

/// What names a statement in a report: its first key.
pub(super) fn header(statement: &Node) -> Span {
    statement.as_mapping().and_then(<[_]>::first).map_or(statement.span, |entry| entry.key.span)
}

/// The view of a statement: what is written, and what follows from it.
pub(super) fn view(statement: &Node) -> Node {
    let header = header(statement);
    let mut view = Vec::new();
    for (name, attribute) in [("Sid", "sid"), ("Effect", "effect")] {
        match element(statement, name) {
            Element::Present(entry) => view.push(Entry::new(entry.key.span, attribute, entry.value.clone())),
            Element::Unknown => view.push(Entry::new(header, attribute, Node::unknown(header))),
            Element::Absent => {}
        }
    }
    for (name, attribute) in [
        ("Action", "actions"),
        ("NotAction", "not_actions"),
        ("Resource", "resources"),
        ("NotResource", "not_resources"),
    ] {
        view.push(list(statement, name, attribute, &|node| items(node).to_vec()));
    }
    view.push(list(statement, "Principal", "principals", &principals));
    view.push(list(statement, "NotPrincipal", "not_principals", &principals));
    view.push(list(statement, "Condition", "conditions", &conditions));
    let node = Node::mapping(statement.span, view);
    let conclusions = Facts::of(&node).entries(&node, header);
    let Value::Mapping(mut mapping) = node.value else { return Node::unknown(statement.span) };
    mapping.entries.extend(conclusions);
    Node::new(statement.span, Value::Mapping(mapping))
}

/// An element as an attribute that is a list; empty where the element is not there.
fn list(statement: &Node, name: &str, attribute: &str, read: &dyn Fn(&Node) -> Vec<Node>) -> Entry {
    let header = header(statement);
    match element(statement, name) {
        Element::Present(Entry { key, value }) if matches!(value.value, Value::Unknown) => {
            Entry::new(key.span, attribute, value.clone())
        }
        Element::Present(Entry { key, value }) => {
            let list = Node { tag: value.tag.clone(), ..Node::sequence(value.span, read(value)) };
            Entry::new(key.span, attribute, list)
        }
        Element::Unknown => Entry::new(header, attribute, Node::unknown(header)),
        Element::Absent => Entry::new(header, attribute, Node::sequence(header, Vec::new())),
    }
}

/// `"*"` or `{AWS: […], Service: …}` as a list of `{type, id}`.
fn principals(node: &Node) -> Vec<Node> {
    let Value::Mapping(mapping) = &node.value else {
        return items(node).iter().map(|id| principal(&Node::text(id.span, "*"), id)).collect();
    };
    let each = |entry: &Entry| items(&entry.value).iter().map(|id| principal(&entry.key, id)).collect::<Vec<_>>();
    let mut principals: Vec<Node> = mapping.entries.iter().flat_map(each).collect();
    rest(mapping, node.span, &mut principals);
    principals
}

/// A copy of a name that stands once and is written at each of its members; unknown when it is too long to be one.
fn repeated(name: &Node) -> Node {
    match name.as_str() {
        Some(text) if text.len() > MAX_NAME => Node::unknown(name.span),
        _ => name.clone(),
    }
}

fn principal(kind: &Node, id: &Node) -> Node {
    let entries = vec![Entry::new(kind.span, "type", repeated(kind)), Entry::new(id.span, "id", id.clone())];
    Node::mapping(id.span, entries)
}

/// `{Test: {variable: values}}` as a list of `{test, variable, values}`.
fn conditions(node: &Node) -> Vec<Node> {
    let Value::Mapping(mapping) = &node.value else { return Vec::new() };
    let mut conditions = Vec::new();
    for Entry { key: test, value } in &mapping.entries {
        let Value::Mapping(variables) = &value.value else {
            conditions.push(Node::unknown(value.span));
            continue;
        };
        conditions.extend(variables.entries.iter().map(|Entry { key: variable, value }| {
            let entries = vec![
                Entry::new(test.span, "test", repeated(test)),
                Entry::new(variable.span, "variable", variable.clone()),
                Entry::new(variable.span, "values", Node::sequence(value.span, items(value).to_vec())),
            ];
            Node::mapping(variable.span, entries)
        }));
        rest(variables, value.span, &mut conditions);
    }
    rest(mapping, node.span, &mut conditions);
    conditions
}

/// What else an open mapping may hold.
fn rest(mapping: &Mapping, span: Span, out: &mut Vec<Node>) {
    if mapping.is_open {
        out.push(Node::unknown(span));
    }
}

/// What follows from a statement.
struct Facts {
    is_allow: Certainty,
    has_condition: Certainty,
    is_anyone: Certainty,
    allows_everything: Certainty,
    /// Conditions that restrict who may call, or may do so, by their variables.
    restricting: Vec<Node>,
    is_restricted: Certainty,
}

impl Facts {
    /// What follows from a statement as [`view`] gives it.
    fn of(view: &Node) -> Self {
        let is_allow = view.get("effect").map_or(Certainty::No, |effect| is_text(effect, &["Allow"]));
        let holds_any = |name: &str, wanted: &[&str]| each(view, name, |item| is_text(item, wanted));
        let is_anyone = each(view, "principals", |item| match (item.get("type"), item.get("id")) {
            (Some(kind), Some(id)) => is_text(kind, &["*", "AWS"]).and(is_text(id, &["*"])),
            _ => Certainty::Unknown,
        });
        // Whoever is not named in `NotPrincipal` of an `Allow` is allowed.
        let is_anyone_else = is_allow.and(each(view, "not_principals", is_known));
        let mut restricting = Vec::new();
        let is_restricted = each(view, "conditions", |condition| {
            let texts =
                (condition.get("test").and_then(Node::as_str), condition.get("variable").and_then(Node::as_str));
            let ((Some(test), Some(variable)), Some(values)) = (texts, condition.get("values")) else {
                return Certainty::Unknown;
            };
            let outcome = restricts(test, variable, items(values));
            if outcome != Certainty::No {
                restricting.push(Node::text(condition.span, variable.to_ascii_lowercase()));
            }
            outcome
        });
        Self {
            is_allow,
            has_condition: each(view, "conditions", is_known),
            is_anyone: is_anyone.or(is_anyone_else),
            allows_everything: is_allow.and(holds_any("actions", &["*", "*:*"])).and(holds_any("resources", &["*"])),
            restricting,
            is_restricted,
        }
    }

    /// The attributes that say so, each at what it follows from.
    fn entries(self, view: &Node, header: Span) -> Vec<Entry> {
        let span = |names: &[&str]| {
            let written = |name: &&str| view.entry(name).filter(|entry| entry.value.as_sequence() != Some(&[]));
            names.iter().find_map(written).map_or(header, |entry| entry.value.span)
        };
        let conditions = span(&["conditions"]);
        let who = span(&["principals", "not_principals"]);
        let mut restricting = Node::sequence(conditions, self.restricting);
        if view.get("conditions").is_some_and(|conditions| matches!(conditions.value, Value::Unknown)) {
            restricting.value = Value::Unknown;
        }
        let is_public = self.is_allow.and(self.is_anyone).and(!self.is_restricted);
        vec![
            Entry::new(conditions, "has_condition", self.has_condition.node(conditions)),
            Entry::new(conditions, "restricting_conditions", restricting),
            Entry::new(who, "principal_is_anyone", self.is_anyone.node(who)),
            Entry::new(who, "is_public", is_public.node(who)),
            Entry::new(header, "allows_everything", self.allows_everything.node(span(&["actions"]))),
        ]
    }
}

/// Whether `holds` of an item of the list `name`.
fn each(view: &Node, name: &str, mut holds: impl FnMut(&Node) -> Certainty) -> Certainty {
    match view.get(name).map(|node| &node.value) {
        Some(Value::Sequence(items)) => any(items.iter().map(|item| match item.value {
            Value::Unknown if marked(item).is_none() => Certainty::Unknown,
            _ => holds(item),
        })),
        Some(Value::Unknown) => Certainty::Unknown,
        _ => Certainty::No,
    }
}

fn is_known(node: &Node) -> Certainty {
    if matches!(node.value, Value::Unknown) { Certainty::Unknown } else { Certainty::Yes }
}

/// Whether a value is one of `texts`. The name of another resource is none of them.
fn is_text(node: &Node, texts: &[&str]) -> Certainty {
    match node.as_str() {
        Some(text) => Certainty::from(texts.contains(&text)),
        None if marked(node).is_some() => Certainty::No,
        None => !is_known(node),
    }
}
