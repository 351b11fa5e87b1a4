//! The history of a repository under the secret rules: every content once, and where each finding came from.
//!
//! The contents of one path follow each other from the latest to the first, which is the order in which a pack stores them
//! best. Neighbours have most in common, and where one says nothing else than the one before, that costs no more than what
//! differs ([`Follower`]).

mod archives;
mod messages;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::{Origin, ScanReport, Scanner, ThreadError, guard, pool, unexamined};
use crate::coverage::{Cause, Coverage, CoverageEntry};
use crate::engine::secrets::Follower;
use crate::finding::{Finding, Introduction};
use crate::fingerprint::Fingerprint;
use crate::input::git::history::{History, HistoryOptions};
use crate::input::git::{GitError, ObjectError, ObjectId, Objects, Repository};
use crate::input::{self, Root};

/// Commits whose changes one task looks for. Each begins with trees that nothing is known of.
const COMMITS_A_TASK: usize = 1024;
/// Into how many tasks, for each thread, the paths are divided.
const TASKS_A_THREAD: usize = 32;
/// What the paths of notes begin with; the name of the object follows.
const NOTES: &str = "git:notes/";

/// Why a history cannot be searched.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The repository, or what was asked of it.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The threads could not be started.
    #[error(transparent)]
    Threads(#[from] ThreadError),
}

/// A content at a path, and the place of the first commit that has it there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Version {
    commit: usize,
    id: ObjectId,
    /// The same content is examined at another path of the same kind.
    is_repeated: bool,
}

/// All contents that a path ever had, the latest first.
struct Line {
    path: Arc<str>,
    versions: Vec<Version>,
}

/// The contents that some commits bring, by path, and what could not be read of their trees.
type Arrivals = (BTreeMap<String, Vec<Version>>, Vec<(String, ObjectError)>);

/// The first commit that brings a finding, and the content in which it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct First {
    commit: usize,
    id: ObjectId,
    /// The same for the same secret at any path.
    leak: Fingerprint,
}

/// What came of one path.
#[derive(Default)]
struct Found {
    firsts: BTreeMap<Fingerprint, First>,
    /// Contents in which something was found, with what the engine takes the path for: at other paths they are looked at
    /// again.
    bearing: Vec<ObjectId>,
    coverage: Coverage,
}

/// The texts of one path, one after the other.
struct Texts<'a> {
    follower: Follower<'a>,
    /// What was found in the latest of them, and the same at any path.
    latest: Vec<(Fingerprint, Fingerprint)>,
}

impl<'a> Texts<'a> {
    fn new(scanner: &'a Scanner<'_>, path: &'a str) -> Self {
        Self { follower: scanner.secrets.follow(path), latest: Vec::new() }
    }
}

impl Scanner<'_> {
    /// Searches the history that `options` select with `threads` threads (0: one for each processor). Findings are those of
    /// a scan of every content as a whole; each has its [`Introduction`].
    ///
    /// # Errors
    ///
    /// A revision that does not exist, references that cannot be read, threads that the operating system refuses. An object
    /// that cannot be read is an entry of the coverage.
    pub fn scan_history(
        &self,
        repository: &Repository,
        options: &HistoryOptions,
        root: &Root,
        threads: usize,
        tick: &(dyn Fn() + Sync),
    ) -> Result<ScanReport, HistoryError> {
        let HistoryOptions { revisions, since_commit, max_commits } = options;
        let history = History::read(repository, revisions, since_commit.as_deref(), *max_commits)?;
        let search = Search { scanner: self, repository, history: &history, tick };
        let pool = pool(threads)?;
        let mut report = ScanReport::default();
        search.note_ends(&mut report.coverage);
        pool.install(|| {
            let mut lines = search.lines(&mut report.coverage);
            lines.retain(|line| root.covers(&line.path) && root.excludes(&line.path).is_none());
            search.mark_repeated(&mut lines);
            let size = lines.len().div_ceil(TASKS_A_THREAD * pool.current_num_threads()).max(1);
            let found: Vec<Vec<Found>> = lines
                .par_chunks(size)
                .map_init(
                    || repository.many_objects(),
                    |objects, lines| lines.iter().map(|line| search.examine(objects, line)).collect(),
                )
                .collect();
            let mut found: Vec<Found> = found.into_iter().flatten().collect();
            for part in &mut found {
                report.coverage.absorb(std::mem::take(&mut part.coverage));
            }
            // What coverage says of a content it has said at another path.
            search.examine_repeated(&lines, &mut found);
            search.messages(&mut report);
            report.findings.extend(search.findings(&lines, &found));
            self.ignore_by_commit(&mut report.findings);
        });
        report.absorb(ScanReport::default());
        Ok(report)
    }
}

/// One search through one history.
struct Search<'a> {
    scanner: &'a Scanner<'a>,
    repository: &'a Repository,
    history: &'a History,
    tick: &'a (dyn Fn() + Sync),
}

impl Search<'_> {
    /// Says where the history ends before its beginning, and which commits are missing.
    fn note_ends(&self, coverage: &mut Coverage) {
        if self.repository.is_shallow() {
            coverage.entries.push(CoverageEntry {
                path: ".".to_owned(),
                cause: Cause::Missing,
                detail: "the clone is shallow: what came before it is not here; `git fetch --unshallow` brings it"
                    .to_owned(),
            });
        }
        coverage.entries.extend(self.history.broken_references.iter().map(|problem| CoverageEntry {
            path: ".".to_owned(),
            cause: Cause::Unreadable,
            detail: problem.clone(),
        }));
        coverage.entries.extend(self.history.problems.iter().map(|problem| self.entry(".", problem)));
    }

    fn entry(&self, path: &str, error: &ObjectError) -> CoverageEntry {
        let cause = error.cause(self.repository.is_partial_clone());
        CoverageEntry { path: path.to_owned(), cause, detail: error.to_string() }
    }

    /// All contents of all paths below the scan root, by path.
    fn lines(&self, coverage: &mut Coverage) -> Vec<Line> {
        let prefix = self.repository.prefix();
        let commits = &self.history.commits;
        let parts: Vec<Arrivals> = commits
            .par_chunks(COMMITS_A_TASK)
            .enumerate()
            .map(|(task, commits)| {
                let objects = self.repository.many_objects();
                let (mut paths, mut problems) = Arrivals::default();
                for (at, commit) in commits.iter().enumerate() {
                    let version = |id| Version { commit: task * COMMITS_A_TASK + at, id, is_repeated: false };
                    let below = if commit.is_notes { "" } else { prefix };
                    objects.arrivals(
                        commit.tree,
                        self.history.trees_before(&objects, commit, &mut problems),
                        below,
                        |arrival| {
                            let path = match arrival.path.strip_prefix(below) {
                                Some(path) if !commit.is_notes => path.to_owned(),
                                _ => format!("{NOTES}{}", arrival.path.replace('/', "")),
                            };
                            paths.entry(path).or_insert_with(Vec::new).push(version(arrival.id));
                        },
                        &mut problems,
                    );
                }
                (paths, problems)
            })
            .collect();
        let mut lines: BTreeMap<String, Vec<Version>> = BTreeMap::new();
        for (paths, problems) in parts {
            for (path, versions) in paths {
                lines.entry(path).or_default().extend(versions);
            }
            coverage.entries.extend(problems.iter().map(|(path, problem)| self.entry(path, problem)));
        }
        coverage.entries.sort_unstable();
        coverage.entries.dedup();
        let in_order = |(path, mut versions): (String, Vec<Version>)| {
            let mut seen = HashSet::with_hasher(foldhash::fast::FixedState::default());
            versions.retain(|version| seen.insert(version.id));
            versions.reverse();
            Line { path: path.into(), versions }
        };
        lines.into_par_iter().map(in_order).collect()
    }

    /// Marks what is examined at another path of the same kind.
    fn mark_repeated(&self, lines: &mut [Line]) {
        let kinds: Vec<_> = lines.par_iter().map(|line| self.scanner.secrets.kind_of(&line.path)).collect();
        let mut seen = HashSet::with_hasher(foldhash::fast::FixedState::default());
        let mut numbers = HashMap::new();
        for (line, kind) in lines.iter_mut().zip(kinds) {
            let next = numbers.len();
            let kind = *numbers.entry(kind).or_insert(next);
            for version in &mut line.versions {
                version.is_repeated = !seen.insert((version.id, kind));
            }
        }
    }

    /// Looks at every content of `line` that no other path has.
    fn examine(&self, objects: &Objects, line: &Line) -> Found {
        let mut found = Found::default();
        let mut texts = Texts::new(self.scanner, &line.path);
        for version in line.versions.iter().filter(|version| !version.is_repeated) {
            (self.tick)();
            found.coverage.seen += 1;
            let bytes = match objects.shared_blob(version.id) {
                Ok(bytes) => bytes,
                Err(error) => {
                    found.coverage.entries.push(self.entry(&line.path, &error));
                    continue;
                }
            };
            self.guarded(line, *version, &bytes, &mut texts, &mut found);
        }
        found.coverage.entries.sort_unstable();
        // One word on a path is enough, however many contents it had.
        found.coverage.entries.dedup_by(|a, b| a.path == b.path && a.cause == b.cause && a.cause != Cause::Unreadable);
        found
    }

    fn guarded(&self, line: &Line, version: Version, bytes: &[u8], texts: &mut Texts<'_>, found: &mut Found) {
        let mut report = ScanReport::default();
        guard(&line.path, &mut report, |report| {
            let text = match input::decode(&line.path, bytes, &self.scanner.limits) {
                Ok(text) => text,
                Err(entry) if entry.cause == Cause::Binary => {
                    return self.archive(&line.path, version, bytes, entry, report, found);
                }
                Err(entry) => return report.coverage.entries.push(entry),
            };
            report.coverage.scanned += 1;
            report.coverage.bytes += text.content.len() as u64;
            if let Some(outcome) = texts.follower.next(&text.content) {
                report.coverage.entries.extend(unexamined(&line.path, &outcome));
                let leaks = self.scanner.fingerprints("", &outcome);
                let here = self.scanner.fingerprints(&line.path, &outcome);
                texts.latest = here.into_iter().zip(leaks).collect();
            }
            if let Some(cut) = text.cut {
                report.coverage.entries.push(cut);
                texts.follower.forget();
            }
            if !texts.latest.is_empty() {
                found.bearing.push(version.id);
            }
            for &(fingerprint, leak) in &texts.latest {
                let first = First { commit: version.commit, id: version.id, leak };
                // The contents come from the latest to the first.
                found.firsts.entry(fingerprint).and_modify(|known| *known = first.min(*known)).or_insert(first);
            }
        });
        found.coverage.absorb(report.coverage);
    }

    /// Looks again, under their own path, at contents in which something was found at another path.
    fn examine_repeated(&self, lines: &[Line], found: &mut [Found]) {
        let bearing: HashSet<ObjectId> = found.iter().flat_map(|found| found.bearing.iter().copied()).collect();
        lines.par_iter().zip(found).for_each(|(line, found)| {
            let is_bearing = |version: &&Version| version.is_repeated && bearing.contains(&version.id);
            if !line.versions.iter().any(|version| is_bearing(&version)) {
                return;
            }
            let objects = self.repository.many_objects();
            let mut texts = Texts::new(self.scanner, &line.path);
            for version in line.versions.iter().filter(is_bearing) {
                if let Ok(bytes) = objects.shared_blob(version.id) {
                    self.guarded(line, *version, &bytes, &mut texts, found);
                }
            }
        });
    }

    /// The findings of all paths, each with the commit that brought it.
    fn findings(&self, lines: &[Line], found: &[Found]) -> Vec<Finding> {
        let at_head = self.contents_at_head(lines, found);
        let places: BTreeSet<usize> =
            found.iter().flat_map(|found| found.firsts.values().map(|first| first.commit)).collect();
        let introductions = self.introductions(&places);
        let mut paths: BTreeMap<Fingerprint, BTreeSet<&str>> = BTreeMap::new();
        for (line, found) in lines.iter().zip(found) {
            for first in found.firsts.values() {
                paths.entry(first.leak).or_default().insert(&line.path);
            }
        }
        let introduce = |path: &str, first: &First, at_head: bool| {
            let others = paths.get(&first.leak).into_iter().flatten().filter(|other| **other != path);
            let paths = others.map(|&other| other.to_owned()).collect();
            introductions.get(&first.commit).map(|known| Introduction { at_head, paths, ..known.clone() })
        };
        let parts: Vec<Vec<Finding>> = lines
            .par_iter()
            .zip(found)
            .filter(|(_, found)| !found.firsts.is_empty())
            .map(|(line, found)| {
                let mut findings = Vec::new();
                let now = at_head.get(&*line.path).map(|&id| self.located(&line.path, id)).unwrap_or_default();
                let mut wanted: BTreeMap<ObjectId, Vec<Fingerprint>> = BTreeMap::new();
                for (&fingerprint, first) in &found.firsts {
                    // What is still there is shown as it stands there, as in a scan of the files.
                    match now.iter().find(|finding| finding.fingerprint == fingerprint) {
                        Some(finding) => {
                            let introduction = introduce(&line.path, first, true);
                            findings.push(Finding { introduction, ..finding.clone() });
                        }
                        None => wanted.entry(first.id).or_default().push(fingerprint),
                    }
                }
                for (id, fingerprints) in wanted {
                    for finding in self.located(&line.path, id) {
                        let first = found.firsts.get(&finding.fingerprint);
                        if let Some(first) = first.filter(|_| fingerprints.contains(&finding.fingerprint)) {
                            let introduction = introduce(&line.path, first, false);
                            findings.push(Finding { introduction, ..finding });
                        }
                    }
                }
                findings
            })
            .collect();
        parts.into_iter().flatten().collect()
    }

    /// What stands in the tree of `HEAD` at the paths that have findings.
    fn contents_at_head(&self, lines: &[Line], found: &[Found]) -> HashMap<Arc<str>, ObjectId> {
        let wanted: HashSet<&str> = lines
            .iter()
            .zip(found)
            .filter(|(_, found)| !found.firsts.is_empty())
            .map(|(line, _)| &*line.path)
            .collect();
        let objects = self.repository.many_objects();
        let head = self.repository.head().ok().flatten().and_then(|head| objects.tree_of(head).ok());
        let Some(tree) = head.filter(|_| !wanted.is_empty()) else { return HashMap::new() };
        // What cannot be read here was reported where its contents were examined.
        let files = objects.files(tree, self.repository.prefix(), &mut Vec::new());
        files.into_iter().filter(|file| wanted.contains(&*file.path)).map(|file| (file.path, file.id)).collect()
    }

    /// The findings in content `id` at `path`, with all that a reader wants to know of them.
    fn located(&self, path: &Arc<str>, id: ObjectId) -> Vec<Finding> {
        let mut buffer = Vec::new();
        let objects = self.repository.objects();
        objects.blob(id, &mut buffer).map(|bytes| self.located_in(path, bytes)).unwrap_or_default()
    }

    fn located_in(&self, path: &Arc<str>, bytes: &[u8]) -> Vec<Finding> {
        let mut report = ScanReport::default();
        guard(path, &mut report, |report| {
            let text = match input::decode(path, bytes, &self.scanner.limits) {
                Ok(text) => text,
                Err(entry) if entry.cause == Cause::Binary => {
                    return self.scanner.record_binary_blob(path, Origin::History, bytes, entry, report);
                }
                Err(_) => return,
            };
            let outcome = self.scanner.secrets.scan(path, &text.content);
            if !outcome.detections.is_empty() {
                let text = (&*text.content, text.cut.is_some());
                self.scanner.locate(path, Origin::History, text, outcome, false, report);
            }
        });
        report.findings
    }

    /// What there is to say of the commits at `places`.
    fn introductions(&self, places: &BTreeSet<usize>) -> HashMap<usize, Introduction> {
        let places: Vec<usize> = places.iter().copied().collect();
        let references = self.history.references_to(&places, Introduction::MAX_REFS);
        let describe = |(place, refs): (usize, Vec<String>)| {
            let commit = self.history.commits.get(place)?;
            let (id, date) = (commit.id.to_string(), commit.date());
            let introduction = Introduction { commit: id, date, at_head: false, paths: Vec::new(), refs };
            Some((place, introduction))
        };
        places.into_iter().zip(references).filter_map(describe).collect()
    }
}
