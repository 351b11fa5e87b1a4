//! Label selectors and the labels that they are matched with.

use std::collections::HashMap;

use super::attribute::{Attribute, is_open};
use crate::document::node::Node;

/// Whether a selector takes an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Match {
    Yes,
    No,
    /// It depends on something that is not known.
    Maybe,
}

impl Match {
    /// Whether both hold.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, Self::Yes) => Self::Yes,
            _ => Self::Maybe,
        }
    }
}

/// The labels of an object.
#[derive(Clone, Debug, Default)]
pub(super) struct Labels<'a> {
    /// Values by key; `None` is a value that is not known.
    values: HashMap<&'a str, Option<&'a str>>,
    /// There may be more.
    is_open: bool,
}

impl<'a> Labels<'a> {
    /// The labels below `keys` of `node`.
    pub(super) fn find(node: &'a Node, keys: &[&str]) -> Self {
        match Attribute::find(node, keys) {
            Attribute::Known(node) => {
                let mut labels = Self { values: HashMap::new(), is_open: is_open(node) };
                for (key, value) in pairs(node) {
                    match key {
                        Some(key) => drop(labels.values.insert(key, value)),
                        None => labels.is_open = true,
                    }
                }
                labels
            }
            Attribute::Absent => Self::default(),
            Attribute::Unknown => Self { is_open: true, ..Self::default() },
        }
    }

    /// Whether some of them are not known.
    pub(super) fn is_unsure(&self) -> bool {
        self.is_open || self.values.values().any(Option::is_none)
    }

    /// The labels that are known, in order.
    pub(super) fn known(&self) -> Vec<(&'a str, &'a str)> {
        let mut known: Vec<_> = self.values.iter().filter_map(|(key, value)| Some((*key, (*value)?))).collect();
        known.sort_unstable();
        known
    }

    fn get(&self, key: &str) -> Attribute<&'a str> {
        match self.values.get(key) {
            Some(Some(value)) => Attribute::Known(value),
            Some(None) => Attribute::Unknown,
            None if self.is_open => Attribute::Unknown,
            None => Attribute::Absent,
        }
    }
}

/// The entries of a mapping of texts; `None` is what is not known.
fn pairs(node: &Node) -> impl Iterator<Item = (Option<&str>, Option<&str>)> {
    let known = |node| match Attribute::text(Attribute::of(node)) {
        Attribute::Known(text) => Some(text),
        Attribute::Absent => Some(""),
        Attribute::Unknown => None,
    };
    node.as_mapping().unwrap_or_default().iter().map(move |entry| (known(&entry.key), known(&entry.value)))
}

/// What a selector demands of labels: all of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Selector<'a> {
    requirements: Vec<Requirement<'a>>,
    /// It may demand more.
    is_open: bool,
}

#[derive(Clone, Debug)]
struct Requirement<'a> {
    key: &'a str,
    test: Test,
    values: Vec<&'a str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Test {
    In,
    NotIn,
    Exists,
    Absent,
}

impl<'a> Selector<'a> {
    /// A selector that is a mapping of labels, as that of a Service.
    pub(super) fn of_labels(node: &'a Node) -> Self {
        let mut selector = Self::default();
        selector.add_labels(node);
        selector
    }

    /// A selector with `matchLabels` and `matchExpressions`.
    pub(super) fn of(node: &'a Node) -> Self {
        let mut selector = Self { is_open: is_open(node), ..Self::default() };
        match Attribute::find(node, &["matchLabels"]) {
            Attribute::Known(labels) => selector.add_labels(labels),
            Attribute::Absent => {}
            Attribute::Unknown => selector.is_open = true,
        }
        match Attribute::find(node, &["matchExpressions"]) {
            Attribute::Known(list) => {
                for expression in list.as_sequence().unwrap_or_default() {
                    selector.add_expression(expression);
                }
            }
            Attribute::Absent => {}
            Attribute::Unknown => selector.is_open = true,
        }
        selector
    }

    fn add_labels(&mut self, node: &'a Node) {
        self.is_open |= is_open(node);
        for pair in pairs(node) {
            if let (Some(key), Some(value)) = pair {
                self.requirements.push(Requirement { key: without_source(key), test: Test::In, values: vec![value] });
            } else {
                self.is_open = true;
            }
        }
    }

    fn add_expression(&mut self, node: &'a Node) {
        let operator = match Attribute::text_at(node, &["operator"]) {
            Attribute::Known("In") => Some(Test::In),
            Attribute::Known("NotIn") => Some(Test::NotIn),
            Attribute::Known("Exists") => Some(Test::Exists),
            Attribute::Known("DoesNotExist") => Some(Test::Absent),
            _ => None,
        };
        let key = Attribute::text_at(node, &["key"]);
        let items = match Attribute::find(node, &["values"]) {
            Attribute::Known(list) => list.as_sequence(),
            Attribute::Absent => Some([].as_slice()),
            Attribute::Unknown => None,
        };
        let known = |item| match Attribute::text(Attribute::of(item)) {
            Attribute::Known(text) => Some(text),
            Attribute::Absent | Attribute::Unknown => None,
        };
        let values = items.and_then(|items| items.iter().map(known).collect::<Option<Vec<_>>>());
        match (key, operator, values) {
            (Attribute::Known(key), Some(test), Some(values)) => {
                self.requirements.push(Requirement { key: without_source(key), test, values });
            }
            _ => self.is_open = true,
        }
    }

    /// Whether it demands nothing, and so takes everything or nothing, as the kind of object has it.
    pub(super) fn is_empty(&self) -> bool {
        self.requirements.is_empty() && !self.is_open
    }

    /// Number of requirements: what a match costs.
    pub(super) fn len(&self) -> usize {
        self.requirements.len()
    }

    /// Labels that whatever it takes must have.
    pub(super) fn equalities(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.requirements.iter().filter_map(|requirement| match (requirement.test, requirement.values.as_slice()) {
            (Test::In, [value]) => Some((requirement.key, *value)),
            _ => None,
        })
    }

    /// Whether it takes an object with `labels`.
    pub(super) fn matches(&self, labels: &Labels<'_>) -> Match {
        let start = if self.is_open { Match::Maybe } else { Match::Yes };
        self.requirements.iter().map(|requirement| requirement.matches(labels)).fold(start, Match::and)
    }
}

impl Requirement<'_> {
    fn matches(&self, labels: &Labels<'_>) -> Match {
        let holds = match (self.test, labels.get(self.key)) {
            (_, Attribute::Unknown) => return Match::Maybe,
            (Test::In, Attribute::Known(value)) => self.values.contains(&value),
            (Test::NotIn, Attribute::Known(value)) => !self.values.contains(&value),
            (Test::Exists, Attribute::Known(_)) | (Test::NotIn | Test::Absent, Attribute::Absent) => true,
            (Test::Absent, Attribute::Known(_)) | (Test::In | Test::Exists, Attribute::Absent) => false,
        };
        if holds { Match::Yes } else { Match::No }
    }
}

/// A key without the source of labels that Cilium writes in front of it.
fn without_source(key: &str) -> &str {
    key.strip_prefix("k8s:").or_else(|| key.strip_prefix("any:")).unwrap_or(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::yaml;

    fn matched(selector: &str, labels: &str) -> Match {
        let (selector, labels) = (yaml::parse(selector).unwrap(), yaml::parse(labels).unwrap());
        Selector::of(&selector[0]).matches(&Labels::find(&labels[0], &[]))
    }

    #[test]
    fn selectors_take_labels() {
        let labels = "{app: web, tier: front, empty: ''}";
        for (selector, expected) in [
            ("{}", Match::Yes),
            ("{matchLabels: {app: web}}", Match::Yes),
            ("{matchLabels: {app: web, tier: back}}", Match::No),
            ("{matchLabels: {'k8s:app': web}}", Match::Yes),
            ("{matchExpressions: [{key: app, operator: In, values: [api, web]}]}", Match::Yes),
            ("{matchExpressions: [{key: app, operator: NotIn, values: [api, web]}]}", Match::No),
            ("{matchExpressions: [{key: zone, operator: NotIn, values: [a]}]}", Match::Yes),
            ("{matchExpressions: [{key: empty, operator: Exists}, {key: app, operator: Exists}]}", Match::Yes),
            ("{matchExpressions: [{key: app, operator: DoesNotExist}]}", Match::No),
            ("{matchExpressions: [{key: app, operator: Like}]}", Match::Maybe),
            ("{matchLabels: {app: '${APP}'}}", Match::Maybe),
            ("{matchLabels: {app: '${APP}', tier: back}}", Match::No),
        ] {
            assert_eq!(matched(selector, labels), expected, "{selector}");
        }
    }

    #[test]
    fn labels_that_are_not_known_may_match() {
        assert_eq!(matched("{matchLabels: {app: web}}", "{app: '{{ .Values.app }}'}"), Match::Maybe);
        let open = Labels { is_open: true, ..Labels::default() };
        let selector = yaml::parse("{matchLabels: {app: web}}").unwrap();
        assert_eq!(Selector::of(&selector[0]).matches(&open), Match::Maybe);
        assert!(open.is_unsure());
    }
}
