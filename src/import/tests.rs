use std::fmt::Write as _;

use super::*;
use crate::finding::{State, SuppressionKind};
use crate::rating::{Category, Confidence};
use crate::rules::builtin;

/// Reads `text` without a tree behind it.
fn read(text: &str) -> Result<Report, ImportError> {
    let catalogue = Catalogue::new(builtin::rules());
    let equivalents = Equivalents::new(&catalogue);
    let reader = Reader {
        catalogue: &catalogue,
        equivalents: &equivalents,
        severity_of: &|rule| rule.severity,
        roots: &["/home/me/shop".to_owned()],
        mask: &|text| text.replace("hunter2hunter2", "**************"),
    };
    reader.read(text.as_bytes(), "x.sarif")
}

/// A log of one run of `tool` with these results and more fields of the run.
fn log(tool: &str, results: &str, more: &str) -> String {
    format!(
        r#"{{"version": "2.1.0", "runs": [{{"tool": {{"driver": {{"name": "{tool}"}}}}, "results": [{results}]{more}}}]}}"#
    )
}

fn result(rule: &str, path: &str, line: u32, more: &str) -> String {
    format!(
        r#"{{"ruleId": "{rule}", "message": {{"text": "Words."}}, "locations": [{{"physicalLocation": {{
            "artifactLocation": {{"uri": "{path}"}}, "region": {{"startLine": {line}}}}}}}]{more}}}"#
    )
}

fn causes(report: &Report) -> Vec<Cause> {
    report.coverage.entries.iter().map(|entry| entry.cause).collect()
}

#[test]
fn a_rule_of_another_tool_becomes_ours_or_keeps_its_name() {
    let results = [
        result("CKV_AWS_24", "infra/main.tf", 3, ""),
        result("CKV_NEVER_1", "file:///home/me/shop/a.tf", 1, r#", "level": "error""#),
    ];
    let report = read(&log("Checkov", &results.join(","), "")).unwrap();
    let found: Vec<(&str, &str, Severity)> = report
        .findings
        .iter()
        .map(|one| (&*one.finding.rule, &*one.finding.location.path, one.finding.severity))
        .collect();
    assert_eq!(
        found,
        [
            ("checkov:CKV_NEVER_1", "a.tf", Severity::High),
            ("aws-security-group-open-ssh", "infra/main.tf", Severity::High),
        ]
    );
    let rules: Vec<&str> = report.rules.iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(rules, ["checkov:CKV_NEVER_1"]);
    assert_eq!(report.rules[0].details.equivalents, ["checkov:CKV_NEVER_1"]);
    assert!(causes(&report).is_empty());
}

#[test]
fn kinds_states_and_suppressions_are_heard() {
    let results = [
        result("a", "1", 1, r#", "kind": "pass""#),
        result("a", "2", 1, r#", "kind": "notApplicable""#),
        result("a", "3", 1, r#", "kind": "review""#),
        result("a", "4", 1, r#", "baselineState": "absent""#),
        result("a", "5", 1, r#", "baselineState": "unchanged""#),
        result("a", "6", 1, r#", "suppressions": [{"kind": "inSource", "justification": "hunter2hunter2 is old"}]"#),
        result("a", "7", 1, r#", "suppressions": [{"kind": "external", "status": "underReview"}]"#),
    ];
    let report = read(&log("x", &results.join(","), "")).unwrap();
    let paths: Vec<&str> = report.findings.iter().map(|one| &*one.finding.location.path).collect();
    assert_eq!(paths, ["3", "5", "6", "7"]);
    let of = |path: usize| &report.findings[path].finding;
    assert_eq!((of(0).confidence, of(1).state), (Confidence::Low, Some(State::Existing)));
    let suppression = of(2).suppression.as_ref().unwrap();
    assert_eq!(suppression.kind, SuppressionKind::Inline);
    assert_eq!(suppression.justification.as_deref(), Some("************** is old"));
    assert!(of(3).is_active());
}

#[test]
fn a_tool_that_failed_leaves_the_verdict_open() {
    for text in [
        log("x", "", r#", "invocations": [{"executionSuccessful": false, "exitCode": 3}]"#),
        r#"{"version": "2.1.0", "runs": []}"#.to_owned(),
        r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}}]}"#.to_owned(),
        r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}, "results": null}]}"#.to_owned(),
    ] {
        let report = read(&text).unwrap();
        assert_eq!(report.coverage.failures().count(), 1, "{text}: {:?}", report.coverage);
    }
    let notified = r#", "invocations": [{"executionSuccessful": true, "toolExecutionNotifications": [
        {"level": "error", "message": {"text": "cannot parse: hunter2hunter2"},
         "locations": [{"physicalLocation": {"artifactLocation": {"uri": "a.py"}}}]},
        {"level": "note", "message": {"text": "hello"}}]}]"#;
    let report = read(&log("x", "", notified)).unwrap();
    assert_eq!(causes(&report), [Cause::Unparsed]);
    assert_eq!(report.coverage.entries[0].to_string(), "a.py: x: cannot parse: ************** (unparsed)");
    assert!(causes(&read(&log("x", "", "")).unwrap()).is_empty());
}

#[test]
fn what_is_no_report_is_refused_with_a_mend_and_without_its_content() {
    for (text, words) in [
        ("", "ends too early"),
        (r#"{"version": "2.1.0", "runs": [{"tool""#, "ends too early"),
        ("hunter2hunter2", "this is no JSON"),
        (r#"{"hello": "hunter2hunter2"}"#, "neither SARIF 2.1.0 nor"),
        (r#"{"version": "1.0.0", "runs": []}"#, "neither SARIF 2.1.0 nor"),
        (r#"{"schema": "lockgate/report/v9"}"#, "neither SARIF 2.1.0 nor"),
        (r#"{"version": "2.1.0", "runs": "hunter2hunter2"}"#, "another type"),
        (r#"{"version": "2.1.0", "runs": [{"tool": 5}]}"#, "another type"),
        ("[]", "another type"),
    ] {
        let error = read(text).unwrap_err().to_string();
        assert!(error.starts_with("x.sarif:") && error.contains(words), "{text}: {error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[test]
fn hostile_reports_are_read_within_bounds() {
    let deep = format!(r#"{{"version": "2.1.0", "runs": {}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    assert!(read(&deep).is_err());
    let nested = format!(r#", "properties": {{"a": {}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    let error = read(&log("x", &result("r", "a", 1, &nested), "")).unwrap_err().to_string();
    assert!(error.contains("nested too deeply"), "{error}");
    let many = "{},".repeat(150_000);
    let report = read(&log("x", many.trim_end_matches(','), "")).unwrap();
    assert_eq!(causes(&report), [Cause::Bound]);
    assert!(report.findings.iter().all(|one| &*one.finding.location.path == "."));
    assert_eq!(combine(report.findings).len(), 1);
    let mut properties = String::from(r#", "properties": {"tags": ["#);
    for number in 0..10_000 {
        let _ = write!(properties, "\"t{number}\",");
    }
    properties.push_str(r#""z"], "deep": {"a": {"b": []}}}"#);
    let odd = [
        result("", "", 1, ""),
        result("r", "../../etc/passwd", 1, &properties),
        result("r", "https://example.com/x", 1, ""),
        result("\\u001b[31m`", "a", 4_294_967_295, r#", "ruleIndex": -7, "rank": 1e308, "level": "?""#),
        result("r", "b", 1, r#", "relatedLocations": [{}, {"physicalLocation": {}}], "fingerprints": {"a": null}"#),
        r#"{"ruleId": "r", "locations": [{"physicalLocation": {"artifactLocation": {"uri": "c"},
            "region": {"startLine": -5, "endLine": 9223372036854775807}}}]}"#
            .to_owned(),
    ];
    let report = read(&log("x", &odd.join(","), "")).unwrap();
    let paths: Vec<&str> = report.findings.iter().map(|one| &*one.finding.location.path).collect();
    assert_eq!(paths, [".", "../../etc/passwd", "a", "b", "c", "https://example.com/x"]);
    assert_eq!(&*report.findings[2].finding.rule, "x:-[31m-");
    assert_eq!(report.findings[2].finding.location.region.start.line, MAX_NUMBER);
    assert_eq!(report.findings[4].finding.location.region, Region::default());
    assert!(causes(&report).is_empty());
}

#[test]
fn messages_are_filled_from_the_rule_and_secrets_are_masked() {
    let text = r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x", "rules": [
        {"id": "r", "messageStrings": {"default": {"text": "found {0} in {1}"}}, "helpUri": "https://example.com/r",
         "shortDescription": {"text": "A rule"}, "properties": {"tags": ["CWE-798: secrets"]}}]}},
        "artifacts": [{"location": {"uri": "a.env"}}],
        "results": [{"ruleIndex": 0, "message": {"id": "default", "arguments": ["hunter2hunter2", "a.env"]},
          "locations": [{"physicalLocation": {"artifactLocation": {"index": 0},
            "region": {"startLine": 2, "snippet": {"text": "hunter2hunter2"}}}}]}]}]}"#;
    let report = read(text).unwrap();
    let finding = &report.findings[0].finding;
    assert_eq!(finding.message, "found ************** in a.env");
    assert_eq!((finding.category, &*finding.location.path), (Category::Secret, "a.env"));
    assert!(finding.excerpt.lines.is_empty(), "the lines of a secret are not passed on");
    assert_eq!(report.rules[0].details.cwe, [798]);
    assert!(!format!("{report:?}").contains("hunter2"));
}

#[test]
fn the_secret_that_gitleaks_reports_is_redacted_everywhere() {
    let secret = format!("zq{}", "8f3kd0Lm2P".repeat(4));
    let more = format!(
        r#"{{"ruleId": "generic-api-key", "message": {{"text": "has {secret} in it"}}, "locations": [{{"physicalLocation": {{
            "artifactLocation": {{"uri": "a.py"}},
            "region": {{"startLine": 3, "snippet": {{"text": "{secret}"}}}}}}}}],
            "partialFingerprints": {{"commitSha": "abc", "author": "me"}}}}"#
    );
    let report = read(&log("gitleaks", &more, "")).unwrap();
    assert!(!format!("{report:?}").contains(&secret[..20]), "{report:?}");
    let finding = &report.findings[0].finding;
    assert_eq!(finding.message, "has … in it");
    assert_eq!(finding.evidence.as_ref().unwrap().value, format!("…{}", &secret[secret.len() - 4..]));
    // The commit is no part of the identity, and the secret is.
    let other = read(&log("gitleaks", &more.replace("\"abc\"", "\"def\""), "")).unwrap();
    assert_eq!(other.findings[0].finding.fingerprint, finding.fingerprint);
    let other = read(&log("gitleaks", &more.replace("zq8", "zq9"), "")).unwrap();
    assert_ne!(other.findings[0].finding.fingerprint, finding.fingerprint);
}

#[test]
fn identities_outlive_moves_and_tell_equals_apart() {
    let prints = |first: u32, more: &str| -> Vec<String> {
        let results = [result("r", "a", first, more), result("r", "a", first + 9, more)];
        let report = read(&log("x", &results.join(","), "")).unwrap();
        report.findings.iter().map(|one| one.finding.fingerprint.to_string()).collect()
    };
    let plain = prints(1, "");
    assert_ne!(plain[0], plain[1]);
    assert_eq!(prints(40, ""), plain);
    let given = prints(1, r#", "partialFingerprints": {"primaryLocationLineHash": "1"}"#);
    assert_ne!(given, plain);
    // `requires login` is what Semgrep says to everybody.
    let constant = prints(1, r#", "fingerprints": {"matchBasedId/v1": "requires login"}"#);
    assert_ne!(constant[0], constant[1]);
}

/// What `combine` makes of reports: rule, line and tools.
fn combined(logs: &[String]) -> Vec<(String, u32, String)> {
    let imported = logs.iter().flat_map(|log| read(log).unwrap().findings).collect();
    let of = |finding: Finding| {
        let tools: Vec<String> = finding.tools.iter().map(ToString::to_string).collect();
        (finding.rule.to_string(), finding.location.region.start.line, tools.join(" "))
    };
    combine(imported).into_iter().map(of).collect()
}

#[test]
fn what_two_tools_report_is_one_finding_that_names_both() {
    let ranged =
        result("CKV_AWS_24", "main.tf", 6, "").replace("\"startLine\": 6", "\"startLine\": 6, \"endLine\": 13");
    let checkov = log("checkov", &ranged, "");
    let exact = log("Trivy", &result("AVD-AWS-0107", "main.tf", 11, ""), "");
    let ours = log("Lockgate", &result("aws-security-group-open-ssh", "main.tf", 11, ""), "");
    let rule = "aws-security-group-open-ssh".to_owned();
    assert_eq!(combined(&[checkov.clone(), ours.clone()]), [(rule.clone(), 11, "checkov:CKV_AWS_24".to_owned())]);
    assert_eq!(combined(&[ours.clone(), checkov.clone()]), combined(&[checkov.clone(), ours.clone()]));
    // One tool twice is two findings, and the same report twice is one.
    let twice =
        log("checkov", &[result("CKV_AWS_24", "main.tf", 1, ""), result("CKV_AWS_24", "main.tf", 2, "")].join(","), "");
    assert_eq!(combined(&[twice.clone(), twice]).len(), 2);
    let elsewhere = log("checkov", &result("CKV_AWS_24", "main.tf", 30, ""), "");
    assert_eq!(combined(&[ours, elsewhere]).len(), 2);
    assert!(combined(&[checkov, exact]).len() <= 2);
}

#[test]
fn secrets_on_one_line_are_one_finding_whatever_the_rules_are_called() {
    let first = log("gitleaks", &result("generic-api-key", "a.py", 3, ""), "");
    let second = log("trufflehog", &result("AWS", "a.py", 3, ""), "");
    let third = log("detect-secrets", &result("KeywordDetector", "a.py", 4, ""), "");
    let found = combined(&[first, second, third]);
    let tools: Vec<&str> = found.iter().map(|(.., tools)| tools.as_str()).collect();
    assert_eq!(tools.len(), 2);
    assert!(tools[0].contains("gitleaks:") && tools[0].contains("trufflehog:"), "{tools:?}");
}

#[test]
fn what_one_tool_suppresses_and_another_reports_counts() {
    let silent = r#", "suppressions": [{"kind": "external"}]"#;
    let first = log("hadolint", &result("DL3004", "Dockerfile", 3, silent), "");
    let second = log("Lockgate", &result("dockerfile-sudo", "Dockerfile", 3, ""), "");
    let active = |logs: &[&String]| {
        let imported = logs.iter().flat_map(|log| read(log).unwrap().findings).collect();
        combine(imported).iter().filter(|finding| finding.is_active()).count()
    };
    assert_eq!((active(&[&first]), active(&[&first, &second]), active(&[&second, &first])), (0, 1, 1));
}

#[test]
fn many_equal_places_take_no_time() {
    let results: Vec<String> = (1..4_000).map(|line| result("DL3004", "Dockerfile", line, "")).collect();
    let wide = results.join(",").replace("\"startLine\"", "\"endLine\": 99999, \"startLine\"");
    let logs = [log("hadolint", &wide, ""), log("checkov", &wide.replace("DL3004", "CKV2_DOCKER_1"), "")];
    assert!(combined(&logs).len() >= 3_999);
}

#[test]
fn a_hostile_report_of_ours_is_read_within_bounds() {
    let place = r#"{"line": 4294967295, "column": 4294967295}"#;
    let region = format!(r#"{{"start": {place}, "end": {{"line": 0, "column": 0}}}}"#);
    let text = format!(
        r#"{{"schema": "lockgate/report/v1", "version": "9", "root": "x", "coverage": {{"seen": 1, "scanned": 1, "bytes": 1,
        "entries": []}}, "verdict": {{"outcome": "block", "exit_code": 1, "blocking": [0, 7], "undecided": []}}, "findings": [{{
        "rule": "r", "message": "m", "severity": "high", "confidence": "high", "category": "secret",
        "location": {{"path": "p", "span": {{"start": 9, "end": 1}}, "region": {region}}},
        "fingerprint": "00000000000000000000000000000000", "origin": "tree",
        "excerpt": {{"first_line": 4294967295, "first_column": 4294967295, "lines": ["a", "b"]}}}}]}}"#
    );
    let report = read(&text).unwrap();
    assert_eq!(report.recorded.as_ref().unwrap().verdict.blocking, [0]);
    let finding = &report.findings[0].finding;
    assert_eq!((finding.location.span.len(), finding.excerpt.first_line), (0, MAX_NUMBER));
    assert!(finding.location.region.end >= finding.location.region.start);
}

#[test]
fn links_that_our_sarif_disarmed_read_back() {
    let text = r"see \\[here\\](x), a \\\\ b";
    let result = result("r", "a", 1, "").replace("Words.", text);
    let message = |tool: &str| read(&log(tool, &result, "")).unwrap().findings[0].finding.message.clone();
    assert_eq!(message("Lockgate"), r"see [here](x), a \ b");
    assert_eq!(message("other"), r"see \[here\](x), a \\ b");
}
