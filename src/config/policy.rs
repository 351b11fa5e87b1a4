//! `[[gate.policy]]`: the shape of one entry, and the policy that the entries and thresholds of a file make.

use std::collections::{BTreeMap, BTreeSet};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

use super::schema::{self, GateSettings, Located, Settings};
use crate::finding::{Category, Confidence, Severity};
use crate::gate::{Entry, Group, Policy, Response, Scope, Selector, Threshold};
use crate::selector::{PathGlob, RulePattern};

/// `[[gate.policy]]`: what blocks among some of the findings. A finding falls to the first entry that selects it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub struct PolicyEntry {
    /// What reports call the entry.
    #[schemars(with = "String")]
    pub name: Located<String>,
    /// Only findings of these categories fall to it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default, schema_with = "categories_schema")]
    pub categories: Vec<Category>,
    /// Only findings of these rules fall to it: ids, or globs on ids with * and ?.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default, schema_with = "schema::patterns_schema")]
    pub rules: Vec<Located<RulePattern>>,
    /// Only findings at these paths fall to it: globs relative to the root of the scan.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default, with = "Vec<String>")]
    pub paths: Vec<PathGlob>,
    /// The entry holds in these environments only, as `--environment` names them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    pub environments: Vec<String>,
    /// Least severity that blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(default, schema_with = "schema::severity_schema")]
    pub severity: Option<Severity>,
    /// Least confidence that blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(default, schema_with = "schema::confidence_schema")]
    pub confidence: Option<Confidence>,
    /// Which findings count where a change is judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(default, schema_with = "scope_schema")]
    pub scope: Option<Scope>,
    /// How many findings of a severity may stand before all of them block.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(default, schema_with = "budget_schema")]
    pub budget: BTreeMap<Severity, usize>,
    /// Blocks only what there is more of than in the baseline, counted by rule, by category or in total.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(default, schema_with = "group_schema")]
    pub ratchet: Option<Group>,
    /// Whether anything that falls to it can block.
    #[schemars(default = "blocks_by_default")]
    pub blocks: bool,
    /// Whether a file that extends this one cannot put an entry in front of it.
    #[schemars(default)]
    pub r#final: bool,
}

impl PolicyEntry {
    /// Whether it holds in `environment`.
    fn holds_in(&self, environment: Option<&str>) -> bool {
        self.environments.is_empty()
            || environment.is_some_and(|environment| self.environments.iter().any(|name| name == environment))
    }

    fn entry(&self) -> Entry {
        let selector = Selector {
            categories: self.categories.clone(),
            rules: self.rules.iter().map(|pattern| pattern.value.clone()).collect(),
            paths: self.paths.clone(),
        };
        Entry {
            name: self.name.value.clone(),
            selector,
            severity: self.severity,
            confidence: self.confidence,
            scope: self.scope,
            budget: self.budget.clone(),
            ratchet: self.ratchet,
            blocks: self.blocks,
        }
    }
}

impl Settings {
    /// What blocks in `environment`, for the gate.
    #[must_use]
    pub fn policy(&self, environment: Option<&str>) -> Policy {
        let GateSettings { severity, confidence, scope, unsuppressible, policy, undecided, categories, .. } =
            &self.gate;
        let default = Threshold { severity: *severity, confidence: *confidence };
        let by_category = categories
            .iter()
            .map(|(&category, own)| {
                let severity = own.severity.unwrap_or(default.severity);
                let confidence = own.confidence.unwrap_or(default.confidence);
                (category, Threshold { severity, confidence })
            })
            .collect();
        Policy {
            default,
            by_category,
            scope: *scope,
            entries: policy.iter().filter(|entry| entry.holds_in(environment)).map(PolicyEntry::entry).collect(),
            unsuppressible: unsuppressible.iter().map(|pattern| pattern.value.clone()).collect(),
            undecided: undecided
                .iter()
                .filter(|(_, response)| **response == Response::Block)
                .map(|(&cause, _)| cause)
                .collect(),
            self_suppression: self.trust.self_suppression,
            ..Policy::default()
        }
    }

    /// The environments that entries of the policy name, sorted.
    #[must_use]
    pub fn environments(&self) -> BTreeSet<&str> {
        self.gate.policy.iter().flat_map(|entry| &entry.environments).map(String::as_str).collect()
    }
}

/// An entry that does not say otherwise blocks.
fn blocks_by_default() -> bool {
    true
}

pub(super) fn scope_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": Scope::ALL.iter().map(|one| one.name()).collect::<Vec<_>>() })
}

fn group_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": Group::ALL.iter().map(|one| one.name()).collect::<Vec<_>>() })
}

fn categories_schema(_: &mut SchemaGenerator) -> Schema {
    let names: Vec<&str> = Category::ALL.iter().map(|one| one.name()).collect();
    json_schema!({ "type": "array", "items": { "type": "string", "enum": names } })
}

fn budget_schema(_: &mut SchemaGenerator) -> Schema {
    let properties: serde_json::Map<String, serde_json::Value> = Severity::ALL
        .iter()
        .map(|one| (one.name().to_owned(), serde_json::json!({ "type": "integer", "minimum": 0 })))
        .collect();
    json_schema!({ "type": "object", "properties": properties, "additionalProperties": false })
}
