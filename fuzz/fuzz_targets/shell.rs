//! Shell text into commands: every part can be cut out of the text, and moves with it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lockgate::document::excerpt::Word;
use lockgate::document::shell::{self, Command};
use lockgate::span::Span;
use lockgate_fuzz::assert_inside;

/// Bytes in front of the text when it is read a second time.
const SHIFT: usize = 1000;

fuzz_target!(|text: &str| {
    let commands = shell::split(text, 0);
    for command in &commands {
        spans(command).into_iter().for_each(|span| assert_inside(text, span));
        assert!(command.pipeline.index < command.pipeline.length);
        let names = command.assignments.iter().map(|assignment| &assignment.name);
        assert!(names.into_iter().all(|name| !name.is_empty()));
    }
    let moved = shell::split(text, SHIFT);
    assert_eq!(commands.len(), moved.len());
    for (command, moved) in commands.iter().zip(&moved) {
        let expected = spans(command).into_iter().map(|span| Span::new(span.start + SHIFT, span.end + SHIFT));
        assert!(expected.eq(spans(moved)), "{command:?}\n{moved:?}");
    }
});

fn spans(command: &Command) -> Vec<Span> {
    let word = |word: &Word| [word.span, word.text.whole()];
    let mut spans = vec![command.span];
    spans.extend(command.words.iter().flat_map(word));
    for assignment in &command.assignments {
        spans.push(assignment.span);
        spans.extend(word(&assignment.value));
    }
    for redirect in &command.redirects {
        spans.push(redirect.span);
        spans.extend(word(&redirect.target));
    }
    spans
}
