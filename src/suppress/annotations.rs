//! Annotations of Kubernetes objects, and metadata of CloudFormation's resources, that silence findings in them.
//!
//! ```yaml
//! metadata:
//!   annotations:
//!     lockgate/ignore: rule-id,other-rule why
//!     checkov.io/skip1: CKV_K8S_20=why        # bridgecrew.io too; any suffix
//!     ignore-check.kube-linter.io/privileged-container: why
//!     kube-linter.io/ignore-all: why
//! ```
//!
//! ```yaml
//! Metadata:
//!   lockgate:
//!     ignore: [{id: rule-id, reason: why}]
//!   checkov:                                  # bridgecrew too
//!     skip: [{id: CKV_AWS_18, comment: why}]
//! ```
//!
//! None of them silences a secret: it says something about the object, not about a value in it.

use super::marker::{Addressee, Checks, Marker, Peer, id_list};
use super::reason::{SecretSpans, foreign};
use super::target::Target;
use crate::document::node::{Entry, Node};
use crate::finding::{Category, Suppression};
use crate::span::Span;

/// Most annotations of one object that count.
const MAX_ANNOTATIONS: usize = 256;

/// What the annotations of an object say about findings in it.
#[derive(Clone, Debug, Default)]
pub struct AnnotationSuppressions {
    markers: Vec<Marker>,
}

impl AnnotationSuppressions {
    /// Reads the `metadata.annotations` of an object, and of its pod template if it has one. `secrets` are the spans of the
    /// secrets found in the file, in any order: no reason that holds one is kept. What is no mapping says nothing.
    #[must_use]
    pub fn read<'n>(annotations: impl IntoIterator<Item = &'n Node>, secrets: &[Span]) -> Self {
        let secrets = SecretSpans::new(secrets);
        let entries = annotations.into_iter().filter_map(Node::as_mapping).flatten();
        Self { markers: entries.filter_map(|entry| marker(entry, &secrets)).take(MAX_ANNOTATIONS).collect() }
    }

    /// Adds what the `Metadata` of a resource of CloudFormation says. `secrets` are as for [`read`](Self::read).
    #[must_use]
    pub fn and_metadata(mut self, metadata: Option<&Node>, secrets: &[Span]) -> Self {
        let secrets = SecretSpans::new(secrets);
        for (tool, list) in METADATA {
            let items = metadata.and_then(|metadata| metadata.at(&[tool, list])).and_then(Node::as_sequence);
            let items = items.unwrap_or_default().iter().take(MAX_ANNOTATIONS);
            self.markers.extend(items.filter_map(|item| metadata_marker(tool, list, item, &secrets)));
        }
        self
    }

    /// What silences `target`, a finding in the object. Its lines are not looked at.
    #[must_use]
    pub fn find(&self, target: &Target<'_>) -> Option<Suppression> {
        if target.category == Category::Secret {
            return None;
        }
        self.markers.iter().find(|marker| marker.means(target)).map(Marker::suppression)
    }
}

/// Lists in the metadata of a resource that name checks: the tool, and the name of the list.
const METADATA: &[(&str, &str)] = &[("lockgate", "ignore"), ("checkov", "skip"), ("bridgecrew", "skip")];

/// What one item of such a list says.
fn metadata_marker(tool: &str, list: &str, item: &Node, secrets: &SecretSpans) -> Option<Marker> {
    let id = item.get("id")?.as_str()?.to_owned();
    let why = item.get("reason").or_else(|| item.get("comment"));
    let reason = why.and_then(|why| secrets.reason_within(why.as_str()?, why.span));
    let checks = Checks::Only(vec![id]);
    Some(if tool == "lockgate" {
        Marker { addressee: Addressee::Lockgate, checks, justification: reason, at: None }
    } else {
        Marker::of_peer(Peer::Checkov, checks, foreign(&format!("{tool}.{list}"), reason))
    })
}

/// What one annotation says.
fn marker(entry: &Entry, secrets: &SecretSpans) -> Option<Marker> {
    let (key, value) = (entry.key.as_str()?, entry.value.as_str()?);
    let span = entry.value.span;
    let reason = |text: &str| secrets.reason_within(text.trim_start_matches([' ', ':', '=', '-']), span);
    if key == "lockgate/ignore" {
        let (ids, why) = id_list(value, "-");
        if ids.is_empty() {
            return None;
        }
        let (addressee, checks) = (Addressee::Lockgate, Checks::Only(ids));
        return Some(Marker { addressee, checks, justification: reason(why), at: None });
    }
    if key == "kube-linter.io/ignore-all" {
        return Some(Marker::of_peer(Peer::KubeLinter, Checks::Every, foreign(key, reason(value))));
    }
    if let Some(check) = key.strip_prefix("ignore-check.kube-linter.io/") {
        let checks = Checks::Only(vec![check.to_owned()]);
        return Some(Marker::of_peer(Peer::KubeLinter, checks, foreign("ignore-check.kube-linter.io", reason(value))));
    }
    let name = ["checkov.io/skip", "bridgecrew.io/skip"].into_iter().find(|name| key.starts_with(name))?;
    let (ids, why) = id_list(value, "_");
    let justification = foreign(name, reason(why));
    (!ids.is_empty()).then(|| Marker::of_peer(Peer::Checkov, Checks::Only(ids), justification))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn annotations(entries: &[(&str, &str)]) -> Node {
        let span = Span::new(10, 90);
        let entry = |(key, value): &(&str, &str)| Entry::new(span, key, Node::text(span, *value));
        Node::mapping(span, entries.iter().map(entry).collect())
    }

    /// The justification with which a finding is silenced, empty without a reason; `None` when it is not silenced.
    fn silenced(entries: &[(&str, &str)], category: Category, secrets: &[Span]) -> Option<String> {
        let equivalents = ["checkov:CKV_K8S_16".to_owned(), "kube-linter:privileged-container".to_owned()];
        let aliases = ["old-privileged".to_owned()];
        let target = Target {
            rule: "privileged",
            aliases: &aliases,
            equivalents: &equivalents,
            category,
            first_line: 3,
            last_line: 3,
            extent: Some((1, 9)),
        };
        let node = annotations(entries);
        AnnotationSuppressions::read([&node], secrets)
            .find(&target)
            .map(|suppression| suppression.justification.unwrap_or_default())
    }

    #[test]
    fn an_annotation_silences_the_check_that_it_names() {
        for (key, value, expected) in [
            ("lockgate/ignore", "privileged: needed", Some("needed")),
            ("lockgate/ignore", "a, old-privileged", Some("")),
            ("lockgate/ignore", "privileged-container why", None),
            ("lockgate/ignore", "", None),
            ("lockgate/ignore", "*", None),
            ("checkov.io/skip1", "CKV_K8S_16=needed", Some("checkov.io/skip: needed")),
            ("bridgecrew.io/skip27", "CKV_K8S_16", Some("bridgecrew.io/skip")),
            ("checkov.io/skip1", "CKV_K8S_1=needed", None),
            ("checkov.io/skip1", "CKV_K8S_160=needed", None),
            ("checkov.io/skip1", "=needed", None),
            ("example.org/checkov.io/skip1", "CKV_K8S_16=needed", None),
            ("ignore-check.kube-linter.io/privileged-container", "needed", Some("ignore-check.kube-linter.io: needed")),
            ("ignore-check.kube-linter.io/privileged", "needed", None),
            ("ignore-check.kube-linter.io/", "needed", None),
            ("kube-linter.io/ignore-all", "", Some("kube-linter.io/ignore-all")),
            ("kube-linter.io/ignore-all-of-it", "", None),
        ] {
            let found = silenced(&[(key, value)], Category::Privilege, &[]);
            assert_eq!(found, expected.map(str::to_owned), "{key}: {value}");
            assert_eq!(silenced(&[(key, value)], Category::Secret, &[]), None, "{key}: {value}");
        }
    }

    #[test]
    fn the_metadata_of_a_resource_silences_the_checks_that_it_lists() {
        let span = Span::new(10, 90);
        let map = |entries: &[(&str, Node)]| {
            Node::mapping(span, entries.iter().map(|(key, value)| Entry::new(span, key, value.clone())).collect())
        };
        let metadata = |tool: &str, list: &str, id: &str, why: &str| {
            let item = map(&[("id", Node::text(span, id)), (why, Node::text(span, "needed"))]);
            map(&[(tool, map(&[(list, Node::sequence(span, vec![Node::unknown(span), item]))]))])
        };
        let equivalents = ["checkov:CKV_AWS_18".to_owned()];
        let target = |category| Target {
            rule: "unlogged",
            aliases: &[],
            equivalents: &equivalents,
            category,
            first_line: 3,
            last_line: 3,
            extent: Some((1, 9)),
        };
        for (node, expected) in [
            (metadata("checkov", "skip", "CKV_AWS_18", "comment"), Some("checkov.skip: needed")),
            (metadata("bridgecrew", "skip", "CKV_AWS_18", "comment"), Some("bridgecrew.skip: needed")),
            (metadata("lockgate", "ignore", "unlogged", "reason"), Some("needed")),
            (metadata("checkov", "skip", "CKV_AWS_1", "comment"), None),
            (metadata("lockgate", "ignore", "CKV_AWS_18", "reason"), None),
            (metadata("checkov", "ignore", "CKV_AWS_18", "comment"), None),
        ] {
            let read = AnnotationSuppressions::default().and_metadata(Some(&node), &[]);
            let found = read.find(&target(Category::Logging)).and_then(|suppression| suppression.justification);
            assert_eq!(found.as_deref(), expected);
            assert!(read.find(&target(Category::Secret)).is_none());
            let withheld = AnnotationSuppressions::default().and_metadata(Some(&node), &[Span::new(40, 47)]);
            let found = withheld.find(&target(Category::Logging)).and_then(|suppression| suppression.justification);
            assert!(found.is_none_or(|reason| !reason.contains("needed")));
        }
    }

    #[test]
    fn a_reason_that_holds_a_secret_is_not_kept() {
        let entries = [("lockgate/ignore", "privileged was hunter2")];
        let reason = silenced(&entries, Category::Privilege, &[Span::new(40, 47)]).unwrap();
        assert_eq!(reason, "withheld: the reason holds a secret");
    }

    #[test]
    fn what_is_no_mapping_of_texts_says_nothing_and_what_counts_is_bounded() {
        let span = Span::new(0, 1);
        let nodes = [Node::unknown(span), Node::plain(span, "lockgate/ignore"), Node::sequence(span, Vec::new())];
        assert!(AnnotationSuppressions::read(&nodes, &[]).markers.is_empty());
        let many = annotations(&vec![("lockgate/ignore", "a"); 1000]);
        assert_eq!(AnnotationSuppressions::read([&many], &[]).markers.len(), MAX_ANNOTATIONS);
    }
}
