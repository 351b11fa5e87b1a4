//! Templates of AWS CloudFormation and the Serverless Application Model: resources with the values that their parameters,
//! mappings, conditions and functions give them.
//!
//! The kinds, attributes and links are described in `docs/views/cloudformation.md`.

mod classify;
mod conditions;
mod evaluator;
mod function;
mod loops;
mod nested;
mod parameters;
mod references;
mod resources;
mod sam;
mod selection;
mod template;
#[cfg(test)]
mod tests;
mod texts;
mod values;

pub use self::classify::is_cloudformation;
pub use self::nested::evaluate;
pub(super) use self::nested::may_nest;
use crate::document::{self, Document, json, yaml};

/// Reads a template in YAML or JSON, which its name need not say.
#[must_use]
pub fn read(path: &str, text: &str) -> Document {
    let is_json = path.rsplit_once('.').is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("json"));
    if is_json || text.trim_start_matches('\u{feff}').trim_start().starts_with('{') {
        let document = json::read(text);
        return if document.roots.is_empty() { yaml::read(text) } else { document };
    }
    if document::template::is_template("", text) { document::read_data(path, text) } else { yaml::read(text) }
}
