//! Text into located trees. A parse error is a value: what can be read is read, and the rest is said with its place.

pub mod json;
pub mod node;
mod parsed;
pub mod toml;
pub mod yaml;
mod yaml_tree;

pub use self::parsed::{Document, ParseError};

/// Reads YAML or JSON, as the name says.
#[must_use]
pub fn read_data(path: &str, text: &str) -> Document {
    if path.ends_with(".json") { json::read(text) } else { yaml::read(text) }
}
