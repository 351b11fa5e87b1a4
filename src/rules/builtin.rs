//! The packs that are compiled into the program.

use super::schema::Rule;
use super::stored;

/// What `build.rs` made of `rules/`.
static PACKS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/packs.bin"));

/// Every built-in rule, in the order of the ids.
///
/// # Panics
///
/// Never in a program whose tests ran: the bytes are written by the build of this very program from the same types.
#[must_use]
#[allow(clippy::expect_used, reason = "there is no input that could make it fail, and a test reads the bytes")]
pub fn rules() -> Vec<Rule> {
    stored::read(PACKS).expect("the built-in packs match their schema")
}

#[cfg(test)]
mod tests {
    use crate::rules::condition::Check;
    use crate::rules::schema::{Detect, Source};

    #[test]
    fn the_builtin_packs_load() {
        let rules = super::rules();
        assert!(rules.iter().any(|rule| rule.id == "github-personal-access-token"));
        assert!(rules.is_sorted_by(|a, b| a.id < b.id));
    }

    /// Nothing else reads all of the packed parts, and what cannot be read would end a scan.
    #[test]
    fn every_part_of_every_rule_can_be_decoded() {
        for rule in super::rules() {
            assert!(!rule.details.description.is_empty(), "{}", rule.id);
            match &rule.detect {
                Detect::Secret(secret) => match &secret.source {
                    Source::Patterns(patterns) => assert!(!patterns.is_empty(), "{}", rule.id),
                    Source::Assigned(assigned) => assert!(!assigned.value.is_empty(), "{}", rule.id),
                    Source::Native { check, .. } => assert!(!check.is_empty(), "{}", rule.id),
                    Source::Gitleaks(_) => panic!("{} is of another tool", rule.id),
                },
                Detect::Policy(policy) => {
                    for binding in &policy.bindings {
                        let is_named = !matches!(&binding.demand.check, Check::Native(name) if name.is_empty());
                        assert!(is_named, "{}", rule.id);
                    }
                }
                Detect::Suppression(check) => assert!(!check.is_empty(), "{}", rule.id),
            }
        }
    }
}
