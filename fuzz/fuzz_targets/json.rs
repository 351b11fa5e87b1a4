//! JSON with comments into located trees.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lockgate::document::json;
use lockgate_fuzz::assert_read;

fuzz_target!(|text: &str| assert_read(text, &json::read(text)));
