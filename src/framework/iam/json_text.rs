//! Texts that are JSON, as trees: policies in heredocs, in files, in strings of a template.

use crate::document::json;
use crate::document::node::{Node, Value};
use crate::span::Span;

/// Stands for a part of a text that is not known, in what [`parse_with_holes`] is given. A noncharacter of Unicode, which no
/// text should have.
pub const HOLE: char = '\u{fdd0}';
/// Longest text that is parsed, in bytes. AWS takes policies of 32 KiB at most, and task definitions of 64.
const MAX_TEXT: usize = 256 << 10;
/// Most bytes of texts that are parsed for one resource.
const MAX_TEXTS: usize = 1 << 20;
/// Deepest nesting of what is looked at for such texts.
const MAX_DEPTH: usize = 64;

/// Replaces each text in `node` that is a JSON object or list by its tree, which keeps the tag of the text.
///
/// Places are exact where the JSON stands in `text_of_file` letter for letter (a heredoc, a block scalar, a string without
/// escapes); otherwise all are that of the text. A text too long to be parsed becomes unknown.
pub fn parse_json_texts(node: &mut Node, text_of_file: &str) {
    replace(node, text_of_file, &mut MAX_TEXTS.clone(), 0);
}

/// The tree of a JSON text at `span` of `text_of_file` that has a [`HOLE`] for each part that is not known: an interpolation
/// of something unknown. A scalar or key with a hole is unknown, and so is a hole in the place of a value. `None` when it is
/// no JSON object or list, or too long.
#[must_use]
pub fn parse_with_holes(span: Span, text: &str, text_of_file: &str) -> Option<Node> {
    if !is_candidate(text) || text.len() > MAX_TEXT {
        return None;
    }
    let text = Prepared::new(text);
    let mut tree = parse(&text.text)?;
    let alignment = align(&text, span, text_of_file);
    settle(&mut tree, &Settling { span, alignment: alignment.as_deref(), has_holes: !text.holes.is_empty() });
    Some(tree)
}

fn replace(node: &mut Node, file: &str, left: &mut usize, depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    match &mut node.value {
        Value::Sequence(items) => items.iter_mut().for_each(|item| replace(item, file, left, depth + 1)),
        Value::Mapping(mapping) => {
            mapping.entries.iter_mut().for_each(|entry| replace(&mut entry.value, file, left, depth + 1));
        }
        Value::Scalar { text, .. } if is_candidate(text) => {
            if text.len() > MAX_TEXT.min(*left) {
                node.value = Value::Unknown;
                return;
            }
            *left -= text.len();
            if let Some(tree) = parse_with_holes(node.span, text, file) {
                node.value = tree.value;
            }
        }
        Value::Scalar { .. } | Value::Unknown => {}
    }
}

/// Whether a text may be a JSON object or list, by its first and its last letter.
fn is_candidate(text: &str) -> bool {
    let text = text.trim_ascii();
    let ends = (text.as_bytes().first(), text.as_bytes().last());
    matches!(ends, (Some(b'{'), Some(b'}')) | (Some(b'['), Some(b']')))
}

fn parse(text: &str) -> Option<Node> {
    let mut document = json::read(text);
    document.roots.pop().filter(|_| document.errors.is_empty())
}

/// A text in which each hole stands in quotes, so that JSON with holes is JSON.
struct Prepared {
    text: String,
    /// The holes in `text`, with the quotes that were added.
    holes: Vec<Span>,
}

impl Prepared {
    fn new(text: &str) -> Self {
        let mut prepared = Self { text: String::with_capacity(text.len()), holes: Vec::new() };
        let (mut is_quoted, mut is_escaped) = (false, false);
        for c in text.chars() {
            let start = prepared.text.len();
            if c == HOLE && !is_quoted {
                prepared.text.extend(['"', HOLE, '"']);
            } else {
                prepared.text.push(c);
            }
            if c == HOLE {
                prepared.holes.push(Span::new(start, prepared.text.len()));
            }
            is_quoted ^= c == '"' && !is_escaped;
            is_escaped = is_quoted && c == '\\' && !is_escaped;
        }
        prepared
    }

    /// The text cut at its line ends and holes: each piece with its offset and whether a hole stands in front of it.
    fn pieces(&self) -> Vec<(usize, &str, bool)> {
        let mut pieces = Vec::new();
        let mut start = 0;
        let ends = self.holes.iter().map(|hole| (hole.start, hole.end)).chain([(self.text.len(), self.text.len())]);
        for (number, (end, next)) in ends.enumerate() {
            let mut offset = start;
            for (line, piece) in self.text.get(start..end).unwrap_or_default().split('\n').enumerate() {
                pieces.push((offset, piece, number > 0 && line == 0));
                offset += piece.len() + 1;
            }
            start = next;
        }
        pieces
    }
}

/// Where the pieces of `text` stand in the file: pairs of an offset in the text and one in the file, in order. `None` when
/// the text does not stand at `span` as it is, but for indentation and for interpolations in the place of its holes.
fn align(text: &Prepared, span: Span, file: &str) -> Option<Vec<(usize, usize)>> {
    let raw = file.get(span.start..span.end)?;
    let mut pairs = Vec::new();
    // How much of `raw` is behind us.
    let mut at = 0;
    for (mut offset, mut piece, is_behind_hole) in text.pieces() {
        let rest = raw.get(at..)?;
        if is_behind_hole {
            at += interpolation(rest)?;
        } else {
            let indentation = piece.len() - piece.trim_ascii_start().len();
            (offset, piece) = (offset + indentation, piece.trim_ascii_start());
        }
        // Blanks at the end of a line may be gone in the one or the other.
        piece = piece.trim_end_matches(['\r', '\n']);
        if piece.is_empty() {
            continue;
        }
        let rest = raw.get(at..)?;
        at += if pairs.is_empty() {
            rest.find(piece)?
        } else if is_behind_hole {
            0
        } else {
            rest.len() - rest.trim_ascii_start().len()
        };
        if !raw.get(at..)?.starts_with(piece) {
            return None;
        }
        pairs.push((offset, span.start + at));
        at += piece.len();
    }
    Some(pairs)
}

/// Length of the interpolation that `raw` begins with: `${…}`, its braces counted.
fn interpolation(raw: &str) -> Option<usize> {
    if !raw.starts_with("${") {
        return None;
    }
    let mut depth = 0_usize;
    let end = raw.bytes().position(|byte| {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            _ => return false,
        }
        depth == 0
    });
    end.map(|end| end + 1)
}

/// What the nodes of a parsed text get in place of what the parser gave them.
struct Settling<'a> {
    /// The place of the whole text.
    span: Span,
    alignment: Option<&'a [(usize, usize)]>,
    has_holes: bool,
}

impl Settling<'_> {
    fn place(&self, span: Span) -> Span {
        let Some(pairs) = self.alignment else { return self.span };
        let map = |offset: usize| {
            let index = pairs.partition_point(|&(start, _)| start <= offset);
            index.checked_sub(1).and_then(|index| pairs.get(index)).map(|&(start, there)| there + offset - start)
        };
        // The last byte says where the end is: behind it, the next piece may begin.
        match (map(span.start), span.end.checked_sub(1).and_then(map)) {
            (Some(start), Some(end)) if start <= end && end < self.span.end => Span::new(start, end + 1),
            _ => self.span,
        }
    }
}

/// Puts all nodes of `tree` where they stand in the file, and makes unknown what has a hole. The parser bounds the depth.
fn settle(tree: &mut Node, settling: &Settling<'_>) {
    tree.span = settling.place(tree.span);
    match &mut tree.value {
        Value::Scalar { text, .. } if settling.has_holes && text.contains(HOLE) => tree.value = Value::Unknown,
        Value::Sequence(items) => items.iter_mut().for_each(|item| settle(item, settling)),
        Value::Mapping(mapping) => {
            for entry in &mut mapping.entries {
                settle(&mut entry.key, settling);
                settle(&mut entry.value, settling);
            }
        }
        Value::Scalar { .. } | Value::Unknown => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The node that `written` would be read as: its text, at its place in `file`.
    fn node(file: &str, written: &str, text: &str) -> Node {
        let start = file.find(written).unwrap();
        Node::text(Span::new(start, start + written.len()), text)
    }

    fn slice<'t>(file: &'t str, node: &Node) -> &'t str {
        &file[node.span.start..node.span.end]
    }

    #[test]
    fn a_heredoc_keeps_its_places() {
        let heredoc = "<<-EOF\n    {\n      \"Version\": \"2012-10-17\",\r\n      \"Statement\": [{\"Effect\": \"Allow\"}]\n    }\n  EOF";
        let file = format!("  policy = {heredoc}\n");
        let text = "{\n  \"Version\": \"2012-10-17\",\r\n  \"Statement\": [{\"Effect\": \"Allow\"}]\n}\n";
        let mut node = node(&file, heredoc, text);
        node.tag = Some("kept".into());
        parse_json_texts(&mut node, &file);
        assert_eq!(node.tag.as_deref(), Some("kept"));
        assert_eq!(slice(&file, &node), heredoc);
        assert_eq!(slice(&file, node.get("Version").unwrap()), "\"2012-10-17\"");
        assert_eq!(slice(&file, &node.entry("Statement").unwrap().key), "\"Statement\"");
        let statement = &node.get("Statement").unwrap().as_sequence().unwrap()[0];
        assert_eq!(slice(&file, statement), "{\"Effect\": \"Allow\"}");
        assert_eq!(slice(&file, statement.get("Effect").unwrap()), "\"Allow\"");
    }

    #[test]
    fn what_is_written_with_escapes_stands_at_the_whole_text() {
        let written = r#""{\"a\": [1]}""#;
        let file = format!("x = {written}\n");
        let mut node = node(&file, written, r#"{"a": [1]}"#);
        parse_json_texts(&mut node, &file);
        assert_eq!(slice(&file, node.get("a").unwrap()), written);
        // A value from elsewhere: nothing of it stands where it is used.
        let file = "x = local.policy\n";
        let mut node = Node::text(Span::new(4, 16), r#"{"a": [1]}"#);
        parse_json_texts(&mut node, file);
        assert_eq!(slice(file, node.get("a").unwrap()), "local.policy");
    }

    #[test]
    fn a_text_that_is_no_json_is_left_alone() {
        for text in ["", "a", "{", "[a-z]+", "{a}", "{{ x }}", "[1] [2]", "12", "\"a\"", "{\"a\": }"] {
            let mut node = Node::sequence(Span::new(0, 0), vec![Node::text(Span::new(0, 0), text)]);
            let before = node.clone();
            parse_json_texts(&mut node, "");
            assert_eq!(node, before);
        }
    }

    #[test]
    fn holes_make_unknown_what_they_are_in() {
        let written = "<<EOF\n{\n  \"Action\": \"${var.a[\"x\"]}\",\n  \"Resource\": [ ${jsonencode({a = 1})}, \"arn:${var.b}/*\" ],\n  \"Effect\": \"Allow\"\n}\nEOF";
        let file = format!("policy = {written}\n");
        let text = format!(
            "{{\n  \"Action\": \"{HOLE}\",\n  \"Resource\": [ {HOLE}, \"arn:{HOLE}/*\" ],\n  \"Effect\": \"Allow\"\n}}\n"
        );
        let span = node(&file, written, &text).span;
        let tree = parse_with_holes(span, &text, &file).unwrap();
        assert_eq!(tree.get("Action").unwrap().value, Value::Unknown);
        let resources = tree.get("Resource").unwrap();
        assert!(resources.as_sequence().unwrap().iter().all(|item| item.value == Value::Unknown));
        assert_eq!(slice(&file, tree.get("Effect").unwrap()), "\"Allow\"");
        assert_eq!(slice(&file, &tree.entry("Resource").unwrap().key), "\"Resource\"");
        let key = parse_with_holes(span, &format!("{{\"{HOLE}\": 1}}"), &file).unwrap();
        assert_eq!(key.as_mapping().unwrap()[0].key.value, Value::Unknown);
        assert_eq!(parse_with_holes(span, "no", &file), None);
    }

    #[test]
    fn what_is_too_long_is_unknown_and_what_is_too_deep_stays() {
        let long = format!("[\"{}\"]", "x".repeat(MAX_TEXT));
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        let mut node =
            Node::sequence(Span::new(0, 0), [&long, &deep].map(|text| Node::text(Span::new(0, 0), text)).into());
        parse_json_texts(&mut node, "");
        let items = node.as_sequence().unwrap();
        assert_eq!(items[0].value, Value::Unknown);
        assert_eq!(items[1].as_str(), Some(deep.as_str()));
        let most = format!("[\"{}\"]", "x".repeat(MAX_TEXT - 10));
        let texts = (0..6).map(|_| Node::text(Span::new(0, 0), &most)).collect();
        let mut node = Node::sequence(Span::new(0, 0), texts);
        parse_json_texts(&mut node, "");
        let kinds: Vec<&str> = node.as_sequence().unwrap().iter().map(Node::kind).collect();
        assert_eq!(kinds, ["a list", "a list", "a list", "a list", "an unknown value", "an unknown value"]);
    }
}
