//! Credentials without a form of their own: a value of the right shape beside its provider's name.
//!
//! `ACME_API_KEY=0f3…`, `acmeToken: "0f3…"`, `acme secret 0f3…`. The shape alone is worth nothing (32 hexadecimal digits are
//! an MD5 sum, a UUID, a cache key), so what stands between name and value decides.

use super::entropy;
use super::generic::{reads_as_gibberish, reads_as_words};
use crate::span::Span;

/// How far behind the end of the name a value may begin.
const MAX_GAP: usize = 64;
/// How many bytes behind the name are searched at most.
pub(super) const WINDOW: usize = 1024;

/// From this length on, random text without a digit is rare.
const LONG_VALUE: usize = 16;
/// Shortest and longest credential that is taken without the form that its provider is known for.
const UNFAMILIAR: std::ops::RangeInclusive<usize> = 20..=128;

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
    identifier || says_credential(&said)
}

/// Whether `value` stands right behind the name, in a list of names and values. Only what is no digest, UUID, number or
/// name of anything else is taken for a credential there.
pub(super) fn adjoins(gap: &[u8], value: &[u8]) -> bool {
    matches!(gap, b" " | b"  " | b"\t" | b": ")
        && value.len() >= *UNFAMILIAR.start()
        && !is_digest(value)
        && entropy::looks_random(value)
        && !reads_as_words(value)
}

/// Whether a value consists of hexadecimal digits, in groups or not.
fn is_digest(value: &[u8]) -> bool {
    value.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'-')
}

/// Whether `said`, a name and what follows it, speaks of a credential and not, in the end, of something else.
pub(super) fn says_credential(said: &[u8]) -> bool {
    let last = last_word(said);
    let lower = said.to_ascii_lowercase();
    !OTHER_WORDS.iter().any(|word| last.eq_ignore_ascii_case(word.as_bytes()))
        && CREDENTIAL_WORDS.iter().any(|word| memchr::memmem::find(&lower, word.as_bytes()).is_some())
}

/// Whether a long value has what a word or an identifier of code seldom has, and random text nearly always: a digit, or a
/// mix that no words make.
pub(super) fn is_varied(value: &[u8]) -> bool {
    value.len() < LONG_VALUE
        || value.iter().any(u8::is_ascii_digit)
        || entropy::looks_random(value)
        || (value.iter().any(u8::is_ascii_uppercase)
            && value.iter().any(u8::is_ascii_lowercase)
            && reads_as_gibberish(value))
}

/// The random text that is said to be the credential of the provider at `name`, though it has not the form that the rule
/// knows: providers change their forms, and a name, a credential word and a random value together leave little doubt.
/// Digests and UUIDs, which are random too, are left to the form.
pub(super) fn unfamiliar(text: &[u8], name: Span, window: Span) -> Option<Span> {
    let behind = window.slice(text)?;
    let mut at = 0;
    for run in behind.split(|&byte| !is_token_byte(byte)) {
        let span = Span::new(window.start + at, window.start + at + run.len());
        at += run.len() + 1;
        if span.start > name.end + MAX_GAP {
            return None;
        }
        if run.len() < *UNFAMILIAR.start() {
            continue;
        }
        // The first long run is the value or there is none.
        let gap = text.get(name.end..span.start)?;
        let next = text.get(span.end).copied().unwrap_or(b'\n');
        let ends = next.is_ascii_whitespace() || matches!(next, b'"' | b'\'' | b'`' | b',' | b';' | b'=' | b'&' | b'<');
        let digits = run.iter().filter(|byte| byte.is_ascii_digit()).count();
        let is_credential = ends
            && UNFAMILIAR.contains(&run.len())
            && digits >= 2
            && connects(name.slice(text)?, gap, false)
            // A name that is itself what any credential is called, such as `account_key`, names no provider.
            && says_credential(gap)
            && !reads_as_words(run)
            && !is_digest(run)
            && entropy::looks_random(run);
        return is_credential.then_some(span);
    }
    None
}

/// A character of the tokens that need no quoting anywhere.
fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
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
    fn a_random_value_of_another_form_is_taken_with_a_credential_word_only() {
        let found = |text: &str| -> Option<String> {
            let name = Span::new(0, 4);
            let window = window(text.as_bytes(), name);
            let span = unfamiliar(text.as_bytes(), name, window)?;
            text.get(span.start..span.end).map(str::to_owned)
        };
        let value = "k7Wq2Lx9Rt4Zb8Nf3Vd6Hs1C";
        for text in ["acme SECRET *", "acmeKEY *\n", "ACME_PRIVATE-TOKEN *", "acme_token=\"*\"", "acme api key: *=="] {
            assert_eq!(found(&text.replace('*', value)).as_deref(), Some(value), "{text}");
        }
        for text in
            ["acme *", "acme: *", "acme token url *", "acme/token/*", "acme token *.*", "acme token *(", "acme * token"]
        {
            assert_eq!(found(&text.replace('*', value)), None, "{text}");
        }
        for value in [
            "9c1185a5c5e9fc54612808977ee8f548b2258d31",
            "3b2f8c1a-77d4-4e0b-9a5c-1f6e2d8b4c90",
            "getUserTokenFromTheStore2Again",
            "k7Wq2Lx9Rt4",
        ] {
            assert_eq!(found(&format!("acme token {value}")), None, "{value}");
        }
        assert_eq!(found(&format!("acme token {}", value.repeat(6))), None);
    }

    #[test]
    fn what_adjoins_a_name_is_no_digest() {
        assert!(adjoins(b" ", b"k7Wq2Lx9Rt4Zb8Nf3Vd6Hs1C"));
        assert!(!adjoins(b" uses ", b"k7Wq2Lx9Rt4Zb8Nf3Vd6Hs1C"));
        for value in ["9c1185a5c5e9fc54612808977ee8f548b2258d31", "3b2f8c1a-77d4-4e0b-9a5c-1f6e2d8b4c90", "k7Wq2Lx9Rt4"]
        {
            assert!(!adjoins(b" ", value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn letters_without_a_digit_are_varied_when_they_form_no_words() {
        assert!(is_varied(b"DqvxbWmnyZrtpkfdKczFhcqc"));
        assert!(!is_varied(b"getUserPasswordFromStore"));
        assert!(!is_varied(b"averylongnameofsomething"));
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
