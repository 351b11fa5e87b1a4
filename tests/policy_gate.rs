//! The gate's policy from end to end: entries, environments, scopes, budgets, ratchets, what a configuration extends.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that panics fails its test, as it should")]

#[allow(dead_code, reason = "each test file uses its part")]
#[path = "common/cli.rs"]
mod cli;
#[path = "common/workshop.rs"]
mod workshop;

use cli::{Sandbox, TOKEN_RULE, finish, sample, token};
use serde_json::Value;
use workshop::{Workshop, said};

const NOTHING: [&str; 0] = [];

/// A tree with a leak in `src/a.py` and another one in `examples/b.py`.
fn leaking() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("src/a.py", format!("a = '{}'\n", token(1))).write("examples/b.py", format!("b = '{}'\n", token(2)));
    sandbox
}

/// The paths of the findings that block.
fn blocking(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().unwrap();
    findings.iter().filter(|one| one["blocks"] == true).map(|one| one["location"]["path"].as_str().unwrap()).collect()
}

#[test]
fn the_first_entry_decides_and_every_report_says_so() {
    let sandbox = leaking();
    sandbox.write(
        "lockgate.toml",
        "[[gate.policy]]\nname = \"samples\"\npaths = [\"examples/**\"]\nblocks = false\n\
         [[gate.policy]]\nname = \"tokens\"\nrules = [\"github-*\"]\nseverity = \"critical\"\n",
    );
    let (outcome, report) = sandbox.scan_json(NOTHING);
    assert_eq!(outcome.code, Some(1));
    assert_eq!(blocking(&report), ["src/a.py"]);
    let decisions = report["verdict"]["decisions"].as_array().unwrap();
    let told: Vec<(&str, usize)> = decisions
        .iter()
        .map(|one| (one["policy"].as_str().unwrap(), one["blocking"].as_array().unwrap().len()))
        .collect();
    assert_eq!(told, [("samples", 0), ("tokens", 1)]);
    let policies: Vec<&Value> = report["findings"].as_array().unwrap().iter().map(|one| &one["policy"]).collect();
    assert_eq!(policies, [&Value::Null, &"tokens".into()]);
    let outcome = sandbox.scan(NOTHING).expect_code(1);
    let verdict = outcome.verdict();
    assert!(verdict.starts_with("blocked: 1 finding that the policy blocks (1 below)"), "{verdict}");
    assert!(verdict.contains("\n  1 by the policy `tokens`: blocks at or above critical severity"), "{verdict}");
    let outcome = sandbox.scan(["--verbose"]).expect_code(1);
    let words = "\n  0 by the policy `samples`, which lets 1 pass: nothing that falls to it blocks";
    assert!(outcome.verdict().contains(words), "{outcome:#?}");
    let sarif: Value = serde_json::from_str(&sandbox.scan(["--format", "sarif"]).stdout).unwrap();
    assert_eq!(sarif["runs"][0]["results"][1]["properties"]["policy"], "tokens");
    // With the entry for all paths first, the other one never decides.
    sandbox.write(
        "lockgate.toml",
        "[[gate.policy]]\nname = \"tokens\"\nrules = [\"github-*\"]\n\
         [[gate.policy]]\nname = \"samples\"\npaths = [\"examples/**\"]\nblocks = false\n",
    );
    assert_eq!(blocking(&sandbox.scan_json(NOTHING).1), ["examples/b.py", "src/a.py"]);
}

#[test]
fn what_an_entry_blocks_is_reported_and_earlier_ids_are_understood() {
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", format!("{}\n{}\n", sample("hint", 1), sample("critical", 2)));
    let pack = sandbox.pack();
    let pack = pack.to_str().unwrap();
    sandbox.write(
        "lockgate.toml",
        "[[gate.policy]]\nname = \"hints\"\nrules = [\"e2e-hint\"]\nconfidence = \"low\"\n\
         [[gate.policy]]\nname = \"former\"\nrules = [\"e2e-former-name\"]\nblocks = false\n",
    );
    let (outcome, report) = sandbox.scan_json(["--rules", pack]);
    assert_eq!(outcome.code, Some(1));
    let rules: Vec<(&str, bool)> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["rule"].as_str().unwrap(), one["blocks"] == true))
        .collect();
    assert_eq!(rules, [("e2e-hint", true), ("e2e-critical", false)]);
    // What is not to be reported cannot block.
    sandbox.scan(["--rules", pack, "--confidence", "high"]).expect_code(0);
}

#[test]
fn entries_of_an_environment_hold_there_alone() {
    let sandbox = leaking();
    sandbox.write(
        "lockgate.toml",
        "[[gate.policy]]\nname = \"lax\"\nenvironments = [\"staging\", \"test\"]\nblocks = false\n",
    );
    sandbox.scan(NOTHING).expect_code(1);
    sandbox.scan(["--environment", "staging"]).expect_code(0);
    finish(sandbox.command().args(["scan"]).env("LOCKGATE_ENVIRONMENT", "test")).expect_code(0);
    finish(sandbox.command().args(["scan"]).env("LOCKGATE_ENVIRONMENT", "")).expect_code(1);
    let words = "no entry of the policy is for the environment `stagin`; use one of: staging, test";
    sandbox.scan(["--environment", "stagin"]).expect_error(words);
    sandbox.remove("lockgate.toml").scan(["--environment", "anything"]).expect_code(1);
}

#[test]
fn a_budget_blocks_with_the_finding_that_is_one_too_many() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "lockgate.toml",
        "[[gate.policy]]\nname = \"tokens\"\nrules = [\"github-*\"]\nbudget = { critical = 2 }\n",
    );
    sandbox.write("a.py", format!("a = '{}'\nb = '{}'\n", token(1), token(2)));
    sandbox.scan(NOTHING).expect_code(0);
    sandbox.write("b.py", format!("a = '{}'\n", token(3)));
    let outcome = sandbox.scan(NOTHING).expect_code(1);
    assert!(
        outcome.verdict().contains("3 by the policy `tokens`: 3 critical findings, at most 2 allowed"),
        "{outcome:#?}"
    );
    // What is silenced is not counted.
    sandbox.write("b.py", format!("a = '{}'  # lockgate: ignore[{TOKEN_RULE}] a sample\n", token(3)));
    sandbox.scan(NOTHING).expect_code(0);
}

#[test]
fn a_ratchet_lets_findings_move_but_not_grow() {
    let sandbox = leaking();
    sandbox.write("lockgate.toml", "[[gate.policy]]\nname = \"old\"\nratchet = \"rule\"\n");
    // Without a baseline, any is more.
    let outcome = sandbox.scan(NOTHING).expect_code(1);
    assert!(
        outcome.verdict().contains(&format!("2 of the rule {TOKEN_RULE}, more than the 0 of the baseline")),
        "{outcome:#?}"
    );
    sandbox.run(["baseline", "create"]).expect_code(0);
    sandbox.scan(NOTHING).expect_code(0);
    // One went and another one came: by fingerprints, that would block.
    sandbox.remove("src/a.py").write("src/c.py", format!("c = '{}'\n", token(3)));
    sandbox.scan(NOTHING).expect_code(0);
    sandbox.write("src/d.py", format!("d = '{}'\n", token(4)));
    let (outcome, report) = sandbox.scan_json(NOTHING);
    assert_eq!(outcome.code, Some(1));
    assert_eq!(blocking(&report), ["src/c.py", "src/d.py"]);
}

#[test]
fn nothing_suppresses_what_may_not_be_suppressed() {
    let comment = |sandbox: &Sandbox| {
        sandbox.write("src/a.py", format!("a = '{}'  # lockgate: ignore[{TOKEN_RULE}] mine\n", token(1)));
    };
    let waiver = |sandbox: &Sandbox| {
        sandbox
            .write("lockgate.toml", format!("[[waiver]]\nrule = \"{TOKEN_RULE}\"\npath = \"**\"\nreason = \"mine\"\n"));
    };
    let baseline = |sandbox: &Sandbox| drop(sandbox.run(["baseline", "create"]).expect_code(0));
    for attempt in [&comment as &dyn Fn(&Sandbox), &waiver, &baseline] {
        let sandbox = Sandbox::new();
        sandbox.write("src/a.py", format!("a = '{}'\n", token(1)));
        attempt(&sandbox);
        sandbox.scan(NOTHING).expect_code(0);
        let has_file = sandbox.tree().join("lockgate.toml").exists();
        let rest = if has_file { sandbox.read("lockgate.toml") } else { String::new() };
        sandbox.write("lockgate.toml", format!("[gate]\nunsuppressible = [\"github-*\"]\n{rest}"));
        let outcome = sandbox.scan(NOTHING).expect_code(1);
        let words =
            format!("1 suppression of {TOKEN_RULE} does not count: the policy says that nothing may suppress it");
        assert!(outcome.verdict().contains(&words), "{outcome:#?}");
        let (_, report) = sandbox.scan_json(NOTHING);
        assert_eq!(report["verdict"]["overruled"], serde_json::json!([0]));
        assert!(report["findings"][0]["suppression"].is_null());
    }
}

#[test]
fn what_the_policy_requires_must_run() {
    let sandbox = Sandbox::new();
    sandbox.write("lockgate.toml", "[gate]\nrequired-rules = [\"github-personal-*\"]\n");
    sandbox.scan(NOTHING).expect_code(0);
    let outcome = sandbox.scan(["--disable", "github-*"]).expect_code(2);
    let words = format!("the policy requires the rule {TOKEN_RULE}, which does not run");
    assert!(outcome.stdout.contains(&words), "{outcome:#?}");
    sandbox.scan(["--disable", "github-*", "--exit-zero"]).expect_code(2);
    sandbox.write("lockgate.toml", "[gate]\nrequired-rules = [\"no-such-rule\"]\n");
    sandbox.scan(NOTHING).expect_error("lockgate.toml:2:19: unknown rule id `no-such-rule`");
    sandbox.write("lockgate.toml", "[gate]\nrequired-packs = [\"./pack.yaml\"]\n");
    let outcome = sandbox.scan(NOTHING).expect_code(2);
    assert!(
        outcome.stdout.contains("the policy requires the rule pack ./pack.yaml, which is not loaded"),
        "{outcome:#?}"
    );
    sandbox.scan(["--rules", sandbox.pack().to_str().unwrap()]).expect_code(0);
}

/// A pod with a container that is privileged or not.
fn pod(name: &str, privileged: bool) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\n  namespace: shop\nspec:\n  containers:\n    - name: web\n      \
         image: registry.example/web:1.2.3\n      securityContext:\n        privileged: {privileged}\n"
    )
}

fn commit(workshop: &Workshop, message: &str) {
    workshop.git(&["add", "--all"]);
    workshop.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
}

/// The exit code of `lockgate` with these arguments at the top of the work tree, and what it said.
fn run(workshop: &Workshop, arguments: &[&str]) -> (i32, String) {
    let output = workshop.command_in(&workshop.top(), "lockgate").args(arguments).output().unwrap();
    (output.status.code().unwrap(), said(&output))
}

/// The paths of the findings that block, with the exit code.
fn blocked(workshop: &Workshop, arguments: &[&str]) -> (i32, Vec<String>) {
    let mut command = workshop.command_in(&workshop.top(), "lockgate");
    let output = command.args(["scan", "--format", "json"]).args(arguments).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(&output)));
    (output.status.code().unwrap(), blocking(&report).into_iter().map(str::to_owned).collect())
}

#[test]
fn a_scope_says_which_findings_of_a_change_count() {
    let workshop = Workshop::new();
    workshop.write("old.py", &format!("a = 1\nb = '{}'\n", token(1)));
    workshop.write("moved.py", &format!("c = '{}'\n", token(2)));
    commit(&workshop, "base");
    workshop.git(&["switch", "--quiet", "--create", "feature"]);
    // Another line of the one file, the same secret on another line of the other, and a new file.
    workshop.write("old.py", &format!("a = 2\nb = '{}'\n", token(1)));
    workshop.write("moved.py", &format!("renamed = '{}'\n", token(2)));
    workshop.write("new.py", &format!("d = '{}'\n", token(3)));
    workshop.write("lockgate.toml", "");
    commit(&workshop, "change");
    let with_scope = |scope: &str, arguments: &[&str]| {
        for text in
            [format!("[gate]\nscope = \"{scope}\"\n"), format!("[[gate.policy]]\nname = \"x\"\nscope = \"{scope}\"\n")]
        {
            workshop.write("lockgate.toml", &text);
            let (code, paths) = blocked(&workshop, arguments);
            assert_eq!(code, i32::from(!paths.is_empty()));
            if text.starts_with("[[") {
                return paths;
            }
        }
        unreachable!("the second text is an entry")
    };
    assert_eq!(with_scope("all", &["--since", "main"]), ["moved.py", "new.py", "old.py"]);
    assert_eq!(with_scope("new", &["--since", "main"]), ["new.py"]);
    assert_eq!(with_scope("changed-lines", &["--since", "main"]), ["moved.py", "new.py"]);
    // Where no change is judged, all of them count.
    assert_eq!(with_scope("changed-lines", &[]), ["moved.py", "new.py", "old.py"]);
    workshop.git(&["reset", "--quiet", "--soft", "main"]);
    assert_eq!(with_scope("all", &["--staged"]), ["moved.py", "new.py", "old.py"]);
    assert_eq!(with_scope("changed-lines", &["--staged"]), ["moved.py", "new.py"]);
}

#[test]
fn a_misconfiguration_on_lines_that_did_not_change_is_out_of_the_narrowest_scope() {
    let workshop = Workshop::new();
    workshop.write("pod.yaml", &format!("{}---\n{}", pod("a", false), pod("b", true)));
    commit(&workshop, "base");
    workshop.write("pod.yaml", &format!("{}---\n{}", pod("a", true), pod("b", true).replace("1.2.3", "1.2.4")));
    workshop.write("lockgate.toml", "[gate]\nscope = \"changed-lines\"\nseverity = \"high\"\n");
    workshop.git(&["add", "--all"]);
    let count = |arguments: &[&str]| blocked(&workshop, arguments).1.len();
    let all = count(&[]);
    assert!(all > count(&["--staged"]) && count(&["--staged"]) > 0);
    assert_eq!(count(&["--staged"]), count(&["--since", "HEAD"]));
}

#[test]
fn comments_of_the_base_that_silence_nothing_are_not_of_the_change() {
    let workshop = Workshop::new();
    let stale = |name: &str| format!("{name} = 1  # lockgate: ignore[{TOKEN_RULE}] gone\n");
    workshop.write("a.py", &stale("a"));
    workshop.write("lockgate.toml", "[rules.severity]\nunused-suppression = \"high\"\n");
    commit(&workshop, "base");
    assert_eq!(blocked(&workshop, &[]), (1, vec!["a.py".to_owned()]));
    workshop.write("b.py", &stale("b"));
    commit(&workshop, "change");
    assert_eq!(blocked(&workshop, &["--since", "HEAD~1"]), (1, vec!["b.py".to_owned()]));
    // The index holds not all that a comment could be about.
    workshop.write("c.py", &stale("c"));
    workshop.git(&["add", "--all"]);
    assert_eq!(blocked(&workshop, &["--staged"]), (0, vec![]));
}

#[test]
fn a_policy_is_extended_from_a_file_and_from_a_commit() {
    let workshop = Workshop::new();
    workshop.write("src/a.py", &format!("a = '{}'\n", token(1)));
    workshop.write("policy/base.toml", "extends = \"common.toml\"\nfinal = [\"rules.disable\"]\n");
    workshop.write(
        "policy/common.toml",
        "[[gate.policy]]\nname = \"central\"\nrules = [\"github-*\"]\nseverity = \"low\"\nfinal = true\n",
    );
    workshop.write("lockgate.toml", "");
    commit(&workshop, "base");
    for extends in ["\"policy/base.toml\"", "{ git-ref = \"main\", path = \"policy/base.toml\" }"] {
        let lax = "[[gate.policy]]\nname = \"mine\"\nblocks = false\n";
        workshop.write("lockgate.toml", &format!("extends = {extends}\n{lax}"));
        let (code, said) = run(&workshop, &["scan"]);
        assert!(code == 1 && said.contains("1 by the policy `central`"), "{extends}: {said}");
        workshop.write("lockgate.toml", &format!("extends = {extends}\n[rules]\ndisable = [\"github-*\"]\n"));
        let (code, said) = run(&workshop, &["scan"]);
        assert!(code == 2 && said.contains("lockgate.toml:3:1: `rules.disable` is final in "), "{extends}: {said}");
    }
    // What is edited in the work tree does not touch what comes from the commit.
    workshop.write("policy/common.toml", "");
    workshop.write(
        "lockgate.toml",
        "extends = { git-ref = \"main\", path = \"policy/base.toml\" }\n[gate]\nseverity = \"critical\"\n",
    );
    let (code, said) = run(&workshop, &["scan"]);
    assert!(code == 1 && said.contains("1 by the policy `central`"), "{said}");
    workshop.write("lockgate.toml", "extends = \"policy/base.toml\"\n");
    assert!(!run(&workshop, &["scan"]).1.contains("central"));
}

#[test]
fn what_cannot_be_extended_is_named() {
    let workshop = Workshop::new();
    workshop.write("a.py", "");
    workshop.write("packs.toml", "[rules]\npacks = [\"x.yaml\"]\n");
    workshop.write("self.toml", "extends = \"self.toml\"\n");
    workshop.write("lockgate.toml", "");
    commit(&workshop, "base");
    for (extends, words) in [
        ("\"none.toml\"", "lockgate.toml:1:11: `none.toml` cannot be read"),
        ("\"../x.toml\"", "leads out of the directory"),
        ("\"self.toml\"", "extends itself in the end"),
        ("\"lockgate.toml\"", "extends itself in the end"),
        ("{ git-ref = \"gone\", path = \"x\" }", "`gone:x` names no commit of this repository"),
        ("{ git-ref = \"main\", path = \"x/y.toml\" }", "has no `x/y.toml`"),
        (
            "{ git-ref = \"main\", path = \"packs.toml\" }",
            "main:packs.toml:2:1: `rules.packs` cannot be read from a commit",
        ),
        ("{ git-ref = \"main\", path = \"self.toml\" }", "extends itself in the end"),
    ] {
        workshop.write("lockgate.toml", &format!("extends = {extends}\n"));
        let (code, said) = run(&workshop, &["scan"]);
        assert!(code == 2 && said.contains(words), "{extends}: {said}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_tree_is_not_extended() {
    let sandbox = leaking();
    let elsewhere = sandbox.outside("lax.toml");
    std::fs::write(&elsewhere, "[gate]\nseverity = \"critical\"\nconfidence = \"high\"\n").unwrap();
    std::os::unix::fs::symlink(&elsewhere, sandbox.tree().join("lax.toml")).unwrap();
    sandbox.write("lockgate.toml", "extends = \"lax.toml\"\n");
    sandbox.scan(NOTHING).expect_error("`lax.toml` is a symbolic link that leads out");
}

const EXAMPLES: &str = "examples:
  - name: a token blocks
    findings:
      - {rule: github-personal-access-token, path: src/a.py}
    verdict: block
    blocking: 1
    decided-by: gate
  - name: samples do not
    findings:
      - {rule: github-personal-access-token, path: examples/a.py, count: 3}
    verdict: pass
    decided-by: samples
  - name: what could not be read leaves it open
    unreadable: [a.py]
    verdict: undecided
  - name: a waiver ends
    today: 2030-02-01
    findings: [{rule: github-personal-access-token, path: waived.py}]
    verdict: block
  - name: a waiver holds
    today: 2030-01-31
    findings: [{rule: github-personal-access-token, path: waived.py}]
    verdict: pass
  - name: what was there counts in production
    environment: production
    findings: [{rule: github-personal-access-token, state: existing}]
    verdict: block
    decided-by: production
  - name: what was there does not elsewhere
    findings: [{rule: github-personal-access-token, state: existing}]
    verdict: pass
  - name: the ratchet holds
    findings: [{rule: kubernetes-host-network, count: 2, suppressed: baseline}, {rule: kubernetes-host-network}]
    baseline: [{rule: kubernetes-host-network, count: 2}]
    verdict: block
    decided-by: old
";

const POLICY: &str = "[[gate.policy]]
name = \"samples\"
paths = [\"examples\"]
blocks = false
[[gate.policy]]
name = \"production\"
environments = [\"production\"]
scope = \"all\"
[[gate.policy]]
name = \"old\"
rules = [\"kubernetes-*\"]
severity = \"info\"
ratchet = \"rule\"
[[waiver]]
rule = \"github-*\"
path = \"waived.py\"
reason = \"a sample\"
until = 2030-01-31
";

#[test]
fn examples_of_verdicts_are_tried() {
    let sandbox = Sandbox::new();
    sandbox.write("lockgate.toml", POLICY).write("lockgate-policy.yaml", EXAMPLES);
    let outcome = sandbox.run(["policy", "test"]).expect_code(0);
    assert_eq!(outcome.stdout, "8 examples tried, 0 not as expected\n");
    // A policy that lost an entry is found out, with what was expected and what the gate says.
    sandbox.write("lockgate.toml", POLICY.replace("blocks = false", "blocks = true"));
    let outcome = sandbox.run(["policy", "test", "lockgate-policy.yaml"]).expect_code(1);
    let expected = "lockgate-policy.yaml:8: samples do not\n  verdict: expected pass, found block\n  \
                    samples: 3 findings, 3 block: blocks at or above medium severity and medium confidence\n\
                    8 examples tried, 1 not as expected\n";
    assert_eq!(outcome.stdout, expected);
    sandbox.write("more.toml", "[[examples]]\nname = \"one\"\nverdict = \"block\"\nblocking = 2\ndecided-by = \"x\"\n");
    let outcome = sandbox.run(["policy", "test", "more.toml"]).expect_code(1);
    assert!(outcome.stdout.starts_with(
        "more.toml:1: one\n  verdict: expected block, found pass\n  blocking: expected 2, found 0\n  decided-by: expected x, found nothing\n"
    ));
}

#[test]
fn mistakes_in_examples_name_place_and_mend() {
    let sandbox = Sandbox::new();
    sandbox.run(["policy", "test"]).expect_error("lockgate-policy.yaml: cannot be read");
    for (text, words) in [
        ("examples:\n- name: x\n", "e.yaml:2:3: `verdict` is missing"),
        (
            "examples:\n- {name: x, verdict: blocked}\n",
            "e.yaml:2:22: `verdict`: unknown verdict `blocked`; did you mean `block`?",
        ),
        ("examples:\n- {name: x, verdikt: block}\n", "did you mean `verdict`?"),
        ("examples: 5\n", "`examples` must be a list"),
        ("{}\n", "the file has no `examples`"),
        (
            "examples:\n- name: x\n  verdict: pass\n  findings: [{rule: github-personal-access-tokn}]\n",
            "did you mean `github-personal-access-token`?",
        ),
        ("examples:\n- name: x\n  verdict: pass\n  findings: [{path: a}]\n", "`rule` is missing"),
        (
            "examples:\n- name: x\n  verdict: pass\n  findings: [{rule: a, severity: bad}]\n",
            "`severity`: unknown severity",
        ),
        (
            "examples:\n- name: x\n  verdict: pass\n  findings: [{rule: a, count: 100000}]\n",
            "must be a number from 0 to 1000",
        ),
        ("examples:\n- name: x\n  verdict: pass\n  today: 2030-02-30\n", "`today`: is not a date"),
        ("examples: [\n", "e.yaml:"),
    ] {
        sandbox.write("e.yaml", text);
        sandbox.run(["policy", "test", "e.yaml"]).expect_error(words);
    }
}

#[test]
fn the_examples_of_the_manual_are_as_expected() {
    let manual = include_str!("../docs/policy.md");
    let block = |language: &str| {
        let start = manual.find(&format!("```{language}\n")).unwrap() + language.len() + 4;
        manual[start..].split("```").next().unwrap()
    };
    let sandbox = Sandbox::new();
    sandbox.write("lockgate.toml", block("toml")).write("lockgate-policy.yaml", block("yaml"));
    let outcome = sandbox.run(["policy", "test"]).expect_code(0);
    assert_eq!(outcome.stdout, "3 examples tried, 0 not as expected\n");
}
