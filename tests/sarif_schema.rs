//! SARIF against the official schema of SARIF 2.1.0, and against what GitHub code scanning asks beyond it.

#![allow(clippy::unwrap_used, reason = "a helper that panics fails its test, as it should")]

#[path = "common/report.rs"]
mod sample;

use std::collections::BTreeSet;

use lockgate::finding::{Confidence, Fix, Introduction, Replacement, Severity, State};
use lockgate::report::{Format, Run, Style};
use lockgate::rules::catalogue::Catalogue;
use lockgate::span::{Region, Span};
use sample::{HOSTILE_PATH, Sample, finding, rendered, rule, strict_for_network};
use serde_json::{Value, json};

/// The schema as OASIS publishes it, save for two patterns that hold a stray `]`, which a strict reader of the `regex`
/// format refuses. They constrain `language`, which Lockgate does not write.
fn schema() -> Value {
    let published = include_str!("schemas/sarif-2.1.0.json");
    let stray = "-[a-zA-Z]{2}]?$";
    assert_eq!(published.matches(stray).count(), 2);
    serde_json::from_str(&published.replace(stray, "-[a-zA-Z]{2}?$")).unwrap()
}

/// Every violation, as `path: message`.
fn violations(document: &Value) -> Vec<String> {
    let validator = jsonschema::options().should_validate_formats(true).build(&schema()).unwrap();
    validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn sarif(run: &Run<'_>) -> Value {
    serde_json::from_str(&rendered(Format::Sarif, run, Style::default())).unwrap()
}

fn every_sample() -> Vec<Sample> {
    let policy = Sample::judged(Sample::blocked().scan.findings, Sample::blocked().scan.coverage, strict_for_network());
    vec![Sample::blocked(), Sample::undecided(), Sample::passed(), Sample::self_suppressed(), policy]
}

#[test]
fn every_run_is_valid() {
    assert_eq!(
        schema()["$id"],
        "https://raw.githubusercontent.com/oasis-tcs/sarif-spec/master/Schemata/sarif-schema-2.1.0.json"
    );
    for sample in every_sample() {
        let bare = Run { homepage: None, category: None, ..sample.run() };
        let full = Run { all_rules: true, max_results: Some(2), ..sample.run() };
        for run in [sample.run(), bare, full] {
            assert_eq!(violations(&sarif(&run)), Vec::<String>::new());
        }
    }
}

#[test]
fn fixes_are_valid() {
    let mut sample = Sample::blocked();
    let region = sample.scan.findings[0].location.region;
    let replacement = Replacement { span: Span::new(0, 1), region, text: "[x](y)\r\n".to_owned() };
    let insertion = Region { start: region.start, end: region.start };
    let replacements = vec![replacement, Replacement { span: Span::new(1, 1), region: insertion, text: String::new() }];
    let fix = Fix { description: "Remove [it](x)".to_owned(), is_unsafe: true, replacements, base: [0; 32] };
    sample.scan.findings[0].fix = Some(fix);
    let document = sarif(&sample.run());
    assert_eq!(violations(&document), Vec::<String>::new());
    let fixes = &document["runs"][0]["results"][0]["fixes"];
    let words = "Remove \\[it\\](x) (this may break what the file is there for)";
    assert_eq!(fixes[0]["description"]["text"], words);
    let replaced = &fixes[0]["artifactChanges"][0]["replacements"];
    assert_eq!(replaced[0]["insertedContent"]["text"], "[x](y)\r\n");
    assert_eq!(replaced[1]["deletedRegion"]["startColumn"], replaced[1]["deletedRegion"]["endColumn"]);
}

#[test]
fn states_and_introductions_are_valid() {
    let mut sample = Sample::blocked();
    let states = [State::New, State::Changed, State::Existing];
    for (finding, state) in sample.scan.findings.iter_mut().zip(states) {
        finding.state = Some(state);
        finding.introduction = Some(Introduction {
            commit: "4b825dc642cb6eb9a060e54bf8d69288fbee4904".to_owned(),
            date: "2026-01-01T00:00:00+01:00".to_owned(),
            at_head: false,
            paths: vec!["old.env".to_owned()],
            refs: vec!["refs/heads/main".to_owned()],
        });
    }
    let log = sarif(&sample.run());
    assert_eq!(violations(&log), Vec::<String>::new());
    let results = log["runs"][0]["results"].as_array().unwrap();
    let told: Vec<&str> = results.iter().filter_map(|result| result["baselineState"].as_str()).collect();
    assert_eq!(told, ["new", "updated", "unchanged"]);
    assert_eq!(results[0]["properties"]["atHead"], false);
}

#[test]
fn a_broken_document_is_not_valid() {
    let breaks: [fn(&mut Value); 6] = [
        |log| log["version"] = json!("2.0.0"),
        |log| drop(log["runs"][0].as_object_mut().unwrap().remove("tool")),
        |log| log["runs"][0]["results"][0]["level"] = json!("fatal"),
        |log| log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = json!(0),
        |log| log["runs"][0]["results"][0]["surprise"] = json!(true),
        |log| {
            let location = &mut log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"];
            location["uri"] = json!("a b");
        },
    ];
    let sample = Sample::blocked();
    for (number, break_it) in breaks.iter().enumerate() {
        let mut log = sarif(&sample.run());
        break_it(&mut log);
        assert!(!violations(&log).is_empty(), "break {number} went unnoticed");
    }
}

#[test]
fn what_github_asks_beyond_the_schema_holds() {
    for sample in every_sample() {
        let log = sarif(&sample.run());
        let run = &log["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        let bases: BTreeSet<&String> = run["originalUriBaseIds"].as_object().unwrap().keys().collect();
        assert_eq!(log["runs"].as_array().unwrap().len(), 1);
        assert_eq!(run["columnKind"], "unicodeCodePoints");
        for result in run["results"].as_array().unwrap() {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(rules[index]["id"], result["ruleId"]);
            assert_eq!(result["partialFingerprints"]["lockgate/v1"].as_str().unwrap().len(), 32);
            assert!(!result["message"]["text"].as_str().unwrap().is_empty());
            assert_eq!(result["locations"].as_array().unwrap().len(), 1);
            let region = &result["locations"][0]["physicalLocation"]["region"];
            let place = |line: &str, column: &str| (region[line].as_u64().unwrap(), region[column].as_u64().unwrap());
            assert!(place("startLine", "startColumn") <= place("endLine", "endColumn"));
        }
        for rule in rules.iter().filter(|rule| rule["id"] != "no-such-rule") {
            assert!(rule["shortDescription"]["text"].as_str().unwrap().chars().count() <= 1024);
            assert!(rule["fullDescription"]["text"].as_str().unwrap().chars().count() <= 1024);
            assert!(rule["help"]["text"].is_string() && rule["help"]["markdown"].is_string());
            let tags = rule["properties"]["tags"].as_array().unwrap();
            assert!(tags.len() <= 10 && tags.contains(&json!("security")));
            assert!(tags.contains(&json!("external/cwe/cwe-798")) && tags.contains(&json!("external/cwe/cwe-079")));
            let score: f64 = rule["properties"]["security-severity"].as_str().unwrap().parse().unwrap();
            assert!((0.0..=10.0).contains(&score));
            assert!(
                ["very-high", "high", "medium", "low"].contains(&rule["properties"]["precision"].as_str().unwrap())
            );
        }
        for location in artifact_locations(run) {
            assert!(bases.contains(&location["uriBaseId"].as_str().unwrap().to_owned()));
            let uri = location["uri"].as_str().unwrap();
            assert!(!uri.starts_with('/') && !uri.contains(':') && uri.is_ascii(), "{uri}");
        }
    }
}

/// Every `artifactLocation` in `value`, at any depth.
fn artifact_locations(value: &Value) -> Vec<&Value> {
    let nested = match value {
        Value::Array(items) => items.iter().flat_map(artifact_locations).collect(),
        Value::Object(fields) => fields.values().flat_map(artifact_locations).collect(),
        _ => Vec::new(),
    };
    value.get("artifactLocation").into_iter().chain(nested).collect()
}

#[test]
fn paths_survive_the_way_through_a_uri() {
    let sample = Sample::blocked();
    let log = sarif(&sample.run());
    let mut paths: Vec<String> = Vec::new();
    for result in log["runs"][0]["results"].as_array().unwrap() {
        let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
        paths.push(decoded(uri));
    }
    let expected: Vec<&str> = sample.scan.findings.iter().map(|finding| &*finding.location.path).collect();
    assert_eq!(paths, expected);
    assert!(expected.contains(&HOSTILE_PATH));
}

/// Undoes percent-encoding.
fn decoded(uri: &str) -> String {
    let mut parts = uri.split('%');
    let mut bytes = parts.next().unwrap().as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
        bytes.extend(part[2..].bytes());
    }
    String::from_utf8(bytes).unwrap()
}

#[test]
fn suppressions_related_places_and_resources_are_told() {
    let sample = Sample::blocked();
    let log = sarif(&sample.run());
    let results = log["runs"][0]["results"].as_array().unwrap();
    let at = |path: &str| {
        let position = sample.scan.findings.iter().position(|finding| &*finding.location.path == path).unwrap();
        &results[position]
    };
    assert_eq!(
        at("tests/token.txt")["suppressions"],
        json!([{"kind": "inSource", "status": "accepted", "justification": "revoked in 2020"}])
    );
    assert_eq!(at("old/app.yml")["suppressions"], json!([{"kind": "external", "status": "accepted"}]));
    let token = at("src/config.py");
    assert!(token.get("suppressions").is_none());
    assert_eq!(token["relatedLocations"][0]["physicalLocation"]["region"]["startLine"], 11);
    assert_eq!(token["relatedLocations"][0]["message"]["text"], "the id that goes with it");
    assert_eq!(token["properties"]["evidence"], "acme_…wxyz");
    assert_eq!(token["properties"]["facts"], json!(["checksum valid", "account 42"]));
    let snippet = &token["locations"][0]["physicalLocation"]["contextRegion"]["snippet"]["text"];
    assert_eq!(snippet, "\ttoken = '************'  # prod");
    let odd = at("docs/a b#1%/ü:[x]?.env");
    assert_eq!(odd["locations"][0]["logicalLocations"][0]["fullyQualifiedName"], "Deployment.shop.web");
}

#[test]
fn gaps_in_coverage_are_notifications() {
    let sample = Sample::undecided();
    let log = sarif(&sample.run());
    let invocation = &log["runs"][0]["invocations"][0];
    assert_eq!((&invocation["executionSuccessful"], &invocation["exitCode"]), (&json!(false), &json!(2)));
    let told: Vec<(&str, &str, &str)> = invocation["toolExecutionNotifications"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let uri = &one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
            (one["descriptor"]["id"].as_str().unwrap(), one["level"].as_str().unwrap(), uri.as_str().unwrap_or(""))
        })
        .collect();
    assert_eq!(
        told,
        [
            ("coverage/unreadable", "error", "secrets/key.pem"),
            ("coverage/vanished", "error", "tmp/%1B%5B1m%20new%0Afile"),
            ("coverage/too-large", "warning", "data/big%20dump.sql"),
            ("coverage/binary", "note", ""),
            ("coverage/ignored", "note", ""),
        ]
    );
}

#[test]
fn a_reason_that_is_no_gap_in_coverage_is_a_notification_too() {
    let mut sample = Sample::undecided();
    sample.verdict.undecided.push("the baseline could not be read".to_owned());
    let text = rendered(Format::Sarif, &sample.run(), Style::default());
    assert_eq!(text.matches("the baseline could not be read").count(), 1);
}

#[test]
fn a_report_over_the_limit_keeps_the_weightiest_and_says_so() {
    let sample = Sample::blocked();
    let log = sarif(&Run { max_results: Some(3), ..sample.run() });
    let run = &log["runs"][0];
    let results = run["results"].as_array().unwrap();
    let weights: Vec<&str> = results.iter().map(|result| result["properties"]["severity"].as_str().unwrap()).collect();
    assert_eq!(weights, ["critical", "critical", "high"]);
    let last = run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap().last().unwrap();
    assert_eq!(last["message"]["text"], "The scan has 9 results; this report holds the weightiest 3 and leaves out 6.");
}

#[test]
fn ten_thousand_gaps_stay_bounded() {
    let mut sample = Sample::undecided();
    let one = sample.scan.coverage.entries[0].clone();
    sample.scan.coverage.entries.resize(10_000, one);
    let log = sarif(&sample.run());
    let notifications = log["runs"][0]["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
    assert!(notifications.len() < 1100);
}

#[test]
fn rules_of_a_run_are_those_with_results_unless_all_are_wanted() {
    let mut sample = Sample::blocked();
    let ids = |log: &Value| -> Vec<String> {
        let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
        rules.iter().map(|rule| rule["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&sarif(&sample.run())), ["acme-token", "generic-password", "no-such-rule", "private-key"]);
    let all = sarif(&Run { all_rules: true, ..sample.run() });
    assert_eq!(ids(&all), ["acme-token", "generic-password", "no-such-rule", "private-key", "quiet-rule"]);

    let many = (0..900).map(|number| rule(&format!("rule-{number:03}"), Severity::High, Confidence::High)).collect();
    sample.catalogue = Catalogue::new(many);
    sample.scan.findings = vec![finding("rule-007", "a", (1, 1), (1, 2), &[])];
    sample.verdict.blocking = vec![0];
    let few = rendered(Format::Sarif, &sample.run(), Style::default()).len();
    assert!(few < 4_000, "{few} bytes for one finding among 900 rules");
}

#[test]
fn equal_runs_give_equal_bytes() {
    for format in Format::ALL {
        let (one, two) = (Sample::undecided(), Sample::undecided());
        let style = Style::default();
        assert_eq!(rendered(*format, &one.run(), style), rendered(*format, &two.run(), style), "{format}");
    }
}
