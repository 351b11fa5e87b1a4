//! Steps that are written as an alias (`- *checkout`): the place of the alias, and not that of its definition.

use crate::document::node::{Entry, Node, Value};
use crate::span::Span;

/// For each item of `list` the place of the alias that it is written as.
pub(super) fn places(list: &Node, source: &str) -> Vec<Option<Span>> {
    let items = list.as_sequence().unwrap_or_default();
    let mut at = list.span.start;
    items
        .iter()
        .map(|item| {
            let is_in_order = at <= item.span.start && item.span.end <= list.span.end;
            if is_in_order {
                at = item.span.end;
                return None;
            }
            let found = next(source, at, list.span.end)?;
            at = found.end;
            Some(found)
        })
        .collect()
}

/// Where the value of `entry`, an entry of a mapping at `parent`, is written as an alias.
pub(super) fn place(entry: &Entry, parent: Span, source: &str) -> Option<Span> {
    let (key, value) = (entry.key.span, entry.value.span);
    let is_own = parent.start <= key.start && key.end <= parent.end;
    // What a merge key brings has no place of its own.
    if !is_own || (key.end <= value.start && value.end <= parent.end) {
        return None;
    }
    let line = source.get(key.end..)?.lines().next()?;
    next(source, key.end, key.end + line.len())
}

/// The next `*name` between two places, outside of comments.
fn next(source: &str, from: usize, to: usize) -> Option<Span> {
    let text = source.get(from..to)?;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let code = line.split(" #").next().unwrap_or(line);
        let is_comment = code.trim_start().starts_with('#');
        if let Some(star) = code.find('*').filter(|_| !is_comment) {
            let name = code.get(star + 1..).unwrap_or_default();
            let length = name.find(|c: char| c.is_whitespace() || matches!(c, ',' | ']' | '}')).unwrap_or(name.len());
            let start = from + at + star;
            return Some(Span::new(start, start + 1 + length));
        }
        at += line.len();
    }
    None
}

/// `node` as if all of it stood at `span`.
pub(super) fn moved(mut node: Node, span: Span) -> Node {
    node.span = span;
    match &mut node.value {
        Value::Sequence(items) => {
            for item in items {
                *item = moved(std::mem::replace(item, Node::unknown(span)), span);
            }
        }
        Value::Mapping(mapping) => {
            for entry in &mut mapping.entries {
                entry.key.span = span;
                entry.value = moved(std::mem::replace(&mut entry.value, Node::unknown(span)), span);
            }
        }
        Value::Scalar { .. } | Value::Unknown => {}
    }
    node
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::yaml;

    #[test]
    fn aliases_of_steps_are_found_where_they_stand() {
        let source = "a:\n  - &x { uses: y }\n  # *no\n  - *x # c\n  - run: z\nb: [*x, *x]\nc:\n  - *x\n";
        let root = yaml::parse(source).unwrap().remove(0);
        let texts = |key: &str| -> Vec<Option<String>> {
            let found = places(root.get(key).unwrap(), source);
            found.into_iter().map(|span| span.map(|span| source[span.start..span.end].to_owned())).collect()
        };
        let alias = || Some("*x".to_owned());
        assert_eq!(texts("a"), [None, alias(), None]);
        assert_eq!(texts("b"), [alias(), alias()]);
        assert_eq!(texts("c"), [alias()]);
        let found = places(root.get("b").unwrap(), source);
        assert_ne!(found[0], found[1]);
    }

    #[test]
    fn aliases_of_values_are_found_behind_their_keys() {
        let source = "a: &x { y: &z 1 }\nb: *x\nc: { d: *z, <<: *x }\n";
        let root = yaml::parse(source).unwrap().remove(0);
        let text = |parent: &Node, key: &str| {
            let span = place(parent.entry(key).unwrap(), parent.span, source);
            span.map(|span| source[span.start..span.end].to_owned())
        };
        assert_eq!(text(&root, "a"), None);
        assert_eq!(text(&root, "b").as_deref(), Some("*x"));
        let inner = root.get("c").unwrap();
        assert_eq!(text(inner, "d").as_deref(), Some("*z"));
        assert_eq!(text(inner, "y"), None);
    }
}
