//! How far a marker reaches: lines, blocks, list items, resources.
//!
//! A block is found by its indentation, which holds for YAML and for formatted HCL and JSON alike. Where the text is not
//! formatted so, a block is shorter than it should be, and a finding stays.

use super::target::Target;
use crate::finding::Category;

/// Most lines that a block is followed, and that the beginning of a list item is looked for upwards. The lines of a
/// resource are known without that.
const MAX_LINES: u32 = 2000;

/// Most heredocs of one statement that are looked for the end of.
const MAX_HEREDOCS: usize = 8;

/// Most comment lines between a marker and the line that it is about.
const MAX_COMMENT_LINES: u32 = 50;

/// The findings that a marker can silence, by their place. Lines count from 1, and both ends belong to a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Findings that begin on these lines.
    Lines(u32, u32),
    /// The same, and those in a resource that begins on the first of these lines.
    Block(u32, u32),
    /// Findings that begin in the list item, and those that the line of the marker belongs to.
    Item {
        /// Line of the marker.
        line: u32,
        /// Lines of the innermost list item around it.
        item: (u32, u32),
    },
    /// Findings in the resource around the marker; of secrets, which belong to none, those that begin on these lines.
    Resource(u32, u32),
    /// Every finding.
    File,
}

impl Reach {
    /// Whether `target` stands where the marker reaches.
    pub(super) fn covers(self, target: &Target<'_>) -> bool {
        let starts_in = |first, last| (first..=last).contains(&target.first_line);
        match self {
            Self::Lines(first, last) => starts_in(first, last),
            Self::Block(first, last) => {
                starts_in(first, last) || target.extent.is_some_and(|(start, _)| start == first)
            }
            Self::Item { line, item: (first, last) } => {
                starts_in(first, last) || (target.first_line..=target.last_line).contains(&line)
            }
            Self::Resource(line, next) => match target.extent {
                _ if target.category == Category::Secret => starts_in(line, next),
                Some((first, last)) => (first..=last).contains(&line),
                None => true,
            },
            Self::File => true,
        }
    }
}

/// The lines of a file, for questions about what belongs together.
pub(super) struct Lines<'a> {
    all: Vec<&'a str>,
    /// What ends a line of a Dockerfile that goes on on the next one.
    escape: char,
    /// First line that holds more than a comment, the beginning of a YAML document or nothing.
    first_content: u32,
}

impl<'a> Lines<'a> {
    /// Cuts `text`.
    pub(super) fn new(text: &'a str) -> Self {
        let lines: Vec<&str> = text.lines().collect();
        let is_head = |line: &&str| is_comment(line) || line.trim().is_empty() || line.starts_with("---");
        let head = lines.iter().take_while(|line| is_head(line));
        let has_backtick = head.clone().any(|line| line.replace(' ', "").eq_ignore_ascii_case("#escape=`"));
        let first_content = u32::try_from(head.count()).unwrap_or(u32::MAX).saturating_add(1);
        Self { all: lines, escape: if has_backtick { '`' } else { '\\' }, first_content }
    }

    /// The line `number`, from 1.
    fn line(&self, number: u32) -> Option<&'a str> {
        self.all.get(usize::try_from(number).ok()?.checked_sub(1)?).copied()
    }

    /// Whether nothing but comments stands on the line `number` and above it.
    pub(super) fn is_head(&self, number: u32) -> bool {
        number < self.first_content
    }

    /// The line that a comment alone on the line `number` is about: the next one that is no comment. `None` when that is
    /// blank or the file ends.
    pub(super) fn after_comments(&self, number: u32) -> Option<u32> {
        let next = (1..=MAX_COMMENT_LINES)
            .map(|distance| number.saturating_add(distance))
            .find(|&next| !self.line(next).is_some_and(is_comment))?;
        self.line(next).filter(|line| !line.trim().is_empty()).map(|_| next)
    }

    /// The last line of the statement that begins on the line `first`: with continuation lines and heredocs.
    pub(super) fn statement_end(&self, first: u32) -> u32 {
        let limit = first.saturating_add(MAX_LINES);
        let mut last = first;
        while let Some(line) = self.line(last).filter(|_| last < limit) {
            // Inside of an instruction, comments and blank lines do not end it.
            let is_between = last > first && (is_comment(line) || line.trim().is_empty());
            if !is_between && !line.trim_end().ends_with(self.escape) {
                break;
            }
            last += 1;
        }
        for delimiter in (first..=last).filter_map(|number| self.line(number)).filter_map(heredoc).take(MAX_HEREDOCS) {
            let is_end = |&number: &u32| self.line(number).is_some_and(|line| line.trim() == delimiter);
            last = (last + 1..=limit).find(is_end).unwrap_or(last);
        }
        last
    }

    /// The last line of the block that begins on the line `first`.
    pub(super) fn block_end(&self, first: u32) -> u32 {
        let mut last = self.statement_end(first);
        let Some(head) = self.line(first) else { return last };
        let indent = indent_of(head);
        // In YAML, the items of a list may stand right below their key.
        let has_items = !is_item(head) && head.split(" #").next().is_some_and(|head| head.trim_end().ends_with(':'));
        for number in last.saturating_add(1)..=first.saturating_add(MAX_LINES) {
            let Some(line) = self.line(number) else { break };
            let text = line.trim_start();
            if text.is_empty() {
                continue;
            }
            let is_beside = indent_of(line) == indent;
            if indent_of(line) > indent || (is_beside && has_items && is_item(line)) {
                last = number;
            } else {
                if is_beside && text.starts_with(['}', ']', ')']) {
                    last = number;
                }
                break;
            }
        }
        last
    }

    /// The last line of the build stage whose `FROM` stands on the line `first`; `None` when none stands there.
    pub(super) fn stage_end(&self, first: u32) -> Option<u32> {
        let is_from = |line: &str| line.split_whitespace().next().is_some_and(|word| word.eq_ignore_ascii_case("from"));
        self.line(first).filter(|line| is_from(line))?;
        let end = first.saturating_add(MAX_LINES);
        let next = (first + 1..=end).find(|&number| self.line(number).is_none_or(is_from));
        Some(next.map_or(end, |next| next - 1))
    }

    /// First and last line of the innermost list item around the line `number`; that line alone when there is none.
    pub(super) fn item_around(&self, number: u32) -> (u32, u32) {
        let Some(line) = self.line(number) else { return (number, number) };
        let mut indent = indent_of(line);
        let mut start = number;
        let mut found = is_item(line);
        while !found && indent > 0 && start > 1 && number - start < MAX_LINES {
            start -= 1;
            let Some(line) = self.line(start) else { break };
            if !is_comment(line) && !line.trim().is_empty() && indent_of(line) < indent {
                indent = indent_of(line);
                found = is_item(line);
            }
        }
        if found { (start, self.block_end(start)) } else { (number, number) }
    }
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn is_item(line: &str) -> bool {
    line.trim_start().starts_with("- ")
}

fn is_comment(line: &str) -> bool {
    let text = line.trim_start();
    text.starts_with('#') || text.starts_with("//")
}

/// What ends the heredoc that `line` opens.
fn heredoc(line: &str) -> Option<&str> {
    let (_, behind) = line.split_once("<<")?;
    let name = behind.trim_start_matches(['-', '~']).trim_start_matches(['"', '\'']);
    let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
    name.get(..end).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_ends_with_its_indentation() {
        for (text, first, last) in [
            ("resource \"a\" \"b\" {\n  x = 1\n\n  y {\n    z = 2\n  }\n}\nw = 1", 1, 7),
            ("resource \"a\" \"b\" {\n  x = 1\n  y {\n    z = 2\n  }\n}\nw = 1", 3, 5),
            ("a:\n  b: 1\n\nc: 2", 1, 2),
            ("a: # why\n- b: 1\n  c: 2\n- d\ne: 3", 1, 4),
            ("- a: 1\n  b: 2\n- c: 3", 1, 2),
            ("- a:\n- b: 2", 1, 1),
            ("a = 1\nb = 2", 1, 1),
            ("x {\ny = 1\n}", 1, 1),
        ] {
            assert_eq!(Lines::new(text).block_end(first), last, "{text}");
        }
    }

    #[test]
    fn a_statement_goes_on_behind_an_escape_and_in_a_heredoc() {
        for (text, last) in [
            ("RUN a && \\\n  # why\n\n  b \\\n  c\nRUN d", 5),
            ("RUN <<-'EOF'\na\nEOF\nRUN d", 3),
            ("RUN <<EOF\na\nRUN d", 1),
            ("RUN a\nRUN b", 1),
            ("RUN a \\", 2),
        ] {
            assert_eq!(Lines::new(text).statement_end(1), last, "{text}");
        }
        assert_eq!(Lines::new("# escape=`\nRUN a `\n  b\nRUN c").statement_end(2), 3);
        assert_eq!(Lines::new("RUN a `\n  b\nRUN c").statement_end(1), 1);
    }

    #[test]
    fn a_stage_ends_before_the_next() {
        let lines = Lines::new("FROM a AS b\nRUN x\n\nfrom c\nRUN y");
        assert_eq!(lines.stage_end(1), Some(3));
        assert_eq!(lines.stage_end(2), None);
        assert_eq!(lines.stage_end(4), Some(5));
    }

    #[test]
    fn the_item_around_a_line_is_the_innermost() {
        let lines = Lines::new(
            "steps:\n  - name: a\n    with:\n      x: 1\n      # why\n      y: 2\n  - uses: b\njob:\n  z: 3",
        );
        for (line, item) in
            [(1, (1, 1)), (2, (2, 6)), (4, (2, 6)), (6, (2, 6)), (7, (7, 7)), (9, (9, 9)), (99, (99, 99))]
        {
            assert_eq!(lines.item_around(line), item, "{line}");
        }
    }

    #[test]
    fn a_comment_is_about_the_next_line_that_is_none() {
        let lines = Lines::new("# a\n// b\nc\n# d\n\ne\n# f");
        assert_eq!((lines.after_comments(1), lines.after_comments(4), lines.after_comments(7)), (Some(3), None, None));
        assert!(lines.is_head(2) && !lines.is_head(3) && !lines.is_head(4));
    }
}
