//! How random a value looks: Shannon entropy, character classes, and features built from them.
//!
//! Pure arithmetic over bytes. What a value *means* (a placeholder, a word, a path) is judged elsewhere.

/// Shannon entropy of `bytes` in bits per byte: 0 for a run of one byte, at most `log2(len)`.
///
/// A random hexadecimal string of 32 has about 3.6, base62 of 40 about 4.7, an English word about 2.5.
#[must_use]
pub fn shannon(bytes: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for &byte in bytes {
        counts[usize::from(byte)] += 1;
    }
    let total = to_f64(bytes.len());
    counts
        .iter()
        .filter(|&&count| count > 0)
        .map(|&count| {
            let share = f64::from(count) / total;
            -share * share.log2()
        })
        .sum()
}

/// How many characters of each class a value has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Classes {
    /// `a`–`z`.
    pub lower: usize,
    /// `A`–`Z`.
    pub upper: usize,
    /// `0`–`9`.
    pub digit: usize,
    /// ASCII punctuation.
    pub symbol: usize,
    /// ASCII white space and control characters.
    pub blank: usize,
    /// Bytes above 0x7F.
    pub other: usize,
}

impl Classes {
    /// Counts the bytes of `value`.
    #[must_use]
    pub fn of(value: &[u8]) -> Self {
        let mut classes = Self::default();
        for &byte in value {
            *match class(byte) {
                Class::Lower => &mut classes.lower,
                Class::Upper => &mut classes.upper,
                Class::Digit => &mut classes.digit,
                Class::Symbol => &mut classes.symbol,
                Class::Blank => &mut classes.blank,
                Class::Other => &mut classes.other,
            } += 1;
        }
        classes
    }

    /// Number of letters.
    #[must_use]
    pub fn letters(self) -> usize {
        self.lower + self.upper
    }

    /// How many of the four classes of a password policy occur: lower case, upper case, digits, punctuation.
    #[must_use]
    pub fn kinds(self) -> usize {
        [self.lower, self.upper, self.digit, self.symbol].iter().filter(|&&count| count > 0).count()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Lower,
    Upper,
    Digit,
    Symbol,
    Blank,
    Other,
}

fn class(byte: u8) -> Class {
    match byte {
        b'a'..=b'z' => Class::Lower,
        b'A'..=b'Z' => Class::Upper,
        b'0'..=b'9' => Class::Digit,
        0x21..=0x7E => Class::Symbol,
        0..=0x7F => Class::Blank,
        0x80.. => Class::Other,
    }
}

/// Number of different bytes in `value`.
#[must_use]
pub fn distinct(value: &[u8]) -> usize {
    let mut seen = [false; 256];
    value.iter().filter(|&&byte| !std::mem::replace(&mut seen[usize::from(byte)], true)).count()
}

/// How often neighbouring characters differ in class, separators left out and a capital before a lower-case letter not
/// counted: `camelCase` changes class once a word, `snake_case` never, random text every second character.
#[must_use]
pub fn class_changes(value: &[u8]) -> usize {
    let mut before = None;
    let mut changes = 0;
    for &byte in value {
        if matches!(byte, b'-' | b'_' | b'.' | b'/' | b'\\' | b':' | b' ') {
            continue;
        }
        let class = class(byte);
        let starts_word = before == Some(Class::Upper) && class == Class::Lower;
        changes += usize::from(before.is_some_and(|before| before != class) && !starts_word);
        before = Some(class);
    }
    changes
}

/// Whether `value` is made of hexadecimal digits of one case only.
#[must_use]
pub fn is_hex(value: &[u8]) -> bool {
    !value.is_empty()
        && value.iter().all(u8::is_ascii_hexdigit)
        && !(value.iter().any(u8::is_ascii_lowercase) && value.iter().any(u8::is_ascii_uppercase))
}

/// Whether `value` consists of characters of base64 or base64url, padding at its end included.
#[must_use]
pub fn is_base64_alphabet(value: &[u8]) -> bool {
    let body = value.strip_suffix(b"==").or_else(|| value.strip_suffix(b"=")).unwrap_or(value);
    !body.is_empty() && body.iter().all(|&b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_'))
}

/// Whether `value` has the form of a UUID: hexadecimal groups of 8-4-4-4-12.
#[must_use]
pub fn is_uuid(value: &[u8]) -> bool {
    value.len() == 36
        && value.iter().enumerate().all(|(at, &byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Shannon entropy as a share of the most that a value of this length and alphabet can have: near 1 for random text,
/// below about 0.8 for words and patterns. 0 for fewer than two bytes.
#[must_use]
pub fn relative(value: &[u8]) -> f64 {
    if value.len() < 2 {
        return 0.0;
    }
    let classes = Classes::of(value);
    let alphabet = if is_hex(value) {
        if classes.letters() == 0 { 10 } else { 16 }
    } else {
        [(classes.lower, 26), (classes.upper, 26), (classes.digit, 10), (classes.symbol, 12)]
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(_, size)| size)
            .sum::<usize>()
            .max(2)
    };
    // What a random text of this length over this alphabet is expected to reach; the last term is Miller and Madow's
    // correction for short samples.
    let size = to_f64(alphabet);
    let length = to_f64(value.len());
    let expected = (size.log2() - (size - 1.0) / (2.0 * length * std::f64::consts::LN_2))
        .max(0.75 * length.log2())
        .min(size.log2());
    (shannon(value) / expected.min(length.log2())).min(1.0)
}

/// Whether `value` looks like machine-made random text rather than words, identifiers or a pattern: at least 12
/// characters without blanks, letters mixed with digits or both cases mixed without the regularity of `camelCase`, and
/// the entropy that random text of this length has.
#[must_use]
pub fn looks_random(value: &[u8]) -> bool {
    let classes = Classes::of(value);
    if value.len() < 12 || classes.blank > 0 || classes.other > 0 || relative(value) < 0.85 {
        return false;
    }
    if is_hex(value) {
        return value.len() >= 16 && classes.digit > 0 && classes.letters() > 0;
    }
    let mixed = (classes.digit > 0 && classes.letters() > 0) || (classes.lower > 0 && classes.upper > 0);
    // Words joined by case or separators change class about every sixth character.
    mixed && class_changes(value) * 5 >= value.len()
}

#[expect(clippy::cast_precision_loss, reason = "lengths of values are far below 2^52")]
fn to_f64(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(left: f64, right: f64) -> bool {
        (left - right).abs() < 1e-9
    }

    #[test]
    fn entropy_is_zero_for_a_run_and_log2_for_all_different() {
        assert!(close(shannon(b""), 0.0));
        assert!(close(shannon(b"aaaaaaa"), 0.0));
        assert!(close(shannon(b"abcdefgh"), 3.0));
        assert!(close(shannon(b"aabb"), 1.0));
    }

    #[test]
    fn classes_are_counted_in_bytes() {
        let classes = Classes::of("aB3 _ü".as_bytes());
        assert_eq!(classes, Classes { lower: 1, upper: 1, digit: 1, symbol: 1, blank: 1, other: 2 });
        assert_eq!(classes.kinds(), 4);
        assert_eq!(classes.letters(), 2);
        assert_eq!(distinct(b"abcabc"), 3);
    }

    #[test]
    fn a_capital_starts_a_word() {
        assert_eq!(class_changes(b"camelCaseName"), 2);
        assert_eq!(class_changes(b"snake_case"), 0);
        assert_eq!(class_changes(b"a1b2c3"), 5);
    }

    #[test]
    fn shapes_are_recognised() {
        assert!(is_hex(b"00ffAA".to_ascii_lowercase().as_slice()));
        assert!(!is_hex(b"00ffAA"));
        assert!(is_base64_alphabet(b"a+/b=="));
        assert!(!is_base64_alphabet(b"a=b"));
        assert!(is_uuid(b"123e4567-e89b-12d3-a456-426614174000"));
        assert!(!is_uuid(b"123e4567-e89b-12d3-a456-42661417400"));
    }

    #[test]
    fn random_text_is_told_from_words() {
        for random in ["9f86d081884c7d659a2feaa0c55ad015", "x7Kq0Zp3mVt9LwB2sYhN5cRe", "aB3dE6gH9jK2mN5p"] {
            assert!(looks_random(random.as_bytes()), "{random}");
        }
        for plain in [
            "getUserPasswordFromStore",
            "my-very-long-cluster-name",
            "aaaaaaaaaaaaaaaa1",
            "correct horse battery staple",
            "1234567890123456",
            "short1A",
        ] {
            assert!(!looks_random(plain.as_bytes()), "{plain}");
        }
    }
}
