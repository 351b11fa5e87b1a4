//! Values of which the text says that they are encoded in base64: arguments of calls that decode, what a shell pipes into
//! `base64 -d`, and the data of Kubernetes secrets. They are as short as the secret is, and its name stands outside.

use super::reader::{Reader, is_name_byte};
use super::values::{self, Value};
use crate::engine::secrets::decode::base64;

/// How far behind the separator the encoded text begins.
const HEAD: usize = 128;
/// Longest command line that is looked through.
const COMMAND: usize = 512;

/// The encoded literal in an expression that decodes it, or in a command that does.
pub(super) fn value(reader: &mut Reader<'_>) -> Option<Value> {
    argument(&mut reader.clone()).or_else(|| substituted(reader))
}

/// The literal in `b64decode("…")`, `new String(Base64.getDecoder().decode("…"))`, `Buffer.from("…", "base64")` and the like.
fn argument(reader: &mut Reader<'_>) -> Option<Value> {
    let rest = reader.rest();
    let head = rest.iter().take(HEAD).position(|byte| matches!(byte, b'"' | b'\'' | b'`' | b'\n' | b';' | b','))?;
    if !matches!(rest[head], b'"' | b'\'' | b'`') {
        return None;
    }
    let before = &rest[..head];
    let before = before.strip_suffix(b"b").or(before.strip_suffix(b"@")).unwrap_or(before).trim_ascii_end();
    let before = before.strip_suffix(b"(")?.to_ascii_lowercase();
    // Nothing but calls stands in front: no operators, no other operands.
    let calls = |byte: &u8| {
        is_name_byte(*byte)
            || matches!(byte, b'(' | b')' | b'[' | b']' | b':' | b' ' | b'&' | b'*' | b'$' | b'!' | b'\\')
    };
    let callee = before.rsplit(|&byte| !is_name_byte(byte)).next().unwrap_or_default();
    let holds = |text: &[u8], word: &[u8]| memchr::memmem::find(text, word).is_some();
    let decodes = callee == b"atob"
        || callee.ends_with(b".atob")
        || holds(callee, b"b64decode")
        || holds(callee, b"frombase64")
        || ((holds(callee, b"decode") || holds(callee, b"decodestring"))
            && (holds(&before, b"base64") || holds(&before, b"b64")));
    // The encoding is an argument of its own.
    let is_told = callee == b"buffer.from" || callee == b"buffer";
    if !before.iter().all(calls) || !(decodes || is_told) {
        return None;
    }
    reader.at += head;
    let value = values::literal(reader)?;
    let told = reader.rest().trim_ascii_start();
    let told = told.strip_prefix(b",").map(<[u8]>::trim_ascii_start);
    let is_base64 =
        told.is_some_and(|told| ["\"base64", "'base64", "`base64"].iter().any(|&it| told.starts_with(it.as_bytes())));
    (decodes || is_base64).then_some(value)
}

/// The word in `$(echo … | base64 -d)`, `$(base64 -d <<< …)` and the same between backticks or in double quotes.
fn substituted(reader: &mut Reader<'_>) -> Option<Value> {
    reader.eat(b"\"");
    if !reader.eat(b"$(") && !reader.eat(b"`") {
        return None;
    }
    let start = reader.at;
    let command = reader.skip_while(|byte| !matches!(byte, b')' | b'`' | b'\n'));
    let command = &command[..command.len().min(COMMAND)];
    if !decodes(command) {
        return None;
    }
    let from = match memchr::memmem::find(command, b"<<<") {
        Some(at) => at + 3,
        None => printed(command)?,
    };
    reader.at = start + from;
    reader.blanks();
    let value = values::argument(reader)?;
    (value.span.end <= start + command.len()).then_some(value)
}

/// Whether `command` has `base64` decode.
fn decodes(command: &[u8]) -> bool {
    let Some(at) = memchr::memmem::find(command, b"base64") else { return false };
    command[at + b"base64".len()..]
        .split(|byte| matches!(byte, b' ' | b'\t' | b'|'))
        .any(|word| matches!(word, b"-d" | b"-D" | b"--decode" | b"-di" | b"-id"))
}

/// Where the text stands that `echo` or `printf` prints at the beginning of `command`.
fn printed(command: &[u8]) -> Option<usize> {
    let mut at = command.len() - command.trim_ascii_start().len();
    let rest = &command[at..];
    at += [&b"echo "[..], b"printf "].iter().find(|name| rest.starts_with(name))?.len();
    loop {
        let rest = &command[at..];
        let option = [&b"-n "[..], b"-e ", b"-E ", b"-ne ", b"%s ", b"'%s' ", b"\"%s\" ", b" "]
            .iter()
            .find(|option| rest.starts_with(option))
            .map(|option| option.len());
        match option {
            Some(length) => at += length,
            None => return Some(at),
        }
    }
}

/// What `digits` encode, where that is one word without blanks, as secrets are. A line break behind it counts for nothing.
pub(super) fn word(digits: &[u8]) -> Option<Vec<u8>> {
    let padding = digits.iter().rev().take(2).take_while(|&&byte| byte == b'=').count();
    let digits = &digits[..digits.len() - padding];
    if digits.len() < 4 {
        return None;
    }
    let mut bytes = base64(digits)?;
    while bytes.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
        bytes.pop();
    }
    let text = std::str::from_utf8(&bytes).ok()?;
    (!text.is_empty() && !text.chars().any(|letter| letter.is_control() || letter.is_whitespace())).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<&str> {
        let value = value(&mut Reader::new(text.as_bytes(), 0, 1000))?;
        text.get(value.span.start..value.span.end)
    }

    #[test]
    fn arguments_of_what_decodes_are_read() {
        for text in [
            "atob(\"dmh0\")",
            "window.atob('dmh0')",
            "base64.b64decode(\"dmh0\").decode()",
            "b64decode(b'dmh0')",
            "base64.urlsafe_b64decode('dmh0')",
            "base64.StdEncoding.DecodeString(\"dmh0\")",
            "Buffer.from(\"dmh0\", \"base64\").toString()",
            "new Buffer('dmh0', 'base64')",
            "[Text.Encoding]::UTF8.GetString([Convert]::FromBase64String(\"dmh0\"))",
            "Encoding.UTF8.GetString(Convert.FromBase64String(\"dmh0\"));",
            "base64decode(\"dmh0\")",
            "Base64.decode64('dmh0')",
            "Base64.strict_decode64('dmh0')",
            "new String(Base64.getDecoder().decode(\"dmh0\"))",
            "Base64.decodeBase64(\"dmh0\")",
            "base64_decode('dmh0');",
            "base64::decode(\"dmh0\")",
            "$(echo dmh0 | base64 -d)",
            "\"$(echo -n 'dmh0' | base64 --decode)\"",
            "`printf %s \"dmh0\" | base64 -D`",
            "$(base64 -d <<< \"dmh0\")",
            "$(base64 --decode <<<dmh0)",
        ] {
            assert_eq!(read(text), Some("dmh0"), "{text}");
        }
    }

    #[test]
    fn other_expressions_hold_nothing_encoded() {
        for text in [
            "\"dmh0\"",
            "b64encode(\"dmh0\")",
            "atob(value)",
            "atob(get(\"name\"))",
            "x + atob(\"dmh0\")",
            "Buffer.from(\"dmh0\", \"utf8\")",
            "Buffer.from(\"dmh0\")",
            "base64.b64decode(value, \"dmh0\")",
            "json.decode(\"dmh0\")",
            "base64_decode('dmh0' . $x)",
            "$(echo dmh0 | base64)",
            "$(cat file | base64 -d)",
            "$(echo $X)",
            "`",
            "$(",
            "",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn words_are_decoded_and_nothing_else() {
        let decoded = |text: &str| word(text.as_bytes()).map(|word| String::from_utf8(word).unwrap());
        assert_eq!(decoded("dmh0cXo3eGs=").as_deref(), Some("vhtqz7xk"));
        assert_eq!(decoded("dmh0cXo3eGsK").as_deref(), Some("vhtqz7xk"));
        for text in ["", "====", "YSBi", "AAAA", "/////w==", "a", "q8Zr2LmV0pXt9BsY", "YQpi"] {
            assert_eq!(decoded(text), None, "{text}");
        }
    }
}
