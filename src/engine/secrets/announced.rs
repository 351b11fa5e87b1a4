//! Short runs of base64 on lines that speak of base64: arguments of what decodes, and what is piped into `base64 -d`.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::decode::{SHORTEST, is_digit};
use crate::span::Span;

/// Shortest run that is decoded: shorter ones hold no name and value, and no secret that is told by its form.
const SHORTEST_ANNOUNCED: usize = 16;
/// How far the line is read to either side.
const AROUND: usize = 256;

/// What such lines hold: `base64`, `Base64`, `FromBase64String`, and the two names that say it otherwise.
static WORDS: LazyLock<[Finder<'static>; 3]> = LazyLock::new(|| ["ase64", "b64decode(", "atob("].map(Finder::new));

/// Calls `found` with the runs of fewer than [`SHORTEST`] characters on each line that says that something is encoded.
pub(super) fn runs(text: &[u8], mut found: impl FnMut(Span)) {
    for word in WORDS.iter() {
        let mut passed = 0;
        while let Some(at) = text.get(passed..).and_then(|rest| word.find(rest)).map(|at| passed + at) {
            let line = around(text, at, passed);
            passed = line.end.max(at + 1);
            let mut rest = line.start;
            while rest < line.end {
                let length = text[rest..line.end].iter().take_while(|&&byte| is_digit(byte)).count();
                if (SHORTEST_ANNOUNCED..SHORTEST).contains(&length) {
                    found(Span::new(rest, rest + length));
                }
                rest += length + 1;
            }
        }
    }
}

/// The line of `at`, or what of it is near, from `from` on.
fn around(text: &[u8], at: usize, from: usize) -> Span {
    let before = &text[from.max(at.saturating_sub(AROUND))..at];
    let start = at - before.iter().rev().take_while(|&&byte| byte != b'\n').count();
    let behind = &text[at..text.len().min(at + AROUND)];
    Span::new(start, at + memchr::memchr(b'\n', behind).unwrap_or(behind.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        runs(text.as_bytes(), |run| found.push(&text[run.start..run.end]));
        found
    }

    #[test]
    fn runs_stand_on_lines_that_speak_of_base64() {
        let run = "cGFzc3dvcmQ9dmh0cXo3eGs";
        for text in [
            format!("echo {run}= | base64 -d"),
            format!("x = atob(\"{run}=\")"),
            format!("x = b64decode('{run}=')"),
            format!("[Convert]::FromBase64String(\"{run}=\")"),
            format!("a\n{run} base64 Base64\nb"),
        ] {
            assert!(found(&text).contains(&run), "{text}");
        }
        for text in
            [format!("echo {run}"), format!("base64\n{run}\n"), "base64 dmh0".to_owned(), run.repeat(2) + " base64"]
        {
            assert!(found(&text).is_empty(), "{text}");
        }
    }

    #[test]
    fn hostile_text_is_taken() {
        for part in ["base64", "atob(", "base64 aaaaaaaaaaaaaaaaaaaa", "ase64\n", "\u{fc}base64"] {
            let text = part.repeat(3000);
            runs(text.as_bytes(), |run| assert!(run.len() < SHORTEST));
        }
    }
}
