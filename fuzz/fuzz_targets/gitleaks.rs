//! Configurations of gitleaks and betterleaks: one loads or its mistakes have places, and an engine can run what was loaded.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lockgate::engine::secrets::SecretEngine;
use lockgate::rules::catalogue::Catalogue;
use lockgate::rules::gitleaks;
use lockgate_fuzz::assert_inside;

fuzz_target!(|text: &str| match gitleaks::load("g.toml", text, &|_, _| Err("not here".to_owned())) {
    Ok(loaded) => {
        let catalogue = Catalogue::new(loaded.rules);
        let outcome = SecretEngine::new(&catalogue, |_| true).scan("g.toml", text);
        outcome.detections.iter().for_each(|detection| assert_inside(text, detection.span));
    }
    Err(errors) => {
        assert!(!errors.is_empty());
        assert!(errors.iter().all(|error| error.line > 0 && error.column > 0 && !error.message.is_empty()));
    }
});
