//! YAML into located trees, over the events of `granit-parser`.
//!
//! [`read`] takes what can be read: of a broken document the complete entries before the error, and the documents behind
//! the next `---`. [`parse`] wants all of the text to be right.

use granit_parser::{Parser, StrInput};

use super::node::Node;
use super::yaml_tree::{Builder, Refusal};
use super::{Document, ParseError};

/// Most errors that are kept of one text. Behind them it is not worth reading.
const MAX_ERRORS: usize = 100;

/// Reads every document of `text`.
///
/// # Errors
///
/// The first syntax error, or the first bound that the text exceeds.
pub fn parse(text: &str) -> Result<Vec<Node>, ParseError> {
    let Document { roots, errors, .. } = read(text);
    errors.into_iter().next().map_or(Ok(roots), Err)
}

/// Reads what can be read of `text`.
///
/// Merge keys (`<<`) are carried out and aliases are replaced by what they stand for, which keeps the spans of its
/// definition. What an error cuts off is not known to be absent: the collections around it are marked so.
#[must_use]
pub fn read(text: &str) -> Document {
    let mut parser = Parser::new_from_str_with_options(text, options());
    let mut builder = Builder::new(text);
    let mut errors = Vec::new();
    while let Some(next) = parser.next_event() {
        let refused = match next {
            Ok((event, span)) => builder.event(event, span),
            Err(error) => {
                let offset = error.marker().byte_offset().unwrap_or(0).min(text.len());
                Err(Refusal::Document(ParseError { offset, message: error.info() }))
            }
        };
        let Err(refusal) = refused else { continue };
        builder.abandon();
        match refusal {
            Refusal::Document(error) => errors.push(error),
            Refusal::Text(error) => {
                errors.push(error);
                break;
            }
        }
        if errors.len() >= MAX_ERRORS || !proceed(&mut parser, &mut errors) {
            break;
        }
    }
    builder.finish(errors)
}

/// Goes on to the next document; `false` when there is none.
fn proceed<'t>(parser: &mut Parser<'t, StrInput<'t>>, errors: &mut Vec<ParseError>) -> bool {
    parser.proceed_next_document().unwrap_or_else(|error| {
        errors.push(ParseError { offset: error.marker().byte_offset().unwrap_or(0), message: error.info() });
        false
    })
}

fn options() -> granit_parser::Options {
    // Comments are bounded by the text, and a long block of them behind a key is common.
    granit_parser::options! { emit_unresolved_aliases: true, max_buffered_comment_events: usize::MAX }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;
    use crate::document::node::Value;

    fn one(text: &str) -> Node {
        let mut roots = parse(text).unwrap();
        assert_eq!(roots.len(), 1);
        roots.remove(0)
    }

    fn written<'t>(text: &'t str, node: &Node) -> &'t str {
        &text[node.span.start..node.span.end]
    }

    #[test]
    fn spans_point_at_the_source() {
        let text = "a: one\nlist:\n  - 'two'\n  - {b: 3}\n";
        let document = one(text);
        let list = document.get("list").unwrap().as_sequence().unwrap();
        assert_eq!(written(text, &list[0]), "'two'");
        assert_eq!(list[0].as_str(), Some("two"));
        assert_eq!(list[1].get("b").unwrap().as_str(), Some("3"));
        assert_eq!(written(text, &list[1]), "{b: 3}");
    }

    #[test]
    fn a_block_ends_with_its_last_value() {
        let text = "a:\n  b: 1\n  c: 2\n\n# note\nd: |\n  x\n  y\n\n\ne: [f, g]  # end\n";
        let document = one(text);
        assert_eq!(written(text, document.get("a").unwrap()), "b: 1\n  c: 2");
        let block = document.get("d").unwrap();
        assert_eq!((written(text, block), block.as_str()), ("x\n  y", Some("x\ny\n")));
        assert_eq!(written(text, document.get("e").unwrap()), "[f, g]");
        assert!(written(text, &document).ends_with("[f, g]"));
    }

    #[test]
    fn positions_count_the_byte_order_mark_and_carriage_returns() {
        let text = "\u{feff}a: ü # ö\r\nb:\r\n  - x\r\n";
        let read = read(text);
        assert_eq!(read.errors, []);
        assert_eq!(written(text, read.roots[0].get("a").unwrap()), "ü");
        assert_eq!(written(text, &read.roots[0].get("b").unwrap().as_sequence().unwrap()[0]), "x");
        assert_eq!(&text[read.comments[0].start..read.comments[0].end], "# ö");
    }

    #[test]
    fn a_value_that_is_left_out_is_null_and_empty() {
        let document = one("a:\nb: ~\n");
        assert_eq!(document.get("a").unwrap().as_str(), Some(""));
        assert!(document.get("a").unwrap().is_null() && document.get("b").unwrap().is_null());
    }

    #[test]
    fn several_documents_and_aliases() {
        let text = "x: &a [1, 2]\ny: *a\n---\nz: 1\n";
        let documents = parse(text).unwrap();
        assert_eq!(documents.len(), 2);
        let copy = documents[0].get("y").unwrap();
        assert_eq!(copy.as_sequence().unwrap().len(), 2);
        assert_eq!(copy, documents[0].get("x").unwrap());
    }

    #[test]
    fn tags_are_kept_and_those_of_the_core_schema_carried_out() {
        let document =
            one("a: !Ref x\nb: !!str 12\nc: !!int '3'\nd: ! 4\ne: !Join [a]\nf: !Sub {g: h}\ni: !vault |\n  j\n");
        let scalar = |key: &str| {
            let node = document.get(key).unwrap();
            let Value::Scalar { text, plain } = &node.value else { panic!("{node:?}") };
            (node.tag.as_deref(), text.as_str(), *plain)
        };
        assert_eq!(scalar("a"), (Some("Ref"), "x", true));
        assert_eq!(scalar("b"), (None, "12", false));
        assert_eq!(scalar("c"), (None, "3", true));
        assert_eq!(scalar("d"), (None, "4", false));
        assert_eq!(scalar("i"), (Some("vault"), "j\n", false));
        assert_eq!(document.get("e").unwrap().tag.as_deref(), Some("Join"));
        assert_eq!(document.get("f").unwrap().tag.as_deref(), Some("Sub"));
    }

    #[test]
    fn merge_keys_are_carried_out() {
        let text = "a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc:\n  y: 5\n  <<: *a\nd:\n  <<: [*a, *b, {w: 6}]\ne:\n  <<: *a\n  <<: *b\nf: &f\n  <<: *a\ng: {<<: *f}\n";
        let document = one(text);
        let all = |key: &str| {
            let entries = document.get(key).unwrap().as_mapping().unwrap();
            entries
                .iter()
                .map(|entry| format!("{}{}", entry.key.as_str().unwrap(), entry.value.as_str().unwrap()))
                .collect::<Vec<_>>()
        };
        assert_eq!(all("c"), ["y5", "x1"]);
        assert_eq!(all("d"), ["x1", "y2", "z4", "w6"]);
        assert_eq!(all("e"), ["x1", "y2", "z4"]);
        assert_eq!(all("g"), ["x1", "y2"]);
        let merged = document.at(&["c", "x"]).unwrap();
        assert_eq!(merged.span, document.at(&["a", "x"]).unwrap().span);
    }

    #[test]
    fn only_a_plain_key_with_mappings_merges() {
        let document = one("a: &a {x: 1}\nb: {'<<': *a}\nc: {<<: text}\n");
        assert!(document.at(&["b", "x"]).is_none());
        assert_eq!(document.at(&["c", "<<"]).unwrap().as_str(), Some("text"));
    }

    #[test]
    fn a_broken_document_gives_what_stands_before_its_error() {
        let text = "ok: 1\n---\na: 1\nb:\n  c: 2\n  d: 'open\n---\nx: 3\n---\ny: @\n";
        let read = read(text);
        assert_eq!(read.roots.len(), 4);
        assert_eq!(read.errors.len(), 2);
        assert!(text[read.errors[1].offset..].starts_with('@'));
        let broken = &read.roots[1];
        assert_eq!(broken.at(&["b", "c"]).unwrap().as_str(), Some("2"));
        assert_eq!(broken.at(&["b", "d"]).unwrap().value, Value::Unknown);
        let Value::Mapping(mapping) = &broken.value else { panic!("{broken:?}") };
        assert!(mapping.is_open);
        assert_eq!(read.roots[2].get("x").unwrap().as_str(), Some("3"));
    }

    #[test]
    fn an_alias_without_an_anchor_or_inside_of_its_own_is_unknown() {
        let read = read("a: &a [*a, 1]\nhosts: *.example.com\nb: 2\n");
        assert_eq!(read.errors.len(), 2, "{:?}", read.errors);
        assert_eq!(read.roots[0].get("hosts").unwrap().value, Value::Unknown);
        assert_eq!(read.roots[0].get("a").unwrap().as_sequence().unwrap()[0].value, Value::Unknown);
        assert_eq!(read.roots[0].get("b").unwrap().as_str(), Some("2"));
    }

    #[test]
    fn an_alias_bomb_is_an_error_not_an_explosion() {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..12 {
            let items = vec![format!("*a{}", level - 1); 10].join(", ");
            writeln!(text, "a{level}: &a{level} [{items}]").unwrap();
        }
        assert!(parse(&text).unwrap_err().message.contains("aliases"));
    }

    #[test]
    fn copies_for_anchors_and_long_texts_weigh_too() {
        let nested: String = (0..150).fold(String::new(), |text, level| text + &format!("&a{level} ["));
        let items = "x, ".repeat(50_000);
        let text = format!("{nested}{items}{}", "]".repeat(150));
        assert!(parse(&text).unwrap_err().message.contains("aliases"));
        let text = format!("a: &a {}\nb: [{}]\n", "x".repeat(100_000), "*a, ".repeat(10_000));
        assert!(parse(&text).unwrap_err().message.contains("aliases"));
        assert!(parse(&format!("a: &a {}\nb: [*a, *a]\n", "x".repeat(100_000))).is_ok());
    }

    #[test]
    fn merged_mappings_weigh_too() {
        let entries: String = (0..1000).fold(String::new(), |text, index| text + &format!("  k{index}: 1\n"));
        let mappings: String = (0..2000).fold(String::new(), |text, index| text + &format!("m{index}: {{<<: *a}}\n"));
        assert!(parse(&format!("a: &a\n{entries}{mappings}")).unwrap_err().message.contains("aliases"));
    }

    #[test]
    fn deep_nesting_is_an_error_not_a_crash() {
        for open in ["[", "{a: ", "- ", "? "] {
            assert!(!read(&open.repeat(100_000)).errors.is_empty(), "{open}");
        }
        let text = format!("{}\n---\na: 1\n", "[".repeat(100_000));
        assert_eq!(read(&text).roots.last().unwrap().get("a").unwrap().as_str(), Some("1"));
    }

    #[test]
    fn errors_and_comments_of_a_hostile_text_are_bounded() {
        assert_eq!(read(&"---\n[\n".repeat(10_000)).errors.len(), MAX_ERRORS);
        let comments = read(&format!("a:\n{}  b: 1\n", "  # note\n".repeat(10_000)));
        assert_eq!((comments.errors.len(), comments.comments.len()), (0, 10_000));
    }

    #[test]
    fn a_syntax_error_has_its_place() {
        let error = parse("a: 1\nb: 'open\n").unwrap_err();
        assert!(error.offset > 0, "{error:?}");
    }
}
