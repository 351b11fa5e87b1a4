//! The commit that a policy is taken from, because the author of a change has no say there.

use gix::ObjectId;

use super::repository::Repository;
use super::{BaseError, GitError};

/// Hexadecimal digits of an abbreviated id in reports.
const DIGITS: usize = 12;

/// Where a policy comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    /// The commit.
    pub commit: ObjectId,
    /// The best common ancestor of that commit and `HEAD`: what stands there was not added by the change. `None` where
    /// there is none here, as in a shallow clone.
    pub merge_base: Option<ObjectId>,
    /// What `HEAD` stands for.
    pub head: Option<ObjectId>,
    /// For reports: the name that led to it, and its abbreviated id.
    pub name: String,
}

impl Authority {
    /// The first of `candidates` that names a commit here.
    ///
    /// # Errors
    ///
    /// No candidate is there, or the repository is broken.
    pub fn resolve(repository: &Repository, candidates: &[String]) -> Result<Self, BaseError> {
        let found = candidates.iter().find_map(|name| Some((name, repository.commit(name).ok()?)));
        let (name, commit) = found.ok_or(BaseError::Missing)?;
        let head = repository.head()?;
        // A history that ends early is no reason to trust less or more.
        let merge_base = head.and_then(|head| repository.merge_base(commit, head).ok().flatten());
        let short = name.strip_prefix("refs/remotes/").or_else(|| name.strip_prefix("refs/heads/")).unwrap_or(name);
        let id = commit.to_hex_with_len(DIGITS).to_string();
        let name = if commit.to_string().starts_with(short) { id } else { format!("{short} ({id})") };
        Ok(Self { commit, merge_base, head, name })
    }

    /// Whether the policy is that of the change itself, which then has a say in it.
    #[must_use]
    pub fn is_head(&self) -> bool {
        self.head == Some(self.commit)
    }

    /// Whether `commit` is that of the policy or came before it.
    ///
    /// # Errors
    ///
    /// The history cannot be read.
    pub fn includes(&self, repository: &Repository, commit: ObjectId) -> Result<bool, GitError> {
        Ok(repository.merge_base(self.commit, commit)? == Some(commit))
    }
}
