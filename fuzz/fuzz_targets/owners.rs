//! `CODEOWNERS` files: whoever owns a path is named in the file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lockgate::owners::{Dialect, Owners};

fuzz_target!(|text: &str| {
    let (path, text) = text.split_once('\n').unwrap_or(("src/main.rs", text));
    for dialect in [Dialect::GitHub, Dialect::GitLab] {
        let owners = Owners::parse(text, dialect);
        for owner in owners.of(path) {
            assert!(text.contains(&owner), "{owner}");
        }
    }
});
