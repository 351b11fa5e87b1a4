//! What people wrote beside the files: the messages of commits and of annotated tags.

use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::prelude::*;

use super::{COMMITS_A_TASK, Search};
use crate::coverage::CoverageEntry;
use crate::finding::Finding;
use crate::scan::ScanReport;

/// The path of what stands in the messages of commits.
const COMMIT_MESSAGE: &str = "git:commit-message";
/// The path of what stands in the messages of tags.
const TAG_MESSAGE: &str = "git:tag-message";

/// What came of some messages: findings with the places of their commits, and what could not be read.
type Part = (Vec<(Option<usize>, Finding)>, Vec<CoverageEntry>);

impl Search<'_> {
    /// Looks at the messages of commits and tags.
    pub(super) fn messages(&self, report: &mut ScanReport) {
        let (of_commits, of_tags): (Arc<str>, Arc<str>) = (COMMIT_MESSAGE.into(), TAG_MESSAGE.into());
        let parts: Vec<Part> = self
            .history
            .commits
            .par_chunks(COMMITS_A_TASK)
            .enumerate()
            .map(|(task, commits)| {
                let objects = self.repository.many_objects();
                let (mut findings, mut entries) = (Vec::new(), Vec::new());
                for (at, commit) in commits.iter().enumerate() {
                    match objects.commit_message(commit.id) {
                        Ok(message) => {
                            let located = self.located_in(&of_commits, &message).into_iter();
                            findings.extend(located.map(|finding| (Some(task * COMMITS_A_TASK + at), finding)));
                        }
                        Err(error) => entries.push(self.entry(&of_commits, &error)),
                    }
                }
                (findings, entries)
            })
            .collect();
        let mut all = Vec::new();
        for (findings, entries) in parts {
            all.extend(findings);
            report.coverage.entries.extend(entries);
        }
        let objects = self.repository.objects();
        let mut buffer = Vec::new();
        for &tag in &self.history.tags {
            match objects.tag_message(tag, &mut buffer) {
                Ok(message) => {
                    all.extend(self.located_in(&of_tags, message).into_iter().map(|finding| (None, finding)));
                }
                Err(error) => report.coverage.entries.push(self.entry(&of_tags, &error)),
            }
        }
        let introductions = self.introductions(&all.iter().filter_map(|(place, _)| *place).collect());
        // The same words in a later message are the same leak.
        let mut seen = BTreeSet::new();
        all.retain(|(_, finding)| seen.insert(finding.fingerprint));
        report.findings.extend(all.into_iter().map(|(place, finding)| {
            let introduction = place.and_then(|place| introductions.get(&place)).cloned();
            Finding { introduction, ..finding }
        }));
    }
}
