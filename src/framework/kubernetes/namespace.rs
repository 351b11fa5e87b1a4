//! Namespaces that a tool gives to objects which name none themselves, as Helm gives them that of the release.

use super::index::is_of_cluster;
use crate::document::node::{Entry, Mapping, Node, Value};
use crate::span::Span;

/// Deepest nesting of lists in lists that is looked into.
const MAX_LISTS: usize = 8;

/// Whether the file at `path` is one of the templates of a chart: Helm puts its objects into the namespace of the release.
pub(super) fn is_in_chart(path: &str) -> bool {
    path.rsplit_once('/').is_some_and(|(folder, _)| folder.split('/').any(|part| part == "templates"))
}

/// Says of every object below `root` that names no namespace that it is not known which it will be in.
pub(super) fn imply(root: &mut Node) {
    imply_in(root, 0);
}

fn imply_in(node: &mut Node, depth: usize) {
    let kind = node.get("kind").and_then(Node::as_str).unwrap_or_default();
    let (is_of_cluster, is_list) = (is_of_cluster(kind), kind.ends_with("List"));
    let Value::Mapping(object) = &mut node.value else { return };
    if is_list && depth < MAX_LISTS {
        if let Some(Node { value: Value::Sequence(items), .. }) = value_mut(object, "items") {
            for item in items {
                imply_in(item, depth + 1);
            }
        }
    } else if !is_of_cluster && let Some(metadata) = value_mut(object, "metadata") {
        add(metadata);
    }
}

/// Adds a namespace that is not known to `metadata`, unless there is one.
fn add(metadata: &mut Node) {
    let is_absent = metadata.get("namespace").is_none_or(Node::is_null);
    let nowhere = Span::new(metadata.span.end, metadata.span.end);
    if let Value::Mapping(Mapping { entries, is_open: false }) = &mut metadata.value
        && is_absent
    {
        entries.push(Entry::new(nowhere, "namespace", Node::unknown(nowhere)));
    }
}

/// Whether the namespace in `metadata` is one that [`imply`] added: its key stands nowhere in the text.
pub(super) fn is_implied(metadata: &Node) -> bool {
    metadata.entry("namespace").is_some_and(|entry| entry.key.span.is_empty())
}

fn value_mut<'n>(mapping: &'n mut Mapping, key: &str) -> Option<&'n mut Node> {
    let entry = mapping.entries.iter_mut().rev().find(|entry| entry.key.as_str() == Some(key));
    entry.map(|entry| &mut entry.value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::yaml;

    fn implied(text: &str) -> Node {
        let mut root = yaml::parse(text).unwrap().remove(0);
        imply(&mut root);
        root
    }

    #[test]
    fn templates_of_charts_are_known_by_their_folder() {
        assert!(is_in_chart("charts/web/templates/deployment.yaml") && is_in_chart("templates/api/pod.yaml"));
        assert!(
            !is_in_chart("templates.yaml") && !is_in_chart("deploy/pod.yaml") && !is_in_chart("my-templates/a.yaml")
        );
    }

    #[test]
    fn a_namespace_is_implied_where_none_is_written() {
        for text in ["{kind: Pod, metadata: {name: a}}", "{kind: Pod, metadata: {name: a, namespace: null}}"] {
            let pod = implied(text);
            assert_eq!(pod.at(&["metadata", "namespace"]).unwrap().value, Value::Unknown);
            assert!(is_implied(pod.get("metadata").unwrap()));
        }
        let pods = implied("{kind: PodList, metadata: {}, items: [{metadata: {name: a}}]}");
        assert!(pods.at(&["metadata", "namespace"]).is_none());
        assert!(is_implied(pods.get("items").unwrap().as_sequence().unwrap()[0].get("metadata").unwrap()));
        let written = implied("{kind: Pod, metadata: {namespace: shop}}");
        assert_eq!(written.at(&["metadata", "namespace"]).unwrap().as_str(), Some("shop"));
        for text in ["{kind: ClusterRole, metadata: {name: a}}", "{kind: Pod}", "{kind: Pod, metadata: text}", "[]"] {
            assert_eq!(implied(text), yaml::parse(text).unwrap().remove(0), "{text}");
        }
    }
}
