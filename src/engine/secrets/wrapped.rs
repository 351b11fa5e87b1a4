//! Encoded text that is broken into lines: as MIME (RFC 2045, section 6.8) and PEM write it, in block scalars of YAML, and in
//! strings that a program joins.
//!
//! All lines but the last are as long as the first one, which is how every encoder breaks them.

use super::decode::is_digit;
use crate::span::Span;

/// Shortest line that others may follow.
const NARROWEST: usize = 32;
/// How far the next line may begin behind the end of one: quotes, an operator, an indentation.
const JOINT: usize = 160;
/// Most characters that are joined. What stands behind them is decoded for itself.
const LONGEST: usize = 1 << 18;

/// The lines that belong to the run of digits that begins with the line `first`, which is not among them.
pub(super) fn lines_behind(text: &[u8], first: Span) -> Vec<Span> {
    let mut lines = Vec::new();
    let mut last = first;
    while first.len() >= NARROWEST && (lines.len() + 2) * first.len() <= LONGEST {
        let Some(next) = next_line(text, last.end, first.len()) else { break };
        lines.push(next);
        if next.len() < first.len() {
            break;
        }
        last = next;
    }
    lines
}

/// The digits of the line behind the one that ends at `end`.
fn next_line(text: &[u8], end: usize, width: usize) -> Option<Span> {
    let mut joint = Joint { rest: text.get(end..text.len().min(end + JOINT))?, at: 0 };
    let quote = joint.passes()?;
    let start = end + joint.at;
    let length = text.get(start..)?.iter().take(width + 1).take_while(|&&byte| is_digit(byte)).count();
    // Nothing but digits stands on a line of digits.
    let behind = text.get(start + length..)?;
    let padding = behind.iter().take_while(|&&byte| byte == b'=').count();
    let ends = match (behind.get(padding), quote) {
        (Some(byte), Some(quote)) => *byte == quote || *byte == b'\\',
        (Some(byte), None) => matches!(byte, b'\n' | b'\r' | b'\\' | b'"' | b'\'' | b'`' | b'<'),
        (None, quote) => quote.is_none(),
    };
    ((1..=width).contains(&length) && ends).then(|| Span::new(start, start + length))
}

/// What stands between two lines.
struct Joint<'a> {
    rest: &'a [u8],
    at: usize,
}

impl Joint<'_> {
    /// Passes over a line break, written out or escaped, or the end of one string and the beginning of the next: the quote
    /// that was opened, if any. `None` where something else stands here.
    #[expect(clippy::option_option, reason = "whether there is a joint, and whether it opens a quote")]
    fn passes(&mut self) -> Option<Option<u8>> {
        let escaped = self.skips(b"\\r") | self.skips(b"\\n");
        self.blanks();
        let Some(quote) = self.rest.get(self.at).copied().filter(|byte| matches!(byte, b'"' | b'\'' | b'`')) else {
            self.skips(b"\\");
            let broken = self.breaks();
            self.blanks();
            return (escaped || broken).then_some(None);
        };
        self.at += 1;
        self.blanks();
        let mut joined = self.operator();
        self.skips(b"\\");
        joined |= self.breaks();
        self.blanks();
        joined |= self.operator();
        (joined && self.skips(&[quote])).then_some(Some(quote))
    }

    fn skips(&mut self, text: &[u8]) -> bool {
        let stands = self.rest.get(self.at..).is_some_and(|rest| rest.starts_with(text));
        self.at += if stands { text.len() } else { 0 };
        stands
    }

    fn blanks(&mut self) {
        while self.skips(b" ") || self.skips(b"\t") {}
    }

    fn breaks(&mut self) -> bool {
        self.skips(b"\r\n") || self.skips(b"\n")
    }

    /// What joins two strings in a program.
    fn operator(&mut self) -> bool {
        let stands = self.skips(b"+") || self.skips(b".") || self.skips(b"&");
        self.blanks();
        stands
    }
}

/// The lines of `text` that `span` touches, with the lines around them that a run of digits may hold together with them.
pub(super) fn lines_around(text: &[u8], span: Span) -> Span {
    let mut start = line_start(text, span.start);
    let mut end = line_end(text, span.end);
    // The last line of a run may be short; the one in front of the first line of digits alone may begin the run.
    let mut shortest = 1;
    while start > 0 && span.start - start < LONGEST && digits_alone(&text[start..line_end(text, start)]) >= shortest {
        start = line_start(text, start - 1);
        shortest = NARROWEST;
    }
    while end < text.len() && end - span.end < LONGEST {
        let next = line_end(text, end + 1);
        let digits = digits_alone(&text[end + 1..next]);
        if digits > 0 {
            end = next;
        }
        if digits < NARROWEST {
            break;
        }
    }
    Span::new(start, end)
}

fn line_start(text: &[u8], at: usize) -> usize {
    memchr::memrchr(b'\n', &text[..at]).map_or(0, |end| end + 1)
}

fn line_end(text: &[u8], at: usize) -> usize {
    text.get(at..).and_then(|rest| memchr::memchr(b'\n', rest)).map_or(text.len(), |end| at + end)
}

/// How many digits stand on a line that holds nothing else, but for what may join it to others; 0 on other lines.
fn digits_alone(line: &[u8]) -> usize {
    let Some(start) = line.iter().position(|&byte| is_digit(byte) && byte != b'+') else { return 0 };
    let digits = line[start..].iter().take_while(|&&byte| is_digit(byte)).count();
    let joins = |byte: &u8| {
        matches!(
            byte,
            b' ' | b'\t' | b'\r' | b'"' | b'\'' | b'`' | b'.' | b'&' | b'+' | b'\\' | b'=' | b';' | b')' | b'<'
        )
    };
    if line[..start].iter().chain(&line[start + digits..]).all(joins) { digits } else { 0 }
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE64;

    use super::*;

    /// The lines of 100 encoded bytes, 44 characters each, joined by `joint`.
    fn joined(joint: &str) -> String {
        let digits = BASE64.encode(&[b'k'; 100]);
        let lines: Vec<&str> = (0..digits.len()).step_by(44).map(|at| &digits[at..digits.len().min(at + 44)]).collect();
        lines.join(joint)
    }

    fn first(text: &str) -> Span {
        let start = text.find("a2tr").unwrap();
        Span::new(start, start + text[start..].bytes().take_while(|&byte| is_digit(byte)).count())
    }

    #[test]
    fn lines_are_joined_however_they_are_broken() {
        for joint in [
            "\n",
            "\r\n",
            "\n    ",
            "\\\n",
            "\\n",
            "\\r\\n",
            "\" +\n  \"",
            "\"\n  + \"",
            "\" \\\n \"",
            "\"\n\"",
            "\" . \"",
            "\" &\n\"",
            "\\n\"\n  \"",
        ] {
            let text = format!("x: \"{}\"", joined(joint));
            let text = if joint.contains('"') { text } else { text.replace('"', "") + "\n" };
            let lines = lines_behind(text.as_bytes(), first(&text));
            assert_eq!(lines.iter().map(|line| line.len()).collect::<Vec<_>>(), [44, 44, 2], "{joint:?}");
        }
    }

    #[test]
    fn other_lines_are_not_joined() {
        let line = "a".repeat(44);
        for text in [
            format!("{line}=\n{line}\n"),
            format!("{line}\n\n{line}\n"),
            format!("{line}\nname: {line}\n"),
            format!("{line}\nname: x\n"),
            format!("- \"{line}\"\n- \"{line}\"\n"),
            format!("[\"{line}\",\n\"{line}\"]"),
            format!("{line}\n{line}b\n"),
            format!("{line}\nsome words\n"),
            "abc\nabc\n".to_owned(),
        ] {
            let start = text.find('a').unwrap();
            let length = text[start..].bytes().take_while(|&byte| is_digit(byte)).count();
            assert_eq!(lines_behind(text.as_bytes(), Span::new(start, start + length)), [], "{text}");
        }
    }

    #[test]
    fn the_lines_around_a_change_hold_the_whole_run() {
        let text = format!("one\ntwo: {}\nlast: 1\nend\n", joined("\n    "));
        let run = Span::new(text.find("two").unwrap(), text.find("\nlast").unwrap());
        for at in run.start..=run.end {
            let around = lines_around(text.as_bytes(), Span::new(at, at));
            assert!(around.start <= run.start && around.end >= run.end, "{at} {around:?}");
        }
        assert_eq!(lines_around(b"ab\ncd e\nf g\n", Span::new(4, 4)), Span::new(3, 7));
    }

    #[test]
    fn hostile_text_is_taken() {
        for text in ["\n".repeat(4000), "a\n".repeat(4000), "a".repeat(40) + "\"", "aaaa\\".repeat(2000)] {
            for at in [0, 1, 39, 40] {
                let _ = lines_behind(text.as_bytes(), Span::new(0, at));
                let _ = lines_around(text.as_bytes(), Span::new(at, at));
            }
        }
        let many = (String::from_utf8(vec![b'a'; 64]).unwrap() + "\n").repeat(10_000);
        assert!(lines_behind(many.as_bytes(), Span::new(0, 64)).len() * 64 <= LONGEST);
    }
}
