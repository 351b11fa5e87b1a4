//! Rust source: calls, types, attributes and blocks as resources, each with what is known of it where it stands.
//!
//! A file is read by itself, and looks at no other: names are followed through its `use` declarations, constants and the
//! variables of a function, and who controls a value is followed within one function. What is not certain is not said.

mod calls;
mod comments;
mod expressions;
mod fact;
mod imports;
mod interest;
mod items;
mod macros;
mod node;
mod taint;
mod types;
mod variables;
mod walk;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::Arc;

pub use self::interest::Interest;
use self::node::{Body, Text};
pub use self::taint::words_of_source;
use self::walk::Walker;
pub use self::walk::{Piece, Pieces};
use super::{Resource, Scope, Source};
use crate::document::{Document, ParseError, rust};
use crate::platform::Platform;
use crate::span::Span;

/// Whether the file holds Rust source.
#[must_use]
pub fn is_rust(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, extension)| extension == "rs")
}

/// Reads a file, as far as `interest` asks for what is in it.
#[must_use]
pub fn read(path: &Arc<str>, text: &str, interest: &Interest) -> Source {
    let (document, pieces) = pieces(path, text, interest);
    Source {
        path: Arc::clone(path),
        text: Arc::from(text),
        platform: Platform::Rust,
        document,
        hcl: None,
        rust: pieces,
        part: None,
    }
}

fn pieces(path: &str, text: &str, interest: &Interest) -> (Document, Pieces) {
    let parsed = match rust::parse(text) {
        Ok(parsed) => parsed,
        Err(error) => return (Document { errors: vec![error], ..Document::default() }, Pieces::default()),
    };
    let place = Text { text, base: parsed.base };
    let mut walker = Walker::new(place, interest, &parsed.comments, &parsed.deep_macros);
    walker.imports.collect(&parsed.file.items);
    walker.survey(&parsed.file.items);
    let facts = FileFacts::new(path, &parsed.file);
    walker.is_test = facts.is_test;
    walker.attributes(&parsed.file.attrs, "file");
    walker.items(&parsed.file.items);
    let mut pieces = walker.out;
    let header = Span::new(parsed.base, parsed.base);
    let node = facts.node(header);
    if interest.wants("file") {
        pieces.pieces.push(Piece {
            kinds: vec!["file".into()],
            address: "file".into(),
            body: node.clone(),
            header,
            extent: Span::new(0, text.len()),
            function: None,
        });
    }
    pieces.file = Some(node);
    let errors = pieces.cuts.iter().map(|&(offset, why)| ParseError { offset, message: why.to_owned() }).collect();
    (Document { comments: parsed.comments, errors, ..Document::default() }, pieces)
}

/// What a file is, by its path and its attributes.
struct FileFacts {
    name: String,
    kind: &'static str,
    is_test: bool,
    is_proc_macro: bool,
}

impl FileFacts {
    fn new(path: &str, file: &syn::File) -> Self {
        let name = path.rsplit('/').next().unwrap_or(path);
        let folder = |wanted: &str| path.split('/').rev().skip(1).any(|folder| folder == wanted);
        let stem = name.strip_suffix(".rs").unwrap_or(name);
        let is_test_file = folder("tests")
            || folder("test")
            || folder("testing")
            || matches!(stem, "test" | "tests" | "testing" | "test_utils" | "test_helpers" | "testutil")
            || stem.ends_with("_test")
            || stem.ends_with("_tests");
        let kind = if name == "build.rs" && !folder("src") {
            "build-script"
        } else if is_test_file {
            "test"
        } else if folder("benches") {
            "bench"
        } else if folder("examples") {
            "example"
        } else if name == "main.rs" || folder("bin") {
            "binary"
        } else {
            "library"
        };
        let is_proc_macro = file.items.iter().any(|item| match item {
            syn::Item::Fn(function) => function.attrs.iter().any(|attribute| {
                ["proc_macro", "proc_macro_derive", "proc_macro_attribute"]
                    .iter()
                    .any(|name| attribute.path().is_ident(name))
            }),
            _ => false,
        });
        let is_test = matches!(kind, "test" | "bench" | "example") || items::is_test(&file.attrs);
        Self { name: name.to_owned(), kind, is_test, is_proc_macro }
    }

    fn node(&self, header: Span) -> crate::document::node::Node {
        let mut body = Body::at(header);
        body.text("name", &self.name);
        body.text("kind", self.kind);
        body.flag("is_test", self.is_test);
        body.flag("is_build_script", self.kind == "build-script");
        body.flag("is_proc_macro", self.is_proc_macro);
        body.node()
    }
}

/// Appends the resources of the file `index` to `out`.
pub(super) fn resources<'a>(index: usize, source: &'a Source, out: &mut Vec<Resource<'a>>) {
    let pieces = &source.rust;
    for piece in &pieces.pieces {
        let mut scopes = Vec::new();
        if let Some(file) = &pieces.file {
            let header = Span::default();
            scopes.push(Scope { name: "file", node: Cow::Borrowed(file), base: "$file".to_owned(), header });
        }
        if let Some((node, header)) = piece.function.and_then(|function| pieces.functions.get(function)) {
            let base = "$function".to_owned();
            scopes.push(Scope { name: "function", node: Cow::Borrowed(node), base, header: *header });
        }
        for kind in &piece.kinds {
            out.push(Resource {
                source: index,
                kind: Cow::Borrowed(&**kind),
                address: Arc::clone(&piece.address),
                body: Cow::Borrowed(&piece.body),
                base: String::new(),
                header: piece.header,
                extent: piece.extent,
                scopes: scopes.clone(),
                object: out.len(),
            });
        }
    }
}
