//! The secrets engine.

pub mod entropy;
pub mod placeholder;
