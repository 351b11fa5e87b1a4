//! What was not examined of an archive, summed up: an archive may have more members than anyone wants to read about.

use std::collections::BTreeMap;

use super::bounds::MAX_DIRECTORY;
use crate::coverage::{Cause, CoverageEntry};
use crate::input::quoted;

/// A reason why members were not examined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gap {
    NotText,
    Encrypted,
    /// Compressed in a way that is not known here.
    Method,
    /// An archive in more archives than the bound.
    TooDeep,
    /// A zip archive in another archive that is too large to be held.
    TooLarge,
    /// The directory of a zip archive is longer than the bound.
    Directory,
    /// An image names a layer that the archive does not have.
    MissingLayer,
    Broken,
}

/// How often each reason came up, with the first member that it met.
#[derive(Debug, Default)]
pub(super) struct Gaps(BTreeMap<Gap, (u64, String)>);

impl Gaps {
    pub(super) fn note(&mut self, gap: Gap, member: &str) {
        self.0.entry(gap).or_insert_with(|| (0, member.to_owned())).0 += 1;
    }

    /// One entry a reason, for the archive at `path`.
    pub(super) fn entries(&self, path: &str) -> Vec<CoverageEntry> {
        let entry = |(&gap, (count, first)): (&Gap, &(u64, String))| {
            // The path of the archive stands in front of each entry.
            let first =
                first.strip_prefix(path).map_or(first.as_str(), |rest| rest.trim_start_matches(['!', '/', ':', ' ']));
            let (cause, detail) = gap.describe(*count, &quoted(first));
            CoverageEntry { path: path.to_owned(), cause, detail }
        };
        self.0.iter().map(entry).collect()
    }
}

impl Gap {
    fn describe(self, count: u64, first: &str) -> (Cause, String) {
        let one = count == 1;
        let (members, archives) = if one { ("member is", "archive is") } else { ("members are", "archives are") };
        let such_as = if one { format!(": {first}") } else { format!(", such as {first}") };
        match self {
            Gap::NotText => (Cause::Binary, format!("{count} {members} not text")),
            Gap::Encrypted => (Cause::Unparsed, format!("{count} {members} encrypted{such_as}")),
            Gap::Method => {
                (Cause::Unparsed, format!("{count} {members} compressed in a way that is not supported{such_as}"))
            }
            Gap::TooDeep => (Cause::Bound, format!("{count} {archives} nested deeper than the bound{such_as}")),
            Gap::TooLarge => {
                (Cause::TooLarge, format!("{count} zip {archives} larger than the bound on files{such_as}"))
            }
            Gap::Directory => {
                (Cause::Bound, format!("{count} central directories are larger than {MAX_DIRECTORY} bytes{such_as}"))
            }
            Gap::MissingLayer => {
                let layers = if one { "layer is" } else { "layers are" };
                (Cause::Missing, format!("{count} {layers} not in the archive{such_as}"))
            }
            Gap::Broken if one => (Cause::Unparsed, format!("broken: {first}")),
            Gap::Broken => (Cause::Unparsed, format!("broken in {count} places, the first: {first}")),
        }
    }
}
