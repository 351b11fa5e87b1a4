//! Which rules run: how `[rules]` weighs ids and globs on ids.

use std::collections::BTreeSet;

use super::error::{Mend, Problem, nearest, shown};
use super::schema::{Located, RuleSettings, Settings};
use crate::finding::Severity;
use crate::rules::schema::Rule;
use crate::selector::RulePattern;
use crate::span::Span;

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
}

impl Settings {
    /// A problem for each id or glob that matches none of `known`, at most `limit` of them.
    pub(super) fn unknown_ids(&self, known: &BTreeSet<&str>, limit: usize) -> Vec<(Option<Span>, Problem)> {
        let Self { rules, gate, waiver, .. } = self;
        let of_gate = gate.unsuppressible.iter().chain(&gate.required_rules);
        let of_entries = gate.policy.iter().flat_map(|entry| &entry.rules);
        let of_waivers = waiver.iter().map(|waiver| &waiver.rule);
        let patterns = rules.enable.iter().chain(&rules.disable).chain(of_gate).chain(of_entries).chain(of_waivers);
        let unmatched = patterns.filter(|pattern| {
            let pattern = &pattern.value;
            if pattern.is_glob() {
                !known.iter().any(|id| pattern.matches(id))
            } else {
                !known.contains(pattern.as_str())
            }
        });
        let unmatched = unmatched.map(|pattern| (pattern.at, pattern.value.as_str()));
        let severities = rules.severity.iter().filter(|(id, _)| !known.contains(id.as_str()));
        let severities = severities.map(|(id, own)| (own.at, id.as_str()));
        let parameters = rules.parameters.iter().filter(|(id, _)| !known.contains(id.as_str()));
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
            parts: Vec::new(),
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
}
