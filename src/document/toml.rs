//! TOML into located trees, over the spanned tables of the `toml` crate.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::node::{Entry, Node, Value};
use super::{Document, ParseError};
use crate::span::Span;

/// Deepest nesting of brackets and dotted keys that is read; the header of a table adds at most the 80 dots that the parser
/// allows.
const MAX_DEPTH: usize = 200;
/// Most errors that are kept of one text.
const MAX_ERRORS: usize = 100;

/// Reads the table in `text`, what of it can be read.
#[must_use]
pub fn read(text: &str) -> Document {
    let Outline { comments, too_deep } = outline(text);
    if let Some(offset) = too_deep {
        let errors = vec![ParseError { offset, message: format!("nested deeper than {MAX_DEPTH} levels") }];
        return Document { comments, errors, ..Document::default() };
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut root = Node::mapping(Span::new(0, text.len()), entries(table.into_inner()));
    let errors: Vec<ParseError> = errors.iter().take(MAX_ERRORS).map(|error| parse_error(error, text)).collect();
    if let (Value::Mapping(mapping), false) = (&mut root.value, errors.is_empty()) {
        // What the errors hide may belong into it.
        mapping.is_open = true;
    }
    Document { roots: vec![root], comments, errors, is_template: false }
}

/// The entries of `table`. The depth of the recursion is that of the text, which is bounded before.
fn entries(table: DeTable<'_>) -> Vec<Entry> {
    let entry =
        |(key, value): (Spanned<_>, _)| Entry { key: Node::plain(span(&key), key.into_inner()), value: node(value) };
    let mut entries: Vec<Entry> = table.into_iter().map(entry).collect();
    // The tables come sorted by name.
    entries.sort_by_key(|entry| entry.key.span.start);
    entries
}

fn node(value: Spanned<DeValue<'_>>) -> Node {
    let span = span(&value);
    match value.into_inner() {
        DeValue::String(text) => Node::text(span, text),
        DeValue::Integer(integer) => Node::plain(span, integer.to_string()),
        DeValue::Float(float) => Node::plain(span, float.to_string()),
        DeValue::Boolean(boolean) => Node::plain(span, boolean.to_string()),
        DeValue::Datetime(date) => Node::plain(span, date.to_string()),
        DeValue::Array(items) => Node::sequence(span, items.into_iter().map(node).collect()),
        DeValue::Table(table) => Node::mapping(span, entries(table)),
    }
}

fn parse_error(error: &toml::de::Error, text: &str) -> ParseError {
    let offset = error.span().map_or(0, |range| range.start).min(text.len());
    ParseError { offset, message: error.message().to_owned() }
}

fn span<T>(spanned: &Spanned<T>) -> Span {
    let range = spanned.span();
    Span::new(range.start, range.end)
}

/// What the parser does not tell of a text.
#[derive(Default)]
struct Outline {
    comments: Vec<Span>,
    /// Where the text first nests too deep.
    too_deep: Option<usize>,
}

/// Looks over `text` for comments and for nesting: brackets, and dots in the keys between them. Of these the parser allows
/// so many inside each other that the stack would not hold what they build.
fn outline(text: &str) -> Outline {
    let mut outline = Outline::default();
    let mut at = 0;
    // Levels of each open bracket, the innermost last.
    let mut levels = vec![0_usize];
    let mut depth = 0;
    while let Some(found) =
        text.get(at..).and_then(|rest| rest.find(['#', '"', '\'', '[', ']', '{', '}', '.', ',', '\n']))
    {
        at += found;
        let rest = text.get(at..).unwrap_or_default();
        match rest.chars().next() {
            Some('#') => {
                let line = rest.lines().next().unwrap_or_default();
                outline.comments.push(Span::new(at, at + line.len()));
                at += line.len();
                continue;
            }
            Some('"' | '\'') => {
                at += string_length(rest);
                continue;
            }
            Some('[' | '{') => {
                levels.push(1);
                depth += 1;
            }
            Some(']' | '}') if levels.len() > 1 => depth -= levels.pop().unwrap_or_default(),
            Some('.') => {
                depth += 1;
                if let Some(level) = levels.last_mut() {
                    *level += 1;
                }
            }
            Some(',' | '\n') => {
                // The dots belong to the entry that ends here.
                let own = usize::from(levels.len() > 1);
                if let Some(level) = levels.last_mut() {
                    depth -= *level - own;
                    *level = own;
                }
            }
            _ => {}
        }
        if depth > MAX_DEPTH {
            outline.too_deep = outline.too_deep.or(Some(at));
        }
        at += 1;
    }
    outline
}

/// Length of the string that `rest` begins with, quotes included. One that is not closed ends with its line.
fn string_length(rest: &str) -> usize {
    let is_basic = rest.starts_with('"');
    let quote = if is_basic { "\"\"\"" } else { "'''" };
    let is_long = rest.starts_with(quote);
    let quote = if is_long { quote } else { quote.get(..1).unwrap_or_default() };
    let mut at = quote.len();
    while let Some(left) = rest.get(at..).filter(|left| !left.is_empty()) {
        if left.starts_with(quote) {
            return at + quote.len();
        }
        let mut characters = left.chars();
        match characters.next() {
            Some('\n') if !is_long => return at,
            Some('\\') if is_basic => at += 1 + characters.next().map_or(0, char::len_utf8),
            first => at += first.map_or(0, char::len_utf8),
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str, span: Span) -> &str {
        &text[span.start..span.end]
    }

    #[test]
    fn tables_arrays_and_dotted_keys_become_one_tree() {
        let text = "z = 1\na.b.c = 'x'\n[t.u]\nlist = [1.5, true, { k = 0x10 }]\n[[many]]\nday = 1979-05-27T07:32:00Z\n[[many]]\n";
        let document = read(text);
        assert_eq!(document.errors, []);
        let root = &document.roots[0];
        assert_eq!(root.as_mapping().unwrap()[0].key.as_str(), Some("z"));
        let inner = root.at(&["a", "b", "c"]).unwrap();
        assert_eq!((inner.as_str(), written(text, inner.span)), (Some("x"), "'x'"));
        let list = root.at(&["t", "u", "list"]).unwrap();
        assert_eq!(written(text, list.span), "[1.5, true, { k = 0x10 }]");
        let items = list.as_sequence().unwrap();
        assert_eq!(items[0], Node::plain(items[0].span, "1.5"));
        assert_eq!(items[1], Node::plain(items[1].span, "true"));
        assert_eq!(written(text, items[2].entry("k").unwrap().key.span), "k");
        let many = root.get("many").unwrap().as_sequence().unwrap();
        assert_eq!(many.len(), 2);
        assert_eq!(many[0].get("day").unwrap().as_str(), Some("1979-05-27T07:32:00Z"));
        assert_eq!(written(text, root.at(&["t", "u"]).unwrap().span), "[t.u]");
    }

    #[test]
    fn comments_are_told_from_strings() {
        let text = "# ä\na = \"#\\\"#\" # two\r\nb = '''\n# no\n''' #three\nc = '#' # four";
        let document = read(text);
        let comments: Vec<&str> = document.comments.iter().map(|&span| written(text, span)).collect();
        assert_eq!(comments, ["# ä", "# two", "#three", "# four"]);
    }

    #[test]
    fn an_error_leaves_the_rest() {
        let document = read("a = 1\nb = = 2\n[c]\nd = 3\n");
        assert!(!document.errors.is_empty());
        assert_eq!(document.errors[0].offset, 10);
        assert_eq!(document.roots[0].at(&["c", "d"]).unwrap().as_str(), Some("3"));
        assert!(matches!(&document.roots[0].value, Value::Mapping(mapping) if mapping.is_open));
    }

    #[test]
    fn long_is_not_deep() {
        let text = format!("a = [{}]\nb.c = {{ d.e = 1, f.g = 2 }}\n", "1.5, [[2.5]], ".repeat(500));
        assert_eq!(read(&text).errors, []);
        let lines: String = (0..500).fold(String::new(), |text, index| text + &format!("a{index}.b = 1.5\n"));
        assert_eq!(read(&lines).errors, []);
    }

    #[test]
    fn deep_nesting_is_an_error_not_a_crash() {
        for text in [
            format!("a = {}", "[".repeat(100_000)),
            format!("a = {}", "{a=".repeat(100_000)),
            format!("{}a = 1", "a.".repeat(100_000)),
            format!("[{}a]\n", "a.".repeat(100_000)),
            format!("a = {}1{}", format!("{{{}a = ", "a.".repeat(70)).repeat(70), "}".repeat(70)),
        ] {
            assert!(!read(&text).errors.is_empty());
        }
    }
}
