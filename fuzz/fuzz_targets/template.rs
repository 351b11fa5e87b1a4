//! Templates of YAML: whatever is left out, all places stay true.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lockgate::document::template;
use lockgate_fuzz::assert_read;

fuzz_target!(|text: &str| {
    // Whether it is one decides about nothing here, but must be told of any text.
    let _ = template::is_template("chart/templates/a.yaml", text);
    let document = template::read_yaml(text);
    assert!(document.is_template);
    assert_read(text, &document);
});
