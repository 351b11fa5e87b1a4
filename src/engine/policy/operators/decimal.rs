//! Exact decimal numbers, and the quantities of Kubernetes.

use std::cmp::Ordering;

/// Digits that are kept; further ones count as zeros. Times the largest binary suffix (2^60) they fit into 128 bits.
const MAX_DIGITS: u32 = 20;

/// A number `mantissa * 10^exponent`, in normal form: a mantissa without trailing zeros, and zero as `0 * 10^0` without a
/// sign, so that equal numbers are equal in all parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    is_negative: bool,
    mantissa: u128,
    exponent: i32,
}

impl Decimal {
    /// Reads a number as YAML, JSON and HCL write it: `12`, `-1.5`, `1e3`, `0x1F`, `0o644`, `0b11`. An integer with a leading
    /// zero is octal where it can be (`0644`), as in YAML 1.1 and in every file mode. Neither infinity nor NaN is a number.
    pub(super) fn number(text: &str) -> Option<Self> {
        let (is_negative, body) = sign(text);
        if let Some(integer) = integer(body) {
            return Some(Self::normal(is_negative, integer, 0));
        }
        let (mantissa, exponent, rest) = digits(body)?;
        let exponent = exponent.saturating_add(power(rest)?);
        Some(Self::normal(is_negative, mantissa, exponent))
    }

    /// Reads a number or a quantity: a number with one of the suffixes `n`, `u`, `m`, `k`, `M`, `G`, `T`, `P`, `E`, `Ki`, `Mi`,
    /// `Gi`, `Ti`, `Pi`, `Ei`. `m` is a thousandth here, also where Docker and Compose write it for a mebibyte.
    ///
    /// Source: <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>
    pub(super) fn quantity(text: &str) -> Option<Self> {
        Self::number(text).or_else(|| {
            let (is_negative, body) = sign(text);
            let (mantissa, exponent, suffix) = digits(body)?;
            let (binary, decimal): (u32, i32) = match suffix {
                "n" => (0, -9),
                "u" => (0, -6),
                "m" => (0, -3),
                "k" => (0, 3),
                "M" => (0, 6),
                "G" => (0, 9),
                "T" => (0, 12),
                "P" => (0, 15),
                "E" => (0, 18),
                "Ki" => (10, 0),
                "Mi" => (20, 0),
                "Gi" => (30, 0),
                "Ti" => (40, 0),
                "Pi" => (50, 0),
                "Ei" => (60, 0),
                _ => return None,
            };
            let mantissa = mantissa.checked_mul(1 << binary)?;
            Some(Self::normal(is_negative, mantissa, exponent.saturating_add(decimal)))
        })
    }

    fn normal(is_negative: bool, mut mantissa: u128, mut exponent: i32) -> Self {
        if mantissa == 0 {
            return Self { is_negative: false, mantissa, exponent: 0 };
        }
        while mantissa.is_multiple_of(10) {
            mantissa /= 10;
            exponent = exponent.saturating_add(1);
        }
        Self { is_negative, mantissa, exponent }
    }

    /// -1, 0 or 1.
    fn signum(self) -> i8 {
        match (self.mantissa, self.is_negative) {
            (0, _) => 0,
            (_, true) => -1,
            (_, false) => 1,
        }
    }

    /// The order of two numbers without their signs, neither of them zero.
    fn compare_magnitude(self, other: Self) -> Ordering {
        let magnitude = |number: Self| i64::from(number.mantissa.ilog10()) + i64::from(number.exponent);
        magnitude(self).cmp(&magnitude(other)).then_with(|| match self.exponent.cmp(&other.exponent) {
            Ordering::Equal => self.mantissa.cmp(&other.mantissa),
            Ordering::Greater => {
                self.scaled_to(other.exponent).map_or(Ordering::Greater, |own| own.cmp(&other.mantissa))
            }
            Ordering::Less => other.scaled_to(self.exponent).map_or(Ordering::Less, |their| self.mantissa.cmp(&their)),
        })
    }

    /// The mantissa at a smaller exponent; `None` where it is larger than any mantissa.
    fn scaled_to(self, exponent: i32) -> Option<u128> {
        let steps = u32::try_from(self.exponent.checked_sub(exponent)?).ok()?;
        self.mantissa.checked_mul(10_u128.checked_pow(steps)?)
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        self.signum().cmp(&other.signum()).then_with(|| match self.signum() {
            0 => Ordering::Equal,
            1 => self.compare_magnitude(*other),
            _ => other.compare_magnitude(*self),
        })
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Whether there is a minus in front, and what follows the sign.
pub(super) fn sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(body) => (true, body),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// An integer in base 16, 8 or 2.
fn integer(body: &str) -> Option<u128> {
    let after_zero = body.strip_prefix('0')?;
    let (radix, digits) = match after_zero.as_bytes().first()? {
        b'x' | b'X' => (16, after_zero.get(1..)?),
        b'o' | b'O' => (8, after_zero.get(1..)?),
        b'b' | b'B' => (2, after_zero.get(1..)?),
        _ => (8, after_zero),
    };
    // The library would take a second sign.
    digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u128::from_str_radix(digits, radix).ok())?
}

/// The digits at the beginning with their decimal point: mantissa, exponent, and what follows.
fn digits(body: &str) -> Option<(u128, i32, &str)> {
    let limit = 10_u128.pow(MAX_DIGITS - 1);
    let (mut mantissa, mut exponent) = (0_u128, 0_i32);
    let (mut has_digits, mut has_point) = (false, false);
    let mut end = 0;
    for byte in body.bytes() {
        match byte {
            b'0'..=b'9' => {
                has_digits = true;
                if mantissa < limit {
                    mantissa = mantissa * 10 + u128::from(byte - b'0');
                    exponent = exponent.saturating_sub(i32::from(has_point));
                } else {
                    exponent = exponent.saturating_add(i32::from(!has_point));
                }
            }
            b'.' if !has_point => has_point = true,
            _ => break,
        }
        end += 1;
    }
    has_digits.then_some((mantissa, exponent, body.get(end..)?))
}

/// The exponent behind the digits: `e3`, `E-3`, or nothing.
fn power(rest: &str) -> Option<i32> {
    if rest.is_empty() {
        return Some(0);
    }
    let (is_negative, digits) = sign(rest.strip_prefix(['e', 'E'])?);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let magnitude =
        digits.bytes().fold(0_i32, |sum, byte| sum.saturating_mul(10).saturating_add(i32::from(byte - b'0')));
    Some(if is_negative { -magnitude } else { magnitude })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantity(text: &str) -> Decimal {
        Decimal::quantity(text).unwrap_or_else(|| panic!("{text} is a quantity"))
    }

    #[test]
    fn equal_numbers_in_every_notation() {
        for same in [
            &["1", "1.0", "+1", "1e0", "0.1E1", "1000m", "01", "0x1", "0b1", "1."][..],
            &["0", "-0", "0.000", "0e9", "0Ki", "00"],
            &["1Ki", "1024", "1.024k"],
            &["1Ei", "1152921504606846976"],
            &["1E", "1e18", "1E18", "1000P"],
            &["0.1", ".1", "100m", "100000u", "100000000n"],
            &["0644", "0o644", "420", "0x1a4"],
            &["0899", "899"],
        ] {
            for text in same {
                assert_eq!(quantity(text), quantity(same[0]), "{text}");
                assert_eq!(quantity(text).cmp(&quantity(same[0])), Ordering::Equal, "{text}");
            }
        }
    }

    #[test]
    fn numbers_in_ascending_order() {
        let ascending = [
            "-1e2000000000",
            "-1Ei",
            "-2",
            "-1.5",
            "-1m",
            "0",
            "1e-999999999999",
            "1n",
            "1m",
            "0.3",
            "0.30000000000000001",
            "999m",
            "1",
            "500Mi",
            "524288001",
            "1e2000000000",
        ];
        for pair in ascending.windows(2) {
            assert_eq!(quantity(pair[0]).cmp(&quantity(pair[1])), Ordering::Less, "{pair:?}");
        }
    }

    #[test]
    fn neighbours_that_floats_would_confuse() {
        assert!(quantity("9007199254740993") > quantity("9007199254740992"));
        assert!(quantity("99999999999999999999Ei") > quantity("99999999999999999998Ei"));
        assert!(quantity(&"9".repeat(50)) > quantity("1e49"));
        assert!(quantity(&"9".repeat(50)) < quantity("1e50"));
    }

    #[test]
    fn what_is_no_number() {
        for text in
            ["", "-", ".", "1..2", "1.2.3", "e3", "1e", "1e+", "1e3k", "0x", "0xg", "0o8", "--1", "0x-1", "nan", "1 "]
        {
            assert_eq!(Decimal::quantity(text), None, "{text}");
        }
        for text in ["1k", "500m", "1Gi", "1kb", "1g", "Ki"] {
            assert_eq!(Decimal::number(text), None, "{text}");
        }
        assert_eq!(Decimal::quantity("1kb"), None);
    }
}
