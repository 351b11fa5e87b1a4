//! The rule as data: what a pack says once it is checked, and what the compiled built-in packs hold.

use serde::{Deserialize, Serialize};

use super::condition::PolicyRule;
use super::gitleaks::schema::GitleaksRule;
use super::packed::Packed;
use crate::rating::{Category, Confidence, Severity};
use crate::span::Position;

/// One control: metadata for people, and how to detect what it forbids.
///
/// It serialises to what `lockgate rules show` prints.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rule {
    /// Kebab-case, names the bad thing, never reused.
    pub id: String,
    /// Earlier ids of this rule, still understood in suppressions and configuration.
    pub aliases: Vec<String>,
    /// A noun phrase, as a heading.
    pub title: String,
    /// How bad.
    pub severity: Severity,
    /// How sure, before the engine weighs the evidence of one match.
    pub confidence: Confidence,
    /// The kind of danger.
    pub category: Category,
    /// Which set of rules it belongs to.
    pub profile: Profile,
    /// What only a finding of this rule is in need of.
    #[serde(flatten)]
    pub details: Packed<Details>,
    /// How it is detected.
    pub detect: Detect,
}

/// What a rule says to those who have a finding of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// Why it matters.
    pub description: String,
    /// What to change, concretely.
    pub remediation: String,
    /// The provider's own documentation.
    pub references: Vec<String>,
    /// Numbers of the Common Weakness Enumeration.
    pub cwe: Vec<u32>,
    /// The same check in other tools, as `tool:id`.
    pub equivalents: Vec<String>,
}

/// Which set of rules a rule belongs to. A scan runs `default` unless told otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Profile {
    /// Dangers: what may block.
    #[default]
    Default,
    /// Further defences.
    Hardening,
    /// Opinion.
    Style,
}

/// How a rule finds what it forbids.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Detect {
    /// A credential in text.
    Secret(Packed<SecretRule>),
    /// A condition on resources.
    Policy(PolicyRule),
    /// Something about suppressions, found when all else is; the name of the check.
    Suppression(String),
}

/// How one kind of credential is recognised in text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SecretRule {
    /// Where candidates come from.
    pub source: Source,
    /// Only in files whose path matches one of these globs; empty means everywhere.
    pub paths: Vec<String>,
    /// Least Shannon entropy of the secret, in bits per byte.
    pub entropy: Option<f32>,
    /// Names of offline validators, all of which must accept the secret.
    pub validate: Vec<String>,
    /// A word that must stand near the match.
    pub near: Option<Near>,
    /// What belongs to the credential and stands apart from the secret.
    pub parts: Vec<CredentialPart>,
    /// Regexes over the secret; a match means it is none.
    pub allow: Vec<String>,
    /// Whether values that look like placeholders are kept.
    pub keep_placeholders: bool,
}

/// Where the candidates of a secret rule come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Source {
    /// Regexes, each with its prefilter.
    Patterns(Vec<Pattern>),
    /// A value of a given shape, assigned to or standing beside a name of the provider.
    Assigned(Assigned),
    /// Code in the engine, called at each hit of a keyword.
    Native {
        /// Name of the check.
        check: String,
        /// Literals that call it.
        keywords: Vec<String>,
    },
    /// A rule of gitleaks or betterleaks, with the meaning that it has there.
    Gitleaks(GitleaksRule),
}

/// A regex (byte-oriented, Unicode off) that captures the group `secret`, and what must be seen before it is tried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pattern {
    /// The regex.
    pub regex: String,
    /// What must be seen first.
    pub trigger: Trigger,
    /// How many leading bytes of every secret are fixed by the regex: they name the kind of token and may be shown.
    pub public_prefix: usize,
    /// Every match begins at the beginning of a word, so that a literal in the middle of one need not be tried.
    pub starts_word: bool,
    /// What the secrets begin with, up to a separator: whatever begins so claims to be such a token.
    pub claims: Vec<String>,
}

/// What must be seen in a text before a regex is tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trigger {
    /// Every match starts with one of these literals: the regex is tried right there, and nowhere else.
    Prefix(Vec<Prefix>),
    /// One of these literals stands in or close to every match: the regex is searched around it.
    Keyword(Vec<String>),
    /// Tried over the whole file; only allowed with `paths`.
    File,
}

/// A literal with which matches begin.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Prefix {
    /// Its text; small letters where case does not count.
    pub text: String,
    /// Whether capitals and small letters differ.
    pub exact: bool,
}

/// A value beside a provider's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assigned {
    /// Names, lower case; `_` stands for any one separator or none.
    pub names: Vec<String>,
    /// Regex of the value.
    pub value: String,
}

/// Something that belongs to a credential and stands apart from its secret, such as the id that goes with a key. Where both
/// stand close together, they are one finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialPart {
    /// Ids of the rules of which one finds it.
    pub any: Vec<String>,
    /// How many lines up and down it may stand.
    pub lines: u32,
    /// What it is, in words: `access key id`. Without, it is called as the rule that found it.
    #[serde(rename = "as")]
    pub name: Option<String>,
    /// Where the pack says so; nowhere for a built-in rule, which its build has checked.
    #[serde(skip)]
    pub place: Position,
}

impl CredentialPart {
    /// What is wanted, wherever that is said; fewer rules come first.
    #[must_use]
    pub fn wish(&self) -> impl Ord + '_ {
        (self.any.len(), &self.any, self.lines, &self.name)
    }
}

/// A companion that turns a vague shape into evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Near {
    /// Words of which one must stand near, compared without regard to case.
    pub any: Vec<String>,
    /// How many lines up and down count as near.
    pub lines: u32,
}
