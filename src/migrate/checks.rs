//! The configurations of Checkov, hadolint, KICS and zizmor.

use super::{Drafts, Exception, texts};
use crate::document::node::Node;

/// `.checkov.yaml` (Checkov documentation, "CLI Command Reference"): keys are the options of the command line.
pub(super) fn checkov(root: &Node, drafts: &mut Drafts<'_>) {
    for id in root.get("skip-check").map(texts).unwrap_or_default() {
        drafts.add(Exception { tool: "checkov", id, ..Exception::default() });
    }
    if root.get("skip-path").is_some() {
        drafts.leave("skip-path", "files that no rule is to look at go into `[scan] exclude`");
    }
    for key in ["check", "framework", "skip-framework"] {
        if root.get(key).is_some() {
            drafts.leave(key, "which rules run is said in `[rules]`");
        }
    }
}

/// `.hadolint.yaml` (README of hadolint, "Configure").
pub(super) fn hadolint(root: &Node, drafts: &mut Drafts<'_>) {
    for id in root.get("ignored").map(texts).unwrap_or_default() {
        drafts.add(Exception { tool: "hadolint", id, ..Exception::default() });
    }
    for key in ["override", "trustedRegistries"] {
        if root.get(key).is_some() {
            drafts.leave(key, "severities and parameters of rules are said in `[rules]`");
        }
    }
}

/// `kics.config` (KICS documentation, "Configuration file").
pub(super) fn kics(root: &Node, drafts: &mut Drafts<'_>) {
    for id in root.get("exclude-queries").map(texts).unwrap_or_default() {
        drafts.add(Exception { tool: "kics", id, ..Exception::default() });
    }
    for key in ["exclude-paths", "exclude-results", "exclude-categories", "exclude-severities"] {
        if root.get(key).is_some() {
            drafts.leave(key, "it has no counterpart in a waiver; `[scan] exclude` leaves out files");
        }
    }
}

/// `zizmor.yml` (zizmor documentation, "Configuration").
pub(super) fn zizmor(root: &Node, drafts: &mut Drafts<'_>) {
    for entry in root.get("rules").and_then(Node::as_mapping).unwrap_or_default() {
        let Some(id) = entry.key.as_str() else { continue };
        let exception = Exception { tool: "zizmor", id, ..Exception::default() };
        if entry.value.get("disable").and_then(Node::as_str) == Some("true") {
            drafts.add(exception);
        }
        for place in entry.value.get("ignore").map(texts).unwrap_or_default() {
            // A workflow goes by its name, with a line and a column behind it or not.
            let file = place.split(':').next().unwrap_or_default();
            if file.is_empty() || file.contains(['*', '?', '[', '{', '\\']) {
                drafts.leave(place, "not the name of a workflow");
                continue;
            }
            let reason = (file != place).then(|| format!("was for {place} alone"));
            let path = if file.contains('/') { file.to_owned() } else { format!("**/{file}") };
            drafts.add(Exception { path: Some(&path), reason: reason.as_deref(), ..exception });
        }
        if entry.value.get("config").is_some() {
            drafts.leave(id, "its `config` has no counterpart; parameters of rules are said in `[rules]`");
        }
    }
}
