//! JSON into located trees, over the syntax tree of `jsonc-parser`: comments and trailing commas are allowed, as in the
//! files that editors and Azure write.

use jsonc_parser::ast::{Comment, Object, ObjectPropName, Value as Json};
use jsonc_parser::common::{Range, Ranged};
use jsonc_parser::{CollectOptions, CommentCollectionStrategy, ParseOptions, parse_to_ast};

use super::node::{Entry, Node};
use super::{Document, ParseError};
use crate::span::Span;

/// Deepest nesting that is read. The parser itself gives up somewhat below it.
const MAX_DEPTH: usize = 200;
/// Most nodes in one text.
const MAX_NODES: usize = 2_000_000;

/// Reads the value in `text`; a text of blanks and comments holds none.
#[must_use]
pub fn read(text: &str) -> Document {
    // The byte order mark is no part of the JSON, but of the positions.
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut builder = Builder { shift: text.len() - body.len(), nodes: 0, errors: Vec::new() };
    let collect = CollectOptions { comments: CommentCollectionStrategy::Separate, tokens: false };
    let mut document = Document::default();
    match parse_to_ast(body, &collect, &options()) {
        Ok(parsed) => {
            document.roots.extend(parsed.value.map(|value| builder.node(value, 0)));
            // A comment stands under the end of the token before it and the start of the one behind.
            let lists = parsed.comments.iter().flat_map(|comments| comments.values());
            document.comments.extend(lists.flat_map(|list| list.iter()).map(|comment| builder.comment(comment)));
            document.comments.sort_unstable();
            document.comments.dedup();
        }
        Err(error) => builder.refuse(error.range(), error.kind().to_string()),
    }
    document.errors = builder.errors;
    document
}

fn options() -> ParseOptions {
    ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    }
}

struct Builder {
    /// Bytes in front of the parsed text.
    shift: usize,
    nodes: usize,
    errors: Vec<ParseError>,
}

impl Builder {
    fn span(&self, range: Range) -> Span {
        Span::new(range.start + self.shift, range.end + self.shift)
    }

    fn comment(&self, comment: &Comment<'_>) -> Span {
        self.span(comment.range())
    }

    fn refuse(&mut self, range: Range, message: String) {
        self.errors.push(ParseError { offset: range.start + self.shift, message });
    }

    fn node(&mut self, value: Json<'_>, depth: usize) -> Node {
        let range = value.range();
        let span = self.span(range);
        self.nodes += 1;
        if depth > MAX_DEPTH {
            self.refuse(range, format!("nested deeper than {MAX_DEPTH} levels"));
            return Node::unknown(span);
        }
        if self.nodes > MAX_NODES {
            // The first one that is too many says it for all.
            if self.nodes == MAX_NODES + 1 {
                self.refuse(range, format!("more than {MAX_NODES} values"));
            }
            return Node::unknown(span);
        }
        match value {
            Json::StringLit(string) => Node::text(span, string.value),
            Json::NumberLit(number) => Node::plain(span, number.value),
            Json::BooleanLit(boolean) => Node::plain(span, if boolean.value { "true" } else { "false" }),
            Json::NullKeyword(_) => Node::plain(span, "null"),
            Json::Array(array) => {
                Node::sequence(span, array.elements.into_iter().map(|element| self.node(element, depth + 1)).collect())
            }
            Json::Object(object) => Node::mapping(span, self.entries(object, depth)),
        }
    }

    fn entries(&mut self, object: Object<'_>, depth: usize) -> Vec<Entry> {
        let properties = object.properties.into_iter();
        properties
            .map(|property| {
                let span = self.span(property.name.range());
                let name = match property.name {
                    ObjectPropName::String(name) => name.value.into_owned(),
                    ObjectPropName::Word(name) => name.value.to_owned(),
                };
                Entry { key: Node::text(span, name), value: self.node(property.value, depth + 1) }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::node::Value;

    fn written(text: &str, span: Span) -> &str {
        &text[span.start..span.end]
    }

    #[test]
    fn keys_and_values_have_their_places() {
        let text = "\u{feff}{\"é\": {\"b\": [1.50, true, null, \"x\\n\\u00e4\"]}}";
        let document = read(text);
        assert_eq!(document.errors, []);
        let entry = document.roots[0].entry("é").unwrap();
        assert_eq!(written(text, entry.key.span), "\"é\"");
        let list = entry.value.get("b").unwrap();
        assert_eq!(written(text, list.span), "[1.50, true, null, \"x\\n\\u00e4\"]");
        let items = list.as_sequence().unwrap();
        assert_eq!(items[0], Node::plain(items[0].span, "1.50"));
        assert_eq!(items[1], Node::plain(items[1].span, "true"));
        assert!(items[2].is_null());
        assert_eq!(items[3], Node::text(items[3].span, "x\nä"));
    }

    #[test]
    fn comments_and_trailing_commas_are_allowed() {
        let text = "// one\n{\"a\": 1, /* two */ // three\n \"b\": [2,],\r\n} // four\r\n";
        let document = read(text);
        assert_eq!(document.errors, []);
        let comments: Vec<&str> = document.comments.iter().map(|&span| written(text, span)).collect();
        assert_eq!(comments, ["// one", "/* two */", "// three", "// four"]);
        assert_eq!(document.roots[0].get("b").unwrap().as_sequence().unwrap().len(), 1);
    }

    #[test]
    fn what_is_no_json_is_an_error_with_its_place() {
        for (text, offset) in [("{\"a\": 1} {}", 9), ("{a: 1}", 1), ("[1 2]", 2), ("{\"a\" 1}", 5), ("['x']", 1)] {
            let document = read(text);
            assert_eq!(document.roots, []);
            assert_eq!(document.errors.len(), 1, "{text}");
            assert_eq!(document.errors[0].offset, offset, "{text} {:?}", document.errors);
        }
        assert_eq!(read(" // nothing\n").errors, []);
    }

    #[test]
    fn deep_nesting_is_an_error_not_a_crash() {
        for open in ["[", "{\"a\":", "[{\"a\":"] {
            assert_eq!(read(&open.repeat(100_000)).errors.len(), 1, "{open}");
        }
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert_eq!(read(&nested(200)).errors, []);
        let cut = read(&nested(300));
        assert!(cut.errors[0].message.contains("deeper"));
        assert!(matches!(cut.roots[0].value, Value::Sequence(_)));
    }
}
