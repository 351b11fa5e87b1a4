//! HCL and its JSON form as syntax trees.
//!
//! `hcl-edit` parses; it knows no recovery, so a text is split first and its items are parsed one by one.

mod duplicate;
mod json;
mod native;
mod split;
pub mod syntax;
mod template;

#[cfg(test)]
mod tests;

pub use self::json::{read_json, read_json_values};

use std::borrow::Cow;

use self::duplicate::Renamed;
use self::split::{Layout, Part};
use self::syntax::Body;
use super::{Document, ParseError};
use crate::span::Span;

/// Longest top-level item that is read; the longest seen in published modules have a few hundred kilobytes.
const MAX_ITEM: usize = 1 << 20;
/// Most bytes that may be compared while the parser looks for keys that are set twice, which it does for each key of an
/// object among all others of that object: an object of 5,000 short keys takes about two thirds of it.
const MAX_COMPARISONS: usize = 1 << 28;
/// Most bytes that are parsed once more because a key is set twice, and the least that one try counts.
const MAX_MENDED: usize = 1 << 20;
const MIN_MENDED: usize = 64;
/// Most mistakes in one text; what comes behind them is not read.
const MAX_ERRORS: usize = 100;

/// Reads HCL in native syntax. What does not parse is one error for each top-level item; the others are kept.
#[must_use]
pub fn read(text: &str) -> (Body, Document) {
    // The byte order mark is no part of the HCL, but of the positions.
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut layout = split::split(text, start);
    let comments = std::mem::take(&mut layout.comments);
    let mut reader = Reader { comparisons: 0, mended: 0, body: Body::default(), errors: Vec::new() };
    for part in &layout.items {
        if reader.errors.len() >= MAX_ERRORS {
            let message = format!("more than {MAX_ERRORS} mistakes: the rest is not read");
            reader.errors.push(ParseError { offset: part.span.start, message });
            break;
        }
        reader.part(&layout, part);
    }
    (reader.body, Document { comments, errors: reader.errors, ..Document::default() })
}

struct Reader {
    /// What was spent of [`MAX_COMPARISONS`].
    comparisons: usize,
    /// What was spent of [`MAX_MENDED`].
    mended: usize,
    body: Body,
    errors: Vec<ParseError>,
}

impl Reader {
    /// Reads an item. Of one that does not parse, what may be further items is tried alone: a missing brace makes everything
    /// behind it part of the item that it is missing from.
    fn part(&mut self, layout: &Layout<'_>, part: &Part) {
        if let Err(error) = self.parse(layout, part, part.span) {
            self.errors.push(error);
            let ends = part.headers.iter().skip(1).copied().chain([part.span.end]);
            for (&start, end) in part.headers.iter().zip(ends) {
                // What does not parse either is part of the mistake.
                let _ = self.parse(layout, part, Span::new(start, end));
            }
        }
    }

    fn parse(&mut self, layout: &Layout<'_>, part: &Part, span: Span) -> Result<(), ParseError> {
        let refuse = |message: String| Err(ParseError { offset: span.start, message });
        if span.len() > MAX_ITEM {
            return refuse(format!("longer than {MAX_ITEM} bytes"));
        }
        if part.is_too_deep && span == part.span {
            return refuse(format!("nested deeper than {} levels", split::MAX_DEPTH));
        }
        let comparisons = self.comparisons.saturating_add(part.comparisons);
        if comparisons > MAX_COMPARISONS {
            return refuse("an object with too many keys".to_owned());
        }
        self.comparisons = comparisons;
        let mut text = Cow::Borrowed(layout.text.get(span.start..span.end).unwrap_or_default());
        let mut renamed = Renamed::default();
        let mut duplicate = None;
        loop {
            let error = match native::body(&text, span.start, &renamed) {
                Ok(body) => {
                    self.body.items.extend(body.items);
                    self.errors.extend(duplicate);
                    return Ok(());
                }
                Err(error) => error,
            };
            // Each try costs the parser a pass over the item.
            let offset = error.offset.saturating_sub(span.start);
            self.mended = self.mended.saturating_add(text.len().max(MIN_MENDED));
            let is_duplicate = error.message.contains("redefined");
            if !is_duplicate || self.mended > MAX_MENDED || !renamed.rename(text.to_mut(), offset) {
                return Err(duplicate.unwrap_or(error));
            }
            if error.message.contains("redefined attribute") {
                duplicate.get_or_insert(error);
            }
        }
    }
}
