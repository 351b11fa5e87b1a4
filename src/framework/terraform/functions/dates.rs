//! Functions of dates and times that do not ask the clock (Terraform documentation, "Date and Time Functions").

use std::ops::Range;

use jiff::SignedDuration;
use jiff::civil::{self, DateTime};
use jiff::fmt::strtime;

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

/// A time as RFC 3339 writes it: what clocks show in its zone, and what these are ahead of UTC.
#[derive(Clone, Copy)]
struct Time {
    local: DateTime,
    offset: SignedDuration,
}

impl Time {
    fn of(node: &Node) -> Option<Self> {
        Self::parse(&as_text(node)?)
    }

    /// `2018-01-02T23:12:01.5+02:00` (RFC 3339, section 5.6).
    fn parse(text: &str) -> Option<Self> {
        let number = |range: Range<usize>| {
            let part = text.get(range).filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()))?;
            part.parse::<i16>().ok()
        };
        let pair = |at: usize| i8::try_from(number(at..at + 2)?).ok();
        let is = |at: usize, marks: &str| text.as_bytes().get(at).is_some_and(|byte| marks.contains(char::from(*byte)));
        if !(is(4, "-") && is(7, "-") && is(10, "Tt ") && is(13, ":") && is(16, ":")) {
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
        let fraction = format!("{:0<9}", fraction.get(..fraction.len().min(9))?).parse().ok()?;
        let offset = match zone.as_bytes() {
            [b'Z' | b'z'] => 0,
            [sign @ (b'+' | b'-'), ..] if zone.len() == 6 => {
                let (hours, minutes) = zone.get(1..)?.split_once(':')?;
                let seconds = hours.parse::<i64>().ok()? * 3600 + minutes.parse::<i64>().ok()? * 60;
                if *sign == b'-' { -seconds } else { seconds }
            }
            _ => return None,
        };
        let local = DateTime::new(number(0..4)?, pair(5)?, pair(8)?, pair(11)?, pair(14)?, pair(17)?, fraction);
        Some(Self { local: local.ok()?, offset: SignedDuration::from_secs(offset) })
    }

    /// What passed in UTC since the beginning of 1970 on clocks there.
    fn instant(self) -> Option<SignedDuration> {
        self.local.duration_since(civil::date(1970, 1, 1).at(0, 0, 0, 0)).checked_sub(self.offset)
    }

    /// The time in its zone, as `pattern` has it (`jiff::fmt::strtime`).
    fn shown(self, pattern: &str) -> Option<String> {
        strtime::format(pattern, self.local).ok()
    }

    /// The zone as `+02:00`, with `colon` between its parts.
    fn zone(self, colon: &str) -> String {
        let sign = if self.offset.is_negative() { '-' } else { '+' };
        let minutes = self.offset.unsigned_abs().as_secs() / 60;
        format!("{sign}{:02}{colon}{:02}", minutes / 60, minutes % 60)
    }

    fn zone_or_z(self) -> String {
        if self.offset.is_zero() { "Z".to_owned() } else { self.zone(":") }
    }
}

fn formatdate(arguments: &[Node], at: Span) -> Option<Node> {
    let [pattern, time] = arguments else { return None };
    let (pattern, time) = (as_text(pattern)?, Time::of(time)?);
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
        out.push_str(&written(token, time)?);
    }
    Some(Node::text(at, out))
}

/// What `token`, one letter some times over, stands for; what is no letter stands for itself.
fn written(token: &str, time: Time) -> Option<String> {
    let pattern = match token {
        "YYYY" => "%Y",
        "YY" => return Some(format!("{:02}", time.local.year() % 100)),
        "MMMM" => "%B",
        "MMM" => "%b",
        "MM" => "%m",
        "M" => "%-m",
        "DD" => "%d",
        "D" => "%-d",
        "EEEE" => "%A",
        "EEE" => "%a",
        "hh" => "%H",
        "h" => "%-H",
        "HH" => "%I",
        "H" => "%-I",
        "AA" => "%p",
        "aa" => "%P",
        "mm" => "%M",
        "m" => "%-M",
        "ss" => "%S",
        "s" => "%-S",
        "ZZZZZ" => return Some(time.zone(":")),
        "ZZZ" if time.offset.is_zero() => return Some("UTC".to_owned()),
        "ZZZZ" | "ZZZ" => return Some(time.zone("")),
        "Z" => return Some(time.zone_or_z()),
        other => return (!other.starts_with(|c: char| c.is_ascii_alphabetic())).then(|| other.to_owned()),
    };
    time.shown(pattern)
}

/// The time after a duration of Go: `1h30m`, `-10m`.
fn timeadd(arguments: &[Node], at: Span) -> Option<Node> {
    let [time, duration] = arguments else { return None };
    let time = Time::of(time)?;
    let duration = SignedDuration::try_from_nanos_i128(nanoseconds(&as_text(duration)?)?)?;
    let local = time.local.checked_add(duration).ok().filter(|local| local.year() >= 0)?;
    let moved = Time { local, ..time };
    Some(Node::text(at, moved.shown("%Y-%m-%dT%H:%M:%S")? + &moved.zone_or_z()))
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
    let order = Time::of(first)?.instant()?.cmp(&Time::of(second)?.instant()?);
    Some(Node::plain(at, (order as i8).to_string()))
}
