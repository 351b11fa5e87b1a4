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
    let Settings { scan, rules, report, gate, baseline, trust, .. } = parse(text).unwrap().settings;
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
    let is_table = |section: &&String| !["extends", "final", "waiver"].contains(&section.as_str());
    for section in schema["properties"].as_object().unwrap().keys().filter(is_table) {
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
    assert_eq!(keys.len(), 3 + 6 + 2 + 8 + Category::ALL.len() + 1 + 1);
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
    let others = [include_str!("../../docs/policy.md"), include_str!("../../docs/waivers.md")];
    let others = others.iter().flat_map(|manual| manual.split("```toml\n").skip(1));
    let others: Vec<&str> = others.map(|rest| rest.split("```").next().unwrap_or_default()).collect();
    assert_eq!(others.len(), 4);
    for example in examples.into_iter().chain(others) {
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

#[test]
fn every_key_of_entries_and_waivers_is_understood() {
    let text = r#"
        final = ["gate.policy", "rules"]
        [gate]
        scope = "all"
        unsuppressible = ["some-rule", "a-*"]
        required-rules = ["some-rule"]
        required-packs = ["security/rules"]
        [[gate.policy]]
        name = "first: production"
        categories = ["secret", "network"]
        rules = ["aws-*"]
        paths = ["infra/**", "x"]
        environments = ["production"]
        severity = "low"
        confidence = "high"
        scope = "changed-lines"
        budget = { medium = 5, low = 0 }
        ratchet = "category"
        final = true
        [[gate.policy]]
        name = "second"
        blocks = false
        [[waiver]]
        rule = "aws-*"
        path = "infra"
        resource = "aws_s3_bucket.logs"
        fingerprint = "5420e35d6e1907eb47d3b9fa9212fb07"
        value-hash = "5420e35d6e1907eb47d3b9fa9212fb07"
        reason = " why "
        owner = "team-x"
        until = 2030-01-31
        [[waiver]]
        rule = "b"
        path = "**"
        reason = "why"
        until = "2030-02-30"
    "#;
    let config = parse(text).unwrap();
    let policy = config.settings.policy(None);
    assert_eq!(policy.entries.iter().map(|entry| entry.name.as_str()).collect::<Vec<_>>(), ["second"]);
    assert!(!policy.entries[0].blocks && policy.is_unsuppressible("a-b") && !policy.is_unsuppressible("b"));
    assert_eq!(policy.scope, crate::gate::Scope::All);
    let entries = config.settings.policy(Some("production")).entries;
    let first = &entries[0];
    assert_eq!(
        (first.name.as_str(), first.severity, first.confidence),
        ("first: production", Some(Severity::Low), Some(Confidence::High))
    );
    assert_eq!(first.budget, [(Severity::Low, 0), (Severity::Medium, 5)].into_iter().collect());
    assert_eq!(
        (first.scope, first.ratchet),
        (Some(crate::gate::Scope::ChangedLines), Some(crate::gate::Group::Category))
    );
    assert!(first.selector.selects("aws-x", Category::Secret, "infra/a.tf") && first.blocks);
    let waivers = config.waivers(Path::new(""));
    assert_eq!((waivers[0].reason.as_str(), waivers[0].location.region.start.line), ("why", 23));
    let day = |text: &str| text.parse::<crate::date::Date>().unwrap();
    assert!(waivers[0].until.holds_on(day("2030-01-31")) && !waivers[0].until.holds_on(day("2030-02-01")));
    assert!(!waivers[1].until.holds_on(day("2000-01-01")));
}

#[test]
fn mistakes_in_entries_and_waivers_name_place_and_mend() {
    let entry = |text: &str| format!("[[gate.policy]]\nname = 'x'\n{text}");
    let waiver = |text: &str| format!("[[waiver]]\nrule = 'x'\nreason = 'y'\n{text}");
    for (text, place, words) in [
        ("[[gate.policy]]\nseverity = 'low'".to_owned(), "1:", "`name` is missing in [[gate.policy]]"),
        (format!("{0}\n{0}", entry("")), "5:8", "`x` names two entries"),
        (entry("name2 = 1"), "3:1", "unknown key `name2` in [gate.policy]; did you mean `name`?"),
        (entry("categories = ['secrets']"), "3:15", "did you mean `secret`?"),
        (entry("paths = ['../x']"), "3:10", "cannot leave it"),
        (entry("scope = 'every'"), "3:9", "use one of: all, new, changed-lines"),
        (entry("budget = { medum = 1 }"), "3:12", "did you mean `medium`?"),
        (entry("budget = { medium = -1 }"), "3:21", "`gate.policy.budget.medium` must be a number of findings"),
        (entry("budget = { medium = '1' }"), "3:21", "not a string"),
        (entry("ratchet = 'person'"), "3:11", "use one of: rule, category, total"),
        (entry("blocks = 'no'"), "3:10", "`gate.policy.blocks` must be true or false, not a string"),
        ("[gate]\npolicy = 5".to_owned(), "2:10", "`gate.policy` must be an array of tables"),
        (waiver(""), "1:", "the waiver has no scope; give it at least one of `path`"),
        ("[[waiver]]\npath = 'x'".to_owned(), "1:", "`rule` is missing in [[waiver]]"),
        ("[[waiver]]\nrule = 'x'\nreason = ' '\npath = 'x'".to_owned(), "3:10", "is no reason; say why"),
        (waiver("fingerprint = 'abc'"), "4:15", "is no fingerprint or hash: 32 hexadecimal digits"),
        (waiver("path = '[a'"), "4:8", "is not a glob"),
        (waiver("patth = 'a'\npath = 'a'"), "4:1", "did you mean `path`?"),
        ("waiver = 5".to_owned(), "1:10", "`waiver` must be an array of tables, each under [[waiver]]"),
        ("extends = 5".to_owned(), "1:11", "`extends` must be a path, or a table such as"),
        ("extends = '../x.toml'".to_owned(), "1:11", "leads out of the directory"),
        ("extends = { git-ref = 'main' }".to_owned(), "1:11", "`path` is missing in [[extends]]"),
        ("extends = { git-ref = '-x', path = 'a' }".to_owned(), "1:23", "names no commit"),
        ("extends = { git-ref = 'HEAD^{/fix}', path = 'a' }".to_owned(), "1:23", "names no commit"),
        ("final = ['gate.severty']".to_owned(), "1:10", "did you mean `severity`?"),
        ("final = ['gates']".to_owned(), "1:10", "did you mean `gate`?"),
        ("final = ['baseline']".to_owned(), "1:10", "unknown key `baseline`"),
    ] {
        let found = errors(&text);
        assert!(found.starts_with(&format!("lockgate.toml:{place}")) && found.contains(words), "{text}\n{found}");
    }
    // What could be a secret is not repeated.
    let found = errors(waiver("value-hash = 'hunter2horse'"));
    assert!(!found.contains("hunter2horse"), "{found}");
}

#[test]
fn a_reason_does_not_carry_a_secret_into_reports() {
    let random = ["ghp", "_", "w4Rn1ngS8", "aMpl3T0k3n"].concat();
    let text = format!("[[waiver]]\nrule = 'x'\npath = 'x'\nreason = 'the key {random} is old'\nowner = '{random}'");
    let waivers = parse(text).unwrap().waivers(Path::new(""));
    assert!(waivers[0].reason.contains("the key ***"), "{}", waivers[0].reason);
    assert!(!waivers[0].reason.contains("w4Rn1") && !waivers[0].owner.as_ref().unwrap().contains("w4Rn1"));
}

/// A configuration over others, by name.
fn extended(files: &[(&str, &str)]) -> Result<Config, String> {
    let (_, first) = files[0];
    let config = parse(first).unwrap();
    let read = &mut |what: &Extends, _: Option<&str>, _: &Config| {
        let Extends::File(name) = what else { return Err("is of a commit".to_owned()) };
        let file = files.iter().find(|(file, _)| file == name).ok_or("is not there")?;
        let base = Some(Path::new("").to_path_buf());
        Ok(Extended { bytes: file.1.as_bytes().to_vec(), file: name.clone(), base, identity: name.clone() })
    };
    config.with_extended(read).map_err(|errors| in_words(&errors))
}

#[test]
fn a_file_takes_over_what_it_extends_and_may_say_otherwise() {
    let base = "
        [scan]
        exclude = ['a']
        archive-depth = 2
        [rules]
        disable = ['x']
        [rules.severity]
        one = 'low'
        two = 'low'
        [gate]
        severity = 'high'
        confidence = 'high'
        unsuppressible = ['u']
        [gate.secret]
        severity = 'low'
        confidence = 'low'
        [[gate.policy]]
        name = 'base final'
        final = true
        [[gate.policy]]
        name = 'base'
        [[waiver]]
        rule = 'w'
        path = 'p'
        reason = 'r'";
    let own = "
        extends = 'base'
        [scan]
        exclude = ['b']
        [rules]
        disable = ['y']
        [rules.severity]
        two = 'high'
        [gate]
        severity = 'critical'
        unsuppressible = ['v']
        [gate.secret]
        confidence = 'high'
        [[gate.policy]]
        name = 'own'
        [[waiver]]
        rule = 'v'
        path = 'p'
        reason = 'r'";
    let config = extended(&[("own", own), ("base", base)]).unwrap();
    let settings = &config.settings;
    assert_eq!((&settings.scan.exclude[..], settings.scan.archive_depth), (&["a".to_owned(), "b".to_owned()][..], 2));
    assert_eq!(settings.rules.disable.iter().map(|one| one.value.as_str()).collect::<Vec<_>>(), ["x", "y"]);
    assert_eq!(
        (settings.rules.severity["one"].value, settings.rules.severity["two"].value),
        (Severity::Low, Severity::High)
    );
    let policy = settings.policy(None);
    assert_eq!(policy.default, Threshold { severity: Severity::Critical, confidence: Confidence::High });
    assert_eq!(policy.threshold(Category::Secret), Threshold { severity: Severity::Low, confidence: Confidence::High });
    assert!(policy.is_unsuppressible("u") && policy.is_unsuppressible("v"));
    assert_eq!(
        policy.entries.iter().map(|entry| entry.name.as_str()).collect::<Vec<_>>(),
        ["base final", "own", "base"]
    );
    let waivers = config.waivers(Path::new("/nowhere"));
    let named: Vec<(&str, &str)> = waivers.iter().map(|one| (one.rule.as_str(), &*one.location.path)).collect();
    assert_eq!(named, [("v", FILE_NAME), ("w", "base")]);
    // Unknown ids are told in the file that has them, once.
    let errors = in_words(&config.check_rule_ids(["x", "one", "two", "u", "v", "w"].into_iter()));
    assert!(
        errors.contains("lockgate.toml:6:20: unknown rule id `y`") && errors.matches("unknown").count() == 1,
        "{errors}"
    );
    let errors = in_words(&config.check_rule_ids(["y", "one", "two", "u", "v", "w"].into_iter()));
    assert!(errors.contains("base:6:20: unknown rule id `x`") && errors.matches("unknown").count() == 1, "{errors}");
}

#[test]
fn what_is_final_cannot_be_set_by_who_extends_it() {
    let cases = [
        (
            "final = ['gate']",
            "[gate]\nseverity = 'low'",
            Some("lockgate.toml:3:1: `gate.severity` is final in base; remove it here"),
        ),
        ("final = ['gate']", "[gate.secret]\nseverity = 'low'", Some("`gate.secret` is final")),
        ("final = ['gate.severity']", "[gate]\nconfidence = 'low'", None),
        ("final = ['gate.severity']", "[gate]\nseverity = 'low'", Some("`gate.severity` is final")),
        ("final = ['waiver']", "[[waiver]]\nrule = 'x'\npath = 'x'\nreason = 'x'", Some("`waiver` is final")),
        ("final = ['rules.disable']", "[rules]\nenable = ['x']", None),
        ("final = ['rules.disable']", "[rules]\ndisable = ['x']", Some("`rules.disable` is final")),
        ("", "[rules]\ndisable = ['x']", None),
    ];
    for (base, own, expected) in cases {
        let own = format!("extends = 'base'\n{own}");
        let middle = format!("extends = 'base2'\n{}", "[report]\nseverity = 'low'");
        // It makes no difference how many files lie in between.
        let own_far = own.replace("'base'", "'middle'");
        let far = extended(&[("own", &own_far), ("middle", &middle), ("base2", base)]);
        for found in [extended(&[("own", &own), ("base", base)]), far] {
            match (found, expected) {
                (Ok(_), None) => {}
                (Err(error), Some(words)) => {
                    assert!(error.contains(&words.replace(" in base; remove it here", "")), "{base} {own}: {error}");
                }
                (found, _) => panic!("{base} {own}: {found:?}"),
            }
        }
    }
}

#[test]
fn files_that_extend_each_other_have_an_end() {
    let error = extended(&[("own", "extends = 'a'"), ("a", "extends = 'b'"), ("b", "extends = 'a'")]).unwrap_err();
    assert!(error.contains("b:1:11: `a` extends itself in the end"), "{error}");
    let names = ["a", "b", "c", "d", "e", "f"];
    let texts: Vec<String> = names.iter().skip(1).map(|name| format!("extends = '{name}'")).collect();
    let mut files: Vec<(&str, &str)> = names.iter().copied().zip(texts.iter().map(String::as_str)).collect();
    files.push(("f", ""));
    assert!(extended(&files).unwrap_err().contains("at most 4 files extend each other"));
    assert!(extended(&files[1..]).is_ok());
    assert!(extended(&[("own", "extends = 'x'")]).unwrap_err().contains("lockgate.toml:1:11: `x` is not there"));
    let error = extended(&[("own", "extends = 'a'"), ("a", "[baseline]\npath = 'x'\n")]).unwrap_err();
    assert!(error.contains("a:2:1: `baseline.path` has no place in a file that others extend"), "{error}");
    let error = extended(&[("own", "extends = 'a'"), ("a", "foo = 1")]).unwrap_err();
    assert!(error.contains("a:1:1: unknown key `foo`"), "{error}");
}

#[test]
fn a_policy_of_too_many_parts_is_refused_before_it_is_compiled() {
    let entry = |number: usize| format!("[[gate.policy]]\nname = 'e{number}'\n");
    let text: String = (0..101).map(entry).collect();
    assert!(errors(text).contains("`gate.policy` must have at most 100 entries"));
    let text = format!("{}paths = [{}]", entry(1), "'a',".repeat(21));
    assert!(errors(text).contains("`gate.policy.paths` must have at most 20 entries"));
    let waiver = "[[waiver]]\nrule = 'x'\npath = 'x'\nreason = 'x'\n";
    assert!(errors(waiver.repeat(1001)).contains("`waiver` must have at most 1000 entries"));
}
