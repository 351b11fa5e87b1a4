//! Makes hostile text harmless: what a file name or a source line holds must not act upon the terminal, the CI runner or
//! the log that a report is written to.

use std::io;

use serde::Serialize;
use serde_json::ser::Formatter;

/// What CI runners obey wherever it stands in a line of a step's output: GitHub's older command form, Azure Pipelines,
/// `TeamCity`. Each stands behind a first `#`.
const RUNNER_COMMANDS: [&str; 3] = ["#[", "#vso[", "#teamcity["];

/// Shown in place of the first `:` of a workflow command.
const HARMLESS_COLON: char = '∶';

/// Shown in place of the second `#` of a runner command.
const HARMLESS_HASH: char = '⌗';

/// Whether a terminal or a viewer may act upon `c` instead of showing it: control characters, text direction, characters
/// of no width, line and paragraph separators, tags.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The characters of `text`, one for one, with a visible stand-in for each that could do harm: a control picture (`␛`)
/// for the ASCII controls, `�` for the rest.
pub(super) fn visible_chars(text: &str) -> impl Iterator<Item = char> + '_ {
    text.char_indices().map(move |(at, c)| match c {
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or(char::REPLACEMENT_CHARACTER),
        '\u{7f}' => '␡',
        '#' if starts_runner_command(text, at) => HARMLESS_HASH,
        c if is_invisible(c) => char::REPLACEMENT_CHARACTER,
        c => c,
    })
}

/// Whether the `#` at `at` is the second one of a runner command.
fn starts_runner_command(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    at > 0
        && bytes[at - 1] == b'#'
        && RUNNER_COMMANDS.iter().any(|command| {
            bytes.get(at..at + command.len()).is_some_and(|found| found.eq_ignore_ascii_case(command.as_bytes()))
        })
}

/// `text` with every harmful character replaced, see [`visible_chars`], and harmless at the beginning of a line, too:
/// there GitHub's runner, which passes over blanks, obeys `::command::`.
pub(super) fn visible(text: &str) -> String {
    let command = text.trim_start().starts_with("::").then(|| text.len() - text.trim_start().len());
    let shown = visible_chars(text).zip(text.char_indices());
    shown.map(|(c, (at, _))| if command == Some(at) { HARMLESS_COLON } else { c }).collect()
}

/// `text` with its line breaks, each line of it [`visible`]: for messages of several lines that name hostile things.
pub(crate) fn harmless_lines(text: &str) -> String {
    text.split('\n').map(visible).collect::<Vec<_>>().join("\n")
}

/// `text` on one line: white space, line breaks included, collapses into single spaces.
pub(super) fn one_line(text: &str) -> String {
    visible(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// `text` cut to `limit` characters, the last of which is then an ellipsis.
pub(super) fn cut(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        None => text.to_owned(),
        Some(_) => text.chars().take(limit.saturating_sub(1)).chain(['…']).collect(),
    }
}

/// Writes `value` as compact JSON whose strings hold no invisible character and no runner command: both are written as
/// `\u` escapes, so that the value stays the same to a parser and harmless to a log.
pub(super) fn write_json(out: &mut dyn io::Write, value: &impl Serialize) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(out, HarmlessJson);
    value.serialize(&mut serializer).map_err(io::Error::from)
}

struct HarmlessJson;

impl Formatter for HarmlessJson {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut written = 0;
        for (at, c) in fragment.char_indices() {
            if is_invisible(c) || (c == '#' && starts_runner_command(fragment, at)) {
                writer.write_all(&fragment.as_bytes()[written..at])?;
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
                written = at + c.len_utf8();
            }
        }
        writer.write_all(&fragment.as_bytes()[written..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_acts_upon_remains() {
        assert_eq!(visible("a\u{1b}[31mb\nc\td\u{7f}"), "a␛[31mb␊c␉d␡");
        assert_eq!(visible("\u{9b}31m \u{202e}gpj.exe \u{200b}\u{e0041}"), "�31m �gpj.exe ��");
        assert_eq!(visible("plain ünïcode 鍵 🔑 — “quotes”"), "plain ünïcode 鍵 🔑 — “quotes”");
    }

    #[test]
    fn commands_of_runners_are_broken_and_headings_are_not() {
        assert_eq!(visible("x ##[add-mask]y"), "x #⌗[add-mask]y");
        assert_eq!(visible("##vso[task.setvariable]"), "#⌗vso[task.setvariable]");
        assert_eq!(visible("##VSO[a] ##teamcity[b]"), "#⌗VSO[a] #⌗teamcity[b]");
        assert_eq!(visible("###[x]"), "##⌗[x]");
        assert_eq!(visible("## Heading #[derive] ###"), "## Heading #[derive] ###");
        assert_eq!(visible("::error::x"), "∶:error::x");
        assert_eq!(visible(" \t::add-mask::y"), " ␉∶:add-mask::y");
        assert_eq!(visible("std::env a::b"), "std::env a::b");
        assert_eq!(harmless_lines("a\n::error::x\u{1b}[1m\nb"), "a\n∶:error::x␛[1m\nb");
    }

    #[test]
    fn stand_ins_keep_the_number_of_characters() {
        let hostile = "\u{0}\u{1b}##[x]\u{202e}é\r\n";
        assert_eq!(visible(hostile).chars().count(), hostile.chars().count());
    }

    #[test]
    fn json_keeps_its_meaning_and_shows_nothing_invisible() {
        let hostile = "##[add-mask]\u{1b}\u{9b}\u{202e}\u{e0041}\"\\ü\n##vso[x";
        let mut out = Vec::new();
        write_json(&mut out, &hostile).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(!text.chars().any(is_invisible), "{text}");
        assert!(!text.contains("##"), "{text}");
        assert_eq!(serde_json::from_str::<String>(&text).unwrap(), hostile);
    }

    #[test]
    fn one_line_and_cut() {
        assert_eq!(one_line(" Revoke\n   it.\n"), "Revoke it.");
        assert_eq!(cut("äöü", 3), "äöü");
        assert_eq!(cut("äöüß", 3), "äö…");
    }
}
