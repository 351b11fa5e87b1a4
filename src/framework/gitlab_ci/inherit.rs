//! `extends` and `!reference` inside of a file.

use std::collections::{HashMap, HashSet};

use crate::document::node::{Entry, Mapping, Node, Value};
use crate::framework::pipeline::weight;

/// Deepest chain of `extends` that GitLab follows, and deepest nesting of `!reference`.
const MAX_DEPTH: usize = 11;
/// Most nodes that `extends` looks at or copies in one file.
const MAX_COPIES: usize = 300_000;
/// Most lines of scripts in one file, with those that references repeat.
const MAX_LINES: usize = 200_000;

/// Follows `extends` and `!reference` in a file.
pub(super) struct Resolver<'n> {
    /// The top-level entries by name; of a name that stands twice the last counts.
    jobs: HashMap<&'n str, &'n Node>,
    /// Names of jobs that others extend.
    pub(super) extended: HashSet<&'n str>,
    copies: usize,
    lines: usize,
}

impl<'n> Resolver<'n> {
    /// A resolver for the file with this tree.
    pub(super) fn new(root: &'n Node) -> Self {
        let entries = root.as_mapping().unwrap_or_default();
        let extended = entries.iter().flat_map(|entry| parents(&entry.value)).filter_map(Node::as_str).collect();
        let jobs = entries.iter().filter_map(|entry| Some((entry.key.as_str()?, &entry.value))).collect();
        Self { jobs, extended, copies: 0, lines: 0 }
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
            let found = parent.as_str().and_then(|name| self.jobs.get(name)).copied();
            let found = found.filter(|node| node.as_mapping().is_some());
            let Some(found) = found.filter(|_| depth < MAX_DEPTH && self.copies < MAX_COPIES) else {
                mapping.is_open = true;
                continue;
            };
            self.merge(mapping, found, true);
            self.extend(mapping, found, depth + 1);
        }
    }

    /// Adds what `from` says and `mapping` does not. Of values that are mappings, such as `variables`, the entries are
    /// merged (`is_job`); all others are replaced.
    fn merge(&mut self, mapping: &mut Mapping, from: &Node, is_job: bool) {
        self.copies += mapping.entries.len();
        let entries = mapping.entries.iter().enumerate();
        let own: HashMap<String, usize> =
            entries.filter_map(|(index, entry)| Some((entry.key.as_str()?.to_owned(), index))).collect();
        for entry in from.as_mapping().unwrap_or_default() {
            if self.copies >= MAX_COPIES {
                mapping.is_open = true;
                return;
            }
            let index = entry.key.as_str().and_then(|name| own.get(name));
            let Some(known) = index.and_then(|index| mapping.entries.get_mut(*index)) else {
                self.copies += weight(&entry.value);
                mapping.entries.push(entry.clone());
                continue;
            };
            self.copies += 1;
            if let Value::Mapping(inner) = &mut known.value.value
                && is_job
                && entry.value.as_mapping().is_some()
            {
                self.merge(inner, &entry.value, false);
            }
        }
    }

    /// The lines of a script: lists in it are flattened and references followed. What another file has is left out.
    pub(super) fn lines<'s>(&mut self, script: &'s Node) -> Vec<&'s Node>
    where
        'n: 's,
    {
        let mut lines = Vec::new();
        self.collect(script, 0, &mut lines);
        lines
    }

    fn collect<'s>(&mut self, node: &'s Node, depth: usize, lines: &mut Vec<&'s Node>)
    where
        'n: 's,
    {
        self.lines += 1;
        if depth > MAX_DEPTH || self.lines > MAX_LINES {
            return;
        }
        if is_reference(node) {
            if let Some(found) = self.referred(node) {
                self.collect(found, depth + 1, lines);
            }
            return;
        }
        match &node.value {
            Value::Sequence(items) => items.iter().for_each(|item| self.collect(item, depth + 1, lines)),
            Value::Scalar { .. } if !node.is_null() => lines.push(node),
            _ => {}
        }
    }

    /// The value of an entry, or where `!reference` says that it is what another job has, that one.
    pub(super) fn followed<'s>(&self, entry: &'s Entry) -> &'s Node
    where
        'n: 's,
    {
        let referred = Some(&entry.value).filter(|value| is_reference(value)).and_then(|value| self.referred(value));
        referred.unwrap_or(&entry.value)
    }

    /// What a reference leads to in this file.
    fn referred(&self, reference: &Node) -> Option<&'n Node> {
        let (first, rest) = reference.as_sequence()?.split_first()?;
        let job = self.jobs.get(first.as_str()?).copied()?;
        rest.iter().try_fold(job, |at, key| at.get(key.as_str()?))
    }
}

fn is_reference(node: &Node) -> bool {
    node.tag.as_deref() == Some("reference")
}

/// What a job extends.
fn parents(job: &Node) -> impl Iterator<Item = &Node> {
    job.get("extends").map(super::items).unwrap_or_default().iter()
}
