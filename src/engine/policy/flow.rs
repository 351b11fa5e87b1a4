//! The way of a value from its source to where it does harm, as a view tells it.

use super::FlowStep;
use super::evaluate::Subject;
use super::walk::{Reached, Trail};
use crate::document::node::Node;
use crate::rules::path::Path;
use crate::span::Span;

/// Most places of one flow.
const MAX_PLACES: usize = 32;

impl Subject<'_> {
    /// The places that `path` leads to. Each is a mapping with a text `what`, and stands where it happens, unless it has the
    /// `path` of another file, with the bytes `start` and `end` in that.
    pub(super) fn flow(self, path: &Path) -> Vec<FlowStep> {
        let mut found = Vec::new();
        self.reach(path, self.root(), &Trail::Start(""), &mut |reached, _| {
            let Reached::Present(place) = reached else { return };
            match place.node.as_sequence() {
                Some(items) => found.extend(items.iter().filter_map(step)),
                None => found.extend(step(place.node)),
            }
        });
        found.truncate(MAX_PLACES);
        found
    }
}

fn step(node: &Node) -> Option<FlowStep> {
    let text = |key| node.get(key).and_then(Node::as_str);
    let number = |key| text(key).and_then(|number| number.parse().ok());
    let elsewhere = text("path").and_then(|path| Some((path.to_owned(), Span::new(number("start")?, number("end")?))));
    let (path, span) = elsewhere.map_or((None, node.span), |(path, span)| (Some(path), span));
    Some(FlowStep { what: text("what")?.to_owned(), span, path })
}
