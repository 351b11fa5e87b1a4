//! Sizes as people write them: `16MiB`, `500KB`, `4096`.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// A number of bytes between 1 and [`ByteSize::MAX`], as `[scan] max-file-size` and the command line take it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteSize(u64);

/// Units with their factors; those that [`ByteSize`] prefers when it writes come first.
const UNITS: [(&str, u64); 7] = [
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("KB", 1_000),
    ("B", 1),
];

impl ByteSize {
    /// The largest size that is accepted: a file is read into memory as a whole.
    pub const MAX: ByteSize = ByteSize(1 << 30);

    /// A size of `bytes`; the error is a sentence without a subject.
    pub fn new(bytes: u64) -> Result<Self, String> {
        if bytes == 0 {
            return Err("must be at least 1 byte".to_owned());
        }
        if bytes > Self::MAX.0 {
            return Err(format!("must be at most {}", Self::MAX));
        }
        Ok(Self(bytes))
    }

    /// A size of `mebibytes`, for defaults.
    pub(super) const fn mebibytes(mebibytes: u32) -> Self {
        Self((mebibytes as u64) << 20)
    }

    /// The number of bytes.
    #[must_use]
    pub fn bytes(self) -> u64 {
        self.0
    }
}

impl FromStr for ByteSize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const FORM: &str = "is not a size; write a whole number of bytes or one with KiB, MiB, GiB, KB, MB or GB, \
                            such as `16MiB`";
        let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, unit) = text.split_at(digits);
        let unit = unit.trim_start();
        let factor = if unit.is_empty() {
            1
        } else {
            UNITS.iter().find(|(name, _)| *name == unit).map(|(_, factor)| *factor).ok_or(FORM)?
        };
        if number.is_empty() {
            return Err(FORM.to_owned());
        }
        // What overflows is above the maximum, and `new` says so.
        Self::new(number.parse::<u64>().ok().and_then(|n| n.checked_mul(factor)).unwrap_or(u64::MAX))
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match UNITS.iter().find(|(_, factor)| self.0.is_multiple_of(*factor)) {
            Some((unit, factor)) if *factor > 1 => write!(f, "{}{unit}", self.0 / factor),
            _ => write!(f, "{}", self.0),
        }
    }
}

impl Serialize for ByteSize {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_and_plain_numbers_are_understood() {
        for (text, bytes) in
            [("1", 1), ("4096", 4096), ("16MiB", 16 << 20), ("1GiB", 1 << 30), ("500KB", 500_000), ("2 KiB", 2048)]
        {
            assert_eq!(text.parse::<ByteSize>().map(ByteSize::bytes), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn everything_else_is_refused_with_the_form() {
        for text in ["", "MiB", "16 M", "16mib", "-1", "+1", "1.5MiB", "1 0", "١KiB"] {
            let error = text.parse::<ByteSize>().unwrap_err();
            assert!(error.starts_with("is not a size"), "{text}: {error}");
        }
    }

    #[test]
    fn the_range_holds_even_where_the_number_overflows() {
        assert_eq!("0KiB".parse::<ByteSize>(), Err("must be at least 1 byte".to_owned()));
        for text in ["2GiB", "99999999999999999999999", "18446744073709551615GiB"] {
            assert_eq!(text.parse::<ByteSize>(), Err("must be at most 1GiB".to_owned()), "{text}");
        }
    }

    #[test]
    fn the_written_form_reads_back() {
        for bytes in [1, 1000, 1024, 1025, 16 << 20, 1 << 30, 5_000_000] {
            let size = ByteSize::new(bytes).unwrap();
            assert_eq!(size.to_string().parse(), Ok(size));
        }
        assert_eq!(ByteSize::mebibytes(16).to_string(), "16MiB");
    }
}
