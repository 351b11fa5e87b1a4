//! Names that differ from those of the most used crates by what a typing mistake does.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

/// The most used crates, one a line. Lines with `#` are comments.
const POPULAR: &str = include_str!("popular.txt");
/// Crates of good standing whose names look like one of those.
const GENUINE: &str = include_str!("genuine.txt");
/// Shortest name that is looked at for a letter too many, too few or wrong: shorter ones are all alike.
const MIN_EDITED: usize = 5;
/// Shortest name that is looked at for two letters in the wrong order.
const MIN_SWAPPED: usize = 4;
/// Longest name that a registry takes.
const MAX_NAME: usize = 64;

struct Index {
    known: HashSet<&'static str>,
    /// Popular names by their length.
    by_length: HashMap<usize, Vec<&'static str>>,
}

fn lines(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn index() -> &'static Index {
    static INDEX: OnceLock<Index> = OnceLock::new();
    INDEX.get_or_init(|| {
        let mut by_length: HashMap<usize, Vec<&'static str>> = HashMap::new();
        for name in lines(POPULAR) {
            by_length.entry(name.len()).or_default().push(name);
        }
        Index { known: lines(POPULAR).chain(lines(GENUINE)).collect(), by_length }
    })
}

/// The popular crate that `name` looks like and is not: one letter is more, less or another, two letters stand in the wrong
/// order, or `-` and `_` are exchanged.
pub(super) fn similar_to(name: &str) -> Option<&'static str> {
    let index = index();
    if !(MIN_SWAPPED..=MAX_NAME).contains(&name.len()) || !name.is_ascii() || index.known.contains(name) {
        return None;
    }
    let lengths = [name.len(), name.len() - 1, name.len() + 1];
    let candidates = lengths.iter().filter_map(|length| index.by_length.get(length)).flatten();
    candidates.copied().find(|popular| is_similar(name.as_bytes(), popular.as_bytes()))
}

/// Whether one edit makes `popular` of `name`.
fn is_similar(name: &[u8], popular: &[u8]) -> bool {
    let (long, short) = if name.len() >= popular.len() { (name, popular) } else { (popular, name) };
    let same = long.iter().zip(short).take_while(|(a, b)| a == b).count();
    let (Some(long), Some(short)) = (long.get(same..), short.get(same..)) else { return false };
    let is_edited = popular.len() >= MIN_EDITED;
    if long.len() != short.len() {
        return is_edited && long.get(1..) == Some(short);
    }
    let is_swapped = matches!((long, short), ([a, b, rest @ ..], [c, d, end @ ..]) if a == d && b == c && rest == end);
    let is_replaced = is_edited && long.get(1..) == short.get(1..);
    let plain = |byte: &u8| if *byte == b'_' { b'-' } else { *byte };
    is_swapped || is_replaced || long.iter().map(plain).eq(short.iter().map(plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_of_the_fingers_is_similar() {
        for (name, popular) in [
            ("serd", "serde"),
            ("sedre", "serde"),
            ("serde-json", "serde_json"),
            ("lazystatic", "lazy_static"),
            ("oncecell", "once_cell"),
            ("envlogger", "env_logger"),
            ("rustdecimal", "rust_decimal"),
            ("reqwst", "reqwest"),
            ("tokioo", "tokio"),
            ("tkoio", "tokio"),
            ("rnad", "rand"),
        ] {
            assert_eq!(similar_to(name), Some(popular), "{name}");
        }
    }

    #[test]
    fn genuine_names_are_not() {
        for name in ["serde", "rand", "ran", "tokio", "tonic", "clap_lex", "gix", "sha3", "bytes", "http", "x", "ünï"]
        {
            assert_eq!(similar_to(name), None, "{name}");
        }
        assert_eq!(similar_to(&"a".repeat(1_000)), None);
    }

    #[test]
    fn the_lists_hold_names_of_crates() {
        let is_name = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        let popular: Vec<&str> = lines(POPULAR).collect();
        assert!(popular.len() > 300);
        assert!(popular.iter().copied().chain(lines(GENUINE)).all(is_name));
        let genuine: HashSet<&str> = lines(GENUINE).collect();
        assert!(popular.iter().all(|name| !genuine.contains(name)));
    }
}
