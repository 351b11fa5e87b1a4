//! A configuration of gitleaks or betterleaks: its rules become a pack, what it excepts is looked for in the findings.

use std::sync::Arc;

use super::{Drafts, Exception, Translation};
use crate::rules::catalogue::Catalogue;
use crate::rules::error::PackError;
use crate::rules::gitleaks;
use crate::rules::gitleaks::schema::{AllowList, AllowTarget};

/// What a configuration excepts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exceptions {
    /// Default rules that do not run, as waivers, and what is left over.
    pub translation: Translation,
    /// Lists of what is no secret, for all rules.
    pub lists: Vec<Arc<AllowList>>,
    /// It has rules of its own.
    pub has_rules: bool,
}

impl Exceptions {
    /// Reads the configuration `text`, which is the file `file`.
    ///
    /// # Errors
    ///
    /// The mistakes in it.
    pub fn read(file: &str, text: &str, catalogue: &Catalogue) -> Result<Self, Vec<PackError>> {
        let said = gitleaks::exceptions(file, text)?;
        let mut drafts = Drafts::new(file, catalogue);
        for id in &said.disabled {
            drafts.add(Exception { tool: "gitleaks", id, ..Exception::default() });
        }
        for id in &said.changed {
            drafts.leave(id, "what the file says of a default rule has no counterpart");
        }
        let mut lists = Vec::new();
        for list in said.lists {
            if list.target != AllowTarget::Secret && !list.regexes.is_empty() {
                drafts.leave(
                    "a global allow-list",
                    "its regexes are about the match or the line, which a finding does not keep",
                );
            } else {
                lists.push(list);
            }
        }
        Ok(Self { translation: drafts.finish(), lists, has_rules: said.has_rules })
    }
}
