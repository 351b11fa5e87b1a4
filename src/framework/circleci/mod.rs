//! Pipelines of CircleCI.

use super::{Resource, Source};
use crate::document::{Document, yaml};

/// Whether the file at `path` is one, by its name and a look at its text.
#[must_use]
pub fn is_circleci(path: &str, text: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let _ = (name, text);
    path.ends_with(".circleci/config.yml")
}

/// Reads one.
#[must_use]
pub fn read(text: &str) -> Document {
    yaml::read(text)
}

/// Lists what the file at `index`, which is `source`, declares.
pub fn resources<'a>(index: usize, source: &'a Source, out: &mut Vec<Resource<'a>>) {
    let _ = (index, source, out);
}
