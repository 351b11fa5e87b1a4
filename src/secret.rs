//! Secret material, and the only ways in which it may leave memory.

use std::fmt;

/// The raw bytes of a suspected secret.
///
/// It has no `Display` and no `Serialize`, and its `Debug` says nothing, so a secret cannot reach a report, a log line or
/// an error message by accident. What may be shown is [`Secret::redacted`].
///
/// ```compile_fail
/// let secret = lockgate::secret::Secret::new("x");
/// println!("{secret}");
/// ```
///
/// ```compile_fail
/// let secret = lockgate::secret::Secret::new("x");
/// serde_json::to_string(&secret).unwrap();
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Secret(Box<[u8]>);

/// How many trailing characters a redacted secret may show.
const SHOWN_TAIL: usize = 4;

impl Secret {
    /// Takes the bytes of a suspected secret.
    #[must_use]
    pub fn new(bytes: impl AsRef<[u8]>) -> Self {
        Self(bytes.as_ref().into())
    }

    /// The raw bytes, for validators and for hashing. Never format what this returns.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// Length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A form that is safe to print: the first `public_prefix` bytes (a fixed prefix such as `ghp_`, which says which
    /// kind of token it is and nothing else), an ellipsis, and up to four last characters, which let its owner recognise
    /// it. Prefix and tail together never exceed a quarter of the secret: first the tail is cut, then the prefix.
    #[must_use]
    pub fn redacted(&self, public_prefix: usize) -> String {
        let budget = self.0.len() / 4;
        let prefix = public_prefix.min(budget);
        // A password is short and guessable from its end: a tail is only shown of long, random material.
        let tail = if self.0.len() < 20 || self.is_block() { 0 } else { SHOWN_TAIL.min(budget - prefix) };
        let printable = |bytes: &[u8]| -> String {
            bytes.iter().map(|&b| if b.is_ascii_graphic() { char::from(b) } else { '.' }).collect()
        };
        format!("{}…{}", printable(&self.0[..prefix]), printable(&self.0[self.0.len() - tail..]))
    }

    /// Whether it is a block of several lines, such as a private key, whose end is the end of its footer.
    fn is_block(&self) -> bool {
        self.0.contains(&b'\n') || self.0.starts_with(b"-----BEGIN")
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redacted_secret_shows_at_most_a_quarter() {
        for length in 0..200 {
            let raw: String = (0..length).map(|i| char::from(b'a' + u8::try_from(i % 26).unwrap())).collect();
            for prefix in [0, 4, 40, 500] {
                let shown = Secret::new(&raw).redacted(prefix);
                assert!(shown.chars().filter(|&c| c != '…').count() <= length / 4, "{length} {prefix}: {shown}");
            }
        }
    }

    #[test]
    fn the_public_prefix_and_a_short_tail_remain() {
        let secret = Secret::new("ghp_0123456789012345678901234567890wxyz");
        assert_eq!(secret.redacted(4), "ghp_…wxyz");
        assert_eq!(Secret::new("hunter2hunter2").redacted(0), "…");
        assert_eq!(format!("{secret:?}"), "Secret(redacted)");
    }
}
