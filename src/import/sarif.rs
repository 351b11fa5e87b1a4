//! The part of SARIF 2.1.0 that is read. Everything is optional, because tools leave out what the standard asks for; the
//! rest of a document is passed over.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::bounded::{Bag, Capped};
use crate::gate::Decision;

/// Most results of one run.
pub(super) const MAX_RESULTS: usize = 100_000;
const MAX_RUNS: usize = 64;
const MAX_RULES: usize = 20_000;
const MAX_ARTIFACTS: usize = 200_000;
const MAX_EXTENSIONS: usize = 64;
const MAX_FEW: usize = 16;
const MAX_FLOW: usize = 64;
const MAX_NOTIFICATIONS: usize = 10_000;

#[derive(Debug, Deserialize)]
#[serde(expecting = "an object with `version` and `runs`")]
pub(super) struct Log {
    pub(super) version: Option<String>,
    #[serde(default)]
    pub(super) runs: Capped<Run, MAX_RUNS>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Run {
    pub(super) tool: Tool,
    /// Absent or `null` where the tool did not begin (SARIF 2.1.0, section 3.14.23).
    pub(super) results: Option<Capped<SarifResult, MAX_RESULTS>>,
    #[serde(default)]
    pub(super) artifacts: Capped<Artifact, MAX_ARTIFACTS>,
    #[serde(default)]
    pub(super) original_uri_base_ids: Option<BTreeMap<String, ArtifactLocation>>,
    #[serde(default)]
    pub(super) invocations: Capped<Invocation, MAX_FEW>,
    /// Read only where the report is Lockgate's own: what others put there has any form.
    properties: Option<Box<RawValue>>,
}

impl Run {
    /// What a report of Lockgate says of its run; nothing where it is not as Lockgate writes it.
    pub(super) fn own_properties(&self) -> Option<OwnProperties> {
        serde_json::from_str(self.properties.as_deref()?.get()).ok()
    }
}

/// The properties of a run of Lockgate.
#[derive(Debug, Deserialize)]
pub(super) struct OwnProperties {
    pub(super) coverage: Covered,
    #[serde(default)]
    pub(super) decisions: Vec<Decision>,
    #[serde(default)]
    pub(super) overruled: Vec<usize>,
}

/// The numbers of the coverage.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Covered {
    pub(super) seen: u64,
    pub(super) scanned: u64,
    #[serde(default)]
    pub(super) parsed: u64,
    pub(super) bytes: u64,
}

#[derive(Debug, Deserialize)]
pub(super) struct Tool {
    pub(super) driver: Component,
    #[serde(default)]
    pub(super) extensions: Capped<Component, MAX_EXTENSIONS>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Component {
    pub(super) name: Option<String>,
    pub(super) version: Option<String>,
    pub(super) semantic_version: Option<String>,
    #[serde(default)]
    pub(super) rules: Capped<Descriptor, MAX_RULES>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Descriptor {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) short_description: Option<Text>,
    pub(super) full_description: Option<Text>,
    pub(super) help: Option<Text>,
    pub(super) help_uri: Option<String>,
    pub(super) message_strings: Option<BTreeMap<String, Text>>,
    pub(super) default_configuration: Option<Configuration>,
    #[serde(default)]
    pub(super) properties: Bag,
}

#[derive(Debug, Deserialize)]
pub(super) struct Configuration {
    pub(super) level: Option<String>,
    pub(super) rank: Option<f64>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[allow(clippy::struct_field_names, reason = "the names are those of the standard")]
pub(super) struct Text {
    pub(super) text: Option<String>,
    pub(super) markdown: Option<String>,
    pub(super) id: Option<String>,
    #[serde(default)]
    pub(super) arguments: Capped<String, MAX_FEW>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SarifResult {
    pub(super) rule_id: Option<String>,
    pub(super) rule_index: Option<i64>,
    pub(super) rule: Option<RuleReference>,
    pub(super) level: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) rank: Option<f64>,
    #[serde(default)]
    pub(super) message: Text,
    #[serde(default)]
    pub(super) locations: Capped<Location, MAX_FEW>,
    #[serde(default)]
    pub(super) related_locations: Capped<Location, MAX_FEW>,
    #[serde(default)]
    pub(super) code_flows: Capped<CodeFlow, MAX_FEW>,
    #[serde(default)]
    pub(super) fixes: Capped<Fix, MAX_FEW>,
    #[serde(default)]
    pub(super) fingerprints: Bag,
    #[serde(default)]
    pub(super) partial_fingerprints: Bag,
    pub(super) baseline_state: Option<String>,
    #[serde(default)]
    pub(super) suppressions: Capped<Suppression, MAX_FEW>,
    #[serde(default)]
    pub(super) properties: Bag,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Fix {
    #[serde(default)]
    pub(super) description: Text,
    #[serde(default)]
    pub(super) artifact_changes: Capped<ArtifactChange, MAX_FEW>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ArtifactChange {
    #[serde(default)]
    pub(super) replacements: Capped<Replacement, MAX_FLOW>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Replacement {
    pub(super) deleted_region: Region,
    pub(super) inserted_content: Option<Text>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CodeFlow {
    #[serde(default)]
    pub(super) thread_flows: Capped<ThreadFlow, MAX_FEW>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ThreadFlow {
    #[serde(default)]
    pub(super) locations: Capped<ThreadFlowLocation, MAX_FLOW>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ThreadFlowLocation {
    pub(super) location: Option<Location>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RuleReference {
    pub(super) id: Option<String>,
    pub(super) index: Option<i64>,
    pub(super) tool_component: Option<ComponentReference>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ComponentReference {
    pub(super) index: Option<i64>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Suppression {
    pub(super) kind: Option<String>,
    pub(super) status: Option<String>,
    pub(super) justification: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_field_names, reason = "the names are those of the standard")]
pub(super) struct Location {
    pub(super) physical_location: Option<PhysicalLocation>,
    #[serde(default)]
    pub(super) logical_locations: Capped<LogicalLocation, MAX_FEW>,
    pub(super) message: Option<Text>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LogicalLocation {
    pub(super) fully_qualified_name: Option<String>,
    pub(super) name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PhysicalLocation {
    pub(super) artifact_location: Option<ArtifactLocation>,
    pub(super) region: Option<Region>,
    pub(super) context_region: Option<Region>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ArtifactLocation {
    pub(super) uri: Option<String>,
    pub(super) uri_base_id: Option<String>,
    pub(super) index: Option<i64>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Artifact {
    pub(super) location: Option<ArtifactLocation>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Region {
    pub(super) start_line: Option<i64>,
    pub(super) start_column: Option<i64>,
    pub(super) end_line: Option<i64>,
    pub(super) end_column: Option<i64>,
    pub(super) snippet: Option<Text>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Invocation {
    pub(super) execution_successful: Option<bool>,
    pub(super) exit_code: Option<i64>,
    #[serde(default)]
    pub(super) tool_execution_notifications: Capped<Notification, MAX_NOTIFICATIONS>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Notification {
    pub(super) descriptor: Option<RuleReference>,
    pub(super) level: Option<String>,
    #[serde(default)]
    pub(super) message: Text,
    #[serde(default)]
    pub(super) locations: Capped<Location, MAX_FEW>,
}
