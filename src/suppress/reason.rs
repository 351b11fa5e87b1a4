//! Reasons that people give for silencing a finding, kept short, printable and free of secrets.

use crate::span::Span;

/// Most characters of a reason that are kept.
pub(super) const MAX_REASON: usize = 200;

/// The secrets of a text, for questions about places in it.
pub(super) struct SecretSpans {
    /// Disjoint and sorted.
    spans: Vec<Span>,
}

impl SecretSpans {
    /// Takes `secrets` in any order.
    pub(super) fn new(secrets: &[Span]) -> Self {
        let mut sorted = secrets.to_vec();
        sorted.sort_unstable();
        let mut spans: Vec<Span> = Vec::with_capacity(sorted.len());
        for span in sorted {
            match spans.last_mut() {
                Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
                _ => spans.push(span),
            }
        }
        Self { spans }
    }

    /// Whether a byte of `span` belongs to a secret.
    pub(super) fn touch(&self, span: Span) -> bool {
        let next = self.spans.partition_point(|secret| secret.end <= span.start);
        self.spans.get(next).is_some_and(|secret| secret.overlaps(span))
    }

    /// What is kept of `reason`, whose last byte stands in front of `end` in the text: nothing of an empty one, and no
    /// word of one that holds a secret.
    pub(super) fn reason(&self, reason: &str, end: usize) -> Option<String> {
        let reason = reason.trim_start_matches([' ', '\t', ':', '-', '–', '—']);
        let holds_secret = self.touch(Span::new(end.saturating_sub(reason.len()), end));
        Self::kept(reason, holds_secret)
    }

    /// What is kept of `reason`, which stands somewhere in `span`.
    pub(super) fn reason_within(&self, reason: &str, span: Span) -> Option<String> {
        Self::kept(reason.trim_start(), self.touch(span))
    }

    fn kept(reason: &str, holds_secret: bool) -> Option<String> {
        let reason = reason.trim_end();
        if reason.is_empty() {
            None
        } else if holds_secret {
            Some("withheld: the reason holds a secret".to_owned())
        } else {
            let printable = |c: char| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c };
            Some(reason.chars().take(MAX_REASON).map(printable).collect())
        }
    }
}

/// The justification of a marker of another tool, which is called `name`.
pub(super) fn foreign(name: &str, reason: Option<String>) -> String {
    reason.map_or_else(|| name.to_owned(), |reason| format!("{name}: {reason}"))
}
