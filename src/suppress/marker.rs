//! A marker: who is spoken to, and about which checks.

use super::target::Target;
use crate::finding::{Category, Suppression, SuppressionKind};

/// Most ids of one marker that count.
pub(super) const MAX_IDS: usize = 64;

/// Something in a scanned file that silences findings.
#[derive(Clone, Debug)]
pub(super) struct Marker {
    pub(super) addressee: Addressee,
    pub(super) checks: Checks,
    pub(super) justification: Option<String>,
    /// Of a comment for Lockgate: where it begins in the text.
    pub(super) at: Option<usize>,
}

/// The tool that a marker is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Addressee {
    /// Lockgate: the checks are rules.
    Lockgate,
    /// A scanner that knows nothing but secrets.
    SecretScanner,
    /// A scanner for misconfigurations or code: the checks are its own.
    Peer(Peer),
}

/// Other scanners for misconfigurations and code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Peer {
    Checkov,
    Hadolint,
    Kics,
    KubeLinter,
    /// gosec and Bandit share a marker; their ids differ.
    Nosec,
    Semgrep,
    /// Trivy and tfsec, whose checks it took over.
    Trivy,
    Zizmor,
}

/// The checks that a marker names.
#[derive(Clone, Debug)]
pub(super) enum Checks {
    Every,
    Only(Vec<String>),
    /// All that the tool has, except these.
    AllBut(Vec<String>),
}

impl Marker {
    /// A marker for `peer`.
    pub(super) fn of_peer(peer: Peer, checks: Checks, justification: String) -> Self {
        Self { addressee: Addressee::Peer(peer), checks, justification: Some(justification), at: None }
    }

    /// Whether `target` is meant, wherever it stands.
    pub(super) fn means(&self, target: &Target<'_>) -> bool {
        match self.addressee {
            Addressee::Lockgate => match &self.checks {
                Checks::Every => true,
                Checks::Only(ids) => ids.iter().any(|id| id == target.rule || target.aliases.contains(id)),
                Checks::AllBut(_) => false,
            },
            Addressee::SecretScanner => target.category == Category::Secret,
            Addressee::Peer(peer) => self.means_for(peer, target),
        }
    }

    fn means_for(&self, peer: Peer, target: &Target<'_>) -> bool {
        // Of these tools, Checkov alone has checks for secrets that a marker can name.
        let is_secret = target.category == Category::Secret;
        let counts = |id: &&String| !is_secret || (peer == Peer::Checkov && id.starts_with("CKV_SECRET_"));
        let is_named = |id: &String| target.equivalents.iter().any(|equivalent| peer.names(id, equivalent));
        match &self.checks {
            Checks::Every => !is_secret,
            Checks::Only(ids) => ids.iter().filter(counts).any(is_named),
            // What the tool does not check is not spoken of.
            Checks::AllBut(ids) => {
                let is_known = target.equivalents.iter().any(|equivalent| peer.id_of(equivalent).is_some());
                !is_secret && is_known && !ids.iter().any(is_named)
            }
        }
    }

    /// What becomes of a finding that this marker silences.
    pub(super) fn suppression(&self) -> Suppression {
        Suppression { kind: SuppressionKind::Inline, justification: self.justification.clone() }
    }
}

impl Peer {
    /// The id in `equivalent` (`tool:id`), when the tool is this one.
    fn id_of(self, equivalent: &str) -> Option<&str> {
        let (tool, id) = equivalent.split_once(':')?;
        let tools: &[&str] = match self {
            Self::Checkov => &["checkov"],
            Self::Hadolint => &["hadolint"],
            Self::Kics => &["kics"],
            Self::KubeLinter => &["kube-linter"],
            Self::Nosec => &["bandit", "gosec"],
            Self::Semgrep => &["semgrep"],
            Self::Trivy => &["tfsec", "trivy"],
            Self::Zizmor => &["zizmor"],
        };
        tools.contains(&tool).then_some(id)
    }

    /// Whether `id`, written in a marker, names the check `equivalent`.
    pub(super) fn names(self, id: &str, equivalent: &str) -> bool {
        let Some(known) = self.id_of(equivalent) else { return false };
        match self {
            Self::Kics => known.eq_ignore_ascii_case(id),
            // The path of the rule file may be left out.
            Self::Semgrep => known.strip_suffix(id).is_some_and(|path| path.is_empty() || path.ends_with('.')),
            Self::Trivy => trivy_id(known) == trivy_id(id),
            _ => known == id,
        }
    }
}

/// The one spelling of an id that Trivy has had several for: `AVD-KSV-0001`, `KSV-0001` and `KSV001`.
fn trivy_id(id: &str) -> String {
    let lower = id.to_ascii_lowercase();
    let short = lower.strip_prefix("avd-").unwrap_or(&lower);
    let provider = short.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = short[provider.len()..].trim_start_matches('0');
    let name = provider.strip_suffix('-').unwrap_or(provider);
    if provider.len() == short.len() || !name.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return short.to_owned();
    }
    format!("{name}-{number}")
}

/// The ids at the beginning of `text`, separated by commas, and what follows them. An id is made of letters, digits and
/// the characters of `others`.
pub(super) fn id_list<'t>(text: &'t str, others: &str) -> (Vec<String>, &'t str) {
    let mut ids = Vec::new();
    let mut rest = text.trim_start();
    loop {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !others.contains(c)).unwrap_or(rest.len());
        let (id, behind) = rest.split_at(end);
        if id.is_empty() {
            return (ids, rest);
        }
        if ids.len() < MAX_IDS {
            ids.push(id.to_owned());
        }
        match behind.trim_start().strip_prefix(',') {
            Some(next) => rest = next.trim_start(),
            None => return (ids, behind),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_known_by_every_spelling_that_its_tool_accepts() {
        for (peer, id, equivalent, expected) in [
            (Peer::Checkov, "CKV_K8S_2", "checkov:CKV_K8S_2", true),
            (Peer::Checkov, "CKV_K8S_2", "checkov:CKV_K8S_20", false),
            (Peer::Checkov, "CKV_K8S_20", "checkov:CKV_K8S_2", false),
            (Peer::Checkov, "CKV_K8S_2", "trivy:CKV_K8S_2", false),
            (Peer::Trivy, "AVD-KSV-0001", "trivy:AVD-KSV-0001", true),
            (Peer::Trivy, "KSV-0001", "trivy:AVD-KSV-0001", true),
            (Peer::Trivy, "ksv001", "trivy:AVD-KSV-0001", true),
            (Peer::Trivy, "KSV-0010", "trivy:AVD-KSV-0001", false),
            (Peer::Trivy, "KSV-00", "trivy:AVD-KSV-0001", false),
            (Peer::Trivy, "aws-s3-enable-versioning", "tfsec:aws-s3-enable-versioning", true),
            (Peer::Trivy, "aws-s3-enable", "tfsec:aws-s3-enable-versioning", false),
            (Peer::Kics, "ABCDEF-12", "kics:abcdef-12", true),
            (Peer::Semgrep, "args", "semgrep:rust.lang.security.args.args", true),
            (Peer::Semgrep, "rust.lang.security.args.args", "semgrep:rust.lang.security.args.args", true),
            (Peer::Semgrep, "rgs", "semgrep:rust.lang.security.args.args", false),
            (Peer::Nosec, "G101", "gosec:G101", true),
            (Peer::Nosec, "B101", "bandit:B101", true),
            (Peer::Zizmor, "artipacked", "artipacked", false),
        ] {
            assert_eq!(peer.names(id, equivalent), expected, "{peer:?} {id} {equivalent}");
        }
    }

    #[test]
    fn a_list_of_ids_ends_where_no_comma_follows() {
        for (text, others, ids, rest) in [
            (" A_1,B_2: why", "_", vec!["A_1", "B_2"], ": why"),
            ("A, B why", "", vec!["A", "B"], " why"),
            ("A,,B", "", vec!["A"], ",B"),
            ("A,", "", vec!["A"], ""),
            (": why", "", vec![], ": why"),
        ] {
            assert_eq!(id_list(text, others), (ids.into_iter().map(str::to_owned).collect(), rest), "{text}");
        }
    }
}
