//! All rules of a run, in the order of their ids.

use super::error::PackError;
use super::schema::Rule;

/// The rules of a run, sorted by id.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    rules: Vec<Rule>,
    notes: Vec<PackError>,
}

impl Catalogue {
    /// A catalogue of `rules`.
    #[must_use]
    pub fn new(mut rules: Vec<Rule>) -> Self {
        rules.sort_by(|a, b| a.id.cmp(&b.id));
        Self { rules, notes: Vec::new() }
    }

    /// The same catalogue with `notes` on the packs that its rules come from.
    #[must_use]
    pub fn with_notes(self, notes: Vec<PackError>) -> Self {
        Self { notes, ..self }
    }

    /// What has no effect in packs that were written for other tools, with its place.
    #[must_use]
    pub fn notes(&self) -> &[PackError] {
        &self.notes
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
