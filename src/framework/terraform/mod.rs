//! Configuration of Terraform and OpenTofu.

use super::Source;
use super::declared::Evaluated;
use crate::document::hcl::syntax::Body;
use crate::document::{Document, hcl};

/// Whether the file at `path` is configuration, variables or a plan, by its name and a look at its text.
#[must_use]
pub fn is_terraform(path: &str, text: &str) -> bool {
    let _ = text;
    path.ends_with(".tf")
}

/// Reads a file of Terraform.
#[must_use]
pub fn read(path: &str, text: &str) -> (Body, Document) {
    let _ = path;
    hcl::read(text)
}

/// Evaluates the configurations among `sources`.
pub fn evaluate(sources: &[Source], out: &mut Evaluated) {
    let _ = (sources, out);
}
