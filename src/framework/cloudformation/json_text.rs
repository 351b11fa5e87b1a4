//! Attributes whose text is JSON, as the tree that it gives.

use memchr::memmem;

use crate::document::json;
use crate::document::node::{Node, Value};
use crate::span::Span;

/// Stands around the number of an unknown part in a text; a noncharacter, which no file has a use for.
const MARGIN: char = '\u{fdd0}';

/// What stands in a text for its unknown part with this number.
pub(super) fn placeholder(number: usize) -> String {
    format!("{MARGIN}{number}{MARGIN}")
}

/// The tree of the object or list of JSON in `text`; `None` when it is something else. `written` is the file and `span` the
/// attribute in it. `tags` are those of the unknown parts, by number.
pub(super) fn tree(text: &str, tags: &[Option<Box<str>>], written: &str, span: Span) -> Option<Node> {
    if !text.trim_start().starts_with(['{', '[']) {
        return None;
    }
    let document = json::read(text);
    let root = document.roots.into_iter().next().filter(|_| document.errors.is_empty())?;
    let places = Places::new(text, written, span);
    let root = placed(root, &places, tags);
    Some(Node { span, ..root })
}

/// `node` with the spans of the file, and with what is unknown as such. The reader bounds the depth.
fn placed(node: Node, places: &Places, tags: &[Option<Box<str>>]) -> Node {
    let span = places.span(node.span);
    match node.value {
        Value::Scalar { text, .. } if text.contains(MARGIN) => {
            let number = text.split(MARGIN).nth(1).and_then(|number| number.parse::<usize>().ok());
            let tag = number.and_then(|number| tags.get(number)).cloned().flatten();
            Node { tag, ..Node::unknown(span) }
        }
        Value::Sequence(items) => {
            Node::sequence(span, items.into_iter().map(|item| placed(item, places, tags)).collect())
        }
        Value::Mapping(mut mapping) => {
            mapping.entries.retain(|entry| {
                let is_known = entry.key.as_str().is_none_or(|key| !key.contains(MARGIN));
                mapping.is_open |= !is_known;
                is_known
            });
            for entry in &mut mapping.entries {
                entry.key.span = places.span(entry.key.span);
                let value = std::mem::replace(&mut entry.value, Node::unknown(span));
                entry.value = placed(value, places, tags);
            }
            Node::new(span, Value::Mapping(mapping))
        }
        value => Node::new(span, value),
    }
}

/// Where the lines of a text stand in the file.
struct Places {
    whole: Span,
    /// For each line, where it begins in the text, and where in the file, if it stands there.
    lines: Vec<(usize, Option<usize>)>,
}

impl Places {
    fn new(text: &str, written: &str, whole: Span) -> Self {
        let region = written.get(whole.start..whole.end).unwrap_or_default();
        if let Some(at) = memmem::find(region.as_bytes(), text.as_bytes()) {
            return Self { whole, lines: vec![(0, Some(whole.start + at))] };
        }
        // A block scalar: its lines, with indentation in front.
        let mut below = region.split_inclusive('\n').scan(whole.start, |offset, line| {
            let start = *offset;
            *offset += line.len();
            Some((start, line.trim_end_matches(['\r', '\n'])))
        });
        if region.starts_with(['|', '>']) {
            below.next();
        }
        let mut offset = 0;
        let lines = text.split_inclusive('\n').map(|line| {
            let start = offset;
            offset += line.len();
            let line = line.trim_end_matches(['\r', '\n']);
            let place = below.next().filter(|(_, written)| written.ends_with(line));
            (start, place.map(|(at, written)| at + written.len() - line.len()))
        });
        Self { whole, lines: lines.collect() }
    }

    fn offset(&self, offset: usize) -> Option<usize> {
        let line = self.lines.partition_point(|(start, _)| *start <= offset).checked_sub(1)?;
        let (start, place) = self.lines.get(line)?;
        Some(place.as_ref()? + (offset - start)).filter(|offset| *offset <= self.whole.end)
    }

    /// Where `span` of the text stands; what is not there as it is stands at the attribute.
    fn span(&self, span: Span) -> Span {
        let last = span.end.saturating_sub(1).max(span.start);
        match (self.offset(span.start), self.offset(last)) {
            (Some(start), Some(end)) if start <= end => Span::new(start, (end + span.end - last).min(self.whole.end)),
            _ => self.whole,
        }
    }
}
