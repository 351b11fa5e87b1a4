//! How bad and how sure another tool calls a result, on our scales.

use super::sarif::{Descriptor, SarifResult};
use crate::rating::{Confidence, Severity};

/// The severity of `result`, whose rule is `rule`. What is said more exactly counts more: a score, a word, a rank, then the
/// level, which has three steps only.
pub(super) fn severity(result: &SarifResult, rule: Option<&Descriptor>) -> Severity {
    let bags = || std::iter::once(&result.properties).chain(rule.map(|rule| &rule.properties));
    if matches!(result.kind.as_deref(), Some("informational")) {
        return Severity::Info;
    }
    if let Some(score) = bags().find_map(|bag| bag.number("security-severity")) {
        return of_score(score);
    }
    if let Some(severity) = bags().find_map(|bag| bag.texts_of_keys_ending("severity").find_map(of_word)) {
        return severity;
    }
    let configured = rule.and_then(|rule| rule.default_configuration.as_ref());
    if result.level.is_none() {
        let rank = result.rank.or_else(|| configured.and_then(|own| own.rank));
        if let Some(rank) = rank.filter(|rank| (0.0..=100.0).contains(rank)) {
            return of_score(rank / 10.0);
        }
    }
    let level = result.level.as_deref().or_else(|| configured.and_then(|own| own.level.as_deref()));
    match level {
        Some("error") => Severity::High,
        Some("note") => Severity::Low,
        Some("none") => Severity::Info,
        // What nobody rates is a warning (SARIF 2.1.0, section 3.27.10).
        _ => Severity::Medium,
    }
}

/// A score on the scale of CVSS, in the ranges of GitHub.
fn of_score(score: f64) -> Severity {
    match score {
        score if score >= 9.0 => Severity::Critical,
        score if score >= 7.0 => Severity::High,
        score if score >= 4.0 => Severity::Medium,
        score if score > 0.0 => Severity::Low,
        _ => Severity::Info,
    }
}

fn of_word(word: &str) -> Option<Severity> {
    Some(match word.trim().to_ascii_lowercase().as_str() {
        "critical" | "blocker" => Severity::Critical,
        "high" | "error" | "major" => Severity::High,
        "medium" | "moderate" | "warning" => Severity::Medium,
        "low" | "minor" | "recommendation" => Severity::Low,
        "info" | "informational" | "note" | "style" | "trace" | "negligible" => Severity::Info,
        _ => return None,
    })
}

/// How sure `result` is, whose rule is `rule`: medium where nothing is said.
pub(super) fn confidence(result: &SarifResult, rule: Option<&Descriptor>) -> Confidence {
    // Somebody has yet to look at it (SARIF 2.1.0, section 3.27.9).
    if matches!(result.kind.as_deref(), Some("review" | "open")) {
        return Confidence::Low;
    }
    let bags = || std::iter::once(&result.properties).chain(rule.map(|rule| &rule.properties));
    let word = bags().find_map(|bag| bag.texts_of_keys_ending("confidence").find_map(of_confidence));
    let tag = || {
        let tags = rule.map_or(&[][..], |rule| rule.properties.texts("tags"));
        tags.iter().find_map(|tag| of_confidence(tag.strip_suffix(" CONFIDENCE")?))
    };
    let precision = || bags().find_map(|bag| of_confidence(bag.text("precision")?));
    word.or_else(tag).or_else(precision).unwrap_or(Confidence::Medium)
}

fn of_confidence(word: &str) -> Option<Confidence> {
    Some(match word.trim().to_ascii_lowercase().as_str() {
        "high" | "very-high" | "very_high" | "certain" => Confidence::High,
        "medium" | "firm" => Confidence::Medium,
        "low" | "tentative" | "unknown" => Confidence::Low,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(result: &str, rule: &str) -> (Severity, Confidence) {
        let result: SarifResult = serde_json::from_str(result).unwrap();
        let rule: Descriptor = serde_json::from_str(rule).unwrap();
        (severity(&result, Some(&rule)), confidence(&result, Some(&rule)))
    }

    #[test]
    fn what_is_said_more_exactly_counts_more() {
        for (result, rule, expected) in [
            (r#"{"level": "note"}"#, r#"{"properties": {"security-severity": "9.1"}}"#, Severity::Critical),
            (
                r#"{"properties": {"security-severity": 3}}"#,
                r#"{"properties": {"security-severity": "9"}}"#,
                Severity::Low,
            ),
            (r#"{"level": "error", "properties": {"x/severity": "Medium"}}"#, "{}", Severity::Medium),
            (r#"{"level": "error", "rank": 1}"#, "{}", Severity::High),
            (r#"{"rank": 95}"#, r#"{"defaultConfiguration": {"level": "note"}}"#, Severity::Critical),
            (r#"{"rank": -1}"#, r#"{"defaultConfiguration": {"level": "note"}}"#, Severity::Low),
            (r#"{"level": "none"}"#, "{}", Severity::Info),
            (r#"{"kind": "informational", "level": "error"}"#, "{}", Severity::Info),
            ("{}", "{}", Severity::Medium),
        ] {
            assert_eq!(read(result, rule).0, expected, "{result} {rule}");
        }
    }

    #[test]
    fn confidence_comes_from_a_word_a_tag_or_the_precision() {
        for (result, rule, expected) in [
            (r#"{"properties": {"zizmor/confidence": "High"}}"#, "{}", Confidence::High),
            ("{}", r#"{"properties": {"precision": "low"}}"#, Confidence::Low),
            ("{}", r#"{"properties": {"precision": "very-high", "tags": ["LOW CONFIDENCE"]}}"#, Confidence::Low),
            (r#"{"kind": "review"}"#, r#"{"properties": {"precision": "high"}}"#, Confidence::Low),
            ("{}", "{}", Confidence::Medium),
        ] {
            assert_eq!(read(result, rule).1, expected, "{result} {rule}");
        }
    }
}
