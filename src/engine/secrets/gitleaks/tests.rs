//! What rules of gitleaks find.

use super::super::SecretEngine;
use crate::rules::catalogue::Catalogue;
use crate::rules::gitleaks;

/// Rule, secret and facts of what `config` finds in `text` at `path`.
fn found(config: &str, path: &str, text: &str) -> Vec<(String, String, String)> {
    let loaded = gitleaks::load("g.toml", config, &|_, _| Err(String::new())).unwrap();
    let catalogue = Catalogue::new(loaded.rules);
    let outcome = SecretEngine::new(&catalogue, |_| true).scan(path, text);
    let show = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let found = outcome.detections.iter().map(|detection| {
        let rule = catalogue.rules()[detection.rule].id.clone();
        (rule, show(detection.secret.expose()), detection.facts.join("; "))
    });
    found.collect()
}

fn secrets(config: &str, path: &str, text: &str) -> Vec<String> {
    found(config, path, text).into_iter().map(|(_, secret, _)| secret).collect()
}

const RULE: &str = "[[rules]]\nid = 'acme'\nregex = '''acme[_-](x?)([a-z0-9]{8})'''\n";

/// What gitleaks 8.30.1 finds with the same configuration in the same files.
#[test]
fn the_secret_is_the_group_that_is_asked_for_or_the_first_that_is_not_empty() {
    assert_eq!(secrets(RULE, "a", "acme_abcd1234"), ["abcd1234"]);
    assert_eq!(secrets(RULE, "a", "acme_xabcd1234"), ["x"]);
    let config = format!("{RULE}secretGroup = 2\n");
    assert_eq!(secrets(&config, "a", "acme_xabcd1234 acme-1234abcd"), ["abcd1234", "1234abcd"]);
    assert_eq!(secrets("[[rules]]\nid = 'a'\nregex = '''k\\d{3}\\n?'''", "a", "k123\n"), ["k123"]);
}

#[test]
fn a_keyword_may_stand_anywhere_in_the_file() {
    let config = format!("{RULE}keywords = ['Vendor']\n");
    let far = " ".repeat(100_000);
    assert_eq!(secrets(&config, "a", &format!("acme_abcd1234{far}VENDOR")).len(), 1);
    assert!(secrets(&config, "a", "acme_abcd1234").is_empty());
    // A keyword that the prefilter does not see.
    let config = format!("{RULE}keywords = ['zz', 'é']\n");
    assert_eq!(secrets(&config, "a", "acme_abcd1234 É").len(), 1);
    assert!(secrets(&config, "a", "acme_abcd1234 z").is_empty());
}

#[test]
fn path_and_entropy_narrow_a_rule() {
    let config = format!("{RULE}path = '''\\.env$'''\nentropy = 2.5\n");
    assert_eq!(secrets(&config, "a/.env", "acme_abcd1234").len(), 1);
    assert!(secrets(&config, "a/.env.md", "acme_abcd1234").is_empty());
    assert!(secrets(&config, "a/.env", "acme_aaaabbbb").is_empty());
    // The least is not enough: eight different characters have three bits.
    let config = format!("{RULE}entropy = 3.0\n");
    assert!(secrets(&config, "a", "acme_abcdefgh").is_empty());
}

#[test]
fn a_rule_without_a_regex_reports_the_file() {
    let config = "[[rules]]\nid = 'p'\npath = 'k$'\n[[rules]]\nid = 'q'\npath = 'k$'\n[allowlist]\npaths = ['^t/']";
    let (fact, empty) = ("the path of the file is reported".to_owned(), String::new());
    let expected = [("p".to_owned(), empty.clone(), fact.clone()), ("q".to_owned(), empty, fact)];
    assert_eq!(found(config, "a.k", "text"), expected);
    assert!(found(config, "t/a.k", "text").is_empty());
}

#[test]
fn lists_allow_by_any_entry_or_by_all() {
    let list = |text: &str| format!("{RULE}secretGroup = 2\n[[rules.allowlists]]\n{text}\n");
    let text = "# fixme: acme_abcd1234";
    for (lines, is_found) in [
        ("regexes = ['^abcd']", false),
        ("regexes = ['^acme']", true),
        ("regexTarget = 'match'\nregexes = ['^acme']", false),
        ("regexTarget = 'match'\nregexes = ['fixme']", true),
        ("regexTarget = 'line'\nregexes = ['fixme']", false),
        ("stopwords = ['CD12']", false),
        ("stopwords = ['fixme']", true),
        ("paths = ['^dir/a$']", false),
        ("paths = ['^dir$']", true),
        ("condition = 'AND'\npaths = ['^dir/']\nstopwords = ['nope']", true),
        ("condition = 'AND'\npaths = ['^dir/']\nstopwords = ['cd12']\nregexes = ['4$']", false),
        ("condition = 'AND'\npaths = ['^dir/']", false),
    ] {
        assert_eq!(!secrets(&list(lines), "dir/a", text).is_empty(), is_found, "{lines}");
    }
    // A directory that a global list has is not walked by gitleaks.
    assert!(secrets(&format!("{RULE}[allowlist]\npaths = ['^dir$']"), "dir/a", text).is_empty());
}

#[test]
fn required_parts_must_stand_near() {
    let config = |near: &str| {
        format!(
            "{RULE}secretGroup = 2\n[[rules.required]]\nid = 'id'\n{near}\n[[rules]]\nid = 'id'\nregex = 'id_([0-9]{{4}})'\nskipReport = true\n"
        )
    };
    let text = "id_1234\n\n\n  acme_abcd1234\n";
    for (near, is_found) in [
        ("", true),
        ("withinLines = 3", true),
        ("withinLines = 2", false),
        ("withinColumns = 2", true),
        ("withinColumns = 1", false),
        ("withinLines = 3\nwithinColumns = 2", true),
        ("withinLines = 2\nwithinColumns = 2", false),
    ] {
        let found = found(&config(near), "a", text);
        let expected = ("acme".to_owned(), "abcd1234".to_owned(), "`id` on line 1".to_owned());
        assert_eq!(found, if is_found { vec![expected] } else { vec![] }, "{near}");
    }
    assert!(found(&config(""), "a", "acme_abcd1234").is_empty());
}

#[test]
fn a_rule_for_anything_gives_way_to_another() {
    let config = "[[rules]]\nid = 'a-generic-key'\nregex = 'key=(\\S+)'\n[[rules]]\nid = 'z-key'\nregex = 'k_[0-9]{4}'";
    let rules: Vec<String> = found(config, "a", "key=k_1234 key=other").into_iter().map(|found| found.0).collect();
    assert_eq!(rules, ["z-key", "a-generic-key"]);
}

#[test]
fn more_matches_than_the_bound_are_said_to_be_cut() {
    let loaded = gitleaks::load("g.toml", "[[rules]]\nid = 'a'\nregex = 'k[0-9]'", &|_, _| Err(String::new())).unwrap();
    let catalogue = Catalogue::new(loaded.rules);
    let outcome = SecretEngine::new(&catalogue, |_| true).scan("a", &"k1 ".repeat(10_001));
    assert_eq!((outcome.detections.len(), outcome.unexamined_from), (10_000, Some(0)));
}
