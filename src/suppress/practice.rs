//! Findings about suppressions themselves: a waiver that is past, one that silences nothing, a comment that silences nothing
//! or does not say why.
//!
//! Their rules stand in a pack like any others, and are told by the name of their check ([`Check`]).

use crate::date::Date;
use crate::finding::{Finding, Location, Origin};
use crate::fingerprint::{Fingerprint, Identity, Subject};
use crate::rating::Severity;
use crate::rules::catalogue::Catalogue;
use crate::rules::schema::{Detect, Rule};
use crate::suppress::waiver::{Until, Waiver};

/// What can be wrong with a suppression; the name is that in the pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// A waiver whose last day is over, or is no day.
    ExpiredWaiver,
    /// A waiver that silences nothing.
    UnusedWaiver,
    /// A comment that silences nothing.
    UnusedSuppression,
    /// A comment that does not say why.
    SuppressionWithoutReason,
}

impl Check {
    /// The name of the check in the pack.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ExpiredWaiver => "expired-waiver",
            Self::UnusedWaiver => "unused-waiver",
            Self::UnusedSuppression => "unused-suppression",
            Self::SuppressionWithoutReason => "suppression-without-reason",
        }
    }

    /// The position in `catalogue` of the rule that makes it.
    #[must_use]
    pub fn rule(self, catalogue: &Catalogue) -> Option<usize> {
        let is_it = |rule: &Rule| matches!(&rule.detect, Detect::Suppression(check) if check == self.name());
        catalogue.rules().iter().position(is_it)
    }
}

/// A finding of `rule` with `severity` at `location`. What tells it from others of the rule in the file is `subject`, and
/// `ordinal` from others of the same subject.
#[must_use]
pub fn finding(
    rule: &Rule,
    severity: Severity,
    message: String,
    (location, origin): (Location, Origin),
    (subject, ordinal): (&str, u32),
) -> Finding {
    let attribute = Subject::Attribute { resource: "", attribute: subject };
    let fingerprint = Fingerprint::of(&Identity { rule: &rule.id, path: &location.path, subject: attribute, ordinal });
    Finding {
        origin,
        ..Finding::new(rule.id.as_str(), message, (severity, rule.confidence, rule.category), location, fingerprint)
    }
}

/// What is wrong with `waiver` on the day `today`, and in which words. It silenced `silenced` findings; `is_whole` says that
/// everything was looked at that it could be about.
#[must_use]
pub fn of_waiver(waiver: &Waiver, silenced: usize, today: Date, is_whole: bool) -> Option<(Check, String)> {
    let subject = waiver.subject();
    let owner = waiver.owner.as_ref().map_or_else(String::new, |owner| format!(" {owner} answers for it."));
    match &waiver.until {
        Until::Day(last) if today > *last => Some((
            Check::ExpiredWaiver,
            format!("The waiver for {subject} ended on {last} and silences nothing any more.{owner}"),
        )),
        Until::Malformed(text) => Some((
            Check::ExpiredWaiver,
            format!("The waiver for {subject} silences nothing: `until` is {text}, not a date YYYY-MM-DD.{owner}"),
        )),
        _ if silenced == 0 && is_whole => {
            Some((Check::UnusedWaiver, format!("The waiver for {subject} silences nothing: remove it.{owner}")))
        }
        _ => None,
    }
}
