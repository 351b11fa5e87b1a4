//! The finding: what every engine produces, every filter judges and every report prints.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::fingerprint::{Fingerprint, ValueHash};
pub use crate::rating::{Category, Confidence, Severity};
use crate::span::{Region, Span};

/// Where a finding stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Location {
    /// Path relative to the scan root, with `/` on every platform.
    pub path: Arc<str>,
    /// Bytes in the decoded text of the file.
    pub span: Span,
    /// The same place in lines and columns.
    pub region: Region,
}

/// A place that helps to understand a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelatedLocation {
    /// Where.
    pub location: Location,
    /// What stands there.
    pub message: String,
    /// Set where a part of the credential stands there, which would be a finding of its own if it stood alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<Part>,
}

impl RelatedLocation {
    /// A place that is no part of a credential.
    #[must_use]
    pub fn new(location: Location, message: String) -> Self {
        Self { location, message, part: None }
    }
}

/// A part of a credential, such as the id that goes with a secret: what its own finding would be called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Id of the rule that recognised it.
    pub rule: Arc<str>,
    /// The identity that it has when it stands alone.
    pub fingerprint: Fingerprint,
}

/// Source lines around a finding, with every secret of the file masked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excerpt {
    /// Number of the first line in `lines`, from 1.
    pub first_line: u32,
    /// Column of the first character of each line, from 1; above 1 where a long line is shown as a window.
    pub first_column: u32,
    /// The lines without their breaks. A masked secret keeps its length in characters (`*`), so that columns hold.
    pub lines: Vec<String>,
}

/// What backs a finding, safe to print.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The secret in redacted form (see [`crate::secret::Secret::redacted`]), or the offending value.
    pub value: String,
    /// What the engine established: `checksum valid`, `account 123456789012`, `expired 2020-01-01`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<String>,
}

/// Who silenced a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SuppressionKind {
    /// A comment in the scanned file (SARIF `inSource`).
    Inline,
    /// An entry of the baseline file (SARIF `external`).
    Baseline,
    /// A waiver of the configuration (SARIF `external`).
    Waiver,
    /// An entry of a list that another scanner has at the root of the scan (SARIF `external`).
    External,
}

/// Why a finding does not count. It stays in the reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppression {
    /// By what means.
    pub kind: SuppressionKind,
    /// The reason given, if any.
    pub justification: Option<String>,
}

/// Where the scanned bytes came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// A file of the scanned tree.
    #[default]
    Tree,
    /// Standard input.
    Stdin,
    /// The index of a git repository: what the next commit will hold.
    Index,
    /// The history of a git repository.
    History,
}

/// What a comparison with an earlier state of the repository says of a finding (SARIF 2.1.0, section 3.27.24).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It was not there.
    New,
    /// It was there with another value.
    Changed,
    /// It was there as it is.
    Existing,
}

/// Where a finding comes from in the history of a repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Introduction {
    /// The first commit that holds it, in hexadecimal digits.
    pub commit: String,
    /// When that commit was authored, in the form of RFC 3339 with the author's own offset from UTC.
    pub date: String,
    /// Whether it is still there in the commit that `HEAD` stands for.
    pub at_head: bool,
    /// The other paths that hold the same secret, or once held it, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
    /// The references from which the commit can be reached, by their full names, sorted; at most
    /// [`Introduction::MAX_REFS`].
    pub refs: Vec<String>,
}

impl Introduction {
    /// Most references that are listed.
    pub const MAX_REFS: usize = 20;
}

/// A change of the file that mends a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// What it does, in a sentence.
    pub description: String,
    /// It may break what the file is there for.
    #[serde(rename = "unsafe")]
    pub is_unsafe: bool,
    /// What is replaced, in the order of places. All of it belongs together.
    pub replacements: Vec<Replacement>,
    /// BLAKE3 of the text that the replacements are for: they fit no other.
    #[serde(skip)]
    pub base: [u8; 32],
}

/// Bytes of a file that others take the place of; of none, they are inserted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replacement {
    /// Bytes in the decoded text of the file.
    pub span: Span,
    /// The same place in lines and columns.
    pub region: Region,
    /// What comes there.
    pub text: String,
}

/// A tool that is not Lockgate, with its own name of a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ToolRule {
    /// Name of the tool, as in the `equivalents` of rules: `gitleaks`, `checkov`.
    pub tool: String,
    /// The id of the rule there.
    pub rule: String,
}

/// The form of `equivalents`: `tool:rule`.
impl fmt::Display for ToolRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.tool, self.rule)
    }
}

/// One problem at one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Id of the rule.
    pub rule: Arc<str>,
    /// One sentence: what is wrong here. Never holds a secret.
    pub message: String,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// The rule's category.
    pub category: Category,
    /// Where: the offending attribute or value.
    pub location: Location,
    /// Other places that belong to the problem, such as the id that goes with a secret.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<RelatedLocation>,
    /// The way of a value from its source to this place, which is the last of them; empty where there is none to tell.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flow: Vec<RelatedLocation>,
    /// The address of the resource, as its users know it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// What backs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    /// Identity that outlives moves and reformatting.
    pub fingerprint: Fingerprint,
    /// Of a secret, the identity of its value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_hash: Option<ValueHash>,
    /// Where the bytes came from.
    pub origin: Origin,
    /// Whether it stands on a line that the change which is judged adds or edits, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_changed_lines: Option<bool>,
    /// What a comparison with an earlier state says, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// Where it comes from, where the history was searched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub introduction: Option<Introduction>,
    /// A change of the file that mends it, where one is known to be right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
    /// Source lines for a reader.
    pub excerpt: Excerpt,
    /// Who owns the file, by the `CODEOWNERS` file of the repository.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<String>,
    /// The other tools that report it, sorted; empty for what Lockgate alone found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<ToolRule>,
    /// Set when it does not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suppression: Option<Suppression>,
}

impl Finding {
    /// A finding with what every finding has, in the scanned tree, and nothing else.
    #[must_use]
    pub fn new(
        rule: impl Into<Arc<str>>,
        message: String,
        (severity, confidence, category): (Severity, Confidence, Category),
        location: Location,
        fingerprint: Fingerprint,
    ) -> Self {
        Self {
            rule: rule.into(),
            message,
            severity,
            confidence,
            category,
            location,
            related: Vec::new(),
            flow: Vec::new(),
            resource: None,
            evidence: None,
            fingerprint,
            value_hash: None,
            origin: Origin::default(),
            on_changed_lines: None,
            state: None,
            introduction: None,
            fix: None,
            excerpt: Excerpt::default(),
            owners: Vec::new(),
            tools: Vec::new(),
            suppression: None,
        }
    }

    /// The order of reports: by place, then by rule. Total over distinct findings, so output never depends on threads.
    #[must_use]
    pub fn order(&self, other: &Self) -> std::cmp::Ordering {
        self.location
            .cmp(&other.location)
            .then_with(|| self.rule.cmp(&other.rule))
            .then_with(|| self.fingerprint.cmp(&other.fingerprint))
    }

    /// The parts of the credential that stand apart from the secret.
    pub fn parts(&self) -> impl Iterator<Item = &Part> {
        self.related.iter().filter_map(|related| related.part.as_ref())
    }

    /// Whether it counts: nothing suppresses it.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.suppression.is_none()
    }

    /// Whether the change that is judged is to blame for it: it did not stand there before, or nobody asked.
    #[must_use]
    pub fn is_of_change(&self) -> bool {
        self.state != Some(State::Existing)
    }
}
