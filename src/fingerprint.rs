//! The identity of a finding, `lockgate/v1`: stable across moves, reformatting, commits and input modes.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::secret::Secret;

/// Name of the scheme, the key in SARIF's `partialFingerprints`.
pub const SCHEME: &str = "lockgate/v1";

/// Identity of a finding: 128 bits, written as 32 lower-case hexadecimal digits.
///
/// It is a BLAKE3 hash (keyed by the scheme's context string) over the rule id, the path and either the secret or the
/// resource address with the attribute path, and an ordinal that tells repeated occurrences in one file apart. No line
/// number and no commit goes in. The secret itself cannot be read back, but whoever holds the fingerprint can test
/// guesses against it: a password that a dictionary holds is as good as published wherever it is used.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 16]);

/// What goes into a fingerprint.
#[derive(Clone, Copy, Debug)]
pub struct Identity<'a> {
    /// Rule id.
    pub rule: &'a str,
    /// Path relative to the scan root, with `/`.
    pub path: &'a str,
    /// What was found there.
    pub subject: Subject<'a>,
    /// Counts equal findings in one file, from 0 in order of appearance.
    pub ordinal: u32,
}

/// The thing that a finding is about.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'a> {
    /// A secret; only its hash is used.
    Secret(&'a Secret),
    /// An attribute of a resource.
    Attribute {
        /// The resource's address.
        resource: &'a str,
        /// Path of the attribute inside the resource.
        attribute: &'a str,
    },
}

impl Fingerprint {
    /// Computes the fingerprint of `identity`.
    #[must_use]
    pub fn of(identity: &Identity<'_>) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("lockgate/v1 finding fingerprint");
        // Every part is preceded by its length, so that no two identities share one byte string.
        let mut part = |bytes: &[u8]| {
            hasher.update(&(bytes.len() as u64).to_le_bytes());
            hasher.update(bytes);
        };
        part(identity.rule.as_bytes());
        part(identity.path.as_bytes());
        match identity.subject {
            Subject::Secret(secret) => {
                part(b"secret");
                part(&without_carriage_returns(secret.expose()));
            }
            Subject::Attribute { resource, attribute } => {
                part(b"attribute");
                part(resource.as_bytes());
                part(attribute.as_bytes());
            }
        }
        part(&identity.ordinal.to_le_bytes());
        let mut out = [0; 16];
        hasher.finalize_xof().fill(&mut out);
        Self(out)
    }
}

/// A secret of several lines is the same whichever way its lines end: git may store them with LF and check them out with
/// CRLF (gitattributes(5), `text`).
fn without_carriage_returns(secret: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memmem::find(secret, b"\r\n").is_none() {
        return Cow::Borrowed(secret);
    }
    let keeps = |&(at, &byte): &(usize, &u8)| byte != b'\r' || secret.get(at + 1) != Some(&b'\n');
    secret.iter().enumerate().filter(keeps).map(|(_, &byte)| byte).collect()
}

/// Identity of a secret's value, wherever it stands: 128 bits, written as 32 lower-case hexadecimal digits.
///
/// A BLAKE3 hash like [`Fingerprint`], keyed by a context string of its own, over the secret alone. What is said there of
/// guesses holds here too.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ValueHash([u8; 16]);

impl ValueHash {
    /// The hash of `secret`.
    #[must_use]
    pub fn of(secret: &Secret) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("lockgate/v1 secret value");
        hasher.update(&without_carriage_returns(secret.expose()));
        let mut out = [0; 16];
        hasher.finalize_xof().fill(&mut out);
        Self(out)
    }
}

impl fmt::Display for ValueHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Fingerprint(self.0).fmt(f)
    }
}

impl fmt::Debug for ValueHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ValueHash({self})")
    }
}

impl FromStr for ValueHash {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let read: Result<Fingerprint, String> = text.parse();
        read.map(|hash| Self(hash.0))
            .map_err(|_| "not a hash of a value: 32 hexadecimal digits are expected".to_owned())
    }
}

impl Serialize for ValueHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ValueHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl FromStr for Fingerprint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok();
        bytes
            .and_then(|bytes| bytes.try_into().ok())
            .map(Self)
            .ok_or_else(|| "not a fingerprint: 32 hexadecimal digits are expected".to_owned())
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity<'a>(rule: &'a str, path: &'a str, secret: &'a Secret, ordinal: u32) -> Identity<'a> {
        Identity { rule, path, subject: Subject::Secret(secret), ordinal }
    }

    #[test]
    fn every_part_counts_and_parts_do_not_run_together() {
        let (a, b) = (Secret::new("a"), Secret::new("b"));
        let base = Fingerprint::of(&identity("r", "p", &a, 0));
        assert_eq!(base, Fingerprint::of(&identity("r", "p", &a, 0)));
        assert_ne!(base, Fingerprint::of(&identity("r", "p", &b, 0)));
        assert_ne!(base, Fingerprint::of(&identity("rp", "", &a, 0)));
        assert_ne!(base, Fingerprint::of(&identity("r", "p", &a, 1)));
    }

    #[test]
    fn line_ends_do_not_count() {
        let of = |text: &str| Fingerprint::of(&identity("r", "p", &Secret::new(text), 0));
        assert_eq!(of("BEGIN\nabc\nEND"), of("BEGIN\r\nabc\r\nEND"));
        assert_ne!(of("BEGIN\nabc\nEND"), of("BEGIN\rabc\nEND"));
    }

    #[test]
    fn a_value_has_one_hash_wherever_it_stands() {
        let of = |text: &str| ValueHash::of(&Secret::new(text));
        assert_eq!(of("BEGIN\nEND"), of("BEGIN\r\nEND"));
        assert_ne!(of("a"), of("b"));
        assert_ne!(of("s").to_string(), Fingerprint::of(&identity("r", "p", &Secret::new("s"), 0)).to_string());
        assert_eq!(of("s").to_string().parse(), Ok(of("s")));
        assert!("xyz".parse::<ValueHash>().is_err());
    }

    #[test]
    fn text_form_round_trips() {
        let one = Fingerprint::of(&identity("r", "p", &Secret::new("s"), 0));
        assert_eq!(one.to_string().parse(), Ok(one));
        assert!("xyz".parse::<Fingerprint>().is_err());
    }
}
