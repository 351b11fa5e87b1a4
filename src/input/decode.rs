//! Bytes to text: which encoding the first bytes show, and the text in UTF-8.
//!
//! Offsets into UTF-8 and 8-bit input (behind a byte order mark) are offsets into the text: bytes are replaced, never
//! inserted or dropped. UTF-16 and UTF-32 are transcoded, so that offsets count in the transcoded text.

use std::borrow::Cow;

use encoding_rs::{UTF_16BE, UTF_16LE};

/// How many bytes decide between text and binary. A NUL further behind leaves a file text, as in git.
pub(super) const SNIFF_LEN: usize = 8 * 1024;

/// Stands for a byte that is not UTF-8. ASCII SUBSTITUTE exists for exactly this; it is one byte, so offsets stay, and it
/// is neither letter, digit, punctuation, space nor line break, so it ends a token just as the foreign byte did and never
/// becomes a part of one.
const SUBSTITUTE: char = '\u{1a}';

/// How far in front of a cut a line break may lie for the cut to move there.
const CUT_WINDOW: usize = 64 * 1024;

/// The encoding forms that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// UTF-8, and any 8-bit encoding that extends ASCII.
    EightBit,
    Utf16Le,
    Utf16Be,
    Utf32Le,
    Utf32Be,
}

/// How to turn the bytes of one input into text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Encoding {
    form: Form,
    /// Length of the byte order mark, which is no part of the text: the first character behind it is column 1.
    mark: usize,
}

impl Encoding {
    /// Tells the encoding from the first [`SNIFF_LEN`] bytes; `None` when they are not text.
    pub(super) fn detect(bytes: &[u8]) -> Option<Self> {
        let head = &bytes[..bytes.len().min(SNIFF_LEN)];
        let marked = match head {
            // In front of UTF-16, whose mark is a prefix of this one.
            [0xFF, 0xFE, 0, 0, ..] => Some(Self { form: Form::Utf32Le, mark: 4 }),
            [0, 0, 0xFE, 0xFF, ..] => Some(Self { form: Form::Utf32Be, mark: 4 }),
            [0xFF, 0xFE, ..] => Some(Self { form: Form::Utf16Le, mark: 2 }),
            [0xFE, 0xFF, ..] => Some(Self { form: Form::Utf16Be, mark: 2 }),
            [0xEF, 0xBB, 0xBF, ..] => Some(Self { form: Form::EightBit, mark: 3 }),
            _ => None,
        };
        if let Some(encoding) = marked {
            let unit = encoding.form.unit();
            let has_nul = head[encoding.mark..].chunks_exact(unit).any(|unit| unit.iter().all(|&byte| byte == 0));
            return (!has_nul).then_some(encoding);
        }
        if memchr::memchr(0, head).is_none() {
            return Some(Self { form: Form::EightBit, mark: 0 });
        }
        let form = if looks_like_utf16(head, u16::from_le_bytes) {
            Form::Utf16Le
        } else if looks_like_utf16(head, u16::from_be_bytes) {
            Form::Utf16Be
        } else {
            return None;
        };
        Some(Self { form, mark: 0 })
    }

    /// The text of `bytes`, which begin with the byte order mark if there is one. Borrows when they are UTF-8 already.
    pub(super) fn decode(self, bytes: &[u8]) -> Cow<'_, str> {
        let bytes = bytes.get(self.mark..).unwrap_or_default();
        match self.form {
            Form::EightBit => match std::str::from_utf8(bytes) {
                Ok(text) => Cow::Borrowed(text),
                Err(_) => Cow::Owned(repair(bytes)),
            },
            Form::Utf16Le => UTF_16LE.decode_without_bom_handling(bytes).0,
            Form::Utf16Be => UTF_16BE.decode_without_bom_handling(bytes).0,
            Form::Utf32Le => Cow::Owned(utf32(bytes, u32::from_le_bytes)),
            Form::Utf32Be => Cow::Owned(utf32(bytes, u32::from_be_bytes)),
        }
    }

    /// Where to end `bytes`, the beginning of something longer: behind the last line break if one is near, else behind
    /// the last whole character.
    pub(super) fn cut(self, bytes: &[u8]) -> usize {
        let unit = self.form.unit();
        let whole = bytes.len() - bytes.len() % unit;
        let line_break = bytes[..whole].rchunks_exact(unit).take(CUT_WINDOW / unit).position(|unit| match self.form {
            Form::EightBit => unit == b"\n",
            Form::Utf16Le => unit == b"\n\0",
            Form::Utf16Be => unit == b"\0\n",
            Form::Utf32Le => unit == b"\n\0\0\0",
            Form::Utf32Be => unit == b"\0\0\0\n",
        });
        match line_break {
            Some(behind) => whole - behind * unit,
            None if self.form == Form::EightBit => whole - unfinished(&bytes[..whole]),
            None => whole,
        }
    }
}

impl Form {
    /// Bytes per code unit.
    fn unit(self) -> usize {
        match self {
            Form::EightBit => 1,
            Form::Utf16Le | Form::Utf16Be => 2,
            Form::Utf32Le | Form::Utf32Be => 4,
        }
    }
}

/// Whether `head` reads as UTF-16 without a mark: no NUL, no control character, and seven of eight characters ASCII.
/// Binary tables of 16-bit numbers fail on the controls; text of a script without ASCII is not told from binary.
fn looks_like_utf16(head: &[u8], unit: impl Fn([u8; 2]) -> u16) -> bool {
    let (mut ascii, mut total) = (0_usize, 0_usize);
    for pair in head.chunks_exact(2) {
        let unit = unit([pair[0], pair[1]]);
        match unit {
            0x09 | 0x0A | 0x0C | 0x0D | 0x20..=0x7E => ascii += 1,
            0..0x20 | 0x7F => return false,
            _ => {}
        }
        total += 1;
    }
    total >= 2 && ascii * 8 >= total * 7
}

/// Valid UTF-8 of the same length: each byte that is not part of a character becomes [`SUBSTITUTE`].
fn repair(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| SUBSTITUTE));
    }
    text
}

/// UTF-32 as text, with U+FFFD for what is no character and for a last unit that is not whole.
fn utf32(bytes: &[u8], unit: impl Fn([u8; 4]) -> u32) -> String {
    let (units, rest) = bytes.as_chunks::<4>();
    let text = units.iter().map(|&bytes| char::from_u32(unit(bytes)).unwrap_or(char::REPLACEMENT_CHARACTER));
    text.chain((!rest.is_empty()).then_some(char::REPLACEMENT_CHARACTER)).collect()
}

/// Number of bytes at the end that begin a UTF-8 character without ending it.
fn unfinished(bytes: &[u8]) -> usize {
    let tail = &bytes[bytes.len().saturating_sub(3)..];
    // Only an incomplete character at the very end has an error without a length.
    tail.iter()
        .rposition(|&byte| byte >= 0xC0)
        .map(|start| &tail[start..])
        .filter(|tail| {
            std::str::from_utf8(tail).is_err_and(|error| error.valid_up_to() == 0 && error.error_len().is_none())
        })
        .map_or(0, <[u8]>::len)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decode(bytes: &[u8]) -> Option<String> {
        Some(Encoding::detect(bytes)?.decode(bytes).into_owned())
    }

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn valid_utf8_is_not_copied() {
        let bytes = "grüße\n".as_bytes();
        let text = Encoding::detect(bytes).map(|encoding| encoding.decode(bytes));
        assert!(matches!(text, Some(Cow::Borrowed("grüße\n"))));
    }

    #[test]
    fn invalid_bytes_become_one_substitute_each() {
        // A Latin-1 letter, a lone continuation, an overlong form, a surrogate and a character that breaks off.
        let bytes = b"caf\xE9 \x80 \xC0\xAF \xED\xA0\x80 ok \xE2\x82";
        let text = decode(bytes).expect("text");
        assert_eq!(text, "caf\u{1a} \u{1a} \u{1a}\u{1a} \u{1a}\u{1a}\u{1a} ok \u{1a}\u{1a}");
        assert_eq!(text.len(), bytes.len());
        assert_eq!(text.find("ok"), Some(14));
    }

    #[test]
    fn utf8_mark_is_no_part_of_the_text() {
        assert_eq!(decode(b"\xEF\xBB\xBFkey = 1").as_deref(), Some("key = 1"));
    }

    #[test]
    fn utf16_is_read_with_and_without_mark() {
        let text = "password = \"Schlüssel\"\r\n[section]\r\nname = value of ASCII letters\r\n";
        for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
            assert_eq!(decode(&utf16(text, bytes)).as_deref(), Some(text), "without mark");
            assert_eq!(decode(&utf16(&format!("\u{FEFF}{text}"), bytes)).as_deref(), Some(text), "with mark");
        }
        assert_eq!(decode(&utf16("\u{FEFF}秘密=価値", u16::to_le_bytes)).as_deref(), Some("秘密=価値"));
    }

    #[test]
    fn utf32_is_read_by_its_mark() {
        let text = "\u{FEFF}ключ = 🔑\n";
        let little: Vec<u8> = text.chars().flat_map(|char| u32::from(char).to_le_bytes()).collect();
        let big: Vec<u8> = text.chars().flat_map(|char| u32::from(char).to_be_bytes()).collect();
        assert_eq!(decode(&little).as_deref(), Some("ключ = 🔑\n"));
        assert_eq!(decode(&big).as_deref(), Some("ключ = 🔑\n"));
        assert_eq!(decode(&little[..little.len() - 1]).as_deref(), Some("ключ = 🔑\u{FFFD}"));
    }

    #[test]
    fn nul_in_the_first_bytes_means_binary() {
        assert_eq!(decode(b"\x7FELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3E\0"), None);
        assert_eq!(decode(&[0; 64]), None);
        assert_eq!(decode(b"\x01\0\x02\0\x03\0\x04\0"), None, "a table of small numbers");
        assert_eq!(decode(b"\xEF\xBB\xBFa\0b"), None, "a mark does not excuse a NUL");
        assert_eq!(decode(b"\xFF\xFEa\0\0\0"), None);
    }

    #[test]
    fn nul_behind_the_first_bytes_stays_text() {
        let mut bytes = vec![b'a'; SNIFF_LEN];
        bytes.extend(b"\0\xFFtail");
        let text = decode(&bytes).expect("text");
        assert_eq!(text.len(), bytes.len());
        assert!(text.ends_with("\0\u{1a}tail"));
    }

    #[test]
    fn cut_ends_a_line_or_a_character() {
        let eight = Encoding { form: Form::EightBit, mark: 0 };
        assert_eq!(eight.cut(b"one\ntwo"), 4);
        assert_eq!(eight.cut("aé".as_bytes()), 3);
        assert_eq!(eight.cut(&"aé".as_bytes()[..2]), 1);
        assert_eq!(eight.cut(&"a🔑".as_bytes()[..4]), 1);
        assert_eq!(eight.cut(&"é🔑".as_bytes()[..3]), 2, "a whole character before it counts for nothing");
        assert_eq!(eight.cut(b"a\xFF"), 2, "a foreign byte is no unfinished character");
        let far = [b"\n".as_slice(), &vec![b'x'; CUT_WINDOW]].concat();
        assert_eq!(eight.cut(&far), far.len(), "a line break far in front is no place to cut");
        let wide = Encoding { form: Form::Utf16Le, mark: 2 };
        // U+0A41 U+000A U+0042, cut inside the last unit: only the whole unit U+000A is a line break.
        assert_eq!(wide.cut(b"\xFF\xFE\x41\x0A\x0A\0\x42"), 6);
    }

    proptest! {
        #[test]
        fn decoding_never_panics_and_keeps_offsets(bytes in proptest::collection::vec(any::<u8>(), 0..4096)) {
            if let Some(encoding) = Encoding::detect(&bytes) {
                prop_assert!(encoding.cut(&bytes) <= bytes.len());
                let text = encoding.decode(&bytes);
                if encoding.form == Form::EightBit {
                    let body = &bytes[encoding.mark..];
                    prop_assert_eq!(text.len(), body.len());
                    // Every byte stays, or is a substitute.
                    prop_assert!(text.bytes().zip(body).all(|(new, &old)| new == old || (new == 0x1A && old >= 0x80)));
                }
            }
        }

        #[test]
        fn eight_bit_text_keeps_its_length(bytes in proptest::collection::vec(1_u8.., 0..4096)) {
            let marked = [[0xFF, 0xFE].as_slice(), &[0xFE, 0xFF], &[0xEF, 0xBB, 0xBF]];
            prop_assume!(!marked.iter().any(|mark| bytes.starts_with(mark)));
            prop_assert_eq!(decode(&bytes).map(|text| text.len()), Some(bytes.len()));
        }

        #[test]
        fn cut_text_is_a_prefix_of_the_whole(text in "[a-zé🔑\n]{0,64}", len in 0_usize..256) {
            let bytes = text.as_bytes();
            let encoding = Encoding { form: Form::EightBit, mark: 0 };
            let part = &bytes[..len.min(bytes.len())];
            let decoded = encoding.decode(&part[..encoding.cut(part)]).into_owned();
            prop_assert!(text.starts_with(&decoded));
        }
    }
}
