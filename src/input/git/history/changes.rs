//! Which files a commit brings that none of its parents has.

use gix::ObjectId;
use gix::objs::tree::EntryMode;
use gix::objs::{Kind, TreeRefIter};

use super::Commit;
use crate::input::git::objects::{ObjectError, Objects};
use crate::input::git::tree::MAX_DEPTH;

/// A content that a commit brings to a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Path relative to the top of the work tree, with `/`.
    pub path: String,
    /// Name of the content.
    pub id: ObjectId,
}

/// Trees that stand at the same path: of a commit, and of those of its parents that have one there.
struct Level {
    path: String,
    tree: ObjectId,
    parents: Vec<ObjectId>,
    depth: usize,
}

struct Entry {
    name: Vec<u8>,
    mode: EntryMode,
    id: ObjectId,
}

impl Objects {
    /// Calls `found` for each regular file of `commit` whose content none of its parents has at that path: for a merge,
    /// what the merge itself made. Only what lies below `prefix` or on the way there is looked at.
    pub fn arrivals(
        &self,
        commit: &Commit,
        prefix: &str,
        mut found: impl FnMut(Arrival),
        problems: &mut Vec<(String, ObjectError)>,
    ) {
        let mut parents = Vec::new();
        for &parent in &commit.parents {
            match self.tree_of(parent) {
                Ok(tree) => parents.push(tree),
                Err(error) => problems.push((String::from("."), error)),
            }
        }
        let mut waiting = vec![Level { path: String::new(), tree: commit.tree, parents, depth: 0 }];
        while let Some(level) = waiting.pop() {
            if level.parents.contains(&level.tree) {
                continue;
            }
            let Some(entries) = self.entries(&level.path, level.tree, problems) else { continue };
            let parents: Vec<Vec<Entry>> =
                level.parents.iter().filter_map(|&tree| self.entries(&level.path, tree, problems)).collect();
            // The entries of all trees are in the same order: one pass over each.
            let mut at = vec![0; parents.len()];
            for entry in entries {
                let mut beside = Vec::with_capacity(parents.len());
                for (entries, at) in parents.iter().zip(&mut at) {
                    while entries.get(*at).is_some_and(|other| key(other) < key(&entry)) {
                        *at += 1;
                    }
                    beside.extend(entries.get(*at).filter(|other| key(other) == key(&entry)));
                }
                // The text of a link may become that of a file.
                if beside.iter().any(|other| other.id == entry.id && other.mode.is_blob() == entry.mode.is_blob()) {
                    continue;
                }
                let name = String::from_utf8_lossy(&entry.name);
                if entry.mode.is_tree() {
                    let path = format!("{}{name}/", level.path);
                    if !path.starts_with(prefix) && !prefix.starts_with(&path) {
                        continue;
                    }
                    if level.depth < MAX_DEPTH {
                        let parents = beside.iter().map(|other| other.id).collect();
                        waiting.push(Level { path, tree: entry.id, parents, depth: level.depth + 1 });
                    } else {
                        problems.push((path, ObjectError::TooDeep(entry.id)));
                    }
                } else if entry.mode.is_blob() {
                    let path = format!("{}{name}", level.path);
                    if path.starts_with(prefix) {
                        found(Arrival { path, id: entry.id });
                    }
                }
            }
        }
    }

    fn entries(&self, path: &str, tree: ObjectId, problems: &mut Vec<(String, ObjectError)>) -> Option<Vec<Entry>> {
        let mut buffer = Vec::new();
        let shown = || if path.is_empty() { ".".to_owned() } else { path.to_owned() };
        let data = match self.read(tree, Kind::Tree, &mut buffer) {
            Ok(data) => data,
            Err(error) => {
                problems.push((shown(), error));
                return None;
            }
        };
        let mut entries = Vec::new();
        for entry in TreeRefIter::from_bytes(data, self.hash_kind()) {
            let Ok(entry) = entry else {
                problems.push((shown(), ObjectError::Broken { id: tree, reason: "broken tree".to_owned() }));
                break;
            };
            entries.push(Entry { name: entry.filename.to_vec(), mode: entry.mode, id: entry.oid.to_owned() });
        }
        // A tree that someone made by hand may be in any order.
        if !entries.is_sorted_by(|a, b| key(a) <= key(b)) {
            entries.sort_by(|a, b| key(a).cmp(&key(b)));
        }
        Some(entries)
    }
}

/// Files and directories of one name are different things.
fn key(entry: &Entry) -> (&[u8], bool) {
    (&entry.name, entry.mode.is_tree())
}
