//! `exists`, `empty`, `is`, `is_literal`: what there is, before it is looked at as text or number.

use super::super::truth::Truth;
use super::decimal::Decimal;
use crate::document::node::{Mapping, Node, Value};
use crate::rules::condition::Kind;

/// An operator on the presence or the kind of a value.
pub(super) enum Presence {
    /// It is there.
    Exists(bool),
    /// It is an empty text, list or mapping; what is absent is empty too.
    Empty(bool),
    /// It is of this type.
    Is(Kind),
    /// It is a scalar that needs no value from elsewhere.
    IsLiteral(bool),
}

impl Presence {
    pub(super) fn on(&self, node: &Node) -> Truth {
        let is_known = !matches!(node.value, Value::Unknown);
        match self {
            // Whatever an unknown value turns out to be, no literal stands there.
            Self::IsLiteral(wanted) => Truth::from(matches!(node.value, Value::Scalar { .. }) == *wanted),
            _ if !is_known => Truth::Unknown,
            Self::Exists(wanted) => Truth::from(*wanted),
            Self::Empty(true) => is_empty(node),
            Self::Empty(false) => !is_empty(node),
            Self::Is(kind) => Truth::from(kind_of(node) == Some(*kind)),
        }
    }

    pub(super) fn on_absent(&self) -> Truth {
        Truth::from(matches!(self, Self::Exists(false) | Self::Empty(true)))
    }
}

fn is_empty(node: &Node) -> Truth {
    match &node.value {
        Value::Unknown => Truth::Unknown,
        Value::Scalar { text, .. } => Truth::from(text.is_empty()),
        Value::Sequence(_) | Value::Mapping(_) => match entries(node) {
            Some((0, true)) => Truth::True,
            Some((0, false)) => Truth::Unknown,
            _ => Truth::False,
        },
    }
}

/// How many entries a list or mapping has at least, and whether it has no more. `None` for what has no entries. A key that
/// is written twice counts twice.
pub(super) fn entries(node: &Node) -> Option<(usize, bool)> {
    let (known, written, is_open) = match &node.value {
        Value::Sequence(items) => (items.iter().filter(|item| is_known(item)).count(), items.len(), false),
        Value::Mapping(Mapping { entries, is_open }) => {
            (entries.iter().filter(|entry| is_known(&entry.key)).count(), entries.len(), *is_open)
        }
        Value::Scalar { .. } | Value::Unknown => return None,
    };
    Some((known, known == written && !is_open))
}

fn is_known(node: &Node) -> bool {
    !matches!(node.value, Value::Unknown)
}

/// The type of a value, as written; `None` for null and for what is not known.
fn kind_of(node: &Node) -> Option<Kind> {
    match &node.value {
        Value::Sequence(_) => Some(Kind::List),
        Value::Mapping(_) => Some(Kind::Mapping),
        Value::Unknown => None,
        Value::Scalar { .. } if node.is_null() => None,
        Value::Scalar { text, plain: true } if boolean(text, true).is_some() => Some(Kind::Boolean),
        Value::Scalar { text, plain: true } if Decimal::number(text).is_some() => Some(Kind::Number),
        Value::Scalar { .. } => Some(Kind::String),
    }
}

/// The boolean that a scalar means. Without quotes YAML 1.1, which Kubernetes reads, has `yes`, `on`, `no` and `off` too; its
/// `y` and `n` are left to be texts, as most readers have it.
pub(super) fn boolean(text: &str, plain: bool) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        "yes" | "Yes" | "YES" | "on" | "On" | "ON" if plain => Some(true),
        "no" | "No" | "NO" | "off" | "Off" | "OFF" if plain => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{keys, list, open, outcomes, plain, text, unknown};
    use super::*;
    use crate::rules::condition::Test;
    use Truth::{False, True, Unknown};

    #[test]
    fn exists_and_empty() {
        let tests = [Test::Exists(true), Test::Exists(false), Test::Empty(true), Test::Empty(false)];
        for (node, expected) in [
            (None, [False, True, True, False]),
            (Some(unknown()), [Unknown; 4]),
            (Some(plain("false")), [True, False, False, True]),
            (Some(text("")), [True, False, True, False]),
            (Some(list([])), [True, False, True, False]),
            (Some(list([plain("a")])), [True, False, False, True]),
            (Some(list([unknown()])), [True, False, Unknown, Unknown]),
            (Some(list([unknown(), plain("a")])), [True, False, False, True]),
            (Some(keys([])), [True, False, True, False]),
            (Some(keys(["a"])), [True, False, False, True]),
            (Some(open([])), [True, False, Unknown, Unknown]),
            (Some(open(["a"])), [True, False, False, True]),
        ] {
            assert_eq!(outcomes(&tests, node.as_ref()), expected, "{node:?}");
        }
    }

    #[test]
    fn the_type_is_that_of_the_value_as_written() {
        let kinds = [Kind::String, Kind::Number, Kind::Boolean, Kind::List, Kind::Mapping];
        let tests = kinds.map(Test::Is);
        assert_eq!(outcomes(&tests, None), [False; 5]);
        assert_eq!(outcomes(&tests, Some(&unknown())), [Unknown; 5]);
        assert_eq!(outcomes(&tests, Some(&plain("~"))), [False; 5]);
        for (node, expected) in [
            (plain("web"), Kind::String),
            (plain("500m"), Kind::String),
            (plain("y"), Kind::String),
            (text("true"), Kind::String),
            (text("1"), Kind::String),
            (plain("1"), Kind::Number),
            (plain("-1.5e3"), Kind::Number),
            (plain("0o644"), Kind::Number),
            (plain("True"), Kind::Boolean),
            (plain("off"), Kind::Boolean),
            (list([]), Kind::List),
            (open([]), Kind::Mapping),
        ] {
            let only = kinds.map(|kind| Truth::from(kind == expected));
            assert_eq!(outcomes(&tests, Some(&node)), only, "{node:?}");
        }
    }

    #[test]
    fn only_a_scalar_is_a_literal() {
        let tests = [Test::IsLiteral(true), Test::IsLiteral(false)];
        for (node, expected) in [
            (None, [False, False]),
            (Some(text("")), [True, False]),
            (Some(plain("5")), [True, False]),
            (Some(unknown()), [False, True]),
            (Some(list([plain("a")])), [False, True]),
            (Some(keys(["a"])), [False, True]),
        ] {
            assert_eq!(outcomes(&tests, node.as_ref()), expected, "{node:?}");
        }
    }
}
