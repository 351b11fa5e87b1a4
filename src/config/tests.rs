//! The configuration from the outside: what a file means, and what is said about a broken one.

mod extends;
mod files;
mod mistakes;
mod schema;

use std::fs;
use std::path::Path;

use super::*;
use crate::coverage::Cause;
use crate::finding::{Category, Confidence, Severity};
use crate::gate::{Response, Threshold};
use crate::rules::schema::Profile;

fn parse(text: impl AsRef<[u8]>) -> Result<Config, Vec<ConfigError>> {
    Config::parse(text.as_ref(), FILE_NAME, Path::new(""))
}

/// The errors of `text`, as a user reads them.
fn errors(text: impl AsRef<[u8]>) -> String {
    in_words(&parse(text).expect_err("the configuration is broken"))
}

fn in_words(errors: &[ConfigError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_key_is_understood() {
    let text = r#"
        [scan]
        exclude = ["fixtures/**", "!fixtures/keep"]
        max-file-size = 1_000
        [rules]
        packs = ["security/rules", "./one.yaml", "a/../b"]
        profiles = ["all"]
        enable = ["some-rule"]
        disable = ["generic-*"]
        [rules.severity]
        "github-personal-access-token" = "high"
        [rules.parameters.some-rule]
        labels = ["team", "owner"]
        [report]
        severity = "low"
        confidence = "low"
        [gate]
        severity = "high"
        confidence = "high"
        [gate.secret]
        severity = "low"
        [gate.supply-chain]
        confidence = "medium"
        [gate.undecided]
        vanished = "warn"
        too-large = "block"
        [baseline]
        path = "ci/known.json"
        [trust]
        self-suppression = "block"
    "#;
    let Settings { scan, rules, report, gate, baseline, trust, .. } = parse(text).unwrap().settings;
    assert_eq!(scan.exclude, ["fixtures/**", "!fixtures/keep"]);
    assert_eq!(scan.max_file_size.bytes(), 1000);
    assert_eq!(
        rules.packs.iter().map(|pack| pack.value.as_str()).collect::<Vec<_>>(),
        ["security/rules", "./one.yaml", "a/../b"]
    );
    assert_eq!(rules.profiles, [Profile::Default, Profile::Hardening, Profile::Style]);
    assert_eq!(rules.enable[0].value.as_str(), "some-rule");
    assert!(rules.disable[0].value.is_glob());
    assert_eq!(rules.severity["github-personal-access-token"].value, Severity::High);
    assert_eq!(rules.parameters["some-rule"].value["labels"], ["team", "owner"]);
    assert_eq!((report.severity, report.confidence), (Severity::Low, Confidence::Low));
    assert_eq!((gate.severity, gate.confidence), (Severity::High, Confidence::High));
    assert_eq!(gate.categories[&Category::Secret].severity, Some(Severity::Low));
    assert_eq!(gate.categories[&Category::SupplyChain].confidence, Some(Confidence::Medium));
    assert_eq!(baseline.path.value, "ci/known.json");
    assert_eq!(gate.undecided[&Cause::TooLarge], Response::Block);
    assert_eq!(gate.undecided[&Cause::Vanished], Response::Warn);
    assert_eq!(gate.undecided[&Cause::Unreadable], Response::Block);
    assert_eq!(trust.self_suppression, Response::Block);
}

#[test]
fn one_word_speaks_for_all_causes() {
    let policy = |text: &str| parse(text).unwrap().settings.policy(None);
    assert!(policy("[gate]\nundecided = 'warn'").undecided.is_empty());
    let all = policy("[gate]\nundecided = 'block'").undecided;
    assert!(all.contains(&Cause::Unparsed) && !all.contains(&Cause::Ignored));
    let words = errors("[gate.undecided]\nignored = 'block'");
    assert!(words.contains("unknown key `ignored` in [gate.undecided]"), "{words}");
    assert!(errors("[gate]\nundecided = 'maybe'").contains("unknown undecided `maybe`; use one of: block, warn"));
    assert!(errors("[trust]\nself-suppression = 'warn'").contains("use one of: report, block"));
}

#[test]
fn a_category_inherits_from_the_gate_what_it_leaves_open() {
    let config = parse("[gate]\nconfidence = 'high'\n[gate.secret]\nseverity = 'low'").unwrap();
    let policy = config.settings.policy(None);
    let (low, medium, high) = (Severity::Low, Severity::Medium, Confidence::High);
    assert_eq!(policy.threshold(Category::Secret), Threshold { severity: low, confidence: high });
    assert_eq!(policy.threshold(Category::Network), Threshold { severity: medium, confidence: high });
    assert_eq!(Settings::default().policy(None), crate::gate::Policy::default());
}

#[test]
fn every_key_of_entries_and_waivers_is_understood() {
    let text = r#"
        final = ["gate.policy", "rules"]
        [gate]
        scope = "all"
        unsuppressible = ["some-rule", "a-*"]
        required-rules = ["some-rule"]
        required-packs = ["security/rules"]
        [[gate.policy]]
        name = "first: production"
        categories = ["secret", "network"]
        rules = ["aws-*"]
        paths = ["infra/**", "x"]
        environments = ["production"]
        severity = "low"
        confidence = "high"
        scope = "changed-lines"
        budget = { medium = 5, low = 0 }
        ratchet = "category"
        final = true
        [[gate.policy]]
        name = "second"
        blocks = false
        [[waiver]]
        rule = "aws-*"
        path = "infra"
        resource = "aws_s3_bucket.logs"
        fingerprint = "5420e35d6e1907eb47d3b9fa9212fb07"
        value-hash = "5420e35d6e1907eb47d3b9fa9212fb07"
        reason = " why "
        owner = "team-x"
        until = 2030-01-31
        [[waiver]]
        rule = "b"
        path = "**"
        reason = "why"
        until = "2030-02-30"
    "#;
    let config = parse(text).unwrap();
    let policy = config.settings.policy(None);
    assert_eq!(policy.entries.iter().map(|entry| entry.name.as_str()).collect::<Vec<_>>(), ["second"]);
    assert!(!policy.entries[0].blocks && policy.is_unsuppressible("a-b") && !policy.is_unsuppressible("b"));
    assert_eq!(policy.scope, crate::gate::Scope::All);
    let entries = config.settings.policy(Some("production")).entries;
    let first = &entries[0];
    assert_eq!(
        (first.name.as_str(), first.severity, first.confidence),
        ("first: production", Some(Severity::Low), Some(Confidence::High))
    );
    assert_eq!(first.budget, [(Severity::Low, 0), (Severity::Medium, 5)].into_iter().collect());
    assert_eq!(
        (first.scope, first.ratchet),
        (Some(crate::gate::Scope::ChangedLines), Some(crate::gate::Group::Category))
    );
    assert!(first.selector.selects("aws-x", Category::Secret, "infra/a.tf") && first.blocks);
    let waivers = config.waivers(Path::new(""));
    assert_eq!((waivers[0].reason.as_str(), waivers[0].location.region.start.line), ("why", 23));
    let day = |text: &str| text.parse::<crate::date::Date>().unwrap();
    assert!(waivers[0].until.holds_on(day("2030-01-31")) && !waivers[0].until.holds_on(day("2030-02-01")));
    assert!(!waivers[1].until.holds_on(day("2000-01-01")));
}

#[test]
fn a_reason_does_not_carry_a_secret_into_reports() {
    let random = ["ghp", "_", "w4Rn1ngS8", "aMpl3T0k3n"].concat();
    let text = format!("[[waiver]]\nrule = 'x'\npath = 'x'\nreason = 'the key {random} is old'\nowner = '{random}'");
    let waivers = parse(text).unwrap().waivers(Path::new(""));
    assert!(waivers[0].reason.contains("the key ***"), "{}", waivers[0].reason);
    assert!(!waivers[0].reason.contains("w4Rn1") && !waivers[0].owner.as_ref().unwrap().contains("w4Rn1"));
}
