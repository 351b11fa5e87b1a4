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
fn several_reports_are_written_in_one_run() {
    let sandbox = leaking();
    let formats = ["text", "sarif", "json", "jsonl", "github", "outputs"];
    let arguments: Vec<String> = formats
        .iter()
        .flat_map(|format| ["--report".to_owned(), format!("{format}={}", sandbox.outside(format).display())])
        .collect();
    let outcome = sandbox.scan(&arguments).expect_code(1);
    assert!(outcome.stdout.ends_with(&fs::read_to_string(sandbox.outside("text")).unwrap()), "text is the same");
    assert_eq!(sandbox.reports(), ["github", "json", "jsonl", "outputs", "sarif", "text"]);
    for format in formats {
        assert!(!fs::read_to_string(sandbox.outside(format)).unwrap().is_empty(), "{format}");
        // Alone on standard output, each is the same as in its file, and changes no code.
        let alone = sandbox.scan(["--format", format]).expect_code(1);
        assert_eq!(alone.stdout, fs::read_to_string(sandbox.outside(format)).unwrap(), "{format}");
    }
}

#[test]
fn two_reports_never_go_to_one_file() {
    let sandbox = leaking();
    let file = sandbox.outside("r");
    let (file, directory) = (file.display(), sandbox.outside(""));
    for pair in [
        [format!("json={file}"), format!("sarif={file}")],
        [format!("json={file}"), format!("sarif={}/./r", directory.display())],
        ["json=r".to_owned(), "sarif=./r".to_owned()],
        ["json=-".to_owned(), "sarif=r".to_owned()],
    ] {
        sandbox.scan(["--report", &pair[0], "--report", &pair[1]]).expect_error("two reports go to ");
    }
    sandbox.scan(["--output", "r", "--report", "json=r"]).expect_error("two reports go to r");
    assert_eq!((sandbox.reports().len(), cli::names(&sandbox.tree()).len()), (0, 1));
}

#[test]
fn a_report_that_cannot_be_written_is_undecided_and_the_others_are_written() {
    let sandbox = leaking();
    let good = format!("outputs={}", sandbox.outside("good").display());
    let also_good = format!("json={}", sandbox.outside("also-good").display());
    for (bad, words) in [
        (sandbox.outside("no/such/directory/r.sarif").display().to_string(), "create its directory first"),
        (sandbox.outside("").display().to_string(), "it is a directory"),
        // A full disk; as a path it is no place for a file.
        ("/dev/full".to_owned(), "cannot write `/dev/full`: it is no regular file"),
        ("/proc/r.sarif".to_owned(), "cannot write `/proc/r.sarif`"),
    ] {
        let outcome = sandbox.scan(["--report", &good, "--report", &format!("sarif={bad}"), "--report", &also_good]);
        let outcome = outcome.expect_error(words);
        assert!(outcome.verdict().starts_with("blocked: 1 finding"), "{outcome:#?}");
        assert_eq!(sandbox.reports(), ["also-good", "good"]);
        for name in sandbox.reports() {
            assert!(!fs::read_to_string(sandbox.outside(&name)).unwrap().is_empty());
            fs::remove_file(sandbox.outside(&name)).unwrap();
        }
    }
}

/// The limit on the size of files stands in for a disk that fills up while the report is written.
#[test]
fn a_disk_that_fills_up_leaves_no_half_report() {
    let sandbox = leaking();
    for number in 0..200 {
        sandbox.write(format!("many/{number}.py"), format!("x = '{}'\n", token(number)));
    }
    let report = sandbox.outside("r.sarif");
    fs::write(&report, "old").unwrap();
    let script = "trap '' XFSZ; ulimit -f 16; exec \"$LOCKGATE\" scan --format outputs --report \"$1\" --report \"$2\"";
    let outcome = finish(
        sandbox
            .wrapped("sh")
            .args(["-c", script, "sh"])
            .args([format!("sarif={}", report.display()), format!("outputs={}", sandbox.outside("small").display())]),
    );
    let outcome = outcome.expect_error("r.sarif`: File too large");
    assert!(outcome.stdout.starts_with("verdict=block\n"), "{outcome:#?}");
    assert_eq!(fs::read_to_string(&report).unwrap(), "old");
    assert_eq!(fs::read_to_string(sandbox.outside("small")).unwrap(), outcome.stdout);
    assert_eq!(sandbox.reports(), ["r.sarif", "small"]);
}

#[test]
fn standard_output_on_a_full_disk_is_undecided() {
    let sandbox = leaking();
    for arguments in [
        &["scan"][..],
        &["scan", "--format", "sarif"],
        &["rules", "list"],
        &["rules", "list", "--json"],
        &["rules", "show", TOKEN_RULE],
        &["explain", TOKEN_RULE],
        &["completions", "bash"],
        &["config", "schema"],
        &["baseline", "create"],
        &["--help"],
        &["--version"],
    ] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_lockgate"))
            .current_dir(sandbox.tree())
            .args(arguments)
            .stdout(full)
            .output()
            .unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {stderr}");
        assert!(stderr.contains("error: cannot write"), "{arguments:?}: {stderr}");
    }
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let sandbox = leaking();
    for number in 0..50 {
        sandbox.write(format!("many/{number}.py"), format!("x = '{}'\n", token(number)));
    }
    for (arguments, code) in [
        ("scan", 1),
        ("scan --format json", 1),
        ("scan --exit-zero", 0),
        ("rules list", 0),
        ("explain github-personal-access-token", 0),
        ("completions zsh", 0),
        ("config schema", 0),
        ("--help", 0),
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_lockgate"))
            .current_dir(sandbox.tree())
            .args(arguments.split(' '))
            .stdout(writer)
            .output()
            .unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments}: {stderr}");
        assert!(!stderr.contains("error") && !stderr.contains("panic"), "{arguments}: {stderr}");
    }
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
}

#[test]
fn paths_in_reports_are_relative_to_the_scanned_directory() {
    let sandbox = Sandbox::new();
    for path in ["a/one.py", "a/b/two.py", "c/three.py", "four.py"] {
        sandbox.write(path, format!("x = '{}'\n", token(1)));
    }
    let found = |arguments: &[&str]| places(&sandbox.scan_json(arguments).1);
    let absolute = sandbox.tree().join("a");
    assert_eq!(found(&[]), ["a/b/two.py:1", "a/one.py:1", "c/three.py:1", "four.py:1"]);
    assert_eq!(found(&["a"]), ["b/two.py:1", "one.py:1"]);
    assert_eq!(found(&[absolute.to_str().unwrap()]), ["b/two.py:1", "one.py:1"]);
    assert_eq!(found(&["a", "--root", "."]), ["a/b/two.py:1", "a/one.py:1"]);
    assert_eq!(found(&["a/one.py"]), ["a/one.py:1"]);
    assert_eq!(found(&["./a/../a/one.py"]), ["a/one.py:1"]);
    assert_eq!(found(&["c", "a/b", "a/b/two.py"]), ["a/b/two.py:1", "c/three.py:1"]);
    let sarif = sandbox.scan(["a", "--format", "sarif"]).expect_code(1).stdout;
    assert!(!sarif.contains(sandbox.tree().to_str().unwrap()), "no path of this machine leaves it");
}

#[test]
fn a_machine_readable_report_leaves_the_verdict_on_standard_error() {
    let sandbox = leaking();
    for format in ["sarif", "json", "jsonl", "outputs"] {
        let outcome = sandbox.scan(["--format", format]).expect_code(1);
        assert!(outcome.stderr.starts_with("blocked: 1 finding at or above"), "{outcome:#?}");
        assert!(!outcome.stdout.contains("blocked: 1 finding at or above") || format == "sarif", "{outcome:#?}");
    }
    let sarif: serde_json::Value = serde_json::from_str(&sandbox.scan(["--format", "sarif"]).stdout).unwrap();
    assert_eq!(sarif["runs"][0]["invocations"][0]["exitCode"], 1);
    // A report in a file leaves standard output free and still says the verdict.
    let outcome = sandbox.scan(["--format", "sarif", "--output", sandbox.outside("r").to_str().unwrap()]);
    let outcome = outcome.expect_code(1);
    assert_eq!(outcome.stdout, "");
    assert!(outcome.stderr.starts_with("blocked: "), "{outcome:#?}");
}

#[test]
fn quiet_says_the_verdict_and_verbose_says_all() {
    let sandbox = leaking();
    sandbox.write("skipped.bin", [0, 1, 2, 3]);
    let quiet = sandbox.scan(["--quiet"]).expect_code(1).stdout;
    assert_eq!(quiet.lines().count(), 2);
    let verbose = sandbox.scan(["--verbose"]).expect_code(1).stdout;
    assert!(verbose.contains("fingerprint: ") && verbose.contains("skipped.bin: "), "{verbose}");
}

#[test]
fn colours_are_on_when_asked_for_and_off_in_a_pipe() {
    let sandbox = leaking();
    assert!(!sandbox.scan(NOTHING).stdout.contains('\u{1b}'));
    assert!(sandbox.scan(["--color", "always"]).stdout.contains("\u{1b}["));
    assert!(!sandbox.scan(["--color", "never"]).stdout.contains('\u{1b}'));
    let forced = finish(sandbox.command().arg("scan").env("CLICOLOR_FORCE", "1"));
    assert!(forced.stdout.contains("\u{1b}["), "{forced:#?}");
    let objected = finish(sandbox.command().arg("scan").env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1"));
    assert!(!objected.stdout.contains('\u{1b}'), "{objected:#?}");
}

#[test]
fn github_gets_a_job_summary() {
    let sandbox = leaking();
    let summary = sandbox.outside("summary.md");
    fs::write(&summary, "before\n").unwrap();
    let run = |format: &str| {
        finish(sandbox.command().args(["scan", "--format", format]).env("GITHUB_STEP_SUMMARY", &summary))
    };
    run("text").expect_code(1);
    assert_eq!(fs::read_to_string(&summary).unwrap(), "before\n");
    let outcome = run("github").expect_code(1);
    assert!(outcome.stdout.starts_with("::error file=app.py,line=2,"), "{outcome:#?}");
    let text = fs::read_to_string(&summary).unwrap();
    assert!(text.starts_with("before\n## Lockgate: blocked"), "{text}");
    fs::remove_file(&summary).unwrap();
    fs::create_dir(&summary).unwrap();
    run("github").expect_error("cannot add to the job summary");
}

#[test]
fn reports_and_baseline_in_the_tree_are_no_findings() {
    let sandbox = leaking();
    let arguments =
        ["--rules", sandbox.pack().to_str().unwrap(), "--report", "sarif=r.sarif", "--report", "json=r.json"]
            .map(str::to_owned);
    sandbox.run(["baseline", "create"]).expect_code(0);
    for _ in 0..2 {
        sandbox.scan(&arguments).expect_code(0);
    }
    let (_, report) = sandbox.scan_json(["--confidence", "low"]);
    assert_eq!(places(&report), ["-app.py:2"]);
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
