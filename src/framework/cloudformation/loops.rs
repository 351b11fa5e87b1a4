//! `Fn::ForEach`: entries that are written once and stand for many.

use super::evaluator::Evaluator;
use super::values::constant;
use crate::document::node::{Entry, Node, Value};

/// Begins the key of a loop.
const LOOP: &str = "Fn::ForEach::";

/// Longest key or name, in bytes, that a variable is put into, and longest value that is put there.
const MAX_NAME: usize = 1024;

/// What is called for each entry, with the loops around it in force.
pub(super) type Visit<'v, 'n, 't> = dyn FnMut(&mut Evaluator<'t>, &'n Entry) + 'v;

impl<'t> Evaluator<'t> {
    /// Calls `visit` for each of `entries`, and in place of a loop for each that it makes. Returns whether there may be more:
    /// the body of a loop over what is not known is visited once, with its variable not known.
    pub(super) fn each_entry<'n>(&mut self, entries: &'n [Entry], visit: &mut Visit<'_, 'n, 't>) -> bool {
        let mut is_open = false;
        for entry in entries {
            match entry.key.as_str() {
                // What it adds is not known.
                Some("Fn::Transform") => is_open = true,
                Some(key) if key.starts_with(LOOP) => is_open |= self.repeat(&entry.value, visit),
                _ => visit(self, entry),
            }
        }
        is_open
    }

    /// A loop: `[variable, collection, {key: value}]`.
    fn repeat<'n>(&mut self, written: &'n Node, visit: &mut Visit<'_, 'n, 't>) -> bool {
        let Some([variable, collection, body]) = written.as_sequence() else { return true };
        let (Some(variable), Some(body)) = (variable.as_str(), body.as_mapping()) else { return true };
        let (items, mut is_open) = match self.value(collection) {
            Some(Node { value: Value::Sequence(items), .. }) => (items, false),
            _ => (vec![Node::unknown(collection.span)], true),
        };
        for item in items {
            if !self.charge(variable.len()) {
                return true;
            }
            self.loops.push((variable.to_owned(), constant(&item, item.span)));
            is_open |= self.each_entry(body, visit);
            self.loops.pop();
        }
        is_open
    }

    /// `text`, a key or name, with the variables of the loops around it put in: `${Name}` and `&{Name}`.
    pub(super) fn with_variables(&self, text: &str) -> String {
        let mut out = text.to_owned();
        for (variable, value) in self.loops.iter().rev() {
            let value = value.as_str().filter(|value| value.len() <= MAX_NAME);
            if let Some(value) = value.filter(|_| out.len() <= MAX_NAME && out.contains('{')) {
                out = out.replace(&format!("${{{variable}}}"), value);
                let letters: String = value.chars().filter(char::is_ascii_alphanumeric).collect();
                out = out.replace(&format!("&{{{variable}}}"), &letters);
            }
        }
        out
    }
}
