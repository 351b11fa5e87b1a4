//! `iam_allows`: what a policy document of AWS grants.
//!
//! Looked at are `Statement`, `Effect`, `Action` and `NotAction`. `Resource`, `Principal` and `Condition` are left to other
//! conditions of a rule, and a `Deny` takes nothing away: it may hold for others, or under a condition.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>

use std::borrow::Cow;

use super::super::truth::Truth;
use super::any;
use crate::document::node::{Entry, Node, Value};
use crate::span::Span;

/// Longest JSON text that is read as a policy document, in bytes. AWS takes 32 KiB at most, for keys of KMS.
const MAX_POLICY: usize = 256 << 10;

/// Names of one element: as IAM calls it, and as the views of policies do.
pub(super) type Names = [&'static str; 2];
const STATEMENTS: Names = ["Statement", "statements"];
pub(super) const EFFECT: Names = ["Effect", "effect"];
pub(super) const ACTIONS: Names = ["Action", "actions"];
pub(super) const NOT_ACTIONS: Names = ["NotAction", "not_actions"];

/// Actions of which a policy should allow none. Each may have wildcards, and then means all that they stand for: `s3:*` is
/// allowed by `s3:*` and by `*`, and not by `s3:GetObject`.
pub(super) struct Actions {
    wanted: Vec<String>,
}

impl Actions {
    pub(super) fn new(actions: &[String]) -> Self {
        Self { wanted: actions.iter().map(|action| every_service(action).to_owned()).collect() }
    }

    /// Whether a policy has an `Allow` statement for one of the actions.
    pub(super) fn on(&self, node: &Node) -> Truth {
        match policy(node) {
            Ok(policy) => any_of(statements(&policy), |statement| self.in_statement(statement)),
            Err(truth) => truth,
        }
    }

    fn in_statement(&self, statement: &Node) -> Truth {
        let has = |wanted: &String| has_action(statement, wanted);
        has_effect(statement, "Allow").and(any(self.wanted.iter().map(has)))
    }
}

/// The policy that a value is: a tree (a document, a statement, or the view of one), or JSON text. What is true of the value
/// when it is none.
pub(super) fn policy(node: &Node) -> Result<Cow<'_, Node>, Truth> {
    match &node.value {
        Value::Unknown => Err(Truth::Unknown),
        Value::Sequence(_) => Err(Truth::False),
        Value::Mapping(_) => Ok(Cow::Borrowed(node)),
        Value::Scalar { text, .. } if !text.trim_start().starts_with('{') => Err(Truth::False),
        Value::Scalar { text, .. } if text.len() > MAX_POLICY => Err(Truth::Unknown),
        Value::Scalar { text, .. } => {
            // The reader bounds the nesting (128), and with it the depth of the conversion.
            let document: Result<serde_json::Value, _> = serde_json::from_str(text);
            document.map(|document| Cow::Owned(tree(document))).map_err(|_| Truth::False)
        }
    }
}

/// The statements of a policy; a statement is its own only one.
pub(super) fn statements(policy: &Node) -> Element<'_> {
    match (element(policy, STATEMENTS), element(policy, EFFECT)) {
        (Element::Absent | Element::Unknown, Element::Present(_)) => Element::Present(policy),
        (statements, _) => statements,
    }
}

/// Whether a statement has this effect.
pub(super) fn has_effect(statement: &Node, wanted: &str) -> Truth {
    any_of(element(statement, EFFECT), |effect| Truth::from(effect.as_str() == Some(wanted)))
}

/// Whether a statement is about `wanted`, in `Action` or by `NotAction`.
pub(super) fn has_action(statement: &Node, wanted: &str) -> Truth {
    match (element(statement, ACTIONS), element(statement, NOT_ACTIONS)) {
        (actions @ Element::Present(_), _) => any_of(actions, |action| {
            Truth::from(action.as_str().is_some_and(|text| covers(every_service(text), wanted)))
        }),
        (_, others @ Element::Present(_)) => !any_of(others, |other| overlaps(other, wanted)),
        (Element::Absent, Element::Absent) => Truth::False,
        _ => Truth::Unknown,
    }
}

/// An element of a policy document.
#[derive(Clone, Copy)]
pub(super) enum Element<'a> {
    /// It is written.
    Present(&'a Node),
    /// It is not there.
    Absent,
    /// It is not written, but may be there.
    Unknown,
}

/// The element of one of these names. The names of elements have no case; of one that stands twice the last counts. What is
/// empty counts as absent: views have every list.
pub(super) fn element(node: &Node, names: Names) -> Element<'_> {
    let is_named =
        |entry: &&Entry| entry.key.as_str().is_some_and(|key| names.iter().any(|name| key.eq_ignore_ascii_case(name)));
    match &node.value {
        Value::Mapping(mapping) => match mapping.entries.iter().rev().find(is_named) {
            Some(entry) if entry.value.is_null() || is_empty(&entry.value) => Element::Absent,
            Some(entry) => Element::Present(&entry.value),
            None if mapping.is_open
                || mapping.entries.iter().any(|entry| matches!(entry.key.value, Value::Unknown)) =>
            {
                Element::Unknown
            }
            None => Element::Absent,
        },
        Value::Unknown => Element::Unknown,
        Value::Scalar { .. } | Value::Sequence(_) => Element::Absent,
    }
}

fn is_empty(node: &Node) -> bool {
    match &node.value {
        Value::Sequence(items) => items.is_empty(),
        Value::Mapping(mapping) => mapping.entries.is_empty() && !mapping.is_open,
        Value::Scalar { .. } | Value::Unknown => false,
    }
}

/// Whether `holds` for an element, or for one of its items where it is a list.
pub(super) fn any_of(element: Element<'_>, holds: impl Fn(&Node) -> Truth) -> Truth {
    let on = |node: &Node| if matches!(node.value, Value::Unknown) { Truth::Unknown } else { holds(node) };
    match element {
        Element::Absent => Truth::False,
        Element::Unknown => Truth::Unknown,
        Element::Present(node) => match &node.value {
            Value::Sequence(items) => any(items.iter().map(on)),
            _ => on(node),
        },
    }
}

/// `*:*` and `*` are the same.
fn every_service(action: &str) -> &str {
    if action == "*:*" { "*" } else { action }
}

/// Whether the pattern `granted` stands for everything that `wanted` stands for: a wildcard of `wanted` is only matched by one
/// that is as wide. Takes time in proportion to the product of the lengths.
fn covers(granted: &str, wanted: &str) -> bool {
    let (granted, wanted) = (granted.as_bytes(), wanted.as_bytes());
    let (mut g, mut w) = (0, 0);
    // Behind the last `*` of `granted`, and how much of `wanted` it and all in front of it have taken.
    let mut retry: Option<(usize, usize)> = None;
    while let Some(&want) = wanted.get(w) {
        match granted.get(g) {
            Some(b'*') => {
                g += 1;
                retry = Some((g, w));
            }
            Some(&grant) if (grant == b'?' && want != b'*') || grant.eq_ignore_ascii_case(&want) => {
                g += 1;
                w += 1;
            }
            _ => match retry {
                Some((behind, taken)) => {
                    retry = Some((behind, taken + 1));
                    (g, w) = (behind, taken + 1);
                }
                None => return false,
            },
        }
    }
    granted.get(g..).is_some_and(|rest| rest.iter().all(|&byte| byte == b'*'))
}

/// Whether an action of `NotAction` takes away a part of `wanted`. Two patterns are taken to overlap unless the texts in front
/// of their wildcards differ.
fn overlaps(other: &Node, wanted: &str) -> Truth {
    let Some(other) = other.as_str().map(every_service) else {
        return Truth::False;
    };
    let fixed = |pattern: &str| pattern.find(['*', '?']);
    let Some(end) = fixed(wanted) else {
        return Truth::from(covers(other, wanted));
    };
    let own = wanted.bytes().take(end);
    let others = other.bytes().take(fixed(other).unwrap_or(other.len()));
    Truth::from(own.zip(others).all(|(a, b)| a.eq_ignore_ascii_case(&b)))
}

/// A JSON value as a tree. Its places are not needed.
fn tree(value: serde_json::Value) -> Node {
    use serde_json::Value as Json;
    let nowhere = Span::new(0, 0);
    match value {
        Json::Null => Node::plain(nowhere, "null"),
        Json::Bool(value) => Node::plain(nowhere, if value { "true" } else { "false" }),
        Json::Number(number) => Node::plain(nowhere, number.to_string()),
        Json::String(text) => Node::text(nowhere, text),
        Json::Array(items) => Node::sequence(nowhere, items.into_iter().map(tree).collect()),
        Json::Object(entries) => Node::mapping(
            nowhere,
            entries.into_iter().map(|(key, value)| Entry::new(nowhere, &key, tree(value))).collect(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{SPAN, keys, list, open, outcomes, text, unknown};
    use super::*;
    use crate::document::node::Mapping;
    use crate::rules::condition::Test;
    use Truth::{False, True, Unknown};

    fn allows(actions: &[&str], node: Option<&Node>) -> Truth {
        outcomes(&[Test::IamAllows(actions.iter().map(|&action| action.to_owned()).collect())], node)[0]
    }

    fn entry(key: &str, value: Node) -> Entry {
        Entry::new(SPAN, key, value)
    }

    fn statement(effect: Node, action: Node) -> Node {
        Node::mapping(SPAN, vec![entry("Effect", effect), entry("Action", action)])
    }

    fn document(statement: Node) -> Node {
        Node::mapping(SPAN, vec![entry("Version", text("2012-10-17")), entry("Statement", statement)])
    }

    #[test]
    fn the_truth_table_of_trees() {
        let allow = || text("Allow");
        let nulled =
            Mapping { entries: vec![entry("Effect", allow()), entry("Action", Node::plain(SPAN, "~"))], is_open: true };
        let unfinished = Mapping { entries: vec![entry("Effect", allow())], is_open: true };
        for (node, expected) in [
            (None, False),
            (Some(unknown()), Unknown),
            (Some(text("")), False),
            (Some(text("AdministratorAccess")), False),
            (Some(list([])), False),
            (Some(keys([])), False),
            (Some(open([])), Unknown),
            (Some(document(unknown())), Unknown),
            (Some(document(statement(allow(), text("s3:*")))), True),
            (Some(document(statement(text("Deny"), text("s3:*")))), False),
            (Some(document(statement(unknown(), text("s3:*")))), Unknown),
            (Some(document(statement(unknown(), text("ec2:*")))), False),
            (Some(document(statement(allow(), unknown()))), Unknown),
            (Some(document(statement(text("Deny"), unknown()))), False),
            (Some(document(statement(allow(), list([text("ec2:*"), text("S3:*")])))), True),
            (Some(document(statement(allow(), list([unknown(), text("s3:*")])))), True),
            (Some(document(statement(allow(), list([unknown(), text("ec2:*")])))), Unknown),
            (Some(document(list([unknown(), statement(allow(), text("ec2:*"))]))), Unknown),
            (Some(document(list([unknown(), statement(allow(), text("*"))]))), True),
            (Some(document(Node::new(SPAN, Value::Mapping(unfinished)))), Unknown),
            (Some(document(Node::new(SPAN, Value::Mapping(nulled)))), Unknown),
            (Some(document(keys(["Effect"]))), False),
        ] {
            assert_eq!(allows(&["s3:*"], node.as_ref()), expected, "{node:?}");
        }
    }

    #[test]
    fn a_view_is_a_policy_too() {
        let view = |effect: &str, actions: Node, others: Node| {
            let entries = vec![entry("effect", text(effect)), entry("actions", actions), entry("not_actions", others)];
            Node::mapping(SPAN, entries)
        };
        for (view, expected) in [
            (view("Allow", list([text("s3:*")]), list([])), True),
            (view("Deny", list([text("s3:*")]), list([])), False),
            (view("Allow", list([]), list([text("iam:*")])), True),
            (view("Allow", list([]), list([])), False),
            (view("Allow", unknown(), list([])), Unknown),
        ] {
            assert_eq!(allows(&["s3:*"], Some(&view)), expected, "{view:?}");
            let policy = Node::mapping(SPAN, vec![entry("kind", text("identity")), entry("statements", list([view]))]);
            assert_eq!(allows(&["s3:*"], Some(&policy)), expected, "{policy:?}");
        }
        assert_eq!(allows(&["s3:*"], Some(&statement(text("Allow"), text("s3:*")))), True);
    }

    #[test]
    fn a_document_may_be_json_text() {
        for (json, expected) in [
            (r#"{"Statement": {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}}"#, True),
            (
                r#"
	{"Statement": [{"Effect": "Allow", "Action": ["s3:Get*", "IAM:passrole"]}]}"#,
                True,
            ),
            (r#"{"statement": [{"effect": "Allow", "action": "iam:PassRole"}]}"#, True),
            (r#"{"Statement": [{"Effect": "Deny", "Action": "*"}]}"#, False),
            (r#"{"Statement": [{"Effect": "Allow", "Action": 5}]}"#, False),
            (r#"{"Statement": [{"Effect": "Allow", "Action": "#, False),
            (r#"{"Statement": null}"#, False),
        ] {
            assert_eq!(allows(&["iam:PassRole"], Some(&text(json))), expected, "{json}");
        }
        let deep = format!("{{\"Statement\": {}", "[".repeat(100_000));
        assert_eq!(allows(&["*"], Some(&text(&deep))), False);
        let long = format!("{{\"Statement\": \"{}\"}}", "x".repeat(MAX_POLICY));
        assert_eq!(allows(&["*"], Some(&text(&long))), Unknown);
    }

    #[test]
    fn a_grant_covers_what_its_wildcards_stand_for() {
        for (granted, wanted, expected) in [
            ("*", "*", true),
            ("*", "s3:*", true),
            ("*", "s3:GetObject", true),
            ("s3:*", "*", false),
            ("s3:*", "s3:*", true),
            ("s3:*", "S3:GetObject", true),
            ("s3:GetObject", "s3:*", false),
            ("s3:Get*", "s3:GetObject", true),
            ("s3:Get*", "s3:Get*", true),
            ("s3:G*t", "s3:GetObject", true),
            ("s3:*Acl", "s3:Put*", false),
            ("s3:*Acl", "s3:Put*Acl", true),
            ("s3:?etObject", "s3:GetObject", true),
            ("s3:?", "s3:*", false),
            ("s3:Get?", "s3:Get", false),
            ("**", "*", true),
            ("", "*", false),
            ("", "", true),
            ("a*b*c", "aXbXbXc", true),
            ("a*b*c", "aXbXbX", false),
        ] {
            assert_eq!(covers(granted, wanted), expected, "{granted} {wanted}");
        }
        assert_eq!(allows(&["*"], Some(&document(statement(text("Allow"), text("*:*"))))), True);
        assert_eq!(allows(&["*:*"], Some(&document(statement(text("Allow"), text("*"))))), True);
    }

    #[test]
    fn all_but_some_actions_is_a_grant_of_the_others() {
        for (others, wanted, expected) in [
            (list([text("iam:*"), text("organizations:*")]), "s3:*", True),
            (list([text("iam:*")]), "iam:PassRole", False),
            (text("iam:Get*"), "iam:PassRole", True),
            (text("iam:Get*"), "iam:*", False),
            (text("iam:*"), "*", False),
            (text("*"), "s3:*", False),
            (unknown(), "s3:*", Unknown),
            (list([unknown(), text("s3:*")]), "s3:GetObject", False),
        ] {
            let statement = vec![entry("Effect", text("Allow")), entry("NotAction", others)];
            let document = document(Node::mapping(SPAN, statement));
            assert_eq!(allows(&[wanted], Some(&document)), expected, "{document:?} {wanted}");
        }
    }
}
