//! YAML into located trees: what could be read of it can be cut out of the text, and so can comments and mistakes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lockgate::document::yaml;
use lockgate_fuzz::assert_read;

fuzz_target!(|text: &str| {
    let document = yaml::read(text);
    assert_read(text, &document);
    assert_eq!(yaml::parse(text).is_ok(), document.errors.is_empty());
});
