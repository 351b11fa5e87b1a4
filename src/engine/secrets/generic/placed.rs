//! Secrets that their place gives away: passwords in URLs, authorization headers, command lines and SQL.

use data_encoding::{BASE64, BASE64_NOPAD};

use super::reader::{Reader, line_start};
use super::score::judge_placed;
use super::words::Wording;
use super::{Candidate, Kind};
use crate::engine::secrets::{entropy, placeholder};
use crate::finding::Confidence;
use crate::span::Span;

/// How far a URL, a header value or a command line is read.
const WINDOW: usize = 512;

/// `scheme://user:password@host`, at the hit of `://`.
pub(super) fn url_password(bytes: &[u8], hit: usize) -> Option<Candidate> {
    let mut reader = Reader::new(bytes, hit + 3, WINDOW);
    let start = reader.at;
    let authority = reader.skip_while(|byte| {
        !byte.is_ascii_whitespace() && !matches!(byte, b'/' | b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\' | b'|' | 0)
    });
    let at = memchr::memrchr(b'@', authority)?;
    let colon = memchr::memchr(b':', &authority[..at])?;
    let host = &authority[at + 1..];
    let hostlike = host
        .first()
        .is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'%' | b'$' | b'{' | b'[' | b'#'));
    if !hostlike || host.starts_with(b"sha256:") || memchr::memchr2(b',', b' ', &authority[..at]).is_some() {
        return None;
    }
    let user = &authority[..colon];
    let password = &authority[colon + 1..at];
    let port = password.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let is_port = (2..=5).contains(&port) && password[port..].iter().all(|byte| matches!(byte, b'#' | b'?'));
    if is_port
        || (user.is_empty() && password.contains(&b':'))
        || user.eq_ignore_ascii_case(password)
        || password.contains(&b'[')
        || password.contains(&b'{')
        || password.contains(&b'(')
    {
        return None;
    }
    judge_placed(bytes, Kind::UrlPassword, Span::new(start + colon + 1, start + at), 4)
}

/// `Basic <base64 of user:password>`, behind the hit of `basic `.
pub(super) fn basic_authorization(bytes: &[u8], hit: usize) -> Option<Candidate> {
    let mut reader = Reader::new(bytes, hit + b"basic".len(), WINDOW);
    reader.blanks();
    let start = reader.at;
    let token = reader.skip_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='));
    if token.len() < 8 {
        return None;
    }
    let decoded = BASE64.decode(token).or_else(|_| BASE64_NOPAD.decode(token)).ok()?;
    let text = std::str::from_utf8(&decoded).ok()?;
    let (user, password) = text.split_once(':')?;
    let printable = !text.chars().any(char::is_control);
    if !printable || password.is_empty() || user == password || placeholder::reason(password.as_bytes()).is_some() {
        return None;
    }
    if Wording::of(password.as_bytes()).is_words() && password.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return None;
    }
    Some(Candidate {
        kind: Kind::BasicAuthorization,
        span: Span::new(start, start + token.len()),
        name: None,
        confidence: Confidence::High,
        reasons: vec!["Basic authorization that decodes to user and password"],
    })
}

/// `Bearer <token>`, behind the hit of `bearer `.
pub(super) fn bearer_authorization(bytes: &[u8], hit: usize) -> Option<Candidate> {
    let mut reader = Reader::new(bytes, hit + b"bearer".len(), 4 * WINDOW);
    reader.blanks();
    let start = reader.at;
    let token = reader.skip_while(|byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/' | b'=')
    });
    if token.len() < 12 || placeholder::reason(token).is_some() || Wording::of(token).is_words() {
        return None;
    }
    let classes = entropy::Classes::of(token);
    let mixed = classes.digit > 0 && classes.letters() > 0;
    if !mixed && !entropy::looks_random(token) && !Wording::of(token).is_gibberish() {
        return None;
    }
    Some(Candidate {
        kind: Kind::BearerAuthorization,
        span: Span::new(start, start + token.len()),
        name: None,
        confidence: Confidence::High,
        reasons: vec!["bearer authorization with a literal token"],
    })
}

/// Passwords among the arguments of a program, at the hit of its name.
pub(super) fn command_password(bytes: &[u8], hit: usize, program: &str) -> Option<Candidate> {
    let from = line_start(bytes, hit, WINDOW);
    let before = bytes[from..hit].last().copied().unwrap_or(b' ');
    if before.is_ascii_alphanumeric() || matches!(before, b'_' | b'.') {
        return None;
    }
    let line = command_line(bytes, hit);
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
        "curl" => {
            let login = after(&[b"-u", b"--user", b"-U", b"--proxy-user"])?;
            let colon = memchr::memchr(b':', login.slice(bytes)?)?;
            Span::new(login.start + colon + 1, login.end)
        }
        "mysql" => {
            attached(b"-p").filter(|span| span.slice(bytes).is_some_and(|text| !text.iter().all(u8::is_ascii_digit)))?
        }
        "sshpass" => attached(b"-p").or_else(|| after(&[b"-p"]))?,
        "login" => after(&[b"-p", b"--password"])?,
        "securestring" => secure_string(bytes, &words)?,
        "net use" => {
            words.get(3).copied().filter(|word| word.slice(bytes).is_some_and(|text| !text.starts_with(b"/")))?
        }
        _ => return None,
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

/// Whether a SQL statement that deals with users stands before `hit` on its line.
pub(super) fn in_sql(bytes: &[u8], hit: usize) -> bool {
    let lead = bytes[line_start(bytes, hit, WINDOW)..hit].to_ascii_lowercase();
    [&b"create "[..], b"alter ", b"set ", b"with ", b"user ", b"role "]
        .iter()
        .any(|word| memchr::memmem::find(&lead, word).is_some())
}

/// `IDENTIFIED BY 'x'`, `PASSWORD 'x'`, `PASSWORD = 'x'`, `PASSWORD('x')`, behind the hit of the keyword.
pub(super) fn sql_password(bytes: &[u8], end: usize) -> Option<Candidate> {
    let mut reader = Reader::new(bytes, end, WINDOW);
    reader.white();
    if reader.eat(b"PASSWORD") || reader.eat(b"password") {
        reader.white();
    }
    reader.skip_while(|byte| matches!(byte, b'(' | b'=' | b' ' | b'\\'));
    let quote = reader.peek();
    if !matches!(quote, b'\'' | b'"') {
        let start = reader.at;
        let word = reader.skip_while(|byte| byte.is_ascii_alphanumeric());
        // Oracle takes the password as a bare word.
        let mixed = word.iter().any(u8::is_ascii_digit) && word.iter().any(u8::is_ascii_alphabetic);
        let password = in_sql(bytes, start) && (mixed || Wording::of(word).is_gibberish());
        return password
            .then(|| judge_placed(bytes, Kind::SqlPassword, Span::new(start, start + word.len()), 4))
            .flatten();
    }
    let start = reader.at + 1;
    let length = memchr::memchr3(quote, b'\n', b'\\', reader.rest().get(1..)?)?;
    (bytes.get(start + length) != Some(&b'\n')).then_some(())?;
    judge_placed(bytes, Kind::SqlPassword, Span::new(start, start + length), 3)
}

/// `pass:value`, as OpenSSL takes passwords.
pub(super) fn openssl_password(bytes: &[u8], hit: usize) -> Option<Candidate> {
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
