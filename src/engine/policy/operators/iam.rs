//! `iam_allows`: what a policy document of AWS grants.
//!
//! Looked at are `Statement`, `Effect`, `Action` and `NotAction`. `Resource`, `Principal` and `Condition` are left to other
//! conditions of a rule, and a `Deny` takes nothing away: it may hold for others, or under a condition.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>

use super::super::truth::Truth;
use super::any;
use crate::document::node::{Entry, Node, Value};
use crate::span::Span;

/// Longest JSON text that is read as a policy document, in bytes. AWS takes 32 KiB at most, for keys of KMS.
const MAX_POLICY: usize = 256 << 10;

/// Actions of which a policy should allow none. Each may have wildcards, and then means all that they stand for: `s3:*` is
/// allowed by `s3:*` and by `*`, and not by `s3:GetObject`.
pub(super) struct Actions {
    wanted: Vec<String>,
}

impl Actions {
    pub(super) fn new(actions: &[String]) -> Self {
        Self { wanted: actions.iter().map(|action| every_service(action).to_owned()).collect() }
    }

    /// Whether a policy document has an `Allow` statement for one of the actions: a tree, or JSON text.
    pub(super) fn on(&self, node: &Node) -> Truth {
        match &node.value {
            Value::Unknown => Truth::Unknown,
            Value::Sequence(_) => Truth::False,
            Value::Mapping(_) => self.in_document(node),
            Value::Scalar { text, .. } if !text.trim_start().starts_with('{') => Truth::False,
            Value::Scalar { text, .. } if text.len() > MAX_POLICY => Truth::Unknown,
            Value::Scalar { text, .. } => {
                // The reader bounds the nesting (128), and with it the depth of the conversion.
                let document: Result<serde_json::Value, _> = serde_json::from_str(text);
                document.map_or(Truth::False, |document| self.in_document(&tree(document)))
            }
        }
    }

    fn in_document(&self, document: &Node) -> Truth {
        any_of(element(document, "Statement"), |statement| self.in_statement(statement))
    }

    fn in_statement(&self, statement: &Node) -> Truth {
        let allows = any_of(element(statement, "Effect"), |effect| Truth::from(effect.as_str() == Some("Allow")));
        allows.and(match (element(statement, "Action"), element(statement, "NotAction")) {
            (actions @ Element::Present(_), _) => any_of(actions, |action| {
                let covers = |text| self.wanted.iter().any(|wanted| covers(every_service(text), wanted));
                Truth::from(action.as_str().is_some_and(covers))
            }),
            (_, others @ Element::Present(_)) => {
                any(self.wanted.iter().map(|wanted| !any_of(others, |other| overlaps(other, wanted))))
            }
            (Element::Absent, Element::Absent) => Truth::False,
            _ => Truth::Unknown,
        })
    }
}

/// An element of a policy document.
#[derive(Clone, Copy)]
enum Element<'a> {
    /// It is written.
    Present(&'a Node),
    /// It is not there.
    Absent,
    /// It is not written, but may be there.
    Unknown,
}

/// The element of this name. The names of elements have no case; of one that stands twice the last counts.
fn element<'a>(node: &'a Node, name: &str) -> Element<'a> {
    let is_named = |entry: &&Entry| entry.key.as_str().is_some_and(|key| key.eq_ignore_ascii_case(name));
    match &node.value {
        Value::Mapping(mapping) => match mapping.entries.iter().rev().find(is_named) {
            Some(entry) if entry.value.is_null() => Element::Absent,
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

/// Whether `holds` for an element, or for one of its items where it is a list.
fn any_of(element: Element<'_>, holds: impl Fn(&Node) -> Truth) -> Truth {
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
