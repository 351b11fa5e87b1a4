//! Blobs of a repository, examined as the files that they are in a tree or in the index.

use rayon::prelude::*;

use super::{FILES_A_TASK, Origin, ScanReport, Scanner, ThreadError, guard, pool};
use crate::coverage::{Cause, CoverageEntry};
use crate::input;
use crate::input::git::{Repository, TreeFile};

impl Scanner<'_> {
    /// Examines the content that `repository` has for `files`, in each file whole, with `threads` threads (0: one for each
    /// processor). Of a selection of files (`is_partial`), what is missing is not known to be missing.
    ///
    /// # Errors
    ///
    /// The operating system refuses the threads. An object that cannot be read is an entry of the coverage.
    pub fn scan_blobs(
        &self,
        repository: &Repository,
        files: &[TreeFile],
        origin: Origin,
        is_partial: bool,
        threads: usize,
    ) -> Result<ScanReport, ThreadError> {
        let mut report = self.scan_blobs_where(repository, files, origin, is_partial, threads, &|_| true)?;
        self.judge_markers(&mut report, false);
        Ok(report)
    }

    /// The same, which looks for secrets in the files at those paths alone that `has_secrets` takes. Of the others, those
    /// with resources are read, because what they declare may matter to the rest. The comments that silence findings are not
    /// judged.
    pub(super) fn scan_blobs_where(
        &self,
        repository: &Repository,
        files: &[TreeFile],
        origin: Origin,
        is_partial: bool,
        threads: usize,
        has_secrets: &(dyn Fn(&str) -> bool + Sync),
    ) -> Result<ScanReport, ThreadError> {
        let is_partial_clone = repository.is_partial_clone();
        let examine = |files: &[TreeFile]| {
            let objects = repository.objects();
            let mut report = ScanReport::default();
            let mut retained = Vec::new();
            let mut buffer = Vec::new();
            for file in files {
                report.coverage.seen += 1;
                guard(&file.path, &mut report, |report| match objects.blob(file.id, &mut buffer) {
                    Ok(bytes) => match input::decode(&file.path, bytes, &self.limits) {
                        Err(entry) if entry.cause == Cause::Binary && has_secrets(&file.path) => {
                            self.record_binary_blob(&file.path, origin, bytes, entry, report);
                        }
                        text if has_secrets(&file.path) => self.record(&file.path, origin, text, report, &mut retained),
                        text => self.record_resources(&file.path, origin, text, report, &mut retained),
                    },
                    Err(error) => report.coverage.entries.push(CoverageEntry {
                        path: file.path.to_string(),
                        cause: error.cause(is_partial_clone),
                        detail: error.to_string(),
                    }),
                });
            }
            (report, retained)
        };
        pool(threads)?.install(|| {
            let parts: Vec<_> = files.par_chunks(FILES_A_TASK).map(examine).collect();
            let mut report = ScanReport::default();
            let mut retained = Vec::new();
            for (part, files) in parts {
                report.findings.extend(part.findings);
                report.markers.absorb(part.markers);
                report.coverage.absorb(part.coverage);
                retained.extend(files);
            }
            report.absorb(ScanReport::default());
            self.examine_resources(retained, is_partial, &mut report);
            Ok(report)
        })
    }
}
