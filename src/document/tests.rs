//! What holds for every reader and every text: no panic, and all positions lie in the text, between characters.

use proptest::prelude::*;

use super::node::{Node, Value};
use super::{Document, json, template, toml, yaml};
use crate::span::Span;

type Reader = fn(&str) -> Document;

const READERS: &[(&str, Reader)] =
    &[("yaml", yaml::read), ("template", template::read_yaml), ("json", json::read), ("toml", toml::read)];

/// Texts with most of what the formats have, as a start for mutations.
const SEEDS: &[&str] = &[
    "a: &x {b: 1, c: [d, 'e', \"f\\n\"]}\ng:\n  <<: *x\n  h: |\n    i\n    j\n# k\n---\n- l: !Ref m\n  n: >-\n    o\n-\n  - p\n...\n",
    "metadata:\n  name: {{ include \"a.b\" . }}\n  labels:\n    {{- toYaml .x | nindent 4 }}\n  {{- if .y }}\n  z: \"{{ .w }}-é\"\n  {{- end }}\nlist:\n  - {{ .v }}\n{% for a in b %}\n  - {{ a }}: 1\n{% endfor %}\n",
    "{\"a\": [1, -2.5e3, true, null, \"\\u00e4 é\"], // b\n \"c\": {\"d\": {}}, /* e */}",
    "a.b = 'é' # c\n[d.e]\nf = [1, {g = 2.5}]\n[[h]]\ni = \"\"\"j\n\"\"\"\nk = 1979-05-27\n",
];

fn check(name: &str, text: &str, read: Reader) {
    let document = read(text);
    for error in &document.errors {
        assert!(text.is_char_boundary(error.offset), "{name}: {error:?}\n{text:?}");
    }
    for &comment in &document.comments {
        check_span(name, text, comment);
    }
    for root in &document.roots {
        check_node(name, text, root);
    }
}

fn check_span(name: &str, text: &str, span: Span) {
    assert!(text.get(span.start..span.end).is_some(), "{name}: {span:?}\n{text:?}");
}

fn check_node(name: &str, text: &str, node: &Node) {
    check_span(name, text, node.span);
    match &node.value {
        Value::Sequence(items) => items.iter().for_each(|item| check_node(name, text, item)),
        Value::Mapping(mapping) => {
            for entry in &mapping.entries {
                check_node(name, text, &entry.key);
                check_node(name, text, &entry.value);
            }
        }
        Value::Scalar { .. } | Value::Unknown => {}
    }
}

fn check_all(text: &str) {
    for &(name, read) in READERS {
        check(name, text, read);
    }
}

#[test]
fn the_seeds_are_right() {
    assert_eq!(yaml::read(SEEDS[0]).errors, []);
    assert_eq!(template::read_yaml(SEEDS[1]).errors, []);
    assert_eq!(json::read(SEEDS[2]).errors, []);
    assert_eq!(toml::read(SEEDS[3]).errors, []);
    for seed in SEEDS {
        check_all(seed);
    }
}

proptest! {
    #[test]
    fn any_text_is_read(text in any::<String>()) {
        check_all(&text);
    }

    #[test]
    fn any_signs_are_read(text in "[-a#:{}\\[\\],&*!|>'\"%@`?<~. \t\r\n\u{feff}\u{e9}\u{2028}=/\\\\0x]{0,80}") {
        check_all(&text);
    }

    #[test]
    fn mutated_texts_are_read(
        seed in 0..SEEDS.len(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..4_usize, "[-#:{}\\[\\],&*!|>'\"% \t\r\n\u{e9}a<%]{0,4}"), 1..6),
    ) {
        let mut characters: Vec<char> = SEEDS[seed].chars().collect();
        for (at, cut, insert) in edits {
            let at = at.index(characters.len() + 1);
            let end = (at + cut).min(characters.len());
            characters.splice(at..end, insert.chars());
        }
        check_all(&characters.into_iter().collect::<String>());
    }
}
