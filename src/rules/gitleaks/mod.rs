//! Configurations of gitleaks (<https://github.com/gitleaks/gitleaks>, README, "Configuration") and of betterleaks
//! (<https://github.com/betterleaks/betterleaks>, `docs/config.md`) as rules.
//!
//! A rule keeps the meaning that it has there. The default rules of these tools are not shipped.

mod fields;
mod read;
mod regex;
pub mod schema;

use std::collections::BTreeMap;
use std::sync::Arc;

use self::read::{Config, RawRule};
use self::schema::{AllowList, GitleaksRule, Required};
use super::error::PackError;
use super::packed::Packed;
use super::schema::{Details, Detect, Profile, Rule, SecretRule, Source};
use crate::rating::{Category, Confidence, Severity};

/// Most files that extend one another.
const MAX_EXTENDED: usize = 8;
/// Longest description that makes a title.
const MAX_TITLE: usize = 80;

/// Another configuration that one extends.
pub struct Extended {
    /// What errors call it; the same for the same file.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// The rules of a configuration, and what of it has no effect.
#[derive(Debug, Default)]
pub struct Loaded {
    /// Rules, in the order of their ids.
    pub rules: Vec<Rule>,
    /// One for each thing, with its place.
    pub notes: Vec<PackError>,
}

/// Reads the configuration `text`, which errors call `file`. `open` gives the configuration that the one with the first name
/// extends under the second, or says why it cannot be had.
///
/// # Errors
///
/// The mistakes in the configuration and in those that it extends.
pub fn load(
    file: &str,
    text: &str,
    open: &dyn Fn(&str, &str) -> Result<Extended, String>,
) -> Result<Loaded, Vec<PackError>> {
    let mut config = read::read(file, text)?;
    let mut names = vec![file.to_owned()];
    while let (Some(path), Some(at)) = (config.extend.path.take(), config.extend.at.take()) {
        let fail = |message: String| vec![PackError { message, ..at.clone() }];
        if names.len() >= MAX_EXTENDED {
            return Err(fail(format!("more than {MAX_EXTENDED} configurations extend one another")));
        }
        let Extended { name, text } = open(&at.file, &path).map_err(fail)?;
        if names.contains(&name) {
            return Err(fail("the configurations extend one another in a circle".to_owned()));
        }
        let base = read::read(&name, &text)?;
        names.push(name);
        config = extended(config, base);
    }
    rules(config)
}

/// What `own` makes of `base`, which it extends: rules with the same id are merged, what `own` says counts.
fn extended(own: Config, base: Config) -> Config {
    let Config { extend, mut rules, mut allow, mut targeted, mut notes } = own;
    for old in base.rules {
        if extend.disabled.contains(&old.id) {
            continue;
        }
        match rules.iter_mut().find(|rule| rule.id == old.id) {
            Some(rule) => merge(rule, old),
            None => rules.push(old),
        }
    }
    allow.extend(base.allow);
    targeted.extend(base.targeted);
    notes.extend(base.notes);
    let use_default = extend.use_default || base.extend.use_default;
    let disabled = [extend.disabled, base.extend.disabled].concat();
    Config { extend: read::Extend { use_default, disabled, ..base.extend }, rules, allow, targeted, notes }
}

/// Adds to `rule` what it does not say and `base` does.
fn merge(rule: &mut RawRule, base: RawRule) {
    let lists = std::mem::take(&mut rule.part.allow);
    let own = &mut rule.part;
    if own.regex.is_none() {
        own.regex = base.part.regex;
    }
    if own.group == 0 {
        own.group = base.part.group;
    }
    own.path = own.path.take().or(base.part.path);
    own.entropy = own.entropy.or(base.part.entropy);
    own.allow = base.part.allow;
    own.allow.extend(lists);
    rule.description = rule.description.take().or(base.description);
    rule.severity = rule.severity.or(base.severity);
    rule.confidence = rule.confidence.or(base.confidence);
    rule.tags.splice(..0, base.tags);
    rule.keywords.splice(..0, base.keywords);
    if rule.required.is_empty() {
        rule.required = base.required;
    }
}

fn rules(config: Config) -> Result<Loaded, Vec<PackError>> {
    let Config { extend, mut rules, allow, targeted, mut notes } = config;
    let mut errors = Vec::new();
    for rule in &mut rules {
        let lists = targeted.iter().filter(|(targets, _)| targets.contains(&rule.id)).map(|(_, list)| list);
        rule.part.allow.extend(lists.chain(&allow).cloned());
    }
    let by_id: BTreeMap<&str, &RawRule> = rules.iter().map(|rule| (rule.id.as_str(), rule)).collect();
    let mut loaded = Loaded::default();
    for rule in by_id.values() {
        if rule.part.regex.is_none() && rule.part.path.is_none() {
            let message = if extend.use_default {
                format!("`{}` changes a default rule, which is not there: it has no effect", rule.id)
            } else {
                format!("the rule `{}` needs `regex` or `path`", rule.id)
            };
            let at = PackError { message, ..rule.at.clone() };
            if extend.use_default {
                notes.push(at);
            } else {
                errors.push(at);
            }
            continue;
        }
        match convert(rule, &by_id) {
            Ok(converted) => loaded.rules.push(converted),
            Err(message) => errors.push(PackError { message, ..rule.at.clone() }),
        }
    }
    if errors.is_empty() {
        loaded.notes = notes;
        Ok(loaded)
    } else {
        Err(errors)
    }
}

fn convert(rule: &RawRule, by_id: &BTreeMap<&str, &RawRule>) -> Result<Rule, String> {
    let required = rule.required.iter().map(|required| {
        let other = by_id.get(required.id.as_str()).filter(|other| other.part.regex.is_some());
        let other =
            other.ok_or_else(|| format!("`{}` requires `{}`, which is no rule with a regex", rule.id, required.id))?;
        let part = other.part.clone();
        Ok(Required { id: required.id.clone(), part, lines: required.lines, columns: required.columns })
    });
    let gitleaks = GitleaksRule {
        keywords: rule.keywords.clone(),
        part: rule.part.clone(),
        required: required.collect::<Result<_, String>>()?,
        is_hidden: rule.is_hidden,
    };
    let id = kebab_case(&rule.id);
    if id.is_empty() {
        return Err("the `id` has no letter and no digit".to_owned());
    }
    let description = rule.description.clone().unwrap_or_else(|| format!("The rule `{}` matches.", rule.id));
    let short = description.trim().trim_end_matches('.');
    let title = if rule.description.is_none() || short.len() > MAX_TITLE || short.contains('\n') {
        format!("Secret of the kind `{}`", rule.id)
    } else {
        short.to_owned()
    };
    let tags = if rule.tags.is_empty() { String::new() } else { format!(" Tags: {}.", rule.tags.join(", ")) };
    Ok(Rule {
        aliases: Vec::new(),
        title,
        severity: rule.severity.unwrap_or(Severity::High),
        confidence: rule.confidence.unwrap_or(Confidence::Medium),
        category: Category::Secret,
        profile: Profile::Default,
        details: Packed::from(Details {
            description: format!("{description}{tags}"),
            remediation: "Revoke the secret where it was issued, and keep the new one in a secret store.".to_owned(),
            references: Vec::new(),
            cwe: vec![798],
            equivalents: vec![format!("gitleaks:{}", rule.id)],
        }),
        detect: Detect::Secret(Packed::from(SecretRule {
            source: Source::Gitleaks(gitleaks),
            paths: Vec::new(),
            entropy: None,
            validate: Vec::new(),
            near: None,
            parts: Vec::new(),
            allow: Vec::new(),
            keep_placeholders: true,
        })),
        id,
    })
}

/// `id` in small letters, with `-` for everything that is neither a letter nor a digit.
fn kebab_case(id: &str) -> String {
    let words: Vec<String> = id
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    words.join("-")
}

/// What a configuration excepts from the default rules: what `lockgate migrate` carries over.
#[derive(Debug, Default)]
pub struct Excepted {
    /// Its global lists.
    pub lists: Vec<Arc<AllowList>>,
    /// Ids of default rules that do not run.
    pub disabled: Vec<String>,
    /// Ids of default rules that it changes.
    pub changed: Vec<String>,
    /// It has rules of its own.
    pub has_rules: bool,
}

/// What the configuration `text`, which errors call `file`, excepts. What it extends is not asked.
///
/// # Errors
///
/// The mistakes in the configuration.
pub fn exceptions(file: &str, text: &str) -> Result<Excepted, Vec<PackError>> {
    let config = read::read(file, text)?;
    let is_own = |rule: &&RawRule| rule.part.regex.is_some() || rule.part.path.is_some();
    let (own, changed): (Vec<&RawRule>, Vec<&RawRule>) = config.rules.iter().partition(is_own);
    Ok(Excepted {
        changed: changed.into_iter().map(|rule| rule.id.clone()).collect(),
        has_rules: !own.is_empty() || config.extend.path.is_some(),
        lists: config.allow,
        disabled: config.extend.disabled,
    })
}

#[cfg(test)]
mod tests;
