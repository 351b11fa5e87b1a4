//! Recovery phrases of wallets (BIP-39).

use std::collections::HashMap;
use std::sync::OnceLock;

use sha2::{Digest, Sha256};

use super::Opinion;

/// The English list of BIP-39, one word a line.
const WORDS: &str = include_str!("bip39-english.txt");
/// Bits of a word.
const BITS: usize = 11;

/// A phrase of English words ends in a checksum: as many bits of the SHA-256 of its entropy as the phrase has words, divided by
/// three. A phrase of other words may be of another language's list, which nobody can tell from its look.
pub(super) fn bip39(secret: &[u8]) -> Opinion {
    static NUMBERS: OnceLock<HashMap<&'static str, usize>> = OnceLock::new();
    let numbers = NUMBERS.get_or_init(|| WORDS.lines().zip(0..).collect());
    let Ok(phrase) = std::str::from_utf8(secret) else { return Opinion::Rejected };
    let words: Vec<&str> = phrase.split_ascii_whitespace().collect();
    if !matches!(words.len(), 12 | 15 | 18 | 21 | 24) {
        return Opinion::Rejected;
    }
    let Some(numbers) = words.iter().map(|word| numbers.get(word).copied()).collect::<Option<Vec<usize>>>() else {
        return Opinion::Accepted(Vec::new());
    };
    let bits: Vec<bool> =
        numbers.iter().flat_map(|number| (0..BITS).rev().map(move |bit| number >> bit & 1 == 1)).collect();
    let (entropy, checksum) = bits.split_at(bits.len() - words.len() / 3);
    let bytes: Vec<u8> =
        entropy.chunks(8).map(|byte| byte.iter().fold(0, |byte, &bit| byte << 1 | u8::from(bit))).collect();
    let hash = Sha256::digest(&bytes);
    let expected = hash.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1));
    if expected.zip(checksum).all(|(expected, &bit)| expected == bit) {
        Opinion::fact("checksum valid")
    } else {
        Opinion::Rejected
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Test vectors of the reference implementation.
    #[test]
    fn phrases_of_the_specification() {
        for phrase in [
            "legal winner thank year wave sausage worth useful legal winner thank yellow",
            "letter advice cage absurd amount doctor acoustic avoid letter advice cage above",
            "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo when",
            "ozone drill grab fiber curtain grace pudding thank cruise elder eight picnic",
            "hamster diagram private dutch cause delay private meat slide toddler razor book happy fancy gospel tennis maple dilemma loan word shrug inflict delay length",
        ] {
            assert_eq!(bip39(phrase.as_bytes()), Opinion::fact("checksum valid"), "{phrase}");
        }
        let wrong = "legal winner thank year wave sausage worth useful legal winner thank zoo";
        assert_eq!(bip39(wrong.as_bytes()), Opinion::Rejected);
    }

    #[test]
    fn other_languages_are_left_open_and_other_lengths_are_not() {
        let italian =
            "abaco abbaglio abbinato abete abisso abolire abrasivo abrogato accadere accenno accusato acetone";
        assert_eq!(bip39(italian.as_bytes()), Opinion::Accepted(Vec::new()));
        assert_eq!(bip39(b"legal winner thank"), Opinion::Rejected);
    }

    #[test]
    fn the_list_is_whole() {
        assert_eq!(WORDS.lines().count(), 1 << BITS);
    }
}
