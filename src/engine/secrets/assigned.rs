//! Credentials without a form of their own: a value of the right shape beside its provider's name.
//!
//! `ACME_API_KEY=0f3…`, `acmeToken: "0f3…"`, `acme secret 0f3…`. The shape alone is worth nothing (32 hexadecimal digits are
//! an MD5 sum, a UUID, a cache key), so what stands between name and value decides.

use super::entropy;
use crate::span::Span;

/// How far behind the end of the name a value may begin.
const MAX_GAP: usize = 64;
/// How many bytes behind the name are searched at most.
pub(super) const WINDOW: usize = 1024;

/// From this length on, random text without a digit is rare.
const LONG_VALUE: usize = 16;

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
];

/// Words that, standing last, make a name that of something else: `ACME_API_KEY_ID`, `acme_token_url`.
const OTHER_WORDS: &[&str] =
    &["id", "uuid", "guid", "url", "uri", "name", "host", "email", "user", "username", "version"];

/// Where the name ends that begins at `start`, if `name` stands there: without regard to case, and with any one separator
/// or none for each `_`.
pub(super) fn name_end(text: &[u8], start: usize, name: &str) -> Option<usize> {
    let mut at = start;
    for &letter in name.as_bytes() {
        let byte = *text.get(at).unwrap_or(&b'_');
        if letter != b'_' {
            if byte.to_ascii_lowercase() != letter || at >= text.len() {
                return None;
            }
            at += 1;
        } else if matches!(byte, b'_' | b'-' | b'.' | b' ') {
            at += 1;
        }
    }
    Some(at)
}

/// Whether the literal at `name` stands as a word of a name: not inside a longer word of other letters.
pub(super) fn is_name(text: &[u8], name: Span) -> bool {
    let Some(before) = name.start.checked_sub(1).and_then(|at| text.get(at)) else { return true };
    // `-Dacme.key=…` defines a property.
    if !before.is_ascii_alphabetic() || text[..name.start].ends_with(b"-D") {
        return true;
    }
    // `myAcmeKey`: a capital behind a small letter begins a word.
    before.is_ascii_lowercase() && text[name.start].is_ascii_uppercase()
}

/// The bytes behind a name in which a value may stand: the rest of the line, its break included, which ends a value.
pub(super) fn window(text: &[u8], name: Span) -> Span {
    let end = text.len().min(name.end + WINDOW);
    let line = memchr::memchr(b'\n', &text[name.end..end]).map_or(end, |at| name.end + at + 1);
    Span::new(name.end, line)
}

/// Whether the text between a name and a value says that the value is the name's credential, or, for an `identifier`, that it
/// is anything of the name's.
pub(super) fn connects(name: &[u8], gap: &[u8], identifier: bool) -> bool {
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
    let said = [name, gap].concat();
    let last = last_word(&said);
    if identifier {
        return true;
    }
    let lower = said.to_ascii_lowercase();
    !OTHER_WORDS.iter().any(|word| last.eq_ignore_ascii_case(word.as_bytes()))
        && CREDENTIAL_WORDS.iter().any(|word| memchr::memmem::find(&lower, word.as_bytes()).is_some())
}

/// Whether a long value has what a word or an identifier of code seldom has, and random text nearly always: a digit, or a
/// mix that no words make.
pub(super) fn is_varied(value: &[u8]) -> bool {
    value.len() < LONG_VALUE || value.iter().any(u8::is_ascii_digit) || entropy::looks_random(value)
}

/// The last word of a name such as `ACME_API_KEY_ID`, `acmeKeyId` or `acme key id`.
fn last_word(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(u8::is_ascii_alphanumeric).map_or(0, |at| at + 1);
    let start = (1..end)
        .rev()
        .find(|&at| {
            !text[at - 1].is_ascii_alphanumeric()
                || (text[at - 1].is_ascii_lowercase() && text[at].is_ascii_uppercase())
        })
        .unwrap_or(0);
    &text[start..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_between_name_and_value_decides() {
        for gap in ["_API_KEY=", "Token: \"", " secret ", "_key = '", "\": \"", "(\"", " api key: ", "PRIVATEkey-"] {
            assert!(connects(b"acme", gap.as_bytes(), false), "{gap}");
        }
        assert!(connects(b"acme_secret", b" ", false));
        assert!(connects(b"acme", b"_key_id=", true));
        for gap in [
            "_KEY_ID=",
            "ApiKeyId: \"",
            " token url: ",
            "/commit/",
            "-1.2.tgz#",
            "_version = \"1.0\" rev ",
            " ",
            "-",
            "",
            " uses image ",
            "://x:",
        ] {
            assert!(!connects(b"acme", gap.as_bytes(), false), "{gap}");
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
        assert!(name("-Dacme", 2) && name("acme", 0) && name("MY_ACME", 3) && name("myAcmeKey", 2));
        assert!(!name("pacmeX", 1));
    }
}
