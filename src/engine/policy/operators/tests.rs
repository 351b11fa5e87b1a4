//! What the truth tables of the families are written with, and what holds for all operators.

use super::*;
use crate::document::node::{Entry, Mapping};
use crate::rules::condition::Number;
use crate::rules::path::Path;
use crate::span::Span;

pub(super) const SPAN: Span = Span { start: 0, end: 0 };

pub(super) fn plain(text: &str) -> Node {
    Node::plain(SPAN, text)
}

pub(super) fn text(text: &str) -> Node {
    Node::text(SPAN, text)
}

pub(super) fn unknown() -> Node {
    Node::unknown(SPAN)
}

pub(super) fn list<const N: usize>(items: [Node; N]) -> Node {
    Node::sequence(SPAN, items.into())
}

/// A mapping of these keys.
pub(super) fn keys<const N: usize>(keys: [&str; N]) -> Node {
    Node::mapping(SPAN, keys.map(|key| Entry::new(SPAN, key, plain("1"))).into())
}

/// A mapping of these keys, and maybe of others.
pub(super) fn open<const N: usize>(keys: [&str; N]) -> Node {
    let entries = keys.map(|key| Entry::new(SPAN, key, plain("1"))).into();
    Node::new(SPAN, Value::Mapping(Mapping { entries, is_open: true }))
}

/// What each test says of a value, or of its absence.
pub(super) fn outcomes<const N: usize>(tests: &[Test; N], node: Option<&Node>) -> [Truth; N] {
    std::array::from_fn(|index| {
        let operator = Operator::new(&tests[index], &|_| None).expect("the operand is good");
        node.map_or_else(|| operator.on_absent(), |node| operator.on(node))
    })
}

#[test]
fn an_operand_may_be_a_parameter() {
    let test = Test::In(Operand::Parameter("registries".to_owned()));
    let parameter = |name: &str| (name == "registries").then(|| vec!["one".to_owned(), "two".to_owned()]);
    let operator = Operator::new(&test, &parameter).expect("the parameter is there");
    assert_eq!(operator.on(&text("two")), Truth::True);
    assert_eq!(operator.on(&text("three")), Truth::False);
    let error = Operator::new(&test, &|_| None).err();
    assert_eq!(error.as_deref(), Some("the rule has no parameter `registries`"));
}

#[test]
fn a_bad_operand_is_an_error() {
    for test in [
        Test::Matches("(".to_owned()),
        Test::Matches("(a{1000}){1000}".to_owned()),
        Test::Lt(Number("many".to_owned())),
        Test::Gte(Number(String::new())),
        Test::VersionLt("latest".to_owned()),
        Test::VersionGte(String::new()),
        Test::InValues(Path::parse("a").expect("a path")),
    ] {
        assert!(Operator::new(&test, &|_| None).is_err(), "{test:?}");
    }
}

#[test]
fn any_and_all_are_those_of_kleene() {
    use Truth::{False, True, Unknown};
    for (truths, some, every) in [
        (&[][..], False, True),
        (&[False, Unknown, True], True, False),
        (&[False, Unknown], Unknown, False),
        (&[Unknown, True], True, Unknown),
        (&[True, True], True, True),
    ] {
        assert_eq!(any(truths.iter().copied()), some, "{truths:?}");
        assert_eq!(all(truths.iter().copied()), every, "{truths:?}");
    }
}
