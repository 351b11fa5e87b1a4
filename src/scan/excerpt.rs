//! Source lines for a reader, with every secret of the file masked.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use crate::finding::Excerpt;
use crate::span::{LineIndex, Region, Span};

/// Most lines of one excerpt: the first lines of a private key say enough.
const MAX_LINES: u32 = 4;
/// A longer line (minified code, data) is shown as a window of this many bytes around the secret.
const MAX_LINE: usize = 512;

/// A shorter value stands in too many words to be masked wherever it stands.
const MIN_REPEATED: usize = 4;
/// A longer value (a key block) is not looked for again.
const MAX_REPEATED: usize = 4 * 1024;

/// Makes excerpts of one text.
pub(super) struct Excerpts<'a> {
    text: &'a str,
    lines: &'a LineIndex,
    /// Everything that is not to be shown, in order; no two share a byte.
    secrets: Vec<Span>,
    /// Finds the secrets wherever they stand again: a value that was recognised once is masked everywhere.
    again: Option<AhoCorasick>,
}

impl<'a> Excerpts<'a> {
    /// `secrets` are every secret of the text, whatever becomes of its finding, in any order.
    pub(super) fn new(text: &'a str, lines: &'a LineIndex, mut secrets: Vec<Span>) -> Self {
        let mut values: Vec<&str> = secrets.iter().filter_map(|span| text.get(span.start..span.end)).collect();
        values.retain(|value| (MIN_REPEATED..=MAX_REPEATED).contains(&value.len()));
        values.sort_unstable();
        values.dedup();
        let again = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            // It sees a few lines only: what counts is how soon it is built.
            .kind(Some(AhoCorasickKind::NoncontiguousNFA))
            .prefilter(false)
            .build(values)
            .ok();
        secrets.sort_unstable();
        secrets.dedup_by(|next, kept| {
            let touches = next.start <= kept.end;
            if touches {
                kept.end = kept.end.max(next.end);
            }
            touches
        });
        Self { text, lines, secrets, again }
    }

    /// The lines of `region`, the first of which holds the start of `span`.
    pub(super) fn around(&self, span: Span, region: Region) -> Excerpt {
        let mut excerpt = Excerpt { first_line: region.start.line, first_column: 1, lines: Vec::new() };
        let last = region.end.line.min(region.start.line.saturating_add(MAX_LINES - 1));
        for line in region.start.line..=last {
            let Some(mut bytes) = self.lines.line_span(self.text, line) else { break };
            if bytes.len() > MAX_LINE {
                // A window has columns of its own, so it stands alone.
                if line > region.start.line {
                    break;
                }
                bytes = self.window(bytes, span);
                excerpt.first_column = self.lines.position(self.text, bytes.start).column;
                excerpt.lines.push(self.masked(bytes));
                break;
            }
            excerpt.lines.push(self.masked(bytes));
        }
        excerpt
    }

    /// The part of a long `line` around the start of `span`, cut between characters.
    fn window(&self, line: Span, span: Span) -> Span {
        let start = span.start.saturating_sub(MAX_LINE / 4).max(line.start);
        let end = (start + MAX_LINE).min(line.end);
        Span::new(self.text.floor_char_boundary(start), self.text.floor_char_boundary(end))
    }

    /// The text of `bytes` with `*` for each character of a secret.
    pub(super) fn masked(&self, bytes: Span) -> String {
        let mut out = String::with_capacity(bytes.len());
        let mut at = bytes.start;
        let first = self.secrets.partition_point(|secret| secret.end <= bytes.start);
        for secret in &self.secrets[first..] {
            if secret.start >= bytes.end {
                break;
            }
            let start = self.text.floor_char_boundary(secret.start.clamp(at, bytes.end));
            let end = self.text.ceil_char_boundary(secret.end.min(bytes.end));
            self.mask_again(&self.text[at..start], &mut out);
            out.extend(self.text[start..end].chars().map(|_| '*'));
            at = end;
        }
        self.mask_again(&self.text[at..bytes.end.max(at)], &mut out);
        out
    }

    /// Adds `text` to `out`, with `*` for what is a secret elsewhere in the file.
    fn mask_again(&self, text: &str, out: &mut String) {
        let mut at = 0;
        for found in self.again.iter().flat_map(|again| again.find_iter(text)) {
            out.push_str(&text[at..found.start()]);
            out.extend(text[found.range()].chars().map(|_| '*'));
            at = found.end();
        }
        out.push_str(&text[at..]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excerpt(text: &str, secrets: &[&str]) -> Excerpt {
        let spans: Vec<Span> = secrets
            .iter()
            .map(|secret| text.find(secret).map(|start| Span::new(start, start + secret.len())).unwrap())
            .collect();
        let lines = LineIndex::new(text);
        let span = spans[0];
        Excerpts::new(text, &lines, spans).around(span, lines.region(text, span))
    }

    #[test]
    fn every_secret_of_the_line_is_masked() {
        let excerpt = excerpt("x\nuser = 'öne' key = 'two'\ny", &["öne", "two"]);
        assert_eq!((excerpt.first_line, excerpt.lines.as_slice()), (2, ["user = '***' key = '***'".into()].as_slice()));
    }

    #[test]
    fn a_secret_is_masked_wherever_it_stands_again() {
        let excerpt = excerpt("value = 'öne2'; check('öne2', \"xöne2y\")", &["öne2"]);
        assert_eq!(excerpt.lines, ["value = '****'; check('****', \"x****y\")"]);
    }

    #[test]
    fn a_secret_of_many_lines_shows_the_first_ones_masked() {
        let excerpt = excerpt("k = \"aa\nbb\ncc\ndd\nee\nff\"", &["aa\nbb\ncc\ndd\nee\nff"]);
        assert_eq!(excerpt.lines, ["k = \"**", "**", "**", "**"]);
    }

    #[test]
    fn a_long_line_is_shown_as_a_window() {
        let text = format!("{}SECRET{}", "é".repeat(5_000), "x".repeat(5_000));
        let excerpt = excerpt(&text, &["SECRET"]);
        assert!(excerpt.lines[0].len() <= MAX_LINE && excerpt.lines[0].contains("******x"));
        assert_eq!(excerpt.first_column, 5_000 - 64 + 1);
    }
}
