//! The policy of a configuration against the rules that there are: aliases, what a run lacks, what the baseline accepts.

mod example;
pub(super) mod test;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::invocation::Resolved;
use crate::config::{Config, RulePattern};
use crate::fingerprint::Fingerprint;
use crate::gate::{self, Accepted, Circumstances, Policy, Verdict};
use crate::rules::catalogue::Catalogue;
use crate::rules::schema::Rule;
use crate::scan::ScanReport;
use crate::suppress::baseline::Baseline;

/// Most rules that are named when a run lacks them.
const MAX_LACKING: usize = 20;

/// `pattern`, or, when it is an earlier id of a rule, the id that the rule has today: findings bear no other.
pub(super) fn by_present_id(pattern: RulePattern, catalogue: &Catalogue) -> RulePattern {
    let rule = if pattern.is_glob() { None } else { catalogue.get(pattern.as_str()) };
    rule.and_then(|rule| rule.id.parse().ok()).unwrap_or(pattern)
}

/// `policy` with the ids that rules have today.
pub(super) fn by_present_ids(mut policy: Policy, catalogue: &Catalogue) -> Policy {
    let present = |patterns: &mut Vec<RulePattern>| {
        *patterns = patterns.drain(..).map(|pattern| by_present_id(pattern, catalogue)).collect();
    };
    present(&mut policy.unsuppressible);
    for entry in &mut policy.entries {
        present(&mut entry.selector.rules);
    }
    policy
}

/// What `config` demands of a run that has the rules of `catalogue` and the packs `packs`, and that it lacks.
pub(super) fn lacking(config: &Config, catalogue: &Catalogue, packs: &[PathBuf]) -> Vec<String> {
    let settings = &config.settings;
    let required = &settings.gate.required_rules;
    let is_required = |rule: &Rule| {
        let mut names = std::iter::once(&rule.id).chain(&rule.aliases);
        names.any(|name| required.iter().any(|pattern| pattern.value.matches(name)))
    };
    let missing: Vec<&str> = catalogue
        .rules()
        .iter()
        .filter(|rule| !required.is_empty() && is_required(rule) && !settings.rules.selects(rule))
        .map(|rule| rule.id.as_str())
        .collect();
    let mut lacking: Vec<String> = missing
        .iter()
        .take(MAX_LACKING)
        .map(|id| {
            format!("the policy requires the rule {id}, which does not run: enable it, and take it from `disable`")
        })
        .collect();
    if missing.len() > MAX_LACKING {
        lacking.push(format!("{} more rules that the policy requires do not run", missing.len() - MAX_LACKING));
    }
    for pack in &settings.gate.required_packs {
        let wanted = Path::new(&pack.value);
        if !packs.iter().any(|loaded| loaded.ends_with(wanted.strip_prefix(".").unwrap_or(wanted))) {
            lacking.push(format!(
                "the policy requires the rule pack {}, which is not loaded: name it in `[rules] packs` or with --rules",
                pack.value
            ));
        }
    }
    lacking
}

/// Judges what `scan` found by the policy of `resolved`, after taking back what suppresses what nothing may. `baseline`,
/// which has been applied, tells ratchets what was accepted.
pub(super) fn judge(resolved: &Resolved, baseline: Option<&Baseline>, scan: &mut ScanReport) -> Verdict {
    let Resolved { invocation, config, policy, lacking, .. } = resolved;
    let overruled = gate::overrule(&mut scan.findings, policy);
    // What is a part of a finding is not one more that may be there.
    let parts: BTreeSet<Fingerprint> =
        scan.findings.iter().flat_map(|finding| finding.parts().map(|part| part.fingerprint)).collect();
    let accepted =
        baseline.map(|baseline| accepted(baseline, &parts, config, &invocation.catalogue)).unwrap_or_default();
    let attempts = scan.trust.as_ref().map_or(0, |trust| trust.attempts.len());
    let circumstances = Circumstances { accepted: &accepted, lacking, overruled: &overruled, attempts };
    gate::judge_run(&scan.findings, &scan.coverage, policy, &circumstances)
}

/// What `baseline` accepts, as far as its rules are known, without what are `parts` of other findings.
fn accepted(
    baseline: &Baseline,
    parts: &BTreeSet<Fingerprint>,
    config: &Config,
    catalogue: &Catalogue,
) -> Vec<Accepted> {
    let entries = baseline.entries().iter().filter(|entry| !parts.contains(&entry.fingerprint));
    entries
        .filter_map(|entry| {
            let rule = catalogue.get(&entry.rule)?;
            Some(Accepted {
                rule: rule.id.clone(),
                path: entry.path.clone(),
                category: rule.category,
                severity: config.settings.rules.severity_of(rule),
                confidence: rule.confidence,
            })
        })
        .collect()
}
