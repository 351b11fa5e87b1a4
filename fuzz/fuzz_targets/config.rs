//! `lockgate.toml` from a tree that nobody vouches for: it is read, or every mistake has its place and can be printed.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use lockgate::config::Config;
use lockgate_fuzz::assert_printable;

fuzz_target!(|bytes: &[u8]| {
    if let Err(errors) = Config::parse(bytes, "lockgate.toml", Path::new("")) {
        assert!(!errors.is_empty());
        for error in errors {
            assert!(error.place.as_ref().is_none_or(|place| place.line > 0 && place.column > 0));
            assert_printable(&error.to_string());
        }
    }
});
