//! The files as they are, compared with an earlier commit: what is new, what changed, what was there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::archive::files_of;
use super::comparison::{self, Comparison};
use super::lines::MAX_COMPARED;
use super::renames::renames;
use super::{Origin, ScanReport, Scanner, ThreadError};
use crate::coverage::{Cause, Consequence, CoverageEntry};
use crate::finding::State;
use crate::input::git::{Base, GitError, ObjectId, Objects, Repository, TreeFile};
use crate::input::{self, FileRef, Root};

/// The part of the tree that was named to be scanned.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Directories with `/` at the end; the scan root is the empty path.
    directories: Vec<String>,
    pub(super) files: BTreeSet<Arc<str>>,
    /// The scan root.
    root: PathBuf,
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
            root: root.path.clone(),
        }
    }

    /// Whether it is the whole tree below the scan root.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.files.is_empty() && self.directories.iter().any(|directory| is_root(directory))
    }

    pub(super) fn holds(&self, path: &Arc<str>) -> bool {
        self.files.contains(path) || self.directories.iter().any(|directory| is_below(path, directory))
    }
}

/// Whether `directory` is the scan root itself.
fn is_root(directory: &str) -> bool {
    matches!(directory.trim_end_matches('/'), "" | ".")
}

fn is_below(path: &str, directory: &str) -> bool {
    let directory = directory.trim_end_matches('/');
    is_root(directory) || path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'))
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
            for finding in &mut report.findings {
                finding.state = Some(State::New);
                finding.on_changed_lines = Some(true);
            }
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
        let mut scanned = self.scan_blobs_where(repository, &files, Origin::Tree, is_partial, threads, &has_secrets)?;
        self.judge_markers(&mut scanned, selection.is_whole());
        let mut entries = scanned.coverage.entries;
        let is_partial_clone = repository.is_partial_clone();
        entries.extend(problems.into_iter().map(|(path, error)| CoverageEntry {
            path,
            cause: error.cause(is_partial_clone),
            detail: error.to_string(),
        }));
        absorb_coverage(report, entries, &name);
        let fixed = comparison::compare(&mut report.findings, scanned.findings);
        self.note_changed_lines(report, &objects, &old, &selection.root);
        report.comparison = Some(Comparison { base: name, fixed, ..Comparison::default() });
        Ok(())
    }
}

impl Scanner<'_> {
    /// Notes of each finding of `report` whether it stands on a line that the files below `root` have and those of the base,
    /// `old`, did not.
    fn note_changed_lines(
        &self,
        report: &mut ScanReport,
        objects: &Objects,
        old: &BTreeMap<Arc<str>, ObjectId>,
        root: &Path,
    ) {
        let mut buffer = Vec::new();
        // Findings of one file follow each other.
        for findings in report.findings.chunk_by_mut(|left, right| left.location.path == right.location.path) {
            let path = findings.first().map(|finding| Arc::clone(&finding.location.path)).unwrap_or_default();
            let changed = old.get(&path).and_then(|&before| {
                let text = input::read(&FileRef::below(root, &path), &self.limits, &mut buffer).ok()?;
                if text.content.len() > MAX_COMPARED {
                    return None;
                }
                self.changed_since(objects, before, &path, &text.content)
            });
            for finding in findings {
                // What no line of the base can be set against is as new as its finding: a file that came, the member of an
                // archive.
                let by_state = finding.state != Some(State::Existing);
                let touched = changed.as_ref().map(|lines| lines.touch(finding.location.region));
                finding.on_changed_lines = Some(touched.unwrap_or(by_state));
            }
        }
    }
}

/// The content of each file of `commit` below the scan root.
pub(super) fn files_by_path(
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
pub(super) fn move_renamed(
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
pub(super) struct LeftOut {
    paths: BTreeSet<String>,
}

impl LeftOut {
    pub(super) fn of(report: &ScanReport) -> Self {
        let entries = &report.coverage.entries;
        let is_left_out = |cause: Cause| cause.consequence() == Consequence::Skipped && cause != Cause::Binary;
        // What is binary was looked at: an archive with members that are text may be said to have others.
        let skipped = entries.iter().filter(|entry| is_left_out(entry.cause));
        Self { paths: skipped.map(|entry| entry.path.clone()).collect() }
    }

    pub(super) fn holds(&self, path: &str) -> bool {
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
