//! From a path or a stream to text: which files a scan sees, and what they say.
//!
//! First in the flow. [`Root::open`] settles the scan root and what was named, [`Directory::list`] lists one directory at
//! a time, [`read`] and [`read_stdin`] turn one input into [`Text`]. Whatever is left out on the way becomes a
//! [`CoverageEntry`](crate::coverage::CoverageEntry).
//!
//! It knows no rules, documents or findings, and starts no threads: the caller recurses over directories and files in
//! whatever order it likes. Nothing here trusts the tree: a file is read up to a bound, whatever size it claims; only
//! regular files are opened; no link is followed out of what was named.

pub mod archive;
mod decode;
pub mod git;
mod ignore_files;
mod inside;
mod read;
mod root;
mod stdin;
mod walk;

#[cfg(test)]
mod tests;

pub use ignore_files::{GivenIgnoreFiles, git_global_ignore};
pub use inside::{Inside, read_inside};
pub use read::{OpenError, Text, decode, read, read_bytes};
pub use root::{InputError, Root, WalkOptions};
pub use stdin::{Stream, read_stdin};
pub use walk::{Directory, FileRef, Listing};

/// Bounds on what is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of one input that are read. What lies behind them is not examined, and coverage says so.
    pub max_file_size: u64,
    /// How many archives may stand one in the other; 0 leaves archives closed.
    pub archive_depth: u32,
}

impl Default for Limits {
    /// 16 MiB: well above source code and configuration, well below data and images. Four archives: an image in an archive,
    /// with an archive that has archives.
    fn default() -> Self {
        Self { max_file_size: 16 * 1024 * 1024, archive_depth: 4 }
    }
}

/// Most characters of the tree's own words that a message repeats.
const MAX_QUOTED: usize = 120;

/// Words of the scanned tree, fit for a message: neither their length nor their control characters go on.
fn quoted(words: &str) -> String {
    let mut chars = words.chars().map(|char| if char.is_control() { char::REPLACEMENT_CHARACTER } else { char });
    let mut text: String = chars.by_ref().take(MAX_QUOTED).collect();
    if chars.next().is_some() {
        text.push('…');
    }
    text
}
