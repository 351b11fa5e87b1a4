//! What is said about a broken configuration.

use std::fmt::Write as _;

use super::*;

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
fn a_policy_of_too_many_parts_is_refused_before_it_is_compiled() {
    let entry = |number: usize| format!("[[gate.policy]]\nname = 'e{number}'\n");
    let text: String = (0..101).map(entry).collect();
    assert!(errors(text).contains("`gate.policy` must have at most 100 entries"));
    let text = format!("{}paths = [{}]", entry(1), "'a',".repeat(21));
    assert!(errors(text).contains("`gate.policy.paths` must have at most 20 entries"));
    let waiver = "[[waiver]]\nrule = 'x'\npath = 'x'\nreason = 'x'\n";
    assert!(errors(waiver.repeat(1001)).contains("`waiver` must have at most 1000 entries"));
}
