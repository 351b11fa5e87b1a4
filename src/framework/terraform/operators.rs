//! Operators between two values (HCL Native Syntax Specification, "Operations").

use super::value::{as_bool, as_number, boolean, equal, failure, is_unknown, number, unknown_of};
use crate::document::hcl::syntax::Operator;
use crate::document::node::Node;
use crate::span::Span;

/// What `operator` gives for `left` and `right`.
pub(super) fn apply(operator: Operator, left: &Node, right: &Node, at: Span) -> Node {
    let result = match operator {
        Operator::Equal => equal(left, right).map(|equal| boolean(at, equal)),
        Operator::NotEqual => equal(left, right).map(|equal| boolean(at, !equal)),
        // Terraform evaluates both sides; where one side decides, the other need not be known.
        Operator::And => match (as_bool(left), as_bool(right)) {
            (Some(false), _) | (_, Some(false)) => Some(boolean(at, false)),
            (Some(true), Some(true)) => Some(boolean(at, true)),
            _ => None,
        },
        Operator::Or => match (as_bool(left), as_bool(right)) {
            (Some(true), _) | (_, Some(true)) => Some(boolean(at, true)),
            (Some(false), Some(false)) => Some(boolean(at, false)),
            _ => None,
        },
        _ => as_number(left).zip(as_number(right)).map(|(left, right)| match operator {
            Operator::Less => boolean(at, left < right),
            Operator::LessOrEqual => boolean(at, left <= right),
            Operator::Greater => boolean(at, left > right),
            Operator::GreaterOrEqual => boolean(at, left >= right),
            Operator::Plus => number(at, left + right),
            Operator::Minus => number(at, left - right),
            Operator::Times => number(at, left * right),
            Operator::Divide => number(at, left / right),
            _ => number(at, left % right),
        }),
    };
    result.unwrap_or_else(|| {
        if is_unknown(left) || is_unknown(right) { unknown_of(at, [left, right]) } else { failure(at) }
    })
}
