//! The waivers of a configuration at work: what day it is, what they silence, what is wrong with them.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use super::invocation::Resolved;
use super::policy::by_present_id;
use crate::Mode;
use crate::date::Date;
use crate::finding::{Finding, Origin};
use crate::input::Root;
use crate::rules::catalogue::Catalogue;
use crate::scan::{ScanReport, Selection};
use crate::suppress::practice::{self, Check};
use crate::suppress::waiver::{self, Waiver};

/// The day that it is, in UTC. A clock before 1970 shows the first day of that year.
pub(super) fn today() -> Date {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    Date::of_unix_time(since.map_or(0, |since| since.as_secs()))
}

/// `waivers` with the ids that rules have today.
pub(super) fn by_present_ids(waivers: Vec<Waiver>, catalogue: &Catalogue) -> Vec<Waiver> {
    waivers.into_iter().map(|one| Waiver { rule: by_present_id(one.rule, catalogue), ..one }).collect()
}

/// Silences what the waivers of `resolved` mean, and adds a finding for each that is past, and, where everything was looked
/// at that they could be about (`is_whole`), for each that is needless.
pub(super) fn apply(resolved: &Resolved, scan: &mut ScanReport, is_whole: bool) {
    if resolved.waivers.is_empty() {
        return;
    }
    let silenced = waiver::apply(&resolved.waivers, &mut scan.findings, resolved.today);
    if let Some(comparison) = &mut scan.comparison {
        waiver::apply(&resolved.waivers, &mut comparison.fixed, resolved.today);
    }
    let is_whole = is_whole && scan.coverage.failures().next().is_none();
    let mut ordinals: BTreeMap<(Check, String), u32> = BTreeMap::new();
    for (waiver, &number) in resolved.waivers.iter().zip(&silenced) {
        let is_judged = is_whole && may_be_used(resolved, waiver);
        let Some((check, message)) = practice::of_waiver(waiver, number, resolved.today, is_judged) else { continue };
        let ordinal = ordinals.entry((check, waiver.subject())).or_default();
        scan.findings.extend(finding(resolved, check, message, (waiver, *ordinal)));
        *ordinal += 1;
    }
    scan.findings.sort_by(Finding::order);
}

/// The finding about a waiver, when the rule for it runs.
fn finding(resolved: &Resolved, check: Check, message: String, (waiver, ordinal): (&Waiver, u32)) -> Option<Finding> {
    let catalogue = &resolved.invocation.catalogue;
    let rules = &resolved.config.settings.rules;
    let rule = check.rule(catalogue).and_then(|position| catalogue.rules().get(position))?;
    let severity = rules.severity_of(rule);
    let place = (waiver.location.clone(), Origin::Tree);
    rules.selects(rule).then(|| practice::finding(rule, severity, message, place, (&waiver.subject(), ordinal)))
}

/// Whether everything is scanned that a waiver could be about.
pub(super) fn is_whole(resolved: &Resolved) -> bool {
    let invocation = &resolved.invocation;
    let is_tree = matches!(invocation.mode, Mode::Tree | Mode::Since(_)) && invocation.stdin.is_none();
    is_tree && Root::open(&invocation.paths, &invocation.walk).is_ok_and(|root| Selection::of(&root).is_whole())
}

/// Whether a rule runs that `waiver` means: of the others, nothing is known.
fn may_be_used(resolved: &Resolved, waiver: &Waiver) -> bool {
    let rules = &resolved.config.settings.rules;
    resolved.invocation.catalogue.rules().iter().any(|rule| waiver.rule.matches(&rule.id) && rules.selects(rule))
}
