//! The verdict of the program from end to end: which run ends with which exit code, and what is written all the same.

#![allow(clippy::unwrap_used, reason = "a helper that panics fails its test, as it should")]

#[allow(dead_code, reason = "each test file uses its part")]
#[path = "common/cli.rs"]
mod cli;

use std::fs;
use std::io::Write as _;

use cli::{Sandbox, TOKEN_RULE, cause, finish, places, sample, token};

const NOTHING: [&str; 0] = [];

/// A tree with one leak in `app.py`, line 2.
fn leaking() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("app.py", format!("import os\ngithub = '{}'\n", token(1)));
    sandbox
}

#[test]
fn a_clean_tree_passes() {
    let sandbox = Sandbox::new();
    sandbox.write("src/main.py", "print('hello')\n");
    let outcome = sandbox.scan(NOTHING).expect_code(0);
    assert!(outcome.verdict().starts_with("passed: no finding at or above "), "{outcome:#?}");
    assert_eq!(outcome.stderr, "");
}

#[test]
fn an_empty_tree_passes() {
    Sandbox::new().scan(NOTHING).expect_code(0);
}

#[test]
fn a_leak_blocks_and_the_last_lines_say_so() {
    let outcome = leaking().scan(NOTHING).expect_code(1);
    let last: Vec<&str> = outcome.stdout.lines().rev().take(2).collect();
    assert_eq!(last[0], format!("  1 × {TOKEN_RULE}, see: lockgate explain {TOKEN_RULE}"));
    assert_eq!(last[1], "blocked: 1 finding at or above medium severity and medium confidence");
    assert!(outcome.stdout.contains("app.py:2:"), "{outcome:#?}");
    assert_eq!(outcome.stderr, "");
}

#[test]
fn an_unreadable_input_leaves_the_verdict_open_and_the_findings_told() {
    let sandbox = leaking();
    let report = sandbox.outside("r.json");
    // The memory of a process is a regular file whose first byte nobody can read.
    let outcome =
        sandbox.scan(["app.py", "/proc/self/mem", "--report", &format!("json={}", report.display())]).expect_code(2);
    assert!(outcome.verdict().starts_with("undecided: 1 problem left the verdict open; 1 finding at or above"));
    assert!(outcome.stdout.contains("to mend: "), "{outcome:#?}");
    let report: serde_json::Value = serde_json::from_str(&fs::read_to_string(report).unwrap()).unwrap();
    assert_eq!(report["verdict"]["outcome"], "undecided");
    assert_eq!(report["verdict"]["exit_code"], 2);
    assert_eq!(report["verdict"]["blocking"], serde_json::json!([0]));
    assert_eq!(report["findings"].as_array().unwrap().len(), 1);
}

#[test]
fn exit_zero_forgives_findings_and_nothing_else() {
    let sandbox = leaking();
    let outcome = sandbox.scan(["--exit-zero"]).expect_code(0);
    assert!(outcome.verdict().starts_with("blocked: "), "{outcome:#?}");
    sandbox.scan(["--exit-zero", "app.py", "/proc/self/mem"]).expect_code(2);
    sandbox.scan(["--exit-zero", "no-such-file"]).expect_code(2);
}

#[test]
fn wrong_usage_is_undecided() {
    let sandbox = leaking();
    for (arguments, words) in [
        (&["--no-such-option"][..], "unexpected argument '--no-such-option'"),
        (&["--format", "xml"], "unknown format `xml`; use one of: text, sarif"),
        (&["--report", "sarif"], "expected FORMAT=FILE"),
        (&["--report", "sarif="], "expected FORMAT=FILE"),
        (&["--report", "xml=out.xml"], "unknown format `xml`"),
        (&["--severity", "fatal"], "use one of: info, low, medium, high, critical"),
        (&["--confidence", "sure"], "use one of: low, medium, high"),
        (&["--profile", "paranoid"], "unknown profile `paranoid`; use one of: default, hardening, style, all"),
        (&["--threads", "many"], "invalid value 'many'"),
        (&["--quiet", "--verbose"], "cannot be used with"),
        (&["--config", "none.toml"], "none.toml: cannot be read"),
        (&["--rules", "none.yaml"], "none.yaml: "),
        (&["--baseline", "none.json"], "none.json: cannot be read"),
        (&["no-such-file"], "no-such-file: no such file or directory"),
        (&["app.py", "no-such-directory/x"], "no-such-directory/x: no such file or directory"),
        (&["--root", "app.py"], "app.py: the scan root must be a directory"),
        (&["--root", "/proc", "app.py"], "app.py: lies outside of the scan root /proc"),
    ] {
        let outcome = sandbox.scan(arguments).expect_error(words);
        assert_eq!(outcome.stdout, "", "{arguments:?}");
        assert!(outcome.stderr.starts_with("error: "), "{outcome:#?}");
    }
    sandbox.run(["no-such-command"]).expect_error("unrecognized subcommand 'no-such-command'");
    sandbox.run(NOTHING).expect_error("Usage: lockgate");
}

#[test]
fn a_broken_configuration_is_undecided_and_names_its_place() {
    let sandbox = leaking();
    for (text, words) in [
        ("[scan]\nexlude = []\n", "lockgate.toml:2:1: unknown key `exlude` in [scan]; did you mean `exclude`?"),
        ("[gate]\nseverity = 'higher'\n", "lockgate.toml:2:12: unknown severity `higher`"),
        ("[scan\n", "lockgate.toml:1:6: "),
        ("[rules]\ndisable = ['github-personal-acces-token']\n", "did you mean `github-personal-access-token`?"),
        ("[rules]\nenable = ['no-such-*']\n", "lockgate.toml:2:11: `no-such-*` matches no rule id"),
        ("[rules]\npacks = ['packs']\n", "lockgate.toml:2:10: `packs` cannot be read"),
        ("[rules]\npacks = ['../pack.yaml']\n", "leads out of the directory of the configuration file"),
        ("[baseline]\npath = '/etc/passwd'\n", "leads out of the directory of the configuration file"),
    ] {
        let outcome = sandbox.write("lockgate.toml", text).scan(NOTHING).expect_error(words);
        assert_eq!(outcome.stdout, "", "{text}");
    }
    // All mistakes at once.
    let two = sandbox.write("lockgate.toml", "[scan]\nfoo = 1\nbar = 2\n").scan(NOTHING).expect_code(2);
    assert_eq!(two.stderr.matches("error: ").count(), 2, "{two:#?}");
}

#[test]
fn unknown_rules_on_the_command_line_are_errors() {
    let sandbox = leaking();
    for option in ["--disable", "--enable"] {
        sandbox.scan([option, "github-personal-access-tokn"]).expect_error(
            "no rule is called `github-personal-access-tokn`; did you mean `github-personal-access-token`?",
        );
        sandbox.scan([option, "zzz"]).expect_error("`lockgate rules list` shows them all");
        sandbox.scan([option, "Not An Id"]).expect_error("`Not An Id` is neither a rule id nor a glob on ids");
        sandbox.scan([option, "no-such-*"]).expect_error("`no-such-*` matches no rule");
    }
}

#[test]
fn rules_are_chosen_by_id_glob_alias_and_profile() {
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", format!("{}\n{}\n", sample("critical", 1), sample("hardening", 2)));
    let pack = sandbox.pack();
    let found = |arguments: &[&str]| {
        let rules = ["--rules", pack.to_str().unwrap()];
        places(&sandbox.scan_json(rules.iter().chain(arguments)).1)
    };
    assert_eq!(found(&[]), ["a.txt:1"]);
    assert_eq!(found(&["--profile", "hardening"]), ["a.txt:2"]);
    assert_eq!(found(&["--profile", "default,hardening"]), ["a.txt:1", "a.txt:2"]);
    assert_eq!(found(&["--profile", "all"]), ["a.txt:1", "a.txt:2"]);
    assert_eq!(found(&["--enable", "e2e-hardening"]), ["a.txt:1", "a.txt:2"]);
    assert_eq!(found(&["--disable", "e2e-crit*"]), [""; 0]);
    assert_eq!(found(&["--disable", "e2e-former-name"]), [""; 0]);
    assert_eq!(found(&["--disable", "e2e-*", "--enable", "e2e-critical"]), ["a.txt:1"]);
}

#[test]
fn thresholds_of_the_command_line() {
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", format!("{}\n{}\n{}\n", sample("critical", 1), sample("low", 2), sample("hint", 3)));
    let pack = sandbox.pack();
    let scan = |arguments: &[&str]| {
        let rules = ["--rules", pack.to_str().unwrap()];
        let (outcome, report) = sandbox.scan_json(rules.iter().chain(arguments));
        (outcome.code.unwrap(), places(&report))
    };
    let (critical, low, hint) = ("a.txt:1".to_owned(), "a.txt:2".to_owned(), "a.txt:3".to_owned());
    // Low severity is reported and does not block; low confidence is not even reported.
    assert_eq!(scan(&[]), (1, vec![critical.clone(), low.clone()]));
    assert_eq!(scan(&["--severity", "medium"]), (1, vec![critical.clone()]));
    assert_eq!(scan(&["--severity", "critical"]), (1, vec![critical.clone()]));
    assert_eq!(scan(&["--confidence", "low"]), (1, vec![critical.clone(), low.clone(), hint.clone()]));
    assert_eq!(scan(&["--confidence", "high"]), (1, vec![critical, low.clone()]));
    // What is not reported cannot block, and what only is reported does not.
    sandbox.write("a.txt", format!("\n{}\n{}\n", sample("low", 2), sample("hint", 3)));
    assert_eq!(scan(&["--confidence", "low"]), (0, vec![low, hint]));
    assert_eq!(scan(&["--severity", "high"]), (0, vec![]));
}

#[test]
fn thresholds_of_the_configuration() {
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", format!("{}\n", sample("low", 1)));
    let pack = sandbox.pack();
    let code =
        |text: &str| sandbox.write("lockgate.toml", text).scan(["--rules", pack.to_str().unwrap()]).code.unwrap();
    assert_eq!(code(""), 0);
    assert_eq!(code("[gate]\nseverity = 'low'"), 1);
    assert_eq!(code("[gate.secret]\nseverity = 'low'"), 1);
    assert_eq!(code("[gate]\nseverity = 'low'\n[gate.secret]\nseverity = 'high'"), 0);
    assert_eq!(code("[gate.network]\nseverity = 'low'"), 0);
    assert_eq!(code("[rules.severity]\ne2e-low = 'high'"), 1);
    assert_eq!(code("[rules.severity]\ne2e-low = 'high'\n[gate]\nseverity = 'critical'"), 0);
    sandbox.write("a.txt", format!("{}\n", sample("hint", 2)));
    assert_eq!(code(""), 0);
    assert_eq!(code("[gate.secret]\nconfidence = 'low'"), 1);
    // No run is blocked by what it does not show.
    let outcome = sandbox.scan(["--rules", pack.to_str().unwrap()]).expect_code(1);
    assert!(outcome.stdout.contains("a.txt:1:"), "{outcome:#?}");
}

#[test]
fn a_baseline_lets_the_old_pass_and_the_new_block() {
    let sandbox = leaking();
    let outcome = sandbox.run(["baseline", "create"]).expect_code(0);
    assert_eq!(outcome.stdout, "1 finding written to lockgate-baseline.json\n");
    let outcome = sandbox.scan(NOTHING).expect_code(0);
    assert!(outcome.verdict().ends_with("(1 suppressed)\n"), "{outcome:#?}");

    // It moves within its file.
    sandbox.write("app.py", format!("# one\n\n\n  github   =   '{}'\n", token(1)));
    sandbox.scan(NOTHING).expect_code(0);
    // A second copy is new.
    sandbox.write("app.py", format!("a = '{0}'\nb = '{0}'\n", token(1)));
    let (outcome, report) = sandbox.scan_json(NOTHING);
    assert_eq!((outcome.code, places(&report)), (Some(1), vec!["-app.py:1".to_owned(), "app.py:2".to_owned()]));
    // Another secret on the old line is new.
    sandbox.write("app.py", format!("import os\ngithub = '{}'\n", token(2)));
    let outcome = sandbox.scan(NOTHING).expect_code(1);
    assert!(outcome.stderr.contains("1 entry of the baseline matches nothing any more"), "{outcome:#?}");
    // The same secret in another file is new.
    sandbox.write("app.py", format!("import os\ngithub = '{}'\n", token(1)));
    sandbox.write("other.py", format!("github = '{}'\n", token(1)));
    let (outcome, report) = sandbox.scan_json(NOTHING);
    assert_eq!((outcome.code, places(&report)), (Some(1), vec!["-app.py:2".to_owned(), "other.py:1".to_owned()]));
}

#[test]
fn a_baseline_is_named_by_option_and_by_configuration() {
    let sandbox = leaking();
    let elsewhere = sandbox.outside("known.json");
    sandbox.run(["baseline", "create", "--output", elsewhere.to_str().unwrap()]).expect_code(0);
    sandbox.scan(NOTHING).expect_code(1);
    sandbox.scan(["--baseline", elsewhere.to_str().unwrap()]).expect_code(0);
    sandbox.write("lockgate.toml", "[baseline]\npath = 'ci/known.json'\n");
    fs::create_dir(sandbox.tree().join("ci")).unwrap();
    sandbox.run(["baseline", "create"]).expect_code(0);
    assert!(sandbox.tree().join("ci/known.json").is_file());
    sandbox.scan(NOTHING).expect_code(0);
    sandbox.write("ci/known.json", "{}").scan(NOTHING).expect_error("ci/known.json: is not a baseline");
}

#[test]
fn no_baseline_is_made_of_a_tree_that_was_not_read() {
    let sandbox = leaking();
    let outcome =
        sandbox.run(["baseline", "create", "app.py", "/proc/self/mem"]).expect_error("no baseline was written");
    assert_eq!(outcome.stdout, "");
    assert_eq!(cli::names(&sandbox.tree()), ["app.py"]);
}

#[test]
fn comments_silence_the_rules_that_they_name() {
    let sandbox = Sandbox::new();
    let code = |comment: &str| {
        let line = format!("github = '{}'  {comment}\n", token(1));
        sandbox.write("app.py", line).scan(NOTHING).code.unwrap()
    };
    assert_eq!(code(&format!("# lockgate: ignore[{TOKEN_RULE}] revoked long ago")), 0);
    assert_eq!(code("# lockgate: ignore revoked long ago"), 0);
    assert_eq!(code("# gitleaks:allow"), 0);
    assert_eq!(code("# lockgate: ignore[private-key-rsa] another rule"), 1);
    assert_eq!(code("lockgate: ignore"), 1);
    assert_eq!(code(""), 1);
    let (outcome, report) = {
        sandbox.write("app.py", format!("# lockgate: ignore[{TOKEN_RULE}] the reason\nx = '{}'\n", token(1)));
        sandbox.scan_json(NOTHING)
    };
    assert_eq!(outcome.code, Some(0));
    let suppression = &report["findings"][0]["suppression"];
    assert_eq!(*suppression, serde_json::json!({"kind": "inline", "justification": "the reason"}));
}

#[test]
fn standard_input_is_scanned_under_its_name() {
    let sandbox = Sandbox::new();
    sandbox.write("unrelated.py", format!("x = '{}'\n", token(9)));
    let scan = |arguments: &[&str], input: &str| {
        finish(sandbox.command().args(["scan", "-", "--format", "json"]).args(arguments).write_stdin(input))
    };
    let leak = format!("\nx = '{}'\n", token(1));
    for (arguments, place) in [(&[][..], "stdin:2"), (&["--stdin-name", "conf/.env"], "conf/.env:2")] {
        let outcome = scan(arguments, &leak).expect_code(1);
        let report: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
        assert_eq!(places(&report), [place]);
        assert_eq!(report["findings"][0]["origin"], "stdin");
    }
    scan(&[], "nothing\n").expect_code(0);
    scan(&[], "").expect_code(0);
    // Beside paths it is one input more.
    let outcome =
        finish(sandbox.command().args(["scan", "-", "unrelated.py", "--format", "json"]).write_stdin(leak.as_str()));
    let report: serde_json::Value = serde_json::from_str(&outcome.expect_code(1).stdout).unwrap();
    assert_eq!(places(&report), ["stdin:2", "unrelated.py:1"]);
    // A file that is called `-` does not hide behind standard input.
    sandbox.write("-", format!("x = '{}'\n", token(2)));
    let outcome = finish(sandbox.command().args(["scan", "--format", "json", "--", "-"]).write_stdin(""));
    let report: serde_json::Value = serde_json::from_str(&outcome.expect_code(1).stdout).unwrap();
    assert_eq!(places(&report), ["-:1"]);
}

#[test]
fn what_is_left_out_is_named_and_does_not_block() {
    let sandbox = leaking();
    sandbox.write("lockgate.toml", "[scan]\nexclude = ['app.py']\n");
    let (outcome, report) = sandbox.scan_json(NOTHING);
    assert_eq!((outcome.code, cause(&report, "app.py")), (Some(0), Some("excluded")));
    sandbox.write("lockgate.toml", "").write(".lockgateignore", "app.py\n");
    let (outcome, report) = sandbox.scan_json(NOTHING);
    assert_eq!((outcome.code, cause(&report, "app.py")), (Some(0), Some("ignored")));
    sandbox.scan(["--no-ignore"]).expect_code(1);
    // Named by itself, a file is scanned all the same.
    sandbox.scan(["app.py"]).expect_code(1);
}

#[test]
fn a_large_file_is_scanned_in_part_and_named() {
    let sandbox = Sandbox::new();
    let mut text = format!("x = '{}'\n", token(1)).into_bytes();
    writeln!(text, "{}", "y\n".repeat(4000)).unwrap();
    writeln!(text, "x = '{}'", token(2)).unwrap();
    sandbox.write("big.txt", text).write("lockgate.toml", "[scan]\nmax-file-size = 4096\n");
    let (outcome, report) = sandbox.scan_json(NOTHING);
    assert_eq!(outcome.code, Some(1));
    assert_eq!((places(&report), cause(&report, "big.txt")), (vec!["big.txt:1".to_owned()], Some("too-large")));
}
