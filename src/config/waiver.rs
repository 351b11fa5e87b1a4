//! `[[waiver]]`: the shape of one, and the waivers of a configuration with the places where they stand.

use std::path::{Component, Path};
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

use super::schema::Located;
use super::{Config, root_of};
use crate::finding::Location;
use crate::fingerprint::{Fingerprint, ValueHash};
use crate::selector::{PathGlob, RulePattern};
use crate::span::{LineIndex, Span};
use crate::suppress::waiver::{Until, Waiver};

/// `[[waiver]]`: findings that do not block, with the reason, for as long as it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(deny_unknown_fields)]
pub struct WaiverSettings {
    /// The rule whose findings it is about: an id, or a glob on ids with * and ?.
    #[schemars(schema_with = "pattern_schema")]
    pub rule: Located<RulePattern>,
    /// Only findings at this path: a glob relative to the root of the scan.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(default, with = "String")]
    pub path: Option<PathGlob>,
    /// Only findings in the resource with this address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(default, with = "String")]
    pub resource: Option<String>,
    /// Only the finding with this fingerprint.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(default, schema_with = "hash_schema")]
    pub fingerprint: Option<Fingerprint>,
    /// Only findings of the secret whose value has this hash, as reports name it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(default, schema_with = "hash_schema")]
    pub value_hash: Option<ValueHash>,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(default, with = "String")]
    pub owner: Option<String>,
    /// The last day on which it holds, as YYYY-MM-DD. What is no such day counts as past.
    #[serde(skip_serializing_if = "Until::is_open")]
    #[schemars(default, schema_with = "date_schema")]
    pub until: Until,
    /// Where it stands in the file.
    #[serde(skip)]
    #[schemars(skip)]
    pub at: Located<()>,
}

impl Config {
    /// The waivers of the file and of those that it extends. The files go by their way from `root`, the root of the scan,
    /// where they lie in it.
    #[must_use]
    pub fn waivers(&self, root: &Path) -> Vec<Waiver> {
        let lines = LineIndex::new(&self.source.text);
        let file: Arc<str> = self.name_from(root).into();
        let own = self.settings.waiver.iter().map(|settings| {
            let span = settings.at.at.unwrap_or(Span::new(0, 0));
            let region = lines.region(&self.source.text, span);
            Waiver {
                rule: settings.rule.value.clone(),
                path: settings.path.clone(),
                resource: settings.resource.clone(),
                fingerprint: settings.fingerprint,
                value_hash: settings.value_hash,
                reason: settings.reason.clone(),
                owner: settings.owner.clone(),
                until: settings.until.clone(),
                location: Location { path: Arc::clone(&file), span, region },
            }
        });
        own.chain(self.extended.iter().flat_map(|extended| extended.waivers(root))).collect()
    }

    /// What reports call the file. They leave the machine, so that no place of it outside of `root` is named.
    fn name_from(&self, root: &Path) -> String {
        let file = Path::new(&self.source.file);
        let real = |path: &Path| root_of(path).canonicalize().ok();
        let directory = real(file.parent().unwrap_or(Path::new("")));
        let name = file.file_name().unwrap_or_default();
        let below = directory.zip(real(root)).and_then(|(directory, root)| {
            let below = directory.strip_prefix(root).ok()?;
            Some(below.join(name).to_string_lossy().replace('\\', "/"))
        });
        let is_plain = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
        match below {
            Some(below) => below,
            None if file.components().all(is_plain) => self.source.file.clone(),
            None => name.to_string_lossy().into_owned(),
        }
    }
}

fn pattern_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "pattern": "^[a-z0-9*?-]+$" })
}

fn hash_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "pattern": "^[0-9A-Fa-f]{32}$" })
}

fn date_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" })
}
