//! Text under an encoding: base64 (standard, URL-safe, with or without padding, also of UTF-16), hexadecimal digits, percent
//! escapes, and the escapes of strings in programs, shells and JSON.
//!
//! What decodes to text is put together into one text, which the engine reads like any other; every byte of it knows where in
//! the outer text it comes from. One pass in blocks finds the places, and the first bytes tell
//! nearly every word, digest and image from encoded text, so that a file without any costs next to nothing. What is broken
//! into lines is put together again (`wrapped`).

use std::borrow::Cow;

use super::{announced, wrapped};
use crate::engine::secrets::entropy;
use crate::span::Span;

/// Shortest run of base64 or hexadecimal digits that is looked at wherever it stands: shorter ones hold hardly a secret that is
/// told by its form.
pub(super) const SHORTEST: usize = 2 * BLOCK;
/// Bytes that are looked at together.
const BLOCK: usize = 16;
/// How many characters are decoded to see whether the rest may be text.
const PROBE: usize = 8;
/// Fewest escapes for printable characters in a run.
const ESCAPES: usize = 3;
/// How far a run of escapes is followed to either side.
const AROUND: usize = 2048;
/// What stands between two decoded pieces: no value and no companion reaches over it.
const BETWEEN: &str = "\n\n\n\n";

/// How a run of digits encodes text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Hexadecimal,
    Base64,
    /// Base64 of UTF-16.
    Wide,
}

/// The decoded pieces of a text.
#[derive(Debug, Default)]
pub(super) struct Decoded {
    /// All of them, one after the other.
    pub(super) text: String,
    pieces: Vec<Piece>,
    /// Up to here lines of the outer text were put together and gave no text: each is read alone, and none twice as part of
    /// a longer run.
    apart_to: usize,
}

/// One run that was decoded.
#[derive(Debug)]
struct Piece {
    /// Where it stands in the decoded text.
    inner: Span,
    outer: Outer,
    steps: Steps,
    encoding: &'static str,
}

/// Where a piece comes from.
#[derive(Debug)]
struct Outer {
    first: Span,
    /// The lines behind the first one; all but the last are as long.
    more: Vec<Span>,
}

impl Outer {
    /// The characters of all lines.
    fn characters<'a>(&self, text: &'a [u8]) -> Option<Cow<'a, [u8]>> {
        let first = self.first.slice(text)?;
        if self.more.is_empty() {
            return Some(Cow::Borrowed(first));
        }
        let mut all = first.to_vec();
        for line in &self.more {
            all.extend_from_slice(line.slice(text)?);
        }
        Some(Cow::Owned(all))
    }

    /// The place of the characters from `start` to `end`, which is more than `start`.
    fn place(&self, start: usize, end: usize) -> Span {
        let of = |at: usize| {
            let line = at / self.first.len().max(1);
            match line.checked_sub(1).filter(|_| !self.more.is_empty()) {
                None => self.first.start + at,
                Some(more) => match self.more.get(more) {
                    Some(span) => span.start + at % self.first.len().max(1),
                    None => self.end(),
                },
            }
        };
        Span::new(of(start), self.end().min(of(end - 1) + 1))
    }

    fn end(&self) -> usize {
        self.more.last().unwrap_or(&self.first).end
    }
}

/// Which bytes of a run stand for which decoded ones.
#[derive(Debug)]
enum Steps {
    /// `characters` for each group of `bytes`.
    Groups { characters: usize, bytes: usize },
    /// By decoded byte: where its escape begins.
    Offsets(Vec<usize>),
}

impl Decoded {
    /// Decodes what is encoded in `text`. Words at `announced` say of their lines that something is.
    pub(super) fn of(text: &[u8], announced: &[usize]) -> Self {
        let mut decoded = Self::default();
        runs(text, |run| decoded.digits(text, run).unwrap_or(run.end));
        announced::runs(text, announced, |run| {
            decoded.digits(text, run);
        });
        escapes(text, |run| decoded.escaped(text, run));
        decoded
    }

    /// Whether nothing was encoded.
    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// The bytes of the outer text that stand for `span` of the decoded one, and how they are encoded. `None` where it lies in
    /// no single piece.
    pub(super) fn origin(&self, span: Span) -> Option<(Span, &'static str)> {
        let next = self.pieces.partition_point(|piece| piece.inner.start <= span.start);
        let Piece { inner, outer, steps, encoding } = self.pieces.get(next.checked_sub(1)?)?;
        if span.end > inner.end || span.is_empty() {
            return None;
        }
        let (start, end) = (span.start - inner.start, span.end - inner.start);
        let (start, end) = match steps {
            Steps::Groups { characters, bytes } => (start / bytes * characters, end.div_ceil(*bytes) * characters),
            Steps::Offsets(offsets) => (*offsets.get(start)?, offsets.get(end).copied().unwrap_or(outer.first.len())),
        };
        Some((outer.place(start, end), encoding))
    }

    fn push(&mut self, text: &str, outer: Outer, steps: Steps, encoding: &'static str) {
        let start = self.text.len();
        self.text.push_str(text);
        self.pieces.push(Piece { inner: Span::new(start, self.text.len()), outer, steps, encoding });
        self.text.push_str(BETWEEN);
    }

    /// A run of the alphabet of base64, with the lines that belong to it. The end of what was decoded.
    fn digits(&mut self, text: &[u8], run: Span) -> Option<usize> {
        let characters = run.slice(text)?;
        let skipped = if characters.starts_with(b"0x") { 2 } else { 0 };
        let digits = &characters[skipped..];
        let encoding = if digits.iter().take(PROBE).all(u8::is_ascii_hexdigit) && entropy::is_hex(digits) {
            hex(&digits[..PROBE]).filter(|bytes| is_text(bytes))?;
            Encoding::Hexadecimal
        } else {
            match opening(characters)? {
                [first, 0, second, 0, third, 0] if is_text(&[first, second, third]) => Encoding::Wide,
                probe if is_text(&probe) => Encoding::Base64,
                _ => return None,
            }
        };
        let first = if encoding == Encoding::Hexadecimal { Span::new(run.start + skipped, run.end) } else { run };
        let mut more = if run.start < self.apart_to { Vec::new() } else { wrapped::lines_behind(text, first) };
        let joined_to = more.last().map_or(0, |line| line.end);
        // The line behind the last one may be a word of its own, and the lines may be values each for itself.
        for lines in [more.len(), more.len().saturating_sub(1), 0] {
            if lines > more.len() {
                break;
            }
            more.truncate(lines);
            let outer = Outer { first, more };
            match self.decode(text, outer, encoding) {
                Ok(end) => return Some(end),
                Err(outer) => more = outer.more,
            }
            self.apart_to = self.apart_to.max(joined_to);
            if more.is_empty() {
                break;
            }
        }
        None
    }

    /// Adds what `outer` encodes, if it is text: its end, or `outer` given back.
    fn decode(&mut self, text: &[u8], outer: Outer, encoding: Encoding) -> Result<usize, Outer> {
        let Some(characters) = outer.characters(text) else { return Err(outer) };
        let bytes = if encoding == Encoding::Hexadecimal { hex(&characters) } else { base64(&characters) };
        let Some(mut bytes) = bytes else { return Err(outer) };
        if encoding == Encoding::Wide {
            let length = bytes.len();
            bytes = bytes.chunks_exact(2).filter(|pair| pair[1] == 0).map(|pair| pair[0]).collect();
            if bytes.len() != length / 2 {
                return Err(outer);
            }
        }
        let Some(text) = as_text(&bytes) else { return Err(outer) };
        let end = outer.end();
        let (characters, bytes, name) = match encoding {
            Encoding::Hexadecimal => (2, 1, "hexadecimal digits"),
            Encoding::Base64 => (4, 3, "base64"),
            // Eight characters stand for six bytes, which are three letters.
            Encoding::Wide => (8, 3, "base64 of UTF-16"),
        };
        self.push(text, outer, Steps::Groups { characters, bytes }, name);
        Ok(end)
    }

    /// A run of text with escapes in it.
    fn escaped(&mut self, text: &[u8], run: Span) {
        let Some(characters) = run.slice(text) else { return };
        let mut bytes = Vec::with_capacity(characters.len());
        let mut offsets = Vec::with_capacity(characters.len());
        let mut printable = 0;
        let mut encoding = "escapes";
        let mut at = 0;
        while at < characters.len() {
            let (byte, length) = match escape(&characters[at..]) {
                Some((byte, length)) => {
                    printable += usize::from(byte.is_ascii_graphic());
                    if characters[at] == b'%' {
                        encoding = "percent escapes";
                    }
                    (byte, length)
                }
                None => (characters[at], 1),
            };
            bytes.push(byte);
            offsets.push(at);
            at += length;
        }
        if printable >= ESCAPES
            && let Some(text) = as_text(&bytes)
        {
            self.push(text, Outer { first: run, more: Vec::new() }, Steps::Offsets(offsets), encoding);
        }
    }
}

/// Calls `found` with each run of [`SHORTEST`] or more characters of base64, by ascending offset; it tells up to where it has
/// read. Such a run fills at least one block, wherever it begins.
fn runs(text: &[u8], mut found: impl FnMut(Span) -> usize) {
    let mut passed = 0;
    for (number, block) in text.as_chunks::<BLOCK>().0.iter().enumerate() {
        let at = number * BLOCK;
        // Nearly every block ends here, without a jump for each byte.
        if at < passed || !block.iter().fold(true, |all, &byte| all & is_digit(byte)) {
            continue;
        }
        let before = text[passed..at].iter().rev().take_while(|&&byte| is_digit(byte)).count();
        let behind = text[at..].iter().take_while(|&&byte| is_digit(byte)).count();
        let run = Span::new(at - before, at + behind);
        passed = if run.len() >= SHORTEST { found(run) } else { run.end };
    }
}

/// Whether `byte` is a character of base64, of either alphabet. `/` stands right before the digits.
#[expect(clippy::needless_bitwise_bool, reason = "without jumps, a block is compared in a few instructions")]
pub(super) fn is_digit(byte: u8) -> bool {
    ((byte | 0x20).wrapping_sub(b'a') < 26)
        | (byte.wrapping_sub(b'/') < 11)
        | (byte == b'+')
        | (byte == b'-')
        | (byte == b'_')
}

/// Calls `found` with each run of characters without blanks and quotes that holds an escape.
fn escapes(text: &[u8], mut found: impl FnMut(Span)) {
    let mut passed = 0;
    for at in memchr::memchr2_iter(b'%', b'\\', text) {
        if at < passed || escape(&text[at..]).is_none() {
            continue;
        }
        let belongs = |byte: &&u8| !byte.is_ascii_whitespace() && !matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>');
        let before = text[passed.max(at.saturating_sub(AROUND))..at].iter().rev().take_while(belongs).count();
        let behind = text[at..].iter().take(AROUND).take_while(belongs).count();
        passed = at + behind;
        found(Span::new(at - before, passed));
    }
}

/// The ASCII character that the escape at the beginning of `text` stands for, and its length: `%3A`, `\x3a`, `\u003a`, `\072`.
fn escape(text: &[u8]) -> Option<(u8, usize)> {
    let number = |digits: &[u8], radix| {
        let digits = std::str::from_utf8(digits).ok().filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
        u8::from_str_radix(digits, radix).ok().filter(u8::is_ascii)
    };
    match text {
        [b'%', digits @ ..] => Some((number(digits.get(..2)?, 16)?, 3)),
        [b'\\', b'x', digits @ ..] => Some((number(digits.get(..2)?, 16)?, 4)),
        [b'\\', b'u' | b'U', digits @ ..] => {
            // JSON and JavaScript write four digits, Python and C also eight behind `\U`.
            let digits = digits.strip_prefix(b"0000".as_slice()).map_or((digits, 2), |rest| (rest, 6));
            match digits {
                ([b'0', b'0', rest @ ..], length) => Some((number(rest.get(..2)?, 16)?, length + 4)),
                (rest, 6) if text[1] == b'u' => Some((number(rest.get(..0)?, 16)?, 6)),
                _ => None,
            }
        }
        [b'\\', digits @ ..] => Some((number(digits.get(..3)?, 8)?, 4)),
        _ => None,
    }
}

/// The bytes that `characters` encode in base64 of either alphabet, padding left off.
pub(super) fn base64(characters: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(characters.len() / 4 * 3 + 2);
    for group in characters.chunks(4) {
        let mut number = 0_u32;
        for &character in group {
            number = number << 6 | u32::from(Some(VALUES[usize::from(character)]).filter(|&value| value != NONE)?);
        }
        let [_, first, second, third] = match group.len() {
            4 => number,
            3 => number << 6,
            2 => number << 12,
            _ => return None,
        }
        .to_be_bytes();
        bytes.extend(&[first, second, third][..group.len() - 1]);
    }
    Some(bytes)
}

/// What stands in [`VALUES`] for a byte that is no character of base64.
const NONE: u8 = u8::MAX;

/// The value of each character of base64, of either alphabet.
static VALUES: [u8; 256] = values();

const fn values() -> [u8; 256] {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut table = [NONE; 256];
    let mut value = 0;
    while value < 62 {
        table[alphabet[value as usize] as usize] = value;
        value += 1;
    }
    table[b'+' as usize] = 62;
    table[b'-' as usize] = 62;
    table[b'/' as usize] = 63;
    table[b'_' as usize] = 63;
    table
}

/// The first six bytes that the run encodes in base64.
fn opening(characters: &[u8]) -> Option<[u8; 6]> {
    let characters = characters.get(..PROBE)?;
    let number = characters.iter().fold(0_u64, |number, &byte| number << 6 | u64::from(VALUES[usize::from(byte)] & 63));
    let [_, _, bytes @ ..] = number.to_be_bytes();
    Some(bytes)
}

/// The bytes that `digits` encode in hexadecimal.
fn hex(digits: &[u8]) -> Option<Vec<u8>> {
    data_encoding::HEXLOWER_PERMISSIVE.decode(digits).ok()
}

/// Whether `bytes` are ASCII text.
fn is_text(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r'))
}

/// `bytes` as text without control characters.
fn as_text(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    let is_control = |byte: u8| byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r');
    (!text.bytes().any(is_control)).then_some(text)
}

#[cfg(test)]
mod tests {
    use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, HEXLOWER, HEXUPPER};

    use super::*;

    // lockgate: ignore[url-password] made up
    const PLAIN: &str = "postgres://app:vhtqz7xk@db.example.net/shop?a>b";

    /// What is decoded from `text`, with the outer text of `part` in each.
    fn decoded(text: &str, part: &str) -> Vec<(String, String, &'static str)> {
        let decoded = Decoded::of(text.as_bytes(), &[]);
        let piece = |piece: &Piece| {
            let inner = &decoded.text[piece.inner.start..piece.inner.end];
            let at = piece.inner.start + inner.find(part).unwrap();
            let (outer, encoding) = decoded.origin(Span::new(at, at + part.len())).unwrap();
            (inner.to_owned(), text[outer.start..outer.end].to_owned(), encoding)
        };
        decoded.pieces.iter().map(piece).collect()
    }

    #[test]
    fn every_encoding_is_decoded_and_knows_its_place() {
        let wide: Vec<u8> = PLAIN.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let percent: String =
            PLAIN.chars().map(|c| if ":/@?>".contains(c) { format!("%{:02X}", c as u8) } else { c.into() }).collect();
        let escaped = |escape: fn(u8) -> String| PLAIN.bytes().map(escape).collect::<Vec<_>>().concat();
        let unicode = escaped(|byte| format!("\\u{byte:04x}"));
        let shell = escaped(|byte| format!("\\x{byte:02x}"));
        let octal = escaped(|byte| format!("\\{byte:03o}"));
        for (text, encoding) in [
            (BASE64.encode(PLAIN.as_bytes()), "base64"),
            (BASE64_NOPAD.encode(PLAIN.as_bytes()), "base64"),
            (BASE64URL.encode(PLAIN.as_bytes()), "base64"),
            (BASE64.encode(&wide), "base64 of UTF-16"),
            (HEXLOWER.encode(PLAIN.as_bytes()), "hexadecimal digits"),
            (format!("0x{}", HEXUPPER.encode(PLAIN.as_bytes())), "hexadecimal digits"),
            (percent, "percent escapes"),
            (unicode, "escapes"),
            (shell, "escapes"),
            (octal, "escapes"),
        ] {
            let text = format!("value: \"{text}\" # end");
            let found = decoded(&text, "vhtqz7xk");
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!((found[0].0.as_str(), found[0].2), (PLAIN, encoding), "{text}");
            assert!(found[0].1.len() >= 8 && found[0].1.len() < text.len() - 20, "{text}: {}", found[0].1);
        }
        assert_eq!(decoded(&format!("x {} y", BASE64.encode(b"abcdefghijklmnopqrstuvwx")), "def")[0].1, "ZGVm");
    }

    #[test]
    fn lines_are_put_together_and_keep_their_places() {
        let plain = format!("user: bob\nurl: {PLAIN}\n# the end of a text of some lines\n");
        let digits = BASE64.encode(plain.as_bytes());
        for (width, joint) in [(76, "\r\n"), (64, "\n    "), (60, "\" +\n  \""), (33, "\\n")] {
            let lines: Vec<&str> = digits.as_bytes().chunks(width).map(|line| str::from_utf8(line).unwrap()).collect();
            let text = format!("x = \"{}\";\nend\n", lines.join(joint));
            let found = decoded(&text, "vhtqz7xk");
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(found[0].0, plain);
            // The first and the last characters of the place stand for the first and the last ones of the secret.
            let place = found[0].1.replace(joint, "");
            assert_eq!(place, digits[plain.find("vhtq").unwrap() / 3 * 4..][..place.len()], "{text}");
            assert!(place.len() <= 16, "{place}");
        }
        // A word behind the last line is none of it, and lines of their own are read as such.
        let own = BASE64_NOPAD.encode("abcdefghijklmnopqrstuvwxyz 12345".as_bytes());
        assert_eq!(decoded(&format!("{digits}\nend\n"), "vhtqz7xk").len(), 1);
        assert_eq!(decoded(&format!("{own}\n{own}\n"), "def").len(), 2);
    }

    #[test]
    fn many_lines_that_give_no_text_are_read_once_together() {
        // Each line begins like text, and a byte that is none stands at the end of each: no length of time is enough to put
        // the rest together for every one of them.
        let line = BASE64.encode(&[b"k".repeat(44), vec![0]].concat()) + "\n";
        let text = line.repeat(200_000);
        assert!(Decoded::of(text.as_bytes(), &[]).is_empty());
        let plain = BASE64.encode(&b"k".repeat(45)) + "\n";
        assert_eq!(Decoded::of((line + &plain).as_bytes(), &[]).pieces.len(), 1);
    }

    #[test]
    fn words_digests_and_binary_data_are_no_encoded_text() {
        let image = BASE64.encode(&[0x89, b'P', b'N', b'G', 13, 10, 26, 10, 0, 0, 0, 13, 0, 0, 0, 13, 0, 0, 0, 13]);
        for text in [
            "getUserPasswordFromTheStoreOfSecrets",
            "src/engine/secrets/generic/values/and/more",
            "7c1f02e9b4d85a63f0e7c92d1b8a4460d3f5e21a",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "C:\\users\\xavier\\u2018\\n\\t",
            "100%20 %d %s %%",
            &image,
            "",
        ] {
            assert!(Decoded::of(text.as_bytes(), &[]).is_empty(), "{text}");
        }
    }

    #[test]
    fn pieces_stand_apart() {
        let text = format!("{0} {0}", BASE64.encode(PLAIN.as_bytes()));
        let decoded = Decoded::of(text.as_bytes(), &[]);
        assert_eq!(decoded.pieces.len(), 2);
        assert_eq!(decoded.origin(Span::new(0, decoded.text.len() - 8)), None);
        let second = decoded.text.rfind("vhtqz7xk").unwrap();
        assert!(decoded.origin(Span::new(second, second + 8)).unwrap().0.start > text.len() / 2);
    }

    #[test]
    fn runs_are_found_wherever_they_begin() {
        for lead in 0..60 {
            let text = format!("{}{}", " ".repeat(lead), "a".repeat(SHORTEST));
            let mut found = Vec::new();
            runs(text.as_bytes(), |run| {
                found.push(run);
                run.end
            });
            assert_eq!(found, [Span::new(lead, lead + SHORTEST)]);
        }
    }

    #[test]
    fn hostile_text_is_taken() {
        for part in ["%", "\\", "\\x", "\\u00", "%4", "\\u00004", "a", "\u{fc}", "\\U0000004", "%41", "\\101"] {
            for length in [1, 2, 7, 3000] {
                let _ = Decoded::of(part.repeat(length).as_bytes(), &[]);
            }
        }
    }
}
