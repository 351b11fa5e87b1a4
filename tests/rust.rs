//! Rust source from the command line: findings at the code, comments that silence them, coverage for what cannot be read.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that panics fails its test, as it should")]

#[allow(dead_code, reason = "each test file uses its part")]
#[path = "common/cli.rs"]
mod cli;

use std::fmt::Write as _;

use cli::Sandbox;
use serde_json::Value;

/// A rule that a user could write.
const PACK: &str = "
rules:
  - id: acme-legacy-client
    title: The legacy client is used
    category: practice
    description: It has no timeouts, and nobody maintains it.
    remediation: Use `acme::Client` instead.
    applies:
      - rust: ['acme::legacy::Client::new', '::LegacyClient']
        when: {at: is_test, equals: false}
        deny: {at: name, exists: true}
      - rust: [.retries]
        when: {at: from, matches: '^acme::'}
        deny: {at: 'arguments[0].value', gt: 3}
        fix: {set: {at: 'arguments[0]', to: 3}}
";

const CODE: &str = "use acme::legacy::{self, Client as Old};
use acme::Client;

pub fn old() -> Old {
    Old::new()
}

impl Service {
    fn client(&self, old: legacy::LegacyClient) -> Client {
        Client::new().retries(10).retries(2)
    }
}

#[cfg(test)]
mod tests {
    fn old() {
        acme::legacy::Client::new();
    }
}
";

fn scan(sandbox: &Sandbox, more: &[&str]) -> Value {
    let pack = sandbox.pack();
    std::fs::write(&pack, PACK).unwrap();
    let arguments = ["--rules", pack.to_str().unwrap(), "--format", "json", "."];
    let outcome = sandbox.scan(arguments.iter().chain(more));
    serde_json::from_str(&outcome.stdout).unwrap_or_else(|error| panic!("{error}: {outcome:#?}"))
}

/// `path:line resource` of each finding.
fn places(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    let resources = findings.map(|finding| finding["resource"].as_str().unwrap());
    cli::places(report).into_iter().zip(resources).map(|(place, resource)| format!("{place} {resource}")).collect()
}

#[test]
fn a_rule_of_a_user_finds_code_by_what_it_means() {
    let sandbox = Sandbox::new();
    sandbox.write("src/shop.rs", CODE);
    let expected = ["src/shop.rs:5 old", "src/shop.rs:9 Service::client", "src/shop.rs:10 Service::client"];
    assert_eq!(places(&scan(&sandbox, &[])), expected);
}

#[test]
fn a_comment_silences_the_line_below() {
    let sandbox = Sandbox::new();
    let comment = "    // lockgate: ignore[acme-legacy-client] until the move is done\n    Old::new()";
    sandbox.write("src/shop.rs", CODE.replace("    Old::new()", comment));
    let report = scan(&sandbox, &[]);
    let suppressed = report["findings"].as_array().unwrap().iter().filter(|finding| !finding["suppression"].is_null());
    assert_eq!(suppressed.count(), 1);
}

#[test]
fn what_is_no_rust_is_told_and_fails_nothing() {
    let sandbox = Sandbox::new();
    // What no rule could find anything in is not parsed.
    sandbox.write("a.rs", "fn f( { danger_accept_invalid_certs").write("b.rs", CODE).write("c.rs", "fn f( {");
    sandbox.write(
        "deep.rs",
        format!("fn f() {{ danger_accept_invalid_certs({}1{}) }}", "(".repeat(50_000), ")".repeat(50_000)),
    );
    let report = scan(&sandbox, &[]);
    let entries: Vec<(&str, &str)> = report["coverage"]["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["path"].as_str().unwrap(), entry["cause"].as_str().unwrap()))
        .collect();
    assert_eq!(entries, [("a.rs", "unparsed"), ("deep.rs", "unparsed")]);
    assert_eq!(report["findings"].as_array().unwrap().len(), 3);
}

#[test]
fn a_number_is_mended() {
    let sandbox = Sandbox::new();
    sandbox.write("src/shop.rs", CODE);
    let pack = sandbox.pack();
    std::fs::write(&pack, PACK).unwrap();
    sandbox.run(["fix", "--rules", pack.to_str().unwrap(), "."]);
    assert_eq!(sandbox.read("src/shop.rs"), CODE.replace("retries(10)", "retries(3)"));
}

#[test]
fn the_report_is_the_same_for_any_number_of_threads() {
    let sandbox = Sandbox::new();
    for number in 0..40 {
        let mut text = CODE.to_owned();
        for call in 0..number {
            writeln!(text, "fn f{call}() {{ acme::legacy::Client::new() }}").unwrap();
        }
        sandbox.write(format!("src/m{number}.rs"), text);
    }
    let one = scan(&sandbox, &["--threads", "1"]);
    assert_eq!(one["findings"].as_array().unwrap().len(), 40 * 3 + (0..40).sum::<usize>());
    assert_eq!(scan(&sandbox, &["--threads", "4"]), one);
}
