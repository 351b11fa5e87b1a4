//! Policy rules from the command line: a real tree in, findings at the attribute, coverage for what could not be read.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that panics fails its test, as it should")]

#[allow(dead_code, reason = "each test file uses its part")]
#[path = "common/cli.rs"]
mod cli;

use std::fmt::Write as _;

use cli::{Sandbox, cause};
use serde_json::Value;

/// Two rules of a user: one on containers, one that needs another file.
const PACK: &str = "
rules:
  - id: privileged
    title: Container runs privileged
    severity: high
    category: privilege
    description: It owns the node.
    remediation: Set privileged to false.
    equivalents: [kube-linter:privileged-container]
    applies:
      - kubernetes: [container]
        deny: {at: securityContext.privileged, equals: true}
  - id: no-limit
    title: Container has no memory limit
    severity: low
    category: availability
    description: It may take all memory of the node.
    remediation: Set resources.limits.memory.
    parameters: {required: {default: [memory], description: Limits that must be set.}}
    applies:
      - kubernetes: [container]
        require: {at: resources.limits, contains_all: '${required}'}
  - id: lonely-service
    title: Service without a workload
    severity: medium
    category: availability
    description: Nothing answers.
    remediation: Mend the selector.
    applies:
      - kubernetes: [Service]
        require: {linked: [workload], via: selects}
";

const DEPLOYMENT: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: registry.example.com/web:1
          securityContext:
            privileged: true
          resources: {limits: {memory: 64Mi}}
";

fn service(app: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Service\nmetadata: {{name: {app}, namespace: shop}}\nspec: {{selector: {{app: {app}}}}}\n"
    )
}

/// `path:line rule` of each finding.
fn places(report: &Value) -> Vec<String> {
    let rules = report["findings"].as_array().unwrap().iter().map(|finding| finding["rule"].as_str().unwrap());
    cli::places(report).into_iter().zip(rules).map(|(place, rule)| format!("{place} {rule}")).collect()
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.pack(), PACK).unwrap();
    sandbox
}

fn scan(sandbox: &Sandbox, more: &[&str]) -> Value {
    let pack = sandbox.pack();
    // The program's own rules would speak of the same manifests.
    let arguments = ["--rules", pack.to_str().unwrap(), "--disable", "kubernetes-*", "--format", "json", "."];
    let outcome = sandbox.scan(arguments.iter().chain(more));
    serde_json::from_str(&outcome.stdout).unwrap_or_else(|error| panic!("{error}: {outcome:#?}"))
}

#[test]
fn the_attribute_and_the_resource_are_named() {
    let sandbox = sandbox();
    sandbox.write("k8s/web.yaml", DEPLOYMENT);
    let report = scan(&sandbox, &[]);
    let finding = &report["findings"][0];
    assert_eq!(finding["rule"], "privileged");
    assert_eq!(finding["resource"], "Deployment.shop.web");
    assert_eq!(finding["location"]["region"]["start"]["line"], 12);
    let message = finding["message"].as_str().unwrap();
    assert_eq!(message, "Container runs privileged (spec.template.spec.containers[0].securityContext.privileged)");
}

#[test]
fn a_fingerprint_outlives_moves_inside_the_file() {
    let sandbox = sandbox();
    sandbox.write("web.yaml", DEPLOYMENT);
    let before = scan(&sandbox, &[])["findings"][0]["fingerprint"].clone();
    sandbox.write(
        "web.yaml",
        format!("# a comment\n---\n{}", DEPLOYMENT.replace("privileged: true", "\"privileged\":  true")),
    );
    let report = scan(&sandbox, &[]);
    assert_eq!(report["findings"][0]["fingerprint"], before);
    assert_eq!(report["findings"][0]["location"]["region"]["start"]["line"], 14);
}

#[test]
fn links_reach_across_files() {
    let sandbox = sandbox();
    sandbox.write("a/web.yaml", DEPLOYMENT.replace("privileged: true", "privileged: false"));
    sandbox.write("b/web.yaml", service("web")).write("b/mail.yaml", service("mail"));
    let report = scan(&sandbox, &[]);
    assert_eq!(places(&report), ["b/mail.yaml:3 lonely-service"]);
}

#[test]
fn what_is_missing_among_single_files_is_not_known_to_be_missing() {
    let sandbox = sandbox();
    sandbox.write("a/web.yaml", service("web")).write("b/mail.yaml", service("mail"));
    let pack = sandbox.pack();
    let scan = |paths: &[&str]| {
        let arguments = ["--rules", pack.to_str().unwrap(), "--disable", "kubernetes-*", "--format", "json"];
        let outcome = sandbox.scan(arguments.iter().chain(paths));
        places(&serde_json::from_str(&outcome.stdout).unwrap())
    };
    assert_eq!(scan(&["a/web.yaml"]), [] as [String; 0]);
    assert_eq!(scan(&["a"]), ["web.yaml:3 lonely-service"]);
}

#[test]
fn parameters_come_from_the_configuration() {
    let sandbox = sandbox();
    sandbox.write("web.yaml", DEPLOYMENT.replace("privileged: true", "privileged: false"));
    assert_eq!(places(&scan(&sandbox, &[])), [] as [String; 0]);
    sandbox.write("lockgate.toml", "[rules.parameters.no-limit]\nrequired = ['memory', 'cpu']\n");
    assert_eq!(places(&scan(&sandbox, &[])), ["web.yaml:13 no-limit"]);
    sandbox.write("lockgate.toml", "[rules.parameters.no-limit]\nlimits = ['memory', 'cpu']\n");
    let pack = sandbox.pack();
    sandbox.scan(["--rules", pack.to_str().unwrap(), "."]).expect_error("unknown parameter");
}

#[test]
fn a_comment_silences_a_misconfiguration() {
    let sandbox = sandbox();
    let silenced = DEPLOYMENT.replace("privileged: true", "privileged: true # lockgate: ignore[privileged] node agent");
    sandbox.write("web.yaml", silenced);
    let report = scan(&sandbox, &[]);
    assert_eq!(report["findings"][0]["suppression"]["justification"], "node agent");
}

#[test]
fn manifests_come_from_standard_input_too() {
    let sandbox = sandbox();
    let pack = sandbox.pack();
    let mut command = sandbox.command();
    let outcome = cli::finish(
        command
            .args(["scan", "--format", "json", "--disable", "kubernetes-*", "--stdin-name", "web.yaml", "--rules"])
            .args([pack.to_str().unwrap(), "-"])
            .write_stdin(DEPLOYMENT),
    );
    let report: Value = serde_json::from_str(&outcome.stdout).unwrap_or_else(|error| panic!("{error}: {outcome:#?}"));
    assert_eq!(places(&report), ["web.yaml:12 privileged"]);
}

#[test]
fn what_cannot_be_parsed_is_said_and_the_rest_is_read() {
    let sandbox = sandbox();
    sandbox.write(
        "web.yaml",
        format!("{DEPLOYMENT}---\napiVersion: v1\nkind: Pod\nspec: {{a: [}}\n---\n{}", service("mail")),
    );
    let report = scan(&sandbox, &[]);
    assert_eq!(places(&report), ["web.yaml:12 privileged", "web.yaml:21 lonely-service"]);
    assert_eq!(cause(&report, "web.yaml"), Some("unparsed"));
    let detail = report["coverage"]["entries"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("line 17"), "{detail}");
}

/// What a hostile manifest looks like: each ends, and each leaves a word in the coverage.
#[test]
fn bombs_end_with_an_entry() {
    let head = "apiVersion: v1\nkind: Pod\n";
    let mut aliases = format!("{head}a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let items = vec![format!("*a{}", level - 1); 10].join(", ");
        writeln!(aliases, "a{level}: &a{level} [{items}]").unwrap();
    }
    let bombs = [
        ("aliases.yaml", aliases),
        ("cycle.yaml", format!("{head}spec: &a [*a, *a]\n")),
        ("merge.yaml", format!("{head}spec: &a {{<<: *a, b: *a}}\n")),
        ("flow.yaml", format!("{head}spec: {}", "[".repeat(100_000))),
        (
            "block.yaml",
            format!("{head}spec:\n{}", (0..20_000).fold(String::new(), |text, n| text + &" ".repeat(n % 300) + "- \n")),
        ),
        (
            "many.yaml",
            DEPLOYMENT.replace(
                "        - name: web\n",
                &"        - {name: w, securityContext: {privileged: true}}\n".repeat(20_000),
            ),
        ),
        ("deep.json", format!("{{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"a\": {}", "[".repeat(100_000))),
        ("keys.yaml", format!("{head}{}", "a:".repeat(2_000_000))),
        ("lines.yaml", format!("{head}{}", "a:\n".repeat(6_000_000))),
    ];
    let sandbox = sandbox();
    for (name, text) in &bombs {
        sandbox.write(name, text);
    }
    let report = scan(&sandbox, &[]);
    for (name, _) in &bombs {
        assert!(cause(&report, name).is_some(), "{name}: {}", report["coverage"]);
    }
}

#[test]
fn what_a_file_is_can_be_said() {
    let sandbox = sandbox();
    sandbox.write("deploy/web.manifest", DEPLOYMENT);
    assert_eq!(places(&scan(&sandbox, &[])), [] as [String; 0]);
    assert_eq!(
        places(&scan(&sandbox, &["--as", "kubernetes=deploy/*.manifest"])),
        ["deploy/web.manifest:12 privileged"]
    );
    sandbox.scan(["--as", "kubernets=x", "."]).expect_error("unknown platform; use one of: azure-pipelines, bake, ");
}

#[test]
fn what_cannot_be_known_is_no_finding_but_can_be_listed() {
    let sandbox = sandbox();
    let template = DEPLOYMENT.replace("privileged: true", "privileged: {{ .Values.privileged }}");
    sandbox.write("chart/templates/web.yaml", template);
    let pack = sandbox.pack();
    let outcome = sandbox.scan(["--rules", pack.to_str().unwrap(), "--show-unknown", "."]);
    let line =
        "unknown: chart/templates/web.yaml:9: privileged depends on a value of Deployment.shop.web that is not known";
    assert!(outcome.stderr.contains(line), "{outcome:#?}");
    assert!(outcome.stdout.contains("passed"), "{outcome:#?}");
}
