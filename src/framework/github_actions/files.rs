//! The workflows and actions of a scan, which call each other.

use std::collections::BTreeMap;

use super::uses::Uses;
use crate::document::node::{Entry, Node};
use crate::framework::Source;
use crate::platform::Platform;

/// Most callers of one file that are followed.
const MAX_CALLERS: usize = 64;

/// A job, or the `runs` of an action, and a step in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    /// Index of the file.
    pub(super) file: usize,
    /// The whole file.
    pub(super) root: &'a Node,
    /// The job; `None` in an action.
    pub(super) job: Option<&'a Entry>,
    /// The steps around.
    pub(super) steps: &'a [Node],
    /// The step.
    pub(super) step: Option<usize>,
}

impl<'a> Place<'a> {
    /// The node of the step.
    pub(super) fn step_node(&self) -> Option<&'a Node> {
        self.steps.get(self.step?)
    }
}

/// A call of a workflow or action of the same repository.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call<'a> {
    /// Where it stands.
    pub(super) place: Place<'a>,
    /// What is given to it.
    pub(super) with: Option<&'a Node>,
}

/// The files of GitHub Actions among those of a scan.
#[derive(Debug)]
pub struct Files<'a> {
    pub(super) sources: &'a [Source],
    by_path: BTreeMap<&'a str, usize>,
    /// By index of the file that is called.
    callers: BTreeMap<usize, Vec<Call<'a>>>,
}

impl<'a> Files<'a> {
    /// Indexes the workflows and actions among `sources`.
    #[must_use]
    pub fn new(sources: &'a [Source]) -> Self {
        let mut files = Self { sources, by_path: BTreeMap::new(), callers: BTreeMap::new() };
        let own = sources.iter().enumerate().filter(|(_, source)| source.platform == Platform::GithubActions);
        files.by_path = own.clone().map(|(index, source)| (&*source.path, index)).collect();
        for (index, source) in own {
            for root in &source.document.roots {
                for place in places(index, root) {
                    let node = place.step_node().or(place.job.map(|job| &job.value));
                    let Some(node) = node else { continue };
                    let Some(Uses::Local(path)) = node.get("uses").and_then(Node::as_str).and_then(Uses::parse) else {
                        continue;
                    };
                    let Some(called) = files.called(index, path) else { continue };
                    let callers = files.callers.entry(called).or_default();
                    if callers.len() < MAX_CALLERS {
                        callers.push(Call { place, with: node.get("with") });
                    }
                }
            }
        }
        files
    }

    /// The tree of a file.
    pub(super) fn root(&self, file: usize) -> Option<&'a Node> {
        self.sources.get(file)?.document.roots.first()
    }

    /// The file that `path` (`./action`, `$/.github/workflows/x.yml`) means in file `from`.
    pub(super) fn called(&self, from: usize, path: &str) -> Option<usize> {
        let from = &*self.sources.get(from)?.path;
        // What is called stands in the repository, whose root is above `.github`; an action may stand anywhere in it.
        let root = from.find(".github/").map_or("", |at| from.get(..at).unwrap_or_default());
        let path = path.split('@').next()?.trim_start_matches("$/").trim_start_matches("./").trim_end_matches('/');
        let whole = if path.is_empty() { root.trim_end_matches('/').to_owned() } else { format!("{root}{path}") };
        let slash = if whole.is_empty() { "" } else { "/" };
        let candidates = [whole.clone(), format!("{whole}{slash}action.yml"), format!("{whole}{slash}action.yaml")];
        candidates.iter().find_map(|candidate| self.by_path.get(candidate.as_str()).copied())
    }

    /// What calls file `file`.
    pub(super) fn callers(&self, file: usize) -> &[Call<'a>] {
        self.callers.get(&file).map(Vec::as_slice).unwrap_or_default()
    }

    /// The workflows, each with its path.
    pub(super) fn workflows(&self) -> impl Iterator<Item = (&'a str, &'a Node)> {
        self.by_path.iter().filter_map(|(path, index)| Some((*path, self.root(*index)?)))
    }
}

/// The jobs of a workflow.
pub(super) fn jobs(root: &Node) -> &[Entry] {
    root.get("jobs").and_then(Node::as_mapping).unwrap_or_default()
}

/// The steps of a job or of `runs`.
pub(super) fn steps(node: &Node) -> &[Node] {
    node.get("steps").and_then(Node::as_sequence).unwrap_or_default()
}

/// Every job and every step of a file.
fn places(file: usize, root: &Node) -> Vec<Place<'_>> {
    let around = |job| Place { file, root, job, steps: &[], step: None };
    let mut lists: Vec<(Place<'_>, &[Node])> =
        jobs(root).iter().map(|job| (around(Some(job)), steps(&job.value))).collect();
    lists.extend(root.get("runs").map(|runs| (around(None), steps(runs))));
    let mut places = Vec::new();
    for (around, steps) in lists {
        places.push(Place { steps, ..around });
        places.extend((0..steps.len()).map(|step| Place { steps, step: Some(step), ..around }));
    }
    places
}

/// The value of the entry whose key is `name` without regard to case, as contexts are read.
pub(super) fn get<'a>(node: &'a Node, name: &str) -> Option<&'a Node> {
    let entries = node.as_mapping()?;
    let is_it = |entry: &&Entry| entry.key.as_str().is_some_and(|key| key.eq_ignore_ascii_case(name));
    entries.iter().rev().find(is_it).map(|entry| &entry.value)
}
