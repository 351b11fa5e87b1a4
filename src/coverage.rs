//! What was looked at, and what was not, with the reason: a result in its own right.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why an input, or a part of it, was not examined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// A `.gitignore`, `.lockgateignore` or git exclude rule covers it, or it is git's own `.git`.
    Ignored,
    /// `[scan] exclude` in the configuration covers it.
    Excluded,
    /// Its first bytes are not text.
    Binary,
    /// It is larger than the size bound; what lies behind the bound was not scanned.
    TooLarge,
    /// It, or a directory, could not be opened or read.
    Unreadable,
    /// A FIFO, a socket or a device: reading it could block for ever.
    NotRegular,
    /// A symbolic link that leads out of the scan root.
    SymlinkOutside,
    /// A symbolic link into a directory: what it leads to is scanned where it really stands.
    SymlinkDirectory,
    /// A symbolic link to a file inside the scan root: the file is scanned where it really stands.
    SymlinkFile,
    /// A symbolic link whose target does not exist, or a chain of links that closes on itself.
    SymlinkBroken,
    /// It changed or vanished between the walk and the read.
    Vanished,
    /// It is not here: a partial or shallow clone does not hold it, or it is a module or template of another place.
    Missing,
    /// A parser could not read all of it.
    Unparsed,
    /// A bound on work or results cut the examination short.
    Bound,
}

/// What a cause means for the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Consequence {
    /// Left out on purpose, or holds nothing that Lockgate examines.
    Skipped,
    /// Examined in part.
    Partial,
    /// Should have been examined and was not: unless the policy says otherwise, the verdict cannot be a pass.
    Failed,
}

impl Cause {
    /// Every cause, in the order of reports.
    pub const ALL: [Cause; 14] = [
        Cause::Unreadable,
        Cause::Vanished,
        Cause::Missing,
        Cause::TooLarge,
        Cause::Bound,
        Cause::Unparsed,
        Cause::NotRegular,
        Cause::SymlinkOutside,
        Cause::SymlinkDirectory,
        Cause::SymlinkFile,
        Cause::SymlinkBroken,
        Cause::Binary,
        Cause::Excluded,
        Cause::Ignored,
    ];

    /// What this cause means for the verdict.
    #[must_use]
    pub fn consequence(self) -> Consequence {
        match self {
            Cause::Unreadable | Cause::Vanished => Consequence::Failed,
            Cause::Missing | Cause::TooLarge | Cause::Bound | Cause::Unparsed => Consequence::Partial,
            _ => Consequence::Skipped,
        }
    }

    /// Whether a policy may say that this cause leaves the verdict open: what it keeps back should have been examined, or
    /// may hold something. What was left out on purpose, or is met in another place, does not.
    #[must_use]
    pub fn may_leave_open(self) -> bool {
        self.consequence() != Consequence::Skipped
            || matches!(self, Cause::NotRegular | Cause::SymlinkOutside | Cause::SymlinkBroken)
    }

    /// The stable kebab-case name, as used in reports and configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Cause::Ignored => "ignored",
            Cause::Excluded => "excluded",
            Cause::Binary => "binary",
            Cause::TooLarge => "too-large",
            Cause::Unreadable => "unreadable",
            Cause::NotRegular => "not-regular",
            Cause::SymlinkOutside => "symlink-outside",
            Cause::SymlinkDirectory => "symlink-directory",
            Cause::SymlinkFile => "symlink-file",
            Cause::SymlinkBroken => "symlink-broken",
            Cause::Vanished => "vanished",
            Cause::Missing => "missing",
            Cause::Unparsed => "unparsed",
            Cause::Bound => "bound",
        }
    }
}

/// One input that was not, or not wholly, examined.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CoverageEntry {
    /// Path relative to the scan root, with `/`; a directory that was left out as a whole ends in `/`.
    pub path: String,
    /// Why.
    pub cause: Cause,
    /// One sentence for a person: the rule that ignored it, the operating system's error, the bound.
    pub detail: String,
}

/// The entry as one sentence: path, detail, cause.
impl fmt::Display for CoverageEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.path, self.detail, self.cause.name())
    }
}

/// What a run examined.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Files that the walk met (a directory left out as a whole counts once).
    pub seen: u64,
    /// Files whose text was examined, wholly or in part.
    pub scanned: u64,
    /// Files of those that were parsed as of a platform, wholly or in part, for the policy rules.
    #[serde(default)]
    pub parsed: u64,
    /// Bytes of text examined, after decoding.
    pub bytes: u64,
    /// Everything not, or not wholly, examined, sorted by path.
    pub entries: Vec<CoverageEntry>,
}

impl Coverage {
    /// Number of entries with this cause.
    #[must_use]
    pub fn count(&self, cause: Cause) -> usize {
        self.entries.iter().filter(|entry| entry.cause == cause).count()
    }

    /// Entries of what should have been examined and was not at all.
    pub fn failures(&self) -> impl Iterator<Item = &CoverageEntry> {
        self.entries.iter().filter(|entry| entry.cause.consequence() == Consequence::Failed)
    }

    /// Entries that were examined in part.
    pub fn partial(&self) -> impl Iterator<Item = &CoverageEntry> {
        self.entries.iter().filter(|entry| entry.cause.consequence() == Consequence::Partial)
    }

    /// Takes in what another part of the run covered, and restores the order by path.
    pub fn absorb(&mut self, other: Coverage) {
        self.seen += other.seen;
        self.scanned += other.scanned;
        self.parsed += other.parsed;
        self.bytes += other.bytes;
        self.entries.extend(other.entries);
        self.entries.sort_unstable();
    }
}
