//! The entries of the index (gitformat-index(5), "Index entry").

use std::ops::Range;

use gix::ObjectId;
use gix::hash::Kind;

use super::fields::Fields;
use super::file::object_id;

/// Most bytes of all paths together. In version 4 a path is written as the difference to the one before, so that a short file
/// can hold long ones.
const MAX_PATHS: usize = 256 << 20;
/// Times, device, inode, owner and group, in front of the mode and behind it.
const BEFORE_MODE: usize = 24;
const BEHIND_MODE: usize = 12;
/// Bits of the flags.
const NAME_LENGTH: u16 = 0xFFF;
const EXTENDED: u16 = 0x4000;
const STAGE_SHIFT: u32 = 12;
const INTENT_TO_ADD: u16 = 0x2000;

/// What the index has at a path.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    path: Range<usize>,
    pub(super) id: ObjectId,
    mode: u32,
    /// 0 unless a merge left several versions.
    pub(super) stage: u16,
    /// The file was announced, and its content was not added (git-add(1), `-N`).
    pub(super) is_intended: bool,
}

impl Entry {
    pub(super) fn path_in<'p>(&self, paths: &'p [u8]) -> &'p [u8] {
        paths.get(self.path.clone()).unwrap_or_default()
    }

    pub(super) fn is_file(&self) -> bool {
        self.mode & 0o170_000 == 0o100_000
    }

    /// Whether it stands for all of a directory.
    pub(super) fn is_directory(&self) -> bool {
        self.mode & 0o170_000 == 0o040_000
    }

    /// Whether it has the path of another one, which it replaces.
    pub(super) fn is_replacement(&self) -> bool {
        self.path.is_empty()
    }

    /// The same at the path of `other`.
    pub(super) fn in_place_of(self, other: &Self) -> Self {
        Self { path: other.path.clone(), ..self }
    }
}

/// Reads `count` entries; their paths go behind `paths`.
pub(super) fn read_entries(
    fields: &mut Fields<'_>,
    version: u32,
    count: u32,
    hash: Kind,
    paths: &mut Vec<u8>,
) -> Result<Vec<Entry>, String> {
    let mut entries: Vec<Entry> = Vec::new();
    for number in 1..=count {
        let before = entries.last().map(|entry| entry.path.clone()).unwrap_or_default();
        let entry =
            read_entry(fields, version, hash, before, paths).ok_or_else(|| format!("entry {number} is broken"))?;
        if paths.len() > MAX_PATHS {
            return Err(format!("its paths are longer than {} MiB", MAX_PATHS >> 20));
        }
        entries.push(entry);
    }
    Ok(entries)
}

fn read_entry(
    fields: &mut Fields<'_>,
    version: u32,
    hash: Kind,
    before: Range<usize>,
    paths: &mut Vec<u8>,
) -> Option<Entry> {
    let start = fields.len();
    fields.take(BEFORE_MODE)?;
    let mode = fields.u32()?;
    fields.take(BEHIND_MODE)?;
    let id = object_id(fields, hash)?;
    let flags = fields.u16()?;
    let more_flags = if flags & EXTENDED != 0 { fields.u16()? } else { 0 };
    let begin = paths.len();
    if version == 4 {
        let kept = before.start..before.end.checked_sub(fields.offset()?)?;
        let suffix = fields.until(0)?;
        // A path that claims to share more than there is.
        if kept.end < kept.start || kept.len() + suffix.len() > MAX_PATHS {
            return None;
        }
        paths.extend_from_within(kept);
        paths.extend_from_slice(suffix);
    } else {
        // A length of all ones says that the path is longer: it ends with the first NUL, which every path has.
        let length = usize::from(flags & NAME_LENGTH);
        let path = fields.until(0)?;
        if length != usize::from(NAME_LENGTH) && path.len() != length {
            return None;
        }
        paths.extend_from_slice(path);
        // One to eight NUL make the length of the entry a multiple of eight; one was read.
        let written = start - fields.len();
        fields.take(written.next_multiple_of(8) - written)?;
    }
    Some(Entry {
        path: begin..paths.len(),
        id,
        mode,
        stage: flags >> STAGE_SHIFT & 3,
        is_intended: more_flags & INTENT_TO_ADD != 0,
    })
}
