//! Dockerfiles: every part of an instruction can be cut out of the text, and so can what the stages declare.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lockgate::document::dockerfile::{self, Instruction, MAX_INSTRUCTIONS};
use lockgate::document::excerpt::Word;
use lockgate::platform::Platform;
use lockgate::span::Span;
use lockgate_fuzz::{assert_declared, assert_inside, read_files};

fuzz_target!(|text: &str| {
    let file = dockerfile::parse(text);
    for directive in &file.directives {
        assert_inside(text, directive.span);
        assert_inside(text, directive.value_span);
    }
    assert!(file.instructions.len() <= MAX_INSTRUCTIONS);
    file.instructions.iter().for_each(|instruction| check(text, instruction, file.escape));
    file.comments.iter().for_each(|&comment| assert_inside(text, comment));
    file.errors.iter().for_each(|error| assert_inside(text, Span::new(error.offset, error.offset)));
    assert_declared(&read_files(Platform::Dockerfile, &["Dockerfile"], text));
});

fn check(text: &str, instruction: &Instruction, escape: char) {
    assert_inside(text, instruction.span);
    assert_inside(text, instruction.keyword_span);
    assert_inside(text, instruction.arguments.whole());
    for flag in &instruction.flags {
        assert_inside(text, flag.span);
        flag.value.iter().for_each(|value| check_word(text, value));
    }
    dockerfile::words(instruction).iter().for_each(|word| check_word(text, word));
    for pair in dockerfile::pairs(instruction, escape) {
        assert_inside(text, pair.span);
        check_word(text, &pair.name);
        pair.value.iter().for_each(|value| check_word(text, value));
    }
    for document in &instruction.here_documents {
        assert_inside(text, document.opener);
        assert_inside(text, document.body.whole());
        assert_inside(text, document.full.whole());
    }
    // Nothing nests deeper.
    if let Some(nested) = &instruction.nested {
        check(text, nested, escape);
    }
}

fn check_word(text: &str, word: &Word) {
    assert_inside(text, word.span);
    assert_inside(text, word.text.whole());
}
