//! Waivers: findings that somebody answers for, for a reason and for a time.
//!
//! They stand in the configuration. What day it is comes from outside; nothing here reads the clock.

use std::fmt::Write as _;

use serde::{Serialize, Serializer};

use crate::date::Date;
use crate::finding::{Finding, Location, Suppression, SuppressionKind};
use crate::fingerprint::{Fingerprint, ValueHash};
use crate::selector::{Memory, PathGlob, RulePattern};

/// Findings that do not count. What is not named does not matter; of what is, all must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// Findings of the rules that it means.
    pub rule: RulePattern,
    /// At these paths.
    pub path: Option<PathGlob>,
    /// In this resource.
    pub resource: Option<String>,
    /// The one with this identity.
    pub fingerprint: Option<Fingerprint>,
    /// Of the secret whose value has this hash.
    pub value_hash: Option<ValueHash>,
    /// Why, safe to print.
    pub reason: String,
    /// Who answers for it, safe to print.
    pub owner: Option<String>,
    /// How long it holds.
    pub until: Until,
    /// Where it stands.
    pub location: Location,
}

/// How long a waiver holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Until {
    /// As long as it stands there.
    #[default]
    Open,
    /// Through this day.
    Day(Date),
    /// Something that is no day, safe to print: it holds no longer.
    Malformed(String),
}

impl Until {
    /// What `text` says; `shown` makes it safe to print where it is no day.
    pub fn read(text: &str, shown: impl FnOnce(&str) -> String) -> Self {
        text.parse().map_or_else(|_| Self::Malformed(shown(text)), Self::Day)
    }

    /// Whether no end was given.
    #[must_use]
    pub fn is_open(&self) -> bool {
        *self == Self::Open
    }

    /// Whether it holds on the day `today`: the last day counts.
    #[must_use]
    pub fn holds_on(&self, today: Date) -> bool {
        match self {
            Self::Open => true,
            Self::Day(last) => today <= *last,
            Self::Malformed(_) => false,
        }
    }
}

impl Serialize for Until {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Open => serializer.serialize_none(),
            Self::Day(day) => day.serialize(serializer),
            Self::Malformed(text) => serializer.serialize_str(text),
        }
    }
}

impl Waiver {
    /// Whether `finding` is meant, on whatever day.
    #[must_use]
    pub fn means(&self, finding: &Finding) -> bool {
        self.names(finding) && self.rule.matches(&finding.rule) && self.is_at(&finding.location.path)
    }

    /// Whether it is about files at `path`.
    fn is_at(&self, path: &str) -> bool {
        self.path.as_ref().is_none_or(|glob| glob.matches(path))
    }

    /// Whether the finding, its secret and its resource are those that it names.
    fn names(&self, finding: &Finding) -> bool {
        self.fingerprint.is_none_or(|fingerprint| finding.fingerprint == fingerprint)
            && self.value_hash.is_none_or(|hash| finding.value_hash == Some(hash))
            && self.resource.as_ref().is_none_or(|address| finding.resource.as_ref() == Some(address))
    }

    /// What becomes of a finding that it silences.
    fn suppression(&self) -> Suppression {
        let mut facts = Vec::new();
        facts.extend(self.owner.as_ref().map(|owner| format!("owner {owner}")));
        if let Until::Day(last) = self.until {
            facts.push(format!("until {last}"));
        }
        let aside = if facts.is_empty() { String::new() } else { format!(" ({})", facts.join(", ")) };
        Suppression { kind: SuppressionKind::Waiver, justification: Some(format!("{}{aside}", self.reason)) }
    }

    /// The waiver in one line: what it is about.
    #[must_use]
    pub fn subject(&self) -> String {
        let mut words = self.rule.to_string();
        let mut add = |what: &str, value: Option<String>| {
            if let Some(value) = value {
                let _ = write!(words, ", {what} {value}");
            }
        };
        add("path", self.path.as_ref().map(ToString::to_string));
        add("resource", self.resource.clone());
        add("fingerprint", self.fingerprint.map(|one| one.to_string()));
        add("value hash", self.value_hash.map(|one| one.to_string()));
        words
    }
}

/// Silences those of `findings` that count and that one of `waivers` means on the day `today`; of several, the first.
/// Gives for each waiver how many it silenced.
pub fn apply(waivers: &[Waiver], findings: &mut [Finding], today: Date) -> Vec<usize> {
    let mut silenced = vec![0; waivers.len()];
    let valid: Vec<(usize, &Waiver)> =
        waivers.iter().enumerate().filter(|(_, waiver)| waiver.until.holds_on(today)).collect();
    if valid.is_empty() {
        return silenced;
    }
    let (of_paths, of_rules) = (Memory::default(), Memory::default());
    let waiver = |at: usize| valid.get(at).map(|(_, waiver)| *waiver);
    for finding in findings.iter_mut().filter(|finding| finding.is_active()) {
        let (path, rule) = (&*finding.location.path, &*finding.rule);
        let by_path = of_paths.of(path, valid.len(), |at| waiver(at).is_some_and(|one| one.is_at(path)));
        let by_rule = of_rules.of(rule, valid.len(), |at| waiver(at).is_some_and(|one| one.rule.matches(rule)));
        let mut all = valid.iter().zip(by_path.iter().zip(by_rule.iter()));
        let found = all.find(|((_, waiver), (path, rule))| **path && **rule && waiver.names(finding));
        if let Some(((index, waiver), _)) = found {
            finding.suppression = Some(waiver.suppression());
            silenced[*index] += 1;
        }
    }
    silenced
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;
    use crate::span::{Region, Span};
    use crate::suppress::testing::finding;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn waiver(rule: &str) -> Waiver {
        Waiver {
            rule: rule.parse().unwrap(),
            path: None,
            resource: None,
            fingerprint: None,
            value_hash: None,
            reason: "why".to_owned(),
            owner: None,
            until: Until::Open,
            location: Location { path: "lockgate.toml".into(), span: Span::new(0, 1), region: Region::default() },
        }
    }

    #[test]
    fn the_last_day_counts_and_what_is_no_day_is_past() {
        let until = |text: &str| Until::read(text, str::to_owned);
        for (until, today, holds) in [
            (Until::Open, "9999-12-31", true),
            (until("2030-01-31"), "2030-01-30", true),
            (until("2030-01-31"), "2030-01-31", true),
            (until("2030-01-31"), "2030-02-01", false),
            (until("2030-02-30"), "2020-01-01", false),
            (until("soon"), "2020-01-01", false),
            (until(""), "2020-01-01", false),
            (until("2030-1-31"), "2020-01-01", false),
        ] {
            assert_eq!(until.holds_on(date(today)), holds, "{until:?} {today}");
        }
    }

    #[test]
    fn everything_that_a_waiver_names_must_hold() {
        let hash = |text: &str| ValueHash::of(&Secret::new(text));
        let mut found = finding("some-rule", "infra/a.tf", 0);
        found.resource = Some("aws_s3_bucket.logs".to_owned());
        found.value_hash = Some(hash("s"));
        let other = finding("some-rule", "infra/a.tf", 1).fingerprint;
        for (waiver, expected) in [
            (waiver("some-rule"), true),
            (waiver("some-*"), true),
            (waiver("other"), false),
            (Waiver { path: Some("infra".parse().unwrap()), ..waiver("*") }, true),
            (Waiver { path: Some("src".parse().unwrap()), ..waiver("*") }, false),
            (Waiver { resource: Some("aws_s3_bucket.logs".to_owned()), ..waiver("*") }, true),
            (Waiver { resource: Some("aws_s3_bucket.log".to_owned()), ..waiver("*") }, false),
            (Waiver { fingerprint: Some(found.fingerprint), ..waiver("*") }, true),
            (Waiver { fingerprint: Some(other), ..waiver("*") }, false),
            (Waiver { value_hash: Some(hash("s")), ..waiver("*") }, true),
            (Waiver { value_hash: Some(hash("t")), ..waiver("*") }, false),
            (
                Waiver {
                    path: Some("src".parse().unwrap()),
                    fingerprint: Some(found.fingerprint),
                    ..waiver("some-rule")
                },
                false,
            ),
        ] {
            assert_eq!(waiver.means(&found), expected, "{}", waiver.subject());
        }
    }

    #[test]
    fn the_first_waiver_that_holds_silences_and_says_why() {
        let expired = Waiver { until: Until::Day(date("2029-12-31")), ..waiver("*") };
        let own = Waiver { owner: Some("team-x".to_owned()), until: Until::Day(date("2030-01-01")), ..waiver("a") };
        let waivers = [expired, own, waiver("*"), waiver("a")];
        let mut findings = vec![finding("a", "p", 0), finding("b", "p", 0), finding("a", "p", 1)];
        findings[2].suppression = Some(Suppression { kind: SuppressionKind::Inline, justification: None });
        assert_eq!(apply(&waivers, &mut findings, date("2030-01-01")), [0, 1, 1, 0]);
        let why = |finding: &Finding| finding.suppression.clone().unwrap().justification;
        assert_eq!(why(&findings[0]).unwrap(), "why (owner team-x, until 2030-01-01)");
        assert_eq!(why(&findings[1]).unwrap(), "why");
        assert_eq!(why(&findings[2]), None);
    }
}
