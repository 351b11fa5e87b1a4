//! Declarative pipelines of Jenkins.

use super::{Resource, Source};
use crate::document::Document;

/// Whether the file at `path` is one, by its name and a look at its text.
#[must_use]
pub fn is_jenkinsfile(path: &str, text: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let _ = (name, text);
    name == "Jenkinsfile"
}

/// Reads one.
#[must_use]
pub fn read(text: &str) -> Document {
    let _ = text;
    Document::default()
}

/// Lists what the file at `index`, which is `source`, declares.
pub fn resources<'a>(index: usize, source: &'a Source, out: &mut Vec<Resource<'a>>) {
    let _ = (index, source, out);
}
