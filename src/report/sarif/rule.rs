//! Rules as SARIF reporting descriptors.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};
use serde_sarif::sarif::{
    MultiformatMessageString, PropertyBag, ReportingConfiguration, ReportingDescriptor, ResultLevel,
};

use crate::finding::{Confidence, Severity};
use crate::report::Grade;
use crate::report::escape::cut;
use crate::rules::schema::{Profile, Rule};

/// GitHub's limit for a short or full description, in characters.
const DESCRIPTION: usize = 1024;

/// GitHub shows this many tags of a rule: `security` and the category leave room for eight weaknesses.
const WEAKNESSES: usize = 8;

/// The descriptor of the rule `id`; one that the catalogue does not know has nothing but its id.
pub(super) fn descriptor(id: &str, rule: Option<&Rule>) -> ReportingDescriptor {
    let Some(rule) = rule else {
        return ReportingDescriptor::builder().id(id).build();
    };
    let level = json!(ResultLevel::from(Grade::from(rule.severity)));
    let mut descriptor = ReportingDescriptor::builder()
        .id(id)
        .name(name(id))
        .short_description(text(&rule.title))
        .full_description(text(&rule.details.description))
        .help(help(rule))
        .default_configuration(ReportingConfiguration::builder().level(level).build())
        .properties(properties(rule))
        .build();
    descriptor.help_uri = rule.details.references.iter().find(|reference| is_web_uri(reference)).cloned();
    if !rule.aliases.is_empty() {
        descriptor.deprecated_ids = Some(rule.aliases.clone());
    }
    descriptor
}

/// SARIF wants a name apart from the id, in Pascal case: `github-pat` gives `GithubPat`.
fn name(id: &str) -> String {
    id.split('-')
        .flat_map(|word| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters)
        })
        .collect()
}

fn text(text: &str) -> MultiformatMessageString {
    MultiformatMessageString::builder().text(cut(text.trim(), DESCRIPTION)).build()
}

fn help(rule: &Rule) -> MultiformatMessageString {
    let (description, remediation) = (rule.details.description.trim(), rule.details.remediation.trim());
    let mut text = format!("{description}\n\nTo fix: {remediation}\n");
    let mut markdown = format!("{description}\n\n**To fix:** {remediation}\n");
    if !rule.details.references.is_empty() {
        text.push_str("\nReferences:\n");
        markdown.push_str("\n**References**\n\n");
    }
    for reference in &rule.details.references {
        let _ = writeln!(text, "{reference}");
        let _ = writeln!(markdown, "- <{reference}>");
    }
    MultiformatMessageString::builder().text(text).markdown(markdown).build()
}

fn properties(rule: &Rule) -> PropertyBag {
    let mut tags = vec!["security".to_owned(), rule.category.name().to_owned()];
    for number in rule.details.cwe.iter().take(WEAKNESSES) {
        let tag = format!("external/cwe/cwe-{number:03}");
        // The schema wants every tag once.
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    let bag = BTreeMap::from([
        ("precision".to_owned(), Value::from(precision(rule.confidence))),
        ("security-severity".to_owned(), security_severity(rule.severity).into()),
        ("equivalents".to_owned(), rule.details.equivalents.as_slice().into()),
        ("profile".to_owned(), profile(rule.profile).into()),
    ]);
    PropertyBag::builder().tags(tags).additional_properties(bag).build()
}

/// The scale of precision of `CodeQL`, which GitHub sorts by.
fn precision(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::High => "very-high",
        Confidence::Medium => "medium",
        Confidence::Low => "low",
    }
}

/// A score on the scale of CVSS, from which GitHub derives critical (above 9), high (7), medium (4) and low.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "3.0",
        Severity::Info => "0.0",
    }
}

fn profile(profile: Profile) -> &'static str {
    match profile {
        Profile::Default => "default",
        Profile::Hardening => "hardening",
        Profile::Style => "style",
    }
}

/// Whether `text` may stand where the schema wants a URI. A pack of the user's own may hold anything.
fn is_web_uri(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_pascal_case() {
        assert_eq!(name("github-pat"), "GithubPat");
        assert_eq!(name("aws--2x-ü"), "Aws2xü");
        assert_eq!(name(""), "");
    }

    #[test]
    fn only_web_addresses_become_help_uris() {
        assert!(is_web_uri("https://docs.example.com/a?b=c#d"));
        for bad in ["https://", "docs.example.com", "javascript:alert(1)", "https://a b", "https://a/{x}"] {
            assert!(!is_web_uri(bad), "{bad}");
        }
    }
}
