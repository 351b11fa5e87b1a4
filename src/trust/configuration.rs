//! What a change does to the configuration, key by key.
//!
//! The keys are compared as they stand in the file, whether they are known or not: what a later version of Lockgate will
//! understand is named today. A value is repeated only where it cannot be a secret.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Attempt, Means, Versions, bounded, line_of};
use crate::config::shown;

/// Deepest nesting of values that is looked into; below it, values are compared as one.
const MAX_DEPTH: usize = 16;
/// Most values of one file that are compared; the parser has read a file of at most 1 MiB.
const MAX_ITEMS: usize = 100_000;

/// Lists that are milder the more they hold.
const MILDER_WHEN_LONGER: &[&str] = &["scan.exclude", "rules.disable", "waiver"];
/// Lists that are milder the less they hold.
const MILDER_WHEN_SHORTER: &[&str] = &[
    "final",
    "gate.required-packs",
    "gate.required-rules",
    "gate.unsuppressible",
    "rules.enable",
    "rules.packs",
    "rules.profiles",
];

/// One value of a file.
#[derive(Clone, Debug)]
struct Item {
    /// The keys that lead to it, with dots between them.
    key: String,
    /// The value in one spelling.
    value: String,
    /// Whether it is an entry of a list.
    is_entry: bool,
    /// Byte at which it stands.
    at: usize,
}

/// What the configuration says that no earlier version does, and what it says no more: every change but those that can
/// only make the verdict stricter.
#[must_use]
pub fn overruled(versions: &Versions<'_>) -> Vec<Attempt> {
    if versions.is_unchanged() {
        return Vec::new();
    }
    let whole = |detail: &str| vec![versions.attempt(None, Means::Configuration, detail)];
    let before: Vec<Vec<Item>> = versions.before.iter().flatten().filter_map(|bytes| items(bytes)).collect();
    let Some(now) = versions.now else { return whole("removes the configuration") };
    let Some(items) = items(now) else { return whole("changes the configuration into one that cannot be read") };
    let known: Vec<BTreeSet<(&str, &str)>> = before.iter().map(|items| values(items)).collect();
    let present = values(&items);
    let keys: BTreeSet<&str> = items.iter().map(|item| item.key.as_str()).collect();
    let mut found: Vec<(Option<usize>, Means, String)> = Vec::new();
    for item in items.iter().filter(|item| !known.iter().any(|known| known.contains(&item.pair()))) {
        if item.is_entry && MILDER_WHEN_SHORTER.contains(&item.key.as_str()) {
            continue;
        }
        let (key, value) = (shown(&item.key), shown(&item.value));
        let words = if item.is_entry { format!("adds {value} to {key}") } else { format!("sets {key} to {value}") };
        found.push((Some(item.at), means(&item.key), words));
    }
    // Gone is what every earlier version has.
    for old in before.first().into_iter().flatten() {
        let in_all = known.iter().all(|known| known.contains(&old.pair()));
        if !in_all || present.contains(&old.pair()) {
            continue;
        }
        let key = shown(&old.key);
        if !old.is_entry {
            if !keys.contains(old.key.as_str()) {
                found.push((None, means(&old.key), format!("drops {key}")));
            }
        } else if !MILDER_WHEN_LONGER.contains(&old.key.as_str()) {
            found.push((None, means(&old.key), format!("takes {} out of {key}", shown(&old.value))));
        }
    }
    bounded(found, |(at, means, words)| versions.attempt(at.map(|at| line_of(now, at)), means, words))
}

/// The keys and values of a file.
fn values(items: &[Item]) -> BTreeSet<(&str, &str)> {
    items.iter().map(Item::pair).collect()
}

impl Item {
    fn pair(&self) -> (&str, &str) {
        (&self.key, &self.value)
    }
}

fn means(key: &str) -> Means {
    let is_in = |section: &str| key.strip_prefix(section).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    match () {
        () if is_in("waiver") => Means::Waiver,
        () if is_in("scan.exclude") => Means::Exclusion,
        () if is_in("baseline") => Means::Baseline,
        () if is_in("rules.packs") => Means::RulePack,
        () if is_in("rules") => Means::Rules,
        () => Means::Configuration,
    }
}

/// The values of the file `bytes`; `None` when it is no TOML.
fn items(bytes: &[u8]) -> Option<Vec<Item>> {
    let text = std::str::from_utf8(bytes).ok()?;
    // Offsets stay those of the file.
    let mark = text.len() - text.trim_start_matches('\u{feff}').len();
    let table = DeTable::parse(&text[mark..]).ok()?;
    let mut items = Vec::new();
    collect_table("", table.get_ref(), 0, &mut items);
    for item in &mut items {
        item.at += mark;
    }
    Some(items)
}

fn collect_table(above: &str, table: &DeTable<'_>, depth: usize, items: &mut Vec<Item>) {
    for (key, value) in table {
        let key = key.get_ref();
        let path = if above.is_empty() { key.to_string() } else { format!("{above}.{key}") };
        match value.get_ref() {
            DeValue::Table(inner) if depth < MAX_DEPTH => collect_table(&path, inner, depth + 1, items),
            DeValue::Array(entries) => {
                for entry in entries {
                    put(&path, entry, true, items);
                }
            }
            _ => put(&path, value, false, items),
        }
    }
}

fn put(key: &str, value: &Spanned<DeValue<'_>>, is_entry: bool, items: &mut Vec<Item>) {
    if items.len() < MAX_ITEMS {
        let mut words = String::new();
        spell(value.get_ref(), 0, &mut words);
        items.push(Item { key: key.to_owned(), value: words, is_entry, at: value.span().start });
    }
}

/// Writes `value` in one spelling.
fn spell(value: &DeValue<'_>, depth: usize, words: &mut String) {
    match value {
        DeValue::String(text) => {
            let _ = write!(words, "{text:?}");
        }
        DeValue::Integer(number) => words.push_str(number.as_str()),
        DeValue::Float(number) => words.push_str(number.as_str()),
        DeValue::Boolean(truth) => words.push_str(if *truth { "true" } else { "false" }),
        DeValue::Datetime(time) => {
            let _ = write!(words, "{time}");
        }
        _ if depth >= MAX_DEPTH => words.push('…'),
        DeValue::Array(entries) => {
            words.push('[');
            for (number, entry) in entries.iter().enumerate() {
                words.push_str(if number == 0 { "" } else { ", " });
                spell(entry.get_ref(), depth + 1, words);
            }
            words.push(']');
        }
        DeValue::Table(entries) => {
            words.push('{');
            for (number, (key, entry)) in entries.iter().enumerate() {
                words.push_str(if number == 0 { "" } else { ", " });
                words.push_str(key.get_ref());
                words.push_str(" = ");
                spell(entry.get_ref(), depth + 1, words);
            }
            words.push('}');
        }
    }
}
