//! `config.toml` of Cargo: registries, sources, programs, variables, flags.

use std::borrow::Cow;

use super::attributes::{Attributes, extent, table, text};
use super::files::{Files, join};
use super::{View, Views, dependency, flags, origin, profile};
use crate::document::node::{Entry, Node};
use crate::tree_path;

/// Lists what the configuration `index` declares.
pub(super) fn list(views: &mut Views<'_, '_>, files: &Files<'_>, index: usize) {
    // Paths of a configuration begin in the directory that has `.cargo`.
    let directory = tree_path::directory(files.directory(index));
    registries(views);
    programs(views);
    overrides(views, directory);
    variables(views);
    flags::of_config(views);
    flags::of_profiles(views);
    profile::list(views, Some(true));
    dependency::list(views, files, index);
}

fn registries(views: &mut Views<'_, '_>) {
    let root = views.root;
    for (section, kind, url) in [("registries", "registry", "index"), ("source", "source", "registry")] {
        for entry in table(root, &[section]) {
            let Some(name) = entry.key.as_str() else { continue };
            let mut attributes = Attributes::written(&entry.value);
            attributes.text(entry.key.span, "name", name);
            for (key, value) in [url, "git"].iter().filter_map(|key| Some((key, entry.value.get(key)?))) {
                attributes.flag(value.span, &format!("{key}_is_plain"), value.as_str().is_some_and(origin::is_plain));
            }
            push(views, kind, format!("{section}.{name}"), entry, attributes);
        }
    }
}

/// Programs that Cargo runs because the configuration says so, in the settings `rustc`, `linker`, `runner` and the like.
fn programs(views: &mut Views<'_, '_>) {
    let root = views.root;
    let of_build = ["rustc", "rustc-wrapper", "rustc-workspace-wrapper", "rustdoc"].into_iter();
    let of_build = of_build.filter_map(|key| Some((format!("build.{key}"), root.get("build")?.entry(key)?)));
    let of_targets = table(root, &["target"]).iter().flat_map(|target| {
        let name = target.key.as_str().unwrap_or_default();
        let settings = ["linker", "runner"].into_iter();
        settings.filter_map(move |key| Some((format!("target.{name}.{key}"), target.value.entry(key)?)))
    });
    let providers = table(root, &["registries"]).iter().chain(root.entry("registry")).filter_map(|registry| {
        let name = registry.key.as_str().unwrap_or_default();
        Some((format!("registries.{name}.credential-provider"), registry.value.entry("credential-provider")?))
    });
    let global = root.get("registry").and_then(|registry| registry.entry("global-credential-providers"));
    let global = global.map(|entry| ("registry.global-credential-providers".to_owned(), entry));
    let found: Vec<(String, &Entry)> = of_build.chain(of_targets).chain(providers).chain(global).collect();
    for (address, entry) in found {
        // A list is the program and its arguments, or one program after the other; the first word of a text is the program.
        let items = entry.value.as_sequence().map_or_else(|| vec![&entry.value], |items| items.iter().collect());
        let is_split = entry.value.as_str().is_some_and(|_| address.ends_with(".runner"));
        let mut attributes = Attributes::default();
        let first = items.iter().find_map(|item| Some((item.as_str()?, item.span)));
        if let Some((written, span)) = first {
            let program = if is_split { written.split_ascii_whitespace().next().unwrap_or_default() } else { written };
            attributes.text(span, "program", program);
            attributes.flag(span, "is_in_tree", is_relative(program) || items.iter().any(|item| is_script(item)));
        }
        attributes.text(entry.key.span, "setting", entry.key.as_str().unwrap_or_default());
        attributes.node(
            entry.value.span,
            "words",
            Node::sequence(entry.value.span, items.into_iter().cloned().collect()),
        );
        push(views, "program", address, entry, attributes);
    }
}

/// Whether Cargo looks for the program at a place in the tree: a name without a slash is looked for along `PATH`.
fn is_relative(program: &str) -> bool {
    program.contains(['/', '\\']) && !program.starts_with(['/', '\\', '~', '$']) && program.get(1..2) != Some(":")
}

/// Whether a word is a script of the tree that an interpreter in front of it runs: `sh ./run.sh`.
fn is_script(word: &Node) -> bool {
    let mut parts = word.as_str().unwrap_or_default().split_ascii_whitespace();
    parts.any(|part| {
        is_relative(part) && [".sh", ".py", ".pl", ".rb", ".bat", ".ps1", ".js"].iter().any(|end| part.ends_with(end))
    })
}

/// `paths`: directories whose packages take the place of dependencies.
fn overrides(views: &mut Views<'_, '_>, directory: &str) {
    let Some(entry) = views.root.entry("paths") else { return };
    for item in entry.value.as_sequence().unwrap_or_default() {
        let Some(path) = item.as_str() else { continue };
        let mut attributes = Attributes::default();
        attributes.text(item.span, "path", path);
        attributes.flag(item.span, "path_leaves_tree", join(directory, path).is_none());
        views.push(View {
            kind: "path-override",
            address: format!("paths.{path}"),
            body: Cow::Owned(attributes.finish(item.span)),
            header: item.span,
            extent: item.span,
        });
    }
}

/// Variables that Cargo sets for compilers, build scripts and what it runs.
fn variables(views: &mut Views<'_, '_>) {
    for entry in table(views.root, &["env"]) {
        let Some(name) = entry.key.as_str() else { continue };
        let mut attributes = Attributes::written(&entry.value);
        if entry.value.as_str().is_some() {
            attributes.node(entry.value.span, "value", entry.value.clone());
        }
        attributes.text(entry.key.span, "name", name);
        // Without `force` a variable that is set already stays as it is.
        attributes.flag(entry.key.span, "is_forced", text(&entry.value, "force") == Some("true"));
        push(views, "environment-variable", format!("env.{name}"), entry, attributes);
    }
}

fn push(views: &mut Views<'_, '_>, kind: &'static str, address: String, entry: &Entry, attributes: Attributes) {
    let body = Cow::Owned(attributes.finish(entry.value.span));
    views.push(View { kind, address, body, header: entry.key.span, extent: extent(entry) });
}
