//! Up to three files of GitHub Actions that may call each other, into jobs, steps and expressions.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lockgate::framework;
use lockgate::platform::Platform;
use lockgate_fuzz::{assert_declared, read_files};

const PATHS: &[&str] = &[".github/workflows/a.yml", ".github/workflows/b.yml", "act/action.yml"];

fuzz_target!(|text: &str| {
    // What it is taken for decides about nothing here, but must be told of any text.
    let _ = framework::classify(".github/workflows/a.yml", text);
    assert_declared(&read_files(Platform::GithubActions, PATHS, text));
});
