//! Lockgate: a security and policy gate for CI pipelines.
//!
//! Data moves one way:
//!
//! ```text
//! input ──► engine ──► suppress ──► gate ──► report
//! bytes     findings   baseline,    verdict  SARIF, text,
//! + origin     ▲       comments              JSON, GitHub
//!            rules (packs: data, compiled, indexed)
//! ```

pub mod cli;
pub mod config;
pub mod coverage;
pub mod document;
pub mod engine;
pub mod finding;
pub mod fingerprint;
pub mod fixture;
pub mod gate;
pub mod rating;
pub mod report;
pub mod input;
pub mod rules;
pub mod scan;
pub mod secret;
pub mod span;
pub mod suppress;
