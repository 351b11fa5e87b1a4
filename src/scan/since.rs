//! The files as they are, compared with an earlier commit: what is new, what changed, what was there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::archive::files_of;
use super::comparison::{self, Comparison};
use super::renames::renames;
use super::{Origin, ScanReport, Scanner, ThreadError};
use crate::coverage::{Cause, Consequence, CoverageEntry};
use crate::finding::State;
use crate::input::Root;
use crate::input::git::{Base, GitError, ObjectId, Objects, Repository, TreeFile};

/// The part of the tree that was named to be scanned.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Directories with `/` at the end; the scan root is the empty path.
    directories: Vec<String>,
    files: BTreeSet<Arc<str>>,
}

/// Why a scan cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// The threads could not be started.
    #[error(transparent)]
    Threads(#[from] ThreadError),
    /// The repository cannot be read.
    #[error(transparent)]
    Git(#[from] GitError),
}

impl Selection {
    /// What `root` begins with.
    #[must_use]
    pub fn of(root: &Root) -> Self {
        Self {
            directories: root.start.directories.iter().map(|directory| directory.path().to_owned()).collect(),
            files: root.start.files.iter().map(|file| Arc::clone(file.path())).collect(),
        }
    }

    fn holds(&self, path: &Arc<str>) -> bool {
        self.files.contains(path) || self.directories.iter().any(|directory| is_below(path, directory))
    }
}

fn is_below(path: &str, directory: &str) -> bool {
    let directory = directory.trim_end_matches('/');
    matches!(directory, "" | ".") || path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'))
}

impl Scanner<'_> {
    /// Compares `report`, of the files below the scan root that `selection` holds, with the same files of `base`: each of
    /// its findings gets a state. What of the base cannot be read is an entry of the coverage, and what is found in its
    /// place counts as new.
    ///
    /// # Errors
    ///
    /// The operating system refuses the threads, or a commit cannot be read.
    pub fn compare(
        &self,
        report: &mut ScanReport,
        repository: &Repository,
        base: &Base,
        selection: &Selection,
        threads: usize,
    ) -> Result<(), CompareError> {
        let name = base.name.clone();
        let Some(commit) = base.commit else {
            report.findings.iter_mut().for_each(|finding| finding.state = Some(State::New));
            report.comparison = Some(Comparison { base: name, ..Comparison::default() });
            return Ok(());
        };
        let objects = repository.objects();
        let mut problems = Vec::new();
        let mut old = files_by_path(&objects, commit, repository, &mut problems)?;
        let new = match repository.head()? {
            Some(head) => files_by_path(&objects, head, repository, &mut Vec::new())?,
            None => BTreeMap::new(),
        };
        let left_out = LeftOut::of(report);
        old.retain(|path, _| selection.holds(path) && !left_out.holds(path));
        let of_findings: BTreeSet<&str> =
            report.findings.iter().flat_map(|finding| files_of(&finding.location.path)).collect();
        move_renamed(&objects, &mut old, &new, &of_findings);
        let files: Vec<TreeFile> = old.iter().map(|(path, &id)| TreeFile { path: Arc::clone(path), id }).collect();
        let has_secrets =
            |path: &str| of_findings.contains(path) || old.get(path).is_some_and(|id| new.get(path) != Some(id));
        let is_partial = !selection.files.is_empty();
        let scanned = self.scan_blobs_where(repository, &files, Origin::Tree, is_partial, threads, &has_secrets)?;
        let mut entries = scanned.coverage.entries;
        let is_partial_clone = repository.is_partial_clone();
        entries.extend(problems.into_iter().map(|(path, error)| CoverageEntry {
            path,
            cause: error.cause(is_partial_clone),
            detail: error.to_string(),
        }));
        absorb_coverage(report, entries, &name);
        let fixed = comparison::compare(&mut report.findings, scanned.findings);
        report.comparison = Some(Comparison { base: name, fixed, ..Comparison::default() });
        Ok(())
    }
}

/// The content of each file of `commit` below the scan root.
fn files_by_path(
    objects: &Objects,
    commit: ObjectId,
    repository: &Repository,
    problems: &mut Vec<(String, crate::input::git::ObjectError)>,
) -> Result<BTreeMap<Arc<str>, ObjectId>, GitError> {
    let tree = objects.tree_of(commit)?;
    let files = objects.files(tree, repository.prefix(), problems);
    Ok(files.into_iter().map(|file| (file.path, file.id)).collect())
}

/// Gives files of the base that `new` has by another name, and that findings stand in, that name.
fn move_renamed(
    objects: &Objects,
    old: &mut BTreeMap<Arc<str>, ObjectId>,
    new: &BTreeMap<Arc<str>, ObjectId>,
    of_findings: &BTreeSet<&str>,
) {
    let file = |(path, &id): (&Arc<str>, &ObjectId)| TreeFile { path: Arc::clone(path), id };
    let deleted: Vec<TreeFile> = old.iter().filter(|(path, _)| !new.contains_key(*path)).map(file).collect();
    let added: Vec<TreeFile> =
        new.iter().filter(|(path, _)| of_findings.contains(&***path) && !old.contains_key(*path)).map(file).collect();
    for (to, from) in renames(objects, &deleted, &added) {
        if let Some(id) = old.remove(&from) {
            old.insert(to, id);
        }
    }
}

/// What the walk left out on purpose: the base is not examined there either.
struct LeftOut {
    paths: BTreeSet<String>,
}

impl LeftOut {
    fn of(report: &ScanReport) -> Self {
        let entries = &report.coverage.entries;
        let is_left_out = |cause: Cause| cause.consequence() == Consequence::Skipped && cause != Cause::Binary;
        // What is binary was looked at: an archive with members that are text may be said to have others.
        let skipped = entries.iter().filter(|entry| is_left_out(entry.cause));
        Self { paths: skipped.map(|entry| entry.path.clone()).collect() }
    }

    fn holds(&self, path: &str) -> bool {
        self.paths.contains(path)
            || path.match_indices('/').any(|(at, _)| path.get(..=at).is_some_and(|above| self.paths.contains(above)))
    }
}

/// Adds what could not be examined of the base, unless the same is known of the file as it is.
fn absorb_coverage(report: &mut ScanReport, entries: Vec<CoverageEntry>, base: &str) {
    let known: BTreeSet<(String, Cause)> =
        report.coverage.entries.iter().map(|entry| (entry.path.clone(), entry.cause)).collect();
    for entry in entries {
        let is_known = known.contains(&(entry.path.clone(), entry.cause));
        if entry.cause.consequence() != Consequence::Skipped && entry.cause != Cause::Unparsed && !is_known {
            let detail = format!("in the base {base}: {}; what was there may count as new", entry.detail);
            report.coverage.entries.push(CoverageEntry { detail, ..entry });
        }
    }
    report.coverage.entries.sort_unstable();
}
