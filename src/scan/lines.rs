//! The lines that a change adds to a file or edits.

use imara_diff::{Algorithm, Diff, InternedInput};

use crate::span::Region;

/// Longest content, in bytes, that is compared line by line. In a longer one every line counts as changed.
pub(super) const MAX_COMPARED: usize = 8 << 20;

/// For each line of a text, whether it was added or changed.
pub(super) struct ChangedLines(Vec<bool>);

impl ChangedLines {
    /// No line at all.
    pub(super) fn none() -> Self {
        Self(Vec::new())
    }

    /// Those of `new` that `old` does not have. Line endings make no difference, nor does the lack of one at the end.
    pub(super) fn between(old: &str, new: &str) -> Self {
        let mut input = InternedInput::default();
        input.update_before(lines(old));
        input.update_after(lines(new));
        let diff = Diff::compute(Algorithm::Histogram, &input);
        Self((0..).take(input.after.len()).map(|line| diff.is_added(line)).collect())
    }

    /// Whether one of the lines of `region` is among them.
    pub(super) fn touch(&self, region: Region) -> bool {
        let first = region.start.line;
        // A region that ends in front of the first character of a line holds nothing of it.
        let last = if region.end.column <= 1 { region.end.line.saturating_sub(1) } else { region.end.line };
        (first..=last.max(first)).any(|line| {
            let index = line.checked_sub(1).and_then(|line| usize::try_from(line).ok());
            index.and_then(|index| self.0.get(index)).copied().unwrap_or(false)
        })
    }
}

/// The lines of `text` without their ends, as [`LineIndex`](crate::span::LineIndex) counts them.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split_terminator('\n').map(|line| line.strip_suffix('\r').unwrap_or(line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::{LineIndex, Span};

    fn changed(old: &str, new: &str) -> Vec<u32> {
        let lines = ChangedLines::between(old, new).0;
        (1..).zip(lines).filter(|(_, is_changed)| *is_changed).map(|(line, _)| line).collect()
    }

    #[test]
    fn changed_lines_are_those_that_the_new_text_adds() {
        assert_eq!(changed("a\nb\nc\n", "a\nB\nc\nd\n"), [2, 4]);
        assert_eq!(changed("a\nb\nc\n", "a\nc\n"), [0; 0]);
        assert_eq!(changed("", "a\n"), [1]);
        assert_eq!(changed("a\nb\n", ""), [0; 0]);
        assert_eq!(changed("a\nb", "a\r\nb\r\nc\r\n"), [3]);
        assert_eq!(changed("a", "a\n"), [0; 0]);
    }

    #[test]
    fn a_region_of_several_lines_is_touched_by_each_of_them_and_by_no_other() {
        let new = "1\nkey\nbody\nend\n5\n";
        let key = LineIndex::new(new).region(new, Span::new(2, 15));
        assert_eq!((key.start.line, key.end.line, key.end.column), (2, 5, 1));
        for (line, is_touched) in [("1", false), ("key", true), ("body", true), ("end", true), ("5", false)] {
            let old = new.replace(line, "other");
            assert_eq!(ChangedLines::between(&old, new).touch(key), is_touched, "{line}");
        }
    }
}
