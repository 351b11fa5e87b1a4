//! Changes that try to silence their own judgement, in repositories made by git: under `--policy-from` each gets the
//! verdict that it would get without the attempt, and the attempt is named in the report.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that panics fails its test, as it should")]

#[allow(dead_code, reason = "each test file uses its part")]
#[path = "common/cli.rs"]
mod cli;
#[path = "common/workshop.rs"]
mod workshop;

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Output;
use std::sync::LazyLock;

use serde_json::Value;

use cli::token;
use workshop::{Workshop, said};

const TOKEN: &str = "github-personal-access-token";
const PRIVILEGED: &str = "kubernetes-privileged-container";

/// What `main` holds beside the code: a policy with something in each part that a change could want to bend.
const POLICY: &str = r#"
[scan]
exclude = ["fixtures/**"]
[rules]
packs = ["ci/rules"]
[gate]
severity = "low"
"#;

/// A pack of the repository with one rule.
const PACK: &str = r"
rules:
  - id: acme-key
    title: Acme key
    severity: high
    confidence: high
    description: Whoever holds it can order.
    remediation: Revoke it.
    secret: {keywords: [acme], pattern: '\bacme_(?<secret>[a-z0-9]{16})\b'}
";

fn pod(privileged: bool) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  namespace: shop\nspec:\n  containers:\n    - name: web\n      \
         image: web:1.0.0\n      securityContext:\n        privileged: {privileged}\n"
    )
}

/// A key that no rule but that of the pack knows.
fn acme() -> String {
    format!("acme_{}", "k3v9q2m7x1p8z5w4")
}

/// A repository whose `main` has a policy, and whose branch `change` adds a token, an Acme key and a privileged pod.
fn proposal() -> Workshop {
    let workshop = Workshop::new();
    workshop.write("lockgate.toml", POLICY);
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

fn commit(workshop: &Workshop, message: &str) {
    workshop.git(&["add", "--all", "--force"]);
    workshop.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
}

fn scan(workshop: &Workshop, arguments: &[&str]) -> Output {
    workshop.command_in(&workshop.top(), "lockgate").arg("scan").args(arguments).output().unwrap()
}

/// The report of a scan, with the exit code.
fn report(workshop: &Workshop, arguments: &[&str]) -> (i32, Value) {
    let output = scan(workshop, &[&["--format", "json"], arguments].concat());
    let report = serde_json::from_slice(&output.stdout);
    assert!(report.is_ok(), "{}", said(&output));
    (output.status.code().unwrap(), report.unwrap())
}

fn judged(workshop: &Workshop) -> (i32, Value) {
    report(workshop, &["--policy-from", "main"])
}

/// `rule` of each finding that blocks, sorted.
fn blocking(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().unwrap();
    let blocks = findings.iter().filter(|finding| finding["blocks"] == true);
    let mut rules: Vec<&str> = blocks.map(|finding| finding["rule"].as_str().unwrap()).collect();
    rules.sort_unstable();
    rules
}

/// `path: means` of each attempt.
fn attempts(report: &Value) -> Vec<String> {
    let attempts = report["self_suppression"]["attempts"].as_array().unwrap();
    let place =
        |attempt: &Value| format!("{}: {}", attempt["path"].as_str().unwrap(), attempt["means"].as_str().unwrap());
    attempts.iter().map(place).collect()
}

/// What the change of [`proposal`] is blocked for.
fn honest() -> Vec<String> {
    static HONEST: LazyLock<Vec<String>> = LazyLock::new(look_honestly);
    HONEST.clone()
}

fn look_honestly() -> Vec<String> {
    let workshop = proposal();
    let (code, report) = judged(&workshop);
    assert_eq!(code, 1, "{report:#}");
    assert_eq!(attempts(&report), [""; 0], "{report:#}");
    let rules: Vec<String> = blocking(&report).into_iter().map(str::to_owned).collect();
    for rule in [TOKEN, PRIVILEGED, "acme-key"] {
        assert!(rules.iter().any(|known| known == rule), "{rule}: {rules:?}");
    }
    rules
}

/// Carries out `attack` on the change, and checks verdict and report. `silences` says whether the attack works where the
/// policy is that of the tree: then the test shows that something was prevented.
#[track_caller]
fn defeat(name: &str, silences: bool, attack: impl FnOnce(&Workshop), expected: &[&str]) {
    let workshop = proposal();
    attack(&workshop);
    commit(&workshop, name);
    if silences {
        let output = scan(&workshop, &["--format", "outputs"]);
        let words = said(&output);
        let count = words.lines().find_map(|line| line.strip_prefix("blocking=")).unwrap_or("none");
        let count = count.parse::<usize>().ok();
        assert!(
            count.is_none_or(|count| count < honest().len()),
            "{name} has no effect without --policy-from: {words}"
        );
    }
    let (code, report) = judged(&workshop);
    assert_eq!(code, 1, "{name}: {report:#}");
    assert_eq!(blocking(&report), honest(), "{name}: {report:#}");
    assert_eq!(attempts(&report), expected, "{name}: {report:#}");
    // Every format names it.
    let path = expected[0].split(':').next().unwrap();
    for format in ["text", "sarif", "jsonl", "github"] {
        let words = said(&scan(&workshop, &["--policy-from", "main", "--format", format]));
        assert!(words.contains(path), "{name}: {format}: {words}");
        assert!(words.to_lowercase().contains("suppress"), "{name}: {format}: {words}");
    }
    let words = said(&scan(&workshop, &["--policy-from", "main", "--format", "outputs"]));
    assert!(words.contains(&format!("\nself-suppressions={}\n", expected.len())), "{name}: {words}");
}

fn edit(workshop: &Workshop, path: &str, from: &str, to: &str) {
    let text = workshop.read(path);
    assert!(text.contains(from), "{path}: {text}");
    workshop.write(path, &text.replace(from, to));
}

#[test]
fn an_edit_of_the_configuration_counts_for_nothing() {
    defeat(
        "thresholds",
        true,
        |workshop| edit(workshop, "lockgate.toml", "\"low\"", "\"critical\"\nconfidence = \"high\""),
        &["lockgate.toml: configuration", "lockgate.toml: configuration"],
    );
    defeat(
        "exclusion",
        true,
        |workshop| edit(workshop, "lockgate.toml", "fixtures/**", "**"),
        &["lockgate.toml: exclusion"],
    );
    defeat(
        "negation",
        true,
        |workshop| edit(workshop, "lockgate.toml", "[\"fixtures/**\"]", "[\"fixtures/**\", \"*.py\"]"),
        &["lockgate.toml: exclusion"],
    );
    defeat(
        "rules",
        true,
        |workshop| {
            let disable = format!("[rules]\ndisable = [\"{TOKEN}\", \"kubernetes-*\"]");
            edit(workshop, "lockgate.toml", "[rules]", &disable);
        },
        &["lockgate.toml: rules", "lockgate.toml: rules"],
    );
    defeat(
        "severities",
        true,
        |workshop| {
            let text = workshop.read("lockgate.toml") + &format!("[rules.severity]\n\"{TOKEN}\" = \"info\"\n");
            workshop.write("lockgate.toml", &text);
        },
        &["lockgate.toml: rules"],
    );
    defeat(
        "a tiny bound",
        true,
        |workshop| edit(workshop, "lockgate.toml", "[scan]", "[scan]\nmax-file-size = 1"),
        &["lockgate.toml: configuration"],
    );
    defeat(
        "a milder word on itself",
        false,
        |workshop| {
            let text = workshop.read("lockgate.toml") + "[trust]\nself-suppression = \"report\"\n";
            workshop.write("lockgate.toml", &text);
        },
        &["lockgate.toml: configuration"],
    );
}

#[test]
fn a_configuration_that_is_gone_or_broken_counts_for_nothing() {
    let remove = |workshop: &Workshop| fs::remove_file(workshop.top().join("lockgate.toml")).unwrap();
    defeat("removed", true, remove, &["lockgate.toml: configuration"]);
    defeat("broken", true, |workshop| workshop.write("lockgate.toml", "[scan\n"), &["lockgate.toml: configuration"]);
    defeat(
        "huge",
        true,
        |workshop| workshop.write("lockgate.toml", &"#".repeat(3 << 20)),
        &["lockgate.toml: configuration"],
    );
    defeat(
        "unknown keys",
        true,
        |workshop| workshop.write("lockgate.toml", &format!("extends = \"evil.toml\"\n{POLICY}")),
        &["lockgate.toml: configuration"],
    );
    defeat(
        "a link in the tree",
        true,
        |workshop| {
            remove(workshop);
            workshop.write("src/mild.toml", "[gate]\nseverity = \"critical\"\n");
            symlink("src/mild.toml", workshop.top().join("lockgate.toml")).unwrap();
        },
        &["lockgate.toml: configuration"],
    );
    defeat(
        "a link out of the tree",
        true,
        |workshop| {
            remove(workshop);
            fs::write(workshop.path("outside.toml"), "[gate]\nseverity = \"critical\"\n").unwrap();
            symlink("../outside.toml", workshop.top().join("lockgate.toml")).unwrap();
        },
        &["lockgate.toml: configuration"],
    );
    defeat(
        "a directory",
        false,
        |workshop| {
            remove(workshop);
            workshop.write("lockgate.toml/x", "y\n");
        },
        &["lockgate.toml: configuration"],
    );
    defeat(
        "elsewhere",
        false,
        |workshop| {
            workshop.write("src/lockgate.toml", "[scan]\nexclude = [\"**\"]\n");
            workshop.write("Lockgate.toml", "[scan]\nexclude = [\"**\"]\n");
        },
        &["Lockgate.toml: configuration", "src/lockgate.toml: configuration"],
    );
}

#[test]
fn a_waiver_counts_for_nothing() {
    defeat(
        "waiver",
        false,
        |workshop| {
            let waiver = format!("[[waiver]]\nrule = \"{TOKEN}\"\nreason = \"trust me\"\nuntil = \"2099-01-01\"\n");
            let text = workshop.read("lockgate.toml") + &waiver;
            workshop.write("lockgate.toml", &text);
        },
        &["lockgate.toml: waiver"],
    );
}

#[test]
fn comments_and_annotations_count_for_nothing() {
    for (name, comment) in [
        ("line", format!("# lockgate: ignore[{TOKEN}] a test")),
        ("every rule", "# lockgate: ignore".to_owned()),
        ("peer", "# gitleaks:allow".to_owned()),
        ("pragma", "# pragma: allowlist secret".to_owned()),
    ] {
        defeat(
            name,
            true,
            |workshop| workshop.write("src/deploy.py", &format!("TOKEN = \"{}\" {comment}\n", token(1))),
            &["src/deploy.py: inline"],
        );
    }
    defeat(
        "file and block",
        true,
        |workshop| {
            let text = workshop.read("src/deploy.py");
            workshop.write("src/deploy.py", &format!("# lockgate: ignore-file\n{text}"));
            let text = workshop.read("src/order.py");
            workshop.write("src/order.py", &format!("# lockgate: ignore-block\n{text}# lockgate: end-ignore\n"));
        },
        &["src/deploy.py: inline", "src/order.py: inline"],
    );
    let workshop = proposal();
    let annotated = pod(true).replace(
        "  namespace: shop\n",
        &format!("  namespace: shop\n  annotations:\n    lockgate/ignore: {PRIVILEGED} needed\n"),
    );
    workshop.write("pod.yaml", &annotated);
    commit(&workshop, "annotation");
    let (code, report) = judged(&workshop);
    assert_eq!(code, 1);
    assert_eq!(blocking(&report), honest());
    assert!(attempts(&report).iter().all(|attempt| attempt == "pod.yaml: inline"), "{report:#}");
    assert!(!attempts(&report).is_empty());
}

#[test]
fn a_comment_of_main_silences_what_it_silenced_there_and_no_more() {
    let workshop = Workshop::new();
    let silenced = |secret: &str| format!("# lockgate: ignore-file[{TOKEN}] samples\n\nTOKEN = \"{secret}\"\n");
    workshop.write("samples.py", &silenced(&token(1)));
    commit(&workshop, "base");
    workshop.git(&["switch", "--quiet", "--create", "change"]);
    // Lines in front of it, and another name for the file, change nothing.
    let moved = silenced(&token(1)).replace("\n\n", "\n# a line\n# another\n");
    workshop.write("samples.py", &moved);
    commit(&workshop, "lines");
    let (code, report) = judged(&workshop);
    assert_eq!((code, attempts(&report)), (0, vec![]), "{report:#}");
    assert_eq!(report["findings"][0]["suppression"]["kind"], "inline");
    workshop.git(&["mv", "samples.py", "renamed.py"]);
    commit(&workshop, "rename");
    let (code, report) = judged(&workshop);
    assert_eq!((code, attempts(&report)), (0, vec![]), "{report:#}");
    // A real secret under an old comment is a new one.
    workshop.write("renamed.py", &silenced(&token(2)));
    commit(&workshop, "another secret");
    let (code, report) = judged(&workshop);
    assert_eq!((code, attempts(&report)), (1, vec!["renamed.py: inline".to_owned()]), "{report:#}");
}

#[test]
fn ignore_files_count_for_nothing() {
    for name in [".lockgateignore", "src/.lockgateignore", "src/.gitignore"] {
        defeat(
            name,
            true,
            |workshop| workshop.write(name, "*.py\n*.yaml\n"),
            &[&format!("{name}: ignore-file"), &format!("{name}: ignore-file")],
        );
    }
    defeat("gitignore", true, |workshop| workshop.write(".gitignore", "build/\n/src/\n"), &[".gitignore: ignore-file"]);
    defeat(
        "ignore files of others",
        false,
        |workshop| {
            workshop.write(".ignore", "src/\n");
            workshop.write(".gitleaksignore", "src/deploy.py:github-pat:1\n");
            workshop.write(".GITIGNORE", "src/\n");
        },
        &[".GITIGNORE: ignore-file", ".gitleaksignore: ignore-file", ".ignore: ignore-file"],
    );
}

#[test]
fn attributes_count_for_nothing_and_are_named() {
    defeat(
        "attributes",
        false,
        |workshop| workshop.write(".gitattributes", "*.sh text\n*.py linguist-generated -diff\n*.yaml binary\n"),
        &[".gitattributes: attributes", ".gitattributes: attributes"],
    );
}

#[test]
fn baseline_entries_count_for_nothing() {
    defeat(
        "baseline",
        true,
        |workshop| {
            let output =
                workshop.command_in(&workshop.top(), "lockgate").args(["baseline", "create"]).output().unwrap();
            assert!(output.status.success(), "{}", said(&output));
        },
        &vec!["lockgate-baseline.json: baseline"; honest().len()],
    );
    defeat(
        "another baseline",
        true,
        |workshop| {
            let create = ["baseline", "create", "--output", "src/known.json"];
            assert!(workshop.command_in(&workshop.top(), "lockgate").args(create).status().unwrap().success());
            let text = workshop.read("lockgate.toml") + "[baseline]\npath = \"src/known.json\"\n";
            workshop.write("lockgate.toml", &text);
        },
        &["lockgate.toml: baseline"],
    );
    // The option names a file of the repository: it is read from there, too.
    let workshop = proposal();
    workshop.write("known.json", "{\"schema\": \"lockgate/baseline/v1\", \"findings\": []}\n");
    let output = scan(&workshop, &["--policy-from", "main", "--baseline", "known.json"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains(":known.json: is not there"), "{}", said(&output));
}

#[test]
fn packs_count_as_main_has_them() {
    defeat(
        "a pack that finds nothing",
        true,
        |workshop| edit(workshop, "ci/rules/acme.yaml", "acme_(", "emca_("),
        &["ci/rules/acme.yaml: rule-pack"],
    );
    defeat(
        "no pack",
        true,
        |workshop| fs::remove_file(workshop.top().join("ci/rules/acme.yaml")).unwrap(),
        &["ci/rules/acme.yaml: rule-pack"],
    );
    defeat(
        "a link for a pack",
        true,
        |workshop| {
            fs::remove_dir_all(workshop.top().join("ci/rules")).unwrap();
            symlink("../src", workshop.top().join("ci/rules")).unwrap();
        },
        &["ci/rules/acme.yaml: rule-pack"],
    );
    let workshop = proposal();
    edit(&workshop, "lockgate.toml", "packs = [\"ci/rules\"]", "packs = []");
    commit(&workshop, "without packs");
    let (code, report) = judged(&workshop);
    assert_eq!((code, blocking(&report)), (1, honest().iter().map(String::as_str).collect()));
    assert_eq!(attempts(&report), ["lockgate.toml: rule-pack"]);
}

#[test]
fn a_file_that_is_moved_out_of_sight_is_looked_at() {
    // The token stands in main already: it is moved where nobody looks.
    let workshop = proposal();
    workshop.git(&["switch", "--quiet", "main"]);
    let text = format!("{}TOKEN = \"{}\"\n", workshop.read("src/moved.py"), token(7));
    workshop.write("src/moved.py", &text);
    commit(&workshop, "a leak of old");
    workshop.git(&["switch", "--quiet", "--create", "hiding"]);
    let (before, honest) = judged(&workshop);
    assert_eq!((before, blocking(&honest)), (1, vec![TOKEN]));
    for (directory, rule) in [("fixtures", "[scan] exclude"), ("build", ".gitignore:1")] {
        fs::create_dir_all(workshop.top().join(directory)).unwrap();
        workshop.git(&["mv", "src/moved.py", &format!("{directory}/moved.py")]);
        commit(&workshop, directory);
        let (code, _) = report(&workshop, &[]);
        assert_eq!(code, 0, "{directory}");
        let (code, judged) = judged(&workshop);
        assert_eq!((code, blocking(&judged)), (1, vec![TOKEN]), "{directory}: {judged:#}");
        assert_eq!(attempts(&judged), [format!("{directory}/moved.py: hidden-file")]);
        let detail = judged["self_suppression"]["attempts"][0]["detail"].as_str().unwrap();
        assert!(detail.contains("moves src/moved.py") && detail.contains(rule), "{detail}");
        // It is no newer for that.
        let (code, compared) = report(&workshop, &["--policy-from", "main", "--since", "main"]);
        assert_eq!(code, 0, "{compared:#}");
        assert_eq!(compared["findings"][0]["state"], "existing");
        workshop.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    }
    // What is added against the word of .gitignore is looked at too; what stands in an excluded directory is not.
    workshop.write("build/deploy.py", &format!("TOKEN = \"{}\"\n", token(8)));
    workshop.write("fixtures/new.py", &format!("TOKEN = \"{}\"\n", token(9)));
    commit(&workshop, "forced");
    let (_, judged) = judged(&workshop);
    assert_eq!(blocking(&judged), [TOKEN, TOKEN], "{judged:#}");
    assert_eq!(attempts(&judged), ["build/deploy.py: hidden-file"]);
}

#[test]
fn what_a_new_link_brings_back_into_sight_is_looked_at() {
    let workshop = proposal();
    workshop.write("fixtures/real.py", &format!("TOKEN = \"{}\"\n", token(6)));
    workshop.write("fixtures/deep/real.py", &format!("TOKEN = \"{}\"\n", token(7)));
    symlink("../fixtures/real.py", workshop.top().join("src/real.py")).unwrap();
    symlink("../fixtures/deep", workshop.top().join("src/deep")).unwrap();
    commit(&workshop, "links");
    let (code, judged) = judged(&workshop);
    assert_eq!(code, 1);
    assert_eq!(blocking(&judged).iter().filter(|rule| **rule == TOKEN).count(), 3, "{judged:#}");
    assert_eq!(attempts(&judged), ["fixtures/deep/real.py: hidden-file", "fixtures/real.py: hidden-file"]);
}

#[test]
fn a_text_that_turns_binary_is_named() {
    let workshop = proposal();
    fs::write(workshop.top().join("src/app.py"), [b"\0\0\0\0", format!("x = '{}'\n", token(3)).as_bytes()].concat())
        .unwrap();
    commit(&workshop, "binary");
    let (code, report) = judged(&workshop);
    assert_eq!((code, attempts(&report)), (1, vec!["src/app.py: hidden-file".to_owned()]), "{report:#}");
}

#[test]
fn the_policy_says_whether_attempts_block() {
    let workshop = Workshop::new();
    workshop.write("lockgate.toml", "[trust]\nself-suppression = \"block\"\n");
    workshop.write("app.py", "x = 1\n");
    commit(&workshop, "base");
    workshop.git(&["switch", "--quiet", "--create", "change"]);
    workshop.write("app.py", "x = 2\n");
    commit(&workshop, "harmless");
    let (code, report) = judged(&workshop);
    assert_eq!((code, attempts(&report)), (0, vec![]), "{report:#}");
    workshop.write(".gitignore", "*.py\n");
    workshop.write("lockgate.toml", "[trust]\nself-suppression = \"report\"\n");
    commit(&workshop, "attempts");
    let (code, report) = judged(&workshop);
    assert_eq!((code, &report["verdict"]["self_suppression"]), (1, &Value::from(2)), "{report:#}");
    assert_eq!(attempts(&report), [".gitignore: ignore-file", "lockgate.toml: configuration"]);
    let text = said(&scan(&workshop, &["--policy-from", "main"]));
    assert!(text.contains("blocked: 2 attempts of the change to suppress itself"), "{text}");
    let sarif = scan(&workshop, &["--policy-from", "main", "--format", "sarif"]);
    let sarif: Value = serde_json::from_slice(&sarif.stdout).unwrap();
    let properties = &sarif["runs"][0]["properties"]["selfSuppression"];
    assert_eq!((&properties["blocks"], properties["attempts"].as_array().unwrap().len()), (&Value::from(true), 2));
    let notifications = sarif["runs"][0]["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
    let own: Vec<&Value> = notifications
        .iter()
        .filter(|one| one["descriptor"]["id"].as_str().unwrap().starts_with("self-suppression/"))
        .collect();
    assert_eq!(own.len(), 2);
    assert_eq!(own[0]["level"], "error");
    assert_eq!(own[0]["locations"][0]["physicalLocation"]["region"]["startLine"], 1);
}

#[test]
fn what_main_changed_meanwhile_is_no_attempt_of_the_change() {
    let workshop = proposal();
    workshop.git(&["switch", "--quiet", "main"]);
    workshop.write("lockgate.toml", &POLICY.replace("[\"fixtures/**\"]", "[]").replace("\"low\"", "\"medium\""));
    workshop.write(".gitignore", "");
    commit(&workshop, "main goes on");
    workshop.git(&["switch", "--quiet", "change"]);
    let (code, report) = judged(&workshop);
    assert_eq!((code, attempts(&report)), (1, vec![]), "{report:#}");
}

#[test]
fn a_scan_of_a_directory_takes_the_policy_of_that_directory() {
    let workshop = proposal();
    workshop.git(&["switch", "--quiet", "main"]);
    workshop.write("src/lockgate.toml", "[gate]\nseverity = \"low\"\n");
    commit(&workshop, "a policy for src");
    workshop.git(&["switch", "--quiet", "change"]);
    workshop.git(&["rebase", "--quiet", "main"]);
    workshop.write("src/lockgate.toml", "[scan]\nexclude = [\"*\"]\n");
    workshop.write(".gitignore", "src/\n");
    commit(&workshop, "attack");
    let (code, report) = report(&workshop, &["--policy-from", "main", "src"]);
    assert_eq!((code, blocking(&report)), (1, vec![TOKEN]), "{report:#}");
    let named = attempts(&report);
    assert!(named.contains(&"lockgate.toml: exclusion".to_owned()), "{named:?}");
    assert!(named.contains(&"../.gitignore: ignore-file".to_owned()), "{named:?}");
}

#[test]
fn a_link_in_the_policy_leads_inside_of_its_commit() {
    let workshop = Workshop::new();
    workshop.write("ci/policy.toml", "[gate]\nseverity = \"low\"\n");
    symlink("ci/policy.toml", workshop.top().join("lockgate.toml")).unwrap();
    commit(&workshop, "base");
    workshop.git(&["switch", "--quiet", "--create", "change"]);
    workshop.write("deploy.py", &format!("TOKEN = \"{}\"\n", token(1)));
    workshop.write("ci/policy.toml", "[scan]\nexclude = [\"**\"]\n");
    commit(&workshop, "attack through the link");
    let (code, report) = judged(&workshop);
    assert_eq!((code, blocking(&report)), (1, vec![TOKEN]), "{report:#}");
    assert!(attempts(&report).contains(&"lockgate.toml: exclusion".to_owned()), "{report:#}");
    workshop.git(&["switch", "--quiet", "main"]);
    fs::remove_file(workshop.top().join("lockgate.toml")).unwrap();
    symlink("../../outside.toml", workshop.top().join("lockgate.toml")).unwrap();
    commit(&workshop, "a link out of the repository");
    let output = scan(&workshop, &["--policy-from", "main"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("is a symbolic link that leads out of the repository"), "{}", said(&output));
}

#[test]
fn a_ref_that_is_not_there_ends_with_the_command_that_brings_it() {
    let upstream = proposal();
    let clone = Workshop::new();
    let url = format!("file://{}", upstream.top().display());
    let command = ["clone", "--quiet", "--depth=1", "--branch=change", "--single-branch", &url];
    let target = clone.path("clone");
    let output = clone.command_in(clone.directory.path(), "git").args(command).arg(&target).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let scan = |revision: &str, variables: &[(&str, &str)]| {
        let arguments = ["scan", "--quiet", "--policy-from", revision];
        clone.command_in(&target, "lockgate").args(arguments).envs(variables.iter().copied()).output().unwrap()
    };
    let mend = "git fetch --depth=1 origin +refs/heads/main:refs/remotes/origin/main";
    for (revision, variables) in [
        ("main", &[][..]),
        ("origin/main", &[]),
        ("auto", &[("CI", "true"), ("GITHUB_ACTIONS", "true"), ("GITHUB_BASE_REF", "main")]),
    ] {
        let output = scan(revision, variables);
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert!(said(&output).contains(&format!("to mend: {mend}\n")), "{revision}: {}", said(&output));
    }
    let words: Vec<&str> = mend.split_whitespace().skip(1).collect();
    assert!(clone.command_in(&target, "git").args(words).status().unwrap().success());
    for revision in ["main", "origin/main"] {
        let output = scan(revision, &[]);
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    }
}

#[test]
fn a_branch_of_the_change_does_not_pass_for_that_of_the_remote() {
    let upstream = proposal();
    upstream.write("lockgate.toml", "[scan]\nexclude = [\"**\"]\n");
    commit(&upstream, "attack");
    let clone = Workshop::new();
    let url = upstream.top().display().to_string();
    let target = clone.path("clone");
    let git = |arguments: &[&str]| {
        let output = clone.command_in(&target, "git").args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
    };
    fs::create_dir(&target).unwrap();
    git(&["init", "--quiet", "--initial-branch=other"]);
    git(&["remote", "add", "origin", &url]);
    git(&["fetch", "--quiet", "origin", "+refs/heads/*:refs/remotes/origin/*"]);
    // The change is checked out under the names of the branch that it is for.
    git(&["switch", "--quiet", "--create", "main", "origin/change"]);
    git(&["branch", "origin/main"]);
    git(&["tag", "main"]);
    for revision in ["main", "origin/main", "refs/remotes/origin/main"] {
        let arguments = ["scan", "--quiet", "--policy-from", revision];
        let output = clone.command_in(&target, "lockgate").args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{revision}: {}", said(&output));
    }
}

#[test]
fn options_that_name_files_are_read_from_the_ref_or_refused() {
    let workshop = proposal();
    workshop.write("ci/other.toml", "[scan]\nexclude = [\"**\"]\n");
    fs::write(workshop.path("outside.toml"), "[scan]\nexclude = [\"**\"]\n").unwrap();
    let refused = |arguments: &[&str], words: &str| {
        let output = scan(&workshop, arguments);
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert!(said(&output).contains(words), "{}", said(&output));
    };
    refused(&["--policy-from", "main", "--config", "ci/other.toml"], ":ci/other.toml: is not there");
    refused(&["--policy-from", "main", "--config", "../outside.toml"], "lies outside of the repository");
    refused(&["--policy-from", "main", "--rules", "src"], ":src: no rule pack");
    refused(&["--policy-from", "nowhere"], "has no commit by the name of");
    refused(&["--policy-from", "--all"], "");
    let (code, _) = report(&workshop, &["--policy-from", "main", "--config", "lockgate.toml"]);
    assert_eq!(code, 1);
    let empty = tempfile::tempdir().unwrap();
    let output =
        workshop.command_in(empty.path(), "lockgate").args(["scan", "--policy-from", "main"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("not inside of a git repository"), "{}", said(&output));
}

#[test]
fn what_is_staged_and_what_is_history_is_held_to_the_policy_too() {
    let workshop = proposal();
    workshop.write("src/late.py", &format!("TOKEN = \"{}\" # lockgate: ignore\n", token(5)));
    workshop.git(&["add", "--all"]);
    let (code, staged) = report(&workshop, &["--policy-from", "main", "--staged"]);
    assert_eq!((code, attempts(&staged)), (1, vec!["src/late.py: inline".to_owned()]), "{staged:#}");
    workshop.git(&["commit", "--quiet", "--message", "late"]);
    let (code, history) = report(&workshop, &["--policy-from", "main", "--history"]);
    assert_eq!((code, attempts(&history)), (1, vec!["src/late.py: inline".to_owned()]), "{history:#}");
}

#[test]
fn no_suppress_shows_and_judges_everything() {
    let workshop = Workshop::new();
    workshop.write("a.py", &format!("TOKEN = \"{}\" # lockgate: ignore\n", token(1)));
    workshop.write("b.py", &format!("TOKEN = \"{}\"\n", token(2)));
    let create = ["baseline", "create"];
    assert!(workshop.command_in(&workshop.top(), "lockgate").args(create).status().unwrap().success());
    let (code, quiet) = report(&workshop, &[]);
    assert_eq!((code, blocking(&quiet)), (0, vec![]));
    let (code, all) = report(&workshop, &["--no-suppress"]);
    assert_eq!((code, blocking(&all)), (1, vec![TOKEN, TOKEN]));
    assert!(all["findings"].as_array().unwrap().iter().all(|finding| finding["suppression"].is_null()));
}

/// The files of a repository, committed below another one, pass for a repository without a work tree to programs that do
/// not look twice.
#[test]
fn a_repository_that_the_change_brings_along_is_not_asked() {
    let workshop = proposal();
    let evil = Workshop::new();
    evil.write("lockgate.toml", "[scan]\nexclude = [\"**\"]\n");
    commit(&evil, "evil");
    for directory in ["", "src/"] {
        for name in ["HEAD", "objects", "refs"] {
            let to = workshop.top().join(directory);
            let copied = workshop
                .command_in(&evil.top().join(".git"), "cp")
                .args(["--recursive", name])
                .arg(&to)
                .status()
                .unwrap();
            assert!(copied.success());
        }
        workshop.write(
            &format!("{directory}config"),
            "[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = .\n",
        );
    }
    commit(&workshop, "embedded repositories");
    for path in [".", "src"] {
        let (code, report) = report(&workshop, &["--policy-from", "main", path]);
        assert_eq!(code, 1, "{path}: {report:#}");
        assert!(blocking(&report).contains(&TOKEN), "{path}: {report:#}");
        assert_eq!(report["self_suppression"]["is_head"], false);
    }
}

#[test]
fn a_policy_from_head_says_so() {
    let workshop = proposal();
    let text = said(&scan(&workshop, &["--policy-from", "HEAD"]));
    assert!(text.contains("which is HEAD: what is committed has a say in its own judgement"), "{text}");
    // What is not committed has none.
    workshop.write(".lockgateignore", "*\n");
    let (code, report) = report(&workshop, &["--policy-from", "HEAD"]);
    assert_eq!((code, attempts(&report)), (1, vec![".lockgateignore: ignore-file".to_owned()]), "{report:#}");
}
