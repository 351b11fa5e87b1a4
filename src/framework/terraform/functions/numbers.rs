//! Functions of numbers (Terraform documentation, "Numeric Functions").

use core::num::IntErrorKind;

use super::{Function, Takes};
use crate::document::node::Node;
use crate::framework::terraform::value::{as_number, as_text, number};
use crate::span::Span;

pub(super) fn function(name: &str) -> Option<(Takes, Function)> {
    Some(match name {
        "abs" => (Takes::Known, |arguments, at| one(arguments, at, f64::abs)),
        "ceil" => (Takes::Known, |arguments, at| one(arguments, at, f64::ceil)),
        "floor" => (Takes::Known, |arguments, at| one(arguments, at, f64::floor)),
        "log" => (Takes::Known, |arguments, at| two(arguments, at, f64::log)),
        "max" => (Takes::Known, |arguments, at| most(arguments, at, f64::max)),
        "min" => (Takes::Known, |arguments, at| most(arguments, at, f64::min)),
        "parseint" => (Takes::Known, parseint),
        "pow" => (Takes::Known, |arguments, at| two(arguments, at, f64::powf)),
        "signum" => (Takes::Known, |arguments, at| one(arguments, at, |x| if x == 0.0 { 0.0 } else { x.signum() })),
        _ => return None,
    })
}

fn one(arguments: &[Node], at: Span, function: fn(f64) -> f64) -> Option<Node> {
    let [only] = arguments else { return None };
    as_number(only).map(|value| number(at, function(value)))
}

fn two(arguments: &[Node], at: Span, function: fn(f64, f64) -> f64) -> Option<Node> {
    let [first, second] = arguments else { return None };
    Some(number(at, function(as_number(first)?, as_number(second)?)))
}

fn most(arguments: &[Node], at: Span, better: fn(f64, f64) -> f64) -> Option<Node> {
    let numbers: Option<Vec<f64>> = arguments.iter().map(as_number).collect();
    numbers?.into_iter().reduce(better).map(|value| number(at, value))
}

fn parseint(arguments: &[Node], at: Span) -> Option<Node> {
    let [text, base] = arguments else { return None };
    let base: u32 = as_text(base)?.parse().ok().filter(|base| (2..=36).contains(base))?;
    let text = as_text(text)?;
    Some(match i128::from_str_radix(&text, base) {
        Ok(value) => Node::plain(at, value.to_string()),
        // There are larger ones, but nobody compares them.
        Err(error) => match error.kind() {
            IntErrorKind::PosOverflow | IntErrorKind::NegOverflow => Node::unknown(at),
            _ => return None,
        },
    })
}
