//! All rules of a run, in the order of their ids.

use super::schema::Rule;

/// The rules of a run, sorted by id.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    rules: Vec<Rule>,
}

impl Catalogue {
    /// A catalogue of `rules`.
    #[must_use]
    pub fn new(mut rules: Vec<Rule>) -> Self {
        rules.sort_by(|a, b| a.id.cmp(&b.id));
        Self { rules }
    }

    /// Every rule, sorted by id.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule with this id, or with this id among its aliases.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Rule> {
        match self.rules.binary_search_by(|rule| rule.id.as_str().cmp(id)) {
            Ok(index) => Some(&self.rules[index]),
            Err(_) => self.rules.iter().find(|rule| rule.aliases.iter().any(|alias| alias == id)),
        }
    }
}
