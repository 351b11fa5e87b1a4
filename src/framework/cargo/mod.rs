//! Cargo: manifests, lock files, `config.toml` and the `deny.toml` of cargo-deny.
//!
//! The kinds, attributes and links are described in `docs/views/cargo.md`. The formats are those of the Cargo Book, chapters
//! "The Manifest Format", "Specifying Dependencies", "Profiles", "Configuration" and "Workspaces".

mod attributes;
mod config;
mod dependency;
mod files;
mod flags;
mod lock;
mod manifest;
mod names;
mod origin;
mod profile;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::Arc;

pub use self::files::Files;
use super::rust::Pieces;
use super::{Link, Resource, Scope, Source};
use crate::document::node::{Entry, Node};
use crate::document::{Document, ParseError, toml};
use crate::platform::Platform;
use crate::span::Span;

/// Most bytes of a manifest: the largest ones are lists of features.
const MAX_MANIFEST: usize = 1 << 20;
/// Most bytes of a configuration of Cargo or of cargo-deny.
const MAX_CONFIG: usize = 256 << 10;
/// Most dependencies of one manifest that are looked at, all tables together.
const MAX_DEPENDENCIES: usize = 10_000;
/// Most packages of one lock file that are looked at.
const MAX_PACKAGES: usize = 50_000;

/// What a file is to Cargo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// `Cargo.toml`.
    Manifest,
    /// `Cargo.lock`.
    Lock,
    /// `.cargo/config.toml`, or `.cargo/config` as it was called.
    Config,
    /// `deny.toml` of cargo-deny.
    Deny,
}

/// What the file at `path` is, by its name.
fn role(path: &str) -> Option<Role> {
    let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
    let is_in_cargo = directory == ".cargo" || directory.ends_with("/.cargo");
    match name {
        "Cargo.toml" => Some(Role::Manifest),
        "Cargo.lock" => Some(Role::Lock),
        "config.toml" | "config" if is_in_cargo => Some(Role::Config),
        "deny.toml" | ".deny.toml" => Some(Role::Deny),
        _ => None,
    }
}

/// Whether the file at `path` is one that Cargo or cargo-deny reads.
#[must_use]
pub fn is_cargo(path: &str) -> bool {
    role(path).is_some()
}

/// The file at `path` as a source without text, where Cargo makes a target of it because of its place: it says that a package
/// has a binary, a library or a build script.
#[must_use]
pub fn target(path: &Arc<str>) -> Option<Source> {
    files::target_directory(path)?;
    let document = Document::default();
    let text = Arc::from("");
    Some(Source {
        path: Arc::clone(path),
        text,
        platform: Platform::Cargo,
        document,
        hcl: None,
        rust: Pieces::default(),
        part: None,
    })
}

/// Whether Cargo makes a target of the file at `path` because of its place.
#[must_use]
pub fn is_target(path: &str) -> bool {
    files::target_directory(path).is_some()
}

/// Reads one of the files of Cargo.
#[must_use]
pub fn read(path: &str, text: &str) -> Document {
    // A file that a user says is of Cargo may have any name.
    let role = role(path).unwrap_or(Role::Manifest);
    let most = match role {
        Role::Manifest => MAX_MANIFEST,
        Role::Config | Role::Deny => MAX_CONFIG,
        Role::Lock => usize::MAX,
    };
    if text.len() > most {
        return Document { errors: vec![error(format!("longer than {most} bytes"))], ..Document::default() };
    }
    let mut document = toml::read(text);
    for root in &mut document.roots {
        match role {
            Role::Lock if lock::add_attributes(root) => {
                document.errors.push(error(format!("only the first {MAX_PACKAGES} packages are examined")));
            }
            Role::Manifest if dependency::count(root) > MAX_DEPENDENCIES => {
                document.errors.push(error(format!("only the first {MAX_DEPENDENCIES} dependencies are examined")));
            }
            _ => {}
        }
    }
    document
}

fn error(message: String) -> ParseError {
    ParseError { offset: 0, message }
}

/// Lists what file `index` declares.
pub fn resources<'a>(index: usize, files: &Files<'a>, out: &mut Vec<Resource<'a>>) {
    let Some(source) = files.source(index) else { return };
    let Some(root) = source.document.roots.first() else { return };
    let kind = match role(&source.path).unwrap_or(Role::Manifest) {
        Role::Manifest => "manifest",
        Role::Lock => "lock",
        Role::Config => "config",
        Role::Deny => "deny-file",
    };
    let header = root.as_mapping().and_then(<[Entry]>::first).map_or(root.span, |first| first.key.span);
    let header = Span::new(header.start, header.end.min(source.text.len()));
    let mut views = Views { index, root, header, object: out.len(), out };
    views.push(View {
        kind,
        address: kind.to_owned(),
        body: Cow::Borrowed(root),
        header,
        extent: Span::new(0, source.text.len()),
    });
    match kind {
        "manifest" => manifest::list(&mut views, files, index),
        "lock" => lock::list(&mut views),
        "config" => config::list(&mut views, files, index),
        _ => {}
    }
}

/// Links between manifests, lock files and the configuration of cargo-deny.
#[must_use]
pub fn links(files: &Files<'_>, resources: &[Resource<'_>]) -> Vec<(usize, Link<'static>)> {
    files.links(resources)
}

/// Resources of one file, as they are listed.
struct Views<'o, 'a> {
    index: usize,
    root: &'a Node,
    /// Where what the file lacks is reported.
    header: Span,
    /// Index of the resource that is the whole file: its links are those of all.
    object: usize,
    out: &'o mut Vec<Resource<'a>>,
}

/// One of them.
struct View<'a> {
    kind: &'static str,
    address: String,
    body: Cow<'a, Node>,
    header: Span,
    extent: Span,
}

impl<'a> Views<'_, 'a> {
    fn push(&mut self, view: View<'a>) {
        let file = Scope::file(self.root, self.header);
        self.out.push(Resource {
            source: self.index,
            kind: Cow::Borrowed(view.kind),
            address: view.address.into(),
            body: view.body,
            base: String::new(),
            header: view.header,
            extent: view.extent,
            scopes: vec![file],
            object: self.object,
        });
    }
}
