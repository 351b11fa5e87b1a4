//! Which other directories a file of configuration calls as modules, without an evaluation.

use memchr::memmem;

use super::classify::is_json;
use super::instance::join;
use super::module::split;
use crate::document::hcl::syntax::{Body, Term};

/// The directories, relative to the scan root, that blocks `module` of the file at `path` name as their source.
pub(in crate::framework) fn called_directories(path: &str, text: &str) -> Vec<String> {
    // Native syntax has no other way to write the word; JSON has escapes.
    let has_calls = is_json(path) || memmem::find(text.as_bytes(), b"module").is_some();
    if !has_calls {
        return Vec::new();
    }
    let (body, _) = super::read(path, text);
    let directory = split(path).0;
    let mut called = Vec::new();
    // At any depth: a call inside of a `check` counts as one.
    let mut waiting: Vec<&Body> = vec![&body];
    while let Some(body) = waiting.pop() {
        for block in body.blocks() {
            if &*block.kind.text == "module" {
                called.extend(sources(&block.body).filter_map(|source| join(directory, source)));
            }
            waiting.push(&block.body);
        }
    }
    called
}

/// Whatever is written as `source`, however often: of several the evaluation takes one.
fn sources(body: &Body) -> impl Iterator<Item = &str> {
    let named = body.attributes().filter(|attribute| &*attribute.name.text == "source");
    named.filter_map(|attribute| if let Term::Text(text) = &attribute.value.term { Some(&**text) } else { None })
}
