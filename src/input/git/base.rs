//! The commit that a change is compared with.

use gix::ObjectId;

use super::repository::Repository;
use super::{GitError, ObjectError};

/// Hexadecimal digits of an abbreviated id in reports.
const DIGITS: usize = 12;

/// What a change is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    /// The commit; `None` for an empty tree, in comparison with which everything is new.
    pub commit: Option<ObjectId>,
    /// For reports: abbreviated id and the name that led to it.
    pub name: String,
}

/// Why there is nothing to compare with.
#[derive(Debug, thiserror::Error)]
pub enum BaseError {
    /// None of the revisions that the base may be is there.
    #[error("no such revision")]
    Missing,
    /// The two commits have no ancestor in common here.
    #[error("no common ancestor")]
    Unrelated,
    /// The repository cannot be read, or has no commit.
    #[error(transparent)]
    Git(#[from] GitError),
}

impl Base {
    /// The merge base of `HEAD` and the first of `candidates` that names a commit here. With `is_last_resort`, a base that
    /// is `HEAD` itself or what came after it is no base: everything is new.
    ///
    /// # Errors
    ///
    /// No candidate is there, there is no merge base, or the repository is broken.
    pub fn resolve(repository: &Repository, candidates: &[String], is_last_resort: bool) -> Result<Self, BaseError> {
        let found = candidates.iter().find_map(|name| Some((name, repository.commit(name).ok()?)));
        let (name, tip) = found.ok_or(BaseError::Missing)?;
        let head = repository.head()?.ok_or_else(|| GitError::Unreadable {
            what: "HEAD".to_owned(),
            reason: "it has no commit yet".to_owned(),
        })?;
        let merge_base = repository.merge_base(tip, head)?.ok_or(BaseError::Unrelated)?;
        if is_last_resort && merge_base == head {
            return Ok(Self::nothing(&format!("{} is no earlier than HEAD", short_name(name))));
        }
        let id = merge_base.to_hex_with_len(DIGITS).to_string();
        let name = short_name(name);
        let name = if merge_base.to_string().starts_with(name) { id } else { format!("{id} ({name})") };
        Ok(Self { commit: Some(merge_base), name })
    }

    /// An empty tree, because of `reason`.
    #[must_use]
    pub fn nothing(reason: &str) -> Self {
        Self { commit: None, name: format!("an empty tree ({reason})") }
    }
}

impl Repository {
    /// The best common ancestor of two commits (git-merge-base(1)).
    pub(super) fn merge_base(&self, one: ObjectId, two: ObjectId) -> Result<Option<ObjectId>, GitError> {
        if one == two {
            return Ok(Some(one));
        }
        let repository = self.local();
        let bases = repository.merge_bases_many(one, &[two]);
        let bases = bases.map_err(|error| GitError::unreadable("the history", &error))?;
        Ok(bases.first().map(|id| id.detach()))
    }

    /// The names of the remotes.
    #[must_use]
    pub fn remotes(&self) -> Vec<String> {
        self.local().remote_names().iter().map(ToString::to_string).collect()
    }
}

/// A name of a revision as a person would write it.
fn short_name(name: &str) -> &str {
    name.strip_prefix("refs/remotes/").or_else(|| name.strip_prefix("refs/heads/")).unwrap_or(name)
}

impl From<ObjectError> for GitError {
    fn from(error: ObjectError) -> Self {
        Self::Unreadable { what: "an object".to_owned(), reason: error.to_string() }
    }
}
