//! What is staged, examined as the next commit will have it, and which findings the commit is to blame for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::archive::files_of;
use super::lines::{ChangedLines, MAX_COMPARED};
use super::{Origin, ScanReport, Scanner, ThreadError, guard};
use crate::coverage::{Cause, CoverageEntry};
use crate::finding::{Finding, State};
use crate::fingerprint::Fingerprint;
use crate::input::git::{ObjectId, Objects, Repository, Staged, StagedFile, TreeFile};
use crate::input::{self, Root};

impl Scanner<'_> {
    /// Examines the files that are `staged` in `repository` as they are in the index, as far as `root` covers them, with
    /// `threads` threads (0: one for each processor). Each finding says whether it is [`State::New`]; a secret on lines that the commit leaves
    /// as they were is [`State::Existing`]. Ignore files do not count, for what is staged is tracked.
    ///
    /// # Errors
    ///
    /// The operating system refuses the threads.
    pub fn scan_staged(
        &self,
        repository: &Repository,
        staged: &Staged,
        root: &Root,
        threads: usize,
    ) -> Result<ScanReport, ThreadError> {
        let mut left_out = ScanReport::default();
        let mut leave_out = |path: &str, cause, detail: String| {
            left_out.coverage.seen += 1;
            left_out.coverage.entries.push(CoverageEntry { path: path.to_owned(), cause, detail });
        };
        let mut files: BTreeMap<&str, &StagedFile> = BTreeMap::new();
        for file in staged.files.iter().filter(|file| root.covers(&file.path)) {
            match root.excludes(&file.path) {
                Some(rule) => leave_out(&file.path, Cause::Excluded, rule),
                None => drop(files.insert(&file.path, file)),
            }
        }
        for (path, reason) in &staged.unread {
            if root.covers(path) && root.excludes(path).is_none() {
                leave_out(path, Cause::Unreadable, (*reason).to_owned());
            }
        }
        let blobs: Vec<TreeFile> =
            files.values().map(|file| TreeFile { path: file.path.clone(), id: file.id }).collect();
        let mut report = self.scan_blobs(repository, &blobs, Origin::Index, true, threads)?;
        let objects = repository.objects();
        // What the earlier versions of archives held, by path.
        let mut archives: BTreeMap<Arc<str>, BTreeSet<Fingerprint>> = BTreeMap::new();
        // Findings of one file follow each other.
        for findings in report.findings.chunk_by_mut(|left, right| left.location.path == right.location.path) {
            let path = findings.first().map(|finding| Arc::clone(&finding.location.path)).unwrap_or_default();
            let Some(file) = files.get(&*path) else {
                // The member of an archive, which is not compared line by line.
                let archive = files_of(&path).find_map(|path| files.get(path).copied());
                let known = archive.map(|file| {
                    archives.entry(Arc::clone(&file.path)).or_insert_with(|| self.secrets_before(&objects, file))
                });
                for finding in findings {
                    let is_known = known.as_ref().is_some_and(|known| known.contains(&finding.fingerprint));
                    finding.state = Some(if is_known { State::Existing } else { State::New });
                    finding.on_changed_lines = Some(!is_known);
                }
                continue;
            };
            let changed = self.changed_lines(&objects, file);
            for finding in findings {
                let is_touched = changed.as_ref().is_none_or(|lines| lines.touch(finding.location.region));
                finding.on_changed_lines = Some(is_touched);
                let is_new = !is_of_lines(finding) || is_touched;
                finding.state = Some(if is_new { State::New } else { State::Existing });
            }
        }
        report.absorb(left_out);
        Ok(report)
    }

    /// The secrets in the members of the archive that `file` was before.
    fn secrets_before(&self, objects: &Objects, file: &StagedFile) -> BTreeSet<Fingerprint> {
        let mut report = ScanReport::default();
        let mut buffer = Vec::new();
        if let Some(Ok(bytes)) = file.before.map(|before| objects.blob(before, &mut buffer)) {
            guard(&file.path, &mut report, |report| {
                if let Err(entry) = input::decode(&file.path, bytes, &self.limits) {
                    self.record_binary_blob(&file.path, Origin::Index, bytes, entry, report);
                }
            });
        }
        report.findings.iter().map(|finding| finding.fingerprint).collect()
    }

    /// The lines that `file` has and its earlier version did not have. `None` when that is every line, or cannot be said.
    fn changed_lines(&self, objects: &Objects, file: &StagedFile) -> Option<ChangedLines> {
        let before = file.before?;
        if before == file.id {
            return Some(ChangedLines::none());
        }
        let mut new = Vec::new();
        let new = objects.blob(file.id, &mut new).ok().filter(|bytes| bytes.len() <= MAX_COMPARED)?;
        let new = input::decode(&file.path, new, &self.limits).ok()?;
        self.changed_since(objects, before, &file.path, &new.content)
    }

    /// The lines that `new`, the text of the file at `path`, has and the content `before` did not have. `None` when that
    /// cannot be said.
    pub(super) fn changed_since(
        &self,
        objects: &Objects,
        before: ObjectId,
        path: &str,
        new: &str,
    ) -> Option<ChangedLines> {
        let mut old = Vec::new();
        let old = objects.blob(before, &mut old).ok().filter(|bytes| bytes.len() <= MAX_COMPARED)?;
        let old = input::decode(path, old, &self.limits).ok()?;
        Some(ChangedLines::between(&old.content, new))
    }
}

/// Whether `finding` is about the lines where it stands alone, as a secret or a comment is; a misconfiguration is about a
/// resource.
fn is_of_lines(finding: &Finding) -> bool {
    finding.resource.is_none()
}
