//! How much the rules may look at in one file: a list that every item of another one is compared with takes more time than
//! any file is worth.

use std::cell::Cell;

use crate::document::node::{Node, Value};

/// Most steps in one file: a few seconds. A file of some megabytes as people write them takes a few millions.
pub const MAX_STEPS: usize = 100_000_000;

/// Bytes of a text, entries of a mapping and items of a list that are one step to look at.
const BYTES_A_STEP: usize = 16;
const ENTRIES_A_STEP: usize = 8;

/// Counts steps. When there are none left, nothing more is reached, and what was decided since does not count.
#[derive(Debug)]
pub(super) struct Steps {
    left: Cell<Option<usize>>,
}

impl Steps {
    /// With those that `spent` leaves.
    pub(super) fn after(spent: usize) -> Self {
        Self { left: Cell::new(MAX_STEPS.checked_sub(spent)) }
    }

    /// Takes `count`; whether there were so many.
    pub(super) fn take(&self, count: usize) -> bool {
        let left = self.left.get().and_then(|left| left.checked_sub(count));
        self.left.set(left);
        left.is_some()
    }

    /// Takes those for looking at what `node` holds itself.
    pub(super) fn take_for(&self, node: &Node) -> bool {
        self.take(match &node.value {
            Value::Scalar { text, .. } => 1 + text.len() / BYTES_A_STEP,
            Value::Sequence(items) => 1 + items.len() / ENTRIES_A_STEP,
            Value::Mapping(mapping) => 1 + mapping.entries.len() / ENTRIES_A_STEP,
            Value::Unknown => 1,
        })
    }

    /// All that were taken since the beginning of the file, one more than there are when they were not enough.
    pub(super) fn spent(&self) -> usize {
        self.left.get().map_or(MAX_STEPS + 1, |left| MAX_STEPS - left)
    }
}
