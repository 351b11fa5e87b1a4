//! `extends` and `!reference` inside of a file.

use std::collections::HashSet;

use crate::document::node::{Entry, Mapping, Node, Value};

/// Deepest chain of `extends` that GitLab follows, and deepest nesting of `!reference`.
const MAX_DEPTH: usize = 11;
/// Most entries that `extends` copies in one file.
const MAX_COPIES: usize = 100_000;
/// Most items that references in one list lead to.
const MAX_ITEMS: usize = 5_000;

/// Follows `extends` in a file.
pub(super) struct Resolver<'n> {
    root: &'n Node,
    /// Names of jobs that others extend.
    pub(super) extended: HashSet<&'n str>,
    copies: usize,
}

impl<'n> Resolver<'n> {
    /// A resolver for the file with this tree.
    pub(super) fn new(root: &'n Node) -> Self {
        let jobs = root.as_mapping().unwrap_or_default();
        let extended = jobs.iter().flat_map(|entry| parents(&entry.value)).filter_map(Node::as_str).collect();
        Self { root, extended, copies: 0 }
    }

    /// `job` with what it extends. It is open when some of that is not in this file.
    pub(super) fn job(&mut self, job: &Node) -> Node {
        let Value::Mapping(own) = &job.value else { return job.clone() };
        let mut mapping = own.clone();
        self.extend(&mut mapping, job, 0);
        Node::new(job.span, Value::Mapping(mapping))
    }

    fn extend(&mut self, mapping: &mut Mapping, job: &Node, depth: usize) {
        // What is named last wins.
        for parent in parents(job).collect::<Vec<_>>().into_iter().rev() {
            let found = parent.as_str().and_then(|name| self.root.get(name)).filter(|node| node.as_mapping().is_some());
            let Some(found) = found.filter(|_| depth < MAX_DEPTH && self.copies < MAX_COPIES) else {
                mapping.is_open = true;
                continue;
            };
            self.merge(mapping, found);
            self.extend(mapping, found, depth + 1);
        }
    }

    /// Adds what `from` says and `mapping` does not. `variables` and the like are merged by key, all else is replaced.
    fn merge(&mut self, mapping: &mut Mapping, from: &Node) {
        for entry in from.as_mapping().unwrap_or_default() {
            self.copies += 1;
            let own = mapping.entries.iter_mut().find(|own| own.key.as_str() == entry.key.as_str());
            match own {
                None => mapping.entries.push(entry.clone()),
                Some(own) => self.merge_value(&mut own.value, &entry.value),
            }
        }
    }

    fn merge_value(&mut self, own: &mut Node, from: &Node) {
        let (Value::Mapping(own), Some(entries)) = (&mut own.value, from.as_mapping()) else { return };
        for entry in entries {
            if self.copies >= MAX_COPIES {
                own.is_open = true;
                return;
            }
            self.copies += 1;
            if !own.entries.iter().any(|known| known.key.as_str() == entry.key.as_str()) {
                own.entries.push(entry.clone());
            }
        }
    }
}

/// What a job extends.
fn parents(job: &Node) -> impl Iterator<Item = &Node> {
    job.get("extends").map(super::items).unwrap_or_default().iter()
}

/// The lines of a script: lists in it are flattened and references followed. A line that is in another file is unknown.
pub(super) fn lines<'n>(root: &'n Node, script: &'n Node) -> Vec<&'n Node> {
    let mut lines = Vec::new();
    collect(root, script, 0, &mut lines);
    lines
}

fn collect<'n>(root: &'n Node, node: &'n Node, depth: usize, lines: &mut Vec<&'n Node>) {
    if depth > MAX_DEPTH || lines.len() >= MAX_ITEMS {
        return;
    }
    if node.tag.as_deref() == Some("reference") {
        let keys = node.as_sequence().unwrap_or_default().iter().map(Node::as_str);
        let found = keys.clone().try_fold(root, |at, key| at.get(key?));
        if let Some(found) = found.filter(|_| keys.len() > 0) {
            collect(root, found, depth + 1, lines);
        }
        return;
    }
    match &node.value {
        Value::Sequence(items) => items.iter().for_each(|item| collect(root, item, depth + 1, lines)),
        Value::Scalar { .. } if !node.is_null() => lines.push(node),
        _ => {}
    }
}

/// The entry of a job, or where `!reference` says that it is what another job has, that one.
pub(super) fn followed<'n>(root: &'n Node, entry: &'n Entry) -> &'n Node {
    if entry.value.tag.as_deref() != Some("reference") {
        return &entry.value;
    }
    let keys = entry.value.as_sequence().unwrap_or_default().iter().map(Node::as_str);
    keys.clone().try_fold(root, |at, key| at.get(key?)).unwrap_or(&entry.value)
}
