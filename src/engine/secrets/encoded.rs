//! Secrets in encoded text: what `decode` makes readable is looked at like any other text, and found again in the outer one.

use super::decode::Decoded;
use super::index::Index;
use super::{Pass, announced, specificity, wrapped};
use crate::engine::Detection;
use crate::rating::Confidence;
use crate::span::Span;

/// How many encodings may lie in each other. Each makes the text shorter.
const DEPTH: usize = 3;
/// The path of a text that is no file. Its extension says: text of any kind.
const PATH: &str = "decoded.txt";

impl Pass<'_> {
    /// Looks into what is encoded in the text.
    pub(super) fn encoded(&mut self) {
        let (found, stopped_at) = find(self.index, self.text, &self.encoded_hits, DEPTH);
        self.found.extend(found);
        self.stopped_at = self.stopped_at.into_iter().chain(stopped_at).min();
    }
}

/// Whether anything is encoded on the lines of `text` that one of `spans`, which ascend, touches.
pub(super) fn holds_encoded(text: &[u8], spans: impl Iterator<Item = Span>) -> bool {
    // Spans within one run of many lines are looked at together.
    let mut examined = 0;
    let mut spans = spans;
    spans.any(|span| {
        if span.end < examined {
            return false;
        }
        let around = wrapped::lines_around(text, span);
        examined = around.end;
        around.slice(text).is_some_and(|lines| !Decoded::of(lines, &announced::hits(lines)).is_empty())
    })
}

/// What is found in the encoded parts of `text`, with places in it, and where the search was given up.
fn find(index: &Index, text: &[u8], announced: &[usize], depth: usize) -> (Vec<Detection>, Option<usize>) {
    let decoded = if depth > 0 { Decoded::of(text, announced) } else { Decoded::default() };
    if decoded.is_empty() {
        return (Vec::new(), None);
    }
    let inner = decoded.text.as_bytes();
    let applicable = index.applicable(PATH);
    let mut pass = Pass::new(index, &applicable, inner);
    index.visit(inner, |call, at, _| pass.call(call, at));
    pass.generic(PATH, &decoded.text);
    let (deeper, given_up) = find(index, inner, &pass.encoded_hits, depth - 1);
    let stopped_at = pass.stopped_at.into_iter().chain(given_up).min();
    let stopped_at = stopped_at.map(|at| decoded.origin(Span::new(at, at + 1)).map_or(0, |(span, _)| span.start));
    let found = pass.found.into_iter().chain(deeper).filter_map(|mut detection| {
        // A hint under an encoding is none, and a name that only informs is hardly worth the search.
        if detection.confidence == Confidence::Low || detection.specificity < specificity::GENERIC {
            return None;
        }
        let (outer, encoding) = decoded.origin(detection.span)?;
        detection.span = outer;
        // A rule that knows the encoded form says more about it.
        detection.specificity = detection.specificity.min(specificity::PLACED);
        detection.facts.push(format!("decoded from {encoding}"));
        Some(detection)
    });
    (found.collect(), stopped_at)
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};

    use crate::engine::secrets::SecretEngine;
    use crate::rules::builtin;
    use crate::rules::catalogue::Catalogue;

    static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::new(builtin::rules()));

    /// Rule, outer text, secret and facts of what is found.
    fn found(path: &str, text: &str) -> Vec<(String, String, String, Vec<String>)> {
        let engine = SecretEngine::new(&CATALOGUE, |_| true);
        let row = |detection: crate::engine::Detection| {
            (
                CATALOGUE.rules()[detection.rule].id.clone(),
                text[detection.span.start..detection.span.end].to_owned(),
                String::from_utf8_lossy(detection.secret.expose()).into_owned(),
                detection.facts,
            )
        };
        engine.scan(path, text).detections.into_iter().map(row).collect()
    }

    fn url() -> String {
        format!("postgres://app:{}@db.example.net/shop", "vhtqz7xkq2")
    }

    #[test]
    fn an_encoded_setting_is_read_as_what_it_encodes() {
        let encoded = BASE64.encode(url().as_bytes());
        let text = format!("settings:\n  DATABASE: {encoded}\n");
        let found = found("values.yaml", &text);
        let (rule, outer, secret, facts) = found.iter().find(|row| row.2 == "vhtqz7xkq2").unwrap();
        assert!(rule.contains("url") || rule.contains("postgres"), "{rule}");
        assert!(encoded.contains(outer.as_str()) && outer.len() <= 20, "{outer} {secret}");
        assert!(facts.contains(&"decoded from base64".to_owned()));
    }

    #[test]
    fn a_secret_that_a_line_break_divides_is_found_at_the_outer_text() {
        let plain = format!("#!/bin/sh\n# Restores the shop\nexport DATABASE={}\nrestore now\n", url());
        let digits = BASE64.encode(plain.as_bytes());
        let at = (plain.find("vhtqz7xkq2").unwrap() + 5) / 3 * 4;
        for joint in ["\n", "\n    ", "\" +\n  \"", "\\\n"] {
            let text = format!("script: \"{}{joint}{}\"\n", &digits[..at], &digits[at..]);
            let found = found("a.txt", &text);
            let (_, outer, _, facts) = found.iter().find(|row| row.2 == "vhtqz7xkq2").unwrap();
            assert!(outer.contains(joint) && outer.len() < 32, "{outer}");
            assert!(facts.contains(&"decoded from base64".to_owned()));
        }
    }

    #[test]
    fn a_short_text_is_read_where_its_line_says_that_it_is_encoded() {
        let digits = BASE64.encode(format!("password={}", "vhtqz7xk").as_bytes());
        assert!(found("a.sh", &format!("run {digits} now\n")).is_empty());
        let text = format!("echo {digits} | base64 -d > settings\n");
        assert!(found("a.sh", &text).iter().any(|row| row.2 == "vhtqz7xk"));
    }

    #[test]
    fn an_encoded_value_has_the_identity_of_the_secret() {
        let text = format!("kind: Secret\ndata:\n  password: {}\n", BASE64.encode(b"vhtqz7xk"));
        let found = found("secret.yaml", &text);
        let (_, outer, secret, facts) = found.iter().find(|row| row.0 == "generic-password").unwrap();
        assert_eq!((outer.as_str(), secret.as_str()), ("dmh0cXo3eGs=", "vhtqz7xk"));
        assert!(facts.contains(&"decoded from base64".to_owned()));
    }

    #[test]
    fn encodings_may_lie_in_each_other_but_not_for_ever() {
        let mut text = url();
        for _ in 0..3 {
            text = BASE64URL_NOPAD.encode(text.as_bytes());
        }
        assert!(found("a.txt", &text).iter().any(|row| row.2 == "vhtqz7xkq2"));
        assert!(found("a.txt", &HEXLOWER.encode(text.as_bytes())).is_empty());
    }

    #[test]
    fn what_is_no_secret_when_decoded_is_none() {
        let text = format!("data: {}", BASE64.encode(b"The quick brown fox jumps over the lazy dog."));
        assert!(found("a.yaml", &text).is_empty());
        let nothing = format!("data: {}", BASE64.encode(b"postgres://app:${DB_PASSWORD}@db.example.net/shop"));
        assert!(found("a.yaml", &nothing).is_empty());
    }
}
