//! What is wrong with a configuration, where, and how to mend it.
//!
//! An error repeats what stands in the file only as far as it cannot be a secret (see [`super::mask`]).

use std::fmt;
use std::sync::Arc;

use super::mask;
use crate::span::{LineIndex, Span};

/// One mistake in a configuration file. Its text is
/// `file:line:column: problem; mend`, followed by the source line with a caret where there is one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.render())]
pub struct ConfigError {
    /// The file as its user knows it.
    pub file: String,
    /// Where in the file; `None` when the file as a whole is at fault, or when the value was not written in a file.
    pub place: Option<Box<Place>>,
    /// What is wrong.
    pub problem: Problem,
}

/// A place in a configuration file, with the line that stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1, in Unicode code points.
    pub column: u32,
    /// The line, or the part around the place of a long one, safe to print.
    excerpt: String,
    /// Characters of `excerpt` before the place.
    indent: usize,
    /// Characters of `excerpt` that the place covers, at least 1.
    width: usize,
}

/// The kinds of mistake. Every text names the mend where it does not follow by itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The operating system does not give it out.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    /// A directory, a FIFO, a device.
    #[error("is not a regular file")]
    NotRegular,
    /// More bytes than a configuration may have.
    #[error("is larger than {0}, the most that a configuration file may have")]
    TooLarge(super::ByteSize),
    /// A symbolic link that leads out of the tree that was scanned.
    #[error(
        "is a symbolic link that leads out of the scanned tree and is not followed; put the file itself there, or name \
         it on the command line"
    )]
    LinkOutside,
    /// Bytes that are not UTF-8.
    #[error("the text is not UTF-8; save the file as UTF-8")]
    NotUtf8,
    /// Not TOML.
    #[error("{0}")]
    Syntax(String),
    /// A key or a table that is there twice.
    #[error("`{0}` is set twice; keep one")]
    DuplicateKey(String),
    /// A key that does not exist in its table.
    #[error("unknown key `{key}` {table}; {mend}")]
    UnknownKey {
        /// The key as it stands in the file.
        key: String,
        /// `in [scan]` or `at the top level`.
        table: String,
        /// What to write.
        mend: Mend,
    },
    /// A value that is none of a fixed list.
    #[error("unknown {what} `{name}`; {mend}")]
    UnknownName {
        /// What kind of name: severity, confidence, profile, rule id.
        what: &'static str,
        /// The name as it stands in the file.
        name: String,
        /// What to write.
        mend: Mend,
    },
    /// A key that its table cannot do without.
    #[error("`{key}` is missing in {table}")]
    MissingKey {
        /// The key.
        key: &'static str,
        /// The table.
        table: String,
    },
    /// A waiver that is about everything that a rule finds.
    #[error("the waiver has no scope; give it at least one of `path`, `resource`, `fingerprint`, `value-hash`")]
    NoScope,
    /// A key that a file which is extended has the last word on.
    #[error("`{key}` is final in {file}; remove it here")]
    Final {
        /// The key.
        key: String,
        /// The file that is extended.
        file: String,
    },
    /// A value of another type.
    #[error("`{key}` must be {expected}, not {found}")]
    WrongType {
        /// The key with its table.
        key: String,
        /// The type that is wanted, with an example.
        expected: &'static str,
        /// The type that stands there.
        found: &'static str,
    },
    /// A value of the right type that makes no sense.
    #[error("`{value}` {reason}")]
    BadValue {
        /// The value as it stands in the file.
        value: String,
        /// What is wrong with it: a sentence whose subject is the value.
        reason: String,
    },
}

/// What to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mend {
    /// A valid name that is close to the given one.
    DidYouMean(String),
    /// The key exists, in this table.
    BelongsIn(String),
    /// None is close: all valid names.
    OneOf(Vec<String>),
    /// Too many to list: where to find them.
    See(&'static str),
}

impl Mend {
    /// The nearest of `names`, or all of them.
    pub(super) fn among<'a>(given: &str, names: impl Iterator<Item = &'a str> + Clone) -> Self {
        match nearest(given, names.clone()) {
            Some(name) => Self::DidYouMean(name.to_owned()),
            None => Self::OneOf(names.map(str::to_owned).collect()),
        }
    }
}

impl fmt::Display for Mend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DidYouMean(name) => write!(f, "did you mean `{name}`?"),
            Self::BelongsIn(table) => write!(f, "it belongs in [{table}]"),
            Self::OneOf(names) => write!(f, "use one of: {}", names.join(", ")),
            Self::See(place) => f.write_str(place),
        }
    }
}

/// Longest name that is compared with others: the comparison takes quadratic time, and no valid name is longer.
const MAX_COMPARED: usize = 128;

/// The one of `names` that was probably meant by `given`: equal but for case and separators, or a beginning of it or the
/// other way round (3 characters or more), or at a Damerau-Levenshtein distance of at most 2 that leaves half of it
/// standing. `None` when nothing is near.
pub(super) fn nearest<'a>(given: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if given.len() > MAX_COMPARED {
        return None;
    }
    let plain = |name: &str| name.replace(['-', '_'], "").to_ascii_lowercase();
    let wanted = plain(given);
    names
        .filter_map(|name| {
            let candidate = plain(name);
            let distance = strsim::damerau_levenshtein(&wanted, &candidate);
            let shorter = wanted.len().min(candidate.len());
            let is_prefix = shorter >= 3 && (candidate.starts_with(&wanted) || wanted.starts_with(&candidate));
            let is_near = distance <= 2 && distance * 2 <= shorter;
            (is_prefix || is_near).then_some((distance, name))
        })
        .min()
        .map(|(_, name)| name)
}

/// A configuration text under the name that its errors give it.
#[derive(Clone, Debug, Default)]
pub(super) struct Source {
    /// The file as its user knows it.
    pub(super) file: String,
    /// The text, without a byte order mark.
    pub(super) text: Arc<str>,
}

impl Source {
    /// The error `problem`, at its place if it has one.
    pub(super) fn error(&self, at: Option<Span>, problem: Problem) -> ConfigError {
        self.place(&LineIndex::new(&self.text), at, problem)
    }

    /// The errors of `problems`, in the order of the text, the first [`MAX_ERRORS`] of them.
    pub(super) fn errors(&self, mut problems: Vec<(Option<Span>, Problem)>) -> Vec<ConfigError> {
        problems.sort_by_key(|(at, _)| *at);
        problems.truncate(MAX_ERRORS);
        let lines = LineIndex::new(&self.text);
        problems.into_iter().map(|(at, problem)| self.place(&lines, at, problem)).collect()
    }

    fn place(&self, lines: &LineIndex, at: Option<Span>, problem: Problem) -> ConfigError {
        // Where the value is no part of the mistake, the file may be anything, say an environment file given by accident.
        let shows_value =
            matches!(problem, Problem::UnknownName { .. } | Problem::WrongType { .. } | Problem::BadValue { .. });
        let place = at.map(|span| Box::new(Place::new(&self.text, lines, span, shows_value)));
        ConfigError { file: self.file.clone(), place, problem }
    }
}

/// Most errors that are listed for one file.
pub(super) const MAX_ERRORS: usize = 20;

/// Most characters of a source line that are shown.
const MAX_EXCERPT: usize = 120;

impl Place {
    fn new(text: &str, lines: &LineIndex, span: Span, shows_value: bool) -> Self {
        let region = lines.region(text, span);
        let (line, column) = (region.start.line, region.start.column);
        let source = lines.line_span(text, line).and_then(|at| text.get(at.start..at.end)).unwrap_or_default();
        let before = column as usize - 1;
        let source = if shows_value { mask::random(source) } else { mask::value(source, before) };
        let length = source.chars().count();
        // A long line is shown from a little before the place.
        let cut = if length > MAX_EXCERPT { before.saturating_sub(MAX_EXCERPT / 2) } else { 0 };
        let shown: String = source.chars().skip(cut).take(MAX_EXCERPT).map(printable).collect();
        let end = if region.end.line == line { region.end.column as usize - 1 } else { length };
        let room = shown.chars().count().saturating_sub(before - cut);
        let width = end.saturating_sub(before).min(room).max(1);
        Self { line, column, excerpt: shown.trim_end().to_owned(), indent: before - cut, width }
    }
}

/// `c`, or what stands for it where printing it would move the cursor or turn the text around.
fn printable(c: char) -> char {
    match c {
        '\t' => ' ',
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => char::REPLACEMENT_CHARACTER,
        c if c.is_control() => char::REPLACEMENT_CHARACTER,
        c => c,
    }
}

/// `text` for use in a message: printable, and not longer than a message should be.
pub(super) fn shown(text: &str) -> String {
    shown_up_to(80, text)
}

/// `text`, at most `most` characters of it, printable, and with what looks like a secret masked.
pub(super) fn shown_up_to(most: usize, text: &str) -> String {
    if text.is_empty() {
        return "\"\"".to_owned();
    }
    let mut short: String = mask::random(text).chars().take(most).map(printable).collect();
    if text.chars().nth(most).is_some() {
        short.push('…');
    }
    short
}

impl ConfigError {
    fn render(&self) -> String {
        let Self { file, place, problem } = self;
        let Some(place) = place else {
            return if file.is_empty() { problem.to_string() } else { format!("{file}: {problem}") };
        };
        let Place { line, column, excerpt, indent, width } = &**place;
        let gutter = " ".repeat(line.to_string().len());
        let (blank, caret) = (" ".repeat(*indent), "^".repeat(*width));
        format!("{file}:{line}:{column}: {problem}\n{gutter} |\n{line} | {excerpt}\n{gutter} | {blank}{caret}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_one_that_was_probably_meant() {
        let names = ["exclude", "max-file-size", "low", "high", "critical"];
        let near = |given| nearest(given, names.into_iter());
        assert_eq!(near("exlude"), Some("exclude"));
        assert_eq!(near("maxFileSize"), Some("max-file-size"));
        assert_eq!(near("max_file_size"), Some("max-file-size"));
        assert_eq!(near("max-file"), Some("max-file-size"));
        assert_eq!(near("crit"), Some("critical"));
        assert_eq!(near("HIGH"), Some("high"));
        assert_eq!(near("hgih"), Some("high"));
        assert_eq!(near("foo"), None);
        assert_eq!(near(""), None);
        assert_eq!(near(&"exclude".repeat(1000)), None);
    }

    #[test]
    fn a_long_line_is_shown_around_the_place_only() {
        let text = format!("x = \"{}\" oops {}", "a".repeat(100_000), "b".repeat(100_000));
        let at = text.find("oops").unwrap();
        let place = Place::new(&text, &LineIndex::new(&text), Span::new(at, at + 4), true);
        assert_eq!(place.excerpt.chars().count(), MAX_EXCERPT);
        let marked: String = place.excerpt.chars().skip(place.indent).take(place.width).collect();
        assert_eq!(marked, "oops");
    }

    #[test]
    fn nothing_that_moves_the_cursor_is_printed() {
        let text = "a\u{1b}[2J\u{202e} = 1";
        let place = Place::new(text, &LineIndex::new(text), Span::new(0, text.len()), true);
        assert_eq!(place.excerpt, "a\u{fffd}[2J\u{fffd} = 1");
        assert_eq!(shown("a\r\nb"), "a\u{fffd}\u{fffd}b");
        assert_eq!(shown(&"ü".repeat(100)).chars().count(), 81);
    }
}
