//! What the lists of other scanners silence.

use super::*;
use crate::span::{Position, Region};
use crate::suppress::testing;

fn ignores(file: &'static str, text: &str) -> ExternalIgnores {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(file), text).unwrap();
    ExternalIgnores::load(folder.path())
}

/// Why the secret `secret` on `line` of `dir/a` is silenced, which our rule `acme-key` reports.
fn reason(ignores: &ExternalIgnores, line: u32, secret: &str, in_history: bool) -> Option<String> {
    let mut finding = testing::finding("acme-key", "dir/a", 0);
    let at = Position { line, column: 5 };
    finding.location.region = Region { start: at, end: Position { column: 9, ..at } };
    let equivalents = ["gitleaks:acme-token".to_owned()];
    let target = Target::new(&finding, &[], &equivalents);
    let found = ignores.find("dir/a", &target, &Secret::new(secret), in_history)?;
    assert_eq!(found.kind, SuppressionKind::External);
    found.justification
}

#[test]
fn an_entry_silences_what_its_rule_reports_on_its_line() {
    for (entry, expected) in [
        ("dir/a:acme-token:3", Some(".gitleaksignore: acme-token on line 3")),
        ("./dir/a:acme-token:3 ", Some(".gitleaksignore: acme-token on line 3")),
        ("dir\\a:acme-key:3", Some(".gitleaksignore: acme-key on line 3")),
        ("dir/a:generic-api-key:3", Some(".gitleaksignore: generic-api-key on line 3")),
        (
            "0123456789abcdef0123456789abcdef01234567:dir/a:acme-token:3",
            Some(".gitleaksignore: acme-token on line 3 of commit 0123456789"),
        ),
        ("dir/a:acme-token:4", None),
        ("dir/a:other:3", None),
        ("dir/b:acme-token:3", None),
        ("a:acme-token:3", None),
        ("# dir/a:acme-token:3", None),
    ] {
        let ignores = ignores(GITLEAKS, &format!("\n{entry}\n"));
        assert_eq!(reason(&ignores, 3, "s", false).as_deref(), expected, "{entry}");
        assert_eq!(ignores.problems(), [], "{entry}");
    }
}

#[test]
fn an_entry_of_a_commit_is_about_that_commit_in_a_search_of_the_history() {
    let commit = "0123456789abcdef0123456789abcdef01234567";
    let ignores = ignores(BETTERLEAKS, &format!("{commit}:dir/a:acme-key:3"));
    assert_eq!(reason(&ignores, 3, "s", true), None);
    let mut finding = testing::finding("acme-key", "dir/a", 0);
    finding.location.region.start = Position { line: 3, column: 1 };
    for (brought, is_silenced) in [(commit, true), ("fedcba9876", false)] {
        finding.introduction = Some(crate::finding::Introduction {
            commit: brought.to_owned(),
            date: String::new(),
            at_head: false,
            paths: Vec::new(),
            refs: Vec::new(),
        });
        let found = ignores.find_in_history(&finding, &Target::new(&finding, &[], &[]));
        assert_eq!(found.is_some(), is_silenced, "{brought}");
    }
}

#[test]
fn a_secret_is_known_by_its_hash() {
    // SHA-256 and SHA-1 of `abc` (FIPS 180-2, appendices A.1 and B.1).
    let value = "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD";
    let ignores_value = ignores(BETTERLEAKS, value);
    let expected = ".betterleaksignore: the hash of the secret";
    assert_eq!(reason(&ignores_value, 9, "abc", true).as_deref(), Some(expected));
    assert_eq!(reason(&ignores_value, 9, "abd", true), None);

    let hash = "a9993e364706816aba3e25717850c26c9cd0d89d";
    let entry = |more: &str| {
        format!(
            "{{\"version\": \"1.5.0\", \"results\": {{\"dir/a\": [{{\"type\": \"Secret Keyword\", \"hashed_secret\": \"{hash}\"{more}}}]}}}}"
        )
    };
    for (more, expected) in [
        (", \"line_number\": 1, \"filename\": \"dir/a\"", ".secrets.baseline: Secret Keyword"),
        (", \"is_secret\": true", ".secrets.baseline: Secret Keyword, audited as a real secret"),
        (", \"is_secret\": false", ".secrets.baseline: Secret Keyword, audited as no secret"),
    ] {
        let ignores = ignores(DETECT_SECRETS, &entry(more));
        assert_eq!(reason(&ignores, 9, "abc", false).as_deref(), Some(expected));
        assert_eq!(reason(&ignores, 9, "abd", false), None);
    }
    let elsewhere = ignores(DETECT_SECRETS, &entry("").replace("dir/a", "dir/b"));
    assert_eq!(reason(&elsewhere, 9, "abc", false), None);
}

#[test]
fn a_private_key_is_known_by_its_header() {
    let key = format!("-----{} RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----", "BEGIN");
    let header = sha1(format!("{} RSA PRIVATE KEY", "BEGIN").as_bytes()).unwrap();
    let text =
        format!("{{\"results\": {{\"dir/a\": [{{\"type\": \"Private Key\", \"hashed_secret\": \"{header}\"}}]}}}}");
    let ignores = ignores(DETECT_SECRETS, &text);
    assert_eq!(reason(&ignores, 1, &key, false).as_deref(), Some(".secrets.baseline: Private Key"));
}

#[test]
fn only_secrets_are_silenced() {
    let ignores = ignores(GITLEAKS, "path:generic-api-key:1");
    let mut finding = testing::finding("acme-key", "path", 0);
    finding.location.region.start.line = 1;
    assert!(ignores.find("path", &Target::new(&finding, &[], &[]), &Secret::new("s"), false).is_some());
    finding.category = Category::Network;
    assert!(ignores.find("path", &Target::new(&finding, &[], &[]), &Secret::new("s"), false).is_none());
}

#[test]
fn what_is_malformed_is_said_and_the_rest_counts() {
    let place = "dir/a:acme-key:3";
    for (file, text, message) in [
        (GITLEAKS, format!("nonsense\n{place}\na:b:c\n"), "line 1 and 1 more are neither"),
        (GITLEAKS, format!("{place}\nx:y:-1"), "line 2 is neither `file:rule:line`"),
        (DETECT_SECRETS, "{\"results\": 5}".to_owned(), "not a baseline of detect-secrets (line 1, column 13)"),
        (DETECT_SECRETS, "{".to_owned(), "not a baseline of detect-secrets"),
        (
            DETECT_SECRETS,
            "{\"results\": {\"a\": [{\"hashed_secret\": \"x\"}]}}".to_owned(),
            "1 of its entries have no SHA-1",
        ),
    ] {
        let ignores = ignores(file, &text);
        let [problem] = ignores.problems() else { panic!("{text}: {:?}", ignores.problems()) };
        assert!(problem.file == file && problem.message.starts_with(message), "{text}: {}", problem.message);
        assert_eq!(reason(&ignores, 3, "s", false).is_some(), file == GITLEAKS, "{text}");
    }
}

#[cfg(unix)]
#[test]
fn nothing_but_a_file_at_the_root_is_read() {
    let folder = tempfile::tempdir().unwrap();
    assert!(ExternalIgnores::load(folder.path()).is_empty());
    std::fs::write(folder.path().join("other"), "dir/a:acme-key:3").unwrap();
    std::os::unix::fs::symlink("other", folder.path().join(GITLEAKS)).unwrap();
    std::fs::create_dir(folder.path().join(DETECT_SECRETS)).unwrap();
    let ignores = ExternalIgnores::load(folder.path());
    let messages: Vec<&str> = ignores.problems().iter().map(|problem| problem.message.as_str()).collect();
    assert_eq!(messages, ["not a regular file; nothing in it is honoured"; 2]);
    assert!(ignores.is_empty());
}
