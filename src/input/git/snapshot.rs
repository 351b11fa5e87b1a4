//! The files of one commit, read by their paths: what a policy is taken from.
//!
//! Symbolic links are followed inside of the commit, as its own content; nothing of the file system is read.

use std::collections::VecDeque;
use std::path::{Component, Path, PathBuf};

use gix::ObjectId;
use gix::objs::{Kind, TreeRefIter};

use super::objects::{ObjectError, Objects};
use super::repository::Repository;
use super::{GitError, TreeFile};

/// Most links on the way to one file, as operating systems have it.
const MAX_LINKS: usize = 40;
/// Longest target of a link, in bytes; the bound of operating systems on paths.
const MAX_TARGET: usize = 4096;
/// Most names on the way to one file, links included.
const MAX_STEPS: usize = 4096;

/// Why a path of a commit cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// An object is missing or broken.
    #[error(transparent)]
    Object(#[from] ObjectError),
    /// A link that leads out of the repository.
    #[error("is a symbolic link that leads out of the repository")]
    LinkOutside,
    /// Links that close on themselves, or too many of them.
    #[error("is a symbolic link that leads nowhere")]
    LinkLoop,
    /// A submodule, or a directory where a file is wanted.
    #[error("is not a regular file")]
    NotRegular,
    /// More bytes than asked for.
    #[error("is larger than {0} bytes")]
    TooLarge(usize),
}

/// One commit of a repository.
pub struct Snapshot {
    objects: Objects,
    tree: ObjectId,
    /// The way from the top of the work tree to the scan root.
    prefix: String,
}

/// What a path of a tree is.
enum Found {
    File(ObjectId),
    /// With the names that lead to it, links resolved.
    Directory(ObjectId, Vec<String>),
    Nothing,
}

impl Repository {
    /// The files of `commit`.
    ///
    /// # Errors
    ///
    /// The commit cannot be read.
    pub fn snapshot(&self, commit: ObjectId) -> Result<Snapshot, GitError> {
        let objects = self.objects();
        let tree = objects.tree_of(commit)?;
        Ok(Snapshot { objects, tree, prefix: self.prefix().to_owned() })
    }

    /// The top of the work tree, without links; `None` for a bare repository.
    #[must_use]
    pub fn work_tree(&self) -> Option<PathBuf> {
        let top = self.local().workdir()?.to_path_buf();
        Some(top.canonicalize().unwrap_or(top))
    }

    /// `path` as the way from the top of the work tree, when it names something in there. Links below the top are not
    /// resolved: they belong to the scanned tree.
    #[must_use]
    pub fn path_below(&self, path: &Path) -> Option<String> {
        let top = self.work_tree()?;
        let here = Path::new(".").canonicalize().ok()?;
        let mut whole = PathBuf::new();
        for part in here.join(path).components() {
            match part {
                Component::ParentDir => drop(whole.pop()),
                Component::CurDir => {}
                part => whole.push(part),
            }
        }
        // The way to the top may have links; the first place that is the top counts.
        let mut above: Vec<&Path> = whole.ancestors().collect();
        above.reverse();
        let found = above.into_iter().find(|above| above.canonicalize().is_ok_and(|real| real == top))?;
        let names = whole.strip_prefix(found).ok()?.components();
        Some(names.map(|name| name.as_os_str().to_string_lossy().into_owned()).collect::<Vec<_>>().join("/"))
    }
}

impl Snapshot {
    /// The way from the top of the work tree to the scan root: empty, or with `/` at its end.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The content of the file at `path`, which is relative to the top of the work tree; `None` when there is none.
    ///
    /// # Errors
    ///
    /// It is no file, has more than `max` bytes, is a link out of the repository, or cannot be read.
    pub fn read(&self, path: &str, max: usize) -> Result<Option<Vec<u8>>, SnapshotError> {
        match self.find(path)? {
            Found::Nothing => Ok(None),
            Found::Directory(..) => Err(SnapshotError::NotRegular),
            Found::File(id) => self.blob(id, max).map(Some),
        }
    }

    /// Where the symbolic link at `path` leads, as it says itself; `None` when no link is there.
    #[must_use]
    pub fn link(&self, path: &str) -> Option<String> {
        let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
        let Ok(Found::Directory(id, _)) = self.find(above) else { return None };
        let (_, id) = self.entry(id, name.as_bytes()).ok()?.filter(|(mode, _)| mode.is_link())?;
        String::from_utf8(self.blob(id, MAX_TARGET).ok()?).ok()
    }

    /// The paths of all files at or below `path`, sorted, links resolved on the way to it but not below it; `None` when
    /// nothing is there.
    ///
    /// # Errors
    ///
    /// A tree that cannot be read, a link out of the repository.
    pub fn below(&self, path: &str) -> Result<Option<Vec<String>>, SnapshotError> {
        let (id, names) = match self.find(path)? {
            Found::Nothing => return Ok(None),
            Found::File(_) => return Ok(Some(vec![path.to_owned()])),
            Found::Directory(id, names) => (id, names),
        };
        let mut problems = Vec::new();
        let files = self.objects.files(id, "", &mut problems);
        if let Some((_, error)) = problems.pop() {
            return Err(error.into());
        }
        let mut above = names.join("/");
        if !above.is_empty() {
            above.push('/');
        }
        Ok(Some(files.iter().map(|file| format!("{above}{}", file.path)).collect()))
    }

    /// Every regular file of the commit, with paths from the top of the work tree.
    ///
    /// # Errors
    ///
    /// A tree that cannot be read.
    pub fn files(&self) -> Result<Vec<TreeFile>, ObjectError> {
        let mut problems = Vec::new();
        let files = self.objects.files(self.tree, "", &mut problems);
        problems.pop().map_or(Ok(files), |(_, error)| Err(error))
    }

    /// The content of the blob `id`, of at most `max` bytes.
    ///
    /// # Errors
    ///
    /// It has more, or cannot be read.
    pub fn blob(&self, id: ObjectId, max: usize) -> Result<Vec<u8>, SnapshotError> {
        let mut buffer = Vec::new();
        let bytes = self.objects.blob(id, &mut buffer)?;
        if bytes.len() > max { Err(SnapshotError::TooLarge(max)) } else { Ok(bytes.to_vec()) }
    }

    /// Walks the names of `path` from the top, through links.
    fn find(&self, path: &str) -> Result<Found, SnapshotError> {
        let mut ahead: VecDeque<String> = path.split('/').map(str::to_owned).collect();
        // The directories on the way, the top first, with their names.
        let mut way = vec![(String::new(), self.tree)];
        let (mut links, mut steps) = (0, 0);
        while let Some(name) = ahead.pop_front() {
            steps += 1;
            if steps > MAX_STEPS {
                return Err(SnapshotError::LinkLoop);
            }
            match name.as_str() {
                "" | "." => continue,
                ".." if way.len() > 1 => {
                    way.pop();
                    continue;
                }
                ".." => return Err(SnapshotError::LinkOutside),
                _ => {}
            }
            let Some(&(_, directory)) = way.last() else { return Ok(Found::Nothing) };
            let Some((mode, id)) = self.entry(directory, name.as_bytes())? else { return Ok(Found::Nothing) };
            if mode.is_tree() {
                way.push((name, id));
            } else if mode.is_link() {
                links += 1;
                if links > MAX_LINKS {
                    return Err(SnapshotError::LinkLoop);
                }
                let target = self.blob(id, MAX_TARGET).map_err(|_| SnapshotError::LinkLoop)?;
                let target = String::from_utf8(target).map_err(|_| SnapshotError::LinkOutside)?;
                if target.starts_with('/') || target.contains(['\\', ':', '\0']) {
                    return Err(SnapshotError::LinkOutside);
                }
                for part in target.rsplit('/') {
                    ahead.push_front(part.to_owned());
                }
            } else if !mode.is_blob() {
                return Err(SnapshotError::NotRegular);
            } else {
                let is_last = ahead.iter().all(|rest| rest.is_empty() || rest == ".");
                return Ok(if is_last { Found::File(id) } else { Found::Nothing });
            }
        }
        let names = way.iter().skip(1).map(|(name, _)| name.clone()).collect();
        Ok(way.last().map_or(Found::Nothing, |&(_, id)| Found::Directory(id, names)))
    }

    /// The entry `name` of tree `id`.
    fn entry(
        &self,
        id: ObjectId,
        name: &[u8],
    ) -> Result<Option<(gix::objs::tree::EntryMode, ObjectId)>, SnapshotError> {
        let entries = self.objects.shared(id, Kind::Tree)?;
        for entry in TreeRefIter::from_bytes(&entries, self.objects.hash_kind()) {
            let entry = entry.map_err(|_| ObjectError::Broken { id, reason: "broken tree".to_owned() })?;
            if entry.filename == name {
                return Ok(Some((entry.mode, entry.oid.to_owned())));
            }
        }
        Ok(None)
    }
}
