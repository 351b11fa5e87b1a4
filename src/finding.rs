//! The finding: what every engine produces, every filter judges and every report prints.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::fingerprint::Fingerprint;
use crate::span::{Region, Span};

/// How bad it is when the finding is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Weakens a defence that others back up.
    Low,
    /// Exploitable with effort or luck.
    Medium,
    /// Exploitable as it stands.
    High,
    /// Hands over control or data at once.
    Critical,
}

/// How sure the engine is that the finding is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// A hint: worth a look, often wrong.
    Low,
    /// More likely true than not.
    Medium,
    /// Proven by structure or checksum, or so specific that a false alarm is rare.
    High,
}

/// The kind of danger, from a fixed list. Gates set their thresholds by category.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// A credential in plain text.
    Secret,
    /// Reachable by anyone.
    PublicExposure,
    /// Who may do what: IAM, RBAC, authentication.
    AccessControl,
    /// Data readable at rest or in transit.
    Encryption,
    /// Network reach that is wider than needed.
    Network,
    /// No trace of what happened.
    Logging,
    /// Code or images that somebody else can change.
    SupplyChain,
    /// Untrusted text that becomes code.
    Injection,
    /// A process with more privilege than it needs.
    Privilege,
    /// Missing limits, probes or copies.
    Availability,
    /// Loss of data with no way back.
    Backup,
    /// Risky program code.
    Code,
    /// Good practice without a direct danger.
    Practice,
}

macro_rules! names {
    ($type:ty, $what:literal, $($variant:ident => $name:literal),+ $(,)?) => {
        impl $type {
            /// Every value, in ascending order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable name, as used in rules, configuration and reports.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.name())
            }
        }

        impl FromStr for $type {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                match text {
                    $($name => Ok(Self::$variant),)+
                    _ => Err(format!(concat!("unknown ", $what, " `{}`; use one of: {}"), text,
                        [$($name),+].join(", "))),
                }
            }
        }
    };
}

names!(Severity, "severity", Info => "info", Low => "low", Medium => "medium", High => "high", Critical => "critical");
names!(Confidence, "confidence", Low => "low", Medium => "medium", High => "high");
names!(Category, "category",
    Secret => "secret", PublicExposure => "public-exposure", AccessControl => "access-control",
    Encryption => "encryption", Network => "network", Logging => "logging", SupplyChain => "supply-chain",
    Injection => "injection", Privilege => "privilege", Availability => "availability", Backup => "backup",
    Code => "code", Practice => "practice");

/// Where a finding stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Location {
    /// Path relative to the scan root, with `/` on every platform.
    pub path: Arc<str>,
    /// Bytes in the decoded text of the file.
    pub span: Span,
    /// The same place in lines and columns.
    pub region: Region,
}

/// A place that helps to understand a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RelatedLocation {
    /// Where.
    pub location: Location,
    /// What stands there.
    pub message: String,
}

/// Source lines around a finding, with every secret of the file masked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Excerpt {
    /// Number of the first line in `lines`, from 1.
    pub first_line: u32,
    /// The lines without their breaks. A masked secret keeps its length in characters (`*`), so that columns hold.
    pub lines: Vec<String>,
}

/// What backs a finding, safe to print.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// The secret in redacted form (see [`crate::secret::Secret::redacted`]), or the offending value.
    pub value: String,
    /// What the engine established: `checksum valid`, `account 123456789012`, `expired 2020-01-01`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<String>,
}

/// Who silenced a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SuppressionKind {
    /// A comment in the scanned file (SARIF `inSource`).
    Inline,
    /// An entry of the baseline file (SARIF `external`).
    Baseline,
}

/// Why a finding does not count. It stays in the reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Suppression {
    /// By what means.
    pub kind: SuppressionKind,
    /// The reason given, if any.
    pub justification: Option<String>,
}

/// Where the scanned bytes came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// A file of the scanned tree.
    #[default]
    Tree,
    /// Standard input.
    Stdin,
}

/// One problem at one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<RelatedLocation>,
    /// The address of the resource, as its users know it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// What backs it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    /// Identity that outlives moves and reformatting.
    pub fingerprint: Fingerprint,
    /// Where the bytes came from.
    pub origin: Origin,
    /// Source lines for a reader.
    pub excerpt: Excerpt,
    /// Set when it does not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suppression: Option<Suppression>,
}

impl Finding {
    /// The order of reports: by place, then by rule. Total over distinct findings, so output never depends on threads.
    #[must_use]
    pub fn order(&self, other: &Self) -> std::cmp::Ordering {
        self.location
            .cmp(&other.location)
            .then_with(|| self.rule.cmp(&other.rule))
            .then_with(|| self.fingerprint.cmp(&other.fingerprint))
    }

    /// Whether it counts: nothing suppresses it.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.suppression.is_none()
    }
}
