//! `.trivyignore` and `.trivyignore.yaml` (Trivy documentation, "Filtering").

use super::{Drafts, Exception};
use crate::document::node::Node;

const TOOL: &str = "trivy";

/// Lines such as `AVD-AWS-0001 exp:2030-01-01 # why`; a comment above is the reason too.
pub(super) fn lines(text: &str, drafts: &mut Drafts<'_>) {
    let mut above = None;
    for line in text.lines() {
        let line = line.trim();
        if let Some(comment) = line.strip_prefix('#') {
            above = Some(comment.trim());
            continue;
        }
        let (entry, comment) = line.split_once('#').map_or((line, None), |(entry, comment)| (entry, Some(comment)));
        let mut words = entry.split_whitespace();
        let Some(id) = words.next() else {
            above = None;
            continue;
        };
        let until = words.find_map(|word| word.strip_prefix("exp:"));
        add(drafts, Exception { id, reason: comment.or(above), until, ..Exception::default() });
    }
}

pub(super) fn document(root: &Node, drafts: &mut Drafts<'_>) {
    for key in ["misconfigurations", "secrets", "vulnerabilities", "licenses"] {
        for item in root.get(key).and_then(Node::as_sequence).unwrap_or_default() {
            let text = |key: &str| item.get(key).and_then(Node::as_str);
            let Some(id) = text("id") else { continue };
            let exception =
                Exception { tool: TOOL, id, path: None, reason: text("statement"), until: text("expired_at") };
            let paths = item.get("paths").and_then(Node::as_sequence).unwrap_or_default();
            if paths.is_empty() {
                add(drafts, exception);
            }
            for path in paths.iter().filter_map(Node::as_str) {
                add(drafts, Exception { path: Some(path), ..exception });
            }
        }
    }
}

fn add(drafts: &mut Drafts<'_>, exception: Exception<'_>) {
    if exception.id.starts_with("CVE-") || exception.id.starts_with("GHSA-") {
        return drafts.leave(exception.id, "Lockgate does not look for vulnerabilities");
    }
    drafts.add(Exception { tool: TOOL, ..exception });
}
