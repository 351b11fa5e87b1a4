//! Dependencies, in whatever table and form they are written.

use std::borrow::Cow;

use super::attributes::{Attributes, extent, table, text};
use super::files::{Files, Workspace, join};
use super::manifest::is_trial;
use super::{MAX_DEPENDENCIES, View, Views, names, origin};
use crate::document::node::{Entry, Node};
use crate::span::Span;

/// A table of dependencies.
pub(super) struct Table<'n> {
    /// What sort it is: `dependencies`, `dev-dependencies`, `build-dependencies`, `workspace.dependencies`, `patch` or
    /// `replace`.
    pub(super) kind: &'static str,
    /// The platform that a table below `target` is for.
    target: Option<&'n str>,
    /// The source that a table below `patch` patches.
    patches: Option<&'n str>,
    pub(super) entries: &'n [Entry],
}

/// The tables of a package, with the names that Cargo still takes for them.
const SORTS: [(&str, &str); 5] = [
    ("dependencies", "dependencies"),
    ("dev-dependencies", "dev-dependencies"),
    ("dev_dependencies", "dev-dependencies"),
    ("build-dependencies", "build-dependencies"),
    ("build_dependencies", "build-dependencies"),
];

/// The tables of dependencies of a manifest, or of a configuration, which has patches only.
pub(super) fn tables(root: &Node) -> impl Iterator<Item = Table<'_>> {
    let own =
        SORTS.iter().map(|&(key, kind)| Table { kind, target: None, patches: None, entries: table(root, &[key]) });
    let targets = table(root, &["target"]).iter().flat_map(|entry| {
        let target = entry.key.as_str();
        let of_target = move |&(key, kind)| Table { kind, target, patches: None, entries: table(&entry.value, &[key]) };
        SORTS.iter().map(of_target)
    });
    let inherited = Table {
        kind: "workspace.dependencies",
        target: None,
        patches: None,
        entries: table(root, &["workspace", "dependencies"]),
    };
    let patches = table(root, &["patch"]).iter().map(|entry| Table {
        kind: "patch",
        target: None,
        patches: entry.key.as_str(),
        entries: entry.value.as_mapping().unwrap_or_default(),
    });
    let replaced = Table { kind: "replace", target: None, patches: None, entries: table(root, &["replace"]) };
    own.chain(targets).chain([inherited]).chain(patches).chain([replaced])
}

/// How many dependencies a manifest has.
pub(super) fn count(root: &Node) -> usize {
    tables(root).map(|table| table.entries.len()).sum()
}

/// Lists the dependencies of file `index`.
pub(super) fn list(views: &mut Views<'_, '_>, files: &Files<'_>, index: usize) {
    let root = views.root;
    let workspace = match files.workspace(index) {
        Workspace::Root(root) => Some(files.directory(root)),
        Workspace::Elsewhere => None,
    };
    let place = Place { directory: files.directory(index), workspace };
    let mut left = MAX_DEPENDENCIES;
    for table in tables(root) {
        for entry in table.entries.iter().take(left) {
            let Some(key) = entry.key.as_str() else { continue };
            views.push(View {
                kind: "dependency",
                address: table.address(key),
                body: Cow::Owned(body(&table, key, entry, &place)),
                header: entry.key.span,
                extent: extent(entry),
            });
        }
        left -= table.entries.len().min(left);
    }
}

/// Where a manifest stands.
struct Place<'f> {
    directory: &'f str,
    /// The directory of its workspace, where that is known.
    workspace: Option<&'f str>,
}

impl Table<'_> {
    fn address(&self, key: &str) -> String {
        match (self.target, self.patches) {
            (Some(target), _) => format!("target.{target}.{}.{key}", self.kind),
            (_, Some(source)) => format!("{}.{source}.{key}", self.kind),
            _ => format!("{}.{key}", self.kind),
        }
    }
}

/// The attributes of a dependency.
fn body(table: &Table<'_>, key: &str, entry: &Entry, place: &Place<'_>) -> Node {
    let span = entry.key.span;
    let mut attributes = Attributes::written(&entry.value);
    // `name = "1.0"` is short for `name = { version = "1.0" }`.
    let short = entry.value.as_str();
    if let Some(version) = short {
        attributes.text(entry.value.span, "version", version);
    }
    let package = entry.value.get("package");
    // `[replace]` names what it replaces with a version: `foo:0.1.0`.
    let replaced = if table.kind == "replace" { key.rsplit('#').next() } else { None };
    let name = package.and_then(Node::as_str).or_else(|| replaced?.split(':').next()).unwrap_or(key);
    let name_span = package.map_or(span, |package| package.span);
    attributes.text(name_span, "name", name);
    attributes.text(span, "table", table.kind);
    if let Some(target) = table.target {
        attributes.text(span, "target", target);
    }
    if let Some(source) = table.patches {
        attributes.text(span, "patches", source);
    }
    let source = source_kind(&entry.value);
    attributes.text(span, "source_kind", source);
    attributes.flag(span, "is_trial", is_trial(place.directory));
    let version = short.map(|version| (version, entry.value.span));
    let version = version.or_else(|| entry.value.get("version").and_then(|node| Some((node.as_str()?, node.span))));
    if let Some((version, span)) = version {
        attributes.flag(span, "is_wildcard", is_wildcard(version));
        attributes.flag(span, "is_unbounded", is_unbounded(version));
    }
    if let Some(git) = entry.value.get("git") {
        let (pin, span) = git_pin(&entry.value, git.span);
        attributes.text(span, "git_pin", pin);
        attributes.flag(git.span, "is_plain", git.as_str().is_some_and(origin::is_plain));
    }
    if let Some(index) = entry.value.get("registry-index") {
        attributes.flag(index.span, "is_plain", index.as_str().is_some_and(origin::is_plain));
    }
    if let Some(path) = entry.value.get("path")
        && let Some(written) = path.as_str()
    {
        let joined = join(place.directory, written);
        attributes.flag(path.span, "path_leaves_tree", joined.is_none());
        match place.workspace {
            Some(root) => {
                let is_inside = joined.is_some_and(|joined| is_below(&joined, root));
                attributes.flag(path.span, "path_leaves_workspace", !is_inside);
            }
            None => attributes.node(path.span, "path_leaves_workspace", Node::unknown(path.span)),
        }
    }
    if matches!(source, "registry" | "alternative-registry")
        && let Some(popular) = names::similar_to(name)
    {
        attributes.text(name_span, "similar_to", popular);
    }
    attributes.finish(entry.value.span)
}

/// Where Cargo takes the dependency from.
fn source_kind(value: &Node) -> &'static str {
    let has = |key| value.get(key).is_some();
    if text(value, "workspace") == Some("true") {
        "workspace"
    } else if has("git") {
        "git"
    } else if has("path") {
        "path"
    } else if has("registry") || has("registry-index") {
        "alternative-registry"
    } else {
        "registry"
    }
}

/// How firmly a dependency on git says which commit it means, and where.
fn git_pin(value: &Node, git: Span) -> (&'static str, Span) {
    if let Some(rev) = value.get("rev") {
        return (rev.as_str().map_or("reference", origin::pin), rev.span);
    }
    if let Some(tag) = value.get("tag") {
        return ("tag", tag.span);
    }
    value.get("branch").map_or(("none", git), |branch| ("branch", branch.span))
}

/// Whether `directory` is `root` or lies below it.
fn is_below(directory: &str, root: &str) -> bool {
    root.is_empty() || directory.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a requirement takes every version.
fn is_wildcard(requirement: &str) -> bool {
    let mut comparators = requirement.split(',').map(str::trim);
    comparators.all(|one| {
        let is_star = !one.is_empty() && one.split('.').all(|part| matches!(part, "*" | "x" | "X"));
        let from_zero = one.strip_prefix(">=").map(str::trim);
        is_star || from_zero.is_some_and(|version| version.split('.').all(|part| part == "0"))
    })
}

/// Whether a requirement takes every later version, whatever it breaks: `>=1.2`, and nothing that bounds it.
fn is_unbounded(requirement: &str) -> bool {
    !is_wildcard(requirement) && requirement.split(',').all(|one| one.trim().starts_with('>'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_without_an_upper_bound() {
        for requirement in ["*", " * ", "*.*", ">=0", ">= 0.0.0", "x"] {
            assert!(is_wildcard(requirement) && !is_unbounded(requirement), "{requirement}");
        }
        for requirement in [">=1.2", "> 1", ">=0.3, >0.4"] {
            assert!(!is_wildcard(requirement) && is_unbounded(requirement), "{requirement}");
        }
        for requirement in ["1", "1.*", "^1.2", "~1", "=1.2.3", ">=1, <2", "0.*", "", "0"] {
            assert!(!is_wildcard(requirement) && !is_unbounded(requirement), "{requirement}");
        }
    }
}
