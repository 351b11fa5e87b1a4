//! Templates of CloudFormation, up to three of them that may make stacks of each other, into resources and their links.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lockgate::framework;
use lockgate::platform::Platform;
use lockgate_fuzz::{assert_declared, read_files};

const PATHS: &[&str] = &["template.yaml", "nested/storage.template", "nested/network.json"];

fuzz_target!(|text: &str| {
    // What it is taken for decides about nothing here, but must be told of any text.
    let _ = framework::classify("stack.template", text);
    assert_declared(&read_files(Platform::Cloudformation, PATHS, text));
});
