//! Which files a commit brings that none of its parents has.

use gix::ObjectId;
use gix::objs::tree::EntryRef;
use gix::objs::{Kind, TreeRefIter};

use crate::input::git::Content;
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

impl Objects {
    /// Calls `found` for each regular file of tree `tree` whose content none of the trees `parents` has at that path: for a
    /// merge, what the merge itself made. Only what lies below `prefix` or on the way there is looked at.
    pub fn arrivals(
        &self,
        tree: ObjectId,
        parents: Vec<ObjectId>,
        prefix: &str,
        mut found: impl FnMut(Arrival),
        problems: &mut Vec<(String, ObjectError)>,
    ) {
        let mut waiting = vec![Level { path: String::new(), tree, parents, depth: 0 }];
        while let Some(level) = waiting.pop() {
            if level.parents.contains(&level.tree) {
                continue;
            }
            let mut content = |tree| self.tree(&level.path, tree, problems);
            let Some(data) = content(level.tree) else { continue };
            let parents: Vec<(ObjectId, Content)> =
                level.parents.iter().filter_map(|&tree| Some((tree, content(tree)?))).collect();
            // The entries of all trees are in the same order: one pass over each.
            let entries = self.entries(&level.path, level.tree, &data, problems);
            let mut parents: Vec<_> = parents
                .iter()
                .map(|(tree, data)| self.entries(&level.path, *tree, data, problems).into_iter().peekable())
                .collect();
            for entry in entries {
                let mut beside = Vec::new();
                let mut is_there = false;
                for entries in &mut parents {
                    while entries.next_if(|other| *other < entry).is_some() {}
                    let Some(other) = entries.next_if(|other| other.cmp(&entry).is_eq()) else { continue };
                    // The text of a link may become that of a file.
                    is_there |= other.oid == entry.oid && other.mode.is_blob() == entry.mode.is_blob();
                    if entry.mode.is_tree() {
                        beside.push(other.oid.to_owned());
                    }
                }
                if is_there {
                    continue;
                }
                if entry.mode.is_tree() {
                    let path = format!("{}{}/", level.path, String::from_utf8_lossy(entry.filename));
                    if !path.starts_with(prefix) && !prefix.starts_with(&path) {
                        continue;
                    }
                    let id = entry.oid.to_owned();
                    if level.depth < MAX_DEPTH {
                        waiting.push(Level { path, tree: id, parents: beside, depth: level.depth + 1 });
                    } else {
                        problems.push((path, ObjectError::TooDeep(id)));
                    }
                } else if entry.mode.is_blob() {
                    let path = format!("{}{}", level.path, String::from_utf8_lossy(entry.filename));
                    if path.starts_with(prefix) {
                        found(Arrival { path, id: entry.oid.to_owned() });
                    }
                }
            }
        }
    }

    fn tree(&self, path: &str, tree: ObjectId, problems: &mut Vec<(String, ObjectError)>) -> Option<Content> {
        self.shared(tree, Kind::Tree).map_err(|error| problems.push((shown(path), error))).ok()
    }

    /// The entries of `tree`, whose content is `data`, in the order of git.
    fn entries<'d>(
        &self,
        path: &str,
        tree: ObjectId,
        data: &'d [u8],
        problems: &mut Vec<(String, ObjectError)>,
    ) -> Vec<EntryRef<'d>> {
        // A mode, a name of some letters, an identity.
        let mut entries = Vec::with_capacity(data.len() / 32);
        for entry in TreeRefIter::from_bytes(data, self.hash_kind()) {
            let Ok(entry) = entry else {
                problems.push((shown(path), ObjectError::Broken { id: tree, reason: "broken tree".to_owned() }));
                break;
            };
            entries.push(entry);
        }
        // A tree that someone made by hand may be in any order.
        if !entries.is_sorted() {
            entries.sort();
        }
        entries
    }
}

/// How the path of a tree is shown.
fn shown(path: &str) -> String {
    if path.is_empty() { ".".to_owned() } else { path.to_owned() }
}
