//! A template and its sections.

use std::collections::HashMap;
use std::sync::Arc;

use crate::document::node::{Entry, Node};
use crate::framework::Source;

/// A template, as it is written.
#[derive(Debug)]
pub(super) struct Template<'s> {
    /// Index of its file.
    pub(super) source: usize,
    pub(super) path: &'s str,
    pub(super) text: &'s str,
    pub(super) root: &'s Node,
    /// A copy of `root` for the scopes of its resources.
    pub(super) shared: Arc<Node>,
    parameters: HashMap<&'s str, &'s Entry>,
    conditions: HashMap<&'s str, &'s Node>,
    resources: HashMap<&'s str, &'s Node>,
}

impl<'s> Template<'s> {
    /// The template in `source`: its first document with resources.
    pub(super) fn new(index: usize, source: &'s Source) -> Option<Self> {
        let roots = &source.document.roots;
        let root = roots.iter().find(|root| root.get("Resources").is_some()).or_else(|| roots.first())?;
        root.as_mapping()?.first()?;
        let mut template = Self {
            source: index,
            path: &source.path,
            text: &source.text,
            root,
            shared: Arc::new(root.clone()),
            parameters: HashMap::new(),
            conditions: HashMap::new(),
            resources: HashMap::new(),
        };
        // Of a name that stands twice the last counts.
        let named = |entry: &'s Entry| entry.key.as_str().map(|name| (name, entry));
        template.parameters = template.section("Parameters").iter().filter_map(named).collect();
        let values =
            |section| template.section(section).iter().filter_map(named).map(|(name, entry)| (name, &entry.value));
        let conditions = values("Conditions").collect();
        let resources = values("Resources").collect();
        template.conditions = conditions;
        template.resources = resources;
        Some(template)
    }

    /// The entries of a section.
    pub(super) fn section(&self, name: &str) -> &'s [Entry] {
        self.root.get(name).and_then(Node::as_mapping).unwrap_or_default()
    }

    pub(super) fn parameters(&self) -> impl Iterator<Item = (&'s str, &'s Entry)> {
        self.parameters.iter().map(|(name, entry)| (*name, *entry))
    }

    pub(super) fn condition(&self, name: &str) -> Option<(&'s str, &'s Node)> {
        self.conditions.get_key_value(name).map(|(name, node)| (*name, *node))
    }

    pub(super) fn resource(&self, name: &str) -> Option<(&'s str, &'s Node)> {
        self.resources.get_key_value(name).map(|(name, node)| (*name, *node))
    }
}
