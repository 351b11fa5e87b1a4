//! What changed in a text, as a unified diff (POSIX, `diff -u`).

use std::fmt::Write as _;
use std::ops::Range;

use imara_diff::{Algorithm, Diff, InternedInput};

use super::escape::visible;

/// Lines that are shown around a change.
const CONTEXT: u32 = 3;
/// Said of a last line without a line break.
const NO_LINE_BREAK: &str = "\\ No newline at end of file";

/// A text, and its lines as they may be shown: with every secret masked.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The text.
    pub text: &'a str,
    /// Its lines, without their breaks.
    pub lines: &'a [String],
}

/// The unified diff of the file at `path`; empty when nothing changed.
#[must_use]
pub fn unified(path: &str, before: Shown<'_>, after: Shown<'_>) -> String {
    let input = InternedInput::new(before.text, after.text);
    let mut diff = Diff::compute(Algorithm::Histogram, &input);
    diff.postprocess_lines(&input);
    let changes: Vec<(Range<u32>, Range<u32>)> = diff.hunks().map(|hunk| (hunk.before, hunk.after)).collect();
    if changes.is_empty() {
        return String::new();
    }
    let count = u32::try_from(input.before.len()).unwrap_or(u32::MAX);
    let mut out = format!("--- a/{0}\n+++ b/{0}\n", visible(path));
    let mut rest = changes.as_slice();
    while let Some((first, _)) = rest.first() {
        // Changes whose contexts meet stand in one hunk.
        let joined = rest.windows(2).take_while(|pair| match pair {
            [left, right] => right.0.start - left.0.end <= 2 * CONTEXT,
            _ => false,
        });
        let (hunk, behind) = rest.split_at(joined.count() + 1);
        rest = behind;
        let start = first.start.saturating_sub(CONTEXT);
        write_hunk(&mut out, hunk, start, count, (before, after));
    }
    out
}

fn write_hunk(
    out: &mut String,
    changes: &[(Range<u32>, Range<u32>)],
    start: u32,
    count: u32,
    (before, after): (Shown<'_>, Shown<'_>),
) {
    let (Some(first), Some(last)) = (changes.first(), changes.last()) else { return };
    let end = last.0.end.saturating_add(CONTEXT).min(count);
    let after_start = first.1.start - (first.0.start - start);
    let after_end = last.1.end + (end - last.0.end);
    // The number of the line in front of an empty range, as `diff` has it.
    let range = |start: u32, end: u32| format!("{},{}", if start == end { start } else { start + 1 }, end - start);
    // To a string nothing fails.
    let _ = writeln!(out, "@@ -{} +{} @@", range(start, end), range(after_start, after_end));
    let mut at = start;
    for (removed, added) in changes {
        lines(out, ' ', before, at..removed.start);
        lines(out, '-', before, removed.clone());
        lines(out, '+', after, added.clone());
        at = removed.end;
    }
    lines(out, ' ', before, at..end);
}

fn lines(out: &mut String, sign: char, shown: Shown<'_>, range: Range<u32>) {
    let (start, end) = (range.start as usize, range.end as usize);
    let real = shown.text.split_inclusive('\n').skip(start).take(end.saturating_sub(start));
    for (line, real) in shown.lines.iter().skip(start).zip(real) {
        out.push(sign);
        out.push_str(&visible(line).replace('␉', "\t"));
        match real.strip_suffix('\n') {
            Some(line) if line.ends_with('\r') => out.push_str("\r\n"),
            Some(_) => out.push('\n'),
            None => {
                out.push('\n');
                out.push_str(NO_LINE_BREAK);
                out.push('\n');
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diff(before: &str, after: &str) -> String {
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        let (old, new) = (lines(before), lines(after));
        unified("a.yaml", Shown { text: before, lines: &old }, Shown { text: after, lines: &new })
    }

    #[test]
    fn a_diff_is_as_the_tools_write_it() {
        let before: String = (1..=20).flat_map(|number: u8| [number.to_string(), "\n".to_owned()]).collect();
        let after = before.replace("5\n6\n", "5\nx\n6\n").replace("\n17\n", "\n") + "end";
        let expected = "--- a/a.yaml\n+++ b/a.yaml\n@@ -3,6 +3,7 @@\n 3\n 4\n 5\n+x\n 6\n 7\n 8\n@@ -14,7 +15,7 @@\n 14\n 15\n 16\n-17\n 18\n 19\n 20\n+end\n\\ No newline at end of file\n";
        assert_eq!(diff(&before, &after), expected);
        assert_eq!(diff(&before, &before), "");
        assert_eq!(diff("", "a\r\n"), "--- a/a.yaml\n+++ b/a.yaml\n@@ -0,0 +1,1 @@\n+a\r\n");
        assert_eq!(
            diff("a\tb", "c"),
            "--- a/a.yaml\n+++ b/a.yaml\n@@ -1,1 +1,1 @@\n-a\tb\n\\ No newline at end of file\n+c\n\\ No newline at end of file\n"
        );
    }

    #[test]
    fn what_is_masked_is_shown_masked() {
        let shown = |text: &'static str, lines: &'static [String]| Shown { text, lines };
        let lines: &'static [String] = Box::leak(Box::new(["***".to_owned(), "b".to_owned()]));
        let new: &'static [String] = Box::leak(Box::new(["***".to_owned(), "c".to_owned()]));
        let diff = unified("x", shown("key\nb\n", lines), shown("key\nc\n", new));
        assert!(diff.contains(" ***\n-b\n+c\n") && !diff.contains("key"), "{diff}");
    }
}
