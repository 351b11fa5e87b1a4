//! The secrets engine with every built-in rule: detections are in order, share no byte, and hold the bytes of their spans.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use lockgate::engine::secrets::{MAX_DETECTIONS, SecretEngine};
use lockgate::fixture::CUT_MARK;
use lockgate::rules::builtin;
use lockgate::rules::catalogue::Catalogue;

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::new(builtin::rules()));
static ENGINE: LazyLock<SecretEngine<'static>> = LazyLock::new(|| SecretEngine::new(&CATALOGUE, |_| true));

/// Names that bring in other rules and other readers of the generic detector. The length of a text chooses: with the name
/// inside the input, the fixtures could not be its seeds.
const PATHS: &[&str] = &[
    "src/main.py",
    ".env",
    "config.yaml",
    "settings.json",
    "Dockerfile",
    "run.sh",
    ".npmrc",
    ".netrc",
    "main.tf",
    ".docker/config.json",
    "README.md",
];

fuzz_target!(|text: &str| {
    let path = PATHS[text.len() % PATHS.len()];
    // The seeds are fixtures, in which a mark breaks each secret.
    let text = text.replace(CUT_MARK, "");
    let outcome = ENGINE.scan(path, &text);
    assert!(outcome.detections.len() <= MAX_DETECTIONS);
    assert!(outcome.unexamined_from.is_none_or(|at| at <= text.len()));
    let mut end = 0;
    for detection in &outcome.detections {
        let span = detection.span;
        assert!(end <= span.start && !span.is_empty(), "{span:?} follows a detection that ends at {end}");
        assert!(span.slice(text.as_bytes()).is_some(), "{span:?} lies outside of {} bytes", text.len());
        assert!(detection.rule < CATALOGUE.rules().len());
        let shown = detection.secret.redacted(detection.public_prefix);
        assert!(shown.chars().filter(|&c| c != '…').count() <= detection.secret.len() / 4, "too much of it is shown");
        end = span.end;
    }
});
