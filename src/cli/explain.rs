//! `lockgate explain RULE`.

use std::io::Write;

use super::args::ExplainArgs;
use super::{CommandError, print, rules};
use crate::report::harmless_lines;
use crate::rules::schema::{Detect, Profile, Rule, Source};

/// `lockgate explain`
pub(super) fn run(args: &ExplainArgs, out: &mut dyn Write) -> Result<u8, CommandError> {
    let catalogue = rules::catalogue(&args.rules)?;
    let rule = rules::find(&catalogue, &args.rule)?;
    print(out, |out| writeln!(out, "{}", harmless_lines(text(rule).trim_end())))?;
    Ok(0)
}

fn text(rule: &Rule) -> String {
    let profile = match rule.profile {
        Profile::Default => "default",
        Profile::Hardening => "hardening",
        Profile::Style => "style",
    };
    let mut text = format!(
        "{} ({})\n{}, {} confidence, category {}, profile {profile}\n\nWhy it matters\n{}\n\nHow to mend it\n{}\n\nHow it is found\n{}\n",
        rule.title,
        rule.id,
        rule.severity,
        rule.confidence,
        rule.category,
        indent(&rule.description),
        indent(&rule.remediation),
        indent(&how(rule)),
    );
    let mut list = |heading: &str, items: Vec<String>| {
        if !items.is_empty() {
            text.push_str(&format!("\n{heading}\n"));
            for item in items {
                text.push_str(&format!("  {item}\n"));
            }
        }
    };
    list("Read more", rule.references.clone());
    list("Weakness", rule.cwe.iter().map(|number| format!("CWE-{number}")).collect());
    list("The same in other tools", rule.equivalents.clone());
    list("Earlier names", rule.aliases.clone());
    list(
        "To silence one finding, with a reason",
        vec![format!("a comment on its line or the line above: lockgate: ignore[{}] why this is no danger", rule.id)],
    );
    text
}

/// What the rule looks for, in a sentence.
fn how(rule: &Rule) -> String {
    let Detect::Secret(secret) = &rule.detect;
    let mut sentence = match &secret.source {
        Source::Patterns(patterns) if patterns.len() == 1 => format!("By its form: `{}`", patterns[0].regex),
        Source::Patterns(patterns) => {
            let regexes: Vec<String> = patterns.iter().map(|pattern| format!("`{}`", pattern.regex)).collect();
            format!("By one of its forms: {}", regexes.join(" or "))
        }
        Source::Assigned(assigned) => {
            format!("By a value of the form `{}` beside the name {}", assigned.value, assigned.names.join(" or "))
        }
        Source::Native { check, .. } => format!("By code of the engine that reads its structure ({check})"),
    };
    if let Some(near) = &secret.near {
        sentence.push_str(&format!("; one of these words stands near: {}", near.any.join(", ")));
    }
    if !secret.paths.is_empty() {
        sentence.push_str(&format!("; only in files such as {}", secret.paths.join(", ")));
    }
    if !secret.validate.is_empty() {
        sentence.push_str(&format!("; proven offline by {}", secret.validate.join(", ")));
    }
    sentence.push('.');
    sentence
}

fn indent(text: &str) -> String {
    text.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}
