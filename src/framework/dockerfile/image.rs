//! References to images: `registry/repository:tag@digest`.

use super::nodes::{Attributes, known};
use crate::document::dockerfile::{Expander, Variables};
use crate::span::Span;

/// Longest reference whose parts are looked at.
const MAX_REFERENCE: usize = 1024;

/// The parts of a reference as written, variables still in them.
struct Parts<'a> {
    registry: Option<&'a str>,
    repository: &'a str,
    tag: Option<&'a str>,
    digest: Option<&'a str>,
}

/// Adds `image`, `registry`, `repository`, `tag` and `digest` of the reference `raw`, and gives the whole when it is known.
///
/// A part without variables is known even where the others are not.
pub(super) fn add(
    attributes: &mut Attributes,
    span: Span,
    raw: &str,
    variables: &Variables,
    expander: &mut Expander,
) -> Option<String> {
    let whole = expander.expand(raw, variables).filter(|image| image.len() <= MAX_REFERENCE);
    attributes.known("image", span, whole.clone());
    let text = whole.as_deref().unwrap_or(raw);
    let parts = split(text);
    let is_open = whole.is_none();
    let mut part = |key: &str, value: Option<&str>, may_hide: bool| match value {
        Some(value) if is_open => attributes.node(key, known(span, expander.expand(value, variables))),
        Some(value) => attributes.text(key, span, value),
        None if is_open && may_hide => attributes.node(key, known(span, None)),
        None => {}
    };
    let name_is_open = parts.repository.contains('$');
    match parts.registry {
        Some(registry) => part("registry", Some(registry), true),
        None if is_open && name_is_open => part("registry", None, true),
        None => part("registry", Some("docker.io"), false),
    }
    part("repository", Some(parts.repository), true);
    let last = parts.repository.rsplit('/').next().unwrap_or(parts.repository);
    let end_is_open = parts.tag.map_or_else(|| last.contains('$'), |tag| tag.contains('$'));
    part("tag", parts.tag, end_is_open && parts.digest.is_none());
    part("digest", parts.digest, end_is_open);
    whole
}

fn split(text: &str) -> Parts<'_> {
    let (name, digest) = match find_outside(text, b'@') {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let last_slash = rfind_outside(name, b'/').map_or(0, |at| at + 1);
    let (name, tag) = match find_outside(&name[last_slash..], b':') {
        Some(at) => (&name[..last_slash + at], Some(&name[last_slash + at + 1..])),
        None => (name, None),
    };
    let (registry, repository) = match find_outside(name, b'/') {
        Some(at) if is_registry(&name[..at]) => (Some(&name[..at]), &name[at + 1..]),
        _ => (None, name),
    };
    Parts { registry, repository, tag, digest }
}

/// A first part is a registry when it looks like a host.
fn is_registry(part: &str) -> bool {
    part == "localhost" || (!part.contains('$') && part.contains(['.', ':']))
}

/// Where `wanted` stands first outside `${…}`.
fn find_outside(text: &str, wanted: u8) -> Option<usize> {
    places_outside(text, wanted).next()
}

fn rfind_outside(text: &str, wanted: u8) -> Option<usize> {
    places_outside(text, wanted).last()
}

fn places_outside(text: &str, wanted: u8) -> impl Iterator<Item = usize> {
    let mut depth = 0usize;
    text.bytes().enumerate().filter_map(move |(at, byte)| {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        (byte == wanted && depth == 0).then_some(at)
    })
}
