//! A day of the Gregorian calendar, as policies write it. What day it is today is for the command line to say.

use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, civil};
use serde::{Serialize, Serializer};

/// A day, written `YYYY-MM-DD` (RFC 3339, `full-date`). Later days are greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(civil::Date);

impl Date {
    /// The day in UTC that lies `seconds` after the beginning of 1970. Beyond the year 9999 it is the last day of that.
    #[must_use]
    pub fn of_unix_time(seconds: u64) -> Self {
        let since = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
        Self(civil::date(1970, 1, 1).saturating_add(since))
    }
}

impl FromStr for Date {
    type Err = String;

    /// The error is a sentence without a subject.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "is not a date of the form YYYY-MM-DD, such as 2030-01-31".to_owned();
        // The parser of the calendar would take other forms as well.
        let is_in_form =
            |(at, byte): (usize, u8)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() };
        let (year, month, day) = match text.split('-').collect::<Vec<_>>()[..] {
            [year, month, day] if text.len() == 10 && (0..).zip(text.bytes()).all(is_in_form) => (year, month, day),
            _ => return Err(wrong()),
        };
        let (Ok(year), Ok(month), Ok(day)) = (year.parse(), month.parse(), day.parse()) else { return Err(wrong()) };
        let first = civil::Date::new(year, month, 1);
        let length = first.map_err(|_| "is not a date: a year has the months 01 to 12")?.days_in_month();
        let date = civil::Date::new(year, month, day);
        date.map(Self).map_err(|_| format!("is not a date: that month has the days 01 to {length}"))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_the_calendar_are_read_and_no_others() {
        for good in ["2030-01-31", "2024-02-29", "2000-02-29", "0001-12-01", "9999-12-31"] {
            assert_eq!(good.parse::<Date>().map(|date| date.to_string()), Ok(good.to_owned()));
        }
        for bad in [
            "",
            "2030-1-31",
            "2030-13-01",
            "2030-00-01",
            "2030-01-00",
            "2030-01-32",
            "2023-02-29",
            "1900-02-29",
            "2030-04-31",
            "2030/01/31",
            "20300131",
            "2030-01-31T00:00:00Z",
            " 2030-01-31",
            "+030-01-31",
            "2030-01-3a",
            "never",
            "2030-0é-1",
        ] {
            assert!(bad.parse::<Date>().is_err(), "{bad}");
        }
    }

    #[test]
    fn seconds_become_days() {
        for (seconds, date) in [
            (0, "1970-01-01"),
            (86_399, "1970-01-01"),
            (86_400, "1970-01-02"),
            (951_782_400, "2000-02-29"),
            (951_868_800, "2000-03-01"),
            (1_709_164_800, "2024-02-29"),
            (1_735_689_599, "2024-12-31"),
            (1_735_689_600, "2025-01-01"),
            (4_107_542_400, "2100-03-01"),
            (u64::MAX, "9999-12-31"),
        ] {
            assert_eq!(Date::of_unix_time(seconds).to_string(), date, "{seconds}");
        }
    }

    #[test]
    fn later_days_are_greater() {
        let date = |text: &str| text.parse::<Date>().unwrap();
        assert!(date("2029-12-31") < date("2030-01-01") && date("2030-01-31") < date("2030-02-01"));
    }
}
