//! Finding and opening a repository, and what its revisions mean.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use gix::discover::upwards;
use gix::open::Permissions;
use gix::open::permissions::Environment;
use gix::sec::{Permission, Trust, trust};
use gix::{ObjectId, ThreadSafeRepository};

use super::objects::{MAX_OBJECT, Objects};
use super::packs::Packs;
use crate::input::quoted;

/// Why something of a repository cannot be had. Each message says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// There is no repository.
    #[error("{}: not inside of a git repository; `git init` makes one, and without one leave the option out", .0.display())]
    NoRepository(PathBuf),
    /// There is one, which cannot be read.
    #[error("{}: cannot open the git repository: {reason}", path.display())]
    Open {
        /// What was scanned.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The scan root does not lie in the repository's work tree.
    #[error("{}: lies outside of the work tree {}", path.display(), work_tree.display())]
    OutsideWorkTree {
        /// The scan root.
        path: PathBuf,
        /// The top of the work tree.
        work_tree: PathBuf,
    },
    /// A revision means nothing here.
    #[error("`{revision}` is no revision of this repository: {reason}{mend}")]
    Revision {
        /// As it was given.
        revision: String,
        /// What is wrong.
        reason: String,
        /// What to do, with a separator in front; may be empty.
        mend: String,
    },
    /// Some part of the repository cannot be read.
    #[error("cannot read {what} of the git repository: {reason}")]
    Unreadable {
        /// What.
        what: String,
        /// The cause.
        reason: String,
    },
}

impl GitError {
    pub(super) fn unreadable(what: impl Into<String>, error: &gix::Error) -> Self {
        Self::Unreadable { what: what.into(), reason: cause(error) }
    }
}

/// What `error` is about, on one line and bounded: it may repeat words of the repository.
pub(super) fn cause(error: &gix::Error) -> String {
    quoted(&error.probable_cause().to_string())
}

/// An opened repository, to be shared between threads.
pub struct Repository {
    shared: ThreadSafeRepository,
    /// The way from the top of the work tree to the scan root, with `/` at its end unless it is empty.
    prefix: String,
    packs: OnceLock<Arc<Packs>>,
}

impl Repository {
    /// Finds the repository that `root`, a directory, lies in. Paths are relative to `root`, and what lies outside of it is
    /// not seen. The variables that git sets for hooks, such as `GIT_DIR` and `GIT_INDEX_FILE`, are heeded (githooks(5)).
    ///
    /// # Errors
    ///
    /// There is no repository, or it is broken.
    pub fn discover(root: &Path) -> Result<Self, GitError> {
        // Nothing here runs what a configuration names, so nothing depends on who owns the repository.
        let options = upwards::Options { trust: upwards::TrustPolicy::Assume(Trust::Full), ..Default::default() };
        let open = || {
            let environment =
                Environment { git_prefix: Permission::Allow, objects: Permission::Allow, ..Environment::isolated() };
            let permissions = Permissions { env: environment, ..Permissions::isolated() };
            gix::open::Options::isolated().permissions(permissions).lossy_config(true).config_overrides([
                format!("gitoxide.objects.allocLimit={MAX_OBJECT}"),
                // What another object is shown in place of (git-replace(1)) is in the repository all the same.
                "core.useReplaceRefs=false".to_owned(),
            ])
        };
        let options_by_trust = trust::Mapping { full: open(), reduced: open() };
        // A directory of the work tree can look like a repository without a work tree: it is made of plain files, which
        // whoever writes the tree may commit (git-config(1), `safe.bareRepository`). `.git` is a name that git commits
        // never.
        let has_git = |directory: &&Path| directory.join(".git").symlink_metadata().is_ok();
        let whole = root.canonicalize();
        let start = whole.as_deref().ok().and_then(|root| root.ancestors().find(has_git)).unwrap_or(root);
        let shared = ThreadSafeRepository::discover_with_environment_overrides_opts(start, options, options_by_trust)
            .map_err(|error| {
            if error.is_not_found() {
                GitError::NoRepository(root.to_path_buf())
            } else {
                GitError::Open { path: root.to_path_buf(), reason: cause(&error) }
            }
        })?;
        // In such a repository `HEAD` and `refs/` say nothing: it would look like one without a commit.
        let format = shared.to_thread_local().config_snapshot().string("extensions.refStorage");
        if let Some(format) = format.filter(|format| !format.eq_ignore_ascii_case(b"files")) {
            let reason = format!(
                "its references are stored as `{}`, which Lockgate does not read; `git refs migrate --ref-format=files` \
                 stores them as files",
                quoted(&format.to_string())
            );
            return Err(GitError::Open { path: root.to_path_buf(), reason });
        }
        let prefix = match &shared.work_tree {
            Some(work_tree) => prefix(work_tree, root)?,
            None => String::new(),
        };
        Ok(Self { shared, prefix, packs: OnceLock::new() })
    }

    /// A reader of objects for one thread.
    #[must_use]
    pub fn objects(&self) -> Objects {
        Objects::new(&self.shared)
    }

    /// A reader of many objects for one thread.
    #[must_use]
    pub fn many_objects(&self) -> Objects {
        let open = || {
            let repository = self.local();
            let directory = repository.objects.store_ref().path().join("pack");
            Arc::new(Packs::open(&directory, repository.object_hash()))
        };
        self.objects().over(Arc::clone(self.packs.get_or_init(open)))
    }

    pub(super) fn local(&self) -> gix::Repository {
        self.shared.to_thread_local()
    }

    /// The way from the top of the work tree to the scan root: empty, or with `/` at its end.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Whether there is no work tree.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        self.shared.work_tree.is_none()
    }

    /// Whether the history ends early, because the clone was made with a depth.
    #[must_use]
    pub fn is_shallow(&self) -> bool {
        self.local().is_shallow().unwrap_or(false)
    }

    /// Whether objects may be missing, because the clone was made with a filter (git-clone(1), `--filter`).
    #[must_use]
    pub fn is_partial_clone(&self) -> bool {
        let repository = self.local();
        let config = repository.config_snapshot();
        config.string("extensions.partialClone").is_some()
            || repository
                .remote_names()
                .iter()
                .any(|name| config.boolean(format!("remote.{name}.promisor").as_str()).unwrap_or(false))
    }

    /// The commit that `HEAD` stands for; `None` in a repository without a commit.
    ///
    /// # Errors
    ///
    /// `HEAD` is broken.
    pub fn head(&self) -> Result<Option<ObjectId>, GitError> {
        let repository = self.local();
        let mut head = repository.head().map_err(|error| GitError::unreadable("HEAD", &error))?;
        if head.is_unborn() {
            return Ok(None);
        }
        let id = head.peel_to_object().map_err(|error| GitError::unreadable("HEAD", &error))?.id;
        Ok(Some(id))
    }

    /// The commit that `revision` names (gitrevisions(7)).
    ///
    /// # Errors
    ///
    /// It names none here.
    pub fn commit(&self, revision: &str) -> Result<ObjectId, GitError> {
        let wrong = |reason| GitError::Revision { revision: quoted(revision), reason, mend: String::new() };
        names_no_file(revision)?;
        let repository = self.local();
        let id = repository.rev_parse_single(revision).map_err(|error| wrong(cause(&error)))?;
        let object = id.object().map_err(|error| wrong(cause(&error)))?;
        let commit = object.peel_to_commit().map_err(|error| wrong(cause(&error)))?;
        Ok(commit.id)
    }
}

/// A revision that begins with a colon names a file in the index, unless it looks for a message (gitrevisions(7)). `gix`
/// reads the index without the bounds that it is read with here, and a file is no commit.
pub(super) fn names_no_file(revision: &str) -> Result<(), GitError> {
    let is_file = |part: &str| part.starts_with(':') && !part.starts_with(":/");
    if !revision.split("..").any(|part| is_file(part.trim_start_matches(['.', '^']))) {
        return Ok(());
    }
    let reason = "it names a file in the index, not a commit".to_owned();
    Err(GitError::Revision { revision: quoted(revision), reason, mend: String::new() })
}

/// `root` below `work_tree`, with `/`.
fn prefix(work_tree: &Path, root: &Path) -> Result<String, GitError> {
    let outside = || GitError::OutsideWorkTree { path: root.to_path_buf(), work_tree: work_tree.to_path_buf() };
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let below = real(root).strip_prefix(real(work_tree)).map(Path::to_path_buf).map_err(|_| outside())?;
    let mut prefix = String::new();
    for name in &below {
        prefix.push_str(&name.to_string_lossy());
        prefix.push('/');
    }
    Ok(prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_the_index_is_no_revision() {
        for revision in [":a.py", ":0:a.py", "^:a.py", "HEAD..:a.py", ":a.py...HEAD"] {
            let error = names_no_file(revision).expect_err(revision).to_string();
            assert!(error.contains(&format!("`{revision}`")) && error.contains("a file in the index"), "{error}");
        }
        for revision in ["HEAD:a.py", ":/a message", "main..HEAD", "^main", "HEAD^{/:x}"] {
            assert!(names_no_file(revision).is_ok(), "{revision}");
        }
    }
}
