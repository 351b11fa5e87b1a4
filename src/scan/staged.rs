//! What is staged, examined as the next commit will have it, and which findings the commit is to blame for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use imara_diff::{Algorithm, Diff, InternedInput};

use super::archive::files_of;
use super::{Origin, ScanReport, Scanner, ThreadError, guard};
use crate::coverage::{Cause, CoverageEntry};
use crate::finding::{Finding, State};
use crate::fingerprint::Fingerprint;
use crate::input::git::{Objects, Repository, Staged, StagedFile, TreeFile};
use crate::input::{self, Root};
use crate::span::Region;

/// Longest content, in bytes, that is compared line by line. In a longer one every line counts as changed.
const MAX_COMPARED: usize = 8 << 20;

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
                }
                continue;
            };
            let holds_secret = findings.iter().any(is_of_lines);
            let changed = if holds_secret { self.changed_lines(&objects, file) } else { None };
            for finding in findings {
                let is_new =
                    !is_of_lines(finding) || changed.as_ref().is_none_or(|lines| lines.touch(finding.location.region));
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
            return Some(ChangedLines(Vec::new()));
        }
        let (mut old, mut new) = (Vec::new(), Vec::new());
        let old = objects.blob(before, &mut old).ok().filter(|bytes| bytes.len() <= MAX_COMPARED)?;
        let new = objects.blob(file.id, &mut new).ok().filter(|bytes| bytes.len() <= MAX_COMPARED)?;
        let old = input::decode(&file.path, old, &self.limits).ok()?;
        let new = input::decode(&file.path, new, &self.limits).ok()?;
        Some(ChangedLines::between(&old.content, &new.content))
    }
}

/// Whether `finding` is about the lines where it stands alone, as a secret is; a misconfiguration is about a resource.
fn is_of_lines(finding: &Finding) -> bool {
    finding.evidence.is_some() && finding.resource.is_none()
}

/// For each line of a text, whether it was added or changed.
struct ChangedLines(Vec<bool>);

impl ChangedLines {
    /// Line endings make no difference, nor does the lack of one at the end.
    fn between(old: &str, new: &str) -> Self {
        let mut input = InternedInput::default();
        input.update_before(lines(old));
        input.update_after(lines(new));
        let diff = Diff::compute(Algorithm::Histogram, &input);
        Self((0..).take(input.after.len()).map(|line| diff.is_added(line)).collect())
    }

    /// Whether one of the lines of `region` is among them.
    fn touch(&self, region: Region) -> bool {
        let first = region.start.line;
        // A region that ends in front of the first character of a line holds nothing of it.
        let last = if region.end.column <= 1 { region.end.line.saturating_sub(1) } else { region.end.line };
        (first..=last.max(first)).any(|line| {
            let index = line.checked_sub(1).and_then(|line| usize::try_from(line).ok());
            index.and_then(|index| self.0.get(index)).copied().unwrap_or(false)
        })
    }
}

/// The lines of `text` without their ends, as [`LineIndex`](crate::span::LineIndex) counts them.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split_terminator('\n').map(|line| line.strip_suffix('\r').unwrap_or(line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::{LineIndex, Span};

    fn changed(old: &str, new: &str) -> Vec<u32> {
        let lines = ChangedLines::between(old, new).0;
        (1..).zip(lines).filter(|(_, is_changed)| *is_changed).map(|(line, _)| line).collect()
    }

    #[test]
    fn changed_lines_are_those_that_the_new_text_adds() {
        assert_eq!(changed("a\nb\nc\n", "a\nB\nc\nd\n"), [2, 4]);
        assert_eq!(changed("a\nb\nc\n", "a\nc\n"), [0; 0]);
        assert_eq!(changed("", "a\n"), [1]);
        assert_eq!(changed("a\nb\n", ""), [0; 0]);
        assert_eq!(changed("a\nb", "a\r\nb\r\nc\r\n"), [3]);
        assert_eq!(changed("a", "a\n"), [0; 0]);
    }

    #[test]
    fn a_region_of_several_lines_is_touched_by_each_of_them_and_by_no_other() {
        let new = "1\nkey\nbody\nend\n5\n";
        let key = LineIndex::new(new).region(new, Span::new(2, 15));
        assert_eq!((key.start.line, key.end.line, key.end.column), (2, 5, 1));
        for (line, is_touched) in [("1", false), ("key", true), ("body", true), ("end", true), ("5", false)] {
            let old = new.replace(line, "other");
            assert_eq!(ChangedLines::between(&old, new).touch(key), is_touched, "{line}");
        }
    }
}
