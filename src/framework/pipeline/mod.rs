//! What the pipelines of all systems have in common: jobs, scripts, images and what is included, in one shape.
//!
//! The reader of a system makes a [`Views`] of a file: one tree for each resource that the file declares. They are kept as
//! the roots of its document, the pipeline first, and [`resources`] lists them. `docs/views/pipelines.md` describes them.

mod expansion;
mod image;
mod include;
mod scalar;
mod script;
mod variables;
mod views;

#[cfg(test)]
pub(super) mod tests;

pub(super) use self::expansion::Syntax;
pub(super) use self::include::{Include, is_immutable_ref};
pub(super) use self::script::{Interpreter, Script};
pub(super) use self::variables::Variables;
pub use self::views::resources;
pub(super) use self::views::{Place, Views, weight};

use crate::document::node::{Entry, Mapping, Node, Value};

/// A mapping as written, to which attributes are added; an empty one for anything else.
pub(super) fn extended(node: &Node, added: Vec<Entry>) -> Node {
    let mut mapping = match &node.value {
        Value::Mapping(mapping) => mapping.clone(),
        Value::Unknown => Mapping { entries: Vec::new(), is_open: true },
        _ => Mapping::default(),
    };
    mapping.entries.extend(added);
    Node::new(node.span, Value::Mapping(mapping))
}

/// The mapping `root` with its first entry; `None` when it has none.
pub(super) fn headed(root: &Node) -> Option<(&Node, &Entry)> {
    Some((root, root.as_mapping()?.first()?))
}

/// The items of a list; what is no list is its own only item, and nothing has none.
pub(super) fn items(node: &Node) -> &[Node] {
    match &node.value {
        Value::Sequence(items) => items,
        _ if node.is_null() => &[],
        _ => std::slice::from_ref(node),
    }
}

/// The key that a line of YAML begins with when it is not indented, without quotes, and what stands behind its colon.
pub(super) fn line_key(line: &str) -> Option<(&str, &str)> {
    let line = line.strip_prefix('\u{FEFF}').unwrap_or(line);
    if line.starts_with([' ', '\t', '#', '-']) {
        return None;
    }
    let (key, rest) = line.split_once(':')?;
    let key = key.trim_end().trim_matches(['"', '\'']);
    (!key.is_empty() && (rest.is_empty() || rest.starts_with([' ', '\t', '\r']))).then_some((key, rest.trim()))
}

/// Whether one of `keys` begins a line of the YAML `text`.
pub(super) fn has_key(text: &str, keys: &[&str]) -> bool {
    text.lines().any(|line| line_key(line).is_some_and(|(key, _)| keys.contains(&key)))
}

/// The name of the file at `path`, in small letters, without the end that says YAML; `None` for other files.
pub(super) fn yaml_stem(path: &str) -> Option<String> {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    name.strip_suffix(".yml").or_else(|| name.strip_suffix(".yaml")).map(str::to_owned)
}
