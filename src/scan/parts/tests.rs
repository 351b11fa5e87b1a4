//! Which secrets and ids go together, and what becomes of the findings.

use std::sync::Arc;

use super::*;
use crate::finding::{Category, Evidence, Introduction, Location, Origin, Severity};
use crate::fingerprint::{Fingerprint, Identity, Subject};
use crate::rules::load::load;
use crate::secret::Secret;
use crate::span::{Position, Region, Span};

/// A key with an id and a token; a second key that wants the same id; any secret, which takes whatever id there is.
const PACK: &str = r"
rules:
  - {id: id, title: Acme id, description: d, remediation: r, secret: {pattern: 'acmeid_(?<secret>[a-z]{8})'}}
  - {id: token, title: Acme token, description: d, remediation: r, secret: {pattern: 'acmetoken_(?<secret>[a-z]{8})'}}
  - {id: key, title: Acme key, description: d, remediation: r, secret: 
      {pattern: 'acmekey_(?<secret>[a-z]{8})', parts: [{any: [id], lines: 4, as: account id}, {any: [token], lines: 1}]}}
  - {id: old-key, title: Old Acme key, description: d, remediation: r, secret: 
      {pattern: 'acmeold_(?<secret>[a-z]{8})', parts: [{any: [id], lines: 4, as: account id}]}}
  - {id: any-key, title: Key, description: d, remediation: r, secret: 
      {pattern: 'anykey_(?<secret>[a-z]{8})', parts: [{any: [id, token], lines: 4}]}}
";

fn catalogue() -> Catalogue {
    Catalogue::new(load("pack.yaml", PACK).unwrap())
}

/// A finding on `line`, where a line has a hundred bytes and at most one finding begins in each ten.
fn finding(rule: &str, line: u32, column: u32) -> Finding {
    let start = line as usize * 100 + column as usize;
    let secret = Secret::new(format!("{rule}{line}-{column}"));
    let identity = Identity { rule, path: "a", subject: Subject::Secret(&secret), ordinal: 0 };
    let region = Region { start: Position { line, column }, end: Position { line, column: column + 8 } };
    let mut finding = Finding::new(
        rule,
        format!("{rule} in plain text"),
        (Severity::Medium, Confidence::Medium, Category::Secret),
        Location { path: Arc::from("a"), span: Span::new(start, start + 8), region },
        Fingerprint::of(&identity),
    );
    finding.evidence = Some(Evidence { value: "…".to_owned(), facts: Vec::new() });
    finding
}

fn joined(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by(Finding::order);
    let mut report = ScanReport { findings, ..ScanReport::default() };
    report.join_parts(&catalogue());
    report.findings
}

/// `rule:line` of each finding, with the lines of its parts.
fn shown(findings: &[Finding]) -> Vec<String> {
    let line = |location: &Location| location.region.start.line;
    let row = |finding: &Finding| {
        let parts = finding.related.iter().map(|related| format!(" {}", line(&related.location)));
        format!("{}:{}{}", finding.rule, line(&finding.location), parts.collect::<String>())
    };
    findings.iter().map(row).collect()
}

fn rows(places: &[(&str, u32)]) -> Vec<String> {
    shown(&joined(places.iter().map(|&(rule, line)| finding(rule, line, 1)).collect()))
}

#[test]
fn an_id_and_its_key_are_one_finding_and_far_apart_they_are_two() {
    assert_eq!(rows(&[("id", 1), ("key", 2)]), ["key:2 1"]);
    assert_eq!(rows(&[("key", 1), ("id", 5)]), ["key:1 5"]);
    assert_eq!(rows(&[("id", 1), ("key", 6)]), ["id:1", "key:6"]);
    assert_eq!(rows(&[("token", 1), ("key", 2), ("id", 3)]), ["key:2 3 1"]);
    assert_eq!(rows(&[("token", 1), ("key", 3)]), ["token:1", "key:3"]);
    assert_eq!(rows(&[("id", 1), ("token", 2)]), ["id:1", "token:2"]);
}

#[test]
fn of_several_each_goes_with_its_own() {
    let orders = [
        ([("id", 1), ("key", 2), ("id", 3), ("key", 4)], ["key:2 1", "key:4 3"]),
        ([("key", 1), ("id", 2), ("key", 3), ("id", 4)], ["key:1 2", "key:3 4"]),
        ([("id", 1), ("id", 2), ("key", 3), ("key", 4)], ["key:3 1", "key:4 2"]),
        ([("id", 1), ("key", 2), ("id", 3), ("old-key", 4)], ["key:2 1", "old-key:4 3"]),
    ];
    for (places, expected) in orders {
        assert_eq!(rows(&places), expected, "{places:?}");
    }
    // One id and two keys: the nearer one has it, and of two as near the one behind it.
    assert_eq!(rows(&[("key", 1), ("id", 4), ("key", 5)]), ["key:1", "key:5 4"]);
    assert_eq!(rows(&[("key", 3), ("id", 4), ("key", 5)]), ["key:3", "key:5 4"]);
    let on_one_line = [("id", 1), ("key", 20), ("id", 40), ("key", 60)].map(|(rule, column)| finding(rule, 1, column));
    assert_eq!(shown(&joined(on_one_line.to_vec())), ["key:1 1", "key:1 1"]);
}

#[test]
fn who_wants_one_of_few_is_asked_before_who_takes_any() {
    assert_eq!(rows(&[("any-key", 1), ("id", 2), ("key", 4)]), ["any-key:1", "key:4 2"]);
    assert_eq!(rows(&[("id", 1), ("any-key", 2)]), ["any-key:2 1"]);
}

#[test]
fn many_are_paired_in_bounded_time() {
    let places: Vec<(&str, u32)> = (0..4_000).map(|at| (if at % 2 == 0 { "id" } else { "key" }, 1 + at / 2)).collect();
    let findings: Vec<Finding> =
        places.iter().map(|&(rule, line)| finding(rule, line, if rule == "id" { 1 } else { 20 })).collect();
    let joined = joined(findings);
    assert_eq!(joined.len(), 2_000);
    assert!(joined.iter().all(|finding| finding.related.len() == 1));
}

#[test]
fn a_part_is_near_in_bytes_too_and_of_the_same_text() {
    let mut far = finding("id", 1, 1);
    far.location.span = Span::new(100_000, 100_008);
    assert_eq!(shown(&joined(vec![finding("key", 1, 20), far])).len(), 2);
    let mut index = finding("id", 1, 1);
    index.origin = Origin::Index;
    assert_eq!(joined(vec![index, finding("key", 2, 1)]).len(), 2);
    let mut other = finding("id", 1, 1);
    other.location.path = "b".into();
    assert_eq!(joined(vec![other, finding("key", 2, 1)]).len(), 2);
    let introduced = |mut finding: Finding, commit: &str, at_head| {
        let (commit, date) = (commit.to_owned(), String::new());
        finding.introduction = Some(Introduction { commit, date, at_head, paths: Vec::new(), refs: Vec::new() });
        finding
    };
    for (one, other, number) in [
        (("a", true), ("b", true), 1),
        (("a", false), ("a", false), 1),
        (("a", false), ("b", false), 2),
        (("a", true), ("a", false), 2),
    ] {
        let id = introduced(finding("id", 1, 1), one.0, one.1);
        let key = introduced(finding("key", 2, 1), other.0, other.1);
        assert_eq!(joined(vec![id, key]).len(), number, "{one:?} {other:?}");
    }
}

#[test]
fn the_finding_is_that_of_the_secret_and_as_bad_and_as_new_as_either() {
    let (mut id, key) = (finding("id", 1, 1), finding("key", 2, 1));
    id.severity = Severity::High;
    if let Some(evidence) = &mut id.evidence {
        evidence.facts.push("account 42".to_owned());
    }
    let identities = (id.fingerprint, key.fingerprint);
    let one = joined(vec![id, key]).remove(0);
    assert_eq!((one.severity, one.confidence, one.fingerprint), (Severity::High, Confidence::High, identities.1));
    assert_eq!(one.related[0].message, "account id …, account 42");
    assert_eq!(one.related[0].part, Some(Part { rule: "id".into(), fingerprint: identities.0 }));
    assert_eq!(one.evidence.unwrap().facts, ["stands with its account id"]);
    let without_name = joined(vec![finding("token", 1, 1), finding("key", 2, 1)]).remove(0);
    assert_eq!(without_name.related[0].message, "Acme token …");

    let with = |mut finding: Finding, state, on_changed_lines| {
        (finding.state, finding.on_changed_lines) = (Some(state), Some(on_changed_lines));
        finding
    };
    for (of_id, of_key, expected) in [
        ((State::New, true), (State::Existing, false), (State::Changed, true)),
        ((State::Existing, false), (State::New, true), (State::New, true)),
        ((State::Existing, false), (State::Existing, false), (State::Existing, false)),
    ] {
        let id = with(finding("id", 1, 1), of_id.0, of_id.1);
        let key = with(finding("key", 2, 1), of_key.0, of_key.1);
        let one = joined(vec![id, key]).remove(0);
        assert_eq!((one.state, one.on_changed_lines), (Some(expected.0), Some(expected.1)));
    }
}

#[test]
fn a_hint_takes_no_part() {
    let mut key = finding("key", 2, 1);
    key.confidence = Confidence::Low;
    assert_eq!(joined(vec![finding("id", 1, 1), key]).len(), 2);
}
