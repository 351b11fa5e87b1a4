//! What a marker is compared with: the part of a finding that decides whether it is meant.

use crate::finding::{Category, Finding};

/// The part of a finding that decides whether a marker means it.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// Id of the rule.
    pub rule: &'a str,
    /// Earlier ids of the rule.
    pub aliases: &'a [String],
    /// The same check in other tools, as `tool:id`: what their markers name.
    pub equivalents: &'a [String],
    /// Its category: secrets and misconfigurations have markers of their own.
    pub category: Category,
    /// First line of the finding, from 1.
    pub first_line: u32,
    /// Last line of the finding.
    pub last_line: u32,
    /// First and last line of the resource that the finding belongs to. `None` where the file as a whole is the resource,
    /// as a Dockerfile is.
    pub extent: Option<(u32, u32)>,
}

impl<'a> Target<'a> {
    /// The target that `finding` is, whose rule has these `aliases` and `equivalents`; without an extent.
    #[must_use]
    pub fn new(finding: &'a Finding, aliases: &'a [String], equivalents: &'a [String]) -> Self {
        let (start, end) = (finding.location.region.start, finding.location.region.end);
        // The end is exclusive: one that stands at the beginning of a line does not reach into it.
        let last_line = if end.column <= 1 { end.line.saturating_sub(1) } else { end.line };
        Self {
            rule: &finding.rule,
            aliases,
            equivalents,
            category: finding.category,
            first_line: start.line,
            last_line: last_line.max(start.line),
            extent: None,
        }
    }

    /// The same target in a resource that reaches from the line `first` to the line `last`.
    #[must_use]
    pub fn within(self, first: u32, last: u32) -> Self {
        Self { extent: Some((first, last)), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::{Position, Region};
    use crate::suppress::testing::finding;

    #[test]
    fn a_target_takes_its_lines_from_the_region() {
        let at = |line, column| Position { line, column };
        let lines = |start, end| {
            let mut finding = finding("a", "path", 0);
            finding.location.region = Region { start, end };
            let target = Target::new(&finding, &[], &[]);
            (target.first_line, target.last_line)
        };
        assert_eq!(lines(at(3, 5), at(3, 9)), (3, 3));
        assert_eq!(lines(at(3, 5), at(6, 2)), (3, 6));
        assert_eq!(lines(at(3, 5), at(6, 1)), (3, 5));
        assert_eq!(lines(at(3, 1), at(3, 1)), (3, 3));
    }
}
