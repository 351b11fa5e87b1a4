//! A secret to find, for tests that need any at all.

/// A made-up GitHub token with a valid checksum; in two pieces, so that no file of the tree holds it.
pub(crate) const LEAK: &str = concat!("ghp", "_8aspm4G7VmSUfOoD6V1vrORcmn0iSH2JWh3d");
