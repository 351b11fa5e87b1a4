//! Values that stand where a secret would stand: templates, masks, sample words, counting sequences.
//!
//! Two degrees of zeal. [`overwhelming`] is for tokens that a provider's pattern matched: a real random token may hold
//! `test` by chance, so only what chance cannot produce counts. [`reason`] is for values that were found by their name
//! alone, where a sample word in a short value is reason enough. It knows nothing of file types or names.

use super::entropy;

/// Words that no random token of usual length holds by chance (five letters or more).
const UNMISTAKABLE: &[&str] = &[
    "changeme",
    "change_me",
    "change-me",
    "dontuse",
    "dummy",
    "example",
    "fake_",
    "foobar",
    "insert",
    "invalid",
    "notreal",
    "notareal",
    "not_real",
    "not-real",
    "placeholder",
    "redacted",
    "replace",
    "sample",
    "secret_here",
    "your-",
    "your_",
    "yourapi",
    "yourkey",
    "yoursecret",
    "yourtoken",
    "xxxxx",
    "*****",
];

/// Words that make a short value a placeholder.
const SAMPLE: &[&str] = &[
    "change",
    "changeit",
    "replaceme",
    "default",
    "demo",
    "dummy",
    "empty",
    "ejemplo",
    "exampl",
    "fake",
    "foo",
    "fixme",
    "hidden",
    "invalid",
    "mock",
    "mydb",
    "null",
    "nope",
    "todo",
    "tbd",
    "omitted",
    "obfuscated",
    "masked",
    "removed",
    "redact",
    "sample",
    "sanitized",
    "scrubbed",
    "snip",
    "stub",
    "test",
    "tester",
    "testing",
    "undefined",
    "unused",
    "whatever",
];

/// Whole values that say "nothing here" or hold a placeholder by convention.
const WHOLE: &[&str] = &[
    "",
    "-",
    "--",
    "abc",
    "xyz",
    "xyzzy",
    "hackme",
    "letmein",
    "blabla",
    "blah",
    "bar",
    "baz",
    "changeit",
    "qux",
    "quux",
    "dummy",
    "empty",
    "enabled",
    "disabled",
    "env",
    "false",
    "file",
    "foo",
    "foobar",
    "hidden",
    "n/a",
    "na",
    "nil",
    "no",
    "none",
    "not set",
    "not-set",
    "not_set",
    "null",
    "nullptr",
    "off",
    "on",
    "optional",
    "required",
    "string",
    "tbd",
    "todo",
    "true",
    "undefined",
    "unknown",
    "unset",
    "void",
    "yes",
];

/// Ways to count that people type instead of a secret.
const SEQUENCES: &[&[u8]] = &[
    b"0123456789012345678901234567890123456789",
    b"9876543210987654321098765432109876543210",
    b"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
    b"zyxwvutsrqponmlkjihgfedcba",
    b"qwertyuiopasdfghjklzxcvbnm",
    b"0123456789abcdef0123456789abcdef0123456789abcdef",
    b"fedcba9876543210fedcba9876543210",
];

/// Length from which a sequence is not made by chance: in 40 random characters of base 36, once in some 10 million values.
const CHANCELESS: usize = 7;
/// Characters beside a sequence from which on a value may be a secret all the same: as many as 128 bits have in hexadecimal.
const SECRET_ENOUGH: usize = 32;

/// Why `value` is certainly no secret, or `None`. For tokens that a provider's pattern matched.
#[must_use]
pub fn overwhelming(value: &[u8]) -> Option<&'static str> {
    let lower = value.to_ascii_lowercase();
    if let Some(syntax) = template(value) {
        return Some(syntax);
    }
    if lower.ends_with(b"example") || lower.ends_with(b"examplekey") {
        return Some("ends in EXAMPLE");
    }
    if longest_run(value) >= 8.max(value.len().min(48) / 3) {
        return Some("one character repeated");
    }
    // The last group of a UUID may count by chance: the others are no prefix.
    let digits: Vec<u8> = lower.iter().copied().filter(|&byte| byte != b'-').collect();
    let counted = if entropy::is_uuid(value) { &digits } else { body(&lower) };
    if covered_by_sequences(counted, 6) * 5 >= counted.len() * 4 {
        return Some("counts up or down");
    }
    if is_periodic(body(value)) {
        return Some("repeats a pattern");
    }
    if value.len() >= 16 && entropy::distinct(body(value)) <= 4 {
        return Some("few different characters");
    }
    if UNMISTAKABLE.iter().any(|word| holds(&lower, word.as_bytes())) {
        return Some("holds a placeholder word");
    }
    None
}

/// Why `value` is a placeholder rather than a secret, or `None`. For values that were found by their name alone.
#[must_use]
pub fn reason(value: &[u8]) -> Option<&'static str> {
    let value = value.trim_ascii();
    let lower = value.to_ascii_lowercase();
    if WHOLE.iter().any(|word| lower == word.as_bytes()) {
        return Some("says that there is no value");
    }
    if let Some(why) = overwhelming(value) {
        return Some(why);
    }
    if is_interleaved(&lower) || holds_sequence(&lower) {
        return Some("counts up or down");
    }
    if entropy::distinct(value) <= 2 || longest_run(value) * 2 > value.len().max(4) {
        return Some("one character repeated");
    }
    if value.iter().filter(|&&byte| matches!(byte, b'*' | b'.')).count() * 2 >= value.len()
        || (value.len() >= 3 && value.ends_with(b"..."))
        || value.ends_with("…".as_bytes())
    {
        return Some("masked");
    }
    if value.len() >= 4 && covered_by_sequences(&lower, 3) * 4 >= value.len() * 3 {
        return Some("counts up or down");
    }
    if lower.ends_with(b"here") || holds(&lower, b"[...]") || holds(&lower, b"<...>") {
        return Some("holds a placeholder word");
    }
    if lower.starts_with(b"your")
        || lower.starts_with(b"my_")
        || lower.starts_with(b"my-")
        || lower.starts_with(b"the-")
    {
        return Some("addresses the reader");
    }
    if holds(&lower, b"xxx") || holds(&lower, b"yyyy") || holds(&lower, b"zzzz") {
        return Some("masked");
    }
    // A sample word counts only where little else is left: 8 characters beside the word may well be a secret.
    let sampled = SAMPLE.iter().any(|word| holds(&lower, word.as_bytes()) && value.len() <= word.len() + 8);
    if sampled && !entropy::looks_random(value) {
        return Some("holds a sample word");
    }
    None
}

/// The template or variable syntax that `value` is written in, if any.
#[must_use]
pub fn template(value: &[u8]) -> Option<&'static str> {
    if value.starts_with(b"${")
        || starts_with_ignoring_case(value, b"$env:")
        || value.starts_with(b"{{")
        || value.starts_with(b"#{")
        || value.starts_with(b"$(")
    {
        return Some("variable");
    }
    let wrapped = |open: &[u8], close: &[u8]| {
        value.len() > open.len() + close.len() && value.starts_with(open) && value.ends_with(close)
    };
    let pair = |open: &[u8], close: &[u8]| {
        find(value, open).is_some_and(|at| find(&value[at + open.len()..], close).is_some())
    };
    if pair(b"${", b"}") || pair(b"$(", b")") || pair(b"#{", b"}") || pair(b"$[", b"]") {
        return Some("variable");
    }
    if pair(b"{{", b"}}") || pair(b"<%", b"%>") || pair(b"{%", b"%}") || pair(b"[[", b"]]") {
        return Some("template");
    }
    if wrapped(b"<", b">") || wrapped(b"[", b"]") || wrapped(b"{", b"}") || pair(b"&lt;", b"&gt;") || angled(value) {
        return Some("placeholder in brackets");
    }
    let name = |inner: &[u8]| {
        !inner.is_empty() && inner.iter().all(|&b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b':'))
    };
    let middle = |edge: usize| value.get(edge..value.len().saturating_sub(edge)).unwrap_or_default();
    if (wrapped(b"%", b"%") || wrapped(b"@", b"@")) && name(middle(1))
        || ((wrapped(b"__", b"__") || wrapped(b"@@", b"@@")) && name(middle(2)))
    {
        return Some("variable");
    }
    let sigil = value
        .strip_prefix(b"$")
        .or_else(|| value.strip_prefix(b"@").filter(|rest| !rest.iter().any(u8::is_ascii_lowercase)));
    if sigil.is_some_and(|rest| name(rest) && rest.first().is_some_and(|&b| b.is_ascii_alphabetic() || b == b'_'))
        && !digits_inside(value)
    {
        return Some("variable");
    }
    None
}

fn starts_with_ignoring_case(value: &[u8], prefix: &[u8]) -> bool {
    value.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// Whether a named part in angle brackets stands inside: `Bearer <token>`, `<user>:<password>`.
fn angled(value: &[u8]) -> bool {
    let Some(open) = memchr::memchr(b'<', value) else { return false };
    let Some(length) = memchr::memchr(b'>', &value[open..]) else { return false };
    let inner = &value[open + 1..open + length];
    inner.len() >= 3 && inner.iter().all(|&b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-' | b' ' | b'.'))
}

/// Whether a digit stands between letters: `$uper5ecret` is a password, `$DB_PASSWORD2` is a variable.
fn digits_inside(value: &[u8]) -> bool {
    value.windows(2).any(|pair| pair[0].is_ascii_digit() && pair[1].is_ascii_alphabetic())
}

/// Whether a long value holds a sequence that chance does not make, and not enough beside it for a secret.
fn holds_sequence(lower: &[u8]) -> bool {
    let covered = covered_by_sequences(lower, CHANCELESS);
    lower.len() >= 16 && covered > 0 && lower.len() - covered < SECRET_ENOUGH
}

/// The part behind the last separator, where a token has a fixed prefix: `xxxx…` of `ghp_xxxx…`.
fn body(value: &[u8]) -> &[u8] {
    let at = value.iter().rposition(|&byte| matches!(byte, b'_' | b'-' | b'.')).map_or(0, |at| at + 1);
    if value.len() - at >= 12 { &value[at..] } else { value }
}

/// Whether `value` repeats a part of up to eight bytes at least three times, and nothing else.
fn is_periodic(value: &[u8]) -> bool {
    (1..=8).any(|period| {
        value.len() >= 3 * period
            && value.len() >= 12
            && value[period..].iter().zip(value).all(|(left, right)| left == right)
    })
}

/// Whether letters and digits count each for themselves: `a1b2c3d4e5f6`, `Aa1Bb2Cc3`.
fn is_interleaved(lower: &[u8]) -> bool {
    if lower.len() < 8 || !lower.iter().any(u8::is_ascii_digit) || !lower.iter().any(u8::is_ascii_lowercase) {
        return false;
    }
    let counts = |class: fn(&u8) -> bool| {
        let mut part: Vec<u8> = lower.iter().copied().filter(class).collect();
        part.dedup();
        part.len() >= 4 && covered_by_sequences(&part, 4) * 5 >= part.len() * 4
    };
    counts(u8::is_ascii_alphabetic) && counts(u8::is_ascii_digit)
}

/// Length of the longest run of one byte.
fn longest_run(value: &[u8]) -> usize {
    value.chunk_by(|left, right| left == right).map(<[u8]>::len).max().unwrap_or(0)
}

/// How many bytes of `lower` lie in stretches of `least` or more characters that count or walk along the keyboard.
fn covered_by_sequences(lower: &[u8], least: usize) -> usize {
    let mut covered = 0;
    let mut at = 0;
    while at < lower.len() {
        // Nearly every place is passed over here: two steps in a row are rare in anything that does not count.
        if !(is_step(lower, at) && is_step(lower, at + 1)) {
            at += 1;
            continue;
        }
        let longest = SEQUENCES.iter().map(|sequence| common_stretch(&lower[at..], sequence)).max().unwrap_or(0);
        if longest >= least {
            covered += longest;
            at += longest;
        } else {
            at += 1;
        }
    }
    covered
}

/// Which byte follows which in one of [`SEQUENCES`]: by number of the first, a bit for the number of the second.
static STEPS: [u64; 36] = steps();

const fn steps() -> [u64; 36] {
    let mut table = [0; 36];
    let mut sequence = 0;
    while sequence < SEQUENCES.len() {
        let mut at = 1;
        while at < SEQUENCES[sequence].len() {
            table[number(SEQUENCES[sequence][at - 1])] |= 1 << number(SEQUENCES[sequence][at]);
            at += 1;
        }
        sequence += 1;
    }
    table
}

/// Digits and small letters, numbered.
const fn number(byte: u8) -> usize {
    if byte.is_ascii_digit() { (byte - b'0') as usize } else { (byte - b'a') as usize + 10 }
}

/// Whether the bytes at `at` and behind it follow one another in some sequence.
fn is_step(lower: &[u8], at: usize) -> bool {
    let Some([first, second]) = lower.get(at..at + 2) else { return false };
    let counts = |byte: &u8| byte.is_ascii_digit() || byte.is_ascii_lowercase();
    counts(first) && counts(second) && STEPS[number(*first)] >> number(*second) & 1 == 1
}

/// Length of the longest prefix of `text` that stands anywhere in `sequence`.
fn common_stretch(text: &[u8], sequence: &[u8]) -> usize {
    let Some(&first) = text.first() else { return 0 };
    memchr::memchr_iter(first, sequence)
        .map(|at| sequence[at..].iter().zip(text).take_while(|(left, right)| left == right).count())
        .max()
        .unwrap_or(0)
}

fn holds(text: &[u8], word: &[u8]) -> bool {
    find(text, word).is_some()
}

/// Offset of the first `word` in `text`. Values are short: a search without preparation is the fastest.
pub(super) fn find(text: &[u8], word: &[u8]) -> Option<usize> {
    let first = *word.first()?;
    memchr::memchr_iter(first, text).find(|&at| text[at..].starts_with(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn provider_tokens_fall_only_to_overwhelming_evidence() {
        for placeholder in [
            "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "AKIAIOSFODNN7EXAMPLE",
            "AKIAXXXXXXXXXXXXXXXX",
            "sk_live_1234567890abcdefghijklmn",
            "00000000000000000000000000000000",
            "0123456789abcdef0123456789abcdef",
            "xoxb-your-token-goes-here",
            "${TOKEN}",
            "<api-key>",
            "abababababababababab",
        ] {
            assert!(overwhelming(placeholder.as_bytes()).is_some(), "{placeholder}");
        }
        for token in [
            "q8TestV2nBx71LmZpR4sWdKy0HcGf5JuAoEi3Nt9",
            concat!("sk_te", "st_4eC39HqLyjWDarjtT1zdp7dc"),
            "c1d2fakeb39a4471e0f8d6c5b7a29384e1f0d2c3",
            "9c1185a5c5e9fc54612808977ee8f548b2258d31",
            "Zm9vOmJhcmJheg4tPqLxVn",
        ] {
            assert_eq!(overwhelming(token.as_bytes()), None, "{token}");
        }
    }

    #[test]
    fn templates_and_variables_are_placeholders() {
        for value in [
            "${DB_PASSWORD}",
            "$DB_PASSWORD",
            "$(cat /run/secret)",
            "%PASSWORD%",
            "{{ .Values.password }}",
            "{password}",
            "<your password>",
            "[password]",
            "#{pass}",
            "@DB_PASS@",
            "__PASSWORD__",
            "<%= ENV['X'] %>",
            "${{ secrets.X }}",
            "Bearer <token>",
            "@@TOKEN@@",
            "prefix-${X}-suffix",
        ] {
            assert!(reason(value.as_bytes()).is_some(), "{value}");
            assert!(template(value.as_bytes()).is_some(), "{value}");
        }
        for value in ["$2b$10$abc", "pa$$w0rd!", "a{b", "50%", "me@host", "x<y", "$up3rm4n"] {
            assert_eq!(template(value.as_bytes()), None, "{value}");
        }
    }

    #[test]
    fn sample_words_masks_and_sequences_are_placeholders() {
        for value in [
            "changeme",
            "CHANGE_ME",
            "your-api-key",
            "YOUR_SECRET",
            "placeholder",
            "dummy",
            "foobar",
            "todo",
            "xxxx",
            "********",
            "........",
            "redacted",
            "none",
            "null",
            "true",
            "undefined",
            "insert-key-here",
            "test",
            "test123",
            "my_key",
            "abcdef",
            "123456",
            "12345678",
            "qwerty",
            "aaaa",
            "1111111",
            "abcd1234",
            "abc123def456ghi789jkl012",
            "sk-xxxxxxxx",
            "yyyyyyyy",
            "abc...",
            "",
        ] {
            assert!(reason(value.as_bytes()).is_some(), "{value}");
        }
        for value in
            ["hunter2x", "S3cr3t!pw", "tr0ub4dor&3", "k9tNyEr0cej&atEhL", "oxumwm", "q8TestV2nBx71LmZpR4sWdKy0HcGf5J"]
        {
            assert_eq!(reason(value.as_bytes()), None, "{value}");
        }
    }

    #[test]
    fn a_sequence_counts_unless_a_secret_stands_beside_it() {
        assert!(reason(b"zyabcdefg12346+FJQCK").is_some());
        assert!(reason(b"q8VnBx71LmZpR4sWdabcdefghijkl").is_some());
        assert_eq!(reason(b"q8VnBx71LmZpR4sWdKy0HcGf5JuAoEi3Nt9Wq2Labcdefghijkl"), None);
    }

    #[test]
    fn one_group_of_a_uuid_may_count() {
        assert_eq!(overwhelming(b"987e6543-a210-47d6-a456-654321098765"), None);
        assert!(overwhelming(b"01234567-89ab-cdef-0123-456789abcdef").is_some());
    }

    #[test]
    fn hostile_bytes_are_taken() {
        for value in [&b"\xff\xfe"[..], b"<", b">", b"${", b"%", b"@", b"__", b"____", b"$", b"{}"] {
            let _ = reason(value);
            let _ = overwhelming(value);
        }
        assert!(reason(&vec![b'a'; 1 << 16]).is_some());
    }
}
