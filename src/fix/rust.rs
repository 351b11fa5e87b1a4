//! Edits of Rust source: one literal becomes another one.

use proc_macro2::{TokenStream, TokenTree};

use super::{Edit, edited};
use crate::document::node::Node;
use crate::document::rust;
use crate::rules::fix::{Change, Fix, Literal};
use crate::rules::path::Segment;
use crate::span::Span;

/// Longest text that is edited: it is read twice for each edit.
const MAX_TEXT: usize = 1 << 20;

/// The edit of `text` that carries out `fix` on what is `reported` of a resource with this `body`; `None` unless a number,
/// `true` or `false` stands there, and nothing else of the file would change.
#[must_use]
pub fn propose(text: &str, fix: &Fix, reported: Span, body: &Node) -> Option<Edit> {
    if text.len() > MAX_TEXT {
        return None;
    }
    let (span, to) = match &fix.change {
        Change::Replace(to) => (reported, to),
        Change::Set { at, to, .. } => {
            let [alternative] = at.alternatives.as_slice() else { return None };
            if alternative.scope.is_some() {
                return None;
            }
            let node = alternative.segments.iter().try_fold(body, |node, segment| match segment {
                Segment::Key(key) => node.get(key),
                Segment::Item(index) => node.as_sequence()?.get(usize::try_from(*index).ok()?),
                _ => None,
            })?;
            (node.span, to)
        }
        _ => return None,
    };
    let Literal::Scalar { text: to, plain: true } = to else { return None };
    let edit = Edit { span, text: to.clone() };
    is_proven(text, &edit).then_some(edit)
}

/// Whether the edit exchanges one token that is a plain literal, and leaves all others.
fn is_proven(text: &str, edit: &Edit) -> bool {
    let Some(edited) = edited(text, std::slice::from_ref(edit)) else { return false };
    let (Some(before), Some(after)) = (tokens(text), tokens(&edited)) else { return false };
    if before.len() != after.len() {
        return false;
    }
    let mut changed = before.iter().zip(&after).filter(|(old, new)| old.1 != new.1);
    let (Some((old, new)), None) = (changed.next(), changed.next()) else { return false };
    old.0 == edit.span && is_plain(&old.1) && is_plain(&new.1)
}

fn is_plain(token: &str) -> bool {
    matches!(token, "true" | "false") || token.starts_with(|c: char| c.is_ascii_digit())
}

/// Every token of the file with its place, delimiters included; `None` where it is no Rust.
fn tokens(text: &str) -> Option<Vec<(Span, String)>> {
    let base = rust::parse(text).ok()?.base;
    let stream: TokenStream = text.get(base..)?.parse().ok()?;
    let mut open = vec![stream.into_iter()];
    let mut tokens = Vec::new();
    while let Some(last) = open.last_mut() {
        let Some(token) = last.next() else {
            open.pop();
            tokens.push((Span::default(), "end".to_owned()));
            continue;
        };
        let place = token.span().byte_range();
        let place = Span::new(place.start + base, place.end + base);
        match token {
            TokenTree::Group(group) => {
                tokens.push((Span::default(), format!("{:?}", group.delimiter())));
                open.push(group.stream().into_iter());
            }
            token => tokens.push((place, token.to_string())),
        }
    }
    Some(tokens)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::path::Path;

    fn fixed(text: &str, old: &str, to: &str) -> Option<String> {
        let start = text.find(old).unwrap();
        let to = Literal::Scalar { text: to.to_owned(), plain: true };
        let span = Span::new(start, start + old.len());
        let fix = |change| Fix { change, is_unsafe: false, description: None };
        let replaced = propose(text, &fix(Change::Replace(to.clone())), span, &Node::unknown(span));
        let body = Node::sequence(Span::default(), vec![Node::text(span, old)]);
        let at = Path::parse("[0]").unwrap();
        let set = propose(text, &fix(Change::Set { at, to, after: None }), Span::default(), &body);
        assert_eq!(replaced, set);
        edited(text, &[replaced?])
    }

    #[test]
    fn a_literal_becomes_another_one_and_nothing_else_changes() {
        let text = "\u{feff}fn f() { a(true); /* true */ b(1_000u32) }\r\n";
        assert_eq!(fixed(text, "true", "false").unwrap(), text.replacen("true", "false", 1));
        assert_eq!(fixed(text, "1_000u32", "600000").unwrap(), text.replace("1_000u32", "600000"));
        assert_eq!(fixed(text, "a(true)", "false"), None);
        assert_eq!(fixed(text, "/* true */", "false"), None);
        assert_eq!(fixed(text, "true", "true"), None);
        assert_eq!(fixed(text, "true", "false) + g(1"), None);
        assert_eq!(fixed("const ON: bool = true; fn f() { a(ON) }", "ON)", "false"), None);
        assert_eq!(fixed("fn f( { a(true) }", "true", "false"), None);
    }
}
