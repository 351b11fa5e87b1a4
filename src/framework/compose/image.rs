//! The parts of an image reference: `ghcr.io/acme/web:1.2@sha256:…`.

use super::interpolate::{UNKNOWN, partly_known};
use crate::document::node::{Entry, Node};
use crate::span::Span;

/// `{registry, repository, tag, digest}` of `image`; what is not written is absent.
pub(super) fn parts(image: &Node, source: &str) -> Node {
    match partly_known(image, source) {
        Some(text) => read(&text, image.span),
        None => Node::unknown(image.span),
    }
}

/// The parts of `text`, in which [`UNKNOWN`] stands for whatever is not known. They stand at `span`.
pub(in crate::framework) fn read(text: &str, span: Span) -> Node {
    let (name, digest) = text.split_once('@').map_or((text, None), |(name, digest)| (name, Some(digest)));
    // A colon in front of the last slash is that of a port.
    let (name, tag) = match name.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (name, None),
    };
    // A variable at the end may hold a tag and a digest, one at the beginning a registry.
    let is_tag_hidden = tag.is_none() && name.ends_with(UNKNOWN);
    let is_digest_hidden = digest.is_none() && (is_tag_hidden || tag.is_some_and(|tag| tag.ends_with(UNKNOWN)));
    let (registry, repository) = match name.split_once('/') {
        Some((first, rest)) if is_registry(first) => (Some(first), rest),
        _ => (None, name),
    };
    let mut entries = Vec::new();
    let mut add = |name: &str, text: Option<&str>, is_hidden: bool| {
        let node = match text {
            Some(text) if !text.contains(UNKNOWN) => Node::text(span, text),
            None if !is_hidden => return,
            _ => Node::unknown(span),
        };
        entries.push(Entry::new(span, name, node));
    };
    add("registry", registry, repository.starts_with(UNKNOWN));
    add("repository", Some(repository), false);
    add("tag", tag, is_tag_hidden);
    add("digest", digest, is_digest_hidden);
    Node::mapping(span, entries)
}

/// Whether the part in front of the first slash is a host and not a name in the default registry.
fn is_registry(first: &str) -> bool {
    first == "localhost" || first.contains(['.', ':', UNKNOWN])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts_of(text: &str) -> [String; 4] {
        let node = read(text, Span::new(0, text.len()));
        ["registry", "repository", "tag", "digest"]
            .map(|name| node.get(name).map_or("-", |value| value.as_str().unwrap_or("?")).to_owned())
    }

    #[test]
    fn references() {
        for (text, expected) in [
            ("nginx", ["-", "nginx", "-", "-"]),
            ("nginx:1.27", ["-", "nginx", "1.27", "-"]),
            ("acme/web:dev", ["-", "acme/web", "dev", "-"]),
            ("ghcr.io/acme/web@sha256:00", ["ghcr.io", "acme/web", "-", "sha256:00"]),
            ("localhost:5000/web:1@sha256:00", ["localhost:5000", "web", "1", "sha256:00"]),
            ("registry:5000/web", ["registry:5000", "web", "-", "-"]),
        ] {
            assert_eq!(parts_of(text), expected, "{text}");
        }
    }

    #[test]
    fn a_variable_hides_only_what_it_may_hold() {
        assert_eq!(parts_of(&format!("acme/web:{UNKNOWN}")), ["-", "acme/web", "?", "?"]);
        assert_eq!(parts_of(&format!("{UNKNOWN}/web:1")), ["?", "web", "1", "-"]);
        assert_eq!(parts_of(&format!("{UNKNOWN}")), ["?", "?", "?", "?"]);
    }
}
