//! One configuration that adds to another: `extends`.
//!
//! Who extends a file takes over what that says, may say otherwise, and cannot touch what it marks as `final`. Nothing is
//! read here; whoever calls says how ([`ReadExtended`]), so that a configuration of a commit is extended by files of that commit.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

use super::error::{ConfigError, Problem};
use super::policy::PolicyEntry;
use super::schema::{GateSettings, Located, ReportSettings, RuleSettings, ScanSettings, TrustSettings};
use super::{Config, MAX_ERRORS};
use crate::span::Span;

/// Most files of which each extends the next.
const MAX_DEPTH: usize = 4;

/// The file that a configuration adds to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Extends {
    /// A file, by its path from the directory of the configuration.
    File(String),
    /// A file of the repository as it is in a commit.
    #[serde(rename_all = "kebab-case")]
    Git {
        /// The commit, by any revision.
        git_ref: String,
        /// The file, by its path from the top of the repository.
        path: String,
    },
}

impl JsonSchema for Extends {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Extends".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A path, or a path in a commit of the repository.",
            "anyOf": [
                { "type": "string" },
                {
                    "type": "object",
                    "properties": { "git-ref": { "type": "string" }, "path": { "type": "string" } },
                    "required": ["git-ref", "path"],
                    "additionalProperties": false,
                },
            ],
        })
    }
}

/// A file that was read because another one extends it.
#[derive(Clone, Debug)]
pub struct Extended {
    /// Its content.
    pub bytes: Vec<u8>,
    /// What errors and reports call it.
    pub file: String,
    /// The directory that paths in it are relative to, where it stands in one; `None` for a file of a commit.
    pub base: Option<PathBuf>,
    /// What tells it from all other files: the real path, or the commit and the path in it.
    pub identity: String,
}

/// Reads the file that a configuration extends. With it goes the identity of that configuration, `None` for the first one.
/// The error is a sentence without a subject.
pub type ReadExtended<'a> = dyn FnMut(&Extends, Option<&str>, &Config) -> Result<Extended, String> + 'a;

impl Config {
    /// The configuration with what it extends, however often one extends the next, read by `read`.
    ///
    /// # Errors
    ///
    /// A file cannot be read or is wrong, more than 4 extend each other, one extends itself, or one sets what the next says
    /// is final.
    pub fn with_extended(self, read: &mut ReadExtended<'_>) -> Result<Self, Vec<ConfigError>> {
        let mut chain = vec![self];
        let mut identities: Vec<String> = Vec::new();
        while let Some(last) = chain.last() {
            let Some(Located { value, at }) = &last.settings.extends else { break };
            let wrong = |reason: String| {
                let problem = Problem::BadValue { value: value.to_string(), reason };
                vec![last.source.error(*at, problem)]
            };
            if chain.len() > MAX_DEPTH {
                return Err(wrong(format!("is one too many: at most {MAX_DEPTH} files extend each other")));
            }
            let found = read(value, identities.last().map(String::as_str), last).map_err(wrong)?;
            if identities.contains(&found.identity) {
                return Err(wrong("extends itself in the end".to_owned()));
            }
            let next = Self::parse(&found.bytes, &found.file, found.base.as_deref().unwrap_or("".as_ref()))?;
            next.check_extended(found.base.is_some())?;
            identities.push(found.identity);
            chain.push(next);
        }
        let mut whole = chain.pop().unwrap_or_default();
        while let Some(own) = chain.pop() {
            whole = own.over(whole)?;
        }
        Ok(whole)
    }

    /// What a file that others extend must not have.
    fn check_extended(&self, is_file: bool) -> Result<(), Vec<ConfigError>> {
        let mut problems = Vec::new();
        let mut refuse = |key: &str, reason: &str| {
            if let Some(&at) = self.present.get(key) {
                problems.push((Some(at), Problem::BadValue { value: key.to_owned(), reason: reason.to_owned() }));
            }
        };
        refuse("baseline.path", "has no place in a file that others extend: each repository has its own baseline");
        if !is_file {
            refuse(
                "rules.packs",
                "cannot be read from a commit; keep the packs in a directory, and name it with --rules",
            );
        }
        if problems.is_empty() { Ok(()) } else { Err(self.source.errors(problems)) }
    }

    /// This configuration over `base`, which it extends.
    fn over(mut self, base: Self) -> Result<Self, Vec<ConfigError>> {
        let finals = &base.settings.r#final;
        let of = |key: &str, table: &str| {
            key.strip_prefix(table).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let violations: Vec<(Option<Span>, Problem)> = self
            .present
            .iter()
            .filter(|(key, _)| finals.iter().any(|locked| of(key, &locked.value)))
            .map(|(key, &at)| (Some(at), Problem::Final { key: key.clone(), file: base.source.file.clone() }))
            .take(MAX_ERRORS)
            .collect();
        if !violations.is_empty() {
            return Err(self.source.errors(violations));
        }
        let own = &mut self.settings;
        let has = |key: &str| self.present.contains_key(key);
        let below = base.settings.clone();
        own.r#final.extend(unplaced(below.r#final));
        merge_scan(&mut own.scan, below.scan, &has);
        merge_rules(&mut own.rules, below.rules, &has);
        merge_report(&mut own.report, &below.report, &has);
        merge_gate(&mut own.gate, below.gate, &has);
        merge_trust(&mut own.trust, below.trust, &has);
        self.extended = Some(Box::new(base));
        Ok(self)
    }
}

impl std::fmt::Display for Extends {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => f.write_str(path),
            Self::Git { git_ref, path } => write!(f, "{git_ref}:{path}"),
        }
    }
}

/// `list` without its places, which are those of another file.
fn unplaced<T>(list: Vec<Located<T>>) -> impl Iterator<Item = Located<T>> {
    list.into_iter().map(|one| Located::unplaced(one.value))
}

/// The lists of both, that of the base first.
fn join<T>(own: &mut Vec<Located<T>>, below: Vec<Located<T>>) {
    let mut all: Vec<Located<T>> = unplaced(below).collect();
    all.append(own);
    *own = all;
}

/// The maps of both; where both have a key, the own one counts.
fn join_maps<T>(own: &mut BTreeMap<String, Located<T>>, below: BTreeMap<String, Located<T>>) {
    for (key, value) in below {
        own.entry(key).or_insert_with(|| Located::unplaced(value.value));
    }
}

/// Puts what `below` has into `own` where the file does not have the key.
macro_rules! inherit {
    ($own:expr, $below:expr, $has:expr, $($field:ident => $key:literal),+ $(,)?) => {
        $(if !$has($key) { $own.$field = $below.$field; })+
    };
}

fn merge_scan(own: &mut ScanSettings, below: ScanSettings, has: &impl Fn(&str) -> bool) {
    inherit!(own, below, has, max_file_size => "scan.max-file-size", archive_depth => "scan.archive-depth");
    let mut exclude = below.exclude;
    exclude.append(&mut own.exclude);
    own.exclude = exclude;
}

fn merge_rules(own: &mut RuleSettings, below: RuleSettings, has: &impl Fn(&str) -> bool) {
    // Packs are found beside the file that names them, see `Config::pack_paths`.
    let RuleSettings { packs: _, profiles, enable, disable, severity, parameters } = below;
    if !has("rules.profiles") {
        own.profiles = profiles;
    }
    join(&mut own.enable, enable);
    join(&mut own.disable, disable);
    join_maps(&mut own.severity, severity);
    join_maps(&mut own.parameters, parameters);
}

fn merge_report(own: &mut ReportSettings, below: &ReportSettings, has: &impl Fn(&str) -> bool) {
    inherit!(own, below, has, severity => "report.severity", confidence => "report.confidence");
}

fn merge_trust(own: &mut TrustSettings, below: TrustSettings, has: &impl Fn(&str) -> bool) {
    inherit!(own, below, has, self_suppression => "trust.self-suppression");
}

fn merge_gate(own: &mut GateSettings, below: GateSettings, has: &impl Fn(&str) -> bool) {
    inherit!(own, below, has, severity => "gate.severity", confidence => "gate.confidence", scope => "gate.scope");
    join(&mut own.unsuppressible, below.unsuppressible);
    join(&mut own.required_rules, below.required_rules);
    join(&mut own.required_packs, below.required_packs);
    let taken = below.policy.into_iter().map(|entry| PolicyEntry { rules: unplaced(entry.rules).collect(), ..entry });
    let (mut entries, others): (Vec<_>, Vec<_>) = taken.partition(|entry| entry.r#final);
    entries.append(&mut own.policy);
    entries.extend(others);
    own.policy = entries;
    // A table names some causes, a word all of them: either way the own file has decided which of them count.
    inherit!(own, below, has, undecided => "gate.undecided");
    for (category, thresholds) in below.categories {
        let merged = own.categories.entry(category).or_default();
        merged.severity = merged.severity.or(thresholds.severity);
        merged.confidence = merged.confidence.or(thresholds.confidence);
    }
}
