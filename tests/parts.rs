//! Credentials of several parts: one finding, with the places of all of them.

#![allow(clippy::unwrap_used, reason = "a helper that panics fails its test, as it should")]

#[allow(dead_code, reason = "each test file uses its part")]
#[path = "common/cli.rs"]
mod cli;
#[path = "common/workshop.rs"]
mod workshop;

use cli::{Sandbox, assert_harmless};
use serde_json::Value;
use workshop::{Workshop, said};

/// An access key id, another for each `seed`.
fn id(seed: usize) -> String {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let random: String = (0..16).map(|at| char::from(letters[(seed * 7 + at * at * 5 + at * 3) % 32])).collect();
    format!("AKIA{random}")
}

/// The secret that goes with it.
fn key(seed: usize) -> String {
    let letters = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+/";
    (0..40).map(|at| char::from(letters[(seed * 31 + at * at * 17 + at * 11) % 64])).collect()
}

/// A file of credentials with `between` lines between id and secret.
fn credentials(between: usize) -> String {
    format!(
        "[default]\naws_access_key_id = {}\n{}aws_secret_access_key = {}\n",
        id(1),
        "# and so on\n".repeat(between),
        key(1)
    )
}

/// `rule:line` of each finding, with the lines of its parts, and its suppression and state where it has any.
fn shown(report: &Value) -> Vec<String> {
    let line = |location: &Value| location["region"]["start"]["line"].to_string();
    let row = |finding: &Value| {
        let mut row = vec![format!("{}:{}", finding["rule"].as_str().unwrap(), line(&finding["location"]))];
        for related in finding["related"].as_array().into_iter().flatten() {
            row.push(format!("{}:{}", related["part"]["rule"].as_str().unwrap(), line(&related["location"])));
        }
        let words = [&finding["suppression"]["kind"], &finding["state"]];
        row.extend(words.into_iter().filter_map(Value::as_str).map(str::to_owned));
        row.join(" ")
    };
    report["findings"].as_array().unwrap().iter().map(row).collect()
}

const JOINED: &str = "aws-secret-access-key:3 aws-access-key-id:2";

#[test]
fn sarif_has_one_result_with_both_places() {
    let sandbox = Sandbox::new();
    sandbox.write("credentials.ini", credentials(0));
    let outcome = sandbox.scan(["--format", "sarif"]).expect_code(1);
    let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
    let results = report["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 1, "{}", outcome.stdout);
    let result = &results[0];
    assert_eq!(result["ruleId"], "aws-secret-access-key");
    let place = |location: &Value| {
        let physical = &location["physicalLocation"];
        let path = physical["artifactLocation"]["uri"].as_str().unwrap().to_owned();
        (path, physical["region"]["startLine"].as_u64().unwrap(), physical["region"]["startColumn"].as_u64().unwrap())
    };
    assert_eq!(place(&result["locations"][0]), ("credentials.ini".to_owned(), 3, 25));
    let related = result["relatedLocations"].as_array().unwrap();
    assert_eq!(related.len(), 1);
    assert_eq!(place(&related[0]), ("credentials.ini".to_owned(), 2, 21));
    assert!(related[0]["message"]["text"].as_str().unwrap().starts_with("access key id A…"), "{related:#?}");
    assert_eq!(result["properties"]["facts"][0], "stands with its access key id");
    assert_eq!(result["properties"]["confidence"], "high");
}

#[test]
fn too_far_apart_they_are_two_findings() {
    let sandbox = Sandbox::new();
    sandbox.write("credentials.ini", credentials(4));
    assert_eq!(shown(&sandbox.scan_json([""; 0]).1), ["aws-secret-access-key:7 aws-access-key-id:2"]);
    sandbox.write("credentials.ini", credentials(5));
    assert_eq!(shown(&sandbox.scan_json([""; 0]).1), ["aws-access-key-id:2", "aws-secret-access-key:8"]);
}

#[test]
fn every_report_names_both_places_and_none_shows_a_secret() {
    let sandbox = Sandbox::new();
    sandbox.write("credentials.ini", credentials(0));
    let formats = ["text", "sarif", "json", "jsonl", "junit", "html", "gitlab-secret-detection", "github"];
    for format in formats {
        let outcome = sandbox.scan(["--format", format]).expect_code(1);
        assert!(outcome.stdout.contains("access key id A…"), "{format}: {}", outcome.stdout);
        assert!(!outcome.stdout.contains(&id(1)) && !outcome.stdout.contains(&key(1)), "{format}");
        assert_harmless(format, &outcome.stdout);
    }
    let (_, report) = sandbox.scan_json([""; 0]);
    let fingerprint = report["findings"][0]["fingerprint"].as_str().unwrap();
    let explained = sandbox.run(["explain", "--finding", fingerprint]).expect_code(0);
    assert!(explained.stdout.contains("at credentials.ini:2:21"), "{}", explained.stdout);
    // Who has the identity of the id from an earlier report learns where it went.
    let part = report["findings"][0]["related"][0]["part"]["fingerprint"].as_str().unwrap();
    assert_eq!(sandbox.run(["explain", "--finding", part]).expect_code(0).stdout, explained.stdout);
    let rule = sandbox.run(["explain", "aws-secret-access-key"]).expect_code(0);
    assert!(rule.stdout.contains("one finding with its access key id up to 5 lines away"), "{}", rule.stdout);
}

#[test]
fn what_silences_the_secret_silences_all_and_what_names_the_id_alone_does_not() {
    let sandbox = Sandbox::new();
    let marked = |line: usize, rule: &str| {
        let lines = credentials(0);
        let marked = lines.lines().zip(1..).map(|(text, number)| {
            let comment = if number == line { format!(" # lockgate: ignore[{rule}] made up") } else { String::new() };
            format!("{text}{comment}\n")
        });
        marked.collect::<String>()
    };
    sandbox.write("credentials.ini", marked(3, "aws-secret-access-key"));
    let (outcome, report) = sandbox.scan_json([""; 0]);
    assert_eq!((outcome.code, shown(&report)), (Some(0), vec![format!("{JOINED} inline")]));
    // It silences a part, so it is not needless.
    sandbox.write("credentials.ini", marked(2, "aws-access-key-id"));
    let (outcome, report) = sandbox.scan_json([""; 0]);
    assert_eq!((outcome.code, shown(&report)), (Some(1), vec![JOINED.to_owned()]));
    let waiver =
        "[[waiver]]\nrule = \"aws-secret-access-key\"\npath = \"*.ini\"\nreason = \"made up\"\nuntil = 2999-01-01\n";
    sandbox.write("credentials.ini", credentials(0)).write("lockgate.toml", waiver);
    let (outcome, report) = sandbox.scan_json([""; 0]);
    assert_eq!((outcome.code, shown(&report)), (Some(0), vec![format!("{JOINED} waiver")]));
}

#[test]
fn what_nothing_may_suppress_is_not_suppressed_as_a_part() {
    let sandbox = Sandbox::new();
    let text = credentials(0).replace("aws_secret", "# lockgate: ignore[aws-secret-access-key] made up\naws_secret");
    sandbox.write("credentials.ini", text).write("lockgate.toml", "[gate]\nunsuppressible = [\"aws-access-key-id\"]\n");
    let (outcome, report) = sandbox.scan_json([""; 0]);
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    assert_eq!(shown(&report), ["aws-secret-access-key:4 aws-access-key-id:2"]);
}

#[test]
fn a_baseline_holds_the_parts_too() {
    let sandbox = Sandbox::new();
    sandbox.write("credentials.ini", credentials(0));
    sandbox.run(["baseline", "create"]).expect_code(0);
    let (outcome, report) = sandbox.scan_json([""; 0]);
    assert_eq!((outcome.code, shown(&report)), (Some(0), vec![format!("{JOINED} baseline")]));
    assert!(!outcome.stderr.contains("match"), "{}", outcome.stderr);
    // The id that is left behind is nothing new.
    sandbox.write("credentials.ini", credentials(0).replace(&key(1), ""));
    let (outcome, report) = sandbox.scan_json([""; 0]);
    assert_eq!((outcome.code, shown(&report)), (Some(0), vec!["aws-access-key-id:2 baseline".to_owned()]));
}

#[test]
fn severities_and_shards_do_not_lose_a_part() {
    let sandbox = Sandbox::new();
    sandbox.write("credentials.ini", credentials(0));
    assert_eq!(shown(&sandbox.scan_json(["--severity", "critical"]).1), [JOINED]);
    for shard in ["1/2", "2/2"] {
        let part = sandbox.outside(format!("part{}.json", &shard[..1]));
        sandbox.scan(["--shard", shard, "--output", part.to_str().unwrap()]).expect_code(0);
    }
    let parts = [1, 2].map(|number| sandbox.outside(format!("part{number}.json")));
    let arguments = ["merge", "--format", "json"].map(Into::into).into_iter().chain(parts);
    let merged = sandbox.run(arguments.collect::<Vec<_>>()).expect_code(1);
    assert_eq!(shown(&serde_json::from_str(&merged.stdout).unwrap()), [JOINED]);
}

#[test]
fn a_pack_may_name_rules_of_others_but_none_that_do_not_exist() {
    let sandbox = Sandbox::new();
    let pack = |any: &str| {
        format!(
            "rules:\n  - id: acme-key\n    title: Acme key\n    severity: low\n    description: d\n    remediation: r\n    secret:\n      \
             pattern: 'acmekey_(?<secret>[a-z0-9]{{16}})'\n      parts:\n        - {{any: [{any}], lines: 1, as: key id}}\n"
        )
    };
    sandbox.write("packs/acme.yaml", pack("aws-access-key-idd"));
    let outcome = sandbox.run(["scan", "--rules", "packs/acme.yaml", "."]).expect_code(2);
    let words = "packs/acme.yaml:10:11: no rule is called `aws-access-key-idd`, which `parts` names; did you mean \
                 `aws-access-key-id`?";
    assert!(outcome.stderr.contains(words), "{}", outcome.stderr);
    sandbox.write("packs/acme.yaml", pack("aws-access-key-id"));
    sandbox.write("a.ini", format!("id = {}\nkey = acmekey_{}\n", id(2), "k7q2z9x4m1v8b3n6"));
    let (_, report) = sandbox.scan_json(["--rules", "packs/acme.yaml", "a.ini"]);
    assert_eq!(shown(&report), ["acme-key:2 aws-access-key-id:1"]);
    assert_eq!(report["findings"][0]["severity"], "high", "as bad as its worst part");
}

/// The report of a scan of the files of `workshop`, with the exit code.
fn scan(workshop: &Workshop, arguments: &[&str]) -> (i32, Value) {
    let output = workshop
        .command_in(&workshop.top(), "lockgate")
        .args(["scan", "--format", "json"])
        .args(arguments)
        .output()
        .unwrap();
    let report = serde_json::from_slice(&output.stdout);
    assert!(report.is_ok(), "{}", said(&output));
    (output.status.code().unwrap(), report.unwrap())
}

fn commit(workshop: &Workshop, text: &str) {
    workshop.write("credentials.ini", text);
    workshop.git(&["add", "--all"]);
    workshop.git(&["commit", "--quiet", "--message", "change"]);
}

#[test]
fn a_change_of_either_part_is_one_of_the_credential_and_what_stays_behind_is_not_new() {
    let id_alone = credentials(0).replace(&key(1), "");
    let workshop = Workshop::new();
    commit(&workshop, &id_alone);
    commit(&workshop, &credentials(0));
    let scope = ["--since", "HEAD~1"];
    let (code, report) = scan(&workshop, &scope);
    assert_eq!((code, shown(&report)), (1, vec![format!("{JOINED} new")]));
    // Another id beside the same secret.
    commit(&workshop, &credentials(0).replace(&id(1), &id(2)));
    assert_eq!(shown(&scan(&workshop, &scope).1), [format!("{JOINED} changed")]);
    commit(&workshop, &id_alone.replace(&id(1), &id(2)));
    let (code, report) = scan(&workshop, &scope);
    assert_eq!((code, shown(&report)), (0, vec!["aws-access-key-id:2 existing".to_owned()]));
    // In the history each has its first commit, and what stands together at HEAD is one.
    let (_, report) = scan(&workshop, &["--history"]);
    assert_eq!(report["findings"].as_array().unwrap().len(), 3, "{report:#}");
    commit(&workshop, &credentials(0));
    let (_, report) = scan(&workshop, &["--history"]);
    assert!(shown(&report).contains(&JOINED.to_owned()), "{report:#}");
}

#[test]
fn what_is_staged_is_new_where_either_part_is() {
    let workshop = Workshop::new();
    commit(&workshop, &credentials(0));
    workshop.write("credentials.ini", &credentials(0).replace(&id(1), &id(2)));
    workshop.git(&["add", "--all"]);
    let (code, report) = scan(&workshop, &["--staged"]);
    assert_eq!((code, shown(&report)), (1, vec![format!("{JOINED} changed")]));
    assert_eq!(report["findings"][0]["on_changed_lines"], true);
}

/// What another tool reports of a part is no finding beside the one that names it.
#[test]
fn the_gate_joins_what_other_tools_report() {
    let sandbox = Sandbox::new();
    sandbox.write("credentials.ini", credentials(0));
    let ours = sandbox.outside("ours.sarif");
    sandbox.scan(["--report", &format!("sarif={}", ours.display()), "--format", "text"]).expect_code(1);
    let theirs = sandbox.outside("theirs.sarif");
    let place = serde_json::json!({
        "artifactLocation": {"uri": "credentials.ini"},
        "region": {"startLine": 2, "startColumn": 21, "endLine": 2, "endColumn": 41},
    });
    let result = serde_json::json!({
        "ruleId": "aws-access-token", "message": {"text": "found"}, "locations": [{"physicalLocation": place}],
    });
    let driver = serde_json::json!({"name": "gitleaks"});
    let report = serde_json::json!({"version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": [result]}]});
    std::fs::write(&theirs, report.to_string()).unwrap();
    let arguments = ["gate", "--format", "json"].map(Into::into).into_iter().chain([ours, theirs]);
    let outcome = sandbox.run(arguments.collect::<Vec<_>>()).expect_code(1);
    let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(shown(&report), [JOINED], "{report:#}");
    let tools = report["findings"][0]["tools"].as_array().unwrap();
    assert!(tools.iter().any(|tool| tool["tool"] == "gitleaks"), "{tools:?}");
}
