//! The shape of `lockgate.toml`: every section with its defaults, and the JSON Schema that editors check it with.
//!
//! The doc comments of the sections and keys are the descriptions in that schema. Reading a file is the business of
//! [`super::walk`]; a test there keeps the two from drifting apart.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use super::extends::Extends;
use super::policy::{PolicyEntry, scope_schema};
use super::size::ByteSize;
use super::waiver::WaiverSettings;
use crate::finding::{Category, Confidence, Severity};
use crate::gate::{Policy, Scope, Threshold};
use crate::rules::schema::Profile;
use crate::selector::RulePattern;
use crate::span::Span;

/// Configuration of Lockgate (`lockgate.toml`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(title = "lockgate.toml", default, deny_unknown_fields)]
pub struct Settings {
    /// The configuration that this one adds to: a file relative to this one and inside its directory, or a file of the
    /// repository as it is in a commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Extends")]
    pub extends: Option<Located<Extends>>,
    /// Keys, and tables as a whole, that a file which extends this one must not have.
    #[schemars(with = "Vec<String>")]
    pub r#final: Vec<Located<String>>,
    /// What is scanned.
    pub scan: ScanSettings,
    /// Which rules run.
    pub rules: RuleSettings,
    /// What is reported.
    pub report: ReportSettings,
    /// What blocks.
    pub gate: GateSettings,
    /// Findings that were there before.
    pub baseline: BaselineSettings,
    /// Findings that somebody answers for.
    pub waiver: Vec<WaiverSettings>,
}

/// `[scan]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(default, deny_unknown_fields)]
pub struct ScanSettings {
    /// Files and directories that are not scanned: globs as in a .gitignore file at the root of the scan.
    pub exclude: Vec<String>,
    /// Files are scanned up to this size; what lies behind it is named in the coverage of the report. A number of bytes
    /// or a string with a unit: KiB, MiB, GiB, KB, MB, GB.
    #[schemars(schema_with = "size_schema")]
    pub max_file_size: ByteSize,
    /// How many archives may stand one in the other for the innermost to be looked into; 0 leaves all archives closed.
    #[schemars(range(max = MAX_ARCHIVE_DEPTH))]
    pub archive_depth: u32,
}

/// Deepest nesting of archives that can be asked for: each level takes memory and room on the stack.
pub const MAX_ARCHIVE_DEPTH: u32 = 16;

impl Default for ScanSettings {
    fn default() -> Self {
        Self { exclude: Vec::new(), max_file_size: ByteSize::mebibytes(16), archive_depth: 4 }
    }
}

/// `[rules]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(default, deny_unknown_fields)]
pub struct RuleSettings {
    /// Rule packs beside the built-in ones: YAML files, or directories of them, relative to this file and inside its
    /// directory.
    #[schemars(with = "Vec<String>")]
    pub packs: Vec<Located<String>>,
    /// The sets of rules that run.
    #[schemars(schema_with = "profiles_schema")]
    #[serde(serialize_with = "serialize_profiles")]
    pub profiles: Vec<Profile>,
    /// Rules that run whatever their profile: ids, or globs on ids with * and ?.
    #[schemars(schema_with = "patterns_schema")]
    pub enable: Vec<Located<RulePattern>>,
    /// Rules that do not run: ids, or globs on ids. An id outranks a glob; among equals, disable outranks enable.
    #[schemars(schema_with = "patterns_schema")]
    pub disable: Vec<Located<RulePattern>>,
    /// Severities that replace those of the rules, by rule id.
    #[schemars(schema_with = "severities_schema")]
    pub severity: BTreeMap<String, Located<Severity>>,
    /// Values of parameters of rules, by rule id and name of the parameter; `lockgate explain RULE` lists them.
    #[schemars(with = "BTreeMap<String, BTreeMap<String, Vec<String>>>")]
    pub parameters: BTreeMap<String, Located<BTreeMap<String, Vec<String>>>>,
}

impl Default for RuleSettings {
    fn default() -> Self {
        Self {
            packs: Vec::new(),
            profiles: vec![Profile::Default],
            enable: Vec::new(),
            disable: Vec::new(),
            severity: BTreeMap::new(),
            parameters: BTreeMap::new(),
        }
    }
}

/// `[report]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(default, deny_unknown_fields)]
pub struct ReportSettings {
    /// Least severity that is reported. What reaches the gate is reported in any case.
    #[schemars(schema_with = "severity_schema")]
    pub severity: Severity,
    /// Least confidence that is reported. What reaches the gate is reported in any case.
    #[schemars(schema_with = "confidence_schema")]
    pub confidence: Confidence,
}

impl Default for ReportSettings {
    fn default() -> Self {
        Self { severity: Severity::Info, confidence: Confidence::Medium }
    }
}

/// `[gate]`; a table `[gate.CATEGORY]` sets other thresholds for one category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(default, transform = name_categories)]
pub struct GateSettings {
    /// Least severity that blocks.
    #[schemars(schema_with = "severity_schema")]
    pub severity: Severity,
    /// Least confidence that blocks.
    #[schemars(schema_with = "confidence_schema")]
    pub confidence: Confidence,
    /// Which findings count where a change is judged: all, those that are new or changed, those on lines that it changes.
    #[schemars(schema_with = "scope_schema")]
    pub scope: Scope,
    /// Rules whose findings nothing suppresses, no comment, no waiver, no baseline: ids, or globs on ids.
    #[schemars(schema_with = "patterns_schema")]
    pub unsuppressible: Vec<Located<RulePattern>>,
    /// Rules that must run, or the verdict is undecided: ids, or globs on ids.
    #[schemars(schema_with = "patterns_schema")]
    pub required_rules: Vec<Located<RulePattern>>,
    /// Rule packs that must be loaded, or the verdict is undecided: as in `[rules] packs`, or as given to --rules.
    #[schemars(with = "Vec<String>")]
    pub required_packs: Vec<Located<String>>,
    /// What blocks among some of the findings; the first entry that selects a finding decides.
    pub policy: Vec<PolicyEntry>,
    /// Thresholds by category; what they leave open is as in `[gate]`.
    #[serde(flatten)]
    #[schemars(with = "BTreeMap<String, CategoryGate>")]
    pub categories: BTreeMap<Category, CategoryGate>,
}

/// `[gate.CATEGORY]`: thresholds of one category.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(default, deny_unknown_fields)]
pub struct CategoryGate {
    /// Least severity that blocks in this category.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "severity_schema")]
    pub severity: Option<Severity>,
    /// Least confidence that blocks in this category.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "confidence_schema")]
    pub confidence: Option<Confidence>,
}

impl Default for GateSettings {
    fn default() -> Self {
        let Threshold { severity, confidence } = Policy::default().default;
        Self {
            severity,
            confidence,
            scope: Scope::default(),
            unsuppressible: Vec::new(),
            required_rules: Vec::new(),
            required_packs: Vec::new(),
            policy: Vec::new(),
            categories: BTreeMap::new(),
        }
    }
}

/// `[baseline]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(default, deny_unknown_fields)]
pub struct BaselineSettings {
    /// The baseline file, relative to this file and inside its directory. Where there is none, nothing is silenced.
    #[schemars(with = "String")]
    pub path: Located<String>,
}

impl Default for BaselineSettings {
    fn default() -> Self {
        Self { path: Located::unplaced("lockgate-baseline.json".to_owned()) }
    }
}

impl Settings {
    /// What is reported even when it cannot block; see [`Policy::reports`].
    #[must_use]
    pub fn report_threshold(&self) -> Threshold {
        Threshold { severity: self.report.severity, confidence: self.report.confidence }
    }
}

/// A value with its place in the configuration file. Equality disregards the place.
#[derive(Clone, Copy, Debug)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it stands; `None` for a default and for what came from elsewhere.
    pub at: Option<Span>,
}

impl<T> Located<T> {
    /// A value that was not written in the file: a default, or one from the command line.
    pub fn unplaced(value: T) -> Self {
        Self { value, at: None }
    }
}

impl<T: PartialEq> PartialEq for Located<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Located<T> {}

impl<T: Serialize> Serialize for Located<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}

/// Names of `[rules] profiles`, and the profiles that each stands for.
pub(super) const PROFILES: [(&str, &[Profile]); 4] = [
    ("default", &[Profile::Default]),
    ("hardening", &[Profile::Hardening]),
    ("style", &[Profile::Style]),
    ("all", &[Profile::Default, Profile::Hardening, Profile::Style]),
];

fn serialize_profiles<S: Serializer>(profiles: &[Profile], serializer: S) -> Result<S::Ok, S::Error> {
    let name = |profile: &Profile| PROFILES.iter().find(|(_, stands_for)| *stands_for == [*profile]).map(|(n, _)| *n);
    serializer.collect_seq(profiles.iter().filter_map(name))
}

pub(super) fn severity_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": Severity::ALL.iter().map(|one| one.name()).collect::<Vec<_>>() })
}

pub(super) fn confidence_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": Confidence::ALL.iter().map(|one| one.name()).collect::<Vec<_>>() })
}

fn profiles_schema(_: &mut SchemaGenerator) -> Schema {
    let names = PROFILES.map(|(name, _)| name);
    json_schema!({ "type": "array", "items": { "type": "string", "enum": names } })
}

pub(super) fn patterns_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "array", "items": { "type": "string", "pattern": "^[a-z0-9*?-]+$" } })
}

fn severities_schema(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "object", "additionalProperties": severity_schema(generator) })
}

fn size_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "anyOf": [
            { "type": "integer", "minimum": 1, "maximum": ByteSize::MAX.bytes() },
            { "type": "string", "pattern": "^[0-9]+ *([KMG]i?B|B)?$" },
        ],
    })
}

/// Turns "any other key is a category" into one property for each category that exists.
fn name_categories(schema: &mut Schema) {
    let Some(of_category) = schema.insert("additionalProperties".to_owned(), false.into()) else { return };
    let Some(properties) = schema.get_mut("properties").and_then(serde_json::Value::as_object_mut) else { return };
    for category in Category::ALL {
        properties.insert(category.name().to_owned(), of_category.clone());
    }
}
