//! Secrets that their place gives away: passwords in URLs, authorization headers and SQL.

use data_encoding::{BASE64, BASE64_NOPAD};

use super::documentation::is_documentation_host;
use super::reader::{Reader, line_start};
use super::score::{judge_placed, read_as_letters};
use super::words::Wording;
use super::{Candidate, Kind};
use crate::engine::secrets::{entropy, placeholder};
use crate::rating::Confidence;
use crate::span::Span;

/// The candidate of the place that the keyword at `hit` announces.
pub(super) fn at(bytes: &[u8], hit: usize) -> Option<Candidate> {
    let rest = bytes.get(hit..)?;
    let is = |word: &[u8]| rest.len() >= word.len() && rest[..word.len()].eq_ignore_ascii_case(word);
    if is(b"basic ") {
        basic_authorization(bytes, hit)
    } else if is(b"bearer ") {
        bearer_authorization(bytes, hit)
    } else if is(b"identified by") {
        sql_password(bytes, hit + b"identified by".len())
    } else if (is(b"password '") || is(b"password('")) && in_sql(bytes, hit) {
        sql_password(bytes, hit + b"password".len())
    } else {
        None
    }
}

/// How far a URL, a header value or a statement is read.
const WINDOW: usize = 512;

/// The passwords of the URL at the hit of `://`: `scheme://user:password@host`, and one for each member of a list of hosts,
/// `scheme://user:password@host,user:password@host`. A password that stands there twice is told once.
pub(super) fn url_passwords(bytes: &[u8], hit: usize) -> Vec<Candidate> {
    let mut reader = Reader::new(bytes, hit + 3, WINDOW);
    let start = reader.at;
    let authority = reader.skip_while(|byte| {
        !byte.is_ascii_whitespace() && !matches!(byte, b'/' | b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\' | b'|' | 0)
    });
    let mut found: Vec<Candidate> = Vec::new();
    let Some(last) = memchr::memrchr(b'@', authority) else { return found };
    let mut at = 0;
    // A comma in front of the first host belongs to no list.
    if memchr::memchr2(b',', b' ', &authority[..memchr::memchr(b'@', authority).unwrap_or(last)]).is_some() {
        return found;
    }
    let is_list = memchr::memchr(b',', &authority[..last]).is_some();
    let members = authority.split(|&byte| is_list && byte == b',');
    for member in members {
        let span = Span::new(start + at, start + at + member.len());
        at += member.len() + 1;
        if let Some(candidate) = url_password(bytes, hit, span)
            && !found.iter().any(|other| other.span.slice(bytes) == candidate.span.slice(bytes))
        {
            found.push(candidate);
        }
    }
    found
}

/// The password of the authority `user:password@host`, the first or a further one of the URL at `hit`.
fn url_password(bytes: &[u8], hit: usize, authority: Span) -> Option<Candidate> {
    let start = authority.start;
    let authority = authority.slice(bytes)?;
    let at = memchr::memrchr(b'@', authority)?;
    let colon = memchr::memchr(b':', &authority[..at])?;
    let host = &authority[at + 1..];
    let hostlike = host
        .first()
        .is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'%' | b'$' | b'{' | b'[' | b'#'));
    if !hostlike || host.starts_with(b"sha256:") {
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
        || (is_documentation_host(host) && stands_for_password(password))
    {
        return None;
    }
    let span = Span::new(start + colon + 1, start + at);
    judge_placed(bytes, Kind::UrlPassword, span, 4).or_else(|| chosen_word(bytes, hit, span))
}

/// Schemes of databases and brokers: who has the URL has the data.
const STORES: &[&str] = &[
    "postgres",
    "postgresql",
    "mysql",
    "mariadb",
    "mongodb",
    "redis",
    "rediss",
    "amqp",
    "amqps",
    "mssql",
    "sqlserver",
];

/// Words that stand for a password rather than being one.
const MEANT: &[&str] = &[
    "password",
    "passwd",
    "passw",
    "pass",
    "passphrase",
    "pwd",
    "psswrd",
    "user",
    "username",
    "userpass",
    "host",
    "token",
    "database",
    "dbpass",
    "dbpassword",
    "yourpassword",
    "mypassword",
    "userpassword",
    "mypass",
    "pswd",
    "passwort",
];

/// Whether `password` is what a manual writes for one, with digits for letters or behind it: `secret`, `passw0rd1`.
fn stands_for_password(password: &[u8]) -> bool {
    let letters = read_as_letters(password);
    MEANT.iter().chain(&["secret", "mysecret", "admin"]).any(|meant| letters == meant.as_bytes())
}

/// A single word as the password of a database: a poor one, and one all the same.
fn chosen_word(bytes: &[u8], hit: usize, span: Span) -> Option<Candidate> {
    let lead = bytes.get(hit.saturating_sub(12)..hit)?;
    let scheme = lead.iter().rev().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let scheme = lead[lead.len() - scheme..].to_ascii_lowercase();
    let word = span.slice(bytes)?;
    let lower = word.to_ascii_lowercase();
    let is_word = (4..=32).contains(&word.len())
        && word.iter().all(u8::is_ascii_alphanumeric)
        && word.iter().any(u8::is_ascii_lowercase);
    let is_one = is_word
        && STORES.iter().any(|store| scheme == store.as_bytes())
        && !MEANT.iter().any(|meant| lower == meant.as_bytes())
        && placeholder::reason(word).is_none();
    is_one.then(|| Candidate {
        kind: Kind::UrlPassword,
        span,
        name: None,
        decoded: None,
        confidence: Some(Confidence::Medium),
        points: 0,
        reasons: vec!["a word as the password of a database"],
    })
}

/// `Basic <base64 of user:password>`, behind the hit of `basic `.
fn basic_authorization(bytes: &[u8], hit: usize) -> Option<Candidate> {
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
        decoded: None,
        confidence: Some(Confidence::High),
        points: 0,
        reasons: vec!["Basic authorization that decodes to user and password"],
    })
}

/// `Bearer <token>`, behind the hit of `bearer `.
fn bearer_authorization(bytes: &[u8], hit: usize) -> Option<Candidate> {
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
        decoded: None,
        confidence: Some(Confidence::High),
        points: 0,
        reasons: vec!["bearer authorization with a literal token"],
    })
}

/// Whether a SQL statement that deals with users stands before `hit` on its line.
fn in_sql(bytes: &[u8], hit: usize) -> bool {
    let lead = bytes[line_start(bytes, hit, WINDOW)..hit].to_ascii_lowercase();
    [&b"create "[..], b"alter ", b"set ", b"with ", b"grant "]
        .iter()
        .any(|word| memchr::memmem::find(&lead, word).is_some())
}

/// `IDENTIFIED BY 'x'`, `PASSWORD 'x'`, `PASSWORD = 'x'`, `PASSWORD('x')`, behind the hit of the keyword.
fn sql_password(bytes: &[u8], end: usize) -> Option<Candidate> {
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
