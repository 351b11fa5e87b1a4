//! `version_lt`, `version_gte`: versions, part by part.

use std::cmp::Ordering;

use super::super::truth::Truth;
use crate::document::node::Node;

/// The comparison of a scalar with a version.
pub(super) struct Version {
    /// The numeric parts of the operand, joined by dots.
    operand: String,
    /// Which side is wanted: below the operand, or not.
    is_below: bool,
}

impl Version {
    /// Versions below `operand`.
    ///
    /// # Errors
    ///
    /// The operand is no version.
    pub(super) fn lt(operand: &str) -> Result<Self, String> {
        Self::new(operand, true)
    }

    /// This version and those above.
    ///
    /// # Errors
    ///
    /// The operand is no version.
    pub(super) fn gte(operand: &str) -> Result<Self, String> {
        Self::new(operand, false)
    }

    fn new(operand: &str, is_below: bool) -> Result<Self, String> {
        let parts = numeric_parts(operand).ok_or_else(|| format!("`{operand}` is no version such as `1.2.3`"))?;
        Ok(Self { operand: parts.to_owned(), is_below })
    }

    pub(super) fn on(&self, node: &Node) -> Truth {
        let parts = node.as_str().and_then(numeric_parts);
        Truth::from(parts.is_some_and(|parts| compare(parts, &self.operand).is_lt() == self.is_below))
    }
}

/// The numbers at the beginning of a version, joined by dots. A `v` in front does not count, nor does a suffix: behind `-`,
/// `+`, `_` or `~`, or, behind two parts or more, a letter (`1.1.1k`). `None` for what is no version, such as `latest`, `1.x`
/// or `10th`.
fn numeric_parts(text: &str) -> Option<&str> {
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (parts, suffix) = text.split_at(end);
    let is_suffix = match suffix.chars().next() {
        None | Some('-' | '+' | '_' | '~') => true,
        Some(c) => c.is_ascii_alphabetic() && parts.contains('.'),
    };
    (is_suffix && parts.split('.').all(|part| !part.is_empty())).then_some(parts)
}

/// The order of two versions; a part that one of them lacks is zero.
fn compare(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        let (left, right) = (a.next(), b.next());
        if left.is_none() && right.is_none() {
            return Ordering::Equal;
        }
        // Without leading zeros the longer number is the greater: no part is too long to compare.
        let left = left.unwrap_or_default().trim_start_matches('0');
        let right = right.unwrap_or_default().trim_start_matches('0');
        let order = left.len().cmp(&right.len()).then_with(|| left.cmp(right));
        if order.is_ne() {
            return order;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{keys, list, outcomes, plain, text, unknown};
    use super::*;
    use crate::rules::condition::Test;
    use Truth::{False, True, Unknown};

    #[test]
    fn the_truth_table_of_versions() {
        let tests = [Test::VersionLt("1.21.3".to_owned()), Test::VersionGte("v1.21.3-rc1".to_owned())];
        let (below, above, none) = ([True, False], [False, True], [False, False]);
        for (node, expected) in [
            (None, none),
            (Some(unknown()), [Unknown; 2]),
            (Some(plain("1.9")), below),
            (Some(plain("1.21")), below),
            (Some(text("v1.21.2-alpine")), below),
            (Some(text("0001.021.0002")), below),
            (Some(text("1.21.3")), above),
            (Some(text("1.21.3-rc1")), above),
            (Some(text("1.21.3+build.7")), above),
            (Some(text("1.21.10")), above),
            (Some(text("1.21.4rc1")), above),
            (Some(text("1.21.3.1")), above),
            (Some(plain("2")), above),
            (Some(text("99999999999999999999999999.0")), above),
            (Some(text("latest")), none),
            (Some(text("")), none),
            (Some(text("1.x")), none),
            (Some(text("1..2")), none),
            (Some(text("1.2.")), none),
            (Some(text("10th")), none),
            (Some(text("~> 1.2")), none),
            (Some(list([text("1.0")])), none),
            (Some(keys(["1.0"])), none),
        ] {
            assert_eq!(outcomes(&tests, node.as_ref()), expected, "{node:?}");
        }
    }

    #[test]
    fn missing_parts_are_zero() {
        let tests = [Test::VersionLt("1.2.0".to_owned()), Test::VersionGte("1.2.0".to_owned())];
        assert_eq!(outcomes(&tests, Some(&plain("1.2"))), [False, True]);
    }
}
