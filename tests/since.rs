//! `lockgate scan --since`: what a change adds, in repositories made by git.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that panics fails its test, as it should")]

#[path = "common/workshop.rs"]
mod workshop;

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;
use workshop::{Workshop, said};

/// A token with the form and the checksum of one; another for each `seed`.
fn token(seed: char) -> String {
    let digits = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let random: String = (0..30)
        .map(|at| char::from(digits[(usize::try_from(u32::from(seed)).unwrap() * (at + 7) * 31 + at * at * 17) % 62]))
        .collect();
    let mut number = usize::try_from(crc32fast::hash(random.as_bytes())).unwrap();
    let mut checksum = String::new();
    for _ in 0..6 {
        checksum.insert(0, char::from(digits[number % 62]));
        number /= 62;
    }
    format!("ghp_{random}{checksum}")
}

/// A pod with one container of `image`, privileged or not.
fn pod(image: &str, privileged: bool) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  namespace: shop\n  labels: {{app: web}}\nspec:\n  \
         containers:\n    - name: web\n      image: {image}\n      securityContext:\n        privileged: {privileged}\n"
    )
}

fn commit(workshop: &Workshop, message: &str) {
    workshop.git(&["add", "--all"]);
    workshop.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
}

fn scan(workshop: &Workshop, directory: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = workshop.command_in(directory, "lockgate");
    command.arg("scan").args(arguments).envs(variables.iter().copied()).output().unwrap()
}

/// The report of `lockgate scan --since REVISION`, with the exit code.
fn since(workshop: &Workshop, revision: &str) -> (i32, Value) {
    json(&scan(workshop, &workshop.top(), &["--since", revision, "--format", "json"], &[]))
}

fn json(output: &Output) -> (i32, Value) {
    let report = serde_json::from_slice(&output.stdout);
    assert!(report.is_ok(), "{}", said(output));
    (output.status.code().unwrap(), report.unwrap())
}

/// `path: rule: state` of each finding of `rule`.
fn states(report: &Value, rule: &str) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap();
    let of_rule = findings.iter().filter(|finding| finding["rule"] == rule);
    of_rule
        .map(|finding| {
            format!("{}: {}", finding["location"]["path"].as_str().unwrap(), finding["state"].as_str().unwrap())
        })
        .collect()
}

const TOKEN: &str = "github-personal-access-token";
const PRIVILEGED: &str = "kubernetes-privileged-container";

#[test]
fn only_what_is_new_since_the_merge_base_blocks() {
    let workshop = Workshop::new();
    workshop.write("old.txt", &format!("token = \"{}\"\n", token('b')));
    workshop.write("gone.txt", &format!("token = \"{}\"\n", token('c')));
    commit(&workshop, "base");
    workshop.git(&["switch", "--quiet", "--create", "feature"]);
    workshop.git(&["switch", "--quiet", "main"]);
    // The tip of main has what the branch adds as well; the merge base has not.
    workshop.write("new.txt", &format!("token = \"{}\"\n", token('d')));
    commit(&workshop, "main goes on");
    workshop.git(&["switch", "--quiet", "feature"]);
    let (code, report) = since(&workshop, "main");
    assert_eq!(code, 0, "{report:#}");
    workshop.write("new.txt", &format!("token = \"{}\"\n", token('d')));
    // Lines in front do not matter, nor do those beside it.
    workshop.write("old.txt", &format!("\n\nx = 1\ntoken = \"{}\"\ny = 2\n", token('b')));
    fs::remove_file(workshop.top().join("gone.txt")).unwrap();
    commit(&workshop, "feature");
    let (code, report) = since(&workshop, "main");
    assert_eq!(code, 1, "{report:#}");
    assert_eq!(states(&report, TOKEN), ["new.txt: new", "old.txt: existing"]);
    assert_eq!(report["comparison"]["fixed"], 1);
    assert!(report["comparison"]["base"].as_str().unwrap().ends_with(" (main)"), "{report:#}");
    let text = said(&scan(&workshop, &workshop.top(), &["--since", "main"], &[]));
    assert!(text.contains("1 new, 0 changed; 1 existing, not shown; 1 fixed"), "{text}");
    assert!(text.contains("new.txt") && !text.contains("old.txt:"), "{text}");
    let text = said(&scan(&workshop, &workshop.top(), &["--since", "main", "--verbose"], &[]));
    assert!(text.contains("old.txt:4"), "{text}");
    let outputs = said(&scan(&workshop, &workshop.top(), &["--since", "main", "--format", "outputs"], &[]));
    assert!(outputs.contains("\nnew=1\nchanged=0\nexisting=1\n"), "{outputs}");
    let sarif = scan(&workshop, &workshop.top(), &["--since", "main", "--format", "sarif"], &[]);
    let sarif: Value = serde_json::from_slice(&sarif.stdout).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let baseline: Vec<&str> = results.iter().map(|result| result["baselineState"].as_str().unwrap()).collect();
    assert_eq!(baseline, ["new", "unchanged"]);
}

#[test]
fn misconfigurations_are_new_changed_or_existing() {
    let workshop = Workshop::new();
    workshop.write("pod.yaml", &pod("web:1.0.0", true));
    workshop.write("Dockerfile", "FROM debian:12\nUSER root\nCMD [\"a\"]\n");
    commit(&workshop, "base");
    workshop.write("pod.yaml", &format!("# A comment moves it.\n{}", pod("web:1.0.1", true)));
    workshop.write("other.yaml", &pod("web:1.0.0", true).replace("name: web\n  namespace", "name: other\n  namespace"));
    workshop.write("Dockerfile", "FROM debian:12\nUSER 0\nCMD [\"a\"]\n");
    let (code, report) = since(&workshop, "HEAD");
    assert_eq!(code, 1, "{report:#}");
    assert_eq!(states(&report, PRIVILEGED), ["other.yaml: new", "pod.yaml: existing"]);
    let findings = report["findings"].as_array().unwrap();
    assert!(
        findings.iter().any(|finding| finding["state"] == "changed" && finding["location"]["path"] == "Dockerfile")
    );
}

#[test]
fn a_finding_that_another_file_causes_is_new() {
    let policy = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: all, namespace: shop}\nspec:\n  \
                  podSelector: {}\n  policyTypes: [Ingress, Egress]\n";
    let workshop = Workshop::new();
    workshop.write("pod.yaml", &pod("web:1.0.0", false));
    workshop.write("policy.yaml", policy);
    commit(&workshop, "base");
    fs::remove_file(workshop.top().join("policy.yaml")).unwrap();
    commit(&workshop, "without");
    let rule = "kubernetes-workload-without-network-policy";
    let arguments = ["--enable", rule, "--format", "json"];
    let (_, report) = json(&scan(&workshop, &workshop.top(), &[&["--since", "HEAD~1"], &arguments[..]].concat(), &[]));
    assert_eq!(states(&report, rule), ["pod.yaml: new"]);
    let (_, report) = json(&scan(&workshop, &workshop.top(), &[&["--since", "HEAD"], &arguments[..]].concat(), &[]));
    assert_eq!(states(&report, rule), ["pod.yaml: existing"]);
}

#[test]
fn a_moved_file_keeps_its_findings() {
    let workshop = Workshop::new();
    workshop.write("a.txt", &format!("one\ntwo\nthree\ntoken = \"{}\"\n", token('b')));
    workshop.write("same.txt", &format!("token = \"{}\"\n", token('c')));
    commit(&workshop, "base");
    fs::remove_file(workshop.top().join("a.txt")).unwrap();
    fs::remove_file(workshop.top().join("same.txt")).unwrap();
    workshop.write("x/b.txt", &format!("one\ntwo\n3\ntoken = \"{}\"\nother = \"{}\"\n", token('b'), token('d')));
    workshop.write("x/same.txt", &format!("token = \"{}\"\n", token('c')));
    commit(&workshop, "move");
    let (_, report) = since(&workshop, "HEAD~1");
    assert_eq!(states(&report, TOKEN), ["x/b.txt: existing", "x/b.txt: new", "x/same.txt: existing"]);
    assert_eq!(report["comparison"]["fixed"], 0);
}

#[test]
fn line_ends_of_the_checkout_do_not_count() {
    let workshop = Workshop::new();
    workshop.write(".gitattributes", "* text eol=crlf\n");
    workshop.write("a.txt", &format!("x\r\ntoken = \"{}\"\r\n", token('b')));
    workshop.write("pod.yaml", &pod("web:1.0.0", true).replace('\n', "\r\n"));
    commit(&workshop, "base");
    let (code, report) = since(&workshop, "HEAD");
    assert_eq!(code, 0, "{report:#}");
    assert_eq!(states(&report, TOKEN), ["a.txt: existing"]);
    assert_eq!(states(&report, PRIVILEGED), ["pod.yaml: existing"]);
}

#[test]
fn what_is_not_committed_counts() {
    let workshop = Workshop::new();
    workshop.write("a.txt", "a\n");
    commit(&workshop, "base");
    workshop.write("a.txt", &format!("token = \"{}\"\n", token('b')));
    let (code, report) = since(&workshop, "HEAD");
    assert_eq!((code, states(&report, TOKEN)), (1, vec!["a.txt: new".to_owned()]));
}

#[test]
fn a_subdirectory_is_compared_with_itself() {
    let workshop = Workshop::new();
    workshop.write("sub/a.txt", &format!("token = \"{}\"\n", token('b')));
    commit(&workshop, "base");
    workshop.write("sub/b.txt", &format!("token = \"{}\"\n", token('c')));
    commit(&workshop, "change");
    let output = scan(&workshop, &workshop.top(), &["sub", "--since", "HEAD~1", "--format", "json"], &[]);
    let (code, report) = json(&output);
    assert_eq!((code, states(&report, TOKEN)), (1, vec!["a.txt: existing".to_owned(), "b.txt: new".to_owned()]));
    assert_eq!(report["comparison"]["fixed"], 0);
}

/// Runs the command that a message proposes, in `directory`.
fn mend(workshop: &Workshop, directory: &Path, message: &str) {
    let command = message.split("to mend: ").nth(1).unwrap().lines().next().unwrap();
    assert!(command.starts_with("git fetch "), "{message}");
    let output = workshop.command_in(directory, "sh").args(["-c", command]).output().unwrap();
    assert!(output.status.success(), "{command}: {}", said(&output));
}

/// A workshop whose branch `feature` adds a token to what `main` has, and the directory of a clone of that branch.
fn cloned(arguments: &[&str]) -> (Workshop, std::path::PathBuf) {
    let workshop = Workshop::new();
    workshop.write("old.txt", &format!("token = \"{}\"\n", token('b')));
    commit(&workshop, "base");
    workshop.git(&["switch", "--quiet", "--create", "feature"]);
    workshop.write("new.txt", &format!("token = \"{}\"\n", token('c')));
    commit(&workshop, "feature");
    let clone = workshop.path("clone");
    let url = format!("file://{}", workshop.top().display());
    let place = clone.display().to_string();
    workshop.git(&[&["clone", "--quiet", "--branch=feature", "--single-branch"], arguments, &[&url, &place]].concat());
    (workshop, clone)
}

#[test]
fn a_missing_base_is_mended_by_the_command_of_the_message() {
    for depth in [&[][..], &["--depth=1"]] {
        for (revision, variables) in [
            ("origin/main", &[][..]),
            ("main", &[]),
            ("auto", &[("GITHUB_ACTIONS", "true"), ("GITHUB_BASE_REF", "main")]),
        ] {
            let (workshop, clone) = cloned(depth);
            let arguments = ["--since", revision, "--format", "json"];
            let output = scan(&workshop, &clone, &arguments, variables);
            assert_eq!(output.status.code(), Some(2), "{}", said(&output));
            assert!(said(&output).contains("no commit by the name of"), "{}", said(&output));
            mend(&workshop, &clone, &said(&output));
            let (code, report) = json(&scan(&workshop, &clone, &arguments, variables));
            assert_eq!(code, 1);
            assert_eq!(states(&report, TOKEN), ["new.txt: new", "old.txt: existing"], "{revision}");
        }
    }
}

#[test]
fn a_shallow_clone_without_a_merge_base_is_deepened() {
    let (workshop, clone) = cloned(&["--depth=1"]);
    workshop.git(&["switch", "--quiet", "main"]);
    commit(&workshop, "main goes on");
    let fetch = ["fetch", "--quiet", "--depth=1", "origin", "+refs/heads/main:refs/remotes/origin/main"];
    assert!(workshop.command_in(&clone, "git").args(fetch).status().unwrap().success());
    let output = scan(&workshop, &clone, &["--since", "origin/main"], &[]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(said(&output).contains("the clone is shallow"), "{}", said(&output));
    mend(&workshop, &clone, &said(&output));
    let (_, report) = json(&scan(&workshop, &clone, &["--since", "origin/main", "--format", "json"], &[]));
    assert_eq!(states(&report, TOKEN), ["new.txt: new", "old.txt: existing"]);
}

#[test]
fn unrelated_histories_and_wrong_names_are_errors() {
    let workshop = Workshop::new();
    workshop.write("a.txt", "a\n");
    commit(&workshop, "base");
    workshop.git(&["switch", "--quiet", "--orphan", "other"]);
    commit(&workshop, "other");
    for (revision, words) in [
        ("main", "no ancestor in common\n  their histories are unrelated"),
        ("nothing", "no commit by the name of nothing"),
        ("a..b", "no name of a revision"),
    ] {
        let output = scan(&workshop, &workshop.top(), &["--since", revision], &[]);
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert!(said(&output).contains(words), "{}", said(&output));
    }
    let output = scan(&workshop, workshop.directory.path(), &["--since", "main"], &[]);
    assert!(said(&output).contains("not inside of a git repository"), "{}", said(&output));
}

#[test]
fn a_build_of_the_default_branch_is_compared_with_nothing() {
    let (workshop, clone) = cloned(&[]);
    let fetch = ["fetch", "--quiet", "origin", "+refs/heads/feature:refs/remotes/origin/main"];
    assert!(workshop.command_in(&clone, "git").args(fetch).status().unwrap().success());
    let arguments = ["--since", "auto", "--format", "json"];
    let (code, report) = json(&scan(&workshop, &clone, &arguments, &[("CI", "true")]));
    assert_eq!(code, 1);
    assert_eq!(states(&report, TOKEN), ["new.txt: new", "old.txt: new"]);
    assert!(report["comparison"]["base"].as_str().unwrap().starts_with("an empty tree"), "{report:#}");
}
