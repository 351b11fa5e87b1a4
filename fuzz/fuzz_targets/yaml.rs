//! YAML into located trees: every node can be cut out of the text, and so can the place of an error.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lockgate::document::yaml;
use lockgate::span::Span;
use lockgate_fuzz::{assert_inside, assert_located};

fuzz_target!(|text: &str| match yaml::parse(text) {
    Ok(documents) => documents.iter().for_each(|root| assert_located(text, root)),
    Err(error) => assert_inside(text, Span::new(error.offset, error.offset)),
});
