//! The parts of a template: strip markers (`~`) and the indentation of heredocs are applied.

use hcl_edit::template::{Directive, Element, Strip, Template};

use super::native::Converter;
use super::syntax::{Part, Term};

/// How the text of a template was written.
#[derive(Clone, Copy)]
pub(super) struct Form {
    /// Its literals are read line by line, so that a strip marker reaches to the end of its line and no further.
    by_line: bool,
    /// Blanks that the parser took from the lines of a heredoc, but not from those between directives.
    indent: usize,
    /// It stands between directives.
    is_nested: bool,
}

impl Form {
    /// Between quotes.
    pub(super) fn quoted() -> Self {
        Self { by_line: false, indent: 0, is_nested: false }
    }

    /// A heredoc whose lines have lost `indent` blanks, or a text without quotes.
    pub(super) fn lines(indent: usize) -> Self {
        Self { by_line: true, indent, is_nested: false }
    }
}

/// A template as a term: a text where nothing has to be put in.
pub(super) fn term(converter: &Converter<'_>, template: &Template, form: Form) -> Term {
    let parts = parts(converter, template, form, (false, false));
    let mut text = String::new();
    for part in &parts {
        match part {
            Part::Literal(literal) => text.push_str(literal),
            _ => return Term::Template(parts),
        }
    }
    Term::Text(text.into())
}

/// `strips` says whether a marker stands in front of the first part, and behind the last.
fn parts(converter: &Converter<'_>, template: &Template, form: Form, strips: (bool, bool)) -> Vec<Part> {
    let mut parts = Vec::with_capacity(template.len());
    let mut strips_left = strips.0;
    let mut elements = template.iter().peekable();
    while let Some(element) = elements.next() {
        match element {
            Element::Literal(literal) => {
                let strips_right = elements.peek().map_or(strips.1, |next| outer(next).0);
                let text = indented(literal, form);
                let text = stripped(&text, form.by_line, strips_left, strips_right);
                if !text.is_empty() {
                    parts.push(Part::Literal(text.into()));
                }
            }
            Element::Interpolation(interpolation) => {
                parts.push(Part::Interpolation(converter.expression(&interpolation.expr)));
            }
            Element::Directive(parsed) => parts.push(directive(converter, parsed, form)),
        }
        strips_left = outer(element).1;
    }
    parts
}

/// Whether an element strips the literals in front of it and behind it.
fn outer(element: &Element) -> (bool, bool) {
    let (first, last) = match element {
        Element::Literal(_) => (Strip::None, Strip::None),
        Element::Interpolation(interpolation) => (interpolation.strip, interpolation.strip),
        Element::Directive(directive) => match &**directive {
            Directive::If(parsed) => (parsed.if_expr.strip, parsed.endif_expr.strip),
            Directive::For(parsed) => (parsed.for_expr.strip, parsed.endfor_expr.strip),
        },
    };
    (first.strip_start(), last.strip_end())
}

fn directive(converter: &Converter<'_>, directive: &Directive, form: Form) -> Part {
    let form = Form { is_nested: true, ..form };
    let inner = |template, before: Strip, behind: Strip| {
        parts(converter, template, form, (before.strip_end(), behind.strip_start()))
    };
    match directive {
        Directive::If(parsed) => {
            let (start, end) = (&parsed.if_expr, parsed.endif_expr.strip);
            let middle = parsed.else_expr.as_ref();
            Part::If {
                condition: converter.expression(&start.cond_expr),
                then: inner(&start.template, start.strip, middle.map_or(end, |middle| middle.strip)),
                otherwise: middle.map(|middle| inner(&middle.template, middle.strip, end)).unwrap_or_default(),
            }
        }
        Directive::For(parsed) => {
            let start = &parsed.for_expr;
            Part::For {
                key: start.key_var.as_ref().map(|name| name.as_str().into()),
                value: start.value_var.as_str().into(),
                collection: converter.expression(&start.collection_expr),
                body: inner(&start.template, start.strip, parsed.endfor_expr.strip),
            }
        }
    }
}

/// `literal` without the indentation of its heredoc. It never begins a line where it is nested.
fn indented(literal: &str, form: Form) -> String {
    if !form.is_nested || form.indent == 0 {
        return literal.to_owned();
    }
    let mut text = String::with_capacity(literal.len());
    for (number, line) in literal.split_inclusive('\n').enumerate() {
        let blanks = line.bytes().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let cut = if number == 0 { 0 } else { blanks.min(form.indent) };
        text.push_str(line.get(cut..).unwrap_or_default());
    }
    text
}

/// What strip markers leave of `text`.
fn stripped(text: &str, by_line: bool, left: bool, right: bool) -> &str {
    let mut kept = text;
    if left {
        let line = if by_line { kept.find('\n').map_or(kept.len(), |at| at + 1) } else { kept.len() };
        let blanks = line - kept.get(..line).unwrap_or_default().trim_start().len();
        kept = kept.get(blanks..).unwrap_or_default();
    }
    if right {
        // A line break at the very end belongs to the line in front of it.
        let body = kept.strip_suffix('\n').unwrap_or(kept);
        let start = if by_line { body.rfind('\n').map_or(0, |at| at + 1) } else { 0 };
        let end = start + kept.get(start..).unwrap_or_default().trim_end().len();
        kept = kept.get(..end).unwrap_or_default();
    }
    kept
}
