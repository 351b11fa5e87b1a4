//! Paths of rules: bounded, and what was read is written so that it reads the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lockgate::rules::path::Path;

fuzz_target!(|text: &str| {
    if let Ok(path) = Path::parse(text) {
        assert!(path.alternatives.len() <= 64);
        assert_eq!(Path::parse(&path.to_string()), Ok(path));
    }
});
