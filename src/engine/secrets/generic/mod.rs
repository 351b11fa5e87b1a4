//! Secrets without a form of their own: values that a name or a place gives away.
//!
//! The prefilter of the engine finds the spots; here the text around each is read by hand-written scanners, a name–value
//! pair or a place (URL, header, command line, SQL) is recognised, and explainable features decide (see `score`). Pure: text
//! in, candidates out. Tokens with a form of their own are the business of rules.

mod commands;
mod context;
mod documentation;
mod encoded;
mod file;
mod image;
mod manifest;
mod name;
mod openpgp;
mod pairs;
mod placed;
mod reader;
mod score;
mod shapes;
#[cfg(test)]
mod tests;
mod values;
mod weights;
mod words;

use crate::rating::Confidence;
use crate::span::Span;
pub(super) use context::quote_of_lines;
use pairs::{Link, Pair};
use score::Surroundings;

/// Whether the letters of `value` are neither words nor like words.
pub(super) fn reads_as_gibberish(value: &[u8]) -> bool {
    words::Wording::of(value).is_gibberish()
}

/// Whether dictionary words make up most of the letters of `value`.
pub(super) fn reads_as_words(value: &[u8]) -> bool {
    words::Wording::of(value).is_words()
}

/// The words of a name such as `acmeApiKey` or `ACME_API_KEY`, in lower case.
pub(super) fn words_of(name: &[u8]) -> Vec<String> {
    name::words(name)
}

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
    /// The secret itself, where the bytes at `span` encode it in base64 and the text says so.
    pub decoded: Option<Vec<u8>>,
    /// How sure; `None` where the points do not suffice for a hint.
    pub confidence: Option<Confidence>,
    /// Sum of the weights of what speaks for and against it; 0 where the place alone decides.
    pub points: i32,
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
    "sqlcmd",
    "bcp ",
    "schtasks",
    "winexe",
    "smbclient",
    "rpcclient",
    "zip -",
    "7z ",
    "7za ",
    "rclone obscure",
    "send \"",
    "send \\\"",
    "send -- \"",
];

/// What a path means here: texts at two paths with equal answers are read in the same way.
pub(super) fn kind_of(path: &str) -> impl Ord + std::hash::Hash + Send + use<> {
    (file::syntax(path) as u8, file::role(path) as u8, quote_of_lines(path))
}

/// The points of what the reader is told of a candidate; `None` where that is no feature of the model.
#[must_use]
pub fn points_of(told: &str) -> Option<i32> {
    weights::points_of(told)
}

/// The least points for high and medium confidence and for a hint.
#[must_use]
pub fn thresholds() -> [i32; 3] {
    weights::thresholds()
}

/// Finds the secrets at the keyword `hits` (ascending offsets into `text`). `path` tells how values are written.
#[must_use]
pub fn scan(path: &str, text: &str, hits: &[usize]) -> Vec<Candidate> {
    let mut found = candidates(path, text, hits);
    found.retain(|candidate| candidate.confidence.is_some());
    without_overlaps(found)
}

/// Everything that was weighed at the keyword `hits`, also what is too light to be reported.
#[must_use]
pub fn candidates(path: &str, text: &str, hits: &[usize]) -> Vec<Candidate> {
    let bytes = text.as_bytes();
    let syntax = file::syntax(path);
    let role = file::role(path);
    let mut found: Vec<Candidate> = Vec::new();
    let mut context = context::Context::new(bytes, path);
    // Up to here the text has been read as a name, a value or a command; nothing is read twice.
    let (mut names_to, mut command_to) = (0, 0);
    for &hit in hits {
        if bytes.get(hit) == Some(&b':') {
            found.extend(placed::url_passwords(bytes, hit));
            continue;
        }
        if let Some(candidate) = placed::at(bytes, hit) {
            found.push(candidate);
            continue;
        }
        if hit >= command_to
            && let Some((end, candidate)) = commands::at(bytes, hit)
        {
            command_to = end;
            found.extend(candidate);
        }
        if hit < names_to {
            continue;
        }
        let Some(name) = reader::name_around(bytes, hit) else { continue };
        names_to = name.end;
        let Some(pair) = pairs::pair_at(bytes, syntax, hit) else { continue };
        // The shortest secret that counts has four bytes: most pairs of code end here.
        if pair.value.len() < 4 {
            continue;
        }
        let Some(facts) = pair.name.slice(bytes).and_then(name::facts) else { continue };
        let starts_line = starts_line(bytes, name.start);
        let around = Surroundings { syntax, role, starts_line, context: &mut context };
        if let Some(mut candidate) = score::judge(bytes, &pair, facts, around) {
            if in_connection_string(bytes, &pair) {
                candidate.kind = Kind::ConnectionStringPassword;
            }
            if candidate.confidence.is_some() {
                names_to = names_to.max(candidate.span.end);
            }
            found.push(candidate);
        }
    }
    // A window may have cut a character in two.
    found.retain(|candidate| text.get(candidate.span.start..candidate.span.end).is_some());
    found
}

/// Whether nothing but blanks and a quote stands before `at` on its line, or a login as in netrc files.
fn starts_line(bytes: &[u8], at: usize) -> bool {
    let lead = &bytes[reader::line_start(bytes, at, 128)..at];
    let login = memchr::memmem::find(lead, b"login ").is_some();
    login || lead.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'"' | b'\''))
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
