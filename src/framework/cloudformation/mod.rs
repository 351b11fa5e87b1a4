//! Templates of AWS CloudFormation and the Serverless Application Model.

use super::Source;
use super::declared::Evaluated;
use crate::document::{self, Document};

/// Whether the file at `path` is a template, by its name and a look at its text.
#[must_use]
pub fn is_cloudformation(path: &str, text: &str) -> bool {
    let _ = (path, text);
    false
}

/// Reads a template in YAML or JSON.
#[must_use]
pub fn read(path: &str, text: &str) -> Document {
    document::read_data(path, text)
}

/// Evaluates the templates among `sources`.
pub fn evaluate(sources: &[Source], out: &mut Evaluated) {
    let _ = (sources, out);
}
