//! Archives among the contents: their members are examined as files are, once for each content.

use std::io::Cursor;

use super::{First, Found, Search, Version};
use crate::coverage::CoverageEntry;
use crate::input::archive::{self, Member};
use crate::scan::{ScanReport, unexamined};

impl Search<'_> {
    /// Looks at the members of the archive `bytes`, the content `version` of `path`; of what is no archive, `otherwise`.
    pub(super) fn archive(
        &self,
        path: &str,
        version: Version,
        bytes: &[u8],
        otherwise: CoverageEntry,
        report: &mut ScanReport,
        found: &mut Found,
    ) {
        let coverage = &mut report.coverage;
        let mut visit = |member: Member<'_>| {
            coverage.scanned += 1;
            coverage.bytes += member.text.content.len() as u64;
            coverage.entries.extend(member.text.cut);
            let outcome = self.scanner.secrets.scan(member.path, &member.text.content);
            coverage.entries.extend(unexamined(member.path, &outcome));
            if outcome.detections.is_empty() {
                return;
            }
            found.bearing.push(version.id);
            let leaks = self.scanner.fingerprints("", &outcome);
            for (fingerprint, leak) in self.scanner.fingerprints(member.path, &outcome).into_iter().zip(leaks) {
                let first = First { commit: version.commit, id: version.id, leak };
                found.firsts.entry(fingerprint).and_modify(|known| *known = first.min(*known)).or_insert(first);
            }
        };
        // Reading from memory does not fail.
        let expansion = archive::expand(path, &mut Cursor::new(bytes), &self.scanner.limits, &mut visit).ok().flatten();
        let Some(expansion) = expansion else { return coverage.entries.push(otherwise) };
        coverage.seen += expansion.seen;
        coverage.entries.extend(expansion.entries);
    }
}
