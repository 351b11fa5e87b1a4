//! `lockgate gate` and `lockgate report` on what other tools wrote: the reports in `tests/data/sarif` are the output of
//! gitleaks 8.30, hadolint 2.15, Checkov 3.3, Semgrep 1.182 and zizmor 1.32 on the tree of [`shop`].

#![allow(clippy::unwrap_used, reason = "a helper that panics fails its test, as it should")]

#[allow(dead_code, reason = "each test file uses its part")]
#[path = "common/cli.rs"]
mod cli;

use std::fs;
use std::path::Path;

use cli::{Outcome, Sandbox, finish, token};
use serde_json::Value;

/// Every report, as it lies outside of the tree.
const REPORTS: [&str; 5] = ["checkov.sarif", "gitleaks.sarif", "hadolint.sarif", "semgrep.sarif", "zizmor.sarif"];

/// The tree that the tools looked at, and their reports beside it, with a token that stands nowhere in this repository.
fn shop() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox
        .write(
            "Dockerfile",
            "FROM python:latest\nRUN apt-get update && apt-get install -y curl\nRUN sudo pip install flask\n\
             COPY app /app\nCMD [\"python\", \"/app/main.py\"]\n",
        )
        .write(
            "infra/main.tf",
            "resource \"aws_s3_bucket\" \"logs\" {\n  bucket = \"shop-logs\"\n  acl    = \"public-read\"\n}\n\n\
             resource \"aws_security_group_rule\" \"ssh\" {\n  type              = \"ingress\"\n  from_port         = 22\n  \
             to_port           = 22\n  protocol          = \"tcp\"\n  cidr_blocks       = [\"0.0.0.0/0\"]\n  \
             security_group_id = \"sg-1\"\n}\n",
        )
        .write(
            ".github/workflows/ci.yml",
            "name: ci\non: [pull_request_target]\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      \
             - uses: actions/checkout@v4\n        with:\n          ref: ${{ github.event.pull_request.head.sha }}\n      \
             - run: echo \"${{ github.event.pull_request.title }}\"\n",
        )
        .write(
            "app/main.py",
            format!(
                "import subprocess\n\nGITHUB_TOKEN = \"{}\"\n\n\ndef run(command):\n    \
                 return subprocess.call(command, shell=True)\n",
                token(1)
            ),
        );
    for name in REPORTS {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/sarif").join(name);
        let text = fs::read_to_string(path).unwrap().replace("@TOKEN@", &token(1));
        fs::write(sandbox.outside(name), text).unwrap();
    }
    sandbox
}

fn gate(sandbox: &Sandbox, reports: &[&str], options: &[&str]) -> Outcome {
    let mut command = sandbox.command();
    command.arg("gate").args(reports.iter().map(|name| sandbox.outside(name))).args(options);
    finish(&mut command)
}

fn json(sandbox: &Sandbox, reports: &[&str], options: &[&str]) -> Value {
    let outcome = gate(sandbox, reports, &[options, &["--format", "json"]].concat());
    serde_json::from_str(&outcome.stdout).unwrap()
}

/// `path:line rule tools`, with `-` in front when it is suppressed.
fn lines(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap();
    let line = |finding: &Value| {
        let tools: Vec<String> = finding["tools"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|tool| format!("{}:{}", tool["tool"].as_str().unwrap(), tool["rule"].as_str().unwrap()))
            .collect();
        format!(
            "{}{}:{} {} {}",
            if finding["suppression"].is_null() { "" } else { "-" },
            finding["location"]["path"].as_str().unwrap(),
            finding["location"]["region"]["start"]["line"],
            finding["rule"].as_str().unwrap(),
            tools.join(" "),
        )
    };
    findings.iter().map(line).collect()
}

#[test]
fn the_reports_of_five_tools_are_one_report_with_one_verdict() {
    let sandbox = shop();
    let report = json(&sandbox, &REPORTS, &[]);
    assert_eq!(report["verdict"]["outcome"], "block");
    insta::assert_snapshot!(lines(&report).join("\n"));
    // In whatever order they come.
    let mut reversed = REPORTS;
    reversed.reverse();
    assert_eq!(json(&sandbox, &reversed, &[])["findings"], report["findings"]);
}

#[test]
fn what_lockgate_found_itself_is_not_reported_twice() {
    let sandbox = shop();
    let own = sandbox.scan(["--format", "json"]);
    fs::write(sandbox.outside("own.json"), &own.stdout).unwrap();
    let alone = lines(&serde_json::from_str(&own.stdout).unwrap());
    let all: Vec<&str> = std::iter::once("own.json").chain(REPORTS).collect();
    let together = lines(&json(&sandbox, &all, &[]));
    for line in &alone {
        let same = together.iter().filter(|other| other.starts_with(line.as_str())).count();
        assert_eq!(same, 1, "{line}: {together:#?}");
    }
    let named = |rule: &str| together.iter().find(|line| line.contains(rule)).unwrap();
    assert!(named("dockerfile-image-latest").ends_with("checkov:CKV_DOCKER_7 hadolint:DL3007"));
    assert!(named("github-personal-access-token").ends_with("gitleaks:github-pat"));
    assert!(named("aws-security-group-open-ssh").ends_with("checkov:CKV_AWS_24"));
    assert!(named("github-actions-template-injection").contains("zizmor:template-injection"));
}

#[test]
fn no_format_passes_the_secret_on() {
    let sandbox = shop();
    for format in [
        "text",
        "sarif",
        "json",
        "jsonl",
        "github",
        "outputs",
        "gitlab-code-quality",
        "gitlab-sast",
        "gitlab-secret-detection",
        "junit",
        "markdown",
        "csv",
        "html",
        "metrics",
    ] {
        let outcome = gate(&sandbox, &REPORTS, &["--format", format]).expect_code(1);
        assert!(!outcome.stdout.contains(&token(1)[4..20]), "{format}");
        assert!(!outcome.stdout.is_empty(), "{format}");
    }
    // Without the tree, nothing but the reports is there to tell.
    let nowhere = tempfile::tempdir().unwrap();
    let root = nowhere.path().to_str().unwrap();
    let outcome = gate(&sandbox, &REPORTS, &["--root", root]).expect_code(1);
    assert!(!outcome.stdout.contains(&token(1)[4..20]));
}

#[test]
fn configuration_comments_and_baseline_hold_for_other_tools() {
    let sandbox = shop();
    sandbox.write("lockgate.toml", "[gate]\nseverity = \"critical\"\n");
    gate(&sandbox, &["semgrep.sarif"], &[]).expect_code(0);
    sandbox.write("lockgate.toml", "[scan]\nexclude = [\"app/**\"]\n");
    let report = json(&sandbox, &["semgrep.sarif", "gitleaks.sarif"], &[]);
    assert_eq!(lines(&report), [""; 0]);
    assert_eq!(cli::cause(&report, "app/main.py"), Some("excluded"));
    sandbox.write(
        "lockgate.toml",
        "[rules]\ndisable = [\"dockerfile-*\"]\n[rules.severity]\naws-s3-no-versioning = \"info\"\n",
    );
    let report = json(&sandbox, &["hadolint.sarif", "checkov.sarif"], &[]);
    assert!(!lines(&report).iter().any(|line| line.contains("Dockerfile")), "{report:#}");
    let entries = report["coverage"]["entries"].to_string();
    assert!(entries.contains("[rules] disable `dockerfile-sudo`: 2 findings of reports left out"), "{entries}");
    let versioning = report["findings"].as_array().unwrap().iter().find(|one| one["rule"] == "aws-s3-no-versioning");
    assert_eq!(versioning.unwrap()["severity"], "info");
    sandbox.remove("lockgate.toml");

    let main = sandbox.read("app/main.py");
    sandbox.write("app/main.py", main.replace("shell=True)", "shell=True)  # lockgate: ignore trusted callers"));
    assert_eq!(
        lines(&json(&sandbox, &["semgrep.sarif"], &[])),
        ["-app/main.py:7 semgrep:subprocess-shell-true semgrep:subprocess-shell-true"]
    );
    sandbox.write("app/main.py", main);

    let baseline = sandbox.outside("baseline.json");
    let baseline = baseline.to_str().unwrap();
    gate(&sandbox, &REPORTS, &["--write-baseline", baseline]).expect_code(0);
    gate(&sandbox, &REPORTS, &["--baseline", baseline]).expect_code(0);
    gate(&sandbox, &REPORTS, &[]).expect_code(1);
    assert!(!fs::read_to_string(baseline).unwrap().contains(&token(1)));
}

#[test]
fn owners_are_those_of_the_tree() {
    let sandbox = shop();
    sandbox.write(".github/CODEOWNERS", "* @shop/all\n/infra/ @shop/platform\n/app/ @shop/app alice@example.com\n");
    let report = json(&sandbox, &["semgrep.sarif", "checkov.sarif"], &[]);
    let owners = |path: &str| -> Value {
        let findings = report["findings"].as_array().unwrap();
        findings.iter().find(|finding| finding["location"]["path"] == path).unwrap()["owners"].clone()
    };
    assert_eq!(owners("infra/main.tf"), serde_json::json!(["@shop/platform"]));
    assert_eq!(owners("app/main.py"), serde_json::json!(["@shop/app", "alice@example.com"]));
    let text = gate(&sandbox, &["semgrep.sarif", "checkov.sarif"], &["--group-by", "owner"]).stdout;
    let headings: Vec<&str> = text.lines().filter(|line| line.starts_with("== ")).collect();
    assert_eq!(headings.len(), 3, "{headings:?}");
    assert!(headings[2].starts_with("== @shop/platform ("), "{headings:?}");
}

#[test]
fn paths_of_a_container_become_those_of_the_tree() {
    let sandbox = shop();
    let path = sandbox.outside("semgrep.sarif");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("\"app/main.py\"", "\"file:///src/app/main.py\"")).unwrap();
    assert!(lines(&json(&sandbox, &["semgrep.sarif"], &[]))[0].starts_with("/src/app/main.py:7"));
    assert!(lines(&json(&sandbox, &["semgrep.sarif"], &["--strip-prefix", "/src"]))[0].starts_with("app/main.py:7"));
    let absolute = sandbox.tree().join("app/main.py");
    fs::write(&path, text.replace("\"app/main.py\"", &format!("\"{}\"", absolute.display()))).unwrap();
    assert!(lines(&json(&sandbox, &["semgrep.sarif"], &[]))[0].starts_with("app/main.py:7"));
}

#[test]
fn a_report_that_is_missing_or_broken_leaves_the_verdict_open() {
    let sandbox = shop();
    fs::write(sandbox.outside("broken.sarif"), "{\"version\": \"2.1.0\", \"runs\": [").unwrap();
    fs::write(sandbox.outside("other.json"), "{\"hello\": 1}").unwrap();
    for (name, words) in
        [("missing.sarif", "missing.sarif"), ("broken.sarif", "ends too early"), ("other.json", "neither SARIF")]
    {
        let outcome = gate(&sandbox, &[name, "semgrep.sarif"], &[]).expect_code(2);
        assert!(outcome.verdict().contains(words), "{outcome:#?}");
        // What the others say is told all the same.
        assert!(outcome.stdout.contains("semgrep:subprocess-shell-true"));
        gate(&sandbox, &[name], &["--exit-zero"]).expect_code(2);
    }
    finish(sandbox.command().arg("gate")).expect_code(2);
    #[cfg(unix)]
    {
        cli::fifo(&sandbox.outside("fifo.sarif"));
        gate(&sandbox, &["fifo.sarif"], &[]).expect_code(2);
    }
}

#[test]
fn nothing_outside_of_the_tree_is_read() {
    let sandbox = shop();
    fs::write(sandbox.outside("precious"), "line one\nprecious words\n").unwrap();
    let path = sandbox.outside("semgrep.sarif");
    let text = fs::read_to_string(&path).unwrap().replace("return subprocess.call(command, shell=True)", "x");
    #[cfg(unix)]
    std::os::unix::fs::symlink(sandbox.outside(""), sandbox.tree().join("link")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(sandbox.outside("precious"), sandbox.tree().join("leaf")).unwrap();
    for uri in ["../out/precious", "link/precious", "leaf", "app/../../out/precious", "%2e%2e/out/precious"] {
        fs::write(&path, text.replace("\"app/main.py\"", &format!("\"{uri}\"")).replace("Line\": 7", "Line\": 2"))
            .unwrap();
        let outcome = gate(&sandbox, &["semgrep.sarif"], &["--format", "json"]);
        assert!(!outcome.stdout.contains("precious words"), "{uri}: {outcome:#?}");
    }
}

#[test]
fn a_report_of_ours_reads_back_as_it_was_written() {
    let sandbox = shop();
    let (_, own) = sandbox.scan_json::<&str>([]);
    let convert = |from: &str, to: &str| {
        finish(sandbox.command().arg("report").arg(sandbox.outside(from)).args(["--to", to])).expect_code(0).stdout
    };
    for format in ["json", "sarif"] {
        let outcome = sandbox.scan(["--format", format]);
        fs::write(sandbox.outside(format), &outcome.stdout).unwrap();
        assert_eq!(convert(format, format), outcome.stdout, "{format}");
        let back: Value = serde_json::from_str(&convert(format, "json")).unwrap();
        assert_eq!(back["verdict"], own["verdict"], "{format}");
        assert_eq!(lines(&back), lines(&own), "{format}");
    }
    // A comparison, too.
    let compared = fs::read_to_string(sandbox.outside("json")).unwrap();
    let compared = compared.replacen(
        "\"findings\":[",
        "\"comparison\":{\"base\":\"abc123 (main)\",\"fixed\":3},\"findings\":[",
        1,
    );
    fs::write(sandbox.outside("compared.json"), &compared).unwrap();
    assert_eq!(convert("compared.json", "json"), compared);
    let text = convert("compared.json", "text");
    assert!(text.contains("compared with abc123 (main): ") && text.contains("; 3 fixed"), "{text}");

    // The verdict of the report stays, whatever the configuration here says.
    sandbox.write("lockgate.toml", "[gate]\nseverity = \"critical\"\nconfidence = \"high\"\n");
    assert!(convert("json", "text").contains("\nblocked: "));
    assert_eq!(convert("json", "json"), fs::read_to_string(sandbox.outside("json")).unwrap());
    let outcome = finish(sandbox.command().args(["report", "nowhere.json"])).expect_code(2);
    assert!(outcome.stderr.starts_with("error: nowhere.json: No such file"), "{outcome:#?}");
}
