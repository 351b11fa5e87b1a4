//! Baselines: what was read is written so that it reads the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lockgate::suppress::baseline::Baseline;
use lockgate_fuzz::assert_printable;

fuzz_target!(|bytes: &[u8]| match Baseline::parse(bytes, "baseline.json") {
    Ok(baseline) => {
        let text = baseline.to_json();
        let again = Baseline::parse(text.as_bytes(), "baseline.json").expect("what was written can be read");
        assert_eq!(again, baseline);
    }
    Err(error) => assert_printable(&error.to_string()),
});
