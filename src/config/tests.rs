//! The configuration from the outside: what a file means, and what is said about a broken one.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::*;
use crate::coverage::Cause;
use crate::finding::{Category, Confidence, Severity};
use crate::gate::{Response, Threshold};
use crate::rules::schema::Profile;

fn parse(text: impl AsRef<[u8]>) -> Result<Config, Vec<ConfigError>> {
    Config::parse(text.as_ref(), FILE_NAME, Path::new(""))
}

/// The errors of `text`, as a user reads them.
fn errors(text: impl AsRef<[u8]>) -> String {
    in_words(&parse(text).expect_err("the configuration is broken"))
}

fn in_words(errors: &[ConfigError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_key_is_understood() {
    let text = r#"
        [scan]
        exclude = ["fixtures/**", "!fixtures/keep"]
        max-file-size = 1_000
        [rules]
        packs = ["security/rules", "./one.yaml", "a/../b"]
        profiles = ["all"]
        enable = ["some-rule"]
        disable = ["generic-*"]
        [rules.severity]
        "github-personal-access-token" = "high"
        [rules.parameters.some-rule]
        labels = ["team", "owner"]
        [report]
        severity = "low"
        confidence = "low"
        [gate]
        severity = "high"
        confidence = "high"
        [gate.secret]
        severity = "low"
        [gate.supply-chain]
        confidence = "medium"
        [gate.undecided]
        vanished = "warn"
        too-large = "block"
        [baseline]
        path = "ci/known.json"
        [trust]
        self-suppression = "block"
    "#;
    let Settings { scan, rules, report, gate, baseline, trust, extends: _, r#final: _, waiver: _ } = parse(text).unwrap().settings;
    assert_eq!(scan.exclude, ["fixtures/**", "!fixtures/keep"]);
    assert_eq!(scan.max_file_size.bytes(), 1000);
    assert_eq!(
        rules.packs.iter().map(|pack| pack.value.as_str()).collect::<Vec<_>>(),
        ["security/rules", "./one.yaml", "a/../b"]
    );
    assert_eq!(rules.profiles, [Profile::Default, Profile::Hardening, Profile::Style]);
    assert_eq!(rules.enable[0].value.as_str(), "some-rule");
    assert!(rules.disable[0].value.is_glob());
    assert_eq!(rules.severity["github-personal-access-token"].value, Severity::High);
    assert_eq!(rules.parameters["some-rule"].value["labels"], ["team", "owner"]);
    assert_eq!((report.severity, report.confidence), (Severity::Low, Confidence::Low));
    assert_eq!((gate.severity, gate.confidence), (Severity::High, Confidence::High));
    assert_eq!(gate.categories[&Category::Secret].severity, Some(Severity::Low));
    assert_eq!(gate.categories[&Category::SupplyChain].confidence, Some(Confidence::Medium));
    assert_eq!(baseline.path.value, "ci/known.json");
    assert_eq!(gate.undecided[&Cause::TooLarge], Response::Block);
    assert_eq!(gate.undecided[&Cause::Vanished], Response::Warn);
    assert_eq!(gate.undecided[&Cause::Unreadable], Response::Block);
    assert_eq!(trust.self_suppression, Response::Block);
}

#[test]
fn one_word_speaks_for_all_causes() {
    let policy = |text: &str| parse(text).unwrap().settings.policy(None);
    assert!(policy("[gate]\nundecided = 'warn'").undecided.is_empty());
    let all = policy("[gate]\nundecided = 'block'").undecided;
    assert!(all.contains(&Cause::Unparsed) && !all.contains(&Cause::Ignored));
    let words = errors("[gate.undecided]\nignored = 'block'");
    assert!(words.contains("unknown key `ignored` in [gate.undecided]"), "{words}");
    assert!(errors("[gate]\nundecided = 'maybe'").contains("unknown undecided `maybe`; use one of: block, warn"));
    assert!(errors("[trust]\nself-suppression = 'warn'").contains("use one of: report, block"));
}

#[test]
fn a_category_inherits_from_the_gate_what_it_leaves_open() {
    let config = parse("[gate]\nconfidence = 'high'\n[gate.secret]\nseverity = 'low'").unwrap();
    let policy = config.settings.policy(None);
    let (low, medium, high) = (Severity::Low, Severity::Medium, Confidence::High);
    assert_eq!(policy.threshold(Category::Secret), Threshold { severity: low, confidence: high });
    assert_eq!(policy.threshold(Category::Network), Threshold { severity: medium, confidence: high });
    assert_eq!(Settings::default().policy(None), crate::gate::Policy::default());
}

#[test]
fn nothing_and_the_template_mean_the_defaults() {
    let default = Settings::default();
    for text in ["", "\u{feff}", "\n# nothing\n", "[gate.secret]", template(), &template().replace('\n', "\r\n")] {
        assert_eq!(parse(text).expect("valid").settings, default, "{text}");
    }
}

/// Every key that the JSON Schema knows, with its table.
fn schema_keys() -> BTreeSet<(String, String)> {
    let schema: serde_json::Value = serde_json::from_str(&json_schema()).unwrap();
    let mut keys = BTreeSet::new();
    for section in schema["properties"].as_object().unwrap().keys() {
        let definition = schema["$defs"]
            .as_object()
            .unwrap()
            .values()
            .find(|one| one["description"].as_str().unwrap().starts_with(&format!("`[{section}]`")))
            .unwrap_or_else(|| panic!("no definition of {section}"));
        for key in definition["properties"].as_object().unwrap().keys() {
            keys.insert((section.clone(), key.clone()));
        }
    }
    keys
}

#[test]
fn the_schema_and_the_reader_know_the_same_keys() {
    let keys = schema_keys();
    assert_eq!(keys.len(), 3 + 6 + 2 + 3 + Category::ALL.len() + 1 + 1);
    for (section, key) in &keys {
        // No key takes a date, so a key that exists complains of the type, and any other of the name.
        let text = errors(format!("[{section}]\n{key} = 2000-01-01"));
        assert!(text.contains(&format!("`{section}.{key}` must be ")), "{section}.{key}: {text}");
        // The template is complete; of the categories it lists the names.
        assert!(template().contains(key.as_str()), "{key} is missing in the template");
    }
}

#[test]
fn the_manual_names_every_key_and_its_examples_are_valid() {
    let manual = include_str!("../../docs/configuration.md");
    for (section, key) in schema_keys() {
        assert!(manual.contains(&format!("`{key}`")) || manual.contains(&format!("] {key}`")), "{section}.{key}");
    }
    let examples: Vec<&str> =
        manual.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default()).collect();
    assert_eq!(examples.len(), 5);
    for example in examples {
        assert!(parse(example).is_ok(), "{example}");
    }
}

#[test]
fn the_schema_accepts_what_the_reader_accepts() {
    let schema: serde_json::Value = serde_json::from_str(&json_schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let is_valid = |text: &str| {
        let value: serde_json::Value = toml::from_str(text).unwrap();
        validator.is_valid(&value)
    };
    for text in [
        template(),
        "",
        "[scan]\nmax-file-size = 5",
        "[gate.backup]\nseverity = 'low'",
        "[rules.severity]\na = 'low'",
        "[gate]\nundecided = 'block'",
        "[gate.undecided]\nbound = 'block'",
        "[trust]\nself-suppression = 'block'",
    ] {
        assert!(is_valid(text) && parse(text).is_ok(), "{text}");
    }
    for text in [
        "[scan]\nexlude = []",
        "[scan]\nmax-file-size = 0",
        "[scan]\nmax-file-size = '1 foot'",
        "[gate.foo]\nseverity = 'low'",
        "[gate.backup]\nfoo = 'low'",
        "[gate]\nundecided = 'no'",
        "[gate.undecided]\nignored = 'block'",
        "[trust]\nself-suppression = 'warn'",
        "[report]\nseverity = 'none'",
        "[rules]\nprofiles = ['none']",
        "[rules]\nenable = ['A']",
        "[rules.severity]\na = 'none'",
        "foo = 1",
    ] {
        assert!(!is_valid(text) && parse(text).is_err(), "{text}");
    }
}

#[test]
fn the_json_schema_is_stable() {
    insta::assert_snapshot!(json_schema());
}

#[test]
fn errors_say_where_what_and_how_to_mend_it() {
    let long = "a".repeat(500);
    let cases: [(&str, Vec<u8>); 33] = [
        ("unknown key, near", b"[scan]\n# which files\n\nexlude = [\"a\"]".to_vec()),
        ("unknown key, other case and separators", b"[scan]\nmaxFileSize = 5".to_vec()),
        ("unknown key, far", b"[report]\ncolour = true".to_vec()),
        ("unknown key of another section", b"[gate]\nexclude = []".to_vec()),
        ("unknown key at the top level", b"exclude = []".to_vec()),
        ("unknown table", b"[rule]\nenable = []".to_vec()),
        ("nested unknown table", b"[scan]\n[scan.limits]\nsize = 5".to_vec()),
        ("unknown category", b"[gate.secrets]\nseverity = \"low\"".to_vec()),
        ("unknown key of a category", b"[gate.secret]\nseverety = \"low\"".to_vec()),
        ("wrong type: string for array", b"[scan]\nexclude = \"fixtures\"".to_vec()),
        ("wrong type: number in array", b"[rules]\nenable = [\n  \"a\",\n  5,\n]".to_vec()),
        ("wrong type: array of tables", b"[[scan]]\nexclude = []".to_vec()),
        ("wrong type: value for table", b"gate = \"high\"".to_vec()),
        ("wrong type: severities", b"[rules]\nseverity = \"high\"".to_vec()),
        ("bad severity, near", b"[gate]\nseverity = \"hgih\"".to_vec()),
        ("bad severity, far", b"[rules.severity]\nsome-rule = \"blocker\"".to_vec()),
        ("bad confidence", b"[report]\nconfidence = \"critical\"".to_vec()),
        ("bad profile", b"[rules]\nprofiles = [\"default\", \"strict\"]".to_vec()),
        ("bad glob", b"[scan]\nexclude = [\"ok/**\", \"src/[a-\"]".to_vec()),
        ("too many alternates", format!("[scan]\nexclude = [\"{}\"]", "{".repeat(65)).into_bytes()),
        ("globs without effect", b"[scan]\nexclude = [\"\", \"#a\", \"../b\"]".to_vec()),
        ("bad size", b"[scan]\nmax-file-size = \"16 megs\"".to_vec()),
        ("size out of range", b"[scan]\nmax-file-size = -5".to_vec()),
        ("size too large", b"[scan]\nmax-file-size = 99999999999999999999".to_vec()),
        ("bad rule pattern", b"[rules]\ndisable = [\"Generic *\"]".to_vec()),
        ("severity of a glob", b"[rules.severity]\n\"generic-*\" = \"low\"".to_vec()),
        ("paths out of the tree", b"[rules]\npacks = [\"/etc\", \"a/../../b\"]\n[baseline]\npath = \"\"".to_vec()),
        ("duplicate key", b"[scan]\nexclude = []\nexclude = []".to_vec()),
        ("duplicate table", b"[scan]\n[report]\n[scan]".to_vec()),
        ("unterminated string", b"[baseline]\npath = \"known.json\n".to_vec()),
        ("byte order mark", b"\xef\xbb\xbfexlude = []".to_vec()),
        ("not UTF-8", b"[scan]\nexclude = [\"caf\xe9\"]".to_vec()),
        ("long line", format!("[scan]\nexclude = [\"{long}\", 5, \"{long}\"]").into_bytes()),
    ];
    let mut text = String::new();
    for (name, input) in cases {
        let _ = writeln!(text, "== {name}\n{}\n", errors(input));
    }
    insta::assert_snapshot!(text);
}

#[test]
fn a_file_of_mistakes_gives_a_bounded_report() {
    let mut text = "[rules.severity]\n".to_owned();
    for n in 0..20_000 {
        let _ = writeln!(text, "rule-{n} = 5");
    }
    assert_eq!(parse(&text).unwrap_err().len(), 20);
    let list = format!("[rules]\nenable = [{}]", "'a',".repeat(1001));
    assert!(errors(list).contains("`rules.enable` must have at most 1000 entries"));
    let deep = format!("x = {}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(parse(deep).unwrap_err().len(), 1);
}

#[test]
fn an_id_that_matches_no_rule_is_named_at_its_line() {
    let text = "[rules]\nenable = [\"known-one\", \"known-on\"]\ndisable = [\"known-*\", \"gone-*\"]\n\
                [rules.severity]\n\"nothing-like-it\" = \"low\"";
    let config = parse(text).unwrap();
    let errors = config.check_rule_ids(["known-one", "known-two"].into_iter());
    insta::assert_snapshot!(in_words(&errors), @r#"
    lockgate.toml:2:24: unknown rule id `known-on`; did you mean `known-one`?
      |
    2 | enable = ["known-one", "known-on"]
      |                        ^^^^^^^^^^
    lockgate.toml:3:23: `gone-*` matches no rule id; `lockgate rules list` shows all of them
      |
    3 | disable = ["known-*", "gone-*"]
      |                       ^^^^^^^^
    lockgate.toml:5:1: unknown rule id `nothing-like-it`; `lockgate rules list` shows all ids
      |
    5 | "nothing-like-it" = "low"
      | ^^^^^^^^^^^^^^^^^
    "#);
    let known = ["known-one", "known-on", "gone-by", "nothing-like-it"];
    assert_eq!(config.check_rule_ids(known.into_iter()), []);
}

#[test]
fn an_id_from_elsewhere_is_named_without_a_place() {
    let mut config = Config::default();
    config.settings.rules.disable.push(Located::unplaced("no-such-rule".parse().unwrap()));
    let errors = config.check_rule_ids(["other"].into_iter());
    assert_eq!(errors[0].to_string(), "unknown rule id `no-such-rule`; `lockgate rules list` shows all ids");
}

#[test]
fn only_the_file_at_the_root_is_discovered() {
    let root = tempfile::tempdir().unwrap();
    let sub = root.path().join("sub");
    fs::create_dir(&sub).unwrap();
    fs::write(root.path().join(FILE_NAME), "[gate]\nseverity = 'high'").unwrap();
    assert_eq!(Config::discover(root.path()).unwrap().settings.gate.severity, Severity::High);
    assert_eq!(Config::discover(&sub).unwrap().settings, Settings::default());
    // A single file that is scanned has no configuration.
    assert_eq!(Config::discover(&root.path().join(FILE_NAME)).unwrap().settings, Settings::default());
}

#[test]
fn files_that_are_no_configuration_are_refused() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("big.toml");
    fs::write(&path, "#".repeat(1 << 20)).unwrap();
    assert!(Config::load(&path).is_ok());
    fs::write(&path, "#".repeat((1 << 20) + 1)).unwrap();
    assert_eq!(Config::load(&path).unwrap_err()[0].problem, Problem::TooLarge(ByteSize::mebibytes(1)));
    assert_eq!(Config::load(root.path()).unwrap_err()[0].problem, Problem::NotRegular);
    let missing = Config::load(&root.path().join("none.toml")).unwrap_err();
    assert!(matches!(missing[0].problem, Problem::Unreadable(_)));
    assert!(missing[0].to_string().contains("none.toml: cannot be read: "));
}

#[cfg(unix)]
#[test]
fn links_are_followed_inside_the_tree_only() {
    use std::os::unix::fs::symlink;

    let outside = tempfile::tempdir().unwrap();
    let root = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("x.toml"), "[gate]\nseverity = 'critical'").unwrap();
    let link = root.path().join(FILE_NAME);

    symlink(outside.path().join("x.toml"), &link).unwrap();
    assert_eq!(Config::discover(root.path()).unwrap_err()[0].problem, Problem::LinkOutside);
    // Its user may name it all the same.
    assert_eq!(Config::load(&link).unwrap().settings.gate.severity, Severity::Critical);
    fs::remove_file(&link).unwrap();

    symlink("missing.toml", &link).unwrap();
    assert!(matches!(Config::discover(root.path()).unwrap_err()[0].problem, Problem::Unreadable(_)));
    fs::remove_file(&link).unwrap();

    fs::write(root.path().join("real.toml"), "[gate]\nseverity = 'low'").unwrap();
    symlink("real.toml", &link).unwrap();
    assert_eq!(Config::discover(root.path()).unwrap().settings.gate.severity, Severity::Low);
}

#[cfg(unix)]
#[test]
fn packs_and_baseline_stay_beside_the_configuration() {
    use std::os::unix::fs::symlink;

    let outside = tempfile::tempdir().unwrap();
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("packs")).unwrap();
    symlink(outside.path(), root.path().join("away")).unwrap();
    let config = |text: &str| Config::parse(text.as_bytes(), FILE_NAME, root.path()).unwrap();

    let good = config("[rules]\npacks = ['packs']\n[baseline]\npath = 'new/known.json'");
    assert_eq!(good.pack_paths(), Ok(vec![root.path().join("packs")]));
    assert_eq!(good.baseline_path(), Ok(root.path().join("new/known.json")));

    let bad = config("[rules]\npacks = ['none', 'away']\n[baseline]\npath = 'away/known.json'");
    let errors = bad.pack_paths().unwrap_err();
    assert!(errors[0].to_string().starts_with("lockgate.toml:2:10: `none` cannot be read: "), "{}", errors[0]);
    assert!(errors[1].to_string().starts_with("lockgate.toml:2:18: `away` is a symbolic link that leads out"));
    let error = bad.baseline_path().unwrap_err().to_string();
    assert!(error.starts_with("lockgate.toml:4:8: `away/known.json` is a symbolic link that leads out"), "{error}");

    assert_eq!(Config::default().baseline_path(), Ok(Path::new("lockgate-baseline.json").to_owned()));
}
