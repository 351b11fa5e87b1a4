//! Text into located trees. A parse error is a value: what can be read is read, and the rest is said with its place.

pub mod dockerfile;
pub mod excerpt;
pub mod node;
pub mod shell;
pub mod yaml;

use self::node::Node;
use crate::span::Span;

/// What was read of one text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// The documents in the text: one for most formats, any number for YAML.
    pub roots: Vec<Node>,
    /// Comments, in order, each with what opens it and without the line break behind it.
    pub comments: Vec<Span>,
    /// What could not be read.
    pub errors: Vec<ParseError>,
    /// The text is a template of another language (Helm, Jinja): its expressions stand as unknown values.
    pub is_template: bool,
}

/// A part of a text that could not be read, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// Byte offset in the text.
    pub offset: usize,
    /// What is wrong.
    pub message: String,
}
