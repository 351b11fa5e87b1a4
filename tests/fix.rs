//! `lockgate fix` from the command line: what it changes in a real tree, and what it leaves alone.

#![allow(clippy::unwrap_used, reason = "a helper that panics fails its test, as it should")]

#[allow(dead_code, reason = "each test file uses its part")]
#[path = "common/cli.rs"]
mod cli;

use std::fs;

use cli::Sandbox;
use serde_json::Value;

/// Rules of a user: one fix of each sort, one of them not safe.
const PACK: &str = "
defaults: {severity: high, category: privilege}
rules:
  - id: privileged
    title: Service runs privileged
    description: It owns the machine.
    remediation: Remove it.
    applies:
      - compose: [service]
        deny: {at: privileged, equals: true}
        fix: {remove: true}
  - id: no-init
    title: Service has no init
    description: Nobody reaps its children.
    remediation: Set init.
    applies:
      - compose: [service]
        require: {at: init, equals: true}
        fix: {set: {at: init, to: true, after: image}}
  - id: unquoted-port
    title: Port without quotes
    description: It may be read as a number.
    remediation: Quote it.
    applies:
      - compose: [service]
        deny: {some: ports, that: {at: ., is: number}}
        fix: {quote: true}
  - id: always-restarted
    title: Service is always restarted
    description: A loop.
    remediation: Say on-failure.
    applies:
      - compose: [service]
        deny: {at: restart, equals: always}
        fix: {replace: on-failure, unsafe: true, description: Restart on failure only}
";

const COMPOSE: &str = "\
# Our shop.
services:
  web:
    image: registry.example.com/web:1  # the shop
    privileged: true  # for no reason
    ports:
      - 8080
      - 9090
    restart: 'always'

  db: {image: registry.example.com/db:1, privileged: true}
";

const FIXED: &str = "\
# Our shop.
services:
  web:
    image: registry.example.com/web:1  # the shop
    init: true
    ports:
      - '8080'
      - '9090'
    restart: 'always'

  db: {image: registry.example.com/db:1, init: true}
";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    fs::write(sandbox.pack(), PACK).unwrap();
    sandbox.write("compose.yaml", COMPOSE);
    sandbox
}

fn arguments(sandbox: &Sandbox, more: &[&str]) -> Vec<String> {
    let pack = sandbox.pack();
    let common = ["fix", "--rules", pack.to_str().unwrap(), "--disable", "compose-*"];
    common.into_iter().chain(more.iter().copied()).map(str::to_owned).collect()
}

#[test]
fn what_can_be_fixed_is_fixed_and_stays_so() {
    let sandbox = sandbox();
    let outcome = sandbox.run(arguments(&sandbox, &[])).expect_code(0);
    assert_eq!(sandbox.read("compose.yaml"), FIXED);
    assert!(outcome.stdout.contains("compose.yaml:5: privileged: Remove it\n"), "{outcome:#?}");
    assert!(outcome.stdout.contains("6 findings in 1 file fixed\n"), "{outcome:#?}");
    assert!(outcome.stdout.contains("1 more finding can be fixed with `--unsafe`"), "{outcome:#?}");
    let again = sandbox.run(arguments(&sandbox, &[])).expect_code(0);
    assert!(again.stdout.starts_with("0 findings in 0 files fixed\n"), "{again:#?}");
    assert_eq!(sandbox.read("compose.yaml"), FIXED);
    let (_, report) = sandbox.scan_json(["--rules", sandbox.pack().to_str().unwrap(), "--disable", "compose-*"]);
    let rules: Vec<&str> =
        report["findings"].as_array().unwrap().iter().map(|finding| finding["rule"].as_str().unwrap()).collect();
    assert_eq!(rules, ["always-restarted"]);
    sandbox.run(arguments(&sandbox, &["--unsafe"])).expect_code(0);
    assert_eq!(sandbox.read("compose.yaml"), FIXED.replace("'always'", "'on-failure'"));
}

#[test]
fn a_check_writes_nothing_and_says_whether_there_is_something_to_do() {
    let sandbox = sandbox();
    let outcome = sandbox.run(arguments(&sandbox, &["--check"])).expect_code(1);
    assert!(outcome.stdout.contains("would be fixed"), "{outcome:#?}");
    assert_eq!(sandbox.read("compose.yaml"), COMPOSE);
    sandbox.run(arguments(&sandbox, &["--quiet"])).expect_code(0);
    sandbox.run(arguments(&sandbox, &["--check"])).expect_code(0);
}

#[test]
fn one_rule_is_fixed_alone_and_a_name_that_is_none_is_an_error() {
    let sandbox = sandbox();
    sandbox.run(arguments(&sandbox, &["--rule", "privi*"])).expect_code(0);
    let expected = COMPOSE.replace("    privileged: true  # for no reason\n", "").replace(", privileged: true", "");
    assert_eq!(sandbox.read("compose.yaml"), expected);
    sandbox.run(arguments(&sandbox, &["--rule", "priviledged"])).expect_error("did you mean `privileged`?");
    sandbox.run(arguments(&sandbox, &["-"])).expect_error("standard input cannot be fixed");
}

#[test]
fn a_diff_can_be_applied_and_shows_no_secret() {
    let sandbox = sandbox();
    let secret = cli::token(1);
    let text = COMPOSE.replace("    ports:\n", &format!("    environment:\n      TOKEN: {secret}\n    ports:\n"));
    sandbox.write("compose.yaml", &text);
    let outcome = sandbox.run(arguments(&sandbox, &["--check", "--diff"])).expect_code(1);
    assert!(outcome.stdout.starts_with("--- a/compose.yaml\n+++ b/compose.yaml\n@@ -2,"), "{outcome:#?}");
    assert!(outcome.stdout.contains("-    privileged: true  # for no reason\n"), "{outcome:#?}");
    assert!(!outcome.stdout.contains(&secret) && outcome.stdout.contains("TOKEN: ***"), "{outcome:#?}");
    assert!(!outcome.stderr.contains(&secret));
    assert_eq!(sandbox.read("compose.yaml"), text);
    // Without a secret, it is a patch.
    sandbox.write("compose.yaml", COMPOSE);
    let outcome = sandbox.run(arguments(&sandbox, &["--diff"])).expect_code(0);
    assert_eq!(sandbox.read("compose.yaml"), FIXED);
    sandbox.write("compose.yaml", COMPOSE).write("fix.patch", &outcome.stdout);
    cli::finish(sandbox.wrapped("git").args(["apply", "fix.patch"])).expect_code(0);
    assert_eq!(sandbox.read("compose.yaml"), FIXED);
}

#[test]
fn what_is_suppressed_or_accepted_stays() {
    let sandbox = sandbox();
    let ignored = COMPOSE.replace("# for no reason", "# lockgate: ignore[privileged] needs it");
    sandbox.write("compose.yaml", &ignored);
    sandbox.run(arguments(&sandbox, &["--rule", "privileged"])).expect_code(0);
    assert_eq!(sandbox.read("compose.yaml"), ignored.replace(", privileged: true", ""));
    sandbox.write("compose.yaml", COMPOSE);
    let pack = sandbox.pack();
    let options = ["baseline", "create", "--rules", pack.to_str().unwrap(), "--disable", "compose-*"];
    sandbox.run(options).expect_code(0);
    sandbox.run(arguments(&sandbox, &[])).expect_code(0);
    assert_eq!(sandbox.read("compose.yaml"), COMPOSE);
}

#[test]
fn line_endings_and_a_byte_order_mark_stay() {
    let sandbox = sandbox();
    let windows = |text: &str| format!("\u{feff}{}", text.replace('\n', "\r\n"));
    sandbox.write("compose.yaml", windows(COMPOSE));
    sandbox.run(arguments(&sandbox, &[])).expect_code(0);
    assert_eq!(sandbox.read("compose.yaml"), windows(FIXED));
}

#[test]
fn what_is_not_utf_8_is_left_alone() {
    let sandbox = sandbox();
    let bytes: Vec<u8> = COMPOSE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked = [vec![0xff, 0xfe], bytes].concat();
    sandbox.write("compose.yaml", &marked);
    sandbox.run(arguments(&sandbox, &[])).expect_error("compose.yaml was left alone: it is not UTF-8");
    assert_eq!(fs::read(sandbox.tree().join("compose.yaml")).unwrap(), marked);
}

#[cfg(unix)]
#[test]
fn permissions_stay_and_no_link_is_written_through() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let sandbox = sandbox();
    let path = sandbox.tree().join("compose.yaml");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let outside = sandbox.outside("compose.yaml");
    fs::write(&outside, COMPOSE).unwrap();
    fs::create_dir(sandbox.tree().join("linked")).unwrap();
    symlink(&outside, sandbox.tree().join("linked/compose.yaml")).unwrap();
    symlink(sandbox.outside(""), sandbox.tree().join("directory")).unwrap();
    sandbox.run(arguments(&sandbox, &[])).expect_code(0);
    assert_eq!(sandbox.read("compose.yaml"), FIXED);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(fs::read_to_string(&outside).unwrap(), COMPOSE);
    assert!(fs::symlink_metadata(sandbox.tree().join("linked/compose.yaml")).unwrap().is_symlink());
    assert_eq!(cli::names(&sandbox.tree()), ["compose.yaml", "directory", "linked"]);
}

#[test]
fn templates_and_aliases_are_left_alone() {
    let sandbox = sandbox();
    let text = "x-base: &base\n  image: registry.example.com/web:1\n  privileged: true\n  init: true\nservices:\n  a: *base\n  b: {<<: *base}\n";
    sandbox.write("compose.yaml", text);
    sandbox.run(arguments(&sandbox, &[])).expect_code(0);
    assert_eq!(sandbox.read("compose.yaml"), text);
}

#[test]
fn reports_carry_the_fix() {
    let sandbox = sandbox();
    let options = ["--rules", sandbox.pack().to_str().unwrap(), "--disable", "compose-*"].map(str::to_owned);
    let (_, report) = sandbox.scan_json(&options);
    let privileged = report["findings"].as_array().unwrap().iter().find(|one| one["rule"] == "privileged").unwrap();
    let fix = &privileged["fix"];
    assert_eq!(fix["description"], "Remove it");
    assert_eq!(fix["replacements"][0]["region"]["start"]["line"], 5);
    let sarif = sandbox.scan(options.iter().map(String::as_str).chain(["--format", "sarif"]));
    let sarif: Value = serde_json::from_str(&sarif.stdout).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let change = |rule: &str| {
        let result = results.iter().find(|result| result["ruleId"] == rule).unwrap();
        result["fixes"][0]["artifactChanges"][0].clone()
    };
    let privileged = change("privileged");
    assert_eq!(privileged["artifactLocation"]["uri"], "compose.yaml");
    let expected = serde_json::json!({"startLine": 5, "startColumn": 1, "endLine": 6, "endColumn": 1});
    assert_eq!(privileged["replacements"][0]["deletedRegion"], expected);
    assert_eq!(change("no-init")["replacements"][0]["insertedContent"]["text"], "\n    init: true");
    let text = sandbox.scan(options.iter().map(String::as_str)).stdout;
    assert!(text.contains("can be applied by `lockgate fix`: Remove it"), "{text}");
    assert!(text.contains("can be applied by `lockgate fix --unsafe`: Restart on failure only"), "{text}");
}

/// The fixes of the rules that come with Lockgate.
#[test]
fn built_in_rules_mend_real_manifests() {
    let sandbox = Sandbox::new();
    let manifest = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  hostPID: true\n  containers:\n    - name: web\n      image: registry.example.com/web:1\n      securityContext:\n        privileged: true\n";
    let template = "Resources:\n  Key:\n    Type: AWS::KMS::Key\n    Properties:\n      Description: ours\n  Trail:\n    Type: AWS::CloudTrail::Trail\n    Properties: {S3BucketName: logs, IsLogging: true}\n";
    sandbox.write("pod.yaml", manifest).write("stack.yaml", template);
    sandbox.run(["fix", "--profile", "all"]).expect_code(0);
    assert_eq!(sandbox.read("pod.yaml"), manifest);
    let expected = template
        .replace("ours\n", "ours\n      EnableKeyRotation: true\n")
        .replace("IsLogging: true}", "IsLogging: true, EnableLogFileValidation: true}");
    assert_eq!(sandbox.read("stack.yaml"), expected);
    let outcome = sandbox.run(["fix", "--profile", "all", "--unsafe"]).expect_code(0);
    let pod = sandbox.read("pod.yaml");
    for line in ["  hostPID: false\n", "        privileged: false\n", "        allowPrivilegeEscalation: false\n"] {
        assert!(pod.contains(line), "{pod}\n{outcome:#?}");
    }
    assert!(pod.contains("        seccompProfile:\n          type: RuntimeDefault\n"), "{pod}");
    assert!(pod.contains("  automountServiceAccountToken: false\n"), "{pod}");
}
