//! Short runs of base64 on lines that speak of base64: arguments of what decodes, and what is piped into `base64 -d`.

use super::decode::{SHORTEST, is_digit};
use crate::span::Span;

/// Shortest run that is decoded: shorter ones hold no name and value, and no secret that is told by its form.
const SHORTEST_ANNOUNCED: usize = 16;
/// How far the line is read to either side.
const AROUND: usize = 256;

/// What such lines hold, without regard to case.
pub(super) const WORDS: [&str; 3] = ["base64", "b64decode(", "atob("];

/// Where the [`WORDS`] stand in `text`, in order.
pub(super) fn hits(text: &[u8]) -> Vec<usize> {
    let lower = text.to_ascii_lowercase();
    let mut hits: Vec<usize> =
        WORDS.iter().flat_map(|word| memchr::memmem::find_iter(&lower, word).collect::<Vec<_>>()).collect();
    hits.sort_unstable();
    hits
}

/// Calls `found` with the runs of fewer than [`SHORTEST`] characters on the lines of `hits`, where the [`WORDS`] stand.
pub(super) fn runs(text: &[u8], hits: &[usize], mut found: impl FnMut(Span)) {
    let mut passed = 0;
    for &at in hits {
        if at < passed || at >= text.len() {
            continue;
        }
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
        runs(text.as_bytes(), &hits(text.as_bytes()), |run| found.push(&text[run.start..run.end]));
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
        for part in ["base64", "atob(", "base64 aaaaaaaaaaaaaaaaaaaa", "BASE64\n", "\u{fc}base64"] {
            let text = part.repeat(3000);
            runs(text.as_bytes(), &hits(text.as_bytes()), |run| assert!(run.len() < SHORTEST));
            runs(text.as_bytes(), &[1, 0, 7, 7, usize::MAX], |_| {});
        }
    }
}
