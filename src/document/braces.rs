//! Pairs of braces in text that is not parsed.

/// Where the brace closes that was opened in front of `text`.
#[must_use]
pub fn closing(text: &[u8]) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, &byte) in text.iter().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 0 => return Some(at),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_brace_closes_behind_the_pairs_in_between() {
        assert_eq!(closing(b"a}b}"), Some(1));
        assert_eq!(closing(b"a{b{}}c}"), Some(7));
        assert_eq!(closing(b"{}"), None);
        assert_eq!(closing(b""), None);
    }
}
