//! Kubernetes manifests, up to three of them, into objects, views and links.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lockgate::framework;
use lockgate::platform::Platform;
use lockgate_fuzz::{assert_declared, read_files};

const PATHS: &[&str] = &["base/all.yaml", "base/more.yaml", "overlays/test/templates/all.yaml"];

fuzz_target!(|text: &str| {
    // What it is taken for decides about nothing here, but must be told of any text.
    let _ = framework::classify("all.yaml", text);
    assert_declared(&read_files(Platform::Kubernetes, PATHS, text));
});
