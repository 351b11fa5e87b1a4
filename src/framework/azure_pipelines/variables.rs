//! Variables of a pipeline, a stage or a job: a mapping, or a list of names and values.

use super::{Syntax, Variables, flat_entries, flattened};
use crate::document::node::{Entry, Node};

/// Sets the `variables` of `holder`.
pub(super) fn set(variables: &mut Variables<'_>, holder: &Node) {
    let Some(list) = holder.get("variables") else { return };
    if list.as_sequence().is_none() {
        for Entry { key, value } in flat_entries(list) {
            variables.set(key, value, Syntax::AzurePipelines);
        }
        return;
    }
    for item in flattened(list) {
        if let (Some(name), Some(value)) = (item.get("name"), item.get("value")) {
            variables.set(name, value, Syntax::AzurePipelines);
        }
    }
}
