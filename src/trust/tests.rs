//! What counts as an attempt, and what a change may do without one.

use super::*;

fn said(attempts: &[Attempt]) -> Vec<String> {
    attempts.iter().map(ToString::to_string).collect()
}

fn versions<'a>(before: &'a str, now: &'a str) -> Versions<'a> {
    Versions { path: "f", before: [Some(before.as_bytes()), None], now: Some(now.as_bytes()) }
}

const NONE: [&str; 0] = [];

#[test]
fn a_configuration_is_compared_key_by_key() {
    let before = "[scan]\nexclude = [\"a\"]\n[gate]\nseverity = \"low\"\n[rules]\nenable = [\"x\", \"y\"]\n";
    for (now, expected) in [
        (before.to_owned(), vec![]),
        (format!("# why\n{before}"), vec![]),
        (before.replace("[\"a\"]", "[\"a\", \"b\"]"), vec!["f:2: adds \"b\" to scan.exclude (exclusion)"]),
        (before.replace("[\"a\"]", "[]"), vec![]),
        (before.replace("low", "critical"), vec!["f:4: sets gate.severity to \"critical\" (configuration)"]),
        (before.replace("severity = \"low\"", ""), vec!["f: drops gate.severity (configuration)"]),
        (before.replace("\"x\", ", ""), vec!["f: takes \"x\" out of rules.enable (rules)"]),
        (before.replace("\"x\"", "\"x\", \"z\""), vec![]),
        (format!("{before}disable = ['z']\n"), vec!["f:7: adds \"z\" to rules.disable (rules)"]),
        (format!("{before}[rules.severity]\nx = 'info'\n"), vec!["f:8: sets rules.severity.x to \"info\" (rules)"]),
        (format!("{before}[[waiver]]\nrule = 'x'\n"), vec!["f:7: adds {rule = \"x\"} to waiver (waiver)"]),
        (format!("extends = 'evil.toml'\n{before}"), vec!["f:1: sets extends to \"evil.toml\" (configuration)"]),
        ("[scan".to_owned(), vec!["f: changes the configuration into one that cannot be read (configuration)"]),
    ] {
        assert_eq!(said(&overruled(&versions(before, &now))), expected, "{now}");
    }
    let gone = Versions { now: None, ..versions(before, "") };
    assert_eq!(said(&overruled(&gone)), ["f: removes the configuration (configuration)"]);
    let new = Versions { before: [None, None], ..versions("", "[gate]\nseverity = \"high\"") };
    assert_eq!(said(&overruled(&new)), ["f:2: sets gate.severity to \"high\" (configuration)"]);
}

#[test]
fn what_the_merge_base_has_was_not_added_by_the_change() {
    let (policy, base) = ("[scan]\nexclude = []\n", "[scan]\nexclude = [\"old\"]\n");
    let of = |now: &'static str| Versions {
        path: "f",
        before: [Some(policy.as_bytes()), Some(base.as_bytes())],
        now: Some(now.as_bytes()),
    };
    assert_eq!(said(&overruled(&of("[scan]\nexclude = [\"old\"]\n"))), NONE);
    assert_eq!(
        said(&overruled(&of("[scan]\nexclude = [\"old\", \"new\"]\n"))),
        ["f:2: adds \"new\" to scan.exclude (exclusion)"]
    );
}

#[test]
fn a_value_that_may_be_a_secret_is_not_repeated() {
    let secret = format!("xk{}q", "9Zr4Tw8Lp2Vd6".repeat(2));
    let now = format!("[rules.parameters.x]\nnames = [\"{secret}\"]\n");
    let words = said(&overruled(&versions("", &now))).join("\n");
    assert!(words.contains("rules.parameters.x.names") && !words.contains(&secret), "{words}");
    let words = said(&ignored(&versions("", &format!("{secret}\n")), "")).join("\n");
    assert!(words.contains("(ignore-file)") && !words.contains(&secret), "{words}");
}

#[test]
fn ignore_files_are_compared_rule_by_rule() {
    let before = "target/\n!keep\n# note\n";
    for (now, expected) in [
        (before, vec![]),
        ("\u{feff}target/  \r\n!keep\n# another note\n\n", vec![]),
        ("target/\n!keep\nsrc/\n", vec!["f:3: adds `src/` (ignore-file)"]),
        ("target/\n!keep\n!more\n", vec![]),
        ("target/\n", vec!["f: drops `!keep` (ignore-file)"]),
        ("!keep\n", vec![]),
    ] {
        assert_eq!(said(&ignored(&versions(before, now), "")), expected, "{now:?}");
    }
    let many = (0..100).fold(String::new(), |text, number| text + &format!("d{number}/\n"));
    let attempts = ignored(&versions("", &many), "");
    assert_eq!(attempts.len(), MAX_OF_FILE + 1);
    assert_eq!(attempts.last().unwrap().detail, "and 80 more of the kind");
}

#[test]
fn attributes_count_when_they_hide_a_file() {
    let now = "*.sh text eol=lf\n*.tf linguist-generated=true\n*.py -diff\n*.bin binary\n# *.x binary\n";
    let lines: Vec<Option<u32>> = attributes(&versions("", now)).iter().map(|attempt| attempt.line).collect();
    assert_eq!(lines, [Some(2), Some(3), Some(4)]);
    assert_eq!(said(&attributes(&versions(now, now))), NONE);
}

#[test]
fn new_entries_of_a_baseline_are_named_with_their_rule() {
    let entry = |digit: char, rule: &str| {
        let fingerprint = digit.to_string().repeat(32);
        format!("{{ \"fingerprint\": \"{fingerprint}\", \"rule\": \"{rule}\", \"path\": \"p\" }}")
    };
    let file = |entries: &[String]| {
        format!("{{\"schema\": \"lockgate/baseline/v1\", \"findings\": [\n{}\n]}}\n", entries.join(",\n"))
    };
    let before = file(&[entry('a', "one"), entry('b', "two")]);
    let now = file(&[entry('b', "two"), entry('c', "three")]);
    assert_eq!(said(&accepted(&versions(&before, &now))), ["f:3: accepts a finding of three in p (baseline)"]);
    assert_eq!(said(&accepted(&versions(&now, &file(&[])))), NONE);
    assert_eq!(
        said(&accepted(&versions(&before, "{}"))),
        ["f: changes the baseline into one that cannot be read (baseline)"]
    );
}

#[test]
fn what_is_named_is_bounded_and_in_order() {
    let mut trust = Trust::default();
    let attempt =
        |number: u32| Attempt { path: "f".to_owned(), line: Some(number), means: Means::Inline, detail: String::new() };
    trust.add((0..2000).rev().map(attempt));
    assert_eq!(trust.attempts.len(), MAX_ATTEMPTS);
    assert_eq!(trust.attempts[0].line, Some(0));
    assert!(trust.attempts.last().unwrap().detail.contains("1001 more"));
}

proptest::proptest! {
    #[test]
    fn no_file_makes_it_panic(
        before in "(?s)(\\[scan\\]\nexclude|\\[\\[waiver\\]\\]\n|= |\\[|\\]|'a'|\"b\"|\n|!|# |binary|\u{feff}|[ -~\u{e4}]){0,40}",
        now in "(?s)(\\[scan\\]\nexclude|\\[\\[waiver\\]\\]\n|= |\\[|\\]|'a'|\"b\"|\n|!|# |binary|\u{feff}|[ -~\u{e4}]){0,40}",
        cut in 0_usize..40,
    ) {
        let (before, now) = (before.as_bytes(), now.as_bytes());
        // A cut may stand inside of a character.
        let versions = Versions { path: "f", before: [Some(before), Some(&before[..cut.min(before.len())])], now: Some(now) };
        let attempts = [overruled(&versions), ignored(&versions, ""), attributes(&versions), accepted(&versions)];
        for attempts in attempts {
            assert!(attempts.len() <= MAX_OF_FILE + 1);
        }
        let unchanged = Versions { now: Some(before), ..versions };
        assert!(overruled(&unchanged).is_empty() && ignored(&unchanged, "").is_empty());
        assert!(attributes(&unchanged).is_empty() && accepted(&unchanged).is_empty());
    }
}
