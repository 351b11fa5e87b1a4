//! Reports for other systems, field by field against what those systems document.

#![allow(clippy::unwrap_used, reason = "a helper that panics fails its test, as it should")]

#[allow(dead_code, reason = "each test file uses its part")]
#[path = "common/report.rs"]
mod sample;

use std::time::Duration;

use lockgate::finding::{Category, Severity, ToolRule};
use lockgate::report::{Format, GroupBy, Run, Style, Timing};
use sample::{HOSTILE_PATH, Sample, finding, rendered, strict_for_network};
use serde_json::{Value, json};

fn plain(format: Format, run: &Run<'_>) -> String {
    rendered(format, run, Style::default())
}

fn timed(run: Run<'_>) -> Run<'_> {
    let timing = Timing { started: 1_767_225_599, finished: 1_767_225_601, scan: Duration::from_millis(1500) };
    Run { timing: Some(timing), ..run }
}

/// Fails unless `document` is what `schema` describes.
#[track_caller]
fn assert_valid(schema: &Value, document: &Value) {
    let validator = jsonschema::validator_for(schema).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

/// A sample with something that is no secret.
fn mixed() -> Sample {
    let mut sample = Sample::undecided();
    let mut bucket = finding("no-such-rule", "infra/main.tf", (3, 5), (3, 9), &["acl = \"public-read\""]);
    bucket.category = Category::PublicExposure;
    bucket.owners = vec!["@shop/platform".to_owned(), "a@example.com".to_owned()];
    bucket.tools = vec![ToolRule { tool: "checkov".to_owned(), rule: "CKV_AWS_20".to_owned() }];
    bucket.resource = Some("aws_s3_bucket.logs".to_owned());
    sample.scan.findings.push(bucket);
    Sample::judged(sample.scan.findings, sample.scan.coverage, lockgate::gate::Policy::default())
}

#[test]
fn code_quality_has_the_fields_that_gitlab_asks_for() {
    let sample = mixed();
    let report: Value = serde_json::from_str(&plain(Format::GitlabCodeQuality, &sample.run())).unwrap();
    let schema = json!({
        "type": "array",
        "items": {
            "type": "object",
            "required": ["description", "check_name", "fingerprint", "severity", "location"],
            "properties": {
                "description": {"type": "string", "minLength": 1},
                "check_name": {"type": "string", "minLength": 1},
                "fingerprint": {"type": "string", "minLength": 1},
                "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
                "location": {
                    "type": "object",
                    "required": ["path", "lines"],
                    "properties": {
                        "path": {"type": "string", "not": {"pattern": "^\\./"}},
                        "lines": {"type": "object", "required": ["begin"], "properties": {"begin": {"type": "integer", "minimum": 1}}},
                    },
                },
            },
        },
    });
    assert_valid(&schema, &report);
    let issues = report.as_array().unwrap();
    let active = sample.scan.findings.iter().filter(|finding| finding.is_active()).count();
    assert_eq!(issues.len(), active, "what is suppressed is no issue");
    let mut fingerprints: Vec<&str> = issues.iter().map(|issue| issue["fingerprint"].as_str().unwrap()).collect();
    fingerprints.sort_unstable();
    fingerprints.dedup();
    assert_eq!(fingerprints.len(), issues.len(), "GitLab takes equal fingerprints for one issue");
    assert_eq!(plain(Format::GitlabCodeQuality, &Sample::passed().run()), "[]\n");
}

/// What the security report schemas, version 15, demand of both kinds of report.
fn gitlab_schema(kind: &str, location: &Value) -> Value {
    let tool = json!({
        "type": "object",
        "required": ["id", "name", "vendor", "version"],
        "properties": {
            "id": {"type": "string", "minLength": 1},
            "name": {"type": "string", "minLength": 1},
            "version": {"type": "string", "minLength": 1},
            "vendor": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string", "minLength": 1}}},
        },
    });
    let time = json!({"type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}$"});
    json!({
        "type": "object",
        "required": ["version", "scan", "vulnerabilities"],
        "properties": {
            "version": {"type": "string", "pattern": "^15\\.[0-9]+\\.[0-9]+$"},
            "scan": {
                "type": "object",
                "required": ["analyzer", "end_time", "scanner", "start_time", "status", "type"],
                "properties": {
                    "analyzer": tool, "scanner": tool, "start_time": time, "end_time": time,
                    "status": {"enum": ["success", "failure"]},
                    "type": {"const": kind},
                    "messages": {"type": "array", "items": {
                        "type": "object", "required": ["level", "value"],
                        "properties": {"level": {"enum": ["info", "warn", "fatal"]}, "value": {"type": "string", "minLength": 1}},
                    }},
                },
            },
            "vulnerabilities": {"type": "array", "items": {
                "type": "object",
                "required": ["id", "identifiers", "location"],
                "properties": {
                    "id": {"type": "string", "minLength": 1},
                    "name": {"type": "string", "maxLength": 255},
                    "description": {"type": "string", "maxLength": 1_048_576},
                    "severity": {"enum": ["Info", "Unknown", "Low", "Medium", "High", "Critical"]},
                    "solution": {"type": "string", "maxLength": 7000},
                    "identifiers": {"type": "array", "minItems": 1, "items": {
                        "type": "object", "required": ["type", "name", "value"],
                        "properties": {
                            "type": {"type": "string", "minLength": 1}, "name": {"type": "string", "minLength": 1},
                            "value": {"type": "string", "minLength": 1},
                            "url": {"type": "string", "pattern": "^(https?|ftp)://.+"},
                        },
                    }},
                    "links": {"type": "array", "items": {
                        "type": "object", "required": ["url"],
                        "properties": {"url": {"type": "string", "pattern": "^(https?|ftp)://.+"}},
                    }},
                    "details": {"type": "object", "additionalProperties": {
                        "type": "object", "required": ["type", "name", "value"],
                        "properties": {"type": {"const": "text"}, "name": {"type": "string", "minLength": 1}, "value": {"type": "string"}},
                    }},
                    "location": location,
                },
            }},
        },
    })
}

#[test]
fn the_security_reports_of_gitlab_split_secrets_from_the_rest() {
    let sample = mixed();
    let run = timed(sample.run());
    let place = json!({
        "type": "object",
        "required": ["file", "start_line"],
        "properties": {
            "file": {"type": "string"}, "start_line": {"type": "integer", "minimum": 1},
            "end_line": {"type": "integer"}, "class": {"type": "string"},
        },
    });
    let sast: Value = serde_json::from_str(&plain(Format::GitlabSast, &run)).unwrap();
    assert_valid(&gitlab_schema("sast", &place), &sast);
    let found = sast["vulnerabilities"].as_array().unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(
        found[0]["location"],
        json!({"file": "infra/main.tf", "start_line": 3, "end_line": 3, "class": "aws_s3_bucket.logs"})
    );
    assert_eq!(
        found[0]["identifiers"][1],
        json!({"type": "checkov_rule_id", "name": "checkov:CKV_AWS_20", "value": "CKV_AWS_20"})
    );
    assert_eq!(found[0]["details"]["owners"]["value"], "@shop/platform, a@example.com");
    assert_eq!(
        (&sast["scan"]["start_time"], &sast["scan"]["status"]),
        (&json!("2025-12-31T23:59:59"), &json!("failure"))
    );

    let mut with_commit = place;
    with_commit["required"] = json!(["file", "start_line", "commit"]);
    with_commit["properties"]["commit"] =
        json!({"type": "object", "required": ["sha"], "properties": {"sha": {"type": "string", "minLength": 1}}});
    let secrets: Value = serde_json::from_str(&plain(Format::GitlabSecretDetection, &run)).unwrap();
    assert_valid(&gitlab_schema("secret_detection", &with_commit), &secrets);
    let active = sample.scan.findings.iter().filter(|finding| finding.is_active()).count();
    assert_eq!(secrets["vulnerabilities"].as_array().unwrap().len(), active - 1);
    // Words of the scanned tree are no Markdown.
    let descriptions =
        secrets["vulnerabilities"].as_array().unwrap().iter().map(|one| one["description"].as_str().unwrap());
    assert!(descriptions.clone().any(|text| text.contains("see \\[here\\]")), "{:?}", descriptions.collect::<Vec<_>>());
    let mut ids: Vec<&str> =
        secrets["vulnerabilities"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), active - 1);
    let clean: Value = serde_json::from_str(&plain(Format::GitlabSast, &Sample::passed().run())).unwrap();
    assert_eq!((&clean["scan"]["status"], &clean["vulnerabilities"]), (&json!("success"), &json!([])));
}

#[test]
fn junit_is_well_formed_and_its_sums_hold() {
    for sample in [Sample::passed(), Sample::blocked(), mixed()] {
        let run = timed(sample.run());
        let text = plain(Format::Junit, &run);
        let document = roxmltree::Document::parse(&text).unwrap();
        let root = document.root_element();
        let number =
            |node: &roxmltree::Node<'_, '_>, name: &str| node.attribute(name).unwrap().parse::<usize>().unwrap();
        assert_eq!(root.tag_name().name(), "testsuites");
        let count = |name: &str| root.descendants().filter(|node| node.has_tag_name(name)).count();
        for (sum, tag) in [("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")]
        {
            assert_eq!(number(&root, sum), count(tag), "{sum}");
            let of_suites: usize =
                root.children().filter(|node| node.has_tag_name("testsuite")).map(|node| number(&node, sum)).sum();
            assert_eq!(of_suites, count(tag), "{sum}");
        }
        assert_eq!(count("failure"), sample.verdict.blocking.len());
        assert_eq!(count("error"), sample.verdict.undecided.len());
        assert!(count("testcase") > 0);
        assert_eq!(root.attribute("time"), Some("1.500"));
        for case in root.descendants().filter(|node| node.has_tag_name("testcase")) {
            assert!(
                case.attribute("name").is_some_and(|name| !name.is_empty()) && case.attribute("classname").is_some()
            );
        }
    }
}

/// The rows of a CSV text (RFC 4180).
fn rows(text: &str) -> Vec<Vec<String>> {
    let row = |line: &str| {
        let (mut fields, mut quoted) = (vec![String::new()], false);
        let mut characters = line.chars().peekable();
        while let Some(c) = characters.next() {
            let field = fields.last_mut().unwrap();
            match c {
                '"' if quoted && characters.peek() == Some(&'"') => field.extend(characters.next()),
                '"' => quoted = !quoted,
                ',' if !quoted => fields.push(String::new()),
                c => field.push(c),
            }
        }
        assert!(!quoted, "{line}");
        fields
    };
    text.lines().map(row).collect()
}

#[test]
fn csv_has_a_row_for_each_finding_and_no_formula() {
    let mut sample = mixed();
    sample.scan.findings[0].message = "=HYPERLINK(\"https://evil.example\",\"x\")".to_owned();
    let rows = rows(&plain(Format::Csv, &sample.run()));
    assert_eq!(rows.len(), sample.scan.findings.len() + 1);
    assert!(rows.iter().all(|row| row.len() == rows[0].len()));
    assert_eq!(rows[0][..5], ["severity", "confidence", "category", "rule", "path"]);
    assert!(rows.iter().flatten().all(|field| !field.starts_with(['=', '+', '-', '@'])));
    assert_eq!(rows[1][9], "'=HYPERLINK(\"https://evil.example\",\"x\")");
    let bucket = rows.iter().find(|row| row[4] == "infra/main.tf").unwrap();
    assert_eq!(bucket[11..13], ["'@shop/platform a@example.com", "checkov:CKV_AWS_20"]);
}

#[test]
fn markdown_fits_into_a_comment_however_many_findings_there_are() {
    let mut findings: Vec<_> = (0..3000_u32)
        .map(|number| {
            let path = format!("{}/{number}", HOSTILE_PATH.repeat(3));
            finding("acme-token", &path, (number + 1, 1), (number + 1, 5), &["****"])
        })
        .collect();
    for (number, finding) in findings.iter_mut().enumerate() {
        finding.message = "<b>|".repeat(300);
        finding.owners = vec![format!("@team-{}", number % 700)];
    }
    let mut sample = Sample::judged(findings, Sample::undecided().scan.coverage, strict_for_network());
    for group_by in [None, Some(GroupBy::Owner), Some(GroupBy::File)] {
        let text = plain(Format::Markdown, &Run { group_by, ..sample.run() });
        assert!(text.chars().count() <= 65_536, "{}", text.chars().count());
        assert!(text.starts_with("<!-- lockgate -->\n## Lockgate: "));
        assert!(text.contains(" more: see the full report.") && text.contains("### Coverage"), "{text}");
    }
    sample.verdict.undecided = vec!["#".repeat(5000); 5000];
    let text = plain(Format::Markdown, &sample.run());
    assert!(text.chars().count() <= 65_536);
    let small = mixed();
    let grouped = plain(Format::Markdown, &Run { group_by: Some(GroupBy::Severity), ..small.run() });
    let headings: Vec<&str> = grouped.lines().filter(|line| line.starts_with("### ")).collect();
    assert_eq!(headings, ["### critical", "### high", "### medium", "### Coverage"]);
}

#[test]
fn metrics_are_open_metrics() {
    let sample = mixed();
    let text = plain(Format::Metrics, &timed(sample.run()));
    assert!(text.ends_with("\n# EOF\n") && text.matches("# EOF").count() == 1);
    let mut families: Vec<String> = Vec::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert_eq!(kind, "gauge");
            assert!(!families.contains(&name.to_owned()), "{name} comes twice");
            families.push(name.to_owned());
        } else if let Some(rest) = line.strip_prefix("# UNIT ") {
            let (name, unit) = rest.split_once(' ').unwrap();
            assert!(name == families.last().unwrap() && name.ends_with(&format!("_{unit}")), "{line}");
        } else if !line.starts_with('#') {
            let (sample, value) = line.rsplit_once(' ').unwrap();
            let name = sample.split('{').next().unwrap();
            assert_eq!(name, families.last().unwrap(), "samples stand below their type");
            assert!(value.parse::<f64>().is_ok(), "{line}");
            if let Some(labels) = sample.strip_prefix(name).unwrap().strip_prefix('{') {
                assert!(labels.ends_with("\"}") && labels.contains("=\""), "{line}");
            }
        }
    }
    let value = |sample: &str| text.lines().find_map(|line| line.strip_prefix(sample)).unwrap().trim().to_owned();
    assert_eq!(value("lockgate_verdict{outcome=\"undecided\"}"), "1");
    assert_eq!(value("lockgate_verdict{outcome=\"pass\"}"), "0");
    assert_eq!(value("lockgate_findings{severity=\"high\",category=\"public-exposure\"}"), "1");
    assert_eq!(value("lockgate_findings_suppressed{kind=\"inline\"}"), "1");
    assert_eq!(value("lockgate_inputs_not_examined{cause=\"unreadable\"}"), "1");
    assert_eq!(value("lockgate_findings_by_owner{owner=\"@shop/platform, a@example.com\"}"), "1");
    assert_eq!(value("lockgate_run_duration_seconds"), "1.500");
    let total: u64 = text
        .lines()
        .filter(|line| line.starts_with("lockgate_findings{"))
        .map(|line| line.rsplit_once(' ').unwrap().1.parse::<u64>().unwrap())
        .sum();
    assert_eq!(total, sample.scan.findings.iter().filter(|finding| finding.is_active()).count() as u64);
    assert!(!plain(Format::Metrics, &sample.run()).contains("duration"));
}

#[test]
fn text_can_be_grouped() {
    let sample = mixed();
    let run = sample.run();
    let headings = |by| -> Vec<String> {
        let text = plain(Format::Text, &Run { group_by: Some(by), ..run });
        text.lines().filter(|line| line.starts_with("== ")).map(ToOwned::to_owned).collect()
    };
    assert_eq!(
        headings(GroupBy::Owner),
        ["== @shop/platform, a@example.com (1 finding) ==", "== no owner (7 findings) =="]
    );
    assert_eq!(headings(GroupBy::Severity).len(), 3);
    let worst = sample.scan.findings.iter().map(|finding| finding.severity).max();
    assert_eq!(worst, Some(Severity::Critical));
    assert!(headings(GroupBy::Severity)[0].starts_with("== critical ("));
}
