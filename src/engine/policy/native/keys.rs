//! The order of keys.

use crate::document::node::{Node, Value};
use crate::engine::policy::evaluate::Subject;
use crate::engine::policy::walk::{Place, Reached, Trail};
use crate::engine::policy::witness::Witness;

/// The first key of a mapping, at any depth, that stands behind a key which it sorts before.
///
/// An object that another language declares has no order of keys of its own: its `apiVersion` stands nowhere.
pub(super) fn unsorted(subject: Subject<'_>) -> Vec<Witness> {
    if subject.resource.body.entry("apiVersion").is_some_and(|version| version.key.span.is_empty()) {
        return Vec::new();
    }
    first_unsorted(&subject.resource.body, &Trail::Start(&subject.resource.base)).into_iter().collect()
}

/// The parsers bound the depth.
fn first_unsorted(node: &Node, trail: &Trail<'_>) -> Option<Witness> {
    match &node.value {
        Value::Mapping(mapping) => {
            let mut before = "";
            for entry in &mapping.entries {
                let Some(key) = entry.key.as_str() else { continue };
                let trail = Trail::Key(trail, key);
                if key < before {
                    let place = Place { node: &entry.key, header: entry.key.span, key: None };
                    return Some(Witness::of(Reached::Present(place), &trail));
                }
                before = key;
                if let Some(found) = first_unsorted(&entry.value, &trail) {
                    return Some(found);
                }
            }
            None
        }
        Value::Sequence(items) => {
            items.iter().enumerate().find_map(|(index, item)| first_unsorted(item, &Trail::Item(trail, index)))
        }
        Value::Scalar { .. } | Value::Unknown => None,
    }
}
