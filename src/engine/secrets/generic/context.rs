//! Whether a spot in program code lies in text — a comment or a string that holds other text — or in the code itself.
//!
//! A guess, not a lexer: comment marks at the start of the line, quotes before the spot on its line, and the parity of the
//! language's multi-line quotes before it in the file.

use super::reader::line_start;

/// How far back on its line a spot is judged.
const WINDOW: usize = 512;

/// Answers for ascending spots of one file; every byte is counted once.
pub(super) struct Context<'a> {
    bytes: &'a [u8],
    /// Quote of multi-line strings.
    quote: Option<&'static [u8]>,
    counted_to: usize,
    open: bool,
}

/// The quote of strings of many lines in the language of the file at `path`.
pub(in crate::engine::secrets) fn quote_of_lines(path: &str) -> Option<&'static [u8]> {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    match extension {
        "go" | "js" | "ts" | "jsx" | "tsx" | "mjs" | "cjs" | "vue" => Some(b"`"),
        "py" | "kt" | "kts" | "scala" | "java" | "groovy" | "swift" | "cs" | "ex" | "exs" | "dart" => Some(b"\"\"\""),
        _ => None,
    }
}

impl<'a> Context<'a> {
    /// For the file at `path`.
    pub(super) fn new(bytes: &'a [u8], path: &str) -> Self {
        Self { bytes, quote: quote_of_lines(path), counted_to: 0, open: false }
    }

    /// Whether `at` lies in a comment or in a string. Spots must not descend.
    pub(super) fn is_text(&mut self, at: usize) -> bool {
        let start = line_start(self.bytes, at, WINDOW);
        let lead = self.bytes.get(start..at).unwrap_or_default();
        let trimmed = lead.trim_ascii_start();
        if [&b"//"[..], b"#", b"* ", b"/*", b"--", b";", b"<!--", b"%%"].iter().any(|mark| trimmed.starts_with(mark)) {
            return true;
        }
        let count = |quote: u8| memchr::memchr_iter(quote, lead).count();
        if count(b'"') % 2 == 1
            || (count(b'"') == 0 && count(b'\'') % 2 == 1)
            || (count(b'`') % 2 == 1 && self.quote.is_none())
        {
            return true;
        }
        let Some(quote) = self.quote else { return false };
        if at > self.counted_to {
            let passed = self.bytes.get(self.counted_to..at).unwrap_or_default();
            if memchr::memmem::find_iter(passed, quote).count() % 2 == 1 {
                self.open = !self.open;
            }
            self.counted_to = at;
        }
        self.open
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_text(path: &str, text: &str, spot: &str) -> bool {
        Context::new(text.as_bytes(), path).is_text(text.find(spot).unwrap())
    }

    #[test]
    fn comments_and_strings_are_text() {
        assert!(is_text("a.go", "x\n  // password: abc", "password"));
        assert!(is_text("a.go", "x := `\nuser: a\npassword: abc\n`", "password"));
        assert!(is_text("a.py", "x = \"\"\"\npassword = abc\n\"\"\"", "password"));
        assert!(is_text("a.rb", "send \"password=abc\"", "password"));
    }

    #[test]
    fn code_is_no_text() {
        assert!(!is_text("a.go", "x := `a`\npassword: abc", "password"));
        assert!(!is_text("a.js", "f('a', {password: abc})", "password"));
        assert!(!is_text("a.py", "password = abc", "password"));
    }
}
