//! What silences a finding: comments and annotations in the scanned file, and the baseline.
//!
//! It stands between the engines and the gate. A silenced finding is marked and stays in every report; nothing here drops
//! one, and nothing here decides a verdict. The scanned text is not trusted: where a comment is not clearly one, the
//! finding stays.

pub mod annotations;
pub mod baseline;
mod comment;
pub mod inline;
mod marker;
mod peers;
mod reach;
mod reason;
pub mod target;

#[cfg(test)]
mod testing {
    use crate::finding::{Category, Confidence, Excerpt, Finding, Location, Origin, Severity};
    use crate::fingerprint::{Fingerprint, Identity, Subject};
    use crate::secret::Secret;
    use crate::span::{Region, Span};

    /// The `ordinal`-th finding of `rule` in the file `path`, always of the same secret.
    pub(super) fn finding(rule: &str, path: &str, ordinal: u32) -> Finding {
        let secret = Secret::new("correct horse battery staple");
        let identity = Identity { rule, path, subject: Subject::Secret(&secret), ordinal };
        Finding {
            rule: rule.into(),
            message: String::new(),
            severity: Severity::High,
            confidence: Confidence::High,
            category: Category::Secret,
            location: Location { path: path.into(), span: Span::new(0, 1), region: Region::default() },
            related: Vec::new(),
            flow: Vec::new(),
            resource: None,
            evidence: None,
            fingerprint: Fingerprint::of(&identity),
            origin: Origin::Tree,
            excerpt: Excerpt::default(),
            state: None,
            introduction: None,
            fix: None,
            owners: Vec::new(),
            tools: Vec::new(),
            suppression: None,
        }
    }
}
