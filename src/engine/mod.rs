//! Engines: decoded text and compiled rules in, detections out. No engine reads a file, the clock, the environment or the
//! network.

pub mod policy;
mod regex;
pub mod secrets;

use crate::rating::Confidence;
use crate::secret::Secret;
use crate::span::Span;

/// What an engine saw, before it becomes a finding with path, lines and fingerprint.
#[derive(Clone, Debug)]
pub struct Detection {
    /// Index of the rule in the catalogue.
    pub rule: usize,
    /// Bytes of the secret.
    pub span: Span,
    /// The secret itself.
    pub secret: Secret,
    /// How many of its leading bytes may be shown.
    pub public_prefix: usize,
    /// How sure, after the evidence was weighed.
    pub confidence: Confidence,
    /// What was established about it; holds no secret.
    pub facts: Vec<String>,
    /// How specific the recognition is: the most specific detection wins on the same bytes.
    pub specificity: u8,
}
