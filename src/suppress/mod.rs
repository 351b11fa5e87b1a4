//! What silences a finding: comments and annotations in the scanned file, waivers, the baseline, and the lists of other
//! scanners.
//!
//! It stands between the engines and the gate. A silenced finding is marked and stays in every report; nothing here drops
//! one, and nothing here decides a verdict. The scanned text is not trusted: where a comment is not clearly one, the
//! finding stays.

pub mod annotations;
pub mod baseline;
mod comment;
pub mod external;
mod external_lists;
pub mod inline;
mod marker;
mod peers;
pub mod practice;
mod reach;
mod reason;
pub mod target;
pub mod waiver;

/// Whether the check `id` of `tool`, however it is spelt, is the check `equivalent` (`tool:id`).
#[must_use]
pub fn names_check(tool: &str, id: &str, equivalent: &str) -> bool {
    let peer = match tool {
        "checkov" => marker::Peer::Checkov,
        "hadolint" => marker::Peer::Hadolint,
        "kics" => marker::Peer::Kics,
        "trivy" => marker::Peer::Trivy,
        "zizmor" => marker::Peer::Zizmor,
        _ => return equivalent.split_once(':') == Some((tool, id)),
    };
    peer.names(id, equivalent)
}

#[cfg(test)]
mod testing {
    use crate::finding::{Category, Confidence, Finding, Location, Severity};
    use crate::fingerprint::{Fingerprint, Identity, Subject};
    use crate::secret::Secret;
    use crate::span::{Region, Span};

    /// The `ordinal`-th finding of `rule` in the file `path`, always of the same secret.
    pub(super) fn finding(rule: &str, path: &str, ordinal: u32) -> Finding {
        let secret = Secret::new("correct horse battery staple");
        let identity = Identity { rule, path, subject: Subject::Secret(&secret), ordinal };
        Finding::new(
            rule,
            String::new(),
            (Severity::High, Confidence::High, Category::Secret),
            Location { path: path.into(), span: Span::new(0, 1), region: Region::default() },
            Fingerprint::of(&identity),
        )
    }
}
