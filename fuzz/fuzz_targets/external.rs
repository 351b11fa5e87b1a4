//! Lists of other scanners: whatever stands in them, what is said of it can be printed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lockgate::suppress::external::ExternalIgnores;
use lockgate_fuzz::assert_printable;

fuzz_target!(|text: &str| {
    let ignores = ExternalIgnores::of(|_| Ok(Some(text.to_owned())));
    ignores.problems().iter().for_each(|problem| assert_printable(&problem.message));
});
