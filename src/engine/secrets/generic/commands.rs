//! Passwords among the arguments of programs: `curl -u`, `mysql -p`, `docker login -p`, `openssl -passin pass:…`.

use super::reader::{Reader, line_start};
use super::score::judge_placed;
use super::{Candidate, Kind};
use crate::span::Span;

/// How far a command line is read.
const WINDOW: usize = 512;

/// Programs that take a password as an argument.
#[derive(Clone, Copy)]
enum Program {
    Curl,
    Mysql,
    Sshpass,
    /// `docker login`.
    Login,
    /// `ConvertTo-SecureString`.
    SecureString,
    /// `net use`.
    NetUse,
}

/// Reads the command that the keyword at `hit` announces: the end of what was read, and the password if there is one.
pub(super) fn at(bytes: &[u8], hit: usize) -> Option<(usize, Option<Candidate>)> {
    let rest = bytes.get(hit..)?;
    let is = |word: &[u8]| rest.len() >= word.len() && rest[..word.len()].eq_ignore_ascii_case(word);
    let behind = |word: &[u8]| hit >= word.len() && bytes[hit - word.len()..hit].eq_ignore_ascii_case(word);
    let (start, program) = if is(b"curl ") {
        (hit, Program::Curl)
    } else if is(b"mysql") {
        (hit, Program::Mysql)
    } else if is(b"pass ") && behind(b"ssh") {
        (hit - 3, Program::Sshpass)
    } else if is(b"docker login") {
        (hit, Program::Login)
    } else if is(b"securestring") && behind(b"convertto-") {
        (hit - 10, Program::SecureString)
    } else if is(b"net use ") {
        (hit, Program::NetUse)
    } else if is(b"pass:") {
        return openssl_password(bytes, hit).map(|candidate| (candidate.span.end, Some(candidate)));
    } else {
        return None;
    };
    let before = start.checked_sub(1).and_then(|at| bytes.get(at)).copied().unwrap_or(b' ');
    if before.is_ascii_alphanumeric() || matches!(before, b'_' | b'.') {
        return None;
    }
    let line = command_line(bytes, start);
    Some((line.end, command_password(bytes, line, program)))
}

/// The password among the arguments of `program` in the command at `line`.
fn command_password(bytes: &[u8], line: Span, program: Program) -> Option<Candidate> {
    let words = arguments(bytes, line);
    let after = |flags: &[&[u8]]| {
        words.windows(2).find(|pair| pair[0].slice(bytes).is_some_and(|word| flags.contains(&word))).map(|pair| pair[1])
    };
    let attached = |flag: &[u8]| {
        words.iter().find_map(|word| {
            let text = word.slice(bytes)?;
            (text.len() > flag.len() && text.starts_with(flag) && text[flag.len()] != b'-')
                .then(|| Span::new(word.start + flag.len(), word.end))
        })
    };
    let value = match program {
        Program::Curl => {
            let login = after(&[b"-u", b"--user", b"-U", b"--proxy-user"])?;
            let colon = memchr::memchr(b':', login.slice(bytes)?)?;
            Span::new(login.start + colon + 1, login.end)
        }
        Program::Mysql => {
            attached(b"-p").filter(|span| span.slice(bytes).is_some_and(|text| !text.iter().all(u8::is_ascii_digit)))?
        }
        Program::Sshpass => attached(b"-p").or_else(|| after(&[b"-p"]))?,
        Program::Login => after(&[b"-p", b"--password"])?,
        Program::SecureString => secure_string(bytes, &words)?,
        Program::NetUse => {
            words.get(3).copied().filter(|word| word.slice(bytes).is_some_and(|text| !text.starts_with(b"/")))?
        }
    };
    let value = unquoted(bytes, value);
    judge_placed(bytes, Kind::CommandPassword, value, 3)
}

/// The text of the command that begins at `hit`, up to the end of its line or the next command.
fn command_line(bytes: &[u8], hit: usize) -> Span {
    let mut reader = Reader::new(bytes, hit, WINDOW);
    reader.skip_while(|byte| !matches!(byte, b'\n' | b'|' | b'`'));
    Span::new(hit, reader.at)
}

/// The words of a command line; quotes keep blanks together and stay in the word.
fn arguments(bytes: &[u8], line: Span) -> Vec<Span> {
    let mut words = Vec::new();
    let mut at = line.start;
    while at < line.end {
        if matches!(bytes[at], b' ' | b'\t') {
            at += 1;
            continue;
        }
        let start = at;
        let mut quote = 0;
        while at < line.end {
            let byte = bytes[at];
            if quote == 0 && matches!(byte, b' ' | b'\t') {
                break;
            }
            if quote == byte {
                quote = 0;
            } else if quote == 0 && matches!(byte, b'"' | b'\'') {
                quote = byte;
            }
            at += 1;
        }
        words.push(Span::new(start, at));
    }
    words
}

/// `ConvertTo-SecureString "value" -AsPlainText` and `-String "value"`.
fn secure_string(bytes: &[u8], words: &[Span]) -> Option<Span> {
    let plain = words.iter().any(|word| {
        word.slice(bytes).is_some_and(|text| {
            text.len() >= 3 && b"-asplaintext".starts_with(&text.to_ascii_lowercase()[..text.len().min(12)])
        })
    });
    if !plain {
        return None;
    }
    words.iter().skip(1).copied().find(|word| word.slice(bytes).is_some_and(|text| !text.starts_with(b"-")))
}

/// `span` without quotes around it.
fn unquoted(bytes: &[u8], span: Span) -> Span {
    let text = span.slice(bytes).unwrap_or_default();
    let quote = text.first().copied().filter(|byte| matches!(byte, b'"' | b'\''));
    match quote {
        Some(quote) if text.len() >= 2 => {
            let length = memchr::memchr(quote, &text[1..]).unwrap_or(text.len() - 1);
            Span::new(span.start + 1, span.start + 1 + length)
        }
        _ => {
            let length = text
                .iter()
                .position(|byte| matches!(byte, b'"' | b'\'' | b')' | b';' | b'\\' | b','))
                .unwrap_or(text.len());
            Span::new(span.start, span.start + length)
        }
    }
}

/// `pass:value`, as OpenSSL takes passwords.
fn openssl_password(bytes: &[u8], hit: usize) -> Option<Candidate> {
    let before = hit.checked_sub(1).and_then(|at| bytes.get(at)).copied().unwrap_or(b' ');
    if !matches!(before, b' ' | b'"' | b'\'' | b'=') {
        return None;
    }
    let start = hit + b"pass:".len();
    let from = line_start(bytes, hit, WINDOW);
    let lead = &bytes[from..hit];
    let flagged = [&b"-pass"[..], b"-passin", b"-passout", b"-password"].iter().any(|flag| {
        lead.trim_ascii_end().trim_ascii_end().strip_suffix(b"\"").unwrap_or(lead).trim_ascii_end().ends_with(flag)
    });
    if !flagged {
        return None;
    }
    let mut reader = Reader::new(bytes, start, WINDOW);
    let value = reader
        .skip_while(|byte| !byte.is_ascii_whitespace() && !matches!(byte, b'"' | b'\'' | b';' | b'|' | b'`' | b'\\'));
    judge_placed(bytes, Kind::CommandPassword, Span::new(start, start + value.len()), 3)
}
