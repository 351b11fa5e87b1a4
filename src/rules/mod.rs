//! Rules as data: the schema, the loader of packs, and the catalogue of all rules of a run.

pub mod catalogue;
pub mod schema;
