//! `.github/dependabot.yml`: which dependencies are updated, and how.

use std::borrow::Cow;

use super::attributes::Attributes;
use super::views::Views;
use crate::document::node::Node;
use crate::span::Span;

/// Lists the configuration and each of its updates.
pub(super) fn list<'a>(root: &'a Node, views: &mut Views<'a, '_>) {
    views.push("dependabot", "dependabot", String::new(), Cow::Borrowed(root), Views::first_key(root), Vec::new());
    let updates = root.get("updates").and_then(Node::as_sequence).unwrap_or_default();
    let groups = root.get("multi-ecosystem-groups");
    for (index, update) in updates.iter().enumerate() {
        let header = Views::first_key(update);
        let mut attributes = Attributes::default();
        // A group across ecosystems waits for all of its members.
        let group = update.get("multi-ecosystem-group").and_then(Node::as_str);
        let of_group = group.and_then(|name| groups?.get(name)?.get("cooldown"));
        if update.get("cooldown").is_none() {
            attributes.maybe("cooldown", of_group.cloned());
        }
        attributes.flag("allows_execution", Span::new(header.start, header.end), allows_execution(update));
        let body = Cow::Owned(attributes.added_to(update));
        views.push("dependabot-update", &format!("updates[{index}]"), String::new(), body, header, Vec::new());
    }
}

fn allows_execution(update: &Node) -> bool {
    update.get("insecure-external-code-execution").and_then(Node::as_str) == Some("allow")
}
