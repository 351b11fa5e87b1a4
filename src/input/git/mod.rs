//! A git repository as an input: its index, its trees, its history.
//!
//! The one place that knows `gix`. No `git` program is run. A repository is as little to be trusted as the tree beside it:
//! its configuration is read for its format alone, nothing that it names is run, objects are read up to a bound, and one
//! that is missing or broken is an entry of the coverage.

mod authority;
mod base;
pub mod history;
mod hooks;
mod index;
mod objects;
mod packs;
mod repository;
mod snapshot;
mod tree;

pub use authority::Authority;
pub use base::{Base, BaseError};
pub use gix::ObjectId;
pub use hooks::HookDirectory;
pub use index::{Staged, StagedFile};
pub use objects::{ObjectError, Objects};
pub use packs::Content;
pub use repository::{GitError, Repository};
pub use snapshot::{Snapshot, SnapshotError};
pub use tree::TreeFile;
