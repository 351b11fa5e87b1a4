//! Secrets without a form of their own: values that a name or a place gives away.
//!
//! A keyword automaton outside finds the spots; here the text around each is read by hand-written scanners, a name–value
//! pair or a place (URL, header, command line, SQL) is recognised, and explainable features decide (see `score`). Pure: text
//! in, candidates out. Tokens with a form of their own are the business of rules.

mod context;
mod file;
mod name;
mod pairs;
mod placed;
mod reader;
mod score;
mod shapes;
#[cfg(test)]
mod tests;
mod values;
mod words;

use crate::finding::Confidence;
use crate::span::Span;
use pairs::{Link, Pair};
use score::Surroundings;

/// What was found; each kind is one rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A value under the name of a password.
    Password,
    /// A value under the name of a secret, token, key or credential.
    Secret,
    /// A value under the name of an API key.
    ApiKey,
    /// The password in the user information of a URL.
    UrlPassword,
    /// The password of a connection string.
    ConnectionStringPassword,
    /// A Basic authorization that decodes to user and password.
    BasicAuthorization,
    /// A bearer authorization with a literal token.
    BearerAuthorization,
    /// A password among the arguments of a command.
    CommandPassword,
    /// A password in a SQL statement.
    SqlPassword,
}

impl Kind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::Password,
        Self::Secret,
        Self::ApiKey,
        Self::UrlPassword,
        Self::ConnectionStringPassword,
        Self::BasicAuthorization,
        Self::BearerAuthorization,
        Self::CommandPassword,
        Self::SqlPassword,
    ];

    /// The id of the rule that reports this kind.
    #[must_use]
    pub fn rule(self) -> &'static str {
        match self {
            Self::Password => "generic-password",
            Self::Secret => "generic-secret",
            Self::ApiKey => "generic-api-key",
            Self::UrlPassword => "url-password",
            Self::ConnectionStringPassword => "connection-string-password",
            Self::BasicAuthorization => "basic-authorization-header",
            Self::BearerAuthorization => "bearer-authorization-header",
            Self::CommandPassword => "command-line-password",
            Self::SqlPassword => "sql-password",
        }
    }
}

/// A value that is probably a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// What it is.
    pub kind: Kind,
    /// The bytes of the value, without quotes.
    pub span: Span,
    /// The bytes of the name that gives it away, where there is one.
    pub name: Option<Span>,
    /// How sure.
    pub confidence: Confidence,
    /// What spoke for and against it, for the reader. Holds nothing of the value.
    pub reasons: Vec<&'static str>,
}

/// Lower-case literals, one of which stands where a candidate may be; matched without regard to case.
pub const KEYWORDS: &[&str] = &[
    "pass",
    "pwd",
    "secret",
    "token",
    "key",
    "credential",
    "auth",
    "_pw",
    "://",
    "basic ",
    "bearer ",
    "curl ",
    "mysql",
    "identified by",
    "docker login",
    "securestring",
    "net use",
];

/// Finds the secrets at the keyword `hits` (ascending offsets into `text`). `path` tells how values are written.
#[must_use]
pub fn scan(path: &str, text: &str, hits: &[usize]) -> Vec<Candidate> {
    let bytes = text.as_bytes();
    let syntax = file::syntax(path);
    let role = file::role(path);
    let mut found: Vec<Candidate> = Vec::new();
    let mut context = context::Context::new(bytes, path);
    let mut last_name_end = 0;
    for &hit in hits {
        if let Some(candidate) = placed_at(bytes, hit) {
            found.push(candidate);
            continue;
        }
        if hit < last_name_end || bytes.get(hit) == Some(&b':') {
            continue;
        }
        let Some(name) = reader::name_around(bytes, hit) else { continue };
        last_name_end = name.end;
        let Some(pair) = pairs::pair_at(bytes, syntax, hit) else { continue };
        let Some(facts) = pair.name.slice(bytes).and_then(name::facts) else { continue };
        if let Some(mut candidate) = score::judge(
            bytes,
            &pair,
            facts,
            Surroundings { syntax, role, starts_line: starts_line(bytes, name.start), context: &mut context },
        ) {
            if in_connection_string(bytes, &pair) {
                candidate.kind = Kind::ConnectionStringPassword;
            }
            found.push(candidate);
        }
    }
    without_overlaps(found)
}

/// Whether nothing but blanks and a quote stands before `at` on its line.
fn starts_line(bytes: &[u8], at: usize) -> bool {
    let lead = &bytes[reader::line_start(bytes, at, 128)..at];
    lead.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'"' | b'\''))
}

/// The candidate of a place that starts at this hit.
fn placed_at(bytes: &[u8], hit: usize) -> Option<Candidate> {
    let rest = bytes.get(hit..)?;
    let is = |word: &[u8]| rest.len() >= word.len() && rest[..word.len()].eq_ignore_ascii_case(word);
    if is(b"://") {
        return placed::url_password(bytes, hit);
    }
    if is(b"basic ") {
        return placed::basic_authorization(bytes, hit);
    }
    if is(b"bearer ") {
        return placed::bearer_authorization(bytes, hit);
    }
    if is(b"identified by") {
        return placed::sql_password(bytes, hit + b"identified by".len());
    }
    if (is(b"password '") || is(b"password('")) && placed::in_sql(bytes, hit) {
        return placed::sql_password(bytes, hit + b"password".len());
    }
    if is(b"pass:") {
        return placed::openssl_password(bytes, hit);
    }
    if is(b"curl ") {
        return placed::command_password(bytes, hit, "curl");
    }
    if is(b"mysql") {
        return placed::command_password(bytes, hit, "mysql");
    }
    if is(b"pass ") && hit >= 3 && bytes[hit - 3..hit].eq_ignore_ascii_case(b"ssh") {
        return placed::command_password(bytes, hit - 3, "sshpass");
    }
    if is(b"docker login") {
        return placed::command_password(bytes, hit, "login");
    }
    if is(b"securestring") && hit >= 10 && bytes[hit - 10..hit].eq_ignore_ascii_case(b"convertto-") {
        return placed::command_password(bytes, hit - 10, "securestring");
    }
    if is(b"net use ") {
        return placed::command_password(bytes, hit, "net use");
    }
    None
}

/// Whether the pair stands in a list of settings joined by semicolons that names a server: `Server=…;User Id=…;Pwd=…`.
fn in_connection_string(bytes: &[u8], pair: &Pair) -> bool {
    if pair.quoted || !matches!(pair.link, Link::Assign | Link::Query) {
        return false;
    }
    let from = reader::line_start(bytes, pair.name.start, 512);
    let lead = bytes[from..pair.name.start].to_ascii_lowercase();
    let after = bytes.get(pair.value.end) == Some(&b';');
    let joined = lead.trim_ascii_end().ends_with(b";") || after;
    let servers: [&[u8]; 9] = [
        b"server=",
        b"data source=",
        b"host=",
        b"uid=",
        b"user id=",
        b"username=",
        b"accountname=",
        b"endpoint=",
        b"database=",
    ];
    joined && servers.iter().any(|server| memchr::memmem::find(&lead, server).is_some())
}

/// Sorts by place and keeps one candidate where several share bytes: the one of the place before the one of the name.
fn without_overlaps(mut found: Vec<Candidate>) -> Vec<Candidate> {
    found.sort_by_key(|candidate| (candidate.span.start, candidate.name.is_some(), candidate.span.end));
    let mut kept: Vec<Candidate> = Vec::with_capacity(found.len());
    for candidate in found {
        match kept.last() {
            Some(last) if last.span.overlaps(candidate.span) => {
                if last.name.is_some() && candidate.name.is_none() {
                    kept.pop();
                    kept.push(candidate);
                }
            }
            _ => kept.push(candidate),
        }
    }
    kept
}
