//! The built-in packs: every rule has fixtures and does on them what they say.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use lockgate::fixture;
use lockgate::rules::builtin;
use lockgate::rules::catalogue::Catalogue;

fn fixtures() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

#[test]
fn every_rule_holds_on_its_fixtures() {
    let catalogue = Catalogue::new(builtin::rules());
    let failures = fixture::run(&catalogue, &fixtures(), |_| true).unwrap();
    let text: Vec<String> = failures.iter().map(ToString::to_string).collect();
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), text.join("\n"));
}

#[test]
fn every_fixture_folder_belongs_to_a_rule() {
    let catalogue = Catalogue::new(builtin::rules());
    for entry in std::fs::read_dir(fixtures()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(catalogue.rules().iter().any(|rule| rule.id == name), "fixtures/{name} belongs to no rule");
    }
}

/// The set of ids: a rule that vanishes or changes its name shows here, and then needs an alias.
#[test]
fn the_ids_of_all_rules() {
    let catalogue = Catalogue::new(builtin::rules());
    let ids: Vec<&str> = catalogue.rules().iter().map(|rule| rule.id.as_str()).collect();
    insta::assert_snapshot!(ids.join("\n"));
}

#[test]
fn every_text_is_fit_to_be_read() {
    let catalogue = Catalogue::new(builtin::rules());
    for rule in catalogue.rules() {
        assert!(rule.details.description.ends_with('.'), "{}: the description is a sentence", rule.id);
        assert!(rule.details.remediation.ends_with('.'), "{}: the remediation is a sentence", rule.id);
        assert!(!rule.title.ends_with('.'), "{}: the title is a heading", rule.id);
        assert!(
            rule.details.description.len() >= 20 && rule.details.remediation.len() >= 20,
            "{}: too terse to help",
            rule.id
        );
    }
}

/// A complete token of a provider in the tree would make every host with push protection refuse it.
#[test]
fn no_complete_token_stands_in_a_fixture() {
    let catalogue = Catalogue::new(builtin::rules());
    let engine = lockgate::engine::secrets::SecretEngine::new(&catalogue, |rule| {
        // Rules that know a token by its own form; a value beside a name is refused by nobody.
        matches!(
            &rule.detect,
            lockgate::rules::schema::Detect::Secret(secret)
                if matches!(&secret.source, lockgate::rules::schema::Source::Patterns(patterns)
                    if patterns.iter().any(|pattern| pattern.public_prefix >= 3))
        )
    });
    let mut found = Vec::new();
    visit(&fixtures(), &mut |path| {
        let text = std::fs::read_to_string(path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy();
        for detection in engine.scan(&name, &text).detections {
            // Where the form of a secret allows for the mark, the mark still breaks it.
            if text[detection.span.start..detection.span.end].contains(fixture::CUT_MARK) {
                continue;
            }
            let rule = &catalogue.rules()[detection.rule];
            found.push(format!("{}: {}", path.display(), rule.id));
        }
    });
    assert!(found.is_empty(), "break them with {}:\n{}", fixture::CUT_MARK, found.join("\n"));
}

fn visit(directory: &Path, each: &mut dyn FnMut(&Path)) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { visit(&path, each) } else { each(&path) }
    }
}
