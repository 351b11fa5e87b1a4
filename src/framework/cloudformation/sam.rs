//! The Serverless Application Model: `Globals` that hold for all resources of a type.

use super::evaluator::Evaluator;
use crate::document::node::{Entry, Mapping, Node, Value};

/// Begins the types that `Globals` speaks of, by what stands behind it: `Function`, `Api`, `HttpApi`, …
const SERVERLESS: &str = "AWS::Serverless::";

impl Evaluator<'_> {
    /// `properties` of a resource of the type `kind`, with what `Globals` says put in.
    /// <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html>
    pub(super) fn with_globals(&mut self, kind: &str, properties: Node) -> Node {
        let globals = kind.strip_prefix(SERVERLESS).and_then(|section| self.template.root.at(&["Globals", section]));
        let Some(globals) = globals else { return properties };
        match self.outside_of_loops(|this| this.value(globals)) {
            Some(globals) => merged(globals, properties),
            None => properties,
        }
    }
}

/// `own` over `global`: mappings by key, lists joined, and of anything else `own`. Each value keeps its place.
fn merged(global: Node, own: Node) -> Node {
    let Node { span, value, tag } = own;
    let value = match (global.value, value) {
        (Value::Mapping(global), Value::Mapping(own)) => Value::Mapping(merged_mappings(global, own)),
        (Value::Sequence(mut items), Value::Sequence(own)) => {
            items.extend(own);
            Value::Sequence(items)
        }
        (Value::Unknown, Value::Mapping(own)) => Value::Mapping(Mapping { is_open: true, ..own }),
        (Value::Unknown, Value::Sequence(mut own)) => {
            own.push(Node::unknown(span));
            Value::Sequence(own)
        }
        (_, own) => own,
    };
    Node { span, value, tag }
}

fn merged_mappings(global: Mapping, own: Mapping) -> Mapping {
    let is_open = global.is_open || own.is_open;
    let mut globals: Vec<Option<Entry>> = global.entries.into_iter().map(Some).collect();
    let mut by_name = std::collections::HashMap::new();
    for (index, entry) in globals.iter().enumerate() {
        if let Some(name) = entry.as_ref().and_then(|entry| entry.key.as_str()) {
            by_name.insert(name.to_owned(), index);
        }
    }
    let own = own.entries.into_iter().map(|Entry { key, value }| {
        let index = key.as_str().and_then(|name| by_name.get(name)).copied();
        match index.and_then(|index| globals.get_mut(index)).and_then(Option::take) {
            Some(global) => Entry { key, value: merged(global.value, value) },
            None => Entry { key, value },
        }
    });
    let mut entries: Vec<Entry> = own.collect();
    entries.extend(globals.into_iter().flatten());
    Mapping { entries, is_open }
}
