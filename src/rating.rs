//! Severity, confidence and category: the three judgements on a finding.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

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
                    // The text is not repeated: in a file that was named by mistake it could be a secret.
                    _ => Err(format!(concat!("unknown ", $what, "; use one of: {}"), [$($name),+].join(", "))),
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
