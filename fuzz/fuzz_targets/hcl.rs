//! HCL in native and JSON syntax: every part of the tree can be cut out of the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lockgate::document::Document;
use lockgate::document::hcl;
use lockgate::document::hcl::syntax::{Body, Expression, Item, Part, Step, Term};
use lockgate_fuzz::{assert_inside, assert_read};

fuzz_target!(|text: &str| {
    let readers: [fn(&str) -> (Body, Document); 2] =
        if text.starts_with('{') { [hcl::read_json, hcl::read_json_values] } else { [hcl::read; 2] };
    for read in readers {
        let (body, document) = read(text);
        assert_read(text, &document);
        check_body(text, &body);
    }
});

// The parser bounds how deep bodies, expressions and templates nest.
fn check_body(text: &str, body: &Body) {
    for item in &body.items {
        match item {
            Item::Attribute(attribute) => {
                assert_inside(text, attribute.name.span);
                check(text, &attribute.value);
            }
            Item::Block(block) => {
                assert_inside(text, block.span);
                assert_inside(text, block.kind.span);
                block.labels.iter().for_each(|label| assert_inside(text, label.span));
                check_body(text, &block.body);
            }
        }
    }
}

fn check(text: &str, expression: &Expression) {
    assert_inside(text, expression.span);
    match &expression.term {
        Term::Null | Term::Bool(_) | Term::Number(_) | Term::Text(_) | Term::Variable(_) => {}
        Term::Template(parts) => check_parts(text, parts),
        Term::Tuple(items) | Term::Call { arguments: items, .. } => items.iter().for_each(|item| check(text, item)),
        Term::Object(entries) => {
            entries.iter().flat_map(|(key, value)| [key, value]).for_each(|part| check(text, part))
        }
        Term::Traversal(base, steps) => {
            check(text, base);
            for step in steps {
                if let Step::Index(index) = step {
                    check(text, index);
                }
            }
        }
        Term::Conditional(parts) => parts.iter().for_each(|part| check(text, part)),
        Term::Negative(operand) | Term::Not(operand) => check(text, operand),
        Term::Binary(_, operands) => operands.iter().for_each(|operand| check(text, operand)),
        Term::For(term) => {
            let optional = [&term.name, &term.condition];
            [&term.collection, &term.result]
                .into_iter()
                .chain(optional.into_iter().flatten())
                .for_each(|part| check(text, part));
        }
    }
}

fn check_parts(text: &str, parts: &[Part]) {
    for part in parts {
        match part {
            Part::Literal(literal) => assert!(!literal.is_empty()),
            Part::Interpolation(expression) => check(text, expression),
            Part::If { condition, then, otherwise } => {
                check(text, condition);
                check_parts(text, then);
                check_parts(text, otherwise);
            }
            Part::For { collection, body, .. } => {
                check(text, collection);
                check_parts(text, body);
            }
        }
    }
}
