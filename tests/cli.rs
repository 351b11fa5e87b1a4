//! The commands beside `scan`: their texts, what they write, and what they refuse.

#![allow(clippy::unwrap_used, reason = "a helper that panics fails its test, as it should")]

#[allow(dead_code, reason = "each test file uses its part")]
#[path = "common/cli.rs"]
mod cli;

use std::collections::BTreeSet;
use std::fs;

use cli::{Sandbox, TOKEN_RULE, finish, names, places, sample, token};
use insta::assert_snapshot;

const COMMANDS: [&str; 14] = [
    "",
    "scan",
    "fix",
    "rules",
    "rules list",
    "rules show",
    "rules test",
    "explain",
    "baseline",
    "baseline create",
    "init",
    "completions",
    "config",
    "config schema",
];

#[test]
fn help_of_every_command() {
    let sandbox = Sandbox::new();
    let mut text = String::new();
    for command in COMMANDS {
        let outcome = sandbox.run(command.split_whitespace().chain(["--help"])).expect_code(0);
        assert_eq!(outcome.stderr, "", "{command}");
        text.push_str(&format!("$ lockgate {command} --help\n{}\n", outcome.stdout).replace("lockgate  ", "lockgate "));
    }
    assert_snapshot!(text);
}

/// The short help is for looking something up: one screen.
#[test]
fn short_help_of_the_scan() {
    let outcome = Sandbox::new().run(["scan", "-h"]).expect_code(0);
    assert_snapshot!(outcome.stdout);
}

#[test]
fn the_version_is_that_of_the_package() {
    let outcome = Sandbox::new().run(["--version"]).expect_code(0);
    assert_eq!(outcome.stdout, format!("lockgate {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn rules_are_listed_one_a_line_and_as_json() {
    let sandbox = Sandbox::new();
    let pack = sandbox.pack().display().to_string();
    let text = sandbox.run(["rules", "list", "--rules", &pack]).expect_code(0).stdout;
    let line = |id: &str| text.lines().find(|line| line.split_whitespace().next() == Some(id)).unwrap();
    let words: Vec<&str> = line("e2e-critical").split_whitespace().collect();
    assert_eq!(words, ["e2e-critical", "critical", "high", "Critical", "sample"]);
    assert!(line(TOKEN_RULE).ends_with("GitHub personal access token (classic)"));

    let json = sandbox.run(["rules", "list", "--json", "--rules", &pack]).expect_code(0).stdout;
    let rules: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap();
    assert_eq!(text.lines().last().unwrap(), format!("{} rules", rules.len()));
    let listed: Vec<&str> = text.lines().take(rules.len()).filter_map(|line| line.split_whitespace().next()).collect();
    let ids: Vec<&str> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    assert_eq!(listed, ids);
    assert!(ids.is_sorted(), "in the order of their ids");
    assert!(!sandbox.run(["rules", "list"]).expect_code(0).stdout.contains("e2e-"));
}

#[test]
fn a_rule_is_shown_by_its_id_and_by_an_earlier_one() {
    let sandbox = Sandbox::new();
    let pack = sandbox.pack().display().to_string();
    let show = |id: &str| {
        let outcome = sandbox.run(["rules", "show", id, "--rules", &pack]).expect_code(0);
        serde_json::from_str::<serde_json::Value>(&outcome.stdout).unwrap()
    };
    let rule = show("e2e-critical");
    assert_eq!((&rule["severity"], &rule["cwe"]), (&"critical".into(), &serde_json::json!([798])));
    assert_eq!(show("e2e-former-name"), rule);
    sandbox
        .run(["rules", "show", "e2e-crtical", "--rules", &pack])
        .expect_error("error: no rule is called `e2e-crtical`; did you mean `e2e-critical`?\n");
}

#[test]
fn a_rule_is_explained() {
    let sandbox = Sandbox::new();
    let pack = sandbox.pack().display().to_string();
    let outcome = sandbox.run(["explain", "e2e-critical", "--rules", &pack]).expect_code(0);
    assert_snapshot!(outcome.stdout);
    let former = sandbox.run(["explain", "e2e-former-name", "--rules", &pack]).expect_code(0);
    assert_eq!(former.stdout, outcome.stdout);
    let builtin = sandbox.run(["explain", TOKEN_RULE]).expect_code(0).stdout;
    for heading in ["Why it matters", "How to mend it", "How it is found", "Read more", "To silence one finding"] {
        assert!(builtin.contains(&format!("\n{heading}")), "{heading}: {builtin}");
    }
    // What the explanation of silencing says works.
    let comment = format!("lockgate: ignore[{TOKEN_RULE}] why this is no danger");
    assert!(builtin.contains(&comment), "{builtin}");
    sandbox.write("a.py", format!("x = '{}' # {comment}\n", token(1))).scan(["a.py"]).expect_code(0);
}

#[test]
fn a_finding_is_explained_by_its_fingerprint() {
    let sandbox = Sandbox::new();
    let made_up = ["q8Zr2LmV", "0pXt9BsYcN5d"].concat();
    sandbox.write("config/app.yml", format!("db:\n  password: {made_up}\n"));
    let report = sandbox.run(["scan", "--format", "json", "."]).expect_code(1).stdout;
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    let fingerprint = report["findings"][0]["fingerprint"].as_str().unwrap();
    let explained = sandbox.run(["explain", "--finding", &fingerprint[..12]]).expect_code(0).stdout;
    for part in [
        "Password in a file (generic-password)\nconfig/app.yml:2:13\n",
        "the name says that it is a secret",
        "long random value",
        "points",
        "lockgate: ignore[generic-password]",
    ] {
        assert!(explained.contains(part), "{part}: {explained}");
    }
    assert!(explained.contains(fingerprint) && !explained.contains(&made_up[..8]), "{explained}");
    sandbox
        .run(["explain", "--finding", "ffffffffffff"])
        .expect_error("no finding in . has a fingerprint that begins with ffffffffffff");
    sandbox
        .run(["explain", "--finding", "xyz"])
        .expect_error("`xyz` is no fingerprint: give its first 6 hexadecimal digits or more");
}

#[test]
fn a_mistyped_id_gets_the_nearest() {
    let sandbox = Sandbox::new();
    let outcome = sandbox
        .run(["explain", "github-personal-acess-token"])
        .expect_error("no rule is called `github-personal-acess-token`; did you mean `github-personal-access-token`?");
    assert_eq!(outcome.stdout, "");
    sandbox.run(["explain", "q"]).expect_error("no rule is called `q`; `lockgate rules list` shows them all");
}

/// A directory of packs with one rule, and fixtures that hold.
fn rules_of_the_user() -> Sandbox {
    let sandbox = Sandbox::new();
    let bad = sample("critical", 1);
    sandbox
        .write("rules/own.yaml", cli::PACK.split("  - id: e2e-low").next().unwrap())
        .write("rules/fixtures/e2e-critical/bad.py", format!("x = '{bad}' # lockgate-expect: e2e-critical\n"))
        .write("rules/fixtures/e2e-critical/good.py", "x = 'e2ecritical_too-short'\n");
    sandbox
}

#[test]
fn the_rules_of_a_user_are_tested_on_their_fixtures() {
    let sandbox = rules_of_the_user();
    assert_eq!(sandbox.run(["rules", "test"]).expect_code(0).stdout, "1 rule tested, 0 failures\n");
    // Beside the packs is as good as inside.
    fs::rename(sandbox.tree().join("rules/fixtures"), sandbox.tree().join("fixtures")).unwrap();
    assert_eq!(sandbox.run(["rules", "test", "rules"]).expect_code(0).stdout, "1 rule tested, 0 failures\n");
    sandbox.run(["rules", "test", "--rule", "e2e-*"]).expect_code(0);
    sandbox.run(["rules", "test", "--rule", "none-*"]).expect_error("no rule to test: nothing matches");
    fs::rename(sandbox.tree().join("fixtures"), sandbox.tree().join("elsewhere")).unwrap();
    sandbox.run(["rules", "test"]).expect_error("give --fixtures DIR");
    sandbox.run(["rules", "test", "--fixtures", "elsewhere"]).expect_code(0);
    sandbox.run(["rules", "test", "no-such-directory"]).expect_error("no-such-directory: ");
}

#[test]
fn a_rule_that_does_not_hold_is_named_with_its_fixture() {
    let sandbox = rules_of_the_user();
    let says = |words: &str| {
        let outcome = sandbox.run(["rules", "test"]).expect_code(1);
        assert!(outcome.stdout.contains(words), "`{words}` is not in {outcome:#?}");
    };
    sandbox.write("rules/fixtures/e2e-critical/good.py", sample("critical", 2));
    says("e2e-critical: rules/fixtures/e2e-critical/good.py: good, but reported on line 1");
    sandbox.write("rules/fixtures/e2e-critical/bad.py", "nothing # lockgate-expect: e2e-critical\n");
    says("e2e-critical: rules/fixtures/e2e-critical/bad.py: line 1 or 2 is not reported");
    says("1 rule tested, 3 failures");
    fs::remove_dir_all(sandbox.tree().join("rules/fixtures/e2e-critical")).unwrap();
    says("e2e-critical: rules/fixtures/e2e-critical: no `bad` fixture");
}

#[test]
fn packs_may_not_reuse_an_id() {
    let sandbox = Sandbox::new();
    let pack = sandbox.pack().display().to_string();
    sandbox.scan(["--rules", &pack, "--rules", &pack]).expect_error("rule id `e2e-critical` is already used in");
    let own = cli::PACK.replace("e2e-critical", TOKEN_RULE);
    sandbox.write("p.yaml", own).scan(["--rules", "p.yaml"]).expect_error("is already used in the built-in packs");
}

#[test]
fn init_writes_a_configuration_that_the_scan_accepts() {
    let sandbox = Sandbox::new();
    sandbox.write("app.py", format!("x = '{}'\n", token(1)));
    let before = sandbox.scan(["--format", "json"]).expect_code(1).stdout;
    assert_eq!(sandbox.run(["init"]).expect_code(0).stdout, "wrote ./lockgate.toml\n");
    let (outcome, report) = sandbox.scan_json::<&str>([]);
    assert_eq!((outcome.code, places(&report)), (Some(1), vec!["app.py:1".to_owned()]));
    // The file says the defaults, so nothing but its own presence changes.
    let before: serde_json::Value = serde_json::from_str(&before).unwrap();
    assert_eq!(report["findings"], before["findings"]);
    assert_eq!(report["verdict"], before["verdict"]);
}

#[test]
fn init_never_overwrites_unless_told() {
    let sandbox = Sandbox::new();
    sandbox.write("lockgate.toml", "# mine\n");
    sandbox.run(["init"]).expect_error("error: ./lockgate.toml: exists already; --force overwrites it\n");
    assert_eq!(sandbox.read("lockgate.toml"), "# mine\n");
    // Nor is anything written when only one of several files exists.
    sandbox.run(["init", "--github", "--gitlab", "--pre-commit"]).expect_error("exists already");
    assert_eq!(names(&sandbox.tree()), ["lockgate.toml"]);
    sandbox.remove("lockgate.toml").write(".gitlab-ci.lockgate.yml", "# mine\n");
    sandbox
        .run(["init", "--github", "--gitlab", "--pre-commit"])
        .expect_error(".gitlab-ci.lockgate.yml: exists already");
    assert_eq!(names(&sandbox.tree()), [".gitlab-ci.lockgate.yml"]);
    sandbox.run(["init", "--gitlab", "--force"]).expect_code(0);
    assert!(sandbox.read(".gitlab-ci.lockgate.yml").contains("lockgate scan"));
    assert!(sandbox.read("lockgate.toml").contains("[gate]"));
}

#[cfg(unix)]
#[test]
fn init_follows_no_link() {
    let sandbox = Sandbox::new();
    fs::write(sandbox.outside("precious"), "precious").unwrap();
    std::os::unix::fs::symlink(sandbox.outside("precious"), sandbox.tree().join("lockgate.toml")).unwrap();
    sandbox.run(["init"]).expect_error("exists already");
    sandbox.run(["init", "--force"]).expect_error("lockgate.toml");
    assert_eq!(fs::read_to_string(sandbox.outside("precious")).unwrap(), "precious");
}

#[test]
fn init_writes_every_snippet_where_it_belongs() {
    let sandbox = Sandbox::new();
    let outcome = sandbox.run(["init", "new/project", "--github", "--gitlab", "--pre-commit"]).expect_code(0);
    let files = [
        "new/project/lockgate.toml",
        "new/project/.pre-commit-config.yaml",
        "new/project/.github/workflows/lockgate.yml",
        "new/project/.gitlab-ci.lockgate.yml",
    ];
    let said: Vec<String> = files.iter().map(|file| format!("wrote {file}\n")).collect();
    assert_eq!(outcome.stdout, said.concat());
    for file in &files[1..] {
        let text = sandbox.read(file);
        assert!(lockgate::document::yaml::parse(&text).is_ok(), "{file}");
        // Every call of the program in it is one that it understands.
        let calls: Vec<&str> = text.lines().filter_map(|line| Some(line.split_once("lockgate scan")?.1)).collect();
        for call in &calls {
            let outcome = finish(sandbox.command().arg("scan").args(call.split_whitespace()));
            assert_eq!(outcome.code, Some(0), "{file}: {call}: {outcome:#?}");
        }
        // Options of a scan may follow those of a hook.
        let hooks: Vec<&str> = text.lines().filter_map(|line| Some(line.split_once("entry: lockgate ")?.1)).collect();
        for hook in &hooks {
            let outcome = finish(sandbox.command().args(hook.split_whitespace()).arg("--help"));
            assert_eq!(outcome.code, Some(0), "{file}: {hook}: {outcome:#?}");
            assert!(outcome.stdout.contains("Usage: lockgate scan"), "{file}: {hook}: {outcome:#?}");
        }
        assert!(!calls.is_empty() || !hooks.is_empty(), "{file}");
    }
    sandbox.run(["init", "/proc/no"]).expect_error("/proc/no/lockgate.toml: ");
}

#[test]
fn completions_know_every_command_and_option() {
    let sandbox = Sandbox::new();
    let help = sandbox.run(["scan", "--help"]).expect_code(0).stdout;
    let options: BTreeSet<&str> = help
        .split(|c: char| c != '-' && !c.is_ascii_lowercase())
        .filter_map(|word| word.strip_prefix("--"))
        .filter(|option| !option.is_empty())
        .collect();
    assert!(options.len() > 15, "{options:?}");
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = sandbox.run(["completions", shell]).expect_code(0).stdout;
        for word in options.iter().copied().chain(["explain", "baseline", "create", "schema", "completions"]) {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    sandbox.run(["completions", "tcsh"]).expect_error("[possible values: bash, elvish, fish, powershell, zsh]");
}

#[test]
fn bash_understands_its_completions() {
    let sandbox = Sandbox::new();
    let script = "source <(\"$LOCKGATE\" completions bash) && complete -p lockgate";
    let outcome = finish(sandbox.wrapped("bash").args(["--norc", "-c", script])).expect_code(0);
    assert!(outcome.stdout.contains("lockgate"), "{outcome:#?}");
}

#[test]
fn the_schema_is_one_and_accepts_what_init_writes() {
    let sandbox = Sandbox::new();
    let schema = sandbox.run(["config", "schema"]).expect_code(0).stdout;
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    jsonschema::meta::validate(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    sandbox.run(["init"]).expect_code(0);
    let template: serde_json::Value = toml::from_str(&sandbox.read("lockgate.toml")).unwrap();
    validator.validate(&template).unwrap();
    for (text, code) in [
        ("[gate]\nseverity = 'high'\n[gate.secret]\nconfidence = 'low'\n", 0),
        ("[gate]\nseverity = 'hihg'\n", 2),
        ("[scan]\nmax-file-size = '1MiB'\n", 0),
        ("[scan]\nmax-file-size = true\n", 2),
        ("[skan]\n", 2),
    ] {
        let value: serde_json::Value = toml::from_str(text).unwrap();
        assert_eq!(validator.is_valid(&value), code == 0, "{text}");
        sandbox.write("lockgate.toml", text).scan::<&str>([]).expect_code(code);
    }
}
