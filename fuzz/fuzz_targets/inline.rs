//! Comments that silence findings: bounded, printable, and none of them is read from inside a secret.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lockgate::finding::Category;
use lockgate::span::Span;
use lockgate::suppress::inline::{InlineSuppressions, Target};
use lockgate_fuzz::assert_printable;

fuzz_target!(|text: &str| {
    let middle = text.floor_char_boundary(text.len() / 2);
    for secrets in [vec![], vec![Span::new(0, middle)], vec![Span::new(middle, text.len()), Span::new(0, middle)]] {
        check(text, &secrets);
    }
});

fn check(text: &str, secrets: &[Span]) {
    let found = InlineSuppressions::parse(text, secrets);
    let lines = u32::try_from(text.split('\n').count()).unwrap_or(u32::MAX);
    assert!(found.malformed().len() <= 20);
    assert!(found.malformed().iter().all(|marker| (1..=lines).contains(&marker.line)));
    let all_is_secret = secrets.len() == 2;
    for line in 1..=lines.min(64) {
        for category in [Category::Secret, Category::Network] {
            let target = Target {
                rule: "a-rule",
                aliases: &[],
                equivalents: &[],
                category,
                first_line: line,
                last_line: line,
                extent: None,
            };
            let Some(suppression) = found.find(&target) else { continue };
            assert!(!all_is_secret, "a marker counts inside of a secret");
            assert_printable(suppression.justification.as_deref().unwrap_or_default());
        }
    }
}
