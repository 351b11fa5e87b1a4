//! Text into located trees. A parse error is a value: what can be read is read, and the rest is said with its place.

pub mod braces;
pub mod dockerfile;
pub mod excerpt;
pub mod groovy;
pub mod hcl;
pub mod json;
pub mod node;
mod parsed;
pub mod rust;
pub mod shell;
pub mod template;
pub mod toml;
pub mod yaml;
mod yaml_tree;

pub use self::parsed::{Document, ParseError};

#[cfg(test)]
mod tests;

/// Reads YAML or JSON, as the name says, or a template of YAML, as name and text say.
#[must_use]
pub fn read_data(path: &str, text: &str) -> Document {
    let is_json = path.rsplit_once('.').is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("json"));
    if is_json {
        json::read(text)
    } else if template::is_template(path, text) {
        template::read_yaml(text)
    } else {
        yaml::read(text)
    }
}
