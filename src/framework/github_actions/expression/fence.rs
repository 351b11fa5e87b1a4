//! `${{ … }}` in texts.

use std::ops::Range;

/// One `${{ … }}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::framework::github_actions) struct Fence {
    /// With its braces.
    pub(in crate::framework::github_actions) outer: Range<usize>,
    /// Without them.
    pub(in crate::framework::github_actions) inner: Range<usize>,
}

/// Every `${{ … }}` of `text`. A `}}` inside of quotes does not end one.
pub(in crate::framework::github_actions) fn fences(text: &str) -> Vec<Fence> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text.get(at..).and_then(|rest| rest.find("${{")).map(|offset| at + offset) {
        let begin = start + 3;
        let Some(end) = end(text, begin) else { break };
        found.push(Fence { outer: start..end + 2, inner: begin..end });
        at = end + 2;
    }
    found
}

/// Where the `}}` stands that ends what begins at `begin`.
fn end(text: &str, begin: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut is_quoted = false;
    for at in begin..bytes.len() {
        match bytes.get(at)? {
            b'\'' => is_quoted = !is_quoted,
            b'}' if !is_quoted && bytes.get(at + 1) == Some(&b'}') => return Some(at),
            _ => {}
        }
    }
    None
}

/// Whether a condition is one `${{ … }}` and nothing else, or has none. Text around one, even a line break, makes a text of
/// the whole, and every text but the empty one is true.
pub(in crate::framework::github_actions) fn is_fully_fenced(text: &str) -> bool {
    match fences(text).as_slice() {
        [] => true,
        [fence] => fence.outer == (0..text.len()),
        _ => false,
    }
}
