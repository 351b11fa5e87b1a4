//! Expressions that have the same value in every run.

use super::{Comparison, Expression, Kind};

/// The value of a constant expression.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::framework::github_actions) enum Constant {
    /// `null`
    Null,
    /// A truth value.
    Boolean(bool),
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
}

impl Constant {
    /// Whether a condition holds for it: all but `false`, `0`, `NaN`, the empty text and `null`.
    pub(in crate::framework::github_actions) fn is_true(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Boolean(value) => *value,
            Self::Number(number) => *number != 0.0 && !number.is_nan(),
            Self::Text(text) => !text.is_empty(),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Boolean(value) => value.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }

    fn number(&self) -> f64 {
        match self {
            Self::Null => 0.0,
            Self::Boolean(value) => f64::from(u8::from(*value)),
            Self::Number(number) => *number,
            Self::Text(text) if text.trim().is_empty() => 0.0,
            Self::Text(text) => text.trim().parse().unwrap_or(f64::NAN),
        }
    }

    /// GitHub compares texts without regard to case, and values of different kinds as numbers.
    fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Text(left), Self::Text(right)) => left.eq_ignore_ascii_case(right),
            _ => self.number().partial_cmp(&other.number()) == Some(std::cmp::Ordering::Equal),
        }
    }
}

/// The value of `expression`; `None` when a run decides.
pub(in crate::framework::github_actions) fn evaluate(expression: &Expression) -> Option<Constant> {
    match &expression.kind {
        Kind::Null => Some(Constant::Null),
        Kind::Boolean(value) => Some(Constant::Boolean(*value)),
        Kind::Number(number) => Some(Constant::Number(*number)),
        Kind::Text(text) => Some(Constant::Text(text.clone())),
        Kind::Context(_) | Kind::Access(..) => None,
        Kind::Not(part) => Some(Constant::Boolean(!evaluate(part)?.is_true())),
        Kind::And(parts) => {
            let mut last = None;
            for part in parts {
                let value = evaluate(part)?;
                if !value.is_true() {
                    return Some(value);
                }
                last = Some(value);
            }
            last
        }
        Kind::Or(parts) => {
            let mut last = None;
            for part in parts {
                let value = evaluate(part)?;
                if value.is_true() {
                    return Some(value);
                }
                last = Some(value);
            }
            last
        }
        Kind::Compare(comparison, left, right) => {
            let (left, right) = (evaluate(left)?, evaluate(right)?);
            let holds = match comparison {
                Comparison::Equal => left.equals(&right),
                Comparison::NotEqual => !left.equals(&right),
                Comparison::Less => left.number() < right.number(),
                Comparison::LessOrEqual => left.number() <= right.number(),
                Comparison::Greater => left.number() > right.number(),
                Comparison::GreaterOrEqual => left.number() >= right.number(),
            };
            Some(Constant::Boolean(holds))
        }
        Kind::Call(name, arguments) => call(name, arguments),
    }
}

fn call(name: &str, arguments: &[Expression]) -> Option<Constant> {
    if !matches!(name, "format" | "startswith" | "endswith" | "contains" | "tojson") {
        return None;
    }
    let values = arguments.iter().map(evaluate).collect::<Option<Vec<_>>>()?;
    let texts: Vec<String> = values.iter().map(Constant::text).collect();
    let folded = |index: usize| texts.get(index).map(|text| text.to_lowercase());
    Some(match name {
        "startswith" => Constant::Boolean(folded(0)?.starts_with(&folded(1)?)),
        "endswith" => Constant::Boolean(folded(0)?.ends_with(&folded(1)?)),
        "contains" => Constant::Boolean(folded(0)?.contains(&folded(1)?)),
        "tojson" => match values.first()? {
            Constant::Text(text) => Constant::Text(format!("\"{text}\"")),
            other => Constant::Text(other.text()),
        },
        _ => {
            let mut text = texts.first()?.clone();
            for (index, value) in texts.iter().skip(1).enumerate().take(16) {
                let place = format!("{{{index}}}");
                // An expression has at most some 20 kB, and each place stands for a part of it.
                if text.len() > 1 << 16 {
                    return None;
                }
                text = text.replace(&place, value);
            }
            Constant::Text(text)
        }
    })
}

/// Whether it, or an operation in it, has the same value in every run: an operator or a call, and not just a literal.
pub(in crate::framework::github_actions) fn is_reducible(expression: &Expression) -> bool {
    let is_operation = |part: &Expression| {
        matches!(part.kind, Kind::Call(..) | Kind::Not(_) | Kind::And(_) | Kind::Or(_) | Kind::Compare(..))
    };
    let budget = 200;
    evaluate(expression).is_some()
        || expression
            .all()
            .into_iter()
            .filter(|part| is_operation(part))
            .take(budget)
            .any(|part| evaluate(part).is_some())
}
