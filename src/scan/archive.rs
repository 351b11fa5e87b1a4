//! Files that are no text may be archives, whose members are examined for secrets as files are.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io::Cursor;
use std::sync::Arc;

use super::{Origin, ScanReport, Scanner};
use crate::coverage::CoverageEntry;
use crate::finding::Finding;
use crate::fingerprint::Fingerprint;
use crate::input::FileRef;
use crate::input::archive::{self, Expansion, Member};

/// The paths of the files that `path` may be in: its own, and those of archives that it may be a member of. A directory may
/// be called as though it were one.
pub(super) fn files_of(path: &str) -> impl Iterator<Item = &str> {
    let archives = path.match_indices("!/").filter_map(|(at, _)| path.get(..at));
    archives.chain(std::iter::once(path))
}

/// What the members of one archive gave.
#[derive(Default)]
struct Members {
    report: ScanReport,
    /// The layer of each finding goes with it. The same secret at the same path, in several layers or in an archive that
    /// has a name twice, is one finding: that of the first layer.
    findings: BTreeMap<Fingerprint, (usize, Finding)>,
}

impl Scanner<'_> {
    /// Examines `file`, which is no text: the members of an archive, or nothing, as `otherwise` says.
    pub(super) fn record_binary(&self, file: &FileRef, otherwise: CoverageEntry, report: &mut ScanReport) {
        let mut members = Members::default();
        match archive::expand_file(file, &self.limits, &mut |member| self.member(Origin::Tree, member, &mut members)) {
            Ok(expansion) => members.finish(expansion, otherwise, report),
            Err(entry) => members.finish(None, entry, report),
        }
    }

    /// Examines `bytes`, which are no text and go by `path`, as [`Scanner::record_binary`] does.
    pub(super) fn record_binary_blob(
        &self,
        path: &str,
        origin: Origin,
        bytes: &[u8],
        otherwise: CoverageEntry,
        report: &mut ScanReport,
    ) {
        let mut members = Members::default();
        let mut source = Cursor::new(bytes);
        let visit = &mut |member: Member<'_>| self.member(origin, member, &mut members);
        // Reading from memory does not fail.
        let expansion = archive::expand(path, &mut source, &self.limits, visit).ok().flatten();
        members.finish(expansion, otherwise, report);
    }

    fn member(&self, origin: Origin, member: Member<'_>, members: &mut Members) {
        let path: Arc<str> = Arc::from(member.path);
        self.examine_text(&path, origin, Ok(member.text), &mut members.report, None);
        for mut finding in members.report.findings.drain(..) {
            if let Some(evidence) = &mut finding.evidence {
                evidence.facts.extend(member.facts.iter().cloned());
            }
            match members.findings.entry(finding.fingerprint) {
                Entry::Vacant(place) => drop(place.insert((member.layer, finding))),
                Entry::Occupied(mut place) if member.layer < place.get().0 => {
                    place.insert((member.layer, finding));
                }
                Entry::Occupied(_) => {}
            }
        }
    }
}

impl Members {
    /// Hands over what there is; of what is no archive, `otherwise`.
    fn finish(self, expansion: Option<Expansion>, otherwise: CoverageEntry, report: &mut ScanReport) {
        let Some(expansion) = expansion else { return report.coverage.entries.push(otherwise) };
        let coverage = self.report.coverage;
        report.coverage.seen += expansion.seen;
        report.coverage.scanned += coverage.scanned;
        report.coverage.bytes += coverage.bytes;
        report.coverage.entries.extend(coverage.entries);
        report.coverage.entries.extend(expansion.entries);
        report.findings.extend(self.findings.into_values().map(|(_, finding)| finding));
    }
}
