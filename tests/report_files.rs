//! Where reports go, and what becomes of a run whose report cannot get there.

#![allow(clippy::unwrap_used, reason = "a helper that panics fails its test, as it should")]

#[allow(dead_code, reason = "each test file uses its part")]
#[path = "common/cli.rs"]
mod cli;

use std::fs;

use cli::{Sandbox, TOKEN_RULE, finish, places, token};

const NOTHING: [&str; 0] = [];

/// A tree with one leak in `app.py`, line 2.
fn leaking() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("app.py", format!("import os\ngithub = '{}'\n", token(1)));
    sandbox
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
