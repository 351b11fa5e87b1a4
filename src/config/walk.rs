//! From the parsed TOML to [`Settings`], collecting every mistake on the way.
//!
//! The tables are walked by hand, and not through serde, because serde stops at the first mistake and cannot say which
//! name was meant. It reads no file and resolves no path.

mod extends;
mod gate;
mod waiver;

use std::collections::BTreeMap;
use std::path::{Component, Path};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{Mend, Problem, shown};
use super::schema::{
    BaselineSettings, Located, MAX_ARCHIVE_DEPTH, PROFILES, ReportSettings, RuleSettings, SELF_SUPPRESSION,
    ScanSettings, Settings, TrustSettings,
};
use super::size::ByteSize;
use crate::coverage::Cause;
use crate::finding::{Category, Confidence, Severity};
use crate::glob;
use crate::rules::schema::Profile;
use crate::selector::RulePattern;
use crate::span::Span;

/// Most entries of one list: each is tried on every file or rule.
const MAX_ENTRIES: usize = 1000;

/// What was found wrong so far, with its place.
pub(super) type Problems = Vec<(Option<Span>, Problem)>;

/// Reads the settings of the document `table`; what is wrong goes into `problems` and has its default.
pub(super) fn settings(table: &DeTable<'_>, problems: &mut Problems) -> Settings {
    let mut root = Section::new(String::new(), Some(table), problems);
    Settings {
        extends: extends::extends(&mut root),
        r#final: extends::finals(&mut root),
        scan: scan(&mut root.section("scan")),
        rules: rules(&mut root.section("rules")),
        report: report(&mut root.section("report")),
        gate: gate::gate(&mut root.section("gate")),
        baseline: baseline(&mut root.section("baseline")),
        waiver: waiver::waivers(&mut root),
        trust: trust(&mut root.section("trust")),
    }
}

/// The keys of the section with this name, `""` for the top level.
fn keys(section: &str) -> Vec<&'static str> {
    match section {
        "" => vec!["extends", "final", "scan", "rules", "report", "gate", "baseline", "waiver", "trust"],
        "extends" => vec!["git-ref", "path"],
        "final" => Vec::new(),
        "scan" => vec!["exclude", "max-file-size", "archive-depth"],
        "rules" => vec!["packs", "profiles", "enable", "disable", "severity", "parameters"],
        "gate" => {
            let own = [
                "severity",
                "confidence",
                "undecided",
                "scope",
                "unsuppressible",
                "required-rules",
                "required-packs",
                "policy",
            ];
            own.into_iter().chain(Category::ALL.iter().map(|one| one.name())).collect()
        }
        "gate.undecided" => gate::causes().map(Cause::name).collect(),
        "gate.policy" => vec![
            "name",
            "categories",
            "rules",
            "paths",
            "environments",
            "severity",
            "confidence",
            "scope",
            "budget",
            "ratchet",
            "blocks",
            "final",
        ],
        "gate.policy.budget" => Severity::ALL.iter().map(|one| one.name()).collect(),
        "waiver" => vec!["rule", "path", "resource", "fingerprint", "value-hash", "reason", "owner", "until"],
        "baseline" => vec!["path"],
        "trust" => vec!["self-suppression"],
        // `report` and the tables of the gate's categories.
        _ => vec!["severity", "confidence"],
    }
}

fn scan(section: &mut Section<'_, '_>) -> ScanSettings {
    let default = ScanSettings::default();
    let exclude = section.list("exclude", |text| check_exclude(text).map(|()| text.to_owned()));
    ScanSettings {
        exclude: exclude.map_or(default.exclude, |list| list.into_iter().map(|entry| entry.value).collect()),
        max_file_size: section.size("max-file-size").unwrap_or(default.max_file_size),
        archive_depth: section.depth("archive-depth").unwrap_or(default.archive_depth),
    }
}

fn rules(section: &mut Section<'_, '_>) -> RuleSettings {
    let default = RuleSettings::default();
    let names = PROFILES.map(|(name, _)| name);
    let profiles = section.list("profiles", |text| {
        let known = PROFILES.iter().find(|(name, _)| *name == text);
        known.map(|(_, stands_for)| *stands_for).ok_or_else(|| unknown_name("profile", text, &names))
    });
    let profiles = profiles.map_or(default.profiles, |list| {
        let mut profiles: Vec<Profile> = list.iter().flat_map(|entry| entry.value).copied().collect();
        profiles.sort_unstable();
        profiles.dedup();
        profiles
    });
    RuleSettings {
        packs: section.list("packs", inside_path).unwrap_or(default.packs),
        profiles,
        enable: section.list("enable", rule_pattern).unwrap_or(default.enable),
        disable: section.list("disable", rule_pattern).unwrap_or(default.disable),
        severity: section.severities("severity"),
        parameters: section.parameters("parameters"),
    }
}

fn report(section: &mut Section<'_, '_>) -> ReportSettings {
    let default = ReportSettings::default();
    ReportSettings {
        severity: section.severity().unwrap_or(default.severity),
        confidence: section.confidence().unwrap_or(default.confidence),
    }
}

fn trust(section: &mut Section<'_, '_>) -> TrustSettings {
    let names: Vec<&str> = SELF_SUPPRESSION.iter().map(|(name, _)| *name).collect();
    let read = |text: &str| {
        let known = SELF_SUPPRESSION.iter().find(|(name, _)| *name == text);
        known.map(|(_, response)| *response).ok_or_else(|| unknown_name("self-suppression", text, &names))
    };
    let given = section.text("self-suppression", read).map(|found| found.value);
    TrustSettings { self_suppression: given.unwrap_or(TrustSettings::default().self_suppression) }
}

fn baseline(section: &mut Section<'_, '_>) -> BaselineSettings {
    BaselineSettings { path: section.text("path", inside_path).unwrap_or_else(|| BaselineSettings::default().path) }
}

/// One table of the file.
struct Section<'t, 'p> {
    /// Its name as in a header, `""` for the top level.
    name: String,
    /// `None` when the file does not have it.
    table: Option<&'t DeTable<'t>>,
    problems: &'p mut Problems,
}

impl<'t, 'p> Section<'t, 'p> {
    /// The table `name`, whose keys are checked against those that it may have.
    fn new(name: String, table: Option<&'t DeTable<'t>>, problems: &'p mut Problems) -> Self {
        let known = keys(&name);
        for (key, _) in table.into_iter().flatten() {
            if !known.contains(&key.get_ref().as_ref()) {
                problems.push((Some(span(key)), unknown_key(key.get_ref(), &name, &known)));
            }
        }
        Self { name, table, problems }
    }

    fn get(&self, key: &str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.table.and_then(|table| table.get(key))
    }

    fn path_of(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }

    fn wrong_type(&mut self, key: &str, expected: &'static str, value: &Spanned<DeValue<'_>>) {
        let problem = Problem::WrongType { key: self.path_of(key), expected, found: type_name(value.get_ref()) };
        self.problems.push((Some(span(value)), problem));
    }

    /// The table `key` of this one, empty when it is not there.
    fn section(&mut self, key: &str) -> Section<'t, '_> {
        let table = self.table(key, "a table");
        Section::new(self.path_of(key), table, self.problems)
    }

    fn table(&mut self, key: &str, expected: &'static str) -> Option<&'t DeTable<'t>> {
        let value = self.get(key)?;
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.wrong_type(key, expected, value);
        }
        table
    }

    /// The string `key`, as `read` understands it.
    fn text<T>(&mut self, key: &str, read: impl FnOnce(&str) -> Result<T, Problem>) -> Option<Located<T>> {
        let value = self.get(key)?;
        self.string(key, "a string", value, read)
    }

    /// The string `value`, which stands at `key`, as `read` understands it.
    fn string<T>(
        &mut self,
        key: &str,
        expected: &'static str,
        value: &Spanned<DeValue<'_>>,
        read: impl FnOnce(&str) -> Result<T, Problem>,
    ) -> Option<Located<T>> {
        let Some(text) = value.get_ref().as_str() else {
            self.wrong_type(key, expected, value);
            return None;
        };
        match read(text) {
            Ok(read) => Some(Located { value: read, at: Some(span(value)) }),
            Err(problem) => {
                self.problems.push((Some(span(value)), problem));
                None
            }
        }
    }

    /// The list of strings `key`, each as `read` understands it, without those that it does not.
    fn list<T>(&mut self, key: &str, read: impl Fn(&str) -> Result<T, Problem>) -> Option<Vec<Located<T>>> {
        const EXPECTED: &str = "an array of strings, such as [\"one\", \"two\"]";
        let value = self.get(key)?;
        let Some(array) = value.get_ref().as_array() else {
            self.wrong_type(key, EXPECTED, value);
            return None;
        };
        if array.len() > MAX_ENTRIES {
            let reason = format!("must have at most {MAX_ENTRIES} entries");
            self.problems.push((Some(span(value)), Problem::BadValue { value: self.path_of(key), reason }));
            return None;
        }
        Some(array.iter().filter_map(|entry| self.string(key, EXPECTED, entry, &read)).collect())
    }

    /// The string `key`, one of `values`.
    fn one_of<T: Copy>(
        &mut self,
        key: &'static str,
        values: &'static [T],
        name: impl Fn(T) -> &'static str,
    ) -> Option<T> {
        let names: Vec<&str> = values.iter().map(|&value| name(value)).collect();
        let read = |text: &str| {
            let known = values.iter().copied().find(|&value| name(value) == text);
            known.ok_or_else(|| unknown_name(key, text, &names))
        };
        self.text(key, read).map(|found| found.value)
    }

    fn severity(&mut self) -> Option<Severity> {
        self.one_of("severity", Severity::ALL, Severity::name)
    }

    fn confidence(&mut self) -> Option<Confidence> {
        self.one_of("confidence", Confidence::ALL, Confidence::name)
    }

    /// The table `key` of severities by rule id. Their place is that of the id.
    fn severities(&mut self, key: &'static str) -> BTreeMap<String, Located<Severity>> {
        let names: Vec<&str> = Severity::ALL.iter().map(|one| one.name()).collect();
        let table = self.table(key, "a table of severities by rule id, such as { \"some-rule\" = \"low\" }");
        let mut severities = BTreeMap::new();
        for (id, value) in table.into_iter().flatten() {
            let path = format!("{key}.{}", shown(id.get_ref()));
            let read = |text: &str| text.parse().map_err(|_| unknown_name("severity", text, &names));
            let severity: Option<Located<Severity>> = self.string(&path, "a string", value, read);
            if let Err(problem) = plain_id(id.get_ref()) {
                self.problems.push((Some(span(id)), problem));
            } else if let Some(severity) = severity {
                severities.insert(id.get_ref().to_string(), Located { value: severity.value, at: Some(span(id)) });
            }
        }
        severities
    }

    /// The table `key` of values by rule id and name of the parameter. Their place is that of the id.
    fn parameters(&mut self, key: &'static str) -> BTreeMap<String, Located<BTreeMap<String, Vec<String>>>> {
        const EXPECTED: &str = "a table of lists by name, such as { names = [\"one\", \"two\"] }";
        let table = self.table(key, "a table of parameters by rule id");
        let mut parameters = BTreeMap::new();
        for (id, value) in table.into_iter().flatten() {
            let path = format!("{key}.{}", shown(id.get_ref()));
            let Some(own) = value.get_ref().as_table() else {
                self.wrong_type(&path, EXPECTED, value);
                continue;
            };
            if let Err(problem) = plain_id(id.get_ref()) {
                self.problems.push((Some(span(id)), problem));
                continue;
            }
            let mut values = Section { name: self.path_of(&path), table: Some(own), problems: self.problems };
            let read: Vec<(String, Vec<String>)> = own
                .iter()
                .filter_map(|(name, _)| {
                    let list = values.list(name.get_ref(), |text| Ok(text.to_owned()))?;
                    Some((name.get_ref().to_string(), list.into_iter().map(|entry| entry.value).collect()))
                })
                .collect();
            let value = read.into_iter().collect();
            parameters.insert(id.get_ref().to_string(), Located { value, at: Some(span(id)) });
        }
        parameters
    }

    /// The nesting `key`: an integer up to [`MAX_ARCHIVE_DEPTH`].
    fn depth(&mut self, key: &str) -> Option<u32> {
        let value = self.get(key)?;
        let Some(integer) = value.get_ref().as_integer() else {
            self.wrong_type(key, "a number of archives, such as 4", value);
            return None;
        };
        let depth = u32::from_str_radix(integer.as_str(), integer.radix()).ok();
        let depth = depth.filter(|&depth| depth <= MAX_ARCHIVE_DEPTH);
        if depth.is_none() {
            let reason = format!("must be a number from 0 to {MAX_ARCHIVE_DEPTH}");
            self.problems.push((Some(span(value)), Problem::BadValue { value: self.path_of(key), reason }));
        }
        depth
    }

    /// The size `key`: an integer, or a string with a unit.
    fn size(&mut self, key: &str) -> Option<ByteSize> {
        const EXPECTED: &str = "a number of bytes or a string with a unit, such as \"16MiB\"";
        let value = self.get(key)?;
        if let Some(integer) = value.get_ref().as_integer() {
            // A negative number is as much too small as 0, and one that overflows is as much too large as any.
            let outside = if integer.as_str().starts_with('-') { 0 } else { u64::MAX };
            let bytes = u64::from_str_radix(integer.as_str(), integer.radix()).unwrap_or(outside);
            return ByteSize::new(bytes)
                .map_err(|reason| {
                    let problem = Problem::BadValue { value: self.path_of(key), reason };
                    self.problems.push((Some(span(value)), problem));
                })
                .ok();
        }
        let read = |text: &str| text.parse().map_err(|reason| Problem::BadValue { value: shown(text), reason });
        self.string(key, EXPECTED, value, read).map(|size| size.value)
    }
}

fn span<T>(spanned: &Spanned<T>) -> Span {
    let range = spanned.span();
    Span::new(range.start, range.end)
}

fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}

fn unknown_key(key: &str, section: &str, known: &[&'static str]) -> Problem {
    let mend = match Mend::among(key, known.iter().copied()) {
        // Under no near name here, but perhaps it is the key of another section.
        Mend::OneOf(names) => keys("")
            .into_iter()
            .find(|&other| other != section && keys(other).contains(&key))
            .map_or(Mend::OneOf(names), |other| Mend::BelongsIn(other.to_owned())),
        mend => mend,
    };
    let table = if section.is_empty() { "at the top level".to_owned() } else { format!("in [{section}]") };
    Problem::UnknownKey { key: shown(key), table, mend }
}

fn unknown_name(what: &'static str, name: &str, known: &[&str]) -> Problem {
    Problem::UnknownName { what, name: shown(name), mend: Mend::among(name, known.iter().copied()) }
}

fn rule_pattern(text: &str) -> Result<RulePattern, Problem> {
    text.parse().map_err(|reason| Problem::BadValue { value: shown(text), reason })
}

fn plain_id(text: &str) -> Result<(), Problem> {
    if rule_pattern(text)?.is_glob() {
        let reason = "is a glob; a severity is set for one rule id at a time".to_owned();
        return Err(Problem::BadValue { value: shown(text), reason });
    }
    Ok(())
}

/// An exclude must be a glob that can match something.
fn check_exclude(text: &str) -> Result<(), Problem> {
    let bad = |reason: String| Err(Problem::BadValue { value: shown(text), reason });
    if text.trim().is_empty() {
        return bad("matches nothing; write a glob such as `fixtures/**`".to_owned());
    }
    if text.starts_with('#') {
        return bad("is a comment in the syntax of .gitignore; write `\\#` for a name that begins with #".to_owned());
    }
    if text.split('/').any(|part| part == "..") {
        return bad("matches nothing; globs are relative to the root of the scan and cannot leave it".to_owned());
    }
    glob::check(text).or_else(|reason| bad(format!("is not a glob: {reason}")))
}

/// A path that is relative and does not climb above the directory that it starts from.
fn inside_path(text: &str) -> Result<String, Problem> {
    let bad = |reason: &str| Err(Problem::BadValue { value: shown(text), reason: reason.to_owned() });
    if text.is_empty() {
        return bad("names no file");
    }
    if text.contains('\0') {
        return bad("holds a NUL character, which no path does");
    }
    let mut depth = 0_usize;
    for part in Path::new(text).components() {
        match part {
            Component::Normal(_) => depth += 1,
            Component::CurDir => {}
            Component::ParentDir if depth > 0 => depth -= 1,
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                return bad("leads out of the directory of the configuration file; name it on the command line");
            }
        }
    }
    Ok(text.to_owned())
}
