//! Tokens into expressions.

use std::ops::Range;

use super::lexer::{Token, tokens};
use super::{Comparison, Expression, Kind, Step};

/// Most bytes of an expression; GitHub's own bound is 21,000 characters.
const MAX_LENGTH: usize = 21_000;
/// Deepest nesting; GitHub's own bound is 50.
const MAX_DEPTH: usize = 50;

/// Reads `text`, without `${{` and `}}`. `None` when it is no expression, or one beyond the bounds.
pub(in crate::framework::github_actions) fn parse(text: &str) -> Option<Expression> {
    if text.len() > MAX_LENGTH {
        return None;
    }
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0 };
    let expression = parser.or()?;
    (parser.at == parser.tokens.len()).then_some(expression)
}

struct Parser {
    tokens: Vec<(Token, Range<usize>)>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn sign(&mut self, wanted: &[&'static str]) -> Option<&'static str> {
        let (Token::Sign(sign), _) = self.tokens.get(self.at)? else { return None };
        let sign = *sign;
        wanted.contains(&sign).then(|| {
            self.at += 1;
            sign
        })
    }

    fn or(&mut self) -> Option<Expression> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let expression = self.series("||", Self::and, Kind::Or);
        self.depth -= 1;
        expression
    }

    fn and(&mut self) -> Option<Expression> {
        self.series("&&", |parser| parser.comparison(&["==", "!="], Self::order), Kind::And)
    }

    fn order(&mut self) -> Option<Expression> {
        self.comparison(&["<", "<=", ">", ">="], Self::unary)
    }

    fn series(
        &mut self,
        sign: &'static str,
        part: impl Fn(&mut Self) -> Option<Expression>,
        kind: fn(Vec<Expression>) -> Kind,
    ) -> Option<Expression> {
        let first = part(self)?;
        if self.sign(&[sign]).is_none() {
            return Some(first);
        }
        let start = first.span.start;
        let mut parts = vec![first, part(self)?];
        while self.sign(&[sign]).is_some() {
            parts.push(part(self)?);
        }
        let end = parts.last()?.span.end;
        Some(Expression { span: start..end, kind: kind(parts) })
    }

    fn comparison(
        &mut self,
        signs: &[&'static str],
        part: impl Fn(&mut Self) -> Option<Expression>,
    ) -> Option<Expression> {
        let mut left = part(self)?;
        let mut count = 0;
        while let Some(sign) = self.sign(signs) {
            count += 1;
            if count > MAX_DEPTH {
                return None;
            }
            let right = part(self)?;
            let comparison = match sign {
                "==" => Comparison::Equal,
                "!=" => Comparison::NotEqual,
                "<" => Comparison::Less,
                "<=" => Comparison::LessOrEqual,
                ">" => Comparison::Greater,
                _ => Comparison::GreaterOrEqual,
            };
            let span = left.span.start..right.span.end;
            left = Expression { span, kind: Kind::Compare(comparison, Box::new(left), Box::new(right)) };
        }
        Some(left)
    }

    fn unary(&mut self) -> Option<Expression> {
        let begin = self.tokens.get(self.at)?.1.start;
        let mut count = 0;
        while self.sign(&["!"]).is_some() {
            count += 1;
        }
        if count > MAX_DEPTH {
            return None;
        }
        let mut expression = self.access()?;
        for _ in 0..count {
            let span = begin..expression.span.end;
            expression = Expression { span, kind: Kind::Not(Box::new(expression)) };
        }
        Some(expression)
    }

    fn access(&mut self) -> Option<Expression> {
        let base = self.primary()?;
        let mut steps = Vec::new();
        let mut end = base.span.end;
        loop {
            match self.sign(&[".", "["]) {
                Some(".") => match self.tokens.get(self.at)? {
                    (Token::Name(name), span) => {
                        steps.push(Step::Name(name.to_ascii_lowercase()));
                        end = span.end;
                        self.at += 1;
                    }
                    (Token::Sign("*"), span) => {
                        steps.push(Step::Any);
                        end = span.end;
                        self.at += 1;
                    }
                    _ => return None,
                },
                Some(_) => {
                    if self.sign(&["*"]).is_some() {
                        steps.push(Step::Any);
                    } else {
                        let index = self.or()?;
                        steps.push(match index.kind {
                            Kind::Text(name) => Step::Name(name.to_ascii_lowercase()),
                            _ => Step::Index(index),
                        });
                    }
                    end = self.tokens.get(self.at)?.1.end;
                    self.sign(&["]"])?;
                }
                None => break,
            }
        }
        if steps.is_empty() {
            return Some(base);
        }
        Some(Expression { span: base.span.start..end, kind: Kind::Access(Box::new(base), steps) })
    }

    fn primary(&mut self) -> Option<Expression> {
        let (token, span) = self.tokens.get(self.at)?.clone();
        self.at += 1;
        let kind = match token {
            Token::Number(number) => Kind::Number(number),
            Token::Text(text) => Kind::Text(text),
            Token::Name(name) => {
                if self.sign(&["("]).is_some() {
                    let arguments = self.arguments()?;
                    let end = self.tokens.get(self.at.checked_sub(1)?)?.1.end;
                    let kind = Kind::Call(name.to_ascii_lowercase(), arguments);
                    return Some(Expression { span: span.start..end, kind });
                }
                match name.as_str() {
                    "true" => Kind::Boolean(true),
                    "false" => Kind::Boolean(false),
                    "null" => Kind::Null,
                    "NaN" => Kind::Number(f64::NAN),
                    "Infinity" => Kind::Number(f64::INFINITY),
                    _ => Kind::Context(name.to_ascii_lowercase()),
                }
            }
            Token::Sign("(") => {
                let inner = self.or()?;
                let end = self.tokens.get(self.at)?.1.end;
                self.sign(&[")"])?;
                return Some(Expression { span: span.start..end, kind: inner.kind });
            }
            Token::Sign(_) => return None,
        };
        Some(Expression { span, kind })
    }

    fn arguments(&mut self) -> Option<Vec<Expression>> {
        let mut arguments = Vec::new();
        if self.sign(&[")"]).is_some() {
            return Some(arguments);
        }
        loop {
            arguments.push(self.or()?);
            if self.sign(&[",", ")"])? == ")" {
                return Some(arguments);
            }
        }
    }
}
