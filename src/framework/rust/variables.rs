//! The variables of a function, with what is known of each where the walk has come to.

use std::collections::HashMap;
use std::rc::Rc;

use super::fact::{Constant, Fact, Taint};

/// Variables by name, the innermost one last.
#[derive(Debug, Default)]
pub(super) struct Variables {
    by_name: HashMap<Rc<str>, Vec<Fact>>,
    /// Names in the order of their declaration.
    declared: Vec<Rc<str>>,
}

/// How many variables there were when a block began.
#[derive(Clone, Copy)]
pub(super) struct Mark(usize);

impl Variables {
    pub(super) fn mark(&self) -> Mark {
        Mark(self.declared.len())
    }

    /// Forgets what was declared since.
    pub(super) fn leave(&mut self, mark: Mark) {
        for name in self.declared.drain(mark.0.min(self.declared.len())..) {
            if let Some(facts) = self.by_name.get_mut(&name) {
                facts.pop();
                if facts.is_empty() {
                    self.by_name.remove(&name);
                }
            }
        }
    }

    pub(super) fn declare(&mut self, name: &str, mut fact: Fact) {
        let name: Rc<str> = name.into();
        fact.variable = Some(Rc::clone(&name));
        self.by_name.entry(Rc::clone(&name)).or_default().push(fact);
        self.declared.push(name);
    }

    pub(super) fn get(&self, name: &str) -> Option<&Fact> {
        self.by_name.get(name)?.last()
    }

    fn get_mut(&mut self, name: &str) -> Option<&mut Fact> {
        self.by_name.get_mut(name)?.last_mut()
    }

    /// Something else is assigned: its value is no constant, and who controlled one of the values may control it.
    pub(super) fn assign(&mut self, name: &str, value: &Fact) {
        if let Some(fact) = self.get_mut(name) {
            fact.constant = Constant::Unknown;
            fact.length = None;
            fact.interpolates |= value.interpolates;
            if fact.template.is_none() {
                fact.template.clone_from(&value.template);
            }
            fact.tainted_by(value);
        }
    }

    /// `taint` flows into it.
    pub(super) fn taint(&mut self, name: &str, taint: Option<&Rc<Taint>>) {
        if let Some(fact) = self.get_mut(name) {
            fact.constant = Constant::Unknown;
            if fact.taint.is_none() {
                fact.taint = taint.cloned();
            }
        }
    }

    /// A check was made on it: from here on nobody is taken to control it.
    pub(super) fn checked(&mut self, name: &str) {
        if let Some(fact) = self.get_mut(name) {
            fact.taint = None;
        }
    }
}
