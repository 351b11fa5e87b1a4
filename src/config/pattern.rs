//! Which rules run: ids and globs on ids, and how `[rules]` weighs them.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use globset::{Glob, GlobMatcher};
use serde::{Serialize, Serializer};

use super::error::{Mend, Problem, nearest, shown};
use super::schema::{Located, RuleSettings};
use crate::finding::Severity;
use crate::rules::schema::Rule;
use crate::span::Span;

/// Longest pattern, and so the longest rule id.
const MAX_LENGTH: usize = 128;

/// The id of a rule, or a glob on ids: `*` stands for any number of characters, `?` for one.
#[derive(Clone, Debug)]
pub struct RulePattern {
    text: String,
    /// `None` for a plain id.
    glob: Option<GlobMatcher>,
}

impl RulePattern {
    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is a glob, and not one id.
    #[must_use]
    pub fn is_glob(&self) -> bool {
        self.glob.is_some()
    }

    /// Whether it means the rule `id`.
    #[must_use]
    pub fn matches(&self, id: &str) -> bool {
        self.glob.as_ref().map_or(self.text == id, |glob| glob.is_match(id))
    }
}

impl FromStr for RulePattern {
    type Err = String;

    /// The error is a sentence without a subject.
    fn from_str(text: &str) -> Result<Self, String> {
        let is_valid = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-*?".contains(&byte);
        if text.is_empty() || text.len() > MAX_LENGTH || !text.bytes().all(is_valid) {
            return Err("is neither a rule id nor a glob on ids; ids consist of lower-case letters, digits and `-`, \
                        a glob may also hold `*` and `?`"
                .to_owned());
        }
        let glob = if text.contains(['*', '?']) {
            let glob = Glob::new(text).map_err(|error| format!("is not a glob: {}", error.kind()))?;
            Some(glob.compile_matcher())
        } else {
            None
        };
        Ok(Self { text: text.to_owned(), glob })
    }
}

impl PartialEq for RulePattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for RulePattern {}

impl fmt::Display for RulePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl Serialize for RulePattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl RuleSettings {
    /// Whether `rule` runs. An id (or an alias) outranks a glob, whichever list it stands in; among equals, `disable`
    /// outranks `enable`; what neither names runs when its profile does.
    #[must_use]
    pub fn selects(&self, rule: &Rule) -> bool {
        let named = |patterns: &[Located<RulePattern>], by_glob: bool| {
            let mut kind = patterns.iter().filter(|pattern| pattern.value.is_glob() == by_glob);
            kind.any(|pattern| names_of(rule).any(|name| pattern.value.matches(name)))
        };
        for by_glob in [false, true] {
            if named(&self.disable, by_glob) {
                return false;
            }
            if named(&self.enable, by_glob) {
                return true;
            }
        }
        self.profiles.contains(&rule.profile)
    }

    /// The severity that findings of `rule` have: that of `[rules.severity]`, or the rule's own.
    #[must_use]
    pub fn severity_of(&self, rule: &Rule) -> Severity {
        names_of(rule).find_map(|name| self.severity.get(name)).map_or(rule.severity, |own| own.value)
    }

    /// A problem for each id or glob that matches none of `known`, at most `limit` of them.
    pub(super) fn unknown_ids(&self, known: &BTreeSet<&str>, limit: usize) -> Vec<(Option<Span>, Problem)> {
        let patterns = self.enable.iter().chain(&self.disable);
        let unmatched = patterns.filter(|pattern| {
            let pattern = &pattern.value;
            if pattern.is_glob() {
                !known.iter().any(|id| pattern.matches(id))
            } else {
                !known.contains(pattern.as_str())
            }
        });
        let unmatched = unmatched.map(|pattern| (pattern.at, pattern.value.as_str()));
        let severities = self.severity.iter().filter(|(id, _)| !known.contains(id.as_str()));
        let severities = severities.map(|(id, own)| (own.at, id.as_str()));
        let parameters = self.parameters.iter().filter(|(id, _)| !known.contains(id.as_str()));
        let parameters = parameters.map(|(id, own)| (own.at, id.as_str()));
        unmatched.chain(severities).chain(parameters).take(limit).map(|(at, id)| (at, unknown_id(id, known))).collect()
    }
}

fn unknown_id(id: &str, known: &BTreeSet<&str>) -> Problem {
    if id.contains(['*', '?']) {
        let reason = "matches no rule id; `lockgate rules list` shows all of them".to_owned();
        return Problem::BadValue { value: shown(id), reason };
    }
    let mend = nearest(id, known.iter().copied())
        .map_or(Mend::See("`lockgate rules list` shows all ids"), |near| Mend::DidYouMean(near.to_owned()));
    Problem::UnknownName { what: "rule id", name: shown(id), mend }
}

fn names_of(rule: &Rule) -> impl Iterator<Item = &str> {
    std::iter::once(rule.id.as_str()).chain(rule.aliases.iter().map(String::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Category, Confidence};
    use crate::rules::schema::{Details, Detect, Profile, SecretRule, Source};

    fn rule(id: &str, aliases: &[&str], profile: Profile) -> Rule {
        let secret = SecretRule {
            source: Source::Patterns(Vec::new()),
            paths: Vec::new(),
            entropy: None,
            validate: Vec::new(),
            near: None,
            allow: Vec::new(),
            keep_placeholders: false,
        };
        Rule {
            id: id.to_owned(),
            aliases: aliases.iter().map(|&alias| alias.to_owned()).collect(),
            title: String::new(),
            severity: Severity::Medium,
            confidence: Confidence::High,
            category: Category::Secret,
            profile,
            details: Details::default().into(),
            detect: Detect::Secret(secret.into()),
        }
    }

    fn settings(enable: &[&str], disable: &[&str]) -> RuleSettings {
        let list = |texts: &[&str]| texts.iter().map(|text| Located::unplaced(text.parse().unwrap())).collect();
        RuleSettings { enable: list(enable), disable: list(disable), ..RuleSettings::default() }
    }

    #[test]
    fn ids_outrank_globs_and_disable_outranks_enable() {
        let default = rule("generic-password", &["generic-secret"], Profile::Default);
        let style = rule("generic-comment", &[], Profile::Style);
        for (enable, disable, default_runs, style_runs) in [
            (&[][..], &[][..], true, false),
            (&["generic-comment"], &[], true, true),
            (&["*-comment"], &[], true, true),
            (&[], &["generic-*"], false, false),
            (&["generic-password"], &["generic-*"], true, false),
            (&["generic-*"], &["generic-password"], false, true),
            (&["generic-*"], &["generic-*"], false, false),
            (&["generic-comment"], &["generic-comment"], true, false),
            (&[], &["generic-secret"], false, false),
            (&[], &["generic-passwor?"], false, false),
            (&[], &["generic-passwor"], true, false),
        ] {
            let settings = settings(enable, disable);
            assert_eq!(settings.selects(&default), default_runs, "default, {enable:?} {disable:?}");
            assert_eq!(settings.selects(&style), style_runs, "style, {enable:?} {disable:?}");
        }
    }

    #[test]
    fn a_severity_applies_by_id_and_by_alias() {
        let mut settings = RuleSettings::default();
        settings.severity.insert("old-name".to_owned(), Located::unplaced(Severity::Low));
        assert_eq!(settings.severity_of(&rule("new-name", &["old-name"], Profile::Default)), Severity::Low);
        assert_eq!(settings.severity_of(&rule("other", &[], Profile::Default)), Severity::Medium);
    }

    #[test]
    fn a_pattern_holds_nothing_but_an_id_and_wildcards() {
        for bad in ["", "Some-Rule", "a b", "a/*", "[ab]", "{a,b}", "a\u{e4}", &"a".repeat(MAX_LENGTH + 1)] {
            assert!(bad.parse::<RulePattern>().is_err(), "{bad}");
        }
        let glob: RulePattern = "a*-?".parse().unwrap();
        assert!(glob.matches("abc-d") && !glob.matches("abc-de"));
    }
}
