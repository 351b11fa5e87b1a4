//! The secrets engine.

pub mod entropy;
pub mod generic;
pub mod placeholder;
