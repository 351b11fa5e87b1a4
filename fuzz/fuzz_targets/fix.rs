//! Every kind of fix at every place of a YAML text: an edit that is offered keeps the text readable, and nothing panics.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lockgate::document::node::{Node, Value};
use lockgate::document::yaml;
use lockgate::fix::{Editor, Target, apply};
use lockgate::rules::fix::{Change, Fix, Literal};
use lockgate::rules::path::Path;

/// Most places that are tried in one text.
const PLACES: usize = 50;

fuzz_target!(|text: &str| {
    let Some(mut editor) = Editor::new(text) else { return };
    let set = Path::parse("a.b").expect("the path is right");
    let changes = [
        Change::Set { at: set, to: Literal::Mapping(Vec::new()), after: Some("x".to_owned()) },
        Change::Replace(Literal::text("a: b")),
        Change::Remove,
        Change::Quote,
        Change::Native("through-env".to_owned()),
    ];
    let document = yaml::read(text);
    let mut rest: Vec<&Node> = document.roots.iter().collect();
    let mut offered = Vec::new();
    let mut count = 0;
    while let Some(node) = rest.pop().filter(|_| count < PLACES) {
        count += 1;
        let target = Target { reported: node.span, resource: node.span, scopes: &[] };
        for change in &changes {
            let fix = Fix { change: change.clone(), is_unsafe: false, description: None };
            if let Some(edits) = editor.propose(&fix, &target) {
                let alone = apply(text, &[edits.clone()]).expect("the edits lie in the text");
                assert_ne!(alone.text, text);
                assert!(yaml::read(&alone.text).errors.is_empty());
                offered.push(edits);
            }
        }
        match &node.value {
            Value::Sequence(items) => rest.extend(items),
            Value::Mapping(mapping) => rest.extend(mapping.entries.iter().map(|entry| &entry.value)),
            Value::Scalar { .. } | Value::Unknown => {}
        }
    }
    assert!(apply(text, &offered).is_some());
});
