//! Ids and fingerprints of PGP keys: they name a public key with which signatures are checked. The keys themselves
//! are far longer and never bare hexadecimal digits.

use super::name;
use super::pairs::Pair;
use crate::span::Span;

/// How far back a command is read.
const WINDOW: usize = 512;

/// Words for PGP, its programs and the package managers that check signatures with its keys.
const PGP_WORDS: [&str; 6] = ["gpg", "gnupg", "pgp", "openpgp", "apt", "rpm"];

/// Whether the value of `pair` names one PGP key or several.
pub(super) fn is_key_id(bytes: &[u8], pair: &Pair) -> bool {
    let (Some(name), Some(value)) = (pair.name.slice(bytes), pair.value.slice(bytes)) else { return false };
    are_ids(value) && (is_key_name(name) || is_argument(bytes, pair.name, name))
}

/// Whether `value` is a list of short ids, long ids or fingerprints (of versions 3, 4 and 6 of the key format).
fn are_ids(value: &[u8]) -> bool {
    let mut ids = value.split(|byte| matches!(byte, b' ' | b',')).filter(|id| !id.is_empty()).peekable();
    ids.peek().is_some()
        && ids.all(|id| {
            let id = id.strip_prefix(b"0x").or_else(|| id.strip_prefix(b"0X")).unwrap_or(id);
            // GnuPG takes a mark that asks for this very subkey.
            let id = id.strip_suffix(b"!").unwrap_or(id);
            matches!(id.len(), 8 | 16 | 32 | 40 | 64) && id.iter().all(u8::is_ascii_hexdigit)
        })
}

/// `GPG_KEY`, `NGINX_GPGKEYS`, `pgpSigningKey`. An API key of a service of that name is none.
fn is_key_name(name: &[u8]) -> bool {
    let words = name::words(name);
    let Some((last, before)) = name::telling(&words).split_last() else { return false };
    let Some(stem) = key_stem(last) else { return false };
    if !stem.is_empty() {
        return PGP_WORDS.contains(&stem);
    }
    before.iter().rposition(|word| PGP_WORDS.contains(&word.as_str())).is_some_and(|at| {
        before[at + 1..]
            .iter()
            .all(|word| !name::qualifies_secret_key(word) || matches!(word.as_str(), "sign" | "signing" | "signature"))
    })
}

/// What stands before `key` or `keys` at the end of `word`.
fn key_stem(word: &str) -> Option<&str> {
    let word = word.trim_end_matches(|c: char| c.is_ascii_digit());
    word.strip_suffix("keys").or_else(|| word.strip_suffix("key"))
}

/// Whether the name at `span` is an option that takes a key id: `gpg --recv-keys`, `git config user.signingkey`.
fn is_argument(bytes: &[u8], span: Span, name: &[u8]) -> bool {
    let words = name::words(name);
    if words.last().and_then(|last| key_stem(last)).is_none() {
        return false;
    }
    let command = command_before(bytes, span.start);
    let holds = |text: &[u8]| memchr::memmem::find(command, text).is_some();
    if command.ends_with(b"-") {
        let receives = words.first().is_some_and(|first| matches!(first.as_str(), "recv" | "receive"));
        return receives || holds(b"gpg") || holds(b"pgp") || holds(b"apt-key");
    }
    name.eq_ignore_ascii_case(b"user.signingkey") && holds(b"git ")
}

/// What stands before `at` in its command: back to the line break that no backslash continues.
fn command_before(bytes: &[u8], at: usize) -> &[u8] {
    let text = bytes.get(at.saturating_sub(WINDOW)..at).unwrap_or_default();
    let start = memchr::memrchr_iter(b'\n', text)
        .find(|&end| !text[..end].trim_ascii_end().ends_with(b"\\"))
        .map_or(0, |end| end + 1);
    &text[start..]
}
