//! Compose files, up to three of them that may extend each other, into services and their links.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lockgate::framework;
use lockgate::platform::Platform;
use lockgate_fuzz::{assert_declared, read_files};

const PATHS: &[&str] = &["compose.yaml", "base.yaml", "deploy/compose.yaml"];

fuzz_target!(|text: &str| {
    // What it is taken for decides about nothing here, but must be told of any text.
    let _ = framework::classify("stack.yaml", text);
    assert_declared(&read_files(Platform::Compose, PATHS, text));
});
