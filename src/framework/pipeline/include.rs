//! What a pipeline loads from elsewhere: templates, orbs, pipes, libraries.

use super::expansion::{self, Syntax};
use crate::document::node::Node;
use crate::framework::dockerfile::nodes::Attributes;

/// Something that is loaded.
pub(in crate::framework) struct Include<'n> {
    /// How: `local`, `project`, `remote`, `orb`, `pipe`, …
    pub(in crate::framework) kind: &'static str,
    /// Its name, path or address.
    pub(in crate::framework) name: &'n Node,
    /// The name where only a part of what is written is the name.
    pub(in crate::framework) short: Option<&'n str>,
    /// The version, branch, tag or commit.
    pub(in crate::framework) reference: Option<String>,
    /// Whether what the reference names cannot change.
    pub(in crate::framework) is_pinned: bool,
    /// Whether it stands outside of the repository.
    pub(in crate::framework) is_remote: bool,
    /// The file in it.
    pub(in crate::framework) file: Option<&'n Node>,
    /// A hash that it is compared with.
    pub(in crate::framework) integrity: Option<&'n Node>,
}

impl<'n> Include<'n> {
    /// What stands outside of the repository: `name`, or the part `short` of it, at `reference`. It is pinned when that names
    /// one content by its form.
    pub(in crate::framework) fn remote(
        kind: &'static str,
        name: &'n Node,
        short: Option<&'n str>,
        reference: Option<&str>,
    ) -> Self {
        Self {
            kind,
            name,
            short,
            reference: reference.map(str::to_owned),
            is_pinned: reference.is_some_and(is_immutable_ref),
            is_remote: true,
            file: None,
            integrity: None,
        }
    }
}

/// The view of something that is loaded.
pub(in crate::framework) fn include(what: &Include<'_>, syntax: Syntax) -> Node {
    let span = what.name.span;
    let is_open = |text: &str| expansion::has_any(text, syntax);
    let name = what.short.or_else(|| what.name.as_str()).filter(|text| !is_open(text));
    let reference = what.reference.as_deref();
    let mut attributes = Attributes::new(span);
    attributes.text("kind", span, what.kind);
    attributes.known("name", span, name.map(str::to_owned));
    if let Some(reference) = reference {
        attributes.known("ref", span, (!is_open(reference)).then(|| reference.to_owned()));
    }
    let is_known = reference.is_none_or(|text| !is_open(text));
    attributes.known_flag("is_pinned", span, is_known.then_some(what.is_pinned));
    let is_moving = reference.is_none_or(is_moving_ref);
    attributes.known_flag("is_versioned", span, is_known.then_some(what.is_pinned || !is_moving));
    attributes.flag("is_remote", span, what.is_remote);
    attributes.maybe("file", what.file.cloned());
    attributes.maybe("integrity", what.integrity.cloned());
    attributes.finish()
}

/// Whether a reference names one state for ever: a whole commit id, or a digest.
pub(in crate::framework) fn is_immutable_ref(reference: &str) -> bool {
    let hex = reference.rsplit(':').next().unwrap_or(reference);
    matches!(hex.len(), 40 | 64) && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a reference moves on by itself: a branch, or a word for the newest.
pub(in crate::framework) fn is_moving_ref(reference: &str) -> bool {
    let name = reference.trim_start_matches("refs/heads/");
    name != reference
        || matches!(name, "" | "latest" | "volatile" | "master" | "main" | "develop" | "HEAD" | "~latest" | "trunk")
        || name.starts_with("dev:")
}
