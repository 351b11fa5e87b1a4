//! Text into located trees. A parse error is a value: what can be read is read, and the rest is said with its place.

pub mod json;
pub mod node;
mod parsed;
pub mod template;
mod template_actions;
pub mod toml;
pub mod yaml;
mod yaml_tree;

pub use self::parsed::{Document, ParseError};

#[cfg(test)]
mod tests;

/// Reads YAML or JSON, as the name says, or a template of YAML, as name and text say.
#[must_use]
pub fn read_data(path: &str, text: &str) -> Document {
    if path.ends_with(".json") {
        json::read(text)
    } else if template::is_template(path, text) {
        template::read_yaml(text)
    } else {
        yaml::read(text)
    }
}
