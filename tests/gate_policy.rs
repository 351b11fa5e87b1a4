//! The policy over reports of other tools: waivers hold for them, and those of the change itself do not where the policy is
//! that of a commit.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a helper that panics fails its test, as it should")]

#[path = "common/workshop.rs"]
mod workshop;

use std::fs;
use std::path::Path;

use serde_json::Value;
use workshop::{Workshop, said};

const DOCKERFILE: &str = "FROM python:latest\nRUN apt-get update && apt-get install -y curl\nRUN sudo pip install flask\nCOPY \
                          app /app\nCMD [\"python\", \"/app/main.py\"]\n";
const WAIVER: &str = "[[waiver]]\nrule = \"*\"\npath = \"**\"\nreason = \"trust me\"\nuntil = \"2099-01-01\"\n";

/// A repository whose branch `change` adds a waiver for everything, with what hadolint said of it beside it.
fn repository() -> Workshop {
    let workshop = Workshop::new();
    let commit = |message: &str| {
        workshop.git(&["add", "--all"]);
        workshop.git(&["commit", "--quiet", "--message", message]);
    };
    workshop.write("Dockerfile", DOCKERFILE);
    workshop.write("lockgate.toml", "[gate]\nseverity = \"low\"\n");
    commit("base");
    workshop.git(&["switch", "--quiet", "--create", "change"]);
    workshop.write("lockgate.toml", &format!("[gate]\nseverity = \"low\"\n{WAIVER}"));
    commit("change");
    let report = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/sarif/hadolint.sarif");
    fs::copy(report, workshop.path("hadolint.sarif")).unwrap();
    workshop
}

fn gate(workshop: &Workshop, arguments: &[&str]) -> (i32, Value) {
    let report = workshop.path("hadolint.sarif");
    let mut command = workshop.command_in(&workshop.top(), "lockgate");
    let output = command.args(["gate", "--format", "json"]).arg(report).args(arguments).output().unwrap();
    let read = serde_json::from_slice(&output.stdout);
    assert!(read.is_ok(), "{}", said(&output));
    (output.status.code().unwrap(), read.unwrap())
}

#[test]
fn a_waiver_holds_for_what_another_tool_found() {
    let (code, report) = gate(&repository(), &[]);
    assert_eq!(code, 0, "{report:#}");
    let findings = report["findings"].as_array().unwrap();
    let kinds: Vec<&Value> = findings.iter().map(|finding| &finding["suppression"]["kind"]).collect();
    assert!(!kinds.is_empty() && kinds.iter().all(|kind| *kind == "waiver"), "{report:#}");
}

#[test]
fn a_waiver_that_the_change_adds_does_not_where_the_policy_is_that_of_main() {
    let (code, report) = gate(&repository(), &["--policy-from", "main"]);
    assert_eq!(code, 1, "{report:#}");
    let attempts = report["self_suppression"]["attempts"].as_array().unwrap();
    let means: Vec<&Value> = attempts.iter().map(|attempt| &attempt["means"]).collect();
    assert_eq!(means, ["waiver"], "{report:#}");
}
