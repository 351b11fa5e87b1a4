//! Text into located trees. A parse error is a value: what can be read is read, and the rest is said with its place.

pub mod json;
pub mod node;
mod parsed;
pub mod template;
pub mod toml;
pub mod yaml;
mod yaml_tree;

pub use self::parsed::{Document, ParseError};

#[cfg(test)]
mod tests;
