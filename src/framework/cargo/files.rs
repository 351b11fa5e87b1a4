//! The files of Cargo of a scan: which belong together.

use std::collections::{HashMap, HashSet};

use super::attributes::{is_true, table, text};
use super::{Role, dependency, role};
use crate::document::node::{Entry, Node};
use crate::framework::{Link, Resource, Source};
use crate::platform::Platform;
use crate::tree_path;

/// The files of Cargo among the sources of a scan.
#[derive(Debug)]
pub struct Files<'a> {
    sources: &'a [Source],
    /// By directory, the manifest in it.
    manifests: HashMap<&'a str, usize>,
    /// By directory, the lock file in it.
    locks: HashMap<&'a str, usize>,
    /// By directory, the configuration of cargo-deny that holds there.
    denies: HashMap<&'a str, usize>,
    /// By the index of its manifest, what a workspace holds.
    workspaces: HashMap<usize, Members>,
    /// By the directory of a package, what the places of Rust files make of it.
    targets: HashMap<&'a str, Targets>,
}

/// Directories that a workspace names, relative to the scan root.
#[derive(Debug, Default)]
struct Members {
    members: HashSet<String>,
    excluded: HashSet<String>,
}

/// Targets of a package that Cargo finds by their place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Targets {
    pub(super) has_binary: bool,
    pub(super) has_library: bool,
    pub(super) has_build_script: bool,
}

/// The manifest that a package takes its profiles, patches and lock file from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Workspace {
    /// The source with this index.
    Root(usize),
    /// One that is not among the scanned files.
    Elsewhere,
}

/// The directory of the package to which the Rust file at `path` is a target by its place.
pub(super) fn target_directory(path: &str) -> Option<(&str, Targets)> {
    let below = path.strip_suffix(".rs")?;
    let none = Targets::default();
    let binary = Targets { has_binary: true, ..none };
    // `src/bin/NAME.rs` or `src/bin/NAME/main.rs`; the last `src/bin` counts.
    let in_bin = below.rfind("src/bin/").filter(|&at| at == 0 || below.get(..at).is_some_and(|to| to.ends_with('/')));
    if let Some(at) = in_bin {
        let (directory, name) = below.split_at_checked(at)?;
        let name = name.strip_prefix("src/bin/")?;
        let is_binary = !name.contains('/') || name.split_once('/').is_some_and(|(_, file)| file == "main");
        return is_binary.then_some((directory.trim_end_matches('/'), binary));
    }
    let (directory, name) = below.rsplit_once('/').unwrap_or(("", below));
    let package = || if directory == "src" { Some("") } else { directory.strip_suffix("/src") };
    match name {
        "build" => Some((directory, Targets { has_build_script: true, ..none })),
        "main" => Some((package()?, binary)),
        "lib" => Some((package()?, Targets { has_library: true, ..none })),
        _ => None,
    }
}

/// `path` as seen from `directory`; `None` when it leads out of the scanned tree.
pub(super) fn join(directory: &str, path: &str) -> Option<String> {
    // Cargo reads a path of Windows on Windows only, and there with both separators.
    let is_absolute = path.starts_with(['/', '\\']) || path.get(1..).is_some_and(|rest| rest.starts_with(":\\"));
    if is_absolute { None } else { tree_path::join(directory, path) }
}

/// `directory` and those above it, the nearest first.
fn ancestors(directory: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(directory), |&below| (!below.is_empty()).then(|| tree_path::directory(below)))
}

impl<'a> Files<'a> {
    /// Indexes the files of Cargo among `sources`.
    #[must_use]
    pub fn new(sources: &'a [Source]) -> Self {
        let mut files = Self {
            sources,
            manifests: HashMap::new(),
            locks: HashMap::new(),
            denies: HashMap::new(),
            workspaces: HashMap::new(),
            targets: HashMap::new(),
        };
        for (index, source) in sources.iter().enumerate().filter(|(_, source)| source.platform == Platform::Cargo) {
            let directory = tree_path::directory(&source.path);
            match role(&source.path) {
                Some(Role::Manifest) => {
                    files.manifests.insert(directory, index);
                    if let Some(workspace) = source.document.roots.first().and_then(|root| root.get("workspace")) {
                        files.workspaces.insert(index, Members::new(directory, workspace));
                    }
                }
                Some(Role::Lock) => {
                    files.locks.insert(directory, index);
                }
                Some(Role::Deny) => {
                    let below = if directory == ".cargo" { Some("") } else { directory.strip_suffix("/.cargo") };
                    let holds_in = below.unwrap_or(directory);
                    files.denies.insert(holds_in, index);
                }
                _ => {
                    if let Some((package, target)) = target_directory(&source.path) {
                        let targets = files.targets.entry(package).or_default();
                        targets.has_binary |= target.has_binary;
                        targets.has_library |= target.has_library;
                        targets.has_build_script |= target.has_build_script;
                    }
                }
            }
        }
        files
    }

    pub(super) fn source(&self, index: usize) -> Option<&'a Source> {
        self.sources.get(index)
    }

    /// The directory of the file with this index.
    pub(super) fn directory(&self, index: usize) -> &'a str {
        self.sources.get(index).map_or("", |source| tree_path::directory(&source.path))
    }

    /// What the places of Rust files make of the package in `directory`.
    pub(super) fn targets(&self, directory: &str) -> Targets {
        self.targets.get(directory).copied().unwrap_or_default()
    }

    /// The workspace of the manifest with this index: the one that it names, or the nearest one above it that does not
    /// exclude it, or itself.
    pub(super) fn workspace(&self, manifest: usize) -> Workspace {
        if self.workspaces.contains_key(&manifest) {
            return Workspace::Root(manifest);
        }
        let directory = self.directory(manifest);
        let root = self.sources.get(manifest).and_then(|source| source.document.roots.first());
        let package = root.and_then(|root| root.get("package").or_else(|| root.get("project")));
        if let Some(named) = package.and_then(|package| text(package, "workspace")) {
            let named = join(directory, named);
            let named = named.and_then(|named| self.manifests.get(named.as_str()));
            return named.map_or(Workspace::Elsewhere, |&index| Workspace::Root(index));
        }
        for above in ancestors(directory).skip(1) {
            let Some(&index) = self.manifests.get(above) else { continue };
            let Some(members) = self.workspaces.get(&index) else { continue };
            if members.excludes(directory) {
                return Workspace::Root(manifest);
            }
            return Workspace::Root(index);
        }
        if root.is_some_and(inherits) { Workspace::Elsewhere } else { Workspace::Root(manifest) }
    }

    /// The links of all manifests.
    pub(super) fn links(&self, resources: &[Resource<'_>]) -> Vec<(usize, Link<'static>)> {
        let is_file =
            |resource: &&(usize, &Resource<'_>)| ["manifest", "lock", "deny-file"].contains(&&*resource.1.kind);
        let is_cargo = |source: usize| self.sources.get(source).is_some_and(|file| file.platform == Platform::Cargo);
        let all = resources.iter().enumerate().filter(|(_, resource)| is_cargo(resource.source));
        let objects: Vec<(usize, &Resource<'_>)> = all.collect();
        let of_source: HashMap<usize, usize> =
            objects.iter().filter(is_file).map(|(number, resource)| (resource.source, *number)).collect();
        let mut links = Vec::new();
        for (number, resource) in objects.iter().filter(|(_, resource)| resource.kind == "manifest") {
            let root = match self.workspace(resource.source) {
                Workspace::Root(root) => root,
                Workspace::Elsewhere => {
                    // Whatever stands beside the workspace may belong to this one.
                    links.push((*number, Link { relation: "unknown", to: *number }));
                    continue;
                }
            };
            let directory = self.directory(root);
            let deny = ancestors(directory).find_map(|above| self.denies.get(above));
            for (relation, file) in [("locks", self.locks.get(directory)), ("governs", deny)] {
                if let Some(&to) = file.and_then(|file| of_source.get(file)) {
                    links.push((*number, Link { relation, to }));
                    links.push((to, Link { relation, to: *number }));
                }
            }
        }
        links
    }
}

impl Members {
    fn new(directory: &str, workspace: &Node) -> Self {
        let named = |key: &str| -> HashSet<String> {
            let items = workspace.get(key).and_then(Node::as_sequence).unwrap_or_default();
            items.iter().filter_map(|item| join(directory, item.as_str()?)).collect()
        };
        Self { members: named("members"), excluded: named("exclude") }
    }

    /// Whether the package in `directory` is none of the workspace: it is excluded, and not named as a member.
    fn excludes(&self, directory: &str) -> bool {
        let names = |named: &HashSet<String>| ancestors(directory).any(|above| named.contains(above));
        !self.excluded.is_empty() && names(&self.excluded) && !names(&self.members)
    }
}

/// Whether a manifest takes something from a workspace.
fn inherits(root: &Node) -> bool {
    let is_inherited = |entry: &Entry| is_true(&entry.value, "workspace");
    let in_package = ["package", "project"].iter().any(|key| table(root, &[key]).iter().any(is_inherited));
    let in_lints = root.get("lints").is_some_and(|lints| is_true(lints, "workspace"));
    in_package || in_lints || dependency::tables(root).any(|table| table.entries.iter().any(is_inherited))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_told_by_their_place() {
        let place = |path| {
            target_directory(path).map(|(directory, targets)| {
                (directory, targets.has_binary, targets.has_library, targets.has_build_script)
            })
        };
        assert_eq!(place("src/main.rs"), Some(("", true, false, false)));
        assert_eq!(place("a/src/lib.rs"), Some(("a", false, true, false)));
        assert_eq!(place("a/b/src/bin/tool.rs"), Some(("a/b", true, false, false)));
        assert_eq!(place("src/bin/tool/main.rs"), Some(("", true, false, false)));
        assert_eq!(place("src/bin/tool/parse.rs"), None);
        assert_eq!(place("build.rs"), Some(("", false, false, true)));
        assert_eq!(place("a/main.rs"), None);
        assert_eq!(place("mysrc/main.rs"), None);
        assert_eq!(place("src/input.rs"), None);
        assert_eq!(place("src/main.py"), None);
    }

    #[test]
    fn paths_are_joined_inside_the_tree_only() {
        assert_eq!(join("a/b", "../c/./d").as_deref(), Some("a/c/d"));
        assert_eq!(join("", "x").as_deref(), Some("x"));
        assert_eq!(join("a", "../..").as_deref(), None);
        assert_eq!(join("a", "/usr/src/x"), None);
        assert_eq!(join("a", "C:\\x"), None);
    }
}
