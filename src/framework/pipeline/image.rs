//! The view of an image that a job, a step or a service runs in.

use super::expansion::{self, Syntax};
use crate::document::node::{Entry, Node};
use crate::framework::compose::image;
use crate::framework::compose::interpolate::UNKNOWN;
use crate::framework::dockerfile::nodes::Attributes;

/// Longest reference whose parts are looked at.
const MAX_REFERENCE: usize = 1024;

/// The view of `image`, with attributes of its system added.
pub(in crate::framework) fn container_with(image: &Node, syntax: Syntax, role: &str, added: Vec<Entry>) -> Node {
    let span = image.span;
    let mut attributes = Attributes::new(span);
    attributes.text("role", span, role);
    let Some(text) = image.as_str().filter(|text| text.len() <= MAX_REFERENCE) else {
        for key in ["image", "registry", "repository", "tag", "digest", "is_pinned"] {
            attributes.node(key, Node::unknown(span));
        }
        return finish(attributes, added);
    };
    let mut masked = String::with_capacity(text.len());
    let mut end = 0;
    for found in expansion::find(text, syntax) {
        masked.push_str(text.get(end..found.start).unwrap_or_default());
        masked.push(UNKNOWN);
        end = found.end;
    }
    masked.push_str(text.get(end..).unwrap_or_default());
    attributes.known("image", span, (end == 0).then(|| text.to_owned()));
    let parts = image::read(masked.trim().trim_start_matches("docker://"), span);
    let digest = parts.get("digest");
    let is_pinned = match digest {
        Some(digest) => digest.as_str().map(|_| true),
        None => Some(false),
    };
    attributes.known_flag("is_pinned", span, is_pinned);
    for key in ["registry", "repository", "tag", "digest"] {
        attributes.maybe(key, parts.get(key).cloned());
    }
    finish(attributes, added)
}

fn finish(mut attributes: Attributes, added: Vec<Entry>) -> Node {
    for Entry { key, value } in added {
        if let Some(name) = key.as_str() {
            attributes.node(name, value);
        }
    }
    attributes.finish()
}
