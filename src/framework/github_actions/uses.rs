//! What `uses` refers to: an action, a reusable workflow, an image, or something in the same repository.

use super::attributes::Attributes;
use crate::document::node::Node;
use crate::span::Span;
use crate::tree_path;

/// A reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Uses<'a> {
    /// `owner/repository/path@ref`
    Repository {
        /// The account.
        owner: &'a str,
        /// The repository.
        repository: &'a str,
        /// The folder or file in it, as written; may be empty.
        path: &'a str,
        /// What stands behind the `@`.
        reference: Option<&'a str>,
    },
    /// `./path` or `$/path`
    Local(&'a str),
    /// `docker://image`
    Docker(&'a str),
}

impl<'a> Uses<'a> {
    /// Reads the value of `uses`; `None` when it is none of them.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let text = text.trim();
        if let Some(image) = text.strip_prefix("docker://") {
            return Some(Self::Docker(image));
        }
        if text.starts_with("./") || text.starts_with("../") || text.starts_with("$/") {
            return Some(Self::Local(text));
        }
        let (name, reference) = text.split_once('@').map_or((text, None), |(name, at)| (name, Some(at)));
        let mut parts = name.splitn(3, '/');
        let (owner, repository) = (parts.next()?, parts.next()?);
        let path = parts.next().unwrap_or_default();
        (!owner.is_empty() && !repository.is_empty()).then_some(Self::Repository { owner, repository, path, reference })
    }

    /// `owner/repository`, or with its path, in small letters and without needless parts.
    pub(super) fn name(&self) -> Option<String> {
        let Self::Repository { owner, repository, path, .. } = self else { return None };
        let path = tree_path::join_confined("", path);
        let slash = if path.is_empty() { "" } else { "/" };
        Some(format!("{owner}/{repository}{slash}{path}").to_ascii_lowercase())
    }

    /// Whether it is bound to content: a full commit hash, or the digest of an image.
    pub(super) fn is_pinned(&self) -> bool {
        match self {
            Self::Repository { reference, .. } => reference.is_some_and(is_hash),
            Self::Local(_) => true,
            Self::Docker(image) => image.contains("@sha256:"),
        }
    }
}

/// Whether `reference` is the full hash of a commit.
pub(super) fn is_hash(reference: &str) -> bool {
    matches!(reference.len(), 40 | 64) && reference.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The version that the comment behind `span` names: `# v4.2.2`, `# tag=v4`, `# 1.0`.
fn version_comment(span: Span, source: &str) -> Option<String> {
    let line = source.get(span.end..)?.lines().next()?;
    let comment = line.split_once('#')?.1;
    let word = |text: &str| {
        let text = text.trim_start_matches("tag=").trim_start_matches('@');
        let rest = text.strip_prefix('v').unwrap_or(text);
        rest.starts_with(|c: char| c.is_ascii_digit()).then(|| text.trim_end_matches([',', ';']).to_owned())
    };
    comment.split_whitespace().find_map(word)
}

/// The attributes of a reference.
pub(super) fn node(value: &Node, source: &str) -> Option<Node> {
    let text = value.as_str()?;
    let span = value.span;
    let mut attributes = Attributes::default();
    attributes.text("text", span, text.trim());
    let Some(uses) = Uses::parse(text) else {
        attributes.text("type", span, "unreadable");
        return Some(attributes.finish(span));
    };
    attributes.flag("is_pinned", span, uses.is_pinned());
    match &uses {
        Uses::Docker(image) => {
            attributes.text("type", span, "image");
            attributes.text("image", span, *image);
        }
        Uses::Local(path) => {
            attributes.text("type", span, "local");
            attributes.text("path", span, *path);
        }
        Uses::Repository { owner, repository, path, reference } => {
            let is_workflow = path.contains(".github/workflows/");
            attributes.text("type", span, if is_workflow { "workflow" } else { "action" });
            attributes.text("owner", span, owner.to_ascii_lowercase());
            attributes.text("repository", span, format!("{owner}/{repository}").to_ascii_lowercase());
            attributes.text("name", span, uses.name().unwrap_or_default());
            if !path.is_empty() {
                attributes.text("path", span, *path);
                let is_plain = tree_path::join_confined("", path) == *path;
                attributes.flag("has_needless_path", span, !is_plain);
            } else if text.split('@').next().is_some_and(|name| name.ends_with('/')) {
                attributes.flag("has_needless_path", span, true);
            }
            if let Some(reference) = reference {
                attributes.text("ref", span, *reference);
                attributes.flag("is_hash", span, is_hash(reference));
            }
            let comment = version_comment(span, source);
            let of_ref = reference.filter(|text| !is_hash(text) && version_like(text));
            if let Some(version) = of_ref.map(str::to_owned).or_else(|| comment.clone()) {
                attributes.text("version", span, version);
            }
            if let Some(comment) = comment {
                attributes.text("version_comment", span, comment);
            }
            if let Some(popular) = resembled(owner) {
                attributes.text("resembles", span, popular);
            }
        }
    }
    Some(attributes.finish(span))
}

fn version_like(text: &str) -> bool {
    let rest = text.strip_prefix('v').unwrap_or(text);
    rest.starts_with(|c: char| c.is_ascii_digit())
}

/// Accounts whose actions are used so widely that a look-alike is worth registering.
const POPULAR: &[&str] = &[
    "actions",
    "actions-rs",
    "anchore",
    "aquasecurity",
    "astral-sh",
    "aws-actions",
    "azure",
    "codecov",
    "cypress-io",
    "dependabot",
    "docker",
    "dtolnay",
    "github",
    "google-github-actions",
    "golangci",
    "goreleaser",
    "gradle",
    "hashicorp",
    "jetbrains",
    "microsoft",
    "peter-evans",
    "pnpm",
    "pre-commit",
    "pypa",
    "rubygems",
    "slackapi",
    "softprops",
    "sonarsource",
    "step-security",
    "swatinem",
    "taiki-e",
    "trufflesecurity",
];

/// The popular account that `owner` is nearly, and is not.
fn resembled(owner: &str) -> Option<&'static str> {
    let owner = owner.to_ascii_lowercase();
    // Short names are near to too many others.
    if owner.len() < 4 || owner.len() > 40 || POPULAR.contains(&owner.as_str()) {
        return None;
    }
    POPULAR.iter().copied().filter(|popular| popular.len() > 4).find(|popular| is_one_edit(&owner, popular))
}

/// Whether one letter more, less, another, or two in a row the other way round make `left` of `right`.
fn is_one_edit(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    let front = left.iter().zip(right).take_while(|(a, b)| a == b).count();
    let back =
        |left: &[u8], right: &[u8]| left.iter().rev().zip(right.iter().rev()).take_while(|(a, b)| a == b).count();
    let (rest_left, rest_right) = (left.get(front..).unwrap_or_default(), right.get(front..).unwrap_or_default());
    let same = back(rest_left, rest_right);
    match (rest_left.get(..rest_left.len() - same), rest_right.get(..rest_right.len() - same)) {
        (Some([]), Some([_])) | (Some([_]), Some([] | [_])) => true,
        (Some([a, b]), Some([c, d])) => a == d && b == c,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_references() {
        let hash = "11bd71901bbe5b1630ceea73d27597364c9af683";
        let pinned = format!("actions/cache/save@{hash}");
        let uses = Uses::parse(&pinned).unwrap();
        assert_eq!(uses.name().as_deref(), Some("actions/cache/save"));
        assert!(uses.is_pinned());
        assert!(!Uses::parse("actions/checkout@v4").unwrap().is_pinned());
        assert!(!Uses::parse("actions/checkout").unwrap().is_pinned());
        assert_eq!(Uses::parse("./.github/actions/x"), Some(Uses::Local("./.github/actions/x")));
        assert!(!Uses::parse("docker://alpine:3").unwrap().is_pinned());
        assert_eq!(Uses::parse("nonsense"), None);
        assert_eq!(Uses::parse("A/b/./c/../d/@v1").unwrap().name().as_deref(), Some("a/b/d"));
    }

    #[test]
    fn look_alikes_are_one_edit_away() {
        for (owner, expected) in [
            ("actiions", Some("actions")),
            ("acti0ns", Some("actions")),
            ("cations", Some("actions")),
            ("action", Some("actions")),
            ("atcions", Some("actions")),
            ("dokcer", Some("docker")),
            ("actions", None),
            ("example", None),
        ] {
            assert_eq!(resembled(owner), expected, "{owner}");
        }
    }

    #[test]
    fn versions_of_comments() {
        for (line, expected) in [
            ("x@y # v4.2.2", Some("v4.2.2")),
            ("x@y # tag=v4", Some("v4")),
            ("x@y  #1.0, pinned", Some("1.0")),
            ("x@y # pinned by hand", None),
            ("x@y", None),
        ] {
            assert_eq!(version_comment(Span::new(0, 3), line).as_deref(), expected, "{line}");
        }
    }
}
