//! Checks that no condition can express, by name.

mod environment;
mod keys;

use super::evaluate::Subject;
use super::witness::Witness;

/// Looks at a resource and says what is wrong with it.
pub(super) type NativeCheck = fn(Subject<'_>) -> Vec<Witness>;

/// The check called `name`.
pub(super) fn check(name: &str) -> Option<NativeCheck> {
    CHECKS.iter().find(|(known, _)| *known == name).map(|(_, check)| *check)
}

const CHECKS: &[(&str, NativeCheck)] = &[
    ("dangling-environment-reference", environment::dangling),
    ("duplicate-environment-variable", environment::duplicate),
    ("unsorted-keys", keys::unsorted),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::names::POLICY_CHECKS;

    #[test]
    fn every_name_that_a_rule_may_use_has_its_check() {
        let names: Vec<&str> = CHECKS.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, POLICY_CHECKS);
    }
}
