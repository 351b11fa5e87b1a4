//! Where, on one line of any language, comments begin.
//!
//! No language is parsed. A line is cut into quoted and other text, and a comment opener of some language outside of
//! quotes begins a comment. Where languages disagree (`'` opens a comment in Visual Basic and a string elsewhere), a pair
//! of quotes on the line is a string, and a lone quote is not.

/// Where on a line a comment opener counts as one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Anywhere outside of quotes.
    Anywhere,
    /// At the beginning of the line or behind a blank: elsewhere it is an operator or a separator.
    AfterBlank,
    /// As the first text of the line.
    LineStart,
}

/// What begins a comment in some language.
struct Opener {
    text: &'static str,
    place: Place,
    /// What ends the comment; `None` when the line does.
    closer: Option<&'static str>,
}

const fn opener(text: &'static str, place: Place, closer: Option<&'static str>) -> Opener {
    Opener { text, place, closer }
}

const OPENERS: [Opener; 18] = [
    // shell, Python, Ruby, YAML, TOML, HCL, Dockerfile, properties
    opener("#", Place::Anywhere, None),
    // C, Java, JavaScript, Go, Rust
    opener("//", Place::Anywhere, None),
    // C, CSS; behind `{{` Go templates
    opener("/*", Place::Anywhere, Some("*/")),
    // HTML, XML, Markdown
    opener("<!--", Place::Anywhere, Some("-->")),
    // Jinja, Twig
    opener("{#", Place::Anywhere, Some("#}")),
    // Handlebars
    opener("{{!", Place::Anywhere, Some("}}")),
    // JSP, ASP
    opener("<%--", Place::Anywhere, Some("--%>")),
    // Razor
    opener("@*", Place::AfterBlank, Some("*@")),
    // OCaml, Pascal
    opener("(*", Place::AfterBlank, Some("*)")),
    // Haskell
    opener("{-", Place::AfterBlank, Some("-}")),
    // SQL, Lua, Haskell
    opener("--", Place::AfterBlank, None),
    // INI, Lisp, assembler
    opener(";", Place::AfterBlank, None),
    // TeX, Erlang, MATLAB
    opener("%", Place::AfterBlank, None),
    // Visual Basic
    opener("'", Place::AfterBlank, None),
    // inner lines of C block comments
    opener("*", Place::LineStart, Some("*/")),
    // Vim script
    opener("\"", Place::LineStart, None),
    // batch files
    opener("::", Place::LineStart, None),
    // batch files, BASIC
    opener("REM ", Place::LineStart, None),
];

/// The beginning of a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Comment {
    /// Offset of the punctuation that the opener belongs to.
    start: usize,
    closer: Option<&'static str>,
}

/// One line, cut into quoted and other text.
pub(super) struct Line<'a> {
    text: &'a str,
    /// Byte ranges of strings with their quotes, in order.
    quoted: Vec<(usize, usize)>,
    /// Offset of the first byte that is not blank.
    first: usize,
}

impl<'a> Line<'a> {
    /// Cuts `text`, which holds no line break.
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, quoted: quoted_ranges(text.as_bytes()), first: text.len() - text.trim_start().len() }
    }

    /// The line as it is.
    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// Whether the byte at `offset` stands in a string.
    fn is_quoted(&self, offset: usize) -> bool {
        let behind = self.quoted.partition_point(|&(start, _)| start <= offset);
        behind > 0 && offset < self.quoted[behind - 1].1
    }

    /// The comment opener that begins at `offset`.
    fn opener_at(&self, offset: usize) -> Option<&'static Opener> {
        let (before, rest) = self.text.as_bytes().split_at(offset);
        let opens = |opener: &&Opener| {
            let head = rest.get(..opener.text.len());
            head.is_some_and(|head| head.eq_ignore_ascii_case(opener.text.as_bytes()))
                && match opener.place {
                    // The `//` of a URL opens nothing.
                    Place::Anywhere => opener.text != "//" || before.last() != Some(&b':'),
                    Place::AfterBlank => before.last().is_none_or(u8::is_ascii_whitespace),
                    Place::LineStart => offset == self.first,
                }
        };
        if self.is_quoted(offset) { None } else { OPENERS.iter().find(opens) }
    }

    /// The comment that is opened right before `offset`, with nothing but blanks and the punctuation of comments (`///`,
    /// `/**`, `{{/*`) in between; `None` when there is none or `offset` stands in a string.
    pub(super) fn comment_right_before(&self, offset: usize) -> Option<Comment> {
        if self.is_quoted(offset) {
            return None;
        }
        let before = self.text[..offset].trim_end();
        let is_mark = |c: char| "#/*-;%!<{(@':\"".contains(c);
        let mut start = before.trim_end_matches(is_mark).len();
        if start == before.len() {
            // The one opener that is a word.
            start = before.len().checked_sub(3).filter(|&at| at == self.first)?;
        }
        let opener = (start..before.len()).find_map(|at| self.opener_at(at))?;
        Some(Comment { start, closer: opener.closer })
    }

    /// The comment that `offset` stands in; `None` when there is none or `offset` stands in a string.
    pub(super) fn comment_around(&self, offset: usize) -> Option<Comment> {
        let mut at = if self.is_quoted(offset) { offset } else { self.first };
        while at < offset {
            let Some(opener) = self.opener_at(at) else {
                at += 1;
                continue;
            };
            let inside = at + opener.text.len();
            let closed =
                opener.closer.and_then(|closer| Some(self.text.get(inside..offset)?.find(closer)? + closer.len()));
            match closed {
                Some(length) => at = inside + length,
                None => return Some(Comment { start: at, closer: opener.closer }),
            }
        }
        None
    }

    /// The text of `comment` from `offset` on.
    pub(super) fn text_of(&self, comment: Comment, offset: usize) -> &'a str {
        self.split(comment, offset).0
    }

    /// Whether the line holds nothing but `comment`, which reaches over `offset`.
    pub(super) fn is_only(&self, comment: Comment, offset: usize) -> bool {
        // Behind the closer may stand what closes the delimiters of a template.
        let behind = self.split(comment, offset).1.trim_matches(|c: char| c.is_whitespace() || "-%}>".contains(c));
        comment.start == self.first && behind.is_empty()
    }

    fn split(&self, comment: Comment, offset: usize) -> (&'a str, &'a str) {
        let rest = &self.text[offset..];
        comment.closer.and_then(|closer| rest.split_once(closer)).unwrap_or((rest, ""))
    }
}

/// The strings of a line: from a quote to the next one of its kind that no backslash escapes. A quote without a partner
/// and an apostrophe inside a word begin none.
fn quoted_ranges(line: &[u8]) -> Vec<(usize, usize)> {
    let mut ranges = Vec::new();
    // Kinds of quotes that do not occur any more, so that each kind is searched to the end of the line at most once.
    let mut spent = [false; 256];
    let mut at = 0;
    while let Some(&quote) = line.get(at) {
        let is_apostrophe = quote == b'\'' && at > 0 && line[at - 1].is_ascii_alphanumeric();
        if quote == b'\\' {
            at += 2;
        } else if matches!(quote, b'"' | b'\'' | b'`') && !is_apostrophe && !spent[usize::from(quote)] {
            if let Some(end) = closing_quote(line, at) {
                ranges.push((at, end + 1));
                at = end + 1;
            } else {
                spent[usize::from(quote)] = true;
                at += 1;
            }
        } else {
            at += 1;
        }
    }
    ranges
}

fn closing_quote(line: &[u8], open: usize) -> Option<usize> {
    let mut at = open + 1;
    while let Some(&byte) = line.get(at) {
        match byte {
            b'\\' => at += 2,
            _ if byte == line[open] => return Some(at),
            _ => at += 1,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The punctuation of the comment that is opened right before `@@`, which is cut out.
    fn opener_before_mark(marked: &str) -> Option<String> {
        let offset = marked.find("@@").unwrap();
        let text = marked.replace("@@", "");
        Line::new(&text).comment_right_before(offset).map(|comment| text[comment.start..offset].trim().to_owned())
    }

    #[test]
    fn openers_of_many_languages_are_known() {
        for (line, expected) in [
            ("x = 1 # @@y", "#"),
            ("## @@y", "##"),
            ("x(); // @@y", "//"),
            ("x();//@@y", ";//"),
            ("/// @@y", "///"),
            ("//! @@y", "//!"),
            ("/** @@y */", "/**"),
            ("  * @@y", "*"),
            ("{{/* @@y */}}", "{{/*"),
            ("{{!-- @@y --}}", "{{!--"),
            ("<b/><!-- @@y -->", "<!--"),
            ("{# @@y #}", "{#"),
            ("select 1 -- @@y", "--"),
            ("; @@y", ";"),
            ("x=1 ; @@y", ";"),
            ("% @@y", "%"),
            ("x = 1 ' @@y", "'"),
            ("\" @@y", "\""),
            (":: @@y", "::"),
            ("rem @@y", "rem"),
            ("(* @@y *)", "(*"),
            ("don't # @@y", "#"),
            ("a = 'b' # @@y don't", "#"),
            ("c = '\"'; // @@y \"z\"", "//"),
            ("a = \"\\\"\" # @@y", "#"),
        ] {
            assert_eq!(opener_before_mark(line).as_deref(), Some(expected), "{line}");
        }
    }

    #[test]
    fn text_that_is_no_comment_opens_nothing() {
        for line in [
            "@@y",
            "x @@y",
            "\"# @@y\"",
            "a = 'b # @@y'",
            "`# @@y`",
            "  \"@@y\": 1",
            "a = b * @@y",
            "a; b;@@y",
            "100% b%@@y",
            "see https:// @@y",
            "a # b @@y",
            "dream @@y",
            "key: \" @@y\"",
        ] {
            assert_eq!(opener_before_mark(line), None, "{line}");
        }
    }

    #[test]
    fn a_comment_reaches_over_the_text_before_a_marker() {
        let is_in_comment = |marked: &str| {
            let offset = marked.find("@@").unwrap();
            Line::new(&marked.replace("@@", "")).comment_around(offset).is_some()
        };
        assert!(is_in_comment("x = 1 # see @@y"));
        assert!(is_in_comment("x(); // noqa @@y"));
        assert!(!is_in_comment("x = \"# see @@y\""));
        assert!(!is_in_comment("https://a.example/ @@y"));
        assert!(!is_in_comment("x @@y # z"));
        assert!(is_in_comment("/* a */ x /* see @@y */"));
        assert!(!is_in_comment("/* a */ x @@y"));
    }

    #[test]
    fn a_comment_ends_at_its_own_closer() {
        for (marked, text, is_only) in [
            ("/* @@ a */ b", " a ", false),
            ("/* @@ a */", " a ", true),
            ("{{- /* @@ a */ -}}", " a ", false),
            ("{{/* @@ a */ -}}", " a ", true),
            ("<!-- @@ a -->", " a ", true),
            ("# @@ a --> b */ c", " a --> b */ c", true),
            ("x # @@ a", " a", false),
            ("  * @@ a", " a", true),
        ] {
            let offset = marked.find("@@").unwrap();
            let line = marked.replace("@@", "");
            let line = Line::new(&line);
            let comment = line.comment_right_before(offset).unwrap();
            assert_eq!((line.text_of(comment, offset), line.is_only(comment, offset)), (text, is_only), "{marked}");
        }
    }
}
