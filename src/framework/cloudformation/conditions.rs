//! Conditions of a template, in Kleene's logic: true, false, or not known here.

use super::evaluator::Evaluator;
use super::function::{Call, Function};
use crate::document::node::{Mapping, Node, Value};

impl Evaluator<'_> {
    /// Whether the condition `name` holds; `None` when that is not known, as for one that refers to itself.
    pub(super) fn condition(&mut self, name: &str) -> Option<bool> {
        if let Some(known) = self.conditions.get(name) {
            return *known;
        }
        let (name, node) = self.template.condition(name)?;
        self.conditions.insert(name, None);
        let truth = self.outside_of_loops(|this| this.nested(|this| this.truth(node))).flatten();
        self.conditions.insert(name, truth);
        truth
    }

    /// Whether `node`, a condition, holds.
    pub(super) fn truth(&mut self, node: &Node) -> Option<bool> {
        if let Some([entry]) = node.as_mapping().filter(|_| node.tag.is_none())
            && entry.key.as_str() == Some("Condition")
        {
            return self.condition(entry.value.as_str()?);
        }
        match self.value(node)?.as_str()? {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// What a function of conditions gives.
    pub(super) fn decide(&mut self, call: Call<'_>) -> Option<bool> {
        let argument = call.argument;
        match (call.function, argument.as_sequence()) {
            (Function::Condition, _) => self.condition(argument.as_str()?),
            (Function::Equals, Some([left, right])) => {
                let left = self.value(left)?;
                equal(&left, &self.value(right)?)
            }
            (Function::Not, Some([condition])) => self.truth(condition).map(|truth| !truth),
            (Function::And, Some(conditions)) => self.fold(conditions, false),
            (Function::Or, Some(conditions)) => self.fold(conditions, true),
            _ => None,
        }
    }

    /// `decisive` when one of the conditions is that, its contrary when all are.
    fn fold(&mut self, conditions: &[Node], decisive: bool) -> Option<bool> {
        let mut is_known = true;
        for condition in conditions {
            match self.truth(condition) {
                Some(truth) if truth == decisive => return Some(decisive),
                Some(_) => {}
                None => is_known = false,
            }
        }
        is_known.then_some(!decisive)
    }
}

/// Whether two values are the same, wherever they stand; `None` when that is not known.
pub(super) fn equal(left: &Node, right: &Node) -> Option<bool> {
    match (&left.value, &right.value) {
        (Value::Unknown, _) | (_, Value::Unknown) => None,
        (Value::Scalar { text: left, .. }, Value::Scalar { text: right, .. }) => Some(left == right),
        (Value::Sequence(left), Value::Sequence(right)) => {
            if left.len() == right.len() {
                all(left.iter().zip(right).map(|(left, right)| equal(left, right)))
            } else {
                Some(false)
            }
        }
        (Value::Mapping(left), Value::Mapping(right)) => equal_mappings(left, right),
        _ => Some(false),
    }
}

/// Mappings whose keys stand in another order are not compared: that is not known.
fn equal_mappings(left: &Mapping, right: &Mapping) -> Option<bool> {
    if left.is_open || right.is_open || left.entries.len() != right.entries.len() {
        return None;
    }
    all(left.entries.iter().zip(&right.entries).map(|(left, right)| {
        if left.key.as_str() == right.key.as_str() { equal(&left.value, &right.value) } else { None }
    }))
}

fn all(parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut truth = Some(true);
    for part in parts {
        match part {
            Some(true) => {}
            Some(false) => return Some(false),
            None => truth = None,
        }
    }
    truth
}
