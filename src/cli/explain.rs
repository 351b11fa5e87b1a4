//! `lockgate explain RULE`. A finding is explained in `explain_finding`.

use std::io::{self, Write};

use super::args::ExplainArgs;
use super::{CommandError, explain_finding, print, rules};
use crate::report::harmless_lines;
use crate::rules::condition::{Binding, Check, PolicyRule};
use crate::rules::schema::{Detect, Profile, Rule, Source};

/// `lockgate explain`
pub(super) fn run(args: &ExplainArgs, out: &mut dyn Write) -> Result<u8, CommandError> {
    if let Some(fingerprint) = &args.finding {
        return explain_finding::run(args, fingerprint, out);
    }
    let catalogue = rules::catalogue(&args.rules)?;
    let rule = rules::find(&catalogue, args.rule.as_deref().unwrap_or_default())?;
    let mut text = Vec::new();
    write(rule, &mut text).map_err(|error| CommandError::new(error.to_string()))?;
    print(out, |out| writeln!(out, "{}", harmless_lines(String::from_utf8_lossy(&text).trim_end())))?;
    Ok(0)
}

fn write(rule: &Rule, out: &mut dyn Write) -> io::Result<()> {
    let profile = match rule.profile {
        Profile::Default => "default",
        Profile::Hardening => "hardening",
        Profile::Style => "style",
    };
    let silence = match rule.detect {
        Detect::Suppression(_) => "add a [[waiver]] to lockgate.toml; comments do not silence it".to_owned(),
        _ => format!("put on its line or the line above: lockgate: ignore[{}] why this is no danger", rule.id),
    };
    let sections = [
        ("Why it matters", vec![rule.details.description.clone()]),
        ("How to mend it", std::iter::once(rule.details.remediation.clone()).chain(fixes(rule)).collect()),
        ("How it is found", vec![how(rule)]),
        ("Read more", rule.details.references.clone()),
        ("Weakness", rule.details.cwe.iter().map(|number| format!("CWE-{number}")).collect()),
        ("The same in other tools", rule.details.equivalents.clone()),
        ("Earlier names", rule.aliases.clone()),
        ("To silence one finding", vec![silence]),
    ];
    let Rule { title, id, severity, confidence, category, .. } = rule;
    writeln!(out, "{title} ({id})\n{severity}, {confidence} confidence, category {category}, profile {profile}")?;
    for (heading, items) in sections.iter().filter(|(_, items)| !items.is_empty()) {
        writeln!(out, "\n{heading}")?;
        for line in items.iter().flat_map(|item| item.lines()) {
            writeln!(out, "  {line}")?;
        }
    }
    Ok(())
}

/// What `lockgate fix` does about it, each edit once.
fn fixes(rule: &Rule) -> Vec<String> {
    let Detect::Policy(policy) = &rule.detect else { return Vec::new() };
    let mut lines: Vec<String> = Vec::new();
    for fix in policy.bindings.iter().filter_map(|binding| binding.demand.fix.as_ref()) {
        let option = if fix.is_unsafe { " --unsafe" } else { "" };
        let line = format!("`lockgate fix{option}` can do it: {fix}");
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

/// What a policy rule looks at, a line for each binding.
fn bindings(policy: &PolicyRule) -> String {
    let line = |binding: &Binding| {
        let types = binding.types.join(", ");
        match &binding.demand.check {
            Check::Native(check) => format!("{}: {types}, by code of the engine ({check})", binding.platform),
            Check::Deny(_) => format!("{}: {types}, where what it forbids is there", binding.platform),
            Check::Require(_) => format!("{}: {types}, where what it demands is not", binding.platform),
        }
    };
    let parameters = policy.parameters.iter().map(|parameter| {
        format!("parameter {} = [{}]: {}", parameter.name, parameter.default.join(", "), parameter.description)
    });
    policy.bindings.iter().map(line).chain(parameters).collect::<Vec<_>>().join("\n")
}

/// What the rule looks for, in a sentence.
fn how(rule: &Rule) -> String {
    let secret = match &rule.detect {
        Detect::Secret(secret) => secret,
        Detect::Policy(policy) => return bindings(policy),
        Detect::Suppression(check) => {
            return format!("When everything else was looked at, by code of its own ({check}).");
        }
    };
    let form = match &secret.source {
        Source::Patterns(patterns) => {
            let regexes: Vec<String> = patterns.iter().map(|pattern| format!("`{}`", pattern.regex)).collect();
            format!("By its form: {}", regexes.join(" or "))
        }
        Source::Assigned(assigned) => {
            format!("By a value of the form `{}` beside the name {}", assigned.value, assigned.names.join(" or "))
        }
        Source::Native { check, .. } => format!("By code of the engine that reads its structure ({check})"),
        Source::Gitleaks(rule) => match (&rule.part.regex, &rule.part.path) {
            (Some(regex), _) => format!("By its form, as a rule of gitleaks: `{regex}`"),
            (None, path) => format!("By the path of the file: `{}`", path.as_deref().unwrap_or_default()),
        },
    };
    let near = secret.near.as_ref().map(|near| format!("one of these words stands near: {}", near.any.join(", ")));
    let paths = (!secret.paths.is_empty()).then(|| format!("only in files such as {}", secret.paths.join(", ")));
    let proof = (!secret.validate.is_empty()).then(|| format!("proven offline by {}", secret.validate.join(", ")));
    let parts = secret.parts.iter().map(|part| {
        let name = part.name.as_deref().map_or("what belongs to it".to_owned(), |name| format!("its {name}"));
        format!("one finding with {name} up to {} lines away ({})", part.lines, part.any.join(", "))
    });
    [Some(form), near, paths, proof].into_iter().flatten().chain(parts).collect::<Vec<_>>().join("; ") + "."
}
