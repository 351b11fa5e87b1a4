//! Truth tables of the gate.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::coverage::{Cause, Coverage, CoverageEntry};
use crate::finding::{Category, Location, Suppression, SuppressionKind};
use crate::fingerprint::{Fingerprint, Identity, Subject};
use crate::secret::Secret;
use crate::span::{Region, Span};

fn finding(category: Category, severity: Severity, confidence: Confidence) -> Finding {
    let secret = Secret::new("s");
    let identity = Identity { rule: "rule", path: "path", subject: Subject::Secret(&secret), ordinal: 0 };
    Finding::new(
        "rule",
        String::new(),
        (severity, confidence, category),
        Location { path: "path".into(), span: Span::new(0, 1), region: Region::default() },
        Fingerprint::of(&identity),
    )
}

fn suppressed(mut finding: Finding, kind: SuppressionKind) -> Finding {
    finding.suppression = Some(Suppression { kind, justification: None });
    finding
}

fn coverage(causes: &[Cause]) -> Coverage {
    let entry = |&cause| CoverageEntry { path: "path".to_owned(), cause, detail: "detail".to_owned() };
    Coverage { entries: causes.iter().map(entry).collect(), ..Coverage::default() }
}

fn threshold(severity: Severity, confidence: Confidence) -> Threshold {
    Threshold { severity, confidence }
}

#[test]
fn a_finding_blocks_when_it_reaches_both_thresholds_of_its_category() {
    let own = threshold(Severity::Low, Confidence::High);
    let policy = Policy { by_category: BTreeMap::from([(Category::Secret, own)]), ..Policy::default() };
    for &category in &[Category::Secret, Category::Network] {
        let (least_severity, least_confidence) = match category {
            Category::Secret => (Severity::Low, Confidence::High),
            _ => (Severity::Medium, Confidence::Medium),
        };
        for &severity in Severity::ALL {
            for &confidence in Confidence::ALL {
                let finding = finding(category, severity, confidence);
                let blocks = severity >= least_severity && confidence >= least_confidence;
                let verdict = judge(&[finding], &Coverage::default(), &policy);
                let expected = if blocks { Outcome::Block } else { Outcome::Pass };
                assert_eq!(verdict.outcome, expected, "{category} {severity} {confidence}");
                assert_eq!(verdict.blocking.len(), usize::from(blocks), "{category} {severity} {confidence}");
            }
        }
    }
}

#[test]
fn the_outcome_follows_from_findings_suppressions_and_coverage() {
    let bad = || finding(Category::Secret, Severity::High, Confidence::High);
    let mild = || finding(Category::Secret, Severity::Info, Confidence::High);
    let inline = || suppressed(bad(), SuppressionKind::Inline);
    let known = || suppressed(bad(), SuppressionKind::Baseline);
    let (skipped, partial) = (&[Cause::Ignored, Cause::Binary][..], &[Cause::TooLarge, Cause::Bound][..]);
    let failed = &[Cause::Ignored, Cause::Unreadable][..];
    for (findings, causes, outcome, blocking) in [
        (vec![], &[][..], Outcome::Pass, vec![]),
        (vec![mild()], &[], Outcome::Pass, vec![]),
        (vec![bad()], &[], Outcome::Block, vec![0]),
        (vec![inline()], &[], Outcome::Pass, vec![]),
        (vec![known()], &[], Outcome::Pass, vec![]),
        (vec![mild(), inline(), bad(), known(), bad()], &[], Outcome::Block, vec![2, 4]),
        (vec![], skipped, Outcome::Pass, vec![]),
        (vec![], partial, Outcome::Pass, vec![]),
        (vec![bad()], skipped, Outcome::Block, vec![0]),
        (vec![bad()], partial, Outcome::Block, vec![0]),
        (vec![], failed, Outcome::Undecided, vec![]),
        (vec![inline()], failed, Outcome::Undecided, vec![]),
        // Undecided outranks block, but what blocks is still named.
        (vec![mild(), bad()], failed, Outcome::Undecided, vec![1]),
        (vec![], &[Cause::Vanished], Outcome::Undecided, vec![]),
    ] {
        let verdict = judge(&findings, &coverage(causes), &Policy::default());
        assert_eq!((verdict.outcome, &verdict.blocking), (outcome, &blocking), "{findings:#?} {causes:?}");
        assert_eq!(verdict.undecided.is_empty(), outcome != Outcome::Undecided, "{causes:?}");
    }
}

#[test]
fn what_is_undecided_is_told_with_path_and_cause() {
    let verdict = judge(&[], &coverage(&[Cause::Unreadable]), &Policy::default());
    assert_eq!(verdict.undecided, ["path: detail (unreadable)"]);
}

#[test]
fn what_blocks_is_reported_even_below_the_report_threshold() {
    let policy = Policy { default: threshold(Severity::Low, Confidence::Low), ..Policy::default() };
    let least = threshold(Severity::High, Confidence::High);
    assert!(policy.reports(least, &finding(Category::Secret, Severity::Low, Confidence::Low)));
    assert!(!policy.reports(least, &finding(Category::Secret, Severity::Info, Confidence::High)));
    let strict = Policy { default: threshold(Severity::Critical, Confidence::High), ..Policy::default() };
    assert!(strict.reports(least, &finding(Category::Secret, Severity::High, Confidence::High)));
    assert!(!strict.reports(least, &finding(Category::Secret, Severity::Medium, Confidence::High)));
}

#[test]
fn outcomes_have_distinct_codes_and_names() {
    let all = [Outcome::Pass, Outcome::Block, Outcome::Undecided];
    assert_eq!(all.map(Outcome::exit_code), [0, 1, 2]);
    assert_eq!(all.map(Outcome::name), ["pass", "block", "undecided"]);
    assert!(all.is_sorted());
}

/// A finding of `rule` at `path`, of the category network.
fn of(rule: &str, path: &str, severity: Severity) -> Finding {
    let mut finding = finding(Category::Network, severity, Confidence::High);
    finding.rule = rule.into();
    finding.location.path = path.into();
    finding
}

fn entry(name: &str, rules: &[&str], paths: &[&str]) -> Entry {
    let selector = Selector {
        categories: Vec::new(),
        rules: rules.iter().map(|text| text.parse().unwrap()).collect(),
        paths: paths.iter().map(|text| text.parse().unwrap()).collect(),
    };
    Entry::new(name, selector)
}

fn policy(entries: Vec<Entry>) -> Policy {
    Policy { entries, ..Policy::default() }
}

#[test]
fn a_selector_holds_when_each_of_its_lists_does() {
    let categories = |categories: &[Category]| Selector { categories: categories.to_vec(), ..Selector::default() };
    for (selector, rule, category, path, expected) in [
        (Selector::default(), "a", Category::Network, "x", true),
        (categories(&[Category::Secret, Category::Network]), "a", Category::Network, "x", true),
        (categories(&[Category::Secret]), "a", Category::Network, "x", false),
        (entry("", &["b", "a*"], &[]).selector, "ab", Category::Network, "x", true),
        (entry("", &["b"], &[]).selector, "ab", Category::Network, "x", false),
        (entry("", &["a"], &["infra"]).selector, "a", Category::Network, "infra/x.tf", true),
        (entry("", &["a"], &["infra"]).selector, "a", Category::Network, "src/x.tf", false),
        (entry("", &["b"], &["infra"]).selector, "a", Category::Network, "infra/x.tf", false),
    ] {
        assert_eq!(selector.selects(rule, category, path), expected, "{selector:?} {rule} {path}");
    }
}

#[test]
fn the_first_entry_that_selects_a_finding_decides_it() {
    let strict = Entry { severity: Some(Severity::Info), ..entry("strict", &["a"], &[]) };
    let lax = Entry { blocks: false, ..entry("lax", &[], &["infra"]) };
    let findings = [
        of("a", "infra/x", Severity::Info),
        of("b", "infra/x", Severity::Critical),
        of("b", "src/x", Severity::High),
        of("b", "src/x", Severity::Low),
    ];
    let verdict = judge(&findings, &Coverage::default(), &policy(vec![strict.clone(), lax.clone()]));
    assert_eq!(verdict.blocking, [0, 2]);
    let told: Vec<(&str, usize, &[usize])> =
        verdict.decisions.iter().map(|one| (one.policy.as_str(), one.findings, one.blocking.as_slice())).collect();
    assert_eq!(told, [("strict", 1, &[0][..]), ("lax", 1, &[]), ("gate", 2, &[2])]);
    assert_eq!(verdict.decision_on(0).unwrap().reasons, ["blocks at or above info severity and medium confidence"]);
    assert_eq!(verdict.decision_on(1), None);
    // The other way round, the entry for the path comes first.
    let verdict = judge(&findings, &Coverage::default(), &policy(vec![lax, strict]));
    assert_eq!(verdict.blocking, [2]);
    assert_eq!(verdict.decisions[0].reasons, ["nothing that falls to it blocks"]);
}

#[test]
fn what_an_entry_leaves_open_is_as_for_the_category() {
    let own = threshold(Severity::Critical, Confidence::High);
    let entries = vec![Entry { severity: Some(Severity::Low), ..entry("e", &[], &[]) }];
    let policy = Policy { by_category: BTreeMap::from([(Category::Network, own)]), ..policy(entries) };
    for (confidence, blocks) in [(Confidence::Medium, false), (Confidence::High, true)] {
        let verdict = judge(&[finding(Category::Network, Severity::Low, confidence)], &Coverage::default(), &policy);
        assert_eq!(verdict.outcome == Outcome::Block, blocks, "{confidence}");
    }
    let verdict = judge(
        &[of("a", "x", Severity::High)],
        &Coverage::default(),
        &Policy {
            by_category: BTreeMap::from([(Category::Network, threshold(Severity::Low, Confidence::Low))]),
            ..Policy::default()
        },
    );
    assert_eq!(verdict.decisions[0].policy, "gate.network");
}

#[test]
fn a_budget_blocks_all_of_a_severity_when_there_are_more() {
    let entries =
        vec![Entry { budget: BTreeMap::from([(Severity::Medium, 2), (Severity::Low, 0)]), ..entry("e", &[], &[]) }];
    let policy = policy(entries);
    let medium = || of("a", "x", Severity::Medium);
    for (findings, blocking) in [
        (vec![], vec![]),
        (vec![medium(), medium()], vec![]),
        (vec![medium(), medium(), medium()], vec![0, 1, 2]),
        // What is suppressed, or of too little confidence, is not counted.
        (vec![medium(), medium(), suppressed(medium(), SuppressionKind::Waiver)], vec![]),
        (vec![medium(), medium(), finding(Category::Network, Severity::Medium, Confidence::Low)], vec![]),
        (vec![of("a", "x", Severity::Low)], vec![0]),
        // What has no budget is held against the threshold.
        (vec![medium(), of("a", "x", Severity::High), of("a", "x", Severity::Info)], vec![1]),
    ] {
        let verdict = judge(&findings, &Coverage::default(), &policy);
        assert_eq!(verdict.blocking, blocking, "{findings:#?}");
    }
    let verdict = judge(&[medium(), medium(), medium()], &Coverage::default(), &policy);
    assert_eq!(verdict.decisions[0].reasons, ["3 medium findings, at most 2 allowed"]);
    assert!(policy.reports(threshold(Severity::Critical, Confidence::High), &of("a", "x", Severity::Low)));
}

#[test]
fn a_ratchet_blocks_when_there_is_more_than_in_the_baseline() {
    let accepted = |rule: &str, path: &str, severity| Accepted {
        rule: rule.to_owned(),
        path: path.to_owned(),
        category: Category::Network,
        severity,
        confidence: Confidence::High,
    };
    let baseline = [
        accepted("a", "x", Severity::High),
        accepted("a", "y", Severity::High),
        // Neither of these counts: one is below the threshold, the other falls to no entry.
        accepted("a", "x", Severity::Info),
        accepted("a", "elsewhere/x", Severity::High),
        accepted("b", "x", Severity::High),
    ];
    let known = || suppressed(of("a", "x", Severity::High), SuppressionKind::Baseline);
    let a = || of("a", "x", Severity::High);
    let b = || of("b", "x", Severity::High);
    let c = || of("c", "x", Severity::High);
    for (group, findings, blocking) in [
        (Group::Rule, vec![a(), a()], vec![]),
        (Group::Rule, vec![known(), a()], vec![]),
        (Group::Rule, vec![known(), a(), a()], vec![1, 2]),
        (Group::Rule, vec![known(), known()], vec![]),
        (Group::Rule, vec![a(), suppressed(a(), SuppressionKind::Inline), a()], vec![]),
        (Group::Rule, vec![a(), b(), c()], vec![2]),
        (Group::Rule, vec![a(), a(), a(), of("a", "x", Severity::Low)], vec![0, 1, 2]),
        (Group::Category, vec![a(), b(), c()], vec![]),
        (Group::Category, vec![a(), b(), c(), c()], vec![0, 1, 2, 3]),
        (Group::Total, vec![c(), c(), c()], vec![]),
    ] {
        let lax = Entry { blocks: false, ..entry("lax", &[], &["elsewhere"]) };
        let policy = policy(vec![lax, Entry { ratchet: Some(group), ..entry("e", &[], &[]) }]);
        let circumstances = Circumstances { accepted: &baseline, ..Circumstances::default() };
        let verdict = judge_run(&findings, &Coverage::default(), &policy, &circumstances);
        assert_eq!(verdict.blocking, blocking, "{group:?} {findings:#?}");
    }
    let policy = policy(vec![Entry { ratchet: Some(Group::Rule), ..entry("e", &[], &[]) }]);
    let verdict = judge(&[a()], &Coverage::default(), &policy);
    assert_eq!(verdict.decisions[0].reasons, ["1 of the rule a, more than the 0 of the baseline"]);
}

#[test]
fn a_scope_says_which_findings_count() {
    use crate::finding::State;
    let cases = [
        (None, None, [true, true, true]),
        (Some(State::New), Some(true), [true, true, true]),
        (Some(State::New), Some(false), [true, true, false]),
        (Some(State::Changed), Some(true), [true, true, true]),
        (Some(State::Existing), Some(true), [true, false, true]),
        (Some(State::Existing), Some(false), [true, false, false]),
    ];
    for (state, on_changed_lines, expected) in cases {
        for (&scope, expected) in Scope::ALL.iter().zip(expected) {
            let mut finding = of("a", "x", Severity::High);
            finding.state = state;
            finding.on_changed_lines = on_changed_lines;
            let by_entry = policy(vec![Entry { scope: Some(scope), ..entry("e", &[], &[]) }]);
            let general = Policy { scope, ..Policy::default() };
            for policy in [by_entry, general] {
                let verdict = judge(std::slice::from_ref(&finding), &Coverage::default(), &policy);
                assert_eq!(verdict.outcome == Outcome::Block, expected, "{state:?} {on_changed_lines:?} {scope:?}");
            }
        }
    }
}

#[test]
fn nothing_suppresses_what_the_policy_says_nothing_may() {
    let policy = Policy { unsuppressible: vec!["a*".parse().unwrap()], ..Policy::default() };
    for kind in [SuppressionKind::Inline, SuppressionKind::Baseline, SuppressionKind::Waiver] {
        let mut findings = vec![
            suppressed(of("a-b", "x", Severity::High), kind),
            suppressed(of("b", "x", Severity::High), kind),
            of("a", "x", Severity::Info),
        ];
        let overruled = overrule(&mut findings, &policy);
        assert_eq!(overruled, [0]);
        assert!(findings[0].is_active() && !findings[1].is_active());
        let circumstances = Circumstances { overruled: &overruled, ..Circumstances::default() };
        let verdict = judge_run(&findings, &Coverage::default(), &policy, &circumstances);
        assert_eq!((verdict.blocking, verdict.overruled), (vec![0], vec![0]));
    }
}

#[test]
fn what_a_run_lacks_leaves_the_verdict_open() {
    let lacking = ["the rule a does not run".to_owned()];
    let circumstances = Circumstances { lacking: &lacking, ..Circumstances::default() };
    let verdict = judge_run(&[of("b", "x", Severity::High)], &Coverage::default(), &Policy::default(), &circumstances);
    assert_eq!((verdict.outcome, verdict.blocking), (Outcome::Undecided, vec![0]));
    assert_eq!(verdict.undecided, lacking);
}

#[test]
fn levels_of_the_command_line_raise_every_threshold() {
    let entries = vec![
        Entry {
            severity: Some(Severity::Low),
            budget: BTreeMap::from([(Severity::Low, 3)]),
            ..entry("e", &["a"], &[])
        },
        Entry { severity: Some(Severity::Critical), ..entry("f", &["b"], &[]) },
    ];
    let raised = policy(entries).at_least(Some(Severity::High), Some(Confidence::High));
    assert_eq!(raised.default, threshold(Severity::High, Confidence::High));
    assert_eq!(
        (raised.entries[0].severity, raised.entries[1].severity),
        (Some(Severity::High), Some(Severity::Critical))
    );
    assert!(raised.entries[0].budget.is_empty());
    assert_eq!(raised.threshold_in(Part::Entry(0), Category::Network), threshold(Severity::High, Confidence::High));
}

#[test]
fn the_policy_says_which_causes_leave_the_verdict_undecided() {
    let all = Policy {
        undecided: Cause::ALL.into_iter().filter(|cause| cause.may_leave_open()).collect(),
        ..Policy::default()
    };
    let none = Policy { undecided: BTreeSet::new(), ..Policy::default() };
    for cause in Cause::ALL {
        let outcome = |policy: &Policy| judge(&[], &coverage(&[cause]), policy).outcome;
        let is_failure = matches!(cause, Cause::Unreadable | Cause::Vanished);
        assert_eq!(outcome(&Policy::default()) == Outcome::Undecided, is_failure, "{cause:?}");
        assert_eq!(outcome(&all) == Outcome::Undecided, cause.may_leave_open(), "{cause:?}");
        assert_eq!(outcome(&none), Outcome::Pass, "{cause:?}");
    }
    let skipped = [Cause::Ignored, Cause::Excluded, Cause::Binary, Cause::SymlinkFile, Cause::SymlinkDirectory];
    assert!(skipped.iter().all(|cause| !cause.may_leave_open()));
}

#[test]
fn attempts_of_a_change_to_suppress_itself_block_where_the_policy_says_so() {
    let strict = Policy { self_suppression: Response::Block, ..Policy::default() };
    for (causes, attempts, policy, outcome, counted) in [
        (&[][..], 0, &strict, Outcome::Pass, 0),
        (&[], 2, &strict, Outcome::Block, 2),
        (&[], 2, &Policy::default(), Outcome::Pass, 0),
        (&[Cause::Unreadable], 2, &strict, Outcome::Undecided, 2),
    ] {
        let circumstances = Circumstances { attempts, ..Circumstances::default() };
        let verdict = judge_run(&[], &coverage(causes), policy, &circumstances);
        assert_eq!((verdict.outcome, verdict.self_suppression), (outcome, counted), "{attempts} {causes:?}");
    }
}
