//! A workspace, a lock file, configurations and a member into dependencies, profiles and flags.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lockgate::framework;
use lockgate::platform::Platform;
use lockgate_fuzz::{assert_declared, read_files};

const PATHS: &[&str] = &["Cargo.toml", "Cargo.lock", ".cargo/config.toml", "deny.toml", "member/Cargo.toml"];

fuzz_target!(|text: &str| {
    // What it is taken for decides about nothing here, but must be told of any text.
    let _ = framework::classify("member/Cargo.toml", text);
    assert_declared(&read_files(Platform::Cargo, PATHS, text));
});
