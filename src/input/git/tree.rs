//! The files of a tree object.

use std::sync::Arc;

use gix::ObjectId;
use gix::objs::{Kind, TreeRefIter};

use super::objects::{ObjectError, Objects};

/// Deepest nesting of trees; the operating systems' bounds on paths are far below.
pub(super) const MAX_DEPTH: usize = 512;

/// A file of a tree or of the index.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TreeFile {
    /// Path relative to the scan root, with `/`. A name that is not UTF-8 is shown with U+FFFD.
    pub path: Arc<str>,
    /// Name of its content.
    pub id: ObjectId,
}

impl Objects {
    /// The tree of commit `id`.
    ///
    /// # Errors
    ///
    /// It is missing, broken or no commit.
    pub fn tree_of(&self, id: ObjectId) -> Result<ObjectId, ObjectError> {
        let mut buffer = Vec::new();
        let data = self.read(id, Kind::Commit, &mut buffer)?;
        let hash = self.hash_kind();
        gix::objs::CommitRefIter::from_bytes(data, hash)
            .tree_id()
            .map_err(|error| ObjectError::Broken { id, reason: super::repository::cause(&error) })
    }

    /// The regular file of tree `id` at `path`, by its way from the top with `/`. `None` when there is none, and when a link
    /// or a submodule stands on the way.
    ///
    /// # Errors
    ///
    /// A tree on the way cannot be read.
    pub fn file(&self, id: ObjectId, path: &str) -> Result<Option<ObjectId>, ObjectError> {
        let mut id = id;
        let mut names = path.split('/').filter(|name| !matches!(*name, "" | ".")).take(MAX_DEPTH).peekable();
        while let Some(name) = names.next() {
            let entries = self.shared(id, Kind::Tree)?;
            let broken = || ObjectError::Broken { id, reason: "broken tree".to_owned() };
            let mut found = None;
            for entry in TreeRefIter::from_bytes(&entries, self.hash_kind()) {
                let entry = entry.map_err(|_| broken())?;
                if *entry.filename == *name.as_bytes() {
                    found = Some((entry.mode, entry.oid.to_owned()));
                    break;
                }
            }
            match found {
                Some((mode, found)) if mode.is_blob() && names.peek().is_none() => return Ok(Some(found)),
                Some((mode, found)) if mode.is_tree() => id = found,
                _ => return Ok(None),
            }
        }
        Ok(None)
    }

    /// All regular files of tree `id` below `prefix` (empty, or with `/` at its end), in the order of their paths, with
    /// paths relative to it. Links and submodules are no files. What cannot be read goes to `problems`, with its path.
    pub fn files(&self, id: ObjectId, prefix: &str, problems: &mut Vec<(String, ObjectError)>) -> Vec<TreeFile> {
        let mut files = Vec::new();
        // Trees that wait: their paths, names and depths. No recursion, for nesting is the repository's to choose.
        let mut waiting = vec![(String::new(), id, 0)];
        while let Some((above, id, depth)) = waiting.pop() {
            let entries = match self.shared(id, Kind::Tree) {
                Ok(entries) => entries,
                Err(error) => {
                    problems.push((shown(&above, prefix), error));
                    continue;
                }
            };
            for entry in TreeRefIter::from_bytes(&entries, self.hash_kind()) {
                let Ok(entry) = entry else {
                    problems
                        .push((shown(&above, prefix), ObjectError::Broken { id, reason: "broken tree".to_owned() }));
                    break;
                };
                let name = String::from_utf8_lossy(entry.filename);
                if entry.mode.is_tree() {
                    let path = format!("{above}{name}/");
                    if !path.starts_with(prefix) && !prefix.starts_with(&path) {
                        continue;
                    }
                    if depth < MAX_DEPTH {
                        waiting.push((path, entry.oid.to_owned(), depth + 1));
                    } else {
                        problems.push((shown(&path, prefix), ObjectError::TooDeep(entry.oid.to_owned())));
                    }
                } else if entry.mode.is_blob() {
                    let path = format!("{above}{name}");
                    if let Some(path) = path.strip_prefix(prefix) {
                        files.push(TreeFile { path: path.into(), id: entry.oid.to_owned() });
                    }
                }
            }
        }
        files.sort_unstable();
        files
    }
}

/// `path` as it reads from the scan root.
fn shown(path: &str, prefix: &str) -> String {
    match path.strip_prefix(prefix) {
        Some("") | None => ".".to_owned(),
        Some(path) => path.to_owned(),
    }
}
