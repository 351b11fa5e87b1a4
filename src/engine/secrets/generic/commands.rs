//! Passwords among the arguments of programs: `curl -u`, `mysql -p`, `docker login -p`, `openssl -passin pass:…`.

use super::reader::{Reader, line_start};
use super::score::judge_placed;
use super::{Candidate, Kind};
use crate::span::Span;

/// How far a command line is read.
const WINDOW: usize = 512;

/// A program that takes a password as an argument.
struct Program {
    /// What the command has in front of the keyword.
    lead: &'static [u8],
    /// The keyword of the prefilter that announces it.
    keyword: &'static [u8],
    password: &'static [Place],
}

/// Where the password stands.
#[derive(Clone, Copy)]
enum Place {
    /// Behind one of the flags.
    Behind(&'static [&'static [u8]]),
    /// Right behind a flag of one letter, in the same word.
    Attached(&'static [u8]),
    /// In the word behind one of the flags, behind the first such character: `user:password`.
    Login(&'static [&'static [u8]], u8),
    /// The word with this number, if it is no switch.
    Word(usize),
    /// Behind `-b` of `htpasswd`, with the name of a file or without.
    Batch,
    /// The text of `ConvertTo-SecureString`, if it is said to be plain.
    Plain,
    /// What a script types when it has waited for a prompt for a password.
    Answer,
}

const LOGIN_OF_WINDOWS: Place = Place::Login(&[b"-U", b"--user"], b'%');
const SQL_SERVER: &[Place] = &[Place::Behind(&[b"-P"]), Place::Attached(b"-P")];
const ZIP: &[Place] = &[Place::Behind(&[b"-P", b"--password"]), Place::Attached(b"-P")];
const SEVEN_ZIP: &[Place] = &[Place::Attached(b"-p")];

const PROGRAMS: &[Program] = &[
    Program {
        lead: b"",
        keyword: b"curl ",
        password: &[Place::Login(&[b"-u", b"--user", b"-U", b"--proxy-user"], b':')],
    },
    Program { lead: b"", keyword: b"mysql", password: &[Place::Attached(b"-p")] },
    Program { lead: b"ssh", keyword: b"pass ", password: &[Place::Attached(b"-p"), Place::Behind(&[b"-p"])] },
    Program { lead: b"", keyword: b"docker login", password: &[Place::Behind(&[b"-p", b"--password"])] },
    Program { lead: b"convertto-", keyword: b"securestring", password: &[Place::Plain] },
    Program { lead: b"", keyword: b"net use ", password: &[Place::Word(3)] },
    Program { lead: b"", keyword: b"sqlcmd", password: SQL_SERVER },
    Program { lead: b"", keyword: b"bcp ", password: SQL_SERVER },
    Program { lead: b"", keyword: b"schtasks", password: &[Place::Behind(&[b"/rp"])] },
    Program { lead: b"", keyword: b"winexe", password: &[LOGIN_OF_WINDOWS] },
    Program { lead: b"", keyword: b"smbclient", password: &[LOGIN_OF_WINDOWS] },
    Program { lead: b"", keyword: b"rpcclient", password: &[LOGIN_OF_WINDOWS] },
    Program { lead: b"ht", keyword: b"passwd", password: &[Place::Batch] },
    Program { lead: b"", keyword: b"zip -", password: ZIP },
    Program { lead: b"un", keyword: b"zip -", password: ZIP },
    Program { lead: b"", keyword: b"7z ", password: SEVEN_ZIP },
    Program { lead: b"", keyword: b"7za ", password: SEVEN_ZIP },
    Program { lead: b"", keyword: b"rclone obscure", password: &[Place::Word(2)] },
    Program { lead: b"", keyword: b"send \"", password: &[Place::Answer] },
    Program { lead: b"", keyword: b"send -- \"", password: &[Place::Answer] },
    Program { lead: b"", keyword: b"send \\\"", password: &[Place::Answer] },
];

/// Whether the keyword of a program begins with each byte.
static BEGINS: [bool; 256] = begins();

const fn begins() -> [bool; 256] {
    let mut table = [false; 256];
    let mut program = 0;
    while program < PROGRAMS.len() {
        let first = PROGRAMS[program].keyword[0];
        table[first as usize] = true;
        table[first.to_ascii_uppercase() as usize] = true;
        program += 1;
    }
    table
}

/// Reads the command that the keyword at `hit` announces: the end of what was read, and the password if there is one.
pub(super) fn at(bytes: &[u8], hit: usize) -> Option<(usize, Option<Candidate>)> {
    let rest = bytes.get(hit..)?;
    if !rest.first().is_some_and(|&first| BEGINS[usize::from(first)]) {
        return None;
    }
    let is = |word: &[u8]| rest.len() >= word.len() && rest[..word.len()].eq_ignore_ascii_case(word);
    let behind = |word: &[u8]| hit >= word.len() && bytes[hit - word.len()..hit].eq_ignore_ascii_case(word);
    if is(b"pass:") {
        return openssl_password(bytes, hit).map(|candidate| (candidate.span.end, Some(candidate)));
    }
    let starts_word = |start: usize| {
        let before = start.checked_sub(1).and_then(|at| bytes.get(at)).copied().unwrap_or(b' ');
        !before.is_ascii_alphanumeric() && !matches!(before, b'_' | b'.')
    };
    let fits =
        |program: &&Program| is(program.keyword) && behind(program.lead) && starts_word(hit - program.lead.len());
    let program = PROGRAMS.iter().find(fits)?;
    let line = command_line(bytes, hit - program.lead.len());
    let words = arguments(bytes, line);
    let password = program.password.iter().find_map(|place| place.password(bytes, line, &words));
    let password = password.and_then(|span| judge_placed(bytes, Kind::CommandPassword, unquoted(bytes, span), 3));
    Some((line.end, password))
}

impl Place {
    /// The password that stands here among the `words` of the command `line`, perhaps in quotes.
    fn password(self, bytes: &[u8], line: Span, words: &[Span]) -> Option<Span> {
        let text = |word: &Span| word.slice(bytes).unwrap_or_default();
        let behind = |flags: &[&[u8]]| {
            // Switches of Windows are written in any case.
            let is_flag = |word: &Span| {
                flags
                    .iter()
                    .any(|flag| text(word) == *flag || (flag[0] == b'/' && text(word).eq_ignore_ascii_case(flag)))
            };
            words.windows(2).find(|pair| is_flag(&pair[0])).map(|pair| pair[1])
        };
        match self {
            Self::Behind(flags) => behind(flags).filter(|word| !text(word).starts_with(b"-")),
            Self::Attached(flag) => words.iter().find_map(|word| {
                let value =
                    text(word).strip_prefix(flag).filter(|value| value.first().is_some_and(|&byte| byte != b'-'))?;
                // A port rather than a password.
                let is_port = value.iter().all(u8::is_ascii_digit);
                (!is_port).then(|| Span::new(word.start + flag.len(), word.end))
            }),
            Self::Login(flags, separator) => {
                let login = behind(flags)?;
                let at = memchr::memchr(separator, login.slice(bytes)?)?;
                Some(Span::new(login.start + at + 1, login.end))
            }
            Self::Word(number) => {
                words.get(number).copied().filter(|word| !matches!(text(word).first(), Some(b'/' | b'-')))
            }
            Self::Batch => batch(bytes, words),
            Self::Plain => secure_string(bytes, words),
            Self::Answer => answer(bytes, line),
        }
    }
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

/// `htpasswd -b file user password` and `htpasswd -nb user password`.
fn batch(bytes: &[u8], words: &[Span]) -> Option<Span> {
    let is_switch = |word: &&Span| word.slice(bytes).is_some_and(|text| text.starts_with(b"-") && text.len() <= 6);
    let holds = |letter: u8| {
        words.iter().filter(is_switch).any(|word| word.slice(bytes).is_some_and(|text| text.contains(&letter)))
    };
    let names = words.iter().skip(1).skip_while(is_switch).count();
    (holds(b'b') && names == if holds(b'n') { 2 } else { 3 }).then(|| words.last().copied()).flatten()
}

/// `send "value\r"` of expect, behind the prompt that it has waited for.
fn answer(bytes: &[u8], line: Span) -> Option<Span> {
    let before = &bytes[line.start.saturating_sub(WINDOW / 2)..line.start];
    let prompt = before.trim_ascii_end();
    let prompt = memchr::memmem::rfind(prompt, b"expect").map(|at| prompt[at..].to_ascii_lowercase())?;
    let is_asked = [&b"password"[..], b"assword", b"passphrase", b"assphrase"]
        .iter()
        .any(|word| memchr::memmem::find(&prompt, word).is_some());
    if !is_asked || memchr::memmem::find(&prompt, b"send").is_some() {
        return None;
    }
    let text = line.slice(bytes)?;
    let start = memchr::memchr(b'"', text)? + 1;
    let length = text[start..].iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
    // What is typed ends with a line break.
    let typed = text[start + length..].trim_ascii_start();
    let ends = [&br"\r"[..], br"\n", br"\\r", br"\\n"].iter().any(|end| typed.starts_with(end));
    ends.then(|| Span::new(line.start + start, line.start + start + length))
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

#[cfg(test)]
mod tests;
