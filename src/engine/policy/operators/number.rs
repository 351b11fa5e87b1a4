//! `lt`, `lte`, `gt`, `gte` on numbers, quantities and durations; `count_lt`, `count_gte` on lists and mappings.

use std::cmp::Ordering;

use super::super::truth::Truth;
use super::decimal::{Decimal, sign};
use super::presence::entries;
use crate::document::node::Node;
use crate::rules::condition::Number;

/// Digits of a duration's fraction that are kept; the smallest unit is a nanosecond.
const MAX_FRACTION: usize = 15;

/// On which side of the operand a value has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Less.
    Lt,
    /// Less or equal.
    Lte,
    /// Greater.
    Gt,
    /// Greater or equal.
    Gte,
}

impl Order {
    fn allows(self, ordering: Ordering) -> bool {
        match self {
            Self::Lt => ordering.is_lt(),
            Self::Lte => ordering.is_le(),
            Self::Gt => ordering.is_gt(),
            Self::Gte => ordering.is_ge(),
        }
    }
}

/// The comparison of a scalar, with quotes or without, with a number.
///
/// `5m` is both a quantity (five thousandths) and a duration (five minutes). Two quantities compare as such, and only then two
/// durations; so `5m` is minutes beside `300s` or `1h30m`, and thousandths beside `1`. A rule that means minutes says `5m0s`.
pub(super) struct Comparison {
    order: Order,
    quantity: Option<Decimal>,
    /// In nanoseconds.
    duration: Option<i128>,
}

impl Comparison {
    /// # Errors
    ///
    /// The operand is neither number nor duration.
    pub(super) fn new(order: Order, Number(text): &Number) -> Result<Self, String> {
        let (quantity, duration) = (Decimal::quantity(text), duration(text));
        if quantity.is_none() && duration.is_none() {
            return Err(format!("`{text}` is no number, quantity (`500m`, `1Gi`) or duration (`1h30m`)"));
        }
        Ok(Self { order, quantity, duration })
    }

    pub(super) fn on(&self, node: &Node) -> Truth {
        let ordering = node.as_str().and_then(|text| self.compare(text));
        Truth::from(ordering.is_some_and(|ordering| self.order.allows(ordering)))
    }

    /// The order of a value and the operand; `None` for what is no number, or not of the same sort.
    fn compare(&self, text: &str) -> Option<Ordering> {
        let quantities = self.quantity.and_then(|operand| Some(Decimal::quantity(text)?.cmp(&operand)));
        quantities.or_else(|| self.duration.and_then(|operand| Some(duration(text)?.cmp(&operand))))
    }
}

/// Reads a duration as Go writes it (`1h30m`, `1.5s`, `-5ms`), in nanoseconds.
///
/// Source: <https://pkg.go.dev/time#ParseDuration>
fn duration(text: &str) -> Option<i128> {
    let (is_negative, mut rest) = sign(text);
    let mut total = 0_i128;
    if rest.is_empty() {
        return None;
    }
    // The only number that needs no unit.
    if rest == "0" {
        return Some(0);
    }
    while !rest.is_empty() {
        let (whole, after) = split_digits(rest);
        let (fraction, after) = after.strip_prefix('.').map_or(("", after), split_digits);
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let unit: i128 = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return None,
        };
        let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        let fraction = fraction.get(..MAX_FRACTION).unwrap_or(fraction);
        let (mut part, mut scale) = (0_i128, 1_i128);
        for byte in fraction.bytes() {
            part = part * 10 + i128::from(byte - b'0');
            scale *= 10;
        }
        total = total.checked_add(i128::from(whole) * unit + part * unit / scale)?;
        rest = after;
    }
    Some(if is_negative { -total } else { total })
}

/// The digits at the beginning, and what follows.
fn split_digits(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len()))
}

/// How many entries a list or mapping has.
pub(super) enum Count {
    /// Fewer.
    Lt(u32),
    /// As many or more.
    Gte(u32),
}

impl Count {
    pub(super) fn on(&self, node: &Node) -> Truth {
        let Some((least, is_exact)) = entries(node) else {
            return Truth::False;
        };
        let (Self::Lt(bound) | Self::Gte(bound)) = self;
        let reaches = if u32::try_from(least).map_or(true, |least| least >= *bound) {
            Truth::True
        } else if is_exact {
            Truth::False
        } else {
            Truth::Unknown
        };
        match self {
            Self::Lt(_) => !reaches,
            Self::Gte(_) => reaches,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{keys, list, open, outcomes, plain, text, unknown};
    use super::*;
    use crate::rules::condition::Test;
    use Truth::{False, True, Unknown};

    fn orders(operand: &str) -> [Test; 4] {
        let number = || Number(operand.to_owned());
        [Test::Lt(number()), Test::Lte(number()), Test::Gt(number()), Test::Gte(number())]
    }

    #[test]
    fn the_truth_table_of_orders() {
        let (below, equal, above) =
            ([True, True, False, False], [False, True, False, True], [False, False, True, True]);
        for (node, expected) in [
            (None, [False; 4]),
            (Some(unknown()), [Unknown; 4]),
            (Some(plain("4.999")), below),
            (Some(plain("5.0")), equal),
            (Some(text("5")), equal),
            (Some(plain("6")), above),
            (Some(plain("-6")), below),
            (Some(plain("5001m")), above),
            (Some(text("1Gi")), above),
            (Some(plain("five")), [False; 4]),
            (Some(text("")), [False; 4]),
            (Some(list([plain("4")])), [False; 4]),
            (Some(keys(["4"])), [False; 4]),
        ] {
            assert_eq!(outcomes(&orders("5"), node.as_ref()), expected, "{node:?}");
        }
    }

    #[test]
    fn quantities_compare_first_and_then_durations() {
        let (below, equal, above) =
            ([True, True, False, False], [False, True, False, True], [False, False, True, True]);
        for (value, operand, expected) in [
            ("500m", "1", below),
            ("1.5Gi", "1Gi", above),
            ("1024Mi", "1Gi", equal),
            ("0777", "0o644", above),
            ("300s", "5m", equal),
            ("4m59.9s", "5m0s", below),
            ("4m", "5m0s", below),
            ("4m", "5m", below),
            ("1h30m", "5m", above),
            ("0", "5m0s", below),
            ("0s", "5m", below),
            ("90s", "1.5m", equal),
            ("-1h", "0s", below),
            ("1us", "1µs", equal),
            ("10", "5m0s", [False; 4]),
            ("10s", "5", [False; 4]),
            ("512mb", "5", [False; 4]),
        ] {
            assert_eq!(outcomes(&orders(operand), Some(&text(value))), expected, "{value} {operand}");
        }
    }

    #[test]
    fn durations_are_read_as_go_reads_them() {
        for (text, expected) in [
            ("0", Some(0)),
            ("1h2m3s4ms5us6ns", Some(3_723_004_005_006)),
            (".5s", Some(500_000_000)),
            ("1.s", Some(1_000_000_000)),
            ("1.00000000000000000000009s", Some(1_000_000_000)),
            ("", None),
            ("-", None),
            ("3", None),
            (".s", None),
            ("1d", None),
            ("1h 2m", None),
            ("99999999999999999999h", None),
        ] {
            assert_eq!(duration(text), expected, "{text}");
        }
    }

    #[test]
    fn counts() {
        let tests = [Test::CountLt(2), Test::CountGte(2)];
        for (node, expected) in [
            (None, [False; 2]),
            (Some(unknown()), [Unknown; 2]),
            (Some(text("abc")), [False; 2]),
            (Some(list([])), [True, False]),
            (Some(list([plain("a"), plain("b")])), [False, True]),
            (Some(list([plain("a"), unknown()])), [Unknown; 2]),
            (Some(list([plain("a"), unknown(), plain("b")])), [False, True]),
            (Some(keys(["a"])), [True, False]),
            (Some(keys(["a", "b", "c"])), [False, True]),
            (Some(open(["a"])), [Unknown; 2]),
            (Some(open(["a", "b"])), [False, True]),
        ] {
            assert_eq!(outcomes(&tests, node.as_ref()), expected, "{node:?}");
        }
    }
}
