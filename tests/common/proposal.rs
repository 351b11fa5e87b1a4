//! A repository with a policy on `main`, and a change that somebody proposes.

#![allow(dead_code, reason = "each suite uses its part")]

use std::process::Output;

use serde_json::Value;

use crate::cli::token;
use crate::workshop::{Workshop, said};

pub(crate) const TOKEN: &str = "github-personal-access-token";
pub(crate) const PRIVILEGED: &str = "kubernetes-privileged-container";

/// What `main` holds beside the code: a policy with something in each part that a change could want to bend.
pub(crate) const POLICY: &str = r#"
extends = "ci/base.toml"
[scan]
exclude = ["fixtures/**"]
[rules]
packs = ["ci/rules"]
[gate]
severity = "low"
"#;

/// A pack of the repository with one rule.
pub(crate) const PACK: &str = r"
rules:
  - id: acme-key
    title: Acme key
    severity: high
    confidence: high
    description: Whoever holds it can order.
    remediation: Revoke it.
    secret: {keywords: [acme], pattern: '\bacme_(?<secret>[a-z0-9]{16})\b'}
";

pub(crate) fn pod(privileged: bool) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  namespace: shop\nspec:\n  containers:\n    - name: web\n      \
         image: web:1.0.0\n      securityContext:\n        privileged: {privileged}\n"
    )
}

/// A key that no rule but that of the pack knows.
pub(crate) fn acme() -> String {
    format!("acme_{}", "k3v9q2m7x1p8z5w4")
}

/// A repository whose `main` has a policy, and whose branch `change` adds a token, an Acme key and a privileged pod.
pub(crate) fn proposal() -> Workshop {
    let workshop = Workshop::new();
    workshop.write("lockgate.toml", POLICY);
    workshop.write("ci/base.toml", "[gate]\nconfidence = \"low\"\n");
    workshop.write("ci/rules/acme.yaml", PACK);
    workshop.write(".gitignore", "build/\n");
    workshop.write("fixtures/sample.py", "x = 1\n");
    workshop.write("src/app.py", "print('hello')\n");
    workshop.write("src/moved.py", &"print('a line of code')\n".repeat(20));
    workshop.write("pod.yaml", &pod(false));
    commit(&workshop, "base");
    workshop.git(&["switch", "--quiet", "--create", "change"]);
    workshop.write("src/deploy.py", &format!("TOKEN = \"{}\"\n", token(1)));
    workshop.write("src/order.py", &format!("# ordered with {} of late\n", acme()));
    workshop.write("pod.yaml", &pod(true));
    commit(&workshop, "change");
    workshop
}

pub(crate) fn commit(workshop: &Workshop, message: &str) {
    workshop.git(&["add", "--all", "--force"]);
    workshop.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
}

pub(crate) fn scan(workshop: &Workshop, arguments: &[&str]) -> Output {
    workshop.command_in(&workshop.top(), "lockgate").arg("scan").args(arguments).output().unwrap()
}

/// The report of a scan, with the exit code.
pub(crate) fn report(workshop: &Workshop, arguments: &[&str]) -> (i32, Value) {
    let output = scan(workshop, &[&["--format", "json"], arguments].concat());
    let report = serde_json::from_slice(&output.stdout);
    assert!(report.is_ok(), "{}", said(&output));
    (output.status.code().unwrap(), report.unwrap())
}

pub(crate) fn judged(workshop: &Workshop) -> (i32, Value) {
    report(workshop, &["--policy-from", "main"])
}

/// `rule` of each finding that blocks, sorted.
pub(crate) fn blocking(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().unwrap();
    let blocks = findings.iter().filter(|finding| finding["blocks"] == true);
    let mut rules: Vec<&str> = blocks.map(|finding| finding["rule"].as_str().unwrap()).collect();
    rules.sort_unstable();
    rules
}

/// `path: means` of each attempt.
pub(crate) fn attempts(report: &Value) -> Vec<String> {
    let attempts = report["self_suppression"]["attempts"].as_array().unwrap();
    let place =
        |attempt: &Value| format!("{}: {}", attempt["path"].as_str().unwrap(), attempt["means"].as_str().unwrap());
    attempts.iter().map(place).collect()
}
