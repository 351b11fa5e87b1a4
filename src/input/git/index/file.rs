//! The file of the index (gitformat-index(5)), read within bounds: a repository is as little to be trusted as its files.
//!
//! Nothing here recurses, and nothing is allocated by a count that the file claims. Extensions that say nothing of what is
//! staged are passed over, as is the checksum, which git does not look at either.

use std::io::Read;
use std::path::Path;

use gix::ObjectId;
use gix::bstr::{BStr, ByteSlice};
use gix::hash::Kind;

use super::cache_tree::CacheTree;
use super::entries::{Entry, read_entries};
use super::fields::Fields;
use super::split::Link;
use crate::input::read::{OpenError, open_regular};

/// Most bytes of the file: well above that of a tree with a million files.
const MAX_SIZE: u64 = 256 << 20;

/// What an index says.
pub(super) struct Index {
    /// In the order of their paths.
    entries: Vec<Entry>,
    paths: Vec<u8>,
    /// Which directories were as in some tree when the index was written.
    pub(super) trees: Option<CacheTree>,
}

impl Index {
    /// Reads the file at `path`, and the one in `git_directory` that it is split from, if it is. `None` when there is none.
    pub(super) fn read(path: &Path, git_directory: &Path, hash: Kind) -> Result<Option<Self>, String> {
        let Some(bytes) = bytes_of(path)? else { return Ok(None) };
        let mut paths = Vec::new();
        let Parts { mut entries, trees, link } = parse(&bytes, hash, &mut paths)?;
        if let Some(link) = link {
            let shared = git_directory.join(format!("sharedindex.{}", link.shared));
            let name = || format!("the shared index {}", link.shared);
            let bytes = bytes_of(&shared).map_err(|reason| format!("{}: {reason}", name()))?;
            let bytes = bytes.ok_or_else(|| format!("{} is not there", name()))?;
            if !bytes.ends_with(link.shared.as_slice()) {
                return Err(format!("{} is another one", name()));
            }
            let parts = parse(&bytes, hash, &mut paths).map_err(|reason| format!("{}: {reason}", name()))?;
            entries = link.merge(parts.entries, entries).map_err(str::to_owned)?;
        }
        entries.sort_by(|left, right| {
            let key = |entry: &Entry| (entry.path_in(&paths), entry.stage);
            key(left).cmp(&key(right))
        });
        // Of the same entry twice, that of the split index counts, which stands behind that of the shared one.
        let mut kept: Vec<Entry> = Vec::with_capacity(entries.len());
        for entry in entries {
            match kept.last_mut() {
                Some(last) if last.stage == entry.stage && last.path_in(&paths) == entry.path_in(&paths) => {
                    *last = entry;
                }
                _ => kept.push(entry),
            }
        }
        Ok(Some(Self { entries: kept, paths, trees }))
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The path of `entry` from the top of the work tree. That of a directory ends with `/`.
    pub(super) fn path(&self, entry: &Entry) -> &BStr {
        entry.path_in(&self.paths).as_bstr()
    }
}

fn bytes_of(path: &Path) -> Result<Option<Vec<u8>>, String> {
    let (file, _) = match open_regular(path) {
        Ok(opened) => opened,
        Err(OpenError::Vanished(_)) => return Ok(None),
        Err(OpenError::Link | OpenError::NotRegular) => return Err("it is not a regular file".to_owned()),
        Err(OpenError::Refused(error)) => return Err(error.to_string()),
    };
    let mut bytes = Vec::new();
    file.take(MAX_SIZE + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > MAX_SIZE {
        return Err(format!("it is larger than {} MiB", MAX_SIZE >> 20));
    }
    Ok(Some(bytes))
}

/// What one file holds.
struct Parts {
    entries: Vec<Entry>,
    trees: Option<CacheTree>,
    link: Option<Link>,
}

fn parse(bytes: &[u8], hash: Kind, paths: &mut Vec<u8>) -> Result<Parts, String> {
    let content = bytes.len().checked_sub(hash.len_in_bytes()).and_then(|end| bytes.get(..end));
    let mut fields = Fields::new(content.unwrap_or_default());
    let header = (fields.take(4), fields.u32(), fields.u32());
    let (Some(b"DIRC"), Some(version), Some(count)) = header else { return Err("it does not begin as one".to_owned()) };
    if !(2..=4).contains(&version) {
        return Err(format!("version {version} is not supported"));
    }
    let entries = read_entries(&mut fields, version, count, hash, paths)?;
    let mut parts = Parts { entries, trees: None, link: None };
    while !fields.is_empty() {
        let extension = (fields.take(4), fields.u32().and_then(|size| fields.take(size as usize)));
        let (Some(signature), Some(data)) = extension else { return Err("an extension is cut off".to_owned()) };
        match signature {
            b"TREE" => parts.trees = Some(CacheTree::decode(data, hash)?),
            b"link" => parts.link = Link::decode(data, hash).map_err(str::to_owned)?,
            // `sdir` says that entries may stand for directories, which each such entry says itself. What need not be
            // understood begins with a capital.
            b"sdir" | [b'A'..=b'Z', ..] => {}
            _ => return Err(format!("the extension `{}` is not supported", signature.escape_ascii())),
        }
    }
    Ok(parts)
}

/// An object id, `hash` being that of the repository.
pub(super) fn object_id(fields: &mut Fields<'_>, hash: Kind) -> Option<ObjectId> {
    fields.take(hash.len_in_bytes()).and_then(|id| gix::oid::try_from_bytes(id).ok()).map(gix::oid::to_owned)
}
