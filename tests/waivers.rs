//! Waivers, and what is said of suppressions that are past, needless or without a reason.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that panics fails its test, as it should")]

#[allow(dead_code, reason = "each test file uses its part")]
#[path = "common/cli.rs"]
mod cli;

use std::fs;

use cli::{Sandbox, TOKEN_RULE, places, token};
use serde_json::Value;

/// The findings of `rule` in a JSON report.
fn of<'a>(report: &'a Value, rule: &str) -> Vec<&'a Value> {
    report["findings"].as_array().unwrap().iter().filter(|finding| finding["rule"] == rule).collect()
}

/// `path:line` of each finding of `rule`.
fn at(report: &Value, rule: &str) -> Vec<String> {
    let place = |finding: &&Value| {
        let location = &finding["location"];
        format!("{}:{}", location["path"].as_str().unwrap(), location["region"]["start"]["line"])
    };
    of(report, rule).iter().map(place).collect()
}

/// A tree with a leak in `a.py` and another one in `b.py`.
fn leaking() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("a.py", format!("a = '{}'\n", token(1))).write("b.py", format!("b = '{}'\n", token(2)));
    sandbox
}

/// A waiver for the token rule with these further keys.
fn waiver(keys: &str) -> String {
    format!("\n[[waiver]]\nrule = \"{TOKEN_RULE}\"\nreason = \"a sample\"\n{keys}\n")
}

#[test]
fn a_waiver_holds_through_its_last_day() {
    let sandbox = Sandbox::new();
    sandbox.write("a.py", format!("a = '{}'\n", token(1)));
    for until in ["until = 2030-01-31", "until = \"2030-01-31\""] {
        sandbox.write("lockgate.toml", waiver(&format!("path = \"a.py\"\nowner = \"team-x\"\n{until}")));
        for today in ["2020-01-01", "2030-01-30", "2030-01-31"] {
            let (outcome, report) = sandbox.scan_json(["--today", today]);
            assert_eq!(outcome.code, Some(0), "{today}: {outcome:#?}");
            let suppression = &of(&report, TOKEN_RULE)[0]["suppression"];
            assert_eq!(suppression["kind"], "waiver");
            assert_eq!(suppression["justification"], "a sample (owner team-x, until 2030-01-31)");
            assert!(of(&report, "expired-waiver").is_empty() && of(&report, "unused-waiver").is_empty());
        }
        for today in ["2030-02-01", "2031-01-01"] {
            let (outcome, report) = sandbox.scan_json(["--today", today]);
            assert_eq!(outcome.code, Some(1), "{today}: {outcome:#?}");
            assert_eq!(at(&report, "expired-waiver"), ["lockgate.toml:2"]);
            let expired = of(&report, "expired-waiver")[0];
            assert!(expired["message"].as_str().unwrap().contains("ended on 2030-01-31"), "{expired}");
            assert!(expired["message"].as_str().unwrap().contains("team-x answers for it"), "{expired}");
            assert_eq!((&expired["severity"], &expired["blocks"]), (&"low".into(), &false.into()));
            // One that is past is not called needless as well.
            assert!(of(&report, "unused-waiver").is_empty());
        }
    }
    sandbox.scan(["--today", "2030-02-30"]).expect_error("--today");
}

#[test]
fn what_is_no_day_counts_as_past() {
    for until in
        ["\"soon\"", "\"2030-02-30\"", "\"\"", "\"2099-1-1\"", "2099-01-01T00:00:00Z", "20990101", "true", "[2099]"]
    {
        let sandbox = Sandbox::new();
        sandbox.write("a.py", format!("a = '{}'\n", token(1)));
        sandbox.write("lockgate.toml", waiver(&format!("path = \"**\"\nuntil = {until}")));
        let (outcome, report) = sandbox.scan_json::<&str>([]);
        assert_eq!(outcome.code, Some(1), "{until}: {outcome:#?}");
        let message = of(&report, "expired-waiver")[0]["message"].as_str().unwrap();
        assert!(message.contains("not a date YYYY-MM-DD"), "{until}: {message}");
    }
}

#[test]
fn a_waiver_is_about_what_it_names_and_nothing_else() {
    let sandbox = leaking();
    sandbox.write("c/a.py", format!("# again\nother = '{}'\n", token(1)));
    sandbox.write(
        "pod.yaml",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\nspec:\n  containers:\n  - name: web\n    image: \
         registry.example/web:1.2.3\n    securityContext: {privileged: true}\n",
    );
    let (_, report) = sandbox.scan_json::<&str>([]);
    let tokens = of(&report, TOKEN_RULE);
    let (fingerprint, value_hash) =
        (tokens[0]["fingerprint"].as_str().unwrap(), tokens[0]["value_hash"].as_str().unwrap());
    assert_eq!(tokens[2]["value_hash"], value_hash);
    assert_ne!(tokens[1]["value_hash"], value_hash);
    for (keys, silenced) in [
        (format!("fingerprint = \"{fingerprint}\""), vec!["-a.py:1", "b.py:1", "c/a.py:2"]),
        (format!("value-hash = \"{value_hash}\""), vec!["-a.py:1", "b.py:1", "-c/a.py:2"]),
        (format!("value-hash = \"{value_hash}\"\npath = \"c\""), vec!["a.py:1", "b.py:1", "-c/a.py:2"]),
        ("path = \"*.py\"".to_owned(), vec!["-a.py:1", "-b.py:1", "c/a.py:2"]),
        ("path = \"**/a.py\"".to_owned(), vec!["-a.py:1", "b.py:1", "-c/a.py:2"]),
    ] {
        sandbox.write("lockgate.toml", waiver(&keys));
        let (_, mut report) = sandbox.scan_json::<&str>([]);
        report["findings"].as_array_mut().unwrap().retain(|finding| finding["rule"] == TOKEN_RULE);
        assert_eq!(places(&report), silenced, "{keys}");
    }
    let privileged = "kubernetes-privileged-container";
    let address = of(&report, privileged)[0]["resource"].as_str().unwrap();
    for (address, is_silenced) in [(address, true), ("Pod.shop.other", false)] {
        let text = format!("[[waiver]]\nrule = \"kubernetes-priv*\"\nreason = \"x\"\nresource = \"{address}\"\n");
        sandbox.write("lockgate.toml", text);
        let (_, report) = sandbox.scan_json::<&str>([]);
        assert_eq!(!of(&report, privileged)[0]["suppression"].is_null(), is_silenced, "{address}");
    }
}

#[test]
fn waived_findings_stay_in_sarif_with_their_reason() {
    let sandbox = leaking();
    sandbox.write("lockgate.toml", waiver("path = \"a.py\""));
    let outcome = sandbox.scan(["--format", "sarif"]).expect_code(1);
    let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
    let results = report["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results[0]["suppressions"][0]["kind"], "external");
    assert_eq!(results[0]["suppressions"][0]["justification"], "a sample");
    assert!(results[1]["suppressions"].is_null());
    assert_eq!(results[1]["properties"]["policy"], "gate");
}

#[test]
fn a_waiver_that_silences_nothing_is_named_when_all_was_looked_at() {
    let sandbox = leaking();
    let waivers = format!("{}{}", waiver("path = \"gone.py\""), waiver("path = \"a.py\""));
    sandbox.write("lockgate.toml", &waivers);
    let needless = |arguments: &[&str]| at(&sandbox.scan_json(arguments).1, "unused-waiver");
    assert_eq!(needless(&[]), ["lockgate.toml:2"]);
    assert_eq!(needless(&["."]), ["lockgate.toml:2"]);
    // Of files that were not looked at, and of rules that did not run, nothing is known.
    assert_eq!(needless(&["b.py"]), [""; 0]);
    assert_eq!(needless(&["--disable", TOKEN_RULE]), [""; 0]);
    assert_eq!(needless(&["--disable", "unused-waiver"]), [""; 0]);
    // A comment comes before a waiver.
    sandbox.write("a.py", format!("a = '{}'  # lockgate: ignore[{TOKEN_RULE}] why\n", token(1)));
    assert_eq!(needless(&[]), ["lockgate.toml:2", "lockgate.toml:7"]);
}

#[test]
fn comments_that_silence_nothing_are_named_where_they_stand() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "a.py",
        format!(
            "a = '{}'  # lockgate: ignore[{TOKEN_RULE}] a sample\n\
             b = 1  # lockgate: ignore[{TOKEN_RULE}] was one once\n\
             c = 1  # lockgate: ignore everything here\n\
             d = 1  # lockgate: ignore[no-such-rule] no rule\n\
             e = 1  # lockgate: ignore[{TOKEN_RULE} not closed\n\
             f = '{}'  # lockgate: ignore[{TOKEN_RULE}]\n\
             g = 1  # lockgate: ignore[kubernetes-image-without-digest] of a rule that may not run\n",
            token(1),
            token(2)
        ),
    );
    let (outcome, report) = sandbox.scan_json::<&str>([]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    let unused = at(&report, "unused-suppression");
    assert_eq!(&unused[..4], ["a.py:2", "a.py:3", "a.py:4", "a.py:5"]);
    assert!(!unused.contains(&"a.py:1".to_owned()) && !unused.contains(&"a.py:6".to_owned()), "{unused:?}");
    assert_eq!(at(&report, "suppression-without-reason"), ["a.py:6"]);
    let finding = of(&report, "unused-suppression")[0];
    assert_eq!(finding["location"]["region"]["start"]["column"], 10);
    assert!(finding["excerpt"]["lines"][0].as_str().unwrap().starts_with("b = 1  # lockgate: ignore["), "{finding}");
    // Of one file alone, only what no other file could change is said.
    let (_, report) = sandbox.scan_json(["a.py"]);
    assert_eq!(at(&report, "unused-suppression"), ["a.py:5"]);
    assert_eq!(at(&report, "suppression-without-reason"), ["a.py:6"]);
    // A rule that does not run may need its comment.
    let (_, report) = sandbox.scan_json(["--disable", TOKEN_RULE]);
    assert_eq!(&at(&report, "unused-suppression")[..2], ["a.py:3", "a.py:4"]);
}

#[test]
fn a_comment_that_silences_a_misconfiguration_is_needed() {
    let sandbox = Sandbox::new();
    let pod = |comment: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: web, namespace: shop}}\nspec:\n  containers:\n  - name: web\n    \
             image: registry.example/web:1.2.3\n    securityContext:\n      privileged: true  # {comment}\n"
        )
    };
    sandbox.write("pod.yaml", pod("lockgate: ignore[kubernetes-privileged-container] needs it"));
    let (_, report) = sandbox.scan_json::<&str>([]);
    assert!(!of(&report, "kubernetes-privileged-container")[0]["suppression"].is_null());
    assert_eq!(at(&report, "unused-suppression"), [""; 0]);
    sandbox.write("pod.yaml", pod("lockgate: ignore[kubernetes-host-network] needs it"));
    let (_, report) = sandbox.scan_json::<&str>([]);
    assert_eq!(at(&report, "unused-suppression"), ["pod.yaml:9"]);
}

#[test]
fn the_rules_for_suppressions_are_configured_like_any_other() {
    let sandbox = Sandbox::new();
    sandbox.write("a.py", "a = 1  # lockgate: ignore[github-personal-access-token] gone\n");
    sandbox.scan::<&str>([]).expect_code(0);
    sandbox.write("lockgate.toml", "[rules.severity]\nunused-suppression = \"high\"\n");
    sandbox.scan::<&str>([]).expect_code(1);
    sandbox.write("lockgate.toml", "[rules]\ndisable = [\"unused-*\"]\n");
    let (_, report) = sandbox.scan_json::<&str>([]);
    assert_eq!(places(&report), [""; 0]);
    sandbox.write("lockgate.toml", "[[gate.policy]]\nname = \"tidy\"\nrules = [\"unused-*\"]\nseverity = \"low\"\n");
    let outcome = sandbox.scan::<&str>([]).expect_code(1);
    assert!(outcome.verdict().contains("1 by the policy `tidy`"), "{outcome:#?}");
    // They can be waived, too, but for those about waivers.
    sandbox.write("lockgate.toml", "[[waiver]]\nrule = \"unused-*\"\npath = \"a.py\"\nreason = \"an example\"\n");
    let (_, report) = sandbox.scan_json::<&str>([]);
    assert_eq!(places(&report), ["-a.py:1"]);
}

#[test]
fn waive_adds_a_waiver_and_leaves_the_rest_as_it_is() {
    let sandbox = leaking();
    let before = "# Ours.\n[gate]\nseverity = \"medium\"   # as it was\n\n[[waiver]] # the first\nrule = \"github-*\"\npath = \"b.py\"\n\
                  reason = 'old'\n\n[baseline]\npath = \"known.json\"\n";
    sandbox.write("lockgate.toml", before);
    let (_, report) = sandbox.scan_json::<&str>([]);
    let fingerprint = of(&report, TOKEN_RULE)[0]["fingerprint"].as_str().unwrap().to_owned();
    let arguments = [
        "waive",
        &fingerprint,
        "--reason",
        "a \"sample\"",
        "--until",
        "2030-01-31",
        "--owner",
        "team-x",
        "--today",
        "2029-01-01",
    ];
    sandbox.run(arguments).expect_code(0);
    let expected = format!(
        "\n[[waiver]]\nrule = \"{TOKEN_RULE}\"\npath = \"a.py\"\nfingerprint = \"{fingerprint}\"\nreason = 'a \"sample\"'\n\
         owner = \"team-x\"\nuntil = 2030-01-31\n"
    );
    let after = sandbox.read("lockgate.toml");
    assert!(after.contains(&expected), "{after}");
    assert_eq!(after.replace(&expected, ""), before);
    sandbox.scan(["--today", "2030-01-31"]).expect_code(0);
    sandbox.scan(["--today", "2030-02-01"]).expect_code(1);
    let again = ["waive", &fingerprint, "--reason", "x", "--today", "2029-01-01"];
    sandbox.run(again).expect_error("the finding is suppressed already");
    assert_eq!(sandbox.read("lockgate.toml"), after);
}

#[test]
fn waive_writes_a_configuration_where_there_is_none() {
    let sandbox = Sandbox::new();
    sandbox.write("a[1]*.py", format!("a = '{}'\n", token(1)));
    let (_, report) = sandbox.scan_json::<&str>([]);
    let fingerprint = of(&report, TOKEN_RULE)[0]["fingerprint"].as_str().unwrap().to_owned();
    sandbox.run(["waive", &fingerprint, "--reason", "x"]).expect_code(0);
    sandbox.scan::<&str>([]).expect_code(0);
    // The path of the waiver is that file alone, whatever its name holds.
    sandbox.write("a1x.py", format!("a = '{}'\n", token(1)));
    sandbox.scan::<&str>([]).expect_code(1);
}

#[test]
fn waive_refuses_what_would_not_work() {
    let sandbox = leaking();
    let (_, report) = sandbox.scan_json::<&str>([]);
    let fingerprint = of(&report, TOKEN_RULE)[0]["fingerprint"].as_str().unwrap().to_owned();
    let unknown = "0".repeat(32);
    for (arguments, words) in [
        (vec!["waive", &unknown, "--reason", "x"], "nothing that was found has the fingerprint"),
        (vec!["waive", "xyz", "--reason", "x"], "32 hexadecimal digits"),
        (vec!["waive", &fingerprint, "--reason", " "], "--reason is empty"),
        (vec!["waive", &fingerprint], "--reason"),
        (vec!["waive", &fingerprint, "--reason", "x", "--until", "2020-01-01"], "--until 2020-01-01 is past"),
        (vec!["waive", &fingerprint, "--reason", "x", "--until", "soon"], "is not a date"),
    ] {
        sandbox.run(arguments).expect_error(words);
        assert!(!sandbox.tree().join("lockgate.toml").exists());
    }
    for (text, words) in [
        ("waiver = []\n", "write each as a table under [[waiver]]"),
        ("[gate]\nunsuppressible = [\"github-*\"]\n", "nothing may suppress"),
    ] {
        sandbox.write("lockgate.toml", text);
        sandbox.run(["waive", &fingerprint, "--reason", "x"]).expect_error(words);
        assert_eq!(sandbox.read("lockgate.toml"), text);
    }
}

#[cfg(unix)]
#[test]
fn waive_does_not_write_through_a_link() {
    let sandbox = leaking();
    let (_, report) = sandbox.scan_json::<&str>([]);
    let fingerprint = of(&report, TOKEN_RULE)[0]["fingerprint"].as_str().unwrap().to_owned();
    let elsewhere = sandbox.outside("other.toml");
    fs::write(&elsewhere, "").unwrap();
    std::os::unix::fs::symlink(&elsewhere, sandbox.tree().join("lockgate.toml")).unwrap();
    sandbox.run(["waive", &fingerprint, "--reason", "x"]).expect_error("symbolic link");
    assert_eq!(fs::read_to_string(elsewhere).unwrap(), "");
}

#[test]
fn what_is_waived_needs_no_entry_in_the_baseline() {
    let sandbox = leaking();
    sandbox.write("lockgate.toml", waiver("path = \"a.py\""));
    sandbox.run(["baseline", "create"]).expect_code(0);
    let baseline: Value = serde_json::from_str(&sandbox.read("lockgate-baseline.json")).unwrap();
    let paths: Vec<&str> =
        baseline["findings"].as_array().unwrap().iter().map(|entry| entry["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["b.py"]);
}

#[test]
fn a_secret_in_a_waiver_reaches_no_report() {
    let sandbox = leaking();
    let secret = token(3);
    let text = format!(
        "[[waiver]]\nrule = \"{TOKEN_RULE}\"\npath = \"gone\"\nreason = \"like {secret}\"\nowner = \"{secret}\"\nuntil = \"{secret}\"\n\
         [[waiver]]\nrule = \"{TOKEN_RULE}\"\npath = \"a.py\"\nreason = \"like {secret}\"\n"
    );
    sandbox.write("lockgate.toml", text);
    for format in ["text", "json", "jsonl", "sarif", "github"] {
        let outcome = sandbox.scan(["--format", format, "--verbose"]).expect_code(1);
        for part in [&secret[..], &secret[4..30], &secret[10..]] {
            assert!(!outcome.stdout.contains(part) && !outcome.stderr.contains(part), "{format}: {outcome:#?}");
        }
    }
}
