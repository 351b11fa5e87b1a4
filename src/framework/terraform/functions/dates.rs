//! Functions of dates and times that do not ask the clock (Terraform documentation, "Date and Time Functions").

use super::{Function, Takes};
use crate::document::node::Node;
use crate::framework::terraform::value::as_text;
use crate::span::Span;

pub(super) fn function(name: &str) -> Option<(Takes, Function)> {
    Some(match name {
        "formatdate" => (Takes::Known, formatdate),
        "timeadd" => (Takes::Known, timeadd),
        "timecmp" => (Takes::Known, timecmp),
        _ => return None,
    })
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
/// The first of January 1970 was a Thursday.
const DAYS: [&str; 7] = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];
const NANOSECONDS: i128 = 1_000_000_000;

/// A time as RFC 3339 writes it: nanoseconds since the beginning of 1970, and seconds between its zone and UTC.
#[derive(Clone, Copy)]
struct Time {
    instant: i128,
    offset: i64,
}

/// Parts of a time in its own zone.
struct Parts {
    year: i64,
    month: usize,
    day: i64,
    weekday: usize,
    hour: i64,
    minute: i64,
    second: i64,
}

impl Time {
    fn of(node: &Node) -> Option<Self> {
        Self::parse(&as_text(node)?)
    }

    /// `2018-01-02T23:12:01.5+02:00` (RFC 3339, section 5.6).
    fn parse(text: &str) -> Option<Self> {
        let digits = |range: std::ops::Range<usize>| {
            let part = text.get(range).filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()))?;
            part.parse::<i64>().ok()
        };
        let is = |at: usize, marks: &str| text.as_bytes().get(at).is_some_and(|byte| marks.contains(char::from(*byte)));
        if !(is(4, "-") && is(7, "-") && is(10, "Tt ") && is(13, ":") && is(16, ":")) {
            return None;
        }
        let (year, month, day) = (digits(0..4)?, digits(5..7)?, digits(8..10)?);
        let (hour, minute, second) = (digits(11..13)?, digits(14..16)?, digits(17..19)?);
        let is_date = (1..=12).contains(&month) && (1..=31).contains(&day);
        if !is_date || hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        let rest = text.get(19..)?;
        let (fraction, zone) = match rest.strip_prefix('.') {
            Some(behind) => {
                let end = behind.find(|c: char| !c.is_ascii_digit()).unwrap_or(behind.len());
                (behind.get(..end).filter(|digits| !digits.is_empty())?, behind.get(end..)?)
            }
            None => ("", rest),
        };
        let fraction: i128 = format!("{:0<9}", fraction.get(..fraction.len().min(9))?).parse().ok()?;
        let offset = match zone.as_bytes() {
            [b'Z' | b'z'] => 0,
            [sign @ (b'+' | b'-'), ..] if zone.len() == 6 => {
                let (hours, minutes) = zone.get(1..)?.split_once(':')?;
                let seconds = hours.parse::<i64>().ok()? * 3600 + minutes.parse::<i64>().ok()? * 60;
                if *sign == b'-' { -seconds } else { seconds }
            }
            _ => return None,
        };
        let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset;
        Some(Self { instant: i128::from(seconds) * NANOSECONDS + fraction, offset })
    }

    fn parts(self) -> Option<Parts> {
        let seconds = i64::try_from(self.instant.div_euclid(NANOSECONDS)).ok()? + self.offset;
        let (day_number, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let (year, month, day) = date(day_number);
        Some(Parts {
            year,
            month,
            day,
            weekday: usize::try_from(day_number.rem_euclid(7)).ok()?,
            hour: second / 3600,
            minute: second / 60 % 60,
            second: second % 60,
        })
    }

    /// The zone as `+02:00`, with `colon` between its parts.
    fn zone(self, colon: &str) -> String {
        let sign = if self.offset < 0 { '-' } else { '+' };
        let minutes = self.offset.abs() / 60;
        format!("{sign}{:02}{colon}{:02}", minutes / 60, minutes % 60)
    }

    fn zone_or_z(self) -> String {
        if self.offset == 0 { "Z".to_owned() } else { self.zone(":") }
    }
}

/// Days between the beginning of 1970 and a date of the Gregorian calendar. Years are counted from March, so that the day that
/// may be missing is the last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month from 0 and day of a number of days since the beginning of 1970.
fn date(days: i64) -> (i64, usize, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = (from_march + 2) % 12;
    let year = year + era * 400 + i64::from(month < 2);
    (year, usize::try_from(month).unwrap_or(0), day)
}

fn formatdate(arguments: &[Node], at: Span) -> Option<Node> {
    let [pattern, time] = arguments else { return None };
    let (pattern, time) = (as_text(pattern)?, Time::of(time)?);
    let parts = time.parts()?;
    let mut out = String::new();
    let mut rest = &*pattern;
    while let Some(first) = rest.chars().next() {
        if let Some(quoted) = rest.strip_prefix('\'') {
            let end = quoted.find('\'')?;
            out.push_str(if end == 0 { "'" } else { quoted.get(..end)? });
            rest = quoted.get(end + 1..)?;
            continue;
        }
        let end = rest.find(|c| c != first).unwrap_or(rest.len());
        let (token, behind) = rest.split_at(end);
        rest = behind;
        out.push_str(&written(token, time, &parts)?);
    }
    Some(Node::text(at, out))
}

/// What `token`, one letter some times over, stands for; what is no letter stands for itself.
fn written(token: &str, time: Time, parts: &Parts) -> Option<String> {
    let half = if parts.hour % 12 == 0 { 12 } else { parts.hour % 12 };
    let (month, weekday) = (MONTHS.get(parts.month)?, DAYS.get(parts.weekday)?);
    Some(match token {
        "YYYY" => format!("{:04}", parts.year),
        "YY" => format!("{:02}", parts.year % 100),
        "MMMM" => (*month).to_owned(),
        "MMM" => month.get(..3)?.to_owned(),
        "MM" => format!("{:02}", parts.month + 1),
        "M" => format!("{}", parts.month + 1),
        "DD" => format!("{:02}", parts.day),
        "D" => parts.day.to_string(),
        "EEEE" => (*weekday).to_owned(),
        "EEE" => weekday.get(..3)?.to_owned(),
        "hh" => format!("{:02}", parts.hour),
        "h" => parts.hour.to_string(),
        "HH" => format!("{half:02}"),
        "H" => half.to_string(),
        "AA" => (if parts.hour < 12 { "AM" } else { "PM" }).to_owned(),
        "aa" => (if parts.hour < 12 { "am" } else { "pm" }).to_owned(),
        "mm" => format!("{:02}", parts.minute),
        "m" => parts.minute.to_string(),
        "ss" => format!("{:02}", parts.second),
        "s" => parts.second.to_string(),
        "ZZZZZ" => time.zone(":"),
        "ZZZZ" => time.zone(""),
        "ZZZ" if time.offset == 0 => "UTC".to_owned(),
        "ZZZ" => time.zone(""),
        "Z" => time.zone_or_z(),
        other if other.starts_with(|c: char| c.is_ascii_alphabetic()) => return None,
        other => other.to_owned(),
    })
}

/// The time after a duration of Go: `1h30m`, `-10m`.
fn timeadd(arguments: &[Node], at: Span) -> Option<Node> {
    let [time, duration] = arguments else { return None };
    let time = Time::of(time)?;
    let moved = Time { instant: time.instant.checked_add(nanoseconds(&as_text(duration)?)?)?, ..time };
    let parts = moved.parts().filter(|parts| (0..=9_999).contains(&parts.year))?;
    Some(Node::text(
        at,
        format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}",
            parts.year,
            parts.month + 1,
            parts.day,
            parts.hour,
            parts.minute,
            parts.second,
            moved.zone_or_z()
        ),
    ))
}

/// Nanoseconds of a duration of Go (package `time`, `ParseDuration`).
#[expect(clippy::cast_possible_truncation, reason = "the range is looked at first")]
fn nanoseconds(text: &str) -> Option<i128> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    let mut all = 0_i128;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (count, behind) = rest.split_at(end);
        let end = behind.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(end);
        rest = behind;
        let unit = match unit {
            "ns" => 1.0,
            "us" | "µs" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            "m" => 60e9,
            "h" => 3600e9,
            _ => return None,
        };
        // Go has no longer ones than 290 years.
        let nanoseconds = count.parse::<f64>().ok()? * unit;
        all += (nanoseconds < 1e19).then_some(nanoseconds as i128)?;
    }
    (!text.is_empty()).then_some(sign * all)
}

/// -1, 0 or 1: the first is before, the same as or after the second.
fn timecmp(arguments: &[Node], at: Span) -> Option<Node> {
    let [first, second] = arguments else { return None };
    let order = Time::of(first)?.instant.cmp(&Time::of(second)?.instant);
    Some(Node::plain(at, (order as i8).to_string()))
}
