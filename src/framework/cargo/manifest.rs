//! Packages and workspaces.

use std::borrow::Cow;

use super::attributes::{Attributes, extent, is_true, text};
use super::files::{Files, Workspace};
use super::{View, Views, dependency, flags, profile};
use crate::document::node::Node;

/// Directories that hold packages which nobody installs.
const TRIALS: &[&str] = &[
    "benches",
    "bench",
    "example",
    "examples",
    "fixture",
    "fixtures",
    "fuzz",
    "test",
    "test-data",
    "test_data",
    "testdata",
    "tests",
    "templates",
    "ui",
];

/// Lists what the manifest `index` declares.
pub(super) fn list(views: &mut Views<'_, '_>, files: &Files<'_>, index: usize) {
    let is_root = match files.workspace(index) {
        Workspace::Root(root) => Some(root == index),
        Workspace::Elsewhere => Some(false),
    };
    package(views, files, index);
    workspace(views, is_trial(files.directory(index)));
    dependency::list(views, files, index);
    profile::list(views, is_root);
    flags::of_profiles(views);
}

/// Whether `directory` is one for tests, examples or measurements, or lies in one.
pub(super) fn is_trial(directory: &str) -> bool {
    directory.split('/').any(|part| TRIALS.contains(&part))
}

fn package(views: &mut Views<'_, '_>, files: &Files<'_>, index: usize) {
    let root = views.root;
    // `[project]` is what `[package]` was called.
    let Some(entry) = root.entry("package").or_else(|| root.entry("project")) else { return };
    let package = &entry.value;
    let directory = files.directory(index);
    let found = files.targets(directory);
    let span = entry.key.span;
    let name = text(package, "name").unwrap_or_default();
    let is_off = |key| text(package, key) == Some("false");
    let has_binary = root.get("bin").is_some() || (found.has_binary && !is_off("autobins"));
    let has_library = root.get("lib").is_some() || (found.has_library && !is_off("autolib"));
    let build = package.entry("build").filter(|build| build.value.as_str() != Some("false"));
    let has_build_script = build.is_some() || (found.has_build_script && !is_off("build"));
    let library = root.get("lib");
    let is_macro = library.is_some_and(|library| is_true(library, "proc-macro") || is_true(library, "proc_macro"));
    let publish = package.get("publish");
    let is_private = publish.is_some_and(|publish| {
        publish.as_str() == Some("false") || publish.as_sequence().is_some_and(<[Node]>::is_empty)
    });
    let mut attributes = Attributes::written(package);
    for (name, value) in [
        ("has_binary", has_binary),
        ("has_library", has_library),
        ("has_build_script", has_build_script),
        ("is_proc_macro", is_macro),
        ("is_private", is_private),
        ("is_trial", is_trial(directory)),
        ("is_root", files.workspace(index) == Workspace::Root(index)),
    ] {
        attributes.flag(span, name, value);
    }
    views.push(View {
        kind: "package",
        address: format!("package.{name}"),
        body: Cow::Owned(attributes.finish(package.span)),
        header: package.entry("name").map_or(span, |name| name.value.span),
        extent: extent(entry),
    });
    if !has_build_script {
        return;
    }
    let place =
        build.map_or_else(|| package.entry("name").map_or(span, |name| name.value.span), |build| build.value.span);
    let path = build.map_or(Some("build.rs"), |build| match build.value.as_str() {
        // `build = true` is what is found anyway.
        Some("true") => Some("build.rs"),
        written => written,
    });
    let mut attributes = Attributes::default();
    if let Some(path) = path {
        attributes.text(place, "path", path);
        // Seen from the package: what leads out of it is not published with it.
        attributes.flag(place, "leaves_package", super::files::join("", path).is_none());
    }
    attributes.text(place, "package", name);
    views.push(View {
        kind: "build-script",
        address: format!("package.{name}.build"),
        body: Cow::Owned(attributes.finish(place)),
        header: place,
        extent: extent(entry),
    });
}

fn workspace(views: &mut Views<'_, '_>, is_trial: bool) {
    let root = views.root;
    let Some(entry) = root.entry("workspace") else { return };
    let mut attributes = Attributes::written(&entry.value);
    attributes.flag(entry.key.span, "is_trial", is_trial);
    views.push(View {
        kind: "workspace",
        address: "workspace".to_owned(),
        body: Cow::Owned(attributes.finish(entry.value.span)),
        header: entry.key.span,
        extent: extent(entry),
    });
}
