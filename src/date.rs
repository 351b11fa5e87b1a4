//! A day of the Gregorian calendar, as policies write it. What day it is today is for the command line to say.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// A day, written `YYYY-MM-DD` (RFC 3339, `full-date`). Later days are greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The day in UTC that lies `seconds` after the beginning of 1970. Beyond the year 9999 it is the last day of that.
    #[must_use]
    pub fn of_unix_time(seconds: u64) -> Self {
        // Eras of 400 years that begin on the first of March, so that a leap day is the last day of its year.
        let days = seconds / 86_400 + 719_468;
        let (era, day_of_era) = (days / 146_097, days % 146_097);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month + 2) / 5 + 1;
        let (month, carry) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
        let year = year_of_era + era * 400 + carry;
        match (u16::try_from(year), u8::try_from(month), u8::try_from(day)) {
            (Ok(year), Ok(month), Ok(day)) if year <= 9999 => Self { year, month, day },
            _ => Self { year: 9999, month: 12, day: 31 },
        }
    }
}

impl FromStr for Date {
    type Err = String;

    /// The error is a sentence without a subject.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "is not a date of the form YYYY-MM-DD, such as 2030-01-31".to_owned();
        let part = |from: usize, to: usize| -> Option<u16> {
            let digits = text.get(from..to).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
            digits.parse().ok()
        };
        let has_form = text.len() == 10 && text.is_ascii() && text[4..5] == *"-" && text[7..8] == *"-";
        let (true, Some(year), Some(month), Some(day)) = (has_form, part(0, 4), part(5, 7), part(8, 10)) else {
            return Err(wrong());
        };
        let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let length = match month {
            2 => 28 + u16::from(is_leap),
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return Err("is not a date: a year has the months 01 to 12".to_owned()),
        };
        if day == 0 || day > length {
            return Err(format!("is not a date: that month has the days 01 to {length}"));
        }
        match (u8::try_from(month), u8::try_from(day)) {
            (Ok(month), Ok(day)) => Ok(Self { year, month, day }),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
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
