//! Private key blocks: PEM (RFC 7468, RFC 1421), `OpenPGP` armour (RFC 9580), `SSH2` (RFC 4716) and `PuTTY` key files.
//!
//! A header alone is no key. The body is read, also through the string syntax of source code (`\n` escapes, quotes, `+`
//! between lines, indentation, comment leaders), and must be as long as the shortest key of its kind.

use data_encoding::BASE64;

use crate::span::Span;

/// What the names of the native checks that this file implements begin with; the kind of key follows.
pub(super) const CHECK_PREFIX: &str = "pem-private-key-";

/// Longest block that is read: a 16,384-bit RSA key takes about 13 KB.
pub(super) const MAX_BLOCK: usize = 64 * 1024;
/// Fewest base64 characters of a private key: an Ed25519 key in PKCS#8 has 64.
const MIN_BODY: usize = 60;

/// How many characters of a body are decoded to see what it is.
const OPENING: usize = 12;

/// A run of base64 shorter than this is no ordinary line of a key.
const SHORT_LINE: usize = 16;
/// How many such runs a key may hold: its last line, the checksum of an armour, one for bad wrapping.
const MAX_SHORT_LINES: usize = 3;

/// A private key in a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PrivateKey {
    /// Which native check it belongs to.
    pub(super) check: &'static str,
    /// From the first dash of the header to the last of the footer, or to the end of the body.
    pub(super) span: Span,
    /// Whether a passphrase protects it.
    pub(super) encrypted: bool,
    /// Whether the body has the structure that its label promises, and all of it is there.
    pub(super) is_whole: bool,
}

impl PrivateKey {
    /// What is worth telling about it.
    pub(super) fn facts(&self) -> Vec<String> {
        let protected = self.encrypted.then_some("protected by a passphrase");
        let damaged = (!self.is_whole).then_some("the body is not a whole key");
        protected.into_iter().chain(damaged).map(str::to_owned).collect()
    }

    /// Whether its holder can use it as it is.
    pub(super) fn is_usable(&self) -> bool {
        self.is_whole && !self.encrypted
    }
}

/// Reads the private key block whose header begins at `start`; `None` when there is none.
pub(super) fn read(text: &[u8], start: usize) -> Option<PrivateKey> {
    let block = &text[start..text.len().min(start + MAX_BLOCK)];
    if block.starts_with(b"PuTTY-User-Key-File-") {
        return putty(block, start);
    }
    let dashes = block.iter().take_while(|&&b| b == b'-').count();
    let rest = block.get(dashes..)?.strip_prefix(b"BEGIN ".as_slice()).or_else(|| {
        // RFC 4716 writes four dashes and a blank.
        block.get(dashes..)?.strip_prefix(b" BEGIN ".as_slice())
    })?;
    let label_length = memchr::memchr(b'-', rest.get(..rest.len().min(64))?)?;
    let label = std::str::from_utf8(&rest[..label_length]).ok()?.trim();
    let check = check_of(label)?;
    let body_start = block.len() - rest.len() + label_length;
    let body_start = body_start + block[body_start..].iter().take_while(|&&b| b == b'-').count();
    let body = body(&block[body_start..]);
    if body.base64 < MIN_BODY || body.elided || body.distinct < 12 {
        return None;
    }
    let encrypted = label.contains("ENCRYPTED") || body.encrypted_header;
    // RFC 1421 encrypts the whole structure.
    let is_whole = body.encrypted_header || body.keeps_promise(check);
    Some(PrivateKey { check, span: Span::new(start, start + body_start + body.length), encrypted, is_whole })
}

fn check_of(label: &str) -> Option<&'static str> {
    Some(match label {
        "RSA PRIVATE KEY" => "pem-private-key-rsa",
        "EC PRIVATE KEY" => "pem-private-key-ec",
        "DSA PRIVATE KEY" => "pem-private-key-dsa",
        "PRIVATE KEY" => "pem-private-key-pkcs8",
        "ENCRYPTED PRIVATE KEY" => "pem-private-key-pkcs8-encrypted",
        "OPENSSH PRIVATE KEY" => "pem-private-key-openssh",
        "PGP PRIVATE KEY BLOCK" => "pem-private-key-pgp",
        "SSH2 ENCRYPTED PRIVATE KEY" | "SSH2 PRIVATE KEY" => "pem-private-key-ssh2",
        other if other.trim_end_matches(" BLOCK").ends_with("PRIVATE KEY") => "pem-private-key-other",
        _ => return None,
    })
}

/// What stands behind a header.
struct Body {
    /// Characters of base64.
    base64: usize,
    /// The first of them.
    opening: [u8; OPENING],
    /// Different characters among them.
    distinct: usize,
    /// Length in the text, footer included.
    length: usize,
    /// An ellipsis stands in place of the key.
    elided: bool,
    /// `Proc-Type: 4,ENCRYPTED` (RFC 1421) or a passphrase's header.
    encrypted_header: bool,
}

impl Body {
    /// Whether the body begins as a key of the kind of `check` does, and is as long as it says.
    fn keeps_promise(&self, check: &str) -> bool {
        let Ok(bytes) = BASE64.decode(&self.opening) else { return false };
        match check {
            "pem-private-key-openssh" => bytes.starts_with(b"openssh-k"),
            "pem-private-key-rsa"
            | "pem-private-key-ec"
            | "pem-private-key-dsa"
            | "pem-private-key-pkcs8"
            | "pem-private-key-pkcs8-encrypted" => {
                der_sequence(&bytes).is_some_and(|length| length <= self.base64.div_ceil(4) * 3)
            }
            _ => true,
        }
    }
}

/// Bytes of the DER sequence (X.690) that begins like `bytes`, its header included.
fn der_sequence(bytes: &[u8]) -> Option<usize> {
    let (&length, rest) = bytes.strip_prefix(&[0x30])?.split_first()?;
    if length < 0x80 {
        return Some(2 + usize::from(length));
    }
    let digits = usize::from(length & 0x7f);
    if !(1..=3).contains(&digits) {
        return None;
    }
    let length = rest.get(..digits)?.iter().fold(0, |length, &byte| length << 8 | usize::from(byte));
    Some(2 + digits + length)
}

fn body(text: &[u8]) -> Body {
    let mut body =
        Body { base64: 0, opening: [0; OPENING], distinct: 0, length: 0, elided: false, encrypted_header: false };
    let mut seen = [false; 256];
    let mut short = 0;
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with(b"-----END") || rest.starts_with(b"---- END") {
            body.length = at + footer_length(rest);
            return body;
        }
        if rest.starts_with(b"...")
            || rest.starts_with("…".as_bytes())
            || rest.starts_with(b"[")
            || rest.starts_with(b"<")
        {
            body.elided = true;
        }
        // Escapes of string literals: the character behind the backslash is no base64.
        if rest[0] == b'\\' {
            let escaped = rest.iter().take_while(|&&b| b == b'\\').count();
            let letter = rest.get(escaped).is_some_and(|b| matches!(b, b'n' | b'r' | b't'));
            at += escaped + usize::from(letter);
            continue;
        }
        let word = rest.iter().take_while(|&&b| is_base64(b)).count();
        if word == 0 {
            // A colon makes the word before it a header's name, and the line no part of the key.
            if rest[0] == b':' && body.base64 < MIN_BODY {
                let line = memchr::memchr2(b'\n', b'\\', rest).unwrap_or(rest.len());
                body.encrypted_header |= memchr::memmem::find(&rest[..line], b"ENCRYPTED").is_some();
                body.base64 = 0;
                short = 0;
                at += line;
                continue;
            }
            if !is_between(rest[0]) {
                break;
            }
            at += 1;
            continue;
        }
        // Lines of a key are long, its last line and an armour's checksum aside; words of prose are not.
        short += usize::from(word < SHORT_LINE);
        if short > MAX_SHORT_LINES {
            break;
        }
        for &byte in &rest[..word] {
            if !seen[usize::from(byte)] {
                seen[usize::from(byte)] = true;
                body.distinct += 1;
            }
        }
        if let Some(opening) = body.opening.get_mut(body.base64..) {
            opening.iter_mut().zip(rest).take(word).for_each(|(slot, &byte)| *slot = byte);
        }
        body.base64 += word;
        at += word;
        body.length = at;
    }
    body
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

/// What may stand between the lines of a key in source code, configuration and armour headers.
fn is_between(byte: u8) -> bool {
    byte.is_ascii_whitespace()
        || matches!(
            byte,
            b'"' | b'\''
                | b'`'
                | b','
                | b'-'
                | b'.'
                | b'#'
                | b'*'
                | b'('
                | b')'
                | b'|'
                | b';'
                | b'>'
                | b'&'
                | b'_'
                | b'@'
                | b'['
                | b']'
                | b'<'
        )
}

fn footer_length(rest: &[u8]) -> usize {
    let line = memchr::memchr(b'\n', rest).unwrap_or(rest.len()).min(80);
    // The footer ends with its closing dashes, whatever stands behind them on the line.
    let opening = rest.iter().take_while(|&&b| b == b'-').count();
    memchr::memmem::find(&rest[opening..line], b"----").map_or(line, |at| {
        let closing = rest[opening + at..line].iter().take_while(|&&b| b == b'-').count();
        opening + at + closing
    })
}

/// `PuTTY-User-Key-File-3: ssh-ed25519`, an `Encryption:` line, and `Private-Lines: N` with as many lines of base64.
fn putty(block: &[u8], start: usize) -> Option<PrivateKey> {
    let header = memchr::memmem::find(&block[..block.len().min(16 * 1024)], b"Private-Lines:")?;
    let encrypted = memchr::memmem::find(&block[..header], b"Encryption: none").is_none();
    let mut lines = block[header..].split_inclusive(|&b| b == b'\n');
    let first = lines.next()?;
    let count: usize = std::str::from_utf8(first).ok()?.split(':').nth(1)?.trim().parse().ok()?;
    let mut length = header + first.len();
    let mut base64 = 0;
    for line in lines.take(count.min(512)) {
        let text = line.trim_ascii();
        if text.is_empty() || !text.iter().all(|&b| is_base64(b)) {
            break;
        }
        base64 += text.len();
        length += line.len();
    }
    (base64 >= 40).then(|| PrivateKey {
        check: "pem-private-key-putty",
        span: Span::new(start, start + block[..length].trim_ascii_end().len()),
        encrypted,
        is_whole: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made-up base64 of `length` characters, in lines of 64 joined by `joint`.
    fn base64(length: usize, joint: &str) -> String {
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut state = 7_usize;
        let characters: Vec<char> = (0..length)
            .map(|_| {
                state = (state * 1_103_515_245 + 12_345) % (1 << 31);
                char::from(alphabet[(state >> 8) % 64])
            })
            .collect();
        characters.chunks(64).map(|line| line.iter().collect::<String>()).collect::<Vec<_>>().join(joint)
    }

    fn block(label: &str, body: &str) -> String {
        format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----")
    }

    #[test]
    fn every_kind_is_told_apart() {
        for (label, check) in [
            ("RSA PRIVATE KEY", "pem-private-key-rsa"),
            ("EC PRIVATE KEY", "pem-private-key-ec"),
            ("PRIVATE KEY", "pem-private-key-pkcs8"),
            ("OPENSSH PRIVATE KEY", "pem-private-key-openssh"),
            ("ANY OTHER PRIVATE KEY", "pem-private-key-other"),
        ] {
            let text = block(label, &base64(300, "\n"));
            let key = read(text.as_bytes(), 0).unwrap();
            assert_eq!((key.check, key.span, key.encrypted), (check, Span::new(0, text.len()), false));
        }
        assert_eq!(read(block("CERTIFICATE", &base64(300, "\n")).as_bytes(), 0), None);
        assert_eq!(read(block("RSA PUBLIC KEY", &base64(300, "\n")).as_bytes(), 0), None);
    }

    #[test]
    fn keys_in_string_literals_are_read() {
        let text = format!("key = \"{}\";", block("RSA PRIVATE KEY", &base64(300, "\\n")).replace('\n', "\\n"));
        assert!(read(text.as_bytes(), 7).is_some());
        let joined = base64(300, "\\n\" +\n    \"");
        let text =
            format!("\"-----BEGIN RSA PRIVATE KEY-----\\n\" +\n \"{joined}\\n\" + \"-----END RSA PRIVATE KEY-----\"");
        assert!(read(text.as_bytes(), 1).is_some());
    }

    #[test]
    fn headers_without_a_key_are_not_keys() {
        for body in ["...", "MIIEpAIBAAKCAQEA...", "<your key here>", "", &"A".repeat(200)] {
            assert_eq!(read(block("RSA PRIVATE KEY", body).as_bytes(), 0), None, "{body}");
        }
        assert_eq!(read(b"-----BEGIN RSA PRIVATE KEY-----", 0), None);
        assert_eq!(read(b"-----BEGIN", 0), None);
    }

    #[test]
    fn prose_behind_a_header_is_no_key() {
        let text =
            "starts with `-----BEGIN RSA PRIVATE KEY-----` and then the encoded numbers follow in many lines of text";
        assert_eq!(read(text.as_bytes(), 13), None);
    }

    #[test]
    fn encryption_is_noticed() {
        let header = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0123456789ABCDEF0123456789ABCDEF\n\n";
        let key = block("RSA PRIVATE KEY", &format!("{header}{}", base64(300, "\n")));
        assert!(read(key.as_bytes(), 0).unwrap().encrypted);
        assert!(read(block("ENCRYPTED PRIVATE KEY", &base64(300, "\n")).as_bytes(), 0).unwrap().encrypted);
    }

    #[test]
    fn a_body_that_is_no_structure_or_cut_is_not_whole() {
        // A sequence of 226 bytes; 300 characters of base64 hold 225.
        let whole = |opening: &str, length: usize| {
            let text = block("RSA PRIVATE KEY", &format!("{opening}{}", base64(length, "\n")));
            read(text.as_bytes(), 0).unwrap()
        };
        assert!(whole("MIHiAAAA", 300).is_usable());
        assert!(!whole("MIIEpQIB", 300).is_whole);
        assert!(!whole("", 300).is_whole);
        assert_eq!(whole("", 300).facts(), ["the body is not a whole key"]);
        assert_eq!(der_sequence(&[0x30, 0x82, 0x04, 0xa5, 0x02]), Some(0x4a9));
        assert_eq!(der_sequence(&[0x30, 0x80]), None);
        assert_eq!(der_sequence(&[0x30]), None);
    }

    #[test]
    fn putty_files_are_read() {
        let text = format!(
            "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: x\nPublic-Lines: 1\n{}\nPrivate-Lines: 2\n{}\nPrivate-MAC: 00",
            base64(64, ""),
            base64(100, "\n"),
        );
        let key = read(text.as_bytes(), 0).unwrap();
        assert_eq!((key.check, key.encrypted), ("pem-private-key-putty", false));
        assert_eq!(&text[key.span.end..], "\nPrivate-MAC: 00");
    }
}
