//! What is made of configurations, and what is refused.

use super::schema::AllowTarget;
use super::*;

fn alone(_: &str, path: &str) -> Result<Extended, String> {
    Err(format!("no {path}"))
}

fn loaded(text: &str) -> Loaded {
    load("g.toml", text, &alone).unwrap()
}

fn errors(text: &str) -> String {
    lines(&load("g.toml", text, &alone).unwrap_err())
}

fn lines(messages: &[PackError]) -> String {
    messages.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn gitleaks(rule: &Rule) -> GitleaksRule {
    let Detect::Secret(secret) = &rule.detect else { panic!("{} is no rule for secrets", rule.id) };
    let Source::Gitleaks(rule) = &secret.source else { panic!("{} is no rule of gitleaks", rule.id) };
    rule.clone()
}

#[test]
fn a_rule_is_read_with_all_that_narrows_it() {
    let loaded = loaded(
        r"
title = 'x'
minVersion = 'v8.25.0'
[[rules]]
id = 'Acme.Key_1'
description = 'Acme key.'
regex = '''(?i)acme_([a-z]{4})'''
SecretGroup = 1
entropy = 3
keywords = ['ACME_']
tags = ['a', 'b']
path = '''\.env$'''
[[rules.allowlists]]
condition = 'and'
regexTarget = 'line'
regexes = ['''\Qfixme\E''']
stopwords = ['Example']
paths = ['''^test/''']
[[rules.required]]
id = 'acme-id'
withinLines = 5
[[rules]]
id = 'acme-id'
regex = 'acid_[0-9]+'
skipReport = true
[allowlist]
paths = ['gone']
",
    );
    assert_eq!(loaded.notes, []);
    let rule = &loaded.rules[0];
    assert_eq!((rule.id.as_str(), rule.title.as_str()), ("acme-key-1", "Acme key"));
    assert_eq!((rule.severity, rule.confidence), (Severity::High, Confidence::Medium));
    assert_eq!(rule.details.equivalents, ["gitleaks:Acme.Key_1"]);
    assert_eq!(rule.details.description, "Acme key. Tags: a, b.");
    let GitleaksRule { keywords, part, required, is_hidden } = gitleaks(rule);
    assert_eq!((keywords, is_hidden), (vec!["acme_".to_owned()], false));
    assert_eq!((part.group, part.entropy, part.path.as_deref()), (1, Some(3.0), Some(r"\.env$")));
    let own = AllowList {
        all: true,
        target: AllowTarget::Line,
        paths: vec!["^test/".to_owned()],
        is_global: false,
        regexes: vec!["fixme".to_owned()],
        stopwords: vec!["example".to_owned()],
    };
    let global = AllowList { paths: vec!["gone".to_owned()], is_global: true, ..AllowList::default() };
    assert_eq!(part.allow, [Arc::new(own), Arc::new(global)]);
    assert_eq!((required[0].id.as_str(), required[0].lines, required[0].columns), ("acme-id", Some(5), None));
    assert!(gitleaks(&loaded.rules[1]).is_hidden);
}

#[test]
fn what_has_no_effect_is_noted_and_stops_nothing() {
    let loaded = loaded(
        r"
newKey = 1
filter = 'x'
[extend]
useDefault = true
[[rules]]
id = 'a'
regex = 'a+'
entropy = 0.0
validate = 'http.get(1)'
filter = 'filter.entropy(finding[\x22secret\x22]) <= 2.5'
[[rules]]
id = 'b'
regex = 'b+'
shiny = true
filter = 'matchesAny(finding.secret, [])'
[[rules]]
id = 'generic-api-key'
[[rules.allowlists]]
commits = ['abc']
[allowlist]
condition = 'AND'
commits = ['abc']
paths = ['x']
"
        .replace("\\x22", "\"")
        .as_str(),
    );
    assert_eq!(loaded.rules.iter().map(|rule| rule.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(gitleaks(&loaded.rules[0]).part.entropy, Some(2.5));
    assert!(gitleaks(&loaded.rules[0]).part.allow.is_empty());
    insta::assert_snapshot!(lines(&loaded.notes), @r"
    g.toml:2:1: `newKey` of the configuration is not known and has no effect
    g.toml:3:10: the expression `filter` is not evaluated: what it leaves out is reported
    g.toml:5:14: `useDefault`: the default rules of gitleaks and betterleaks are not shipped; Lockgate's own rules stand for them, and what this file says of default rules has no effect
    g.toml:10:12: `validate` has no effect: a scan asks no provider
    g.toml:15:1: `shiny` of a rule is not known and has no effect
    g.toml:12:1: the `filter` of `b` is not evaluated: what it leaves out is reported
    g.toml:20:11: `commits` of an allow-list of `generic-api-key` has no effect: contents are scanned, whatever commit they come from
    g.toml:23:11: `commits` of the global allow-list has no effect: contents are scanned, whatever commit they come from
    g.toml:17:1: `generic-api-key` changes a default rule, which is not there: it has no effect
    ");
}

#[test]
fn mistakes_name_their_place() {
    for (text, error) in [
        ("[[rules]]\nid = 'a'", "g.toml:1:1: the rule `a` needs `regex` or `path`"),
        ("[[rules]]\nregex = 'a'", "g.toml:1:1: the rule has no `id`"),
        ("[[rules]]\nid = '?'\nregex = 'a'", "g.toml:1:1: the `id` has no letter and no digit"),
        (
            "[[rules]]\nid = 'a'\nregex = '(?=a)'",
            "g.toml:3:9: this regex cannot be used here: look-ahead is not supported",
        ),
        ("[[rules]]\nid = 'a'\nregex = '(a)'\nsecretGroup = 2", "`secretGroup` is 2, and the regex has 1 groups"),
        ("[[rules]]\nid = 'a'\nregex = 'a'\nentropy = 'x'", "g.toml:4:11: `entropy` must be a number from 0 to 8"),
        ("[[rules]]\nid = 'a'\nregex = 'a'\n[[rules]]\nid = 'a'\nregex = 'b'", "the rule `a` is given twice"),
        ("[allowlist]\ncondition = 'xor'\npaths = ['a']", "`condition` must be `AND` or `OR`"),
        ("[allowlist]\nregexTarget = 'file'\npaths = ['a']", "`regexTarget` must be"),
        ("[allowlist]\ndescription = 'x'", "the global allow-list needs `paths`, `regexes` or `stopwords`"),
        ("allowlists = 1", "g.toml:1:14: `allowlists` must be a list of tables, not a scalar"),
        ("[[allowlists]]\npaths = ['a']\n[allowlist]\npaths = ['a']", "exclude each other"),
        ("[[rules]]\nid = 'a'\nregex = 'a'\n[[rules.required]]\nid = 'b'", "`a` requires `b`, which is no rule"),
        ("[[rules]]\nid = 'a'\nregex = '(a{900}){900}'", "is too large once its repetitions are written out"),
        ("[[rules]\n", "g.toml:1:"),
        ("[extend]\npath = 'b.toml'", "g.toml:2:8: no b.toml"),
        ("[extend]\npath = 'b.toml'\nuseDefault = true", "exclude each other"),
    ] {
        let found = errors(text);
        assert!(found.contains(error), "{text}: {found}");
    }
}

#[test]
fn a_configuration_adds_to_the_one_that_it_extends() {
    let base = "[[rules]]\nid = 'a'\ndescription = 'old'\nregex = 'a+'\nkeywords = ['aaa']\nentropy = 1.0\n\
                [[rules]]\nid = 'b'\nregex = 'b+'\n[[rules]]\nid = 'c'\nregex = 'c+'\n[allowlist]\npaths = ['x']\n";
    let own = "[extend]\npath = 'base.toml'\ndisabledRules = ['b']\n[[rules]]\nid = 'a'\ndescription = 'new'\n\
               keywords = ['bbb']\n[[allowlists]]\ntargetRules = ['c']\nstopwords = ['y']\n";
    let open = |from: &str, path: &str| {
        assert_eq!((from, path), ("g.toml", "base.toml"));
        Ok(Extended { name: path.to_owned(), text: base.to_owned() })
    };
    let loaded = load("g.toml", own, &open).unwrap();
    assert_eq!(loaded.rules.iter().map(|rule| rule.id.as_str()).collect::<Vec<_>>(), ["a", "c"]);
    let rule = gitleaks(&loaded.rules[0]);
    assert_eq!((loaded.rules[0].title.as_str(), rule.keywords), ("new", vec!["aaa".to_owned(), "bbb".to_owned()]));
    assert_eq!((rule.part.regex.as_deref(), rule.part.entropy), (Some("a+"), Some(1.0)));
    assert_eq!((rule.part.allow.len(), gitleaks(&loaded.rules[1]).part.allow.len()), (1, 2));
}

#[test]
fn a_circle_ends() {
    let text = "[extend]\npath = 'x.toml'\n";
    let open = |_: &str, path: &str| Ok(Extended { name: path.to_owned(), text: text.to_owned() });
    let error = lines(&load("g.toml", text, &open).unwrap_err());
    assert_eq!(error, "x.toml:2:8: the configurations extend one another in a circle");
    let count = std::cell::Cell::new(0);
    let open = |_: &str, _: &str| {
        count.set(count.get() + 1);
        Ok(Extended { name: format!("{}.toml", count.get()), text: text.to_owned() })
    };
    let error = lines(&load("g.toml", text, &open).unwrap_err());
    assert!(error.contains("more than 8 configurations extend one another"), "{error}");
}

#[test]
fn what_a_file_may_ask_for_is_bounded() {
    let list = "'a{9000}',".repeat(500);
    let found = errors(&format!("[allowlist]\nregexes = [{list}]"));
    assert_eq!(found.lines().count(), 1, "{found}");
    assert!(found.contains("the regexes of this file are too large together"), "{found}");
    let required = "[[rules.required]]\nid = 'a'\n".repeat(150);
    let rule = |number: usize| format!("[[rules]]\nid = 'r{number}'\nregex = 'a'\n{required}");
    let found = errors(&(0..10).map(rule).collect::<String>());
    assert!(found.contains("more than 1000 required rules"), "{found}");
    let rules =
        (0..2_001).fold(String::new(), |text, number| text + &format!("[[rules]]\nid = 'r{number}'\nregex = 'a'\n"));
    assert!(errors(&rules).contains("`rules` has more than 2000 entries"));
}
