//! Rules as data: the schema, the loader of packs, and the catalogue of all rules of a run.

pub mod builtin;
pub mod catalogue;
pub mod condition;
pub mod error;
pub mod fix;
pub mod gitleaks;
pub mod load;
pub mod names;
pub mod packed;
pub mod packs;
pub mod path;
pub mod pattern;
pub mod schema;
pub mod stored;
