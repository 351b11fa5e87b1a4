//! The text of a scalar with the place of each part in the file, through indentation, folding and quotes.

use crate::document::excerpt::Excerpt;
use crate::document::node::Node;

/// The text of `node`, a scalar of `source`. Behind an escape that changes the length the places are those of where the
/// escape stands: near, and not exact.
pub(super) fn text(node: &Node, source: &str) -> Option<Excerpt> {
    let text = node.as_str()?;
    let mut excerpt = Excerpt::default();
    let written = source.get(node.span.start..node.span.end).unwrap_or_default();
    let quote = written.bytes().next().filter(|byte| matches!(byte, b'"' | b'\'')).is_some();
    let mut at = node.span.start + usize::from(quote);
    // Runs of white space and of other bytes, in turn.
    for run in runs(text) {
        let is_blank = run.starts_with(char::is_whitespace);
        let rest = source.get(at..node.span.end).unwrap_or_default();
        if is_blank {
            excerpt.push(run, at);
            at += rest.len() - rest.trim_start().len();
        } else if rest.starts_with(run) {
            excerpt.push(run, at);
            at += run.len();
        } else {
            let rest = rest.trim_start();
            let indented = at + source.get(at..node.span.end).map_or(0, |all| all.len() - rest.len());
            if rest.starts_with(run) {
                at = indented;
                excerpt.push(run, at);
                at += run.len();
            } else {
                // An escape: go on behind the next white space of the source.
                excerpt.push(run, at);
                at += rest.find(char::is_whitespace).unwrap_or(rest.len());
            }
        }
    }
    if excerpt.as_str().is_empty() {
        excerpt.push("", at);
    }
    Some(excerpt)
}

/// `text` cut where white space begins and ends.
fn runs(text: &str) -> Vec<&str> {
    let mut runs = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_blank = first.is_whitespace();
        let length = rest.find(|c: char| c.is_whitespace() != is_blank).unwrap_or(rest.len());
        let (run, after) = rest.split_at(length);
        runs.push(run);
        rest = after;
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::yaml;

    fn written(source: &str, part: &str) -> String {
        let root = yaml::parse(source).unwrap().remove(0);
        let excerpt = text(root.get("a").unwrap(), source).unwrap();
        let start = excerpt.as_str().find(part).unwrap();
        let span = excerpt.span(start, start + part.len());
        source[span.start..span.end].to_owned()
    }

    #[test]
    fn every_style_of_scalar_knows_its_places() {
        for source in ["a: x ${{ b }} y", "a: |\n  x\n\n    ${{ b }}\n", "a: >\n  x\n  ${{ b }}\n", "a: 'x ${{ b }}'"] {
            assert_eq!(written(source, "${{ b }}"), "${{ b }}", "{source}");
        }
        assert_eq!(written("a: \"x \\\"y\\\" ${{ b }}\"", "${{ b }}"), "${{ b }}");
    }
}
