//! The index against `HEAD`: what the next commit changes.

mod cache_tree;
mod entries;
mod fields;
mod file;
mod split;

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;

use gix::ObjectId;
use gix::bstr::{BStr, BString, ByteSlice};
use gix::objs::{Kind, TreeRefIter};

use self::cache_tree::{CacheTree, CachedTree};
use self::entries::Entry;
use self::file::Index;
use super::repository::{GitError, Repository};
use super::tree::MAX_DEPTH;

/// A file whose content the next commit changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StagedFile {
    /// Path relative to the scan root, with `/`. A name that is not UTF-8 is shown with U+FFFD.
    pub path: Arc<str>,
    /// Name of its content in the index.
    pub id: ObjectId,
    /// Name of the content that it is compared with: its own in `HEAD`, or that of the deleted file that it was renamed
    /// from. `None` when all of it is new.
    pub before: Option<ObjectId>,
}

/// What the next commit changes below the scan root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Staged {
    /// Files that are new or have other content than in `HEAD`, in the order of their paths. Links and submodules are no
    /// files; a file whose mode alone changes is not among them.
    pub files: Vec<StagedFile>,
    /// Paths that are changed, whose content the index does not tell, and why.
    pub unread: Vec<(Arc<str>, &'static str)>,
    /// Number of files of `HEAD` that are neither in the index nor renamed.
    pub deleted: usize,
}

impl Staged {
    /// Whether the next commit changes no file.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.unread.is_empty() && self.deleted == 0
    }
}

/// A merge left several versions of a file, and none of them is staged (git-read-tree(1), "3-way merge").
const UNMERGED: &str = "unmerged: resolve the conflict, then `git add` the file";
/// One entry stands for a whole directory (gitformat-index(5), "Sparse Directory Entries").
const SPARSE: &str =
    "outside of the sparse checkout, but not as in HEAD: `git sparse-checkout disable` makes it readable";

/// Files by their path from the top of the work tree.
type Files = BTreeMap<BString, ObjectId>;

impl Repository {
    /// The index against `HEAD`. In a repository without a commit, everything in the index is new. Without an index, as in
    /// a bare repository, nothing is staged. A file that is only intended to be added is not staged (git-add(1), `-N`).
    ///
    /// # Errors
    ///
    /// The index, or the tree of `HEAD`, cannot be read.
    pub fn staged(&self) -> Result<Staged, GitError> {
        let repository = self.local();
        let index = Index::read(&repository.index_path(), repository.git_dir(), repository.object_hash());
        let index = index.map_err(|reason| GitError::Unreadable {
            what: "the index".to_owned(),
            reason: format!("{reason}; `git read-tree HEAD` makes a new one, and `git add` stages again"),
        })?;
        let Some(index) = index else { return Ok(Staged::default()) };
        let committed = match self.head()? {
            Some(head) => self.committed(head, &index)?,
            None => Committed::default(),
        };
        Ok(compare(&index, committed, self.prefix()))
    }

    /// The files of commit `head`, but for the directories that stand in `index` as they are in the commit.
    fn committed(&self, head: ObjectId, index: &Index) -> Result<Committed, GitError> {
        let unreadable = |error: &dyn std::fmt::Display| GitError::Unreadable {
            what: "the tree of HEAD".to_owned(),
            reason: error.to_string(),
        };
        let objects = self.objects();
        let root = objects.tree_of(head).map_err(|error| unreadable(&error))?;
        let mut committed = Committed::default();
        let mut buffer = Vec::new();
        // Trees that wait, with their paths and what the index knows of them. No recursion: nesting is not ours to choose.
        let mut waiting = vec![(BString::default(), root, index.trees.as_ref().and_then(CacheTree::root), 0)];
        while let Some((above, id, cached, depth)) = waiting.pop() {
            if let Some(range) = cached.and_then(|cached| same_entries(index, above.as_bstr(), id, cached)) {
                committed.same.push(range);
                continue;
            }
            if depth > MAX_DEPTH {
                return Err(unreadable(&format!("it is nested more than {MAX_DEPTH} deep")));
            }
            let entries = objects.read(id, Kind::Tree, &mut buffer).map_err(|error| unreadable(&error))?;
            for entry in TreeRefIter::from_bytes(entries, objects.hash_kind()) {
                let entry = entry.map_err(|_| unreadable(&format!("the tree {id} is broken")))?;
                let mut path = above.clone();
                path.extend_from_slice(entry.filename);
                if entry.mode.is_tree() {
                    let below =
                        index.trees.as_ref().zip(cached).and_then(|(trees, tree)| trees.child(tree, entry.filename));
                    path.push(b'/');
                    waiting.push((path, entry.oid.to_owned(), below, depth + 1));
                } else if entry.mode.is_blob() {
                    committed.files.insert(path, entry.oid.to_owned());
                }
            }
        }
        committed.same.sort_unstable_by_key(|range| range.start);
        Ok(committed)
    }
}

/// What `HEAD` holds.
#[derive(Default)]
struct Committed {
    /// Files of directories that may differ from the index.
    files: Files,
    /// Entries of the index that are as in the commit, in order.
    same: Vec<Range<usize>>,
}

/// The entries of `index` in the directory `path`, if its cache of trees says that they make up the tree `id`. git makes the
/// tree of a commit out of the same cache (gitformat-index(5), "Cache tree").
fn same_entries(index: &Index, path: &BStr, id: ObjectId, cached: &CachedTree) -> Option<Range<usize>> {
    let (count, tree) = cached.known?;
    let is_below = |entry: &Entry| index.path(entry).starts_with(path);
    let entries = index.entries();
    let start = entries.partition_point(|entry| index.path(entry) < path);
    let end = start.checked_add(count)?;
    let has_all = entries.get(start..end)?.iter().all(is_below) && !entries.get(end).is_some_and(is_below);
    (tree == id && has_all).then_some(start..end)
}

/// The entries of `index` that are not as in the commit.
fn compare(index: &Index, committed: Committed, prefix: &str) -> Staged {
    let Committed { files: mut deleted, same } = committed;
    let mut staged = Staged::default();
    let mut added = Vec::new();
    let mut unread: Vec<(&BStr, &str)> = Vec::new();
    let mut next = 0;
    let ends = std::iter::once(index.entries().len()..index.entries().len());
    for range in same.into_iter().chain(ends) {
        for entry in index.entries().get(next..range.start).unwrap_or_default() {
            let path = index.path(entry);
            if entry.stage != 0 {
                deleted.remove(path);
                unread.push((path, UNMERGED));
                continue;
            }
            if entry.is_directory() {
                unread.push((path, SPARSE));
            }
            if !entry.is_file() {
                continue;
            }
            // git commits the file as though it were not in the index.
            if entry.is_intended {
                continue;
            }
            match deleted.remove(path) {
                Some(before) if before == entry.id => {}
                before @ Some(_) => staged.files.extend(file(path, entry.id, before, prefix)),
                None => added.push((path, entry.id)),
            }
        }
        next = next.max(range.end);
    }
    unread.dedup();
    staged.unread = unread.into_iter().filter_map(|(path, reason)| Some((below(path, prefix)?, reason))).collect();
    for (path, id, before) in renamed(&added, &mut deleted) {
        staged.files.extend(file(path, id, before, prefix));
    }
    staged.files.sort_unstable_by(|left, right| left.path.cmp(&right.path));
    staged.deleted = deleted.keys().filter(|path| below(path.as_bstr(), prefix).is_some()).count();
    staged
}

/// The `added` files, each with the content of the deleted file that it was renamed from, if there is one: one with the same
/// content, or else the only one with the same name in another directory.
fn renamed<'a>(added: &[(&'a BStr, ObjectId)], deleted: &mut Files) -> Vec<(&'a BStr, ObjectId, Option<ObjectId>)> {
    let mut by_content: HashMap<ObjectId, Vec<BString>> = HashMap::new();
    let mut by_name: HashMap<BString, Vec<BString>> = HashMap::new();
    for (path, id) in &*deleted {
        by_content.entry(*id).or_default().push(path.clone());
        by_name.entry(name(path.as_bstr()).to_owned()).or_default().push(path.clone());
    }
    let mut added_with_name: HashMap<&BStr, usize> = HashMap::new();
    for (path, _) in added {
        *added_with_name.entry(name(path)).or_default() += 1;
    }
    let mut source = |path: &BStr, id: &ObjectId| {
        // Each deleted file moved to one place; a second file like it is a copy.
        if let Some(from) = by_content.get_mut(id).and_then(Vec::pop) {
            return deleted.remove(&from);
        }
        match by_name.get(name(path)).map(Vec::as_slice) {
            Some([from]) if added_with_name.get(name(path)) == Some(&1) => deleted.remove(from),
            _ => None,
        }
    };
    added.iter().map(|(path, id)| (*path, *id, source(path, id))).collect()
}

/// The last part of `path`.
fn name(path: &BStr) -> &BStr {
    path.rfind_byte(b'/').and_then(|at| path.get(at + 1..)).map_or(path, BStr::new)
}

fn file(path: &BStr, id: ObjectId, before: Option<ObjectId>, prefix: &str) -> Option<StagedFile> {
    Some(StagedFile { path: below(path, prefix)?, id, before })
}

/// `path` as it reads from the scan root; `None` outside of it.
fn below(path: &BStr, prefix: &str) -> Option<Arc<str>> {
    path.to_str_lossy().strip_prefix(prefix).map(Arc::from)
}
