//! Reads `[gate]` with its entries.

use std::collections::{BTreeMap, BTreeSet};

use toml::de::DeValue;

use super::{Section, inside_path, rule_pattern, span};
use crate::config::error::{Problem, shown};
use crate::config::policy::PolicyEntry;
use crate::config::schema::{CategoryGate, GateSettings, Located};
use crate::coverage::Cause;
use crate::finding::{Category, Severity};
use crate::gate::{Group, Response, Scope};
use crate::selector::PathGlob;

/// Most entries of the policy: each finding is held against them, one after the other.
const MAX_POLICIES: usize = 100;
/// Most rules, and most paths, that one entry names.
const MAX_SELECTORS: usize = 20;
/// Longest name of an entry or an environment, in characters.
const MAX_NAME: usize = 80;

pub(super) fn gate(section: &mut Section<'_, '_>) -> GateSettings {
    let default = GateSettings::default();
    let mut categories = default.categories;
    for &category in Category::ALL {
        let mut own = section.section(category.name());
        let thresholds = CategoryGate { severity: own.severity(), confidence: own.confidence() };
        if thresholds != CategoryGate::default() {
            categories.insert(category, thresholds);
        }
    }
    GateSettings {
        severity: section.severity().unwrap_or(default.severity),
        confidence: section.confidence().unwrap_or(default.confidence),
        scope: section.one_of("scope", Scope::ALL, Scope::name).unwrap_or(default.scope),
        unsuppressible: section.list("unsuppressible", rule_pattern).unwrap_or_default(),
        required_rules: section.list("required-rules", rule_pattern).unwrap_or_default(),
        required_packs: section.list("required-packs", inside_path).unwrap_or_default(),
        policy: entries(section),
        undecided: undecided(section),
        categories,
    }
}

/// The causes that a policy may speak of.
pub(super) fn causes() -> impl Iterator<Item = Cause> {
    Cause::ALL.into_iter().filter(|cause| cause.may_leave_open())
}

/// `[gate] undecided`: one word for all causes, or a table.
fn undecided(section: &mut Section<'_, '_>) -> BTreeMap<Cause, Response> {
    const KEY: &str = "undecided";
    let mut responses = GateSettings::default().undecided;
    match section.get(KEY).map(|value| (value, value.get_ref())) {
        None => {}
        Some((_, DeValue::String(_))) => {
            if let Some(response) = section.one_of(KEY, Response::ALL, Response::name) {
                for own in responses.values_mut() {
                    *own = response;
                }
            }
        }
        Some((_, DeValue::Table(_))) => {
            let mut own = section.section(KEY);
            for cause in causes() {
                if let Some(response) = own.one_of(cause.name(), Response::ALL, Response::name) {
                    responses.insert(cause, response);
                }
            }
        }
        Some((value, _)) => section.wrong_type(KEY, "\"block\", \"warn\", or a table of these by cause", value),
    }
    responses
}

fn entries(section: &mut Section<'_, '_>) -> Vec<PolicyEntry> {
    let mut names = BTreeSet::new();
    let mut entries = Vec::new();
    section.each_table("policy", (MAX_POLICIES, "an array of tables, each under [[gate.policy]]"), |own, at| {
        let Some(name) = own.required("name", at, plain_name) else { return };
        if !names.insert(name.value.clone()) {
            let reason = "names two entries; give one of them another name".to_owned();
            own.problems.push((name.at, Problem::BadValue { value: shown(&name.value), reason }));
        }
        entries.push(entry(own, name));
    });
    entries
}

fn entry(own: &mut Section<'_, '_>, name: Located<String>) -> PolicyEntry {
    let selectors = ["rules", "paths", "environments"].map(|key| own.is_short(key, MAX_SELECTORS));
    let categories = own.list("categories", |text| {
        text.parse::<Category>().map_err(|_| {
            let names: Vec<&str> = Category::ALL.iter().map(|one| one.name()).collect();
            super::unknown_name("category", text, &names)
        })
    });
    // What is too long is not even compiled.
    let [rules, paths, environments] = selectors;
    let rules = if rules { own.list("rules", rule_pattern) } else { None };
    let paths = if paths { own.list("paths", path_glob) } else { None };
    let environments = if environments { own.list("environments", plain_name) } else { None };
    PolicyEntry {
        name,
        categories: values(categories),
        rules: rules.unwrap_or_default(),
        paths: values(paths),
        environments: values(environments),
        severity: own.severity(),
        confidence: own.confidence(),
        scope: own.one_of("scope", Scope::ALL, Scope::name),
        budget: budget(own),
        ratchet: own.one_of("ratchet", Group::ALL, Group::name),
        blocks: own.boolean("blocks").unwrap_or(true),
        r#final: own.boolean("final").unwrap_or(false),
    }
}

fn values<T>(list: Option<Vec<Located<T>>>) -> Vec<T> {
    list.unwrap_or_default().into_iter().map(|entry| entry.value).collect()
}

/// Numbers by severity.
fn budget(own: &mut Section<'_, '_>) -> BTreeMap<Severity, usize> {
    const EXPECTED: &str = "a number of findings, such as 5";
    let mut table = own.section("budget");
    let mut budget = BTreeMap::new();
    for &severity in Severity::ALL {
        let Some(value) = table.get(severity.name()) else { continue };
        let DeValue::Integer(integer) = value.get_ref() else {
            table.wrong_type(severity.name(), EXPECTED, value);
            continue;
        };
        if let Ok(most) = usize::from_str_radix(integer.as_str(), integer.radix()) {
            budget.insert(severity, most);
            continue;
        }
        let is_negative = integer.as_str().starts_with('-');
        let found = if is_negative { "a negative number" } else { "a number that is too large" };
        let problem = Problem::WrongType { key: table.path_of(severity.name()), expected: EXPECTED, found };
        table.problems.push((Some(span(value)), problem));
    }
    budget
}

pub(super) fn path_glob(text: &str) -> Result<PathGlob, Problem> {
    text.parse().map_err(|reason| Problem::BadValue { value: shown(text), reason })
}

/// A name that reports can repeat.
fn plain_name(text: &str) -> Result<String, Problem> {
    let is_plain = |c: char| c.is_alphanumeric() || " -_./:".contains(c);
    if text.trim().is_empty() || text.chars().count() > MAX_NAME || !text.chars().all(is_plain) {
        let reason = format!("is no name: use up to {MAX_NAME} letters, digits, spaces and `-_./:`");
        return Err(Problem::BadValue { value: shown(text), reason });
    }
    Ok(text.to_owned())
}

impl<'t> Section<'t, '_> {
    /// Whether the array `key`, if there is one, has at most `most` entries. That it has more is a mistake.
    fn is_short(&mut self, key: &str, most: usize) -> bool {
        let Some(value) = self.get(key) else { return true };
        let is_short = value.get_ref().as_array().is_none_or(|array| array.len() <= most);
        if !is_short {
            let reason = format!("must have at most {most} entries");
            self.problems.push((Some(span(value)), Problem::BadValue { value: self.path_of(key), reason }));
        }
        is_short
    }

    /// Lets `read` look at each table of the array `key`, which has at most `most`, with the place of that table.
    pub(super) fn each_table(
        &mut self,
        key: &str,
        (most, expected): (usize, &'static str),
        mut read: impl FnMut(&mut Section<'t, '_>, Located<()>),
    ) {
        let Some(value) = self.get(key) else { return };
        let Some(array) = value.get_ref().as_array() else {
            return self.wrong_type(key, expected, value);
        };
        if !self.is_short(key, most) {
            return;
        }
        for element in array {
            let Some(table) = element.get_ref().as_table() else {
                self.wrong_type(key, expected, element);
                continue;
            };
            let at = Located { value: (), at: Some(span(element)) };
            read(&mut Section::new(self.path_of(key), Some(table), self.problems), at);
        }
    }

    /// The string `key`, which the table at `at` cannot do without.
    pub(super) fn required<T>(
        &mut self,
        key: &'static str,
        at: Located<()>,
        read: impl FnOnce(&str) -> Result<T, Problem>,
    ) -> Option<Located<T>> {
        if self.get(key).is_none() {
            self.problems.push((at.at, Problem::MissingKey { key, table: format!("[[{}]]", self.name) }));
            return None;
        }
        self.text(key, read)
    }

    pub(super) fn boolean(&mut self, key: &str) -> Option<bool> {
        let value = self.get(key)?;
        let DeValue::Boolean(flag) = value.get_ref() else {
            self.wrong_type(key, "true or false", value);
            return None;
        };
        Some(*flag)
    }
}
