//! The text of a scalar with the place of each part in the file, through indentation, folding and quotes.

use crate::document::excerpt::Excerpt;
use crate::document::node::Node;
use crate::span::Span;

/// The text of a scalar.
pub(super) struct Located {
    /// The text, with the place of each part where those are known.
    pub(super) excerpt: Excerpt,
    /// The place of the scalar, where the places of its parts are not known.
    pub(super) whole: Option<Span>,
}

impl Located {
    /// The text.
    pub(super) fn as_str(&self) -> &str {
        self.excerpt.as_str()
    }

    /// The place of a part, or of the whole.
    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        self.whole.unwrap_or_else(|| self.excerpt.span(start, end))
    }
}

/// The text of `node`, a scalar of `source`, without white space behind its last word.
pub(super) fn text(node: &Node, source: &str) -> Option<Located> {
    let text = node.as_str()?.trim_end();
    let written = source.get(node.span.start..node.span.end).unwrap_or_default();
    Some(match aligned(text, written, node.span.start) {
        Some(excerpt) => Located { excerpt, whole: None },
        None => Located { excerpt: Excerpt::verbatim(text, 0), whole: Some(node.span) },
    })
}

/// Finds each character of `text` in `written`, which stands at `offset`. `None` for escapes that are no plain ones.
fn aligned(text: &str, written: &str, offset: usize) -> Option<Excerpt> {
    let quote = written.chars().next().filter(|first| matches!(first, '"' | '\''));
    let mut excerpt = Excerpt::default();
    let mut at = usize::from(quote.is_some());
    excerpt.push("", offset + at);
    let mut buffer = [0; 4];
    for c in text.chars() {
        let character: &str = c.encode_utf8(&mut buffer);
        let mut rest = written.get(at..)?;
        if !c.is_whitespace() && rest.starts_with(char::is_whitespace) {
            // Indentation, and what a folded line break leaves.
            let bare = rest.trim_start();
            at += rest.len() - bare.len();
            rest = bare;
        }
        let (skipped, length) = match (quote, rest.as_bytes()) {
            (Some('\''), [b'\'', ..]) => (0, 2),
            (Some('"'), [b'\\', b'n', ..]) if c == '\n' => (1, 1),
            (Some('"'), [b'\\', b't', ..]) if c == '\t' => (1, 1),
            (Some('"'), [b'\\', ..]) => (1, c.len_utf8()),
            // A line break that is folded into a blank.
            (_, [b'\r' | b'\n', ..]) if c == ' ' => (0, 1),
            _ => (0, c.len_utf8()),
        };
        let stands = written.get(at + skipped..at + skipped + length)?;
        let is_it = stands.starts_with(c)
            || (c.is_ascii_whitespace() && (skipped == 1 || stands.starts_with(char::is_whitespace)));
        if !is_it || (c.is_ascii_whitespace() && stands.len() != 1) {
            return None;
        }
        excerpt.push(character, offset + at + skipped);
        at += skipped + length;
    }
    Some(excerpt)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::yaml;

    fn written(source: &str, part: &str) -> String {
        let root = yaml::parse(source).unwrap().remove(0);
        let found = text(root.get("a").unwrap(), source).unwrap();
        let start = found.as_str().find(part).unwrap();
        let span = found.span(start, start + part.len());
        source[span.start..span.end].to_owned()
    }

    #[test]
    fn every_style_of_scalar_knows_its_places() {
        for source in ["a: x ${{ b }} y", "a: |\n  x\n\n    ${{ b }}\n", "a: >\n  x\n  ${{ b }}\n", "a: 'x ${{ b }}'"] {
            assert_eq!(written(source, "${{ b }}"), "${{ b }}", "{source}");
        }
        assert_eq!(written("a: \"x \\\"y\\\" ${{ b }}\"", "${{ b }}"), "${{ b }}");
        assert_eq!(written("a: 'it''s ${{ b }}'", "${{ b }}"), "${{ b }}");
        // Places behind an escape of another length are not known.
        assert_eq!(written("a: \"\\u00e4 ${{ b }}\"", "${{ b }}"), "\"\\u00e4 ${{ b }}\"");
    }
}
