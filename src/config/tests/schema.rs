//! The JSON Schema, the template and the manual against the reader.

use std::collections::BTreeSet;

use super::*;

#[test]
fn nothing_and_the_template_mean_the_defaults() {
    let default = Settings::default();
    for text in ["", "\u{feff}", "\n# nothing\n", "[gate.secret]", template(), &template().replace('\n', "\r\n")] {
        assert_eq!(parse(text).expect("valid").settings, default, "{text}");
    }
}

/// Every key that the JSON Schema knows, with its table.
fn schema_keys() -> BTreeSet<(String, String)> {
    let schema: serde_json::Value = serde_json::from_str(&json_schema()).unwrap();
    let mut keys = BTreeSet::new();
    let is_table = |section: &&String| !["extends", "final", "waiver"].contains(&section.as_str());
    for section in schema["properties"].as_object().unwrap().keys().filter(is_table) {
        let definition = schema["$defs"]
            .as_object()
            .unwrap()
            .values()
            .find(|one| one["description"].as_str().unwrap().starts_with(&format!("`[{section}]`")))
            .unwrap_or_else(|| panic!("no definition of {section}"));
        for key in definition["properties"].as_object().unwrap().keys() {
            keys.insert((section.clone(), key.clone()));
        }
    }
    keys
}

#[test]
fn the_schema_and_the_reader_know_the_same_keys() {
    let keys = schema_keys();
    assert_eq!(keys.len(), 3 + 6 + 2 + 8 + Category::ALL.len() + 1 + 1);
    for (section, key) in &keys {
        // No key takes a date, so a key that exists complains of the type, and any other of the name.
        let text = errors(format!("[{section}]\n{key} = 2000-01-01"));
        assert!(text.contains(&format!("`{section}.{key}` must be ")), "{section}.{key}: {text}");
        // The template is complete; of the categories it lists the names.
        assert!(template().contains(key.as_str()), "{key} is missing in the template");
    }
}

#[test]
fn the_manual_names_every_key_and_its_examples_are_valid() {
    let manual = include_str!("../../../docs/configuration.md");
    for (section, key) in schema_keys() {
        assert!(manual.contains(&format!("`{key}`")) || manual.contains(&format!("] {key}`")), "{section}.{key}");
    }
    let examples: Vec<&str> =
        manual.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default()).collect();
    assert_eq!(examples.len(), 5);
    let others = [include_str!("../../../docs/policy.md"), include_str!("../../../docs/waivers.md")];
    let others = others.iter().flat_map(|manual| manual.split("```toml\n").skip(1));
    let others: Vec<&str> = others.map(|rest| rest.split("```").next().unwrap_or_default()).collect();
    assert_eq!(others.len(), 4);
    for example in examples.into_iter().chain(others) {
        assert!(parse(example).is_ok(), "{example}");
    }
}

#[test]
fn the_schema_accepts_what_the_reader_accepts() {
    let schema: serde_json::Value = serde_json::from_str(&json_schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let is_valid = |text: &str| {
        let value: serde_json::Value = toml::from_str(text).unwrap();
        validator.is_valid(&value)
    };
    for text in [
        template(),
        "",
        "[scan]\nmax-file-size = 5",
        "[gate.backup]\nseverity = 'low'",
        "[rules.severity]\na = 'low'",
        "[gate]\nundecided = 'block'",
        "[gate.undecided]\nbound = 'block'",
        "[trust]\nself-suppression = 'block'",
    ] {
        assert!(is_valid(text) && parse(text).is_ok(), "{text}");
    }
    for text in [
        "[scan]\nexlude = []",
        "[scan]\nmax-file-size = 0",
        "[scan]\nmax-file-size = '1 foot'",
        "[gate.foo]\nseverity = 'low'",
        "[gate.backup]\nfoo = 'low'",
        "[gate]\nundecided = 'no'",
        "[gate.undecided]\nignored = 'block'",
        "[trust]\nself-suppression = 'warn'",
        "[report]\nseverity = 'none'",
        "[rules]\nprofiles = ['none']",
        "[rules]\nenable = ['A']",
        "[rules.severity]\na = 'none'",
        "foo = 1",
    ] {
        assert!(!is_valid(text) && parse(text).is_err(), "{text}");
    }
}

#[test]
fn the_json_schema_is_stable() {
    insta::assert_snapshot!(json_schema());
}
