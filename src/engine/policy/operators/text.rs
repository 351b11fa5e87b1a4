//! `in`, `in_any_case`, `matches`, `starts_with`, `ends_with`, `contains`, `contains_all`: what a scalar says, what a list or
//! mapping holds.

use std::cmp::Ordering;
use std::sync::OnceLock;

use regex_automata::meta;

use super::super::truth::Truth;
use super::decimal::Decimal;
use super::presence::boolean;
use super::{all, any};
use crate::document::node::{Node, Value};
use crate::engine::regex;
use crate::rules::pattern;

/// An operator on a text; `contains` also looks into lists and mappings.
pub(super) enum Text {
    /// The scalar is one of these.
    OneOf(Scalars),
    /// The regex is found in the scalar.
    Matches(Box<Regex>),
    /// The scalar begins with one of these.
    StartsWith(Vec<String>),
    /// The scalar ends with one of these.
    EndsWith(Vec<String>),
    /// One of these is part of the text, item of the list, key of the mapping.
    Contains(Scalars),
    /// Each of these is.
    ContainsAll(Vec<Scalars>),
}

impl Text {
    pub(super) fn one_of(texts: Vec<String>) -> Self {
        Self::OneOf(Scalars::new(texts, Case::Counts))
    }

    pub(super) fn one_of_in_any_case(texts: Vec<String>) -> Self {
        Self::OneOf(Scalars::new(texts, Case::Ignored))
    }

    /// # Errors
    ///
    /// What is wrong with the regex.
    pub(super) fn matches(regex: &str) -> Result<Self, String> {
        pattern::parse(regex)?;
        Ok(Self::Matches(Box::new(Regex { source: regex.to_owned(), compiled: OnceLock::new() })))
    }

    pub(super) fn contains(texts: Vec<String>) -> Self {
        Self::Contains(Scalars::new(texts, Case::Counts))
    }

    pub(super) fn contains_all(texts: Vec<String>) -> Self {
        Self::ContainsAll(texts.into_iter().map(|text| Scalars::new(vec![text], Case::Counts)).collect())
    }

    pub(super) fn on(&self, node: &Node) -> Truth {
        match self {
            Self::Contains(scalars) => scalars.within(node),
            Self::ContainsAll(each) => all(each.iter().map(|scalars| scalars.within(node))),
            _ => match &node.value {
                Value::Unknown => Truth::Unknown,
                Value::Scalar { text, plain } => self.on_scalar(text, *plain),
                Value::Sequence(_) | Value::Mapping(_) => Truth::False,
            },
        }
    }

    fn on_scalar(&self, text: &str, plain: bool) -> Truth {
        match self {
            Self::OneOf(scalars) => Truth::from(scalars.has(text, plain)),
            Self::Matches(regex) => regex.is_match(text),
            Self::StartsWith(starts) => Truth::from(starts.iter().any(|start| text.starts_with(start.as_str()))),
            Self::EndsWith(ends) => Truth::from(ends.iter().any(|end| text.ends_with(end.as_str()))),
            Self::Contains(scalars) => Truth::from(scalars.are_part_of(text)),
            Self::ContainsAll(each) => Truth::from(each.iter().all(|scalars| scalars.are_part_of(text))),
        }
    }
}

/// A regex that is compiled on its first use: most rules never meet a value of theirs.
pub(super) struct Regex {
    source: String,
    compiled: OnceLock<Option<meta::Regex>>,
}

impl Regex {
    /// Unknown only for a regex that would take more memory than the bound allows, which the check of its size refuses
    /// before.
    fn is_match(&self, text: &str) -> Truth {
        let regex = self.compiled.get_or_init(|| regex::compile(&self.source).ok());
        regex.as_ref().map_or(Truth::Unknown, |regex| Truth::from(regex.is_match(text)))
    }
}

/// Whether upper and lower case differ.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Case {
    Counts,
    /// Of ASCII letters; the words of configurations are made of them.
    Ignored,
}

/// Scalars to compare with: by text, and by what booleans and numbers mean.
pub(super) struct Scalars {
    case: Case,
    /// Sorted by [`compare`].
    texts: Vec<String>,
    /// Whether `true` is among them.
    has_true: bool,
    /// Whether `false` is among them.
    has_false: bool,
    /// Those that are numbers.
    numbers: Vec<Decimal>,
}

impl Scalars {
    fn new(mut texts: Vec<String>, case: Case) -> Self {
        texts.sort_unstable_by(|a, b| compare(a, b, case));
        // In an operand `no` and `on` are words, since `restart: "no"` is meant to be one.
        let has = |wanted| texts.iter().any(|text| boolean(text, false) == Some(wanted));
        Self {
            case,
            has_true: has(true),
            has_false: has(false),
            numbers: texts.iter().filter_map(|text| Decimal::number(text)).collect(),
            texts,
        }
    }

    /// Whether a scalar is one of them. Numbers compare by value only where the scalar has no quotes: the text `"1.10"` is
    /// likely a version, and not `1.1`.
    fn has(&self, text: &str, plain: bool) -> bool {
        let is_number = || Decimal::number(text).is_some_and(|number| self.numbers.contains(&number));
        self.texts.binary_search_by(|probe| compare(probe, text, self.case)).is_ok()
            || boolean(text, plain).is_some_and(|value| if value { self.has_true } else { self.has_false })
            || plain && !self.numbers.is_empty() && is_number()
    }

    /// Whether `text` has one of them as a part.
    fn are_part_of(&self, text: &str) -> bool {
        self.texts.iter().any(|part| text.contains(part.as_str()))
    }

    /// Whether one of them is part of the text, item of the list or key of the mapping. A key counts whatever its value,
    /// null too: `exists` asks for values.
    fn within(&self, node: &Node) -> Truth {
        match &node.value {
            Value::Unknown => Truth::Unknown,
            Value::Scalar { text, .. } => Truth::from(self.are_part_of(text)),
            Value::Sequence(items) => any(items.iter().map(|item| self.is(item))),
            Value::Mapping(mapping) => {
                let more = if mapping.is_open { Truth::Unknown } else { Truth::False };
                any(mapping.entries.iter().map(|entry| self.is(&entry.key))).or(more)
            }
        }
    }

    /// Whether an item or a key is one of them.
    fn is(&self, node: &Node) -> Truth {
        match &node.value {
            Value::Unknown => Truth::Unknown,
            Value::Scalar { text, plain } => Truth::from(self.has(text, *plain)),
            Value::Sequence(_) | Value::Mapping(_) => Truth::False,
        }
    }
}

/// The order of two texts.
fn compare(a: &str, b: &str, case: Case) -> Ordering {
    match case {
        Case::Counts => a.cmp(b),
        Case::Ignored => {
            a.bytes().map(|byte| byte.to_ascii_lowercase()).cmp(b.bytes().map(|byte| byte.to_ascii_lowercase()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{keys, list, open, outcomes, plain, text, unknown};
    use super::*;
    use crate::rules::condition::{Operand, Test};
    use Truth::{False, True, Unknown};

    fn literal(texts: &[&str]) -> Operand {
        Operand::Literal(texts.iter().map(|&text| text.to_owned()).collect())
    }

    #[test]
    fn the_truth_table_of_texts() {
        let tests = [
            Test::In(literal(&["web", "api"])),
            Test::InAnyCase(literal(&["Web", "API"])),
            Test::Matches("^w.b$".to_owned()),
            Test::StartsWith(literal(&["we", "x"])),
            Test::EndsWith(literal(&["eb", "x"])),
            Test::Contains(literal(&["web", "x"])),
            Test::ContainsAll(literal(&["web", "api"])),
        ];
        for (node, expected) in [
            (None, [False; 7]),
            (Some(unknown()), [Unknown; 7]),
            (Some(plain("web")), [True, True, True, True, True, True, False]),
            (Some(text("WEB")), [False, True, False, False, False, False, False]),
            (Some(text("api-web")), [False, False, False, False, True, True, True]),
            (Some(text("")), [False; 7]),
            (Some(list([])), [False; 7]),
            (Some(list([plain("web")])), [False, False, False, False, False, True, False]),
            (Some(list([plain("web"), unknown()])), [False, False, False, False, False, True, Unknown]),
            (Some(list([plain("api"), unknown()])), [False, False, False, False, False, Unknown, Unknown]),
            (Some(list([plain("api-web")])), [False; 7]),
            (Some(list([list([plain("web")])])), [False; 7]),
            (Some(keys(["web", "api"])), [False, False, False, False, False, True, True]),
            (Some(keys(["other"])), [False; 7]),
            (Some(open(["api"])), [False, False, False, False, False, Unknown, Unknown]),
            (Some(open(["web", "api"])), [False, False, False, False, False, True, True]),
        ] {
            assert_eq!(outcomes(&tests, node.as_ref()), expected, "{node:?}");
        }
    }

    #[test]
    fn scalars_are_equal_by_text_or_by_what_they_mean() {
        for (operand, node, expected) in [
            ("true", plain("true"), True),
            ("true", plain("TRUE"), True),
            ("true", plain("yes"), True),
            ("true", plain("on"), True),
            ("true", text("true"), True),
            ("true", text("yes"), False),
            ("false", plain("off"), True),
            ("false", plain("true"), False),
            ("no", text("no"), True),
            ("no", plain("false"), False),
            ("1", plain("1.0"), True),
            ("1.0", plain("1"), True),
            ("1", text("1.0"), False),
            ("1.1", text("1.10"), False),
            ("420", plain("0644"), True),
            ("420", plain("0o644"), True),
            ("0644", plain("420"), True),
            ("0644", text("0644"), True),
            ("1", plain("1000m"), False),
            ("", text(""), True),
        ] {
            assert_eq!(outcomes(&[Test::In(literal(&[operand]))], Some(&node)), [expected], "{operand} {node:?}");
        }
    }

    #[test]
    fn a_list_contains_by_what_items_mean() {
        let test = [Test::Contains(literal(&["22", "true"]))];
        assert_eq!(outcomes(&test, Some(&list([plain("80"), plain("22.0")]))), [True]);
        assert_eq!(outcomes(&test, Some(&list([plain("yes")]))), [True]);
        assert_eq!(outcomes(&test, Some(&list([plain("2222")]))), [False]);
    }

    #[test]
    fn without_operands_only_contains_all_holds() {
        let none = || literal(&[]);
        let tests = [Test::In(none()), Test::StartsWith(none()), Test::Contains(none()), Test::ContainsAll(none())];
        assert_eq!(outcomes(&tests, Some(&text("a"))), [False, False, False, True]);
    }

    #[test]
    fn a_regex_is_searched_in_bytes() {
        for (regex, value, expected) in [
            ("b", "abc", True),
            ("^b", "abc", False),
            ("(?i)ABC", "abc", True),
            (r"^\w+$", "é", False),
            ("^..$", "é", True),
        ] {
            let outcome = outcomes(&[Test::Matches(regex.to_owned())], Some(&text(value)));
            assert_eq!(outcome, [expected], "{regex} {value}");
        }
    }
}
