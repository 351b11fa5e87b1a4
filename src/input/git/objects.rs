//! Reading objects, within bounds.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use gix::objs::Kind;
use gix::{ObjectId, ThreadSafeRepository};

use super::packs::{Content, PackReader, Packs};
use super::repository::cause;
use super::tree::MAX_DEPTH;
use crate::coverage::Cause;

/// Most bytes of one object that are taken into memory, whatever size it claims.
pub(super) const MAX_OBJECT: usize = 128 << 20;

/// Bytes of the cache of delta bases that each thread has. In the order of paths and time, the base of the next object is
/// among the last few.
const DELTA_CACHE: usize = 24 << 20;

/// Why an object cannot be examined.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ObjectError {
    /// It is not there.
    #[error("the object {0} is not in the repository")]
    Missing(ObjectId),
    /// It is there, and broken, or not what it should be.
    #[error("the object {id} cannot be read: {reason}")]
    Broken {
        /// Its name.
        id: ObjectId,
        /// What is wrong with it.
        reason: String,
    },
    /// A tree that too many others stand around.
    #[error("the tree {0} stands in more than {MAX_DEPTH} directories: what it holds was not examined")]
    TooDeep(ObjectId),
    /// It is larger than the bound.
    #[error("the object {0} is larger than {MAX_OBJECT} bytes")]
    TooLarge(ObjectId),
}

impl ObjectError {
    /// The cause for coverage. In a partial clone objects may be missing (git-clone(1), `--filter`).
    #[must_use]
    pub fn cause(&self, is_partial_clone: bool) -> Cause {
        match self {
            ObjectError::Missing(_) if is_partial_clone => Cause::Missing,
            ObjectError::Missing(_) | ObjectError::Broken { .. } => Cause::Unreadable,
            ObjectError::TooLarge(_) => Cause::TooLarge,
            ObjectError::TooDeep(_) => Cause::Bound,
        }
    }
}

/// Reads objects for one thread.
pub struct Objects {
    repository: gix::Repository,
    /// Where many objects are read.
    packs: Option<RefCell<PackReader>>,
}

impl Objects {
    pub(super) fn new(shared: &ThreadSafeRepository) -> Self {
        let mut repository = shared.to_thread_local();
        repository
            .objects
            .set_pack_cache(|| Box::new(gix::odb::pack::cache::lru::MemoryCappedHashmap::new(DELTA_CACHE)));
        // Looking for new packs after each object that a partial clone lacks would cost more than the scan.
        repository.objects.refresh_never();
        Self { repository, packs: None }
    }

    /// The same reader, which reads `packs` first.
    pub(super) fn over(self, packs: Arc<Packs>) -> Self {
        Self { packs: Some(RefCell::new(PackReader::new(packs))), ..self }
    }

    /// The content of blob `id`, in `buffer`.
    ///
    /// # Errors
    ///
    /// It is missing, broken, no blob, or too large.
    pub fn blob<'b>(&self, id: ObjectId, buffer: &'b mut Vec<u8>) -> Result<&'b [u8], ObjectError> {
        self.read(id, Kind::Blob, buffer)
    }

    /// The content of blob `id`, for readers of many.
    ///
    /// # Errors
    ///
    /// As [`Objects::blob`].
    pub fn shared_blob(&self, id: ObjectId) -> Result<Content, ObjectError> {
        self.shared(id, Kind::Blob)
    }

    /// The content of object `id`, which must be of `kind`, for readers of many.
    pub(super) fn shared(&self, id: ObjectId, kind: Kind) -> Result<Content, ObjectError> {
        let packed = self.packs.as_ref().and_then(|packs| packs.borrow_mut().read(id));
        if let Some((_, content)) = packed.filter(|(found, _)| *found == kind) {
            return Ok(content);
        }
        let mut buffer = Vec::new();
        let len = self.read(id, kind, &mut buffer)?.len();
        // Behind the content may stand what it was made of.
        buffer.truncate(len);
        Ok(Rc::new(buffer))
    }

    /// The content of object `id`, which must be of `kind`.
    pub(super) fn read<'b>(&self, id: ObjectId, kind: Kind, buffer: &'b mut Vec<u8>) -> Result<&'b [u8], ObjectError> {
        use gix::objs::Find as _;
        let broken = |reason: String| ObjectError::Broken { id, reason };
        match self.repository.objects.try_find(&id, buffer) {
            Ok(Some(object)) if object.kind == kind => Ok(object.data),
            Ok(Some(object)) => Err(broken(format!("it is a {}, not a {kind}", object.kind))),
            Ok(None) => Err(ObjectError::Missing(id)),
            Err(error) if error.classify().is_resource_exhausted() => Err(ObjectError::TooLarge(id)),
            Err(error) => Err(broken(cause(&error))),
        }
    }

    /// The commits at which a shallow clone ends, sorted (gitformat-shallow).
    pub(super) fn shallow(&self) -> std::collections::BTreeSet<ObjectId> {
        let commits = self.repository.shallow_commits().ok().flatten();
        commits.iter().flat_map(|commits| commits.iter().copied()).collect()
    }

    pub(super) fn hash_kind(&self) -> gix::hash::Kind {
        self.repository.object_hash()
    }
}
