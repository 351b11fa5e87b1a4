//! Native syntax: the tree of `hcl-edit` as ours, with the bytes of each part.
//!
//! The parser bounds nesting (64 levels) and chains of operators (128), so that going down its tree is safe.

use std::ops::Range;

use hcl_edit::Span as _;
use hcl_edit::expr::{
    BinaryOperator, Expression as Parsed, ForExpr, FuncCall, ObjectKey, Traversal, TraversalOperator, UnaryOperator,
};
use hcl_edit::parser::{Error, parse_body, parse_template};
use hcl_edit::structure::{BlockLabel, Body as ParsedBody, Structure};

use super::duplicate::Renamed;
use super::syntax::{Attribute, Block, Body, Expression, For, Item, Name, Operator, Step, Term};
use super::template;
use crate::document::ParseError;
use crate::span::Span;

/// Reads the body `text`, which begins at byte `shift` of its file, and in which the keys of `renamed` have other names.
pub(super) fn body(text: &str, shift: usize, renamed: &Renamed) -> Result<Body, ParseError> {
    let converter = Converter { text, place: Place::Shifted(shift), renamed };
    parse_body(text).map(|body| converter.body(&body)).map_err(|error| refusal(text, shift, &error))
}

/// Reads a template that stands in a JSON text as the string at `span`: each part gets the span of the whole.
pub(super) fn json_template(text: &str, span: Span) -> Result<Term, Error> {
    let converter = Converter { text, place: Place::Fixed(span), renamed: &Renamed::default() };
    parse_template(text).map(|parsed| template::term(&converter, &parsed, template::Form::lines(0)))
}

fn refusal(text: &str, shift: usize, error: &Error) -> ParseError {
    let offset = text.floor_char_boundary(error.location().offset());
    ParseError { offset: offset + shift, message: error.message().to_owned() }
}

/// Where the parts of a parsed text stand in the file.
enum Place {
    /// The text begins at this byte.
    Shifted(usize),
    /// All of it stands here: the text differs from what is written.
    Fixed(Span),
}

/// Turns parsed parts into ours.
pub(super) struct Converter<'t> {
    /// What was parsed.
    text: &'t str,
    place: Place,
    renamed: &'t Renamed,
}

impl Converter<'_> {
    fn span(&self, range: Option<Range<usize>>) -> Span {
        match self.place {
            Place::Fixed(span) => span,
            Place::Shifted(shift) => {
                let range = range.unwrap_or_default();
                Span::new(range.start + shift, range.end + shift)
            }
        }
    }

    fn body(&self, body: &ParsedBody) -> Body {
        let items = body.iter().map(|structure| match structure {
            Structure::Attribute(attribute) => Item::Attribute(Attribute {
                name: Name {
                    text: self.name(attribute.key.span()).unwrap_or(attribute.key.as_str()).into(),
                    span: self.span(attribute.key.span()),
                },
                value: self.expression(&attribute.value),
            }),
            Structure::Block(block) => Item::Block(Block {
                kind: Name { text: block.ident.as_str().into(), span: self.span(block.ident.span()) },
                labels: block.labels.iter().map(|label| self.label(label)).collect(),
                body: self.body(&block.body),
                span: self.span(block.span()),
            }),
        });
        Body { items: items.collect() }
    }

    fn label(&self, label: &BlockLabel) -> Name {
        Name { text: label.as_str().into(), span: self.span(label.span()) }
    }

    pub(super) fn expression(&self, parsed: &Parsed) -> Expression {
        let term = match parsed {
            Parsed::Parenthesis(inner) => return self.expression(inner.inner()),
            Parsed::Null(_) => Term::Null,
            Parsed::Bool(value) => Term::Bool(*value.value()),
            Parsed::Number(value) => Term::Number(self.number(parsed, value.value().to_string())),
            Parsed::String(text) => Term::Text(text.as_str().into()),
            Parsed::Array(items) => Term::Tuple(items.iter().map(|item| self.expression(item)).collect()),
            Parsed::Object(object) => {
                let entries = object.iter().map(|(key, value)| (self.key(key), self.expression(value.expr())));
                Term::Object(entries.collect())
            }
            Parsed::StringTemplate(parsed) => template::term(self, parsed, template::Form::quoted()),
            Parsed::HeredocTemplate(heredoc) => {
                let form = template::Form::lines(heredoc.indent().unwrap_or_default());
                template::term(self, &heredoc.template, form)
            }
            Parsed::Variable(name) => Term::Variable(name.as_str().into()),
            Parsed::Conditional(conditional) => Term::Conditional(Box::new([
                self.expression(&conditional.cond_expr),
                self.expression(&conditional.true_expr),
                self.expression(&conditional.false_expr),
            ])),
            Parsed::FuncCall(call) => self.call(call),
            Parsed::Traversal(traversal) => self.traversal(traversal),
            Parsed::UnaryOp(operation) => {
                let operand = Box::new(self.expression(&operation.expr));
                match *operation.operator.value() {
                    UnaryOperator::Neg => Term::Negative(operand),
                    UnaryOperator::Not => Term::Not(operand),
                }
            }
            Parsed::BinaryOp(operation) => Term::Binary(
                operator(*operation.operator.value()),
                Box::new([self.expression(&operation.lhs_expr), self.expression(&operation.rhs_expr)]),
            ),
            Parsed::ForExpr(parsed) => Term::For(Box::new(self.for_expression(parsed))),
        };
        Expression { span: self.span(parsed.span()), term }
    }

    /// The digits as they are written, for the parser keeps no more of them than a float has; `value` is what it kept.
    fn number(&self, parsed: &Parsed, value: String) -> Box<str> {
        let Some(written) = parsed.span().and_then(|range| self.text.get(range)) else { return value.into() };
        // Blanks and comments may stand behind the sign.
        let start = written.rfind(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-')));
        let digits = written.get(start.map_or(0, |at| at + 1)..).unwrap_or(written).trim_start_matches('-');
        let sign = if written.starts_with('-') { "-" } else { "" };
        format!("{sign}{digits}").into()
    }

    /// The name of the key at `range`, when it was renamed.
    fn name(&self, range: Option<Range<usize>>) -> Option<&str> {
        self.renamed.name(range?.start)
    }

    fn key(&self, key: &ObjectKey) -> Expression {
        let renamed = self.name(key.span());
        match key {
            ObjectKey::Ident(name) => {
                let name = renamed.unwrap_or(name.as_str());
                Expression { span: self.span(key.span()), term: Term::Text(name.into()) }
            }
            ObjectKey::Expression(parsed) => {
                let mut expression = self.expression(parsed);
                if let (Some(name), Term::Text(text)) = (renamed, &mut expression.term) {
                    *text = name.into();
                }
                expression
            }
        }
    }

    fn call(&self, call: &FuncCall) -> Term {
        let mut name = String::new();
        for part in &call.name.namespace {
            name.push_str(part.as_str());
            name.push_str("::");
        }
        name.push_str(call.name.name.as_str());
        Term::Call {
            name: name.into(),
            arguments: call.args.iter().map(|argument| self.expression(argument)).collect(),
            expands: call.args.expand_final(),
        }
    }

    fn traversal(&self, traversal: &Traversal) -> Term {
        let steps = traversal.operators.iter().map(|operator| match operator.value() {
            TraversalOperator::AttrSplat(_) => Step::AttributeSplat,
            TraversalOperator::FullSplat(_) => Step::FullSplat,
            TraversalOperator::GetAttr(name) => Step::Attribute(name.as_str().into()),
            TraversalOperator::Index(index) => Step::Index(self.expression(index)),
            TraversalOperator::LegacyIndex(index) => Step::Index(Expression {
                span: self.span(index.span().or_else(|| operator.span())),
                term: Term::Number(index.value().to_string().into()),
            }),
        });
        Term::Traversal(Box::new(self.expression(&traversal.expr)), steps.collect())
    }

    fn for_expression(&self, parsed: &ForExpr) -> For {
        For {
            key: parsed.intro.key_var.as_ref().map(|name| name.as_str().into()),
            value: parsed.intro.value_var.as_str().into(),
            collection: self.expression(&parsed.intro.collection_expr),
            name: parsed.key_expr.as_ref().map(|name| self.expression(name)),
            result: self.expression(&parsed.value_expr),
            groups: parsed.grouping,
            condition: parsed.cond.as_ref().map(|condition| self.expression(&condition.expr)),
        }
    }
}

fn operator(parsed: BinaryOperator) -> Operator {
    match parsed {
        BinaryOperator::Eq => Operator::Equal,
        BinaryOperator::NotEq => Operator::NotEqual,
        BinaryOperator::Less => Operator::Less,
        BinaryOperator::LessEq => Operator::LessOrEqual,
        BinaryOperator::Greater => Operator::Greater,
        BinaryOperator::GreaterEq => Operator::GreaterOrEqual,
        BinaryOperator::Plus => Operator::Plus,
        BinaryOperator::Minus => Operator::Minus,
        BinaryOperator::Mul => Operator::Times,
        BinaryOperator::Div => Operator::Divide,
        BinaryOperator::Mod => Operator::Modulo,
        BinaryOperator::And => Operator::And,
        BinaryOperator::Or => Operator::Or,
    }
}
