//! Values that standards, vendors and local emulators publish for everybody to use: no secrets, however random they look.
//!
//! The list holds digests, so that it is none of what it lists: of each value the first 16 hexadecimal digits of its BLAKE3
//! hash, and behind a blank where it is published.

use std::collections::HashSet;
use std::sync::OnceLock;

const LIST: &str = include_str!("published.txt");

/// Shortest and longest value of the list, in bytes.
const LENGTHS: std::ops::RangeInclusive<usize> = 10..=256;

/// Whether `value` is one of the published ones.
pub(super) fn is_published(value: &[u8]) -> bool {
    static DIGESTS: OnceLock<HashSet<&'static str>> = OnceLock::new();
    let digests = DIGESTS.get_or_init(|| LIST.lines().filter_map(|line| line.split(' ').next()).collect());
    LENGTHS.contains(&value.len()) && digests.contains(&blake3::hash(value).to_hex().as_str()[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_values_are_known_and_others_are_not() {
        let emulator = ["Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6", "tq/K1SZFPTOtr/KBHBeksoGMGw=="];
        assert!(is_published(emulator.concat().as_bytes()));
        assert!(is_published(b"JBSWY3DPEHPK3PXP"));
        assert!(!is_published(b"JBSWY3DPEHPK3PXQ"));
        assert!(!is_published(b""));
    }

    #[test]
    fn every_line_is_a_digest_and_its_source() {
        for line in LIST.lines() {
            let (digest, source) = line.split_once(' ').unwrap();
            assert!(digest.len() == 16 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()), "{line}");
            assert!(!source.is_empty(), "{line}");
        }
    }
}
