//! Credentials without a form of their own: a value of the right shape beside its provider's name.
//!
//! `ACME_API_KEY=0f3…`, `acmeToken: "0f3…"`, `acme secret 0f3…`. The shape alone is worth nothing (32 hexadecimal digits are
//! an MD5 sum, a UUID, a cache key), so what stands between name and value decides.

use crate::span::Span;

/// How far behind the end of the name a value may begin.
const MAX_GAP: usize = 64;
/// How many bytes behind the name are searched at most.
pub(super) const WINDOW: usize = 1024;

/// Words of which one stands between a name and its credential.
const CREDENTIAL_WORDS: &[&str] = &[
    "key",
    "token",
    "secret",
    "pass",
    "pwd",
    "auth",
    "access",
    "private",
    "credential",
    "bearer",
    "api",
    "pat",
    "sid",
    "client",
    "licen",
    "webhook",
    "signature",
    "session",
    "id",
];

/// Where the name ends that begins at `start`, if `name` stands there: without regard to case, and with any one separator
/// or none for each `_`.
pub(super) fn name_end(text: &[u8], start: usize, name: &str) -> Option<usize> {
    let mut at = start;
    for (index, part) in name.split('_').enumerate() {
        if index > 0 && text.get(at).is_some_and(|b| matches!(b, b'_' | b'-' | b'.' | b' ')) {
            at += 1;
        }
        let end = at + part.len();
        if !text.get(at..end)?.eq_ignore_ascii_case(part.as_bytes()) {
            return None;
        }
        at = end;
    }
    Some(at)
}

/// Whether the literal at `name` stands as a word of a name: not inside a longer word of other letters.
pub(super) fn is_name(text: &[u8], name: Span) -> bool {
    let Some(before) = name.start.checked_sub(1).and_then(|at| text.get(at)) else { return true };
    if !before.is_ascii_alphabetic() {
        return true;
    }
    // `myAcmeKey`: a capital behind a small letter begins a word.
    before.is_ascii_lowercase() && text[name.start].is_ascii_uppercase()
}

/// The bytes behind a name in which a value may stand: the rest of the line.
pub(super) fn window(text: &[u8], name: Span) -> Span {
    let end = text.len().min(name.end + WINDOW);
    let line = memchr::memchr(b'\n', &text[name.end..end]).map_or(end, |at| name.end + at);
    Span::new(name.end, line)
}

/// Whether the text between a name and a value says that the value is the name's credential.
pub(super) fn connects(name: &[u8], gap: &[u8]) -> bool {
    if gap.len() > MAX_GAP {
        return false;
    }
    // Paths, fragments and addresses put names and hashes side by side without meaning anything by it.
    if gap.iter().any(|b| matches!(b, b'/' | b'#' | b'@' | b'\\' | b'?' | b'{' | b'$' | b'<' | b'%' | b';')) {
        return false;
    }
    let Some(last) = gap.last() else { return false };
    if last.is_ascii_alphanumeric() || *last == b'.' || *last == b'_' {
        return false;
    }
    let assigns = gap.iter().any(|b| matches!(b, b'=' | b':' | b'(' | b',' | b'"' | b'\''));
    let words = gap.iter().any(u8::is_ascii_alphanumeric);
    if assigns && !words {
        return true;
    }
    let said = [name, gap].concat().to_ascii_lowercase();
    CREDENTIAL_WORDS.iter().any(|word| memchr::memmem::find(&said, word.as_bytes()).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_between_name_and_value_decides() {
        for gap in ["_API_KEY=", "Token: \"", " secret ", "_key = '", "\": \"", "(\"", " api key: ", "PRIVATEkey-"] {
            assert!(connects(b"acme", gap.as_bytes()), "{gap}");
        }
        assert!(connects(b"acme_secret", b" "));
        for gap in ["/commit/", "-1.2.tgz#", "_version = \"1.0\" rev ", " ", "-", "", " uses image ", "://x:"] {
            assert!(!connects(b"acme", gap.as_bytes()), "{gap}");
        }
    }

    #[test]
    fn separators_of_a_name_are_free() {
        for text in ["datagov", "DATA_GOV", "data.gov=", "Data-Gov", "data gov"] {
            assert_eq!(name_end(text.as_bytes(), 0, "data_gov"), Some(text.trim_end_matches('=').len()), "{text}");
        }
        assert_eq!(name_end(b"data__gov", 0, "data_gov"), None);
        assert_eq!(name_end(b"data", 0, "data_gov"), None);
    }

    #[test]
    fn a_name_is_a_word_or_a_part_of_one() {
        let name = |text: &str, at: usize| is_name(text.as_bytes(), Span::new(at, at + 4));
        assert!(name("acme", 0) && name("MY_ACME", 3) && name("myAcmeKey", 2));
        assert!(!name("pacmeX", 1));
    }
}
