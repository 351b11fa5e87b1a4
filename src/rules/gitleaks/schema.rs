//! What a rule of gitleaks or betterleaks says, once it is checked: regexes in the syntax of this engine, lists merged.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A rule of a configuration of gitleaks or betterleaks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GitleaksRule {
    /// Literals, small letters, of which one must stand somewhere in the file. Empty: the rule looks at every file.
    pub keywords: Vec<String>,
    /// What it looks for.
    pub part: Part,
    /// What must stand near a match of it.
    pub required: Vec<Required>,
    /// It reports nothing: another rule requires it.
    pub is_hidden: bool,
}

/// What one rule looks for, without what other rules add to it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// The regex over the text. Without one, a file is reported for its path.
    pub regex: Option<String>,
    /// Number of the group that holds the secret; 0 for the first that is not empty, or all of the match.
    pub group: usize,
    /// A regex that the path must match.
    pub path: Option<String>,
    /// The secret's Shannon entropy must be above this.
    pub entropy: Option<f64>,
    /// What is not reported. Rules share the lists of their file.
    pub allow: Vec<Arc<AllowList>>,
}

/// A list of things that are not reported.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllowList {
    /// Each kind of entry that is there must fit; otherwise one entry is enough.
    pub all: bool,
    /// What the regexes are matched on.
    pub target: AllowTarget,
    /// Regexes over the path.
    pub paths: Vec<String>,
    /// A directory whose path fits is left out with all that is in it, as it is not even walked.
    pub is_global: bool,
    /// Regexes over the target.
    pub regexes: Vec<String>,
    /// Small letters; the secret holds one of them, whatever its case.
    pub stopwords: Vec<String>,
}

/// What the regexes of a list are matched on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum AllowTarget {
    /// The secret.
    #[default]
    Secret,
    /// All of the match.
    Match,
    /// The lines on which the match stands.
    Line,
}

/// Another rule that must match near.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Required {
    /// The id that it has in the configuration.
    pub id: String,
    /// What it looks for.
    pub part: Part,
    /// How many lines the beginnings of the two matches may be apart.
    pub lines: Option<u32>,
    /// How many columns.
    pub columns: Option<u32>,
}
