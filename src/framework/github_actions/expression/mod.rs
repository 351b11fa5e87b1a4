//! The expression language of workflows: `${{ … }}`, and `if:` without them.
//!
//! The grammar is that of <https://docs.github.com/en/actions/reference/workflows-and-actions/expressions>: literals,
//! contexts with dereferences and filters, function calls, and operators. Every bound that an expression exceeds makes it
//! one that could not be read.

mod constant;
mod fence;
mod lexer;
mod parser;
#[cfg(test)]
mod tests;

use std::ops::Range;

pub(super) use self::constant::{Constant, evaluate, is_reducible};
pub(super) use self::fence::{fences, is_fully_fenced};
pub(super) use self::parser::parse;

/// An expression and where it stands in the text that was parsed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Expression {
    /// Bytes of the text.
    pub(super) span: Range<usize>,
    /// What it is.
    pub(super) kind: Kind,
}

/// The kinds of expressions.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean(bool),
    /// A number, hexadecimal and octal ones included.
    Number(f64),
    /// A text in single quotes, unescaped.
    Text(String),
    /// The name of a context, such as `github`, in small letters.
    Context(String),
    /// A call; the name in small letters.
    Call(String, Vec<Expression>),
    /// A value and what is taken of it, in order: `github.event.commits[0]`.
    Access(Box<Expression>, Vec<Step>),
    /// `!`
    Not(Box<Expression>),
    /// A comparison.
    Compare(Comparison, Box<Expression>, Box<Expression>),
    /// `a && b && c`
    And(Vec<Expression>),
    /// `a || b || c`
    Or(Vec<Expression>),
}

/// One dereference.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    /// `.name`, or an index that is a text; in small letters.
    Name(String),
    /// `.*` or `[*]`
    Any,
    /// `[0]` and any index that is computed.
    Index(Expression),
}

/// Operators that compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Expression {
    /// The path of a context that is accessed by names and filters: `["github", "event", "commits", "*", "message"]`. An
    /// index that is a number or computed reads as `*`. `None` for anything else.
    pub(super) fn path(&self) -> Option<Vec<&str>> {
        match &self.kind {
            Kind::Context(name) => Some(vec![name]),
            Kind::Access(base, steps) => {
                let Kind::Context(name) = &base.kind else { return None };
                let mut path = vec![name.as_str()];
                path.extend(steps.iter().map(Step::name));
                Some(path)
            }
            _ => None,
        }
    }

    /// Whether it takes an item by an index that is neither a number nor a text.
    pub(super) fn has_computed_index(&self) -> bool {
        let Kind::Access(_, steps) = &self.kind else { return false };
        steps
            .iter()
            .any(|step| matches!(step, Step::Index(index) if !matches!(index.kind, Kind::Number(_) | Kind::Text(_))))
    }

    /// The expressions that it is made of, one level down.
    pub(super) fn parts(&self) -> Vec<&Self> {
        match &self.kind {
            Kind::Call(_, parts) | Kind::And(parts) | Kind::Or(parts) => parts.iter().collect(),
            Kind::Not(part) => vec![part],
            Kind::Compare(_, left, right) => vec![left, right],
            Kind::Access(base, steps) => {
                let indices = steps.iter().filter_map(|step| match step {
                    Step::Index(index) => Some(index),
                    Step::Name(_) | Step::Any => None,
                });
                std::iter::once(base.as_ref()).chain(indices).collect()
            }
            _ => Vec::new(),
        }
    }

    /// It and all expressions in it.
    pub(super) fn all(&self) -> Vec<&Self> {
        let mut found = vec![self];
        let mut next = 0;
        while let Some(expression) = found.get(next).copied() {
            found.extend(expression.parts());
            next += 1;
        }
        found
    }

    /// The paths of the contexts whose value, or a part of it, may become the value of this one. What is only compared or
    /// asked does not; what `format`, `join` or `toJSON` make a text of does.
    pub(super) fn sources(&self) -> Vec<Vec<&str>> {
        match &self.kind {
            Kind::Null | Kind::Boolean(_) | Kind::Number(_) | Kind::Text(_) | Kind::Not(_) | Kind::Compare(..) => {
                Vec::new()
            }
            Kind::Context(_) => self.path().into_iter().collect(),
            Kind::Call(name, parts) => match name.as_str() {
                "format" | "join" | "tojson" | "fromjson" | "case" => parts.iter().flat_map(Self::sources).collect(),
                _ => Vec::new(),
            },
            Kind::Access(base, steps) => match base.kind {
                Kind::Context(_) => self.path().into_iter().collect(),
                // What is read of a text is as free as the text.
                Kind::Call(..) => base.sources(),
                _ => {
                    let names: Vec<&str> = steps.iter().map(Step::name).collect();
                    base.sources().into_iter().map(|path| [path, names.clone()].concat()).collect()
                }
            },
            // All but the last decide only whether they are the value when they are false, which no one can use.
            Kind::And(parts) => parts.last().map(Self::sources).unwrap_or_default(),
            Kind::Or(parts) => parts.iter().flat_map(Self::sources).collect(),
        }
    }
}

impl Step {
    /// The name, or `*` for what is not one name.
    fn name(&self) -> &str {
        match self {
            Self::Name(name) => name,
            Self::Any | Self::Index(_) => "*",
        }
    }
}
