//! What a template declares.

use std::sync::Arc;

use super::evaluator::Evaluator;
use crate::document::node::{Entry, Mapping, Node, Value};
use crate::framework::declared::{Declared, mark};
use crate::span::Span;

/// Most resources of one template.
const MAX_RESOURCES: usize = 20_000;

impl Evaluator<'_> {
    /// The template itself and its parameters, which are the same for every stack that is made of it.
    pub(super) fn declare_file(&self, out: &mut Vec<Declared>) {
        let template = self.template;
        let root = template.root;
        let Some(first) = root.as_mapping().and_then(<[Entry]>::first) else { return };
        let declared = |kind: &str, address: &str, body: Node, header, extent| Declared {
            source: template.source,
            kind: Arc::from(kind),
            address: Arc::from(address),
            marks: Vec::new(),
            body,
            base: String::new(),
            header,
            extent,
            scopes: vec![("template", Arc::clone(&template.shared), first.key.span)],
            behind: 0,
            sites: Arc::new([]),
        };
        out.push(declared("template", "template", root.clone(), first.key.span, root.span));
        for entry in template.section("Parameters") {
            if let Some(name) = entry.key.as_str() {
                out.push(declared("parameter", name, entry.value.clone(), entry.key.span, extent(entry)));
            }
        }
    }

    /// The resources that are there, as far as is known.
    pub(super) fn resources(&mut self) -> Vec<Declared> {
        let mut out = Vec::new();
        let template = self.template;
        self.each_entry(template.section("Resources"), &mut |this, entry| {
            if out.len() >= MAX_RESOURCES {
                this.is_cut = true;
            } else if let Some(resource) = this.resource(entry) {
                out.push(resource);
            }
        });
        out
    }

    fn resource(&mut self, entry: &Entry) -> Option<Declared> {
        let name = self.with_variables(entry.key.as_str()?);
        // Of a name that stands twice the last counts.
        if self.loops.is_empty()
            && self.template.resource(&name).is_some_and(|(_, last)| !std::ptr::eq(last, &raw const entry.value))
        {
            return None;
        }
        let written = entry.value.as_mapping()?;
        let kind = entry.value.get("Type")?.as_str()?;
        let condition = entry.value.get("Condition").and_then(Node::as_str);
        if condition.is_some_and(|condition| self.condition(&self.with_variables(condition)) == Some(false)) {
            return None;
        }
        let Node { value: Value::Mapping(mut definition), span, .. } = self.value(&entry.value)? else { return None };
        let place = written.iter().rev().find(|entry| entry.key.as_str() == Some("Properties"));
        let header = place.map_or(entry.key.span, |place| place.key.span);
        let properties = definition.entries.iter_mut().rev().find(|entry| entry.key.as_str() == Some("Properties"));
        let body = match &properties {
            Some(properties) if !properties.value.is_null() => properties.value.clone(),
            _ => Node::new(header, Value::Mapping(Mapping { entries: Vec::new(), is_open: definition.is_open })),
        };
        let body = self.with_globals(kind, body);
        if let Some(properties) = properties {
            properties.value.clone_from(&body);
        }
        let template = self.template;
        let top = template.root.as_mapping().and_then(<[Entry]>::first).map_or(span, |entry| entry.key.span);
        let address = format!("{}{name}", self.prefix);
        Some(Declared {
            source: template.source,
            kind: Arc::from(kind),
            marks: vec![mark(self.world, &address)],
            address: Arc::from(address),
            body,
            base: "Properties".to_owned(),
            header: entry.key.span,
            extent: extent(entry),
            scopes: vec![
                ("definition", Arc::new(Node::new(span, Value::Mapping(definition))), entry.key.span),
                ("template", Arc::clone(&template.shared), top),
            ],
            behind: 0,
            sites: Arc::new([]),
        })
    }
}

fn extent(entry: &Entry) -> Span {
    Span::new(entry.key.span.start, entry.value.span.end.max(entry.key.span.end))
}
