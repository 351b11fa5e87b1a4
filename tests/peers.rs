//! Rules, lists and exceptions of other scanners: read as they are, and carried over.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that panics fails its test, as it should")]

#[allow(dead_code, reason = "each test file uses its part")]
#[path = "common/cli.rs"]
mod cli;

use cli::{Sandbox, TOKEN_RULE, cause, places, token};
use serde_json::Value;

const CONFIG: &str = r#"
title = "acme"
[[rules]]
id = "acme-key"
description = "Acme key"
regex = '''(?i)\bacme[_-]?key\s*[:=]\s*["']?([a-z0-9]{12})(?:["'\s]|$)'''
keywords = ["acme"]
entropy = 2.5
[[rules.allowlists]]
description = "samples"
stopwords = ["example"]
[[rules.allowlists]]
condition = "AND"
regexTarget = "line"
regexes = ['''#\s*public''']
paths = ['''\.md$''']
[[rules]]
id = "Acme.Pair"
description = "Acme secret beside its account"
regex = '''pair=(x?)([[:alnum:]]{6})'''
secretGroup = 2
[[rules.required]]
id = "acme-account"
withinLines = 2
[[rules]]
id = "acme-account"
description = "Acme account"
regex = '''account:\s*(\d{4})'''
skipReport = true
[[rules]]
id = "acme-store"
description = "Acme key store"
path = '''\.(?:acme|store)$'''
[[rules]]
id = "acme-env"
description = "Acme value"
regex = '''^A_[\w[]{2,}=(\S+)'''
path = '''\.env$'''
[[allowlists]]
paths = ['''^test$''']
[[allowlists]]
targetRules = ["acme-env"]
regexTarget = "match"
regexes = ['''^A_PUBLIC=''']
"#;

/// A value that no other rule reports, for the mark `@N` in a text.
fn filled(text: &str) -> String {
    text.replace("@1", "q1w2e3r4t5y6").replace("@2", "z9y8x7w6v5u4").replace("@3", "m1n2b3v4c5x6")
}

/// A tree for [`CONFIG`].
fn acme() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox
        .write("gitleaks.toml", CONFIG)
        .write(
            "src/a.txt",
            filled("ACME_KEY = \"@1\"\nacme-key: aaaaaaaaaaab\nacmekey=example12345\nacme_key='@2'  # public\n"),
        )
        .write("docs/a.md", filled("acme_key='@2'  # public\nacme_key='@3'\n"))
        .write("test/data/a.txt", filled("ACME_KEY = \"@1\"\n"))
        .write("src/pairs.txt", "account: 1234\npair=xabcdef\n\npair=ghijkl\n\npair=mnopqr\n")
        .write("src/.env", "A_KEY=hunter2\nB=1\n")
        .write("docs/.env", "A_PUBLIC=yes\n")
        .write("src/env.txt", "A_KEY=hunter2\n")
        .write("src/keys.store", "binary-ish\n");
    sandbox
}

/// Options that leave the rules of [`CONFIG`] alone.
const ONLY: [&str; 6] =
    ["--rules", "gitleaks.toml", "--disable", "*", "--enable", "acme-key,acme-pair,acme-account,acme-store,acme-env"];

/// `path:line rule` of each finding.
fn found(report: &Value) -> Vec<String> {
    let rules = report["findings"].as_array().unwrap().iter().map(|finding| finding["rule"].as_str().unwrap());
    places(report).iter().zip(rules).map(|(place, rule)| format!("{place} {rule}")).collect()
}

/// What gitleaks 8.30.1 reports with the same configuration on the same tree; a file that is reported for its path stands on
/// line 0 there.
#[test]
fn rules_of_gitleaks_find_what_gitleaks_finds() {
    let (outcome, report) = acme().scan_json(ONLY);
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    let expected = [
        "docs/a.md:2 acme-key",
        "src/.env:1 acme-env",
        "src/a.txt:1 acme-key",
        "src/a.txt:4 acme-key",
        "src/keys.store:1 acme-store",
        "src/pairs.txt:2 acme-pair",
    ];
    assert_eq!(found(&report), expected);
    let pair = &report["findings"][5];
    assert_eq!(pair["evidence"]["facts"][0], "`acme-account` on line 1");
    assert_eq!(pair["location"]["region"]["start"]["column"], 7);
    assert!(!outcome.stdout.contains("hunter2") && !outcome.stdout.contains("q1w2e3r4"), "{}", outcome.stdout);
}

#[test]
fn an_id_that_is_taken_gets_a_prefix_and_both_rules_stay() {
    let sandbox = Sandbox::new();
    sandbox.write("g.toml", format!("[[rules]]\nid = '{TOKEN_RULE}'\nregex = 'own_[0-9]{{4}}'\n"));
    sandbox.write("a.txt", format!("own_1234\n{}\n", token(1)));
    let (_, report) = sandbox.scan_json(["--rules", "g.toml"]);
    assert_eq!(found(&report), [format!("a.txt:1 gitleaks-{TOKEN_RULE}"), format!("a.txt:2 {TOKEN_RULE}")]);
}

#[test]
fn what_has_no_effect_is_in_the_coverage_and_does_not_stop_the_scan() {
    let sandbox = Sandbox::new();
    sandbox.write("g.toml", "[extend]\nuseDefault = true\n[[rules]]\nid = 'a'\nregex = 'a{9}'\nnovel = 1\n");
    let (outcome, report) = sandbox.scan_json(["--rules", "g.toml"]);
    assert_eq!((outcome.code, cause(&report, "g.toml")), (Some(0), Some("unparsed")), "{outcome:#?}");
    let details: Vec<&str> = report["coverage"]["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["detail"].as_str().unwrap())
        .collect();
    assert!(details.iter().any(|detail| detail.starts_with("line 2: `useDefault`")), "{details:?}");
    assert!(details.contains(&"line 6: `novel` of a rule is not known and has no effect"), "{details:?}");
}

#[test]
fn mistakes_and_places_outside_are_errors() {
    let sandbox = Sandbox::new();
    sandbox.write("sub/g.toml", "[[rules]]\nid = 'a'\nregex = '(?!a)'\n");
    sandbox
        .scan(["--rules", "sub/g.toml"])
        .expect_error("sub/g.toml:3:9: this regex cannot be used here: look-ahead is not supported");
    sandbox.write("base.toml", "[[rules]]\nid = 'a'\nregex = 'a'\n");
    for (path, words) in [
        ("../base.toml", "leads out of the directory of sub/g.toml; name both files as packs instead"),
        ("/etc/hostname", "leads out of the directory of sub/g.toml"),
        ("none.toml", "the configuration that `extend` names"),
        ("https://example.org/g.toml", "nothing is loaded over the network"),
        ("g.toml", "the configurations extend one another in a circle"),
    ] {
        sandbox.write("sub/g.toml", format!("[extend]\npath = '{path}'\n"));
        sandbox.scan(["--rules", "sub/g.toml"]).expect_error(words);
    }
    sandbox.write("sub/base.toml", "[[rules]]\nid = 'a'\nregex = 'own_[0-9]{4}'\n").write("a.txt", "own_1234");
    sandbox.write("sub/g.toml", "[extend]\npath = 'base.toml'\n");
    sandbox.scan(["--rules", "sub/g.toml"]).expect_code(1);
}

#[test]
fn lists_of_other_scanners_silence_secrets() {
    let sandbox = Sandbox::new();
    let leak = |seed| format!("x = 1\nt = '{}'\n", token(seed));
    sandbox.write("a.py", leak(1)).write("b.py", leak(2)).write("c.py", leak(3));
    sandbox.write(".gitleaksignore", "# ours\na.py:github-pat:2\nb.py:github-pat:1\nc.py:slack-bot-token:2\nbroken\n");
    let (outcome, report) = sandbox.scan_json([""; 0]);
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    assert_eq!(places(&report), ["-a.py:2", "b.py:2", "c.py:2"]);
    let suppression = &report["findings"][0]["suppression"];
    assert_eq!(suppression["kind"], "external");
    assert_eq!(suppression["justification"], ".gitleaksignore: github-pat on line 2");
    assert_eq!(cause(&report, ".gitleaksignore"), Some("unparsed"));

    let sarif = sandbox.scan(["--format", "sarif"]);
    let sarif: Value = serde_json::from_str(&sarif.stdout).unwrap();
    let suppressions = &sarif["runs"][0]["results"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a.py");
    assert_eq!(suppressions.unwrap()["suppressions"][0]["kind"], "external");
}

#[test]
fn migrate_writes_what_it_can_and_says_what_it_cannot() {
    let sandbox = Sandbox::new();
    sandbox
        .write("a.py", format!("t = '{}'\n", token(1)))
        .write("lib/b.py", format!("t = '{}'\n", token(2)))
        .write("c.py", format!("t = '{}'\n", token(3)))
        .write("Dockerfile", "FROM alpine:latest\nUSER nobody\n")
        .write(".gitleaksignore", "a.py:github-pat:1\n")
        .write(
            ".gitleaks.toml",
            "[extend]\nuseDefault = true\n[[rules]]\nid = 'own'\nregex = 'own_[0-9]{4}'\n[[allowlists]]\npaths = ['^lib/']\n",
        )
        .write(".hadolint.yaml", "ignored: [DL3007, DL3008, DL9999]\n")
        .write("lockgate.toml", "# ours\n[report]\nseverity = \"low\" # all\n");
    let before = sandbox.read("lockgate.toml");

    let dry = sandbox.run(["migrate", "--dry-run"]).expect_code(0);
    assert!(dry.stdout.contains("would write") && dry.stdout.contains("pack .gitleaks.toml"), "{dry:#?}");
    assert_eq!(sandbox.read("lockgate.toml"), before);
    assert!(!sandbox.tree().join("lockgate-baseline.json").exists());

    let done = sandbox.run(["migrate"]).expect_code(0);
    for words in [
        ".gitleaksignore: 1 finding of today for the baseline",
        ".gitleaks.toml: 1 finding of today for the baseline",
        ".hadolint.yaml: 1 waiver",
        "not carried over: DL9999: no rule of Lockgate is equivalent",
        "not carried over: nothing of today for",
    ] {
        assert!(done.stdout.contains(words), "`{words}` is not in {done:#?}");
    }
    let after = sandbox.read("lockgate.toml");
    assert!(after.starts_with(&before), "{after}");
    assert!(after.contains("reason = \"DL3007 is ignored in .hadolint.yaml\""), "{after}");
    assert!(after.contains("packs = [\".gitleaks.toml\"]"), "{after}");

    // The lists may go now.
    sandbox.remove(".gitleaksignore").remove(".hadolint.yaml");
    let (outcome, report) = sandbox.scan_json([""; 0]);
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    let active: Vec<String> = places(&report).into_iter().filter(|place| !place.starts_with('-')).collect();
    assert_eq!(active, ["c.py:1"], "{outcome:#?}");

    // Once more, nothing is new.
    let again = sandbox.run(["migrate"]).expect_code(0);
    assert!(!again.stdout.contains("lockgate.toml"), "{again:#?}");
}

#[test]
fn migrate_without_anything_to_carry_over_writes_nothing() {
    let sandbox = Sandbox::new();
    let done = sandbox.run(["migrate"]).expect_code(0);
    assert!(done.stdout.starts_with("nothing to carry over"), "{done:#?}");
    assert_eq!(cli::names(&sandbox.tree()), [""; 0]);
}

#[test]
fn migrate_stops_at_a_configuration_that_is_wrong() {
    let sandbox = Sandbox::new();
    sandbox.write(".gitleaks.toml", "[[rules]]\nid = 'a'\nregex = '('\n");
    sandbox.run(["migrate"]).expect_error(".gitleaks.toml:3:9: this regex cannot be used here");
    sandbox
        .write(".gitleaks.toml", "")
        .write(".checkov.yaml", "skip-check: [CKV_K8S_16]\n")
        .write("lockgate.toml", "waiver = 1\n");
    sandbox.run(["migrate"]).expect_error("lockgate.toml");
}
