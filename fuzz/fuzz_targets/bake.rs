//! Bake files in HCL and in JSON into targets.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lockgate::platform::Platform;
use lockgate_fuzz::{assert_declared, read_files};

fuzz_target!(|text: &str| {
    let path = if text.starts_with('{') { "docker-bake.json" } else { "docker-bake.hcl" };
    assert_declared(&read_files(Platform::Bake, &[path], text));
});
