//! References by name: an attribute that holds, letter for letter or by the same variable, what another resource is named.
//!
//! `bucket = "shop-logs"` on an `aws_s3_bucket_versioning` means the `aws_s3_bucket` with `bucket = "shop-logs"`. Only an
//! attribute that is named after the type of the other resource counts, and only a name of that one.

use std::collections::HashMap;

use super::declared::{Declared, marked, named_alike};
use crate::document::node::Node;

/// Shortest name that is looked for.
const MIN_NAME: usize = 3;
/// Shortest type that an attribute is named after.
const MIN_BASE: usize = 3;
/// Most resources of the same name that are looked at.
const MAX_NAMESAKES: usize = 64;

/// A name within what is evaluated together.
type Key<'a> = (&'a str, &'a str);

/// The resources of a scan by their names.
pub(super) struct Names<'a> {
    /// Each with its type.
    by_name: HashMap<Key<'a>, Vec<(usize, &'a str)>>,
}

impl<'a> Names<'a> {
    pub(super) fn new(numbered: &[(usize, &'a Declared)]) -> Self {
        let mut by_name: HashMap<Key<'a>, Vec<(usize, &'a str)>> = HashMap::new();
        for (number, declared) in numbered {
            let Some(world) = declared.world() else { continue };
            let mut add = |name: &'a str| by_name.entry((world, name)).or_default().push((*number, &*declared.kind));
            for entry in declared.body.as_mapping().unwrap_or_default() {
                let attribute = plain(entry.key.as_str().unwrap_or_default());
                if let Some(name) = name_of(&entry.value)
                    && is_name(&attribute, &plain(&declared.kind))
                {
                    add(name);
                }
            }
            // A template of CloudFormation is sometimes written as if a logical id were a name.
            if declared.kind.contains("::") {
                add(&declared.address);
            }
        }
        Self { by_name }
    }

    /// The resources that `value`, the value of `attribute` of the resource `number`, or an item of it, names.
    pub(super) fn named(&self, number: usize, declared: &Declared, attribute: &str, value: &Node) -> Vec<usize> {
        let Some(world) = declared.world() else { return Vec::new() };
        let attribute = plain(attribute);
        match value.as_sequence() {
            None => self.by_text(number, declared, (world, base(&attribute)), value),
            Some(items) => {
                let attribute = attribute.strip_suffix('s').unwrap_or(&attribute);
                let key = (world, base(attribute));
                items.iter().take(MAX_NAMESAKES).flat_map(|item| self.by_text(number, declared, key, item)).collect()
            }
        }
    }

    /// The resources whose type ends with `base` that `value` names.
    fn by_text(&self, number: usize, declared: &Declared, (world, base): (&str, &str), value: &Node) -> Vec<usize> {
        let Some(found) = name_of(value).and_then(|name| self.by_name.get(&(world, name))) else { return Vec::new() };
        if base.len() < MIN_BASE {
            return Vec::new();
        }
        let is_it = |(other, kind): &&(usize, &str)| {
            *other != number && **kind != *declared.kind && plain(kind).ends_with(base)
        };
        found.iter().take(MAX_NAMESAKES).filter(is_it).map(|(other, _)| *other).collect()
    }
}

/// The text that `value` is known by: its own, or that of the variable that it is.
fn name_of(value: &Node) -> Option<&str> {
    if marked(value).is_some() {
        return None;
    }
    named_alike(value).or_else(|| value.as_str().filter(|text| text.len() >= MIN_NAME && !value.is_null()))
}

/// Lower case, without what separates words.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// What an attribute is named after: `bucket` for `bucket`, `bucketname`, `bucketid`.
fn base(attribute: &str) -> &str {
    ["identifier", "name", "id"].iter().find_map(|end| attribute.strip_suffix(end)).unwrap_or(attribute)
}

/// Whether `attribute` holds the name of a resource of type `kind`: `name`, or named after the type.
fn is_name(attribute: &str, kind: &str) -> bool {
    let base = base(attribute);
    base.is_empty() || (base.len() >= MIN_BASE && kind.ends_with(base))
}
