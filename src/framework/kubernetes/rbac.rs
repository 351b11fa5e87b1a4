//! Views of roles and of the bindings that grant them.

use std::borrow::Cow;

use super::object::Object;
use super::{Part, Views, item_header};
use crate::document::node::Node;

/// Adds the views of a role or a binding.
pub(super) fn views<'a>(object: &Object<'a>, views: &mut Views<'a, '_>) {
    let (whole, list, item) = match object.kind {
        "Role" | "ClusterRole" => ("role", "rules", "rbac-rule"),
        "RoleBinding" | "ClusterRoleBinding" => ("role-binding", "subjects", "subject"),
        _ => return,
    };
    views.whole(whole);
    let items = object.node.get(list).and_then(Node::as_sequence).unwrap_or_default();
    for (index, node) in items.iter().enumerate().filter(|(_, node)| node.as_mapping().is_some()) {
        let part = Part { body: Cow::Borrowed(node), base: format!("{list}[{index}]"), header: item_header(node) };
        views.part(item, part, vec![views.object_scope()]);
    }
}
