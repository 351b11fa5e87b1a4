//! Rule packs that users bring: a pack loads or its mistakes have places, and an engine can run what was loaded.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lockgate::engine::secrets::SecretEngine;
use lockgate::rules::catalogue::Catalogue;
use lockgate::rules::load;
use lockgate_fuzz::assert_inside;

fuzz_target!(|text: &str| match load::load("pack.yaml", text) {
    Ok(rules) => {
        let catalogue = Catalogue::new(rules);
        let outcome = SecretEngine::new(&catalogue, |_| true).scan("pack.yaml", text);
        outcome.detections.iter().for_each(|detection| assert_inside(text, detection.span));
    }
    Err(errors) => {
        assert!(!errors.is_empty());
        assert!(errors.iter().all(|error| error.line > 0 && error.column > 0 && !error.message.is_empty()));
    }
});
