//! Rules into the form that is evaluated: operators compiled, parameters filled in, the meaning of `at` settled.

use std::cell::Cell;
use std::collections::BTreeMap;

use super::operators::Operator;
use crate::rules::condition::{Condition, Parameter, Test};
use crate::rules::path::Path;

/// A compiled [`Condition`].
pub(super) enum Compiled {
    All(Vec<Compiled>),
    Any(Vec<Compiled>),
    Not(Box<Compiled>),
    At {
        path: Path,
        question: Question,
        /// Whether every value that the path reaches must pass, or one.
        every: bool,
    },
    Items {
        path: Path,
        that: Box<Compiled>,
        every: bool,
    },
    Linked {
        types: Vec<String>,
        via: Option<String>,
        that: Option<Box<Compiled>>,
    },
    Declared {
        types: Vec<String>,
        is_other: bool,
        that: Option<Box<Compiled>>,
    },
}

/// What is asked of one value.
pub(super) enum Question {
    Operator(Operator),
    /// It equals one of the values at this path.
    InValues(Path),
}

/// Compiles the conditions of one rule.
pub(super) struct Compiler<'a> {
    /// The rule's parameters.
    pub(super) parameters: &'a [Parameter],
    /// What the user set them to.
    pub(super) values: Option<&'a BTreeMap<String, Vec<String>>>,
    /// Set when a parameter without any value was asked for: what compares with it waits to be configured.
    pub(super) is_unset: Cell<bool>,
}

impl Compiler<'_> {
    /// Compiles `condition`, which stands in a `deny` or in a `require`: a path that reaches several values asks for one that
    /// is wrong, so in a `deny` one that passes the test is enough and in a `require` each must pass; `not` turns it round.
    pub(super) fn compile(&self, condition: &Condition, denies: bool) -> Result<Compiled, String> {
        let all = |conditions: &[Condition]| -> Result<Vec<Compiled>, String> {
            conditions.iter().map(|condition| self.compile(condition, denies)).collect()
        };
        Ok(match condition {
            Condition::All(conditions) => Compiled::All(all(conditions)?),
            Condition::Any(conditions) => Compiled::Any(all(conditions)?),
            Condition::Not(condition) => Compiled::Not(Box::new(self.compile(condition, !denies)?)),
            Condition::At { path, test } => {
                let question = match test {
                    Test::InValues(other) => Question::InValues(other.clone()),
                    test => Question::Operator(Operator::new(test, &|name| self.parameter(name))?),
                };
                Compiled::At { path: path.clone(), question, every: !denies }
            }
            Condition::Each { path, that } => self.items(path, that, denies, true)?,
            Condition::Some { path, that } => self.items(path, that, denies, false)?,
            Condition::Declared { types, is_other, that } => {
                let that = that.as_ref().map(|that| self.compile(that, denies)).transpose()?;
                Compiled::Declared { types: types.clone(), is_other: *is_other, that: that.map(Box::new) }
            }
            Condition::Linked { types, via, that } => {
                let that = that.as_ref().map(|that| self.compile(that, denies)).transpose()?;
                Compiled::Linked { types: types.clone(), via: via.clone(), that: that.map(Box::new) }
            }
        })
    }

    fn items(&self, path: &Path, that: &Condition, denies: bool, every: bool) -> Result<Compiled, String> {
        Ok(Compiled::Items { path: path.clone(), that: Box::new(self.compile(that, denies)?), every })
    }

    fn parameter(&self, name: &str) -> Option<Vec<String>> {
        let set = self.values.and_then(|values| values.get(name));
        let default = || self.parameters.iter().find(|parameter| parameter.name == name).map(|p| &p.default);
        let values = set.or_else(default).cloned();
        self.is_unset.set(self.is_unset.get() || values.as_ref().is_some_and(Vec::is_empty));
        values
    }
}
