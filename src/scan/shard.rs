//! A part of a scan: one of several processes examines some of the files, and all of them together the whole tree.
//!
//! Every shard walks the same tree and divides it in the same way ([`plan`]), so that no word needs to pass between them.

mod plan;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use self::plan::Divided;
use super::{FILES_A_TASK, Run, ScanReport, Scanner, Selection, ThreadError, pool, sheets};
use crate::coverage::CoverageEntry;
use crate::framework::units::{self, Member};
use crate::framework::{self, PlatformGlobs};
use crate::input::{self, FileRef, Limits, Root};

/// Most shards of a scan.
pub const MAX_SHARDS: u32 = 1024;

/// Which part of a scan, written `K/N`. Where a system counts from 0, `K` may be written as a sum, `0+1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Shard {
    /// Its number, from 1.
    pub number: u32,
    /// How many there are.
    pub of: u32,
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| match text.split_once('+') {
            Some((index, one)) => index.parse::<u32>().ok()?.checked_add(one.parse().ok()?),
            None => text.parse().ok(),
        };
        let parts = text.split_once('/').and_then(|(k, of)| Some((number(k)?, of.parse().ok()?)));
        let Some((number, of)) = parts else {
            return Err("expected K/N, such as 3/8 for the third of eight shards".to_owned());
        };
        if !(1..=MAX_SHARDS).contains(&of) {
            return Err(format!("there are from 1 to {MAX_SHARDS} shards"));
        }
        if !(1..=of).contains(&number) {
            return Err(format!("shards count from 1 to {of}"));
        }
        Ok(Self { number, of })
    }
}

/// What a shard established.
#[derive(Clone, Debug)]
pub struct ShardPart {
    /// Findings and coverage of its files. What the walk itself left out is in the report of the first shard.
    pub report: ScanReport,
    /// Identity of the tree and of its division, in hexadecimal digits: the same for all shards of one scan.
    pub tree: String,
    /// Number of files that are its own.
    pub files: usize,
}

/// All of a tree that a walk meets.
#[derive(Default)]
struct Walked {
    files: Vec<FileRef>,
    entries: Vec<CoverageEntry>,
    seen: u64,
}

impl Scanner<'_> {
    /// Examines the files below `root` that are those of `shard`, as [`Scanner::scan`] examines all of them. Files that see
    /// each other are examined by the same shard.
    ///
    /// # Errors
    ///
    /// The operating system refuses the threads.
    pub fn scan_shard(
        &self,
        root: Root,
        shard: Shard,
        threads: usize,
        tick: &(dyn Fn() + Sync),
    ) -> Result<ShardPart, ThreadError> {
        let pool = pool(threads)?;
        let is_partial = !root.start.files.is_empty();
        let is_whole = Selection::of(&root).is_whole();
        let walked = walk(root);
        let members = pool.install(|| members(&walked.files, &self.platforms, &self.limits));
        let Divided { shards, tree } = plan::divide(&walked, &members, shard.of, self.limits.max_file_size);
        let own: Vec<FileRef> = walked
            .files
            .into_iter()
            .zip(shards)
            .filter_map(|(file, number)| (number == shard.number).then_some(file))
            .collect();
        let files = own.len();
        let run = Run { scanner: self, sheets: sheets(&pool), tick };
        pool.scope(|scope| {
            for batch in own.chunks(FILES_A_TASK) {
                let run = &run;
                scope.spawn(move |_| run.files(batch));
            }
        });
        let (mut report, retained) = run.finish();
        if shard.number == 1 {
            // Members of archives were counted as they were met.
            report.coverage.seen += walked.seen;
            report.coverage.entries.extend(walked.entries);
        }
        pool.install(|| self.examine_resources(retained, is_partial, &mut report));
        // A comment silences what stands in its own file, and no file is divided.
        self.judge_markers(&mut report, is_whole);
        report.absorb(ScanReport::default());
        Ok(ShardPart { report, tree, files })
    }
}

/// Walks everything below `root`; files in the order of their paths.
fn walk(root: Root) -> Walked {
    let mut walked = Walked::default();
    let mut waiting = Vec::new();
    let mut next = Some(root.start);
    while let Some(listing) = next {
        walked.files.extend(listing.files);
        walked.entries.extend(listing.entries);
        walked.seen += listing.seen;
        waiting.extend(listing.directories);
        next = waiting.pop().map(|directory| directory.list());
    }
    walked.files.sort_by(|a, b| a.path().cmp(b.path()).then_with(|| a.location().cmp(b.location())));
    walked.entries.sort_unstable();
    walked
}

/// What each of `files` may be of one unit with.
fn members(files: &[FileRef], platforms: &PlatformGlobs, limits: &Limits) -> Vec<Option<Member>> {
    use rayon::prelude::*;
    let member = |buffer: &mut Vec<u8>, file: &FileRef| {
        let path = file.path();
        if let Some(member) = Member::of_place(path) {
            return Some(member);
        }
        let named = platforms.platform(path);
        if named.is_none() && !units::may_be_member(path) {
            return None;
        }
        // What cannot be read now stands alone; the shard that it falls to says why.
        let text = input::read(file, limits, buffer).ok()?;
        let platform = named.or_else(|| framework::classify(path, &text.content))?;
        Member::of(platform, path, &text.content)
    };
    files.par_iter().map_init(Vec::new, member).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_written_with_their_number_and_how_many_there_are() {
        assert_eq!("3/8".parse(), Ok(Shard { number: 3, of: 8 }));
        assert_eq!("7+1/8".parse(), Ok(Shard { number: 8, of: 8 }));
        assert_eq!("1/1".parse::<Shard>().unwrap().to_string(), "1/1");
        for wrong in
            ["", "3", "0/8", "9/8", "1/0", "1/1025", "-1/8", "1/8/2", "a/b", "1.5/2", "8+1/8", "4294967295+1/8", "+1/8"]
        {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
