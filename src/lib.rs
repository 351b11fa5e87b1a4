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

pub mod config;
pub mod coverage;
pub mod finding;
pub mod fingerprint;
pub mod gate;
pub mod rules;
pub mod scan;
pub mod secret;
pub mod span;
pub mod suppress;
