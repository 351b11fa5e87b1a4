//! Files at the root of a scan in which other secret scanners list what is accepted: `.gitleaksignore`,
//! `.betterleaksignore` and the baseline of detect-secrets.
//!
//! | file | entry | means |
//! |---|---|---|
//! | `.gitleaksignore`, `.betterleaksignore` | `file:rule:line` | what the rule reports on that line of the file |
//! | the same | `commit:file:rule:line` | the same; in a search of the history only what that commit brought |
//! | `.betterleaksignore` | SHA-256 of a secret, in hexadecimal digits | that secret, wherever it stands |
//! | `.secrets.baseline` | SHA-1 of a secret, under the name of a file | that secret in that file |
//!
//! (README of gitleaks, "Ignoring Findings"; `docs/v2_migration.md` of betterleaks; README of detect-secrets.) The rule is
//! the other tool's, translated by the `equivalents` of ours. An entry for `generic-api-key`, which means any secret of no
//! other kind, silences whatever stands on that line. Only secrets are silenced. A finding that is, stays in every report.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use sha2::Digest as _;

use super::external_lists::Allowed;
use super::reason::foreign;
use super::target::Target;
use crate::finding::{Category, Finding, Suppression, SuppressionKind};
use crate::rules::gitleaks::schema::AllowList;
use crate::secret::Secret;

/// The files, in the order in which they are asked.
const GITLEAKS: &str = ".gitleaksignore";
const BETTERLEAKS: &str = ".betterleaksignore";
/// The baseline of detect-secrets.
pub const DETECT_SECRETS: &str = ".secrets.baseline";

/// Most bytes of one file.
const MAX_SIZE: u64 = 16 << 20;
/// Most entries of one file.
const MAX_ENTRIES: usize = 100_000;
/// The rule of gitleaks for whatever no other rule knows.
const GENERIC: &str = "generic-api-key";
/// Length of what gitleaks, betterleaks and git write as SHA-1 and SHA-256.
const SHA1_DIGITS: usize = 40;
const SHA256_DIGITS: usize = 64;

/// What other tools accept.
#[derive(Clone, Debug, Default)]
pub struct ExternalIgnores {
    /// By path.
    places: BTreeMap<String, Vec<Place>>,
    /// Name of the file by SHA-256.
    values: BTreeMap<String, &'static str>,
    /// By path, then by SHA-1: what detect-secrets says of it.
    baseline: BTreeMap<String, BTreeMap<String, Known>>,
    /// Allow-lists with the names of their files.
    lists: Vec<(String, Allowed)>,
    problems: Vec<ExternalProblem>,
}

/// A line on which a rule's findings are accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    file: &'static str,
    rule: String,
    line: u32,
    commit: Option<String>,
}

/// An entry of the baseline of detect-secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Known {
    /// Its kind of secret.
    kind: String,
    /// What a person who audited it said of it.
    is_secret: Option<bool>,
}

/// What of such a file could not be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalProblem {
    /// The file, relative to the root.
    pub file: &'static str,
    /// What is wrong, and with what consequence.
    pub message: String,
}

/// An entry of `.gitleaksignore` or `.betterleaksignore`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IgnoreEntry {
    /// What a rule reports on a line.
    Place {
        /// The commit that it is about.
        commit: Option<String>,
        /// Relative to the root, with `/`.
        path: String,
        /// Id of the other tool's rule.
        rule: String,
        /// From 1; 0 for the file as a whole.
        line: u32,
    },
    /// The SHA-256 of a secret, in small hexadecimal digits.
    Value(String),
}

#[derive(Deserialize)]
struct Baseline {
    results: BTreeMap<String, Vec<BaselineEntry>>,
}

#[derive(Deserialize)]
struct BaselineEntry {
    #[serde(rename = "type", default)]
    kind: String,
    hashed_secret: String,
    #[serde(default)]
    is_secret: Option<bool>,
}

impl ExternalIgnores {
    /// Reads what there is at `root`. Symbolic links are not followed.
    #[must_use]
    pub fn load(root: &Path) -> Self {
        Self::of(|file| read(&root.join(file)))
    }

    /// The lists that `text` gives by the names of their files, from wherever it has them; `None` where there is none.
    #[must_use]
    pub fn of(mut text: impl FnMut(&str) -> io::Result<Option<String>>) -> Self {
        let mut ignores = Self::default();
        for file in [GITLEAKS, BETTERLEAKS, DETECT_SECRETS] {
            let problem = match text(file) {
                Ok(None) => None,
                Ok(Some(text)) if file == DETECT_SECRETS => ignores.add_baseline(&text),
                Ok(Some(text)) => ignores.add(file, &text),
                Err(error) => Some(format!("{error}; nothing in it is honoured")),
            };
            ignores.problems.extend(problem.map(|message| ExternalProblem { file, message }));
        }
        ignores
    }

    /// What could not be understood.
    #[must_use]
    pub fn problems(&self) -> &[ExternalProblem] {
        &self.problems
    }

    /// The same, and what `lists` of the configuration `file` have.
    #[must_use]
    pub fn with_lists(mut self, file: &str, lists: &[Arc<AllowList>]) -> Self {
        self.lists.extend(lists.iter().map(|list| (file.to_owned(), Allowed::new(list))));
        self
    }

    /// Whether there is no entry at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty() && self.values.is_empty() && self.baseline.is_empty() && self.lists.is_empty()
    }

    /// Takes in the entries of the ignore file `file`; gives what is wrong with it.
    fn add(&mut self, file: &'static str, text: &str) -> Option<String> {
        let (entries, problem) = ignore_entries(text);
        for entry in entries {
            match entry {
                IgnoreEntry::Place { commit, path, rule, line } => {
                    self.places.entry(path).or_default().push(Place { file, rule, line: line.max(1), commit });
                }
                IgnoreEntry::Value(hash) => {
                    self.values.insert(hash, file);
                }
            }
        }
        problem
    }

    fn add_baseline(&mut self, text: &str) -> Option<String> {
        let baseline: Baseline = match serde_json::from_str(text) {
            Ok(baseline) => baseline,
            // Nothing of the text is repeated: it could hold a secret.
            Err(error) => {
                let (line, column) = (error.line(), error.column());
                return Some(format!(
                    "not a baseline of detect-secrets (line {line}, column {column}); nothing in it is honoured"
                ));
            }
        };
        let mut count = 0;
        let mut malformed = 0;
        for (path, entries) in baseline.results {
            let known = self.baseline.entry(clean_path(&path)).or_default();
            for entry in entries {
                count += 1;
                let hash = entry.hashed_secret.to_ascii_lowercase();
                if count > MAX_ENTRIES {
                    return Some(format!("more than {MAX_ENTRIES} entries; those behind are not honoured"));
                } else if is_hexadecimal(&hash, SHA1_DIGITS) {
                    known.insert(hash, Known { kind: entry.kind, is_secret: entry.is_secret });
                } else {
                    malformed += 1;
                }
            }
        }
        (malformed > 0)
            .then(|| format!("{malformed} of its entries have no SHA-1 as `hashed_secret` and are not honoured"))
    }

    /// What silences `target`, which is `secret` in the file at `path`. Entries that are bound to a commit count unless
    /// `in_history`, where [`ExternalIgnores::find_in_history`] decides.
    #[must_use]
    pub fn find(&self, path: &str, target: &Target<'_>, secret: &Secret, in_history: bool) -> Option<Suppression> {
        if self.is_empty() || target.category != Category::Secret {
            return None;
        }
        let is_meant = |place: &&Place| place.means(target) && (place.commit.is_none() || !in_history);
        if let Some(place) = self.places.get(path).and_then(|places| places.iter().find(is_meant)) {
            return Some(place.suppression());
        }
        if !self.values.is_empty()
            && let Some(&file) = self.values.get(&sha256(secret.expose()))
        {
            return Some(external(file, "the hash of the secret"));
        }
        if let Some((file, _)) = self.lists.iter().find(|(_, list)| list.has(path, secret.expose())) {
            return Some(external(file, "an allow-list"));
        }
        let known = self.baseline.get(path)?;
        let hashes = std::iter::once(secret.expose()).chain(key_header(secret.expose()));
        let entry = hashes.filter_map(sha1).find_map(|hash| known.get(&hash))?;
        let audit = match entry.is_secret {
            Some(true) => ", audited as a real secret",
            Some(false) => ", audited as no secret",
            None => "",
        };
        let kind: String = entry.kind.chars().filter(|c| !c.is_control()).take(60).collect();
        Some(external(DETECT_SECRETS, &format!("{kind}{audit}")))
    }

    /// What silences `finding`, whose rule is that of `target`, among the entries that are bound to a commit.
    #[must_use]
    pub fn find_in_history(&self, finding: &Finding, target: &Target<'_>) -> Option<Suppression> {
        let commit = &finding.introduction.as_ref()?.commit;
        let places = self.places.get(&*finding.location.path)?;
        let is_meant = |place: &&Place| place.commit.as_ref() == Some(commit) && place.means(target);
        places.iter().find(is_meant).map(Place::suppression)
    }
}

impl Place {
    fn means(&self, target: &Target<'_>) -> bool {
        let names = |equivalent: &String| {
            let tool = equivalent.split_once(':').filter(|(tool, _)| matches!(*tool, "gitleaks" | "betterleaks"));
            tool.is_some_and(|(_, id)| id == self.rule)
        };
        let is_rule = self.rule == GENERIC
            || self.rule == target.rule
            || target.aliases.contains(&self.rule)
            || target.equivalents.iter().any(names);
        is_rule && (target.first_line..=target.last_line).contains(&self.line)
    }

    fn suppression(&self) -> Suppression {
        let commit = self.commit.as_deref().map(|commit| format!(" of commit {}", commit.get(..10).unwrap_or(commit)));
        external(self.file, &format!("{} on line {}{}", self.rule, self.line, commit.unwrap_or_default()))
    }
}

fn external(file: &str, what: &str) -> Suppression {
    Suppression { kind: SuppressionKind::External, justification: Some(foreign(file, Some(what.to_owned()))) }
}

/// The entries of an ignore file, and what is wrong with it.
#[must_use]
pub fn ignore_entries(text: &str) -> (Vec<IgnoreEntry>, Option<String>) {
    let mut entries = Vec::new();
    let mut malformed = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if entries.len() >= MAX_ENTRIES {
            return (entries, Some(format!("more than {MAX_ENTRIES} entries; those behind are not honoured")));
        }
        match entry(line) {
            Some(entry) => entries.push(entry),
            None => malformed.push(number + 1),
        }
    }
    let problem = malformed.first().map(|first| {
        let (more, is) = match malformed.len() {
            1 => (String::new(), "is"),
            count => (format!(" and {} more", count - 1), "are"),
        };
        format!("line {first}{more} {is} neither `file:rule:line` nor `commit:file:rule:line`, and not honoured")
    });
    (entries, problem)
}

fn entry(line: &str) -> Option<IgnoreEntry> {
    let lower = line.to_ascii_lowercase();
    if is_hexadecimal(&lower, SHA256_DIGITS) {
        return Some(IgnoreEntry::Value(lower));
    }
    // A path may hold colons, a rule and a number do not.
    let mut parts = line.rsplitn(3, ':');
    let (number, rule, place) = (parts.next()?, parts.next()?, parts.next()?);
    let line = number.trim().parse().ok()?;
    let commit = place.split_once(':').filter(|(commit, _)| {
        (7..=SHA256_DIGITS).contains(&commit.len()) && commit.bytes().all(|byte| byte.is_ascii_hexdigit())
    });
    let (commit, path) = match commit {
        Some((commit, path)) => (Some(commit.to_ascii_lowercase()), path),
        None => (None, place),
    };
    let path = clean_path(path);
    (!path.is_empty() && !rule.is_empty()).then(|| IgnoreEntry::Place { commit, path, rule: rule.to_owned(), line })
}

/// `path` with `/`, and without `./` in front.
fn clean_path(path: &str) -> String {
    let path = path.replace('\\', "/");
    path.strip_prefix("./").unwrap_or(&path).to_owned()
}

fn is_hexadecimal(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// SHA-1 in small hexadecimal digits; `None` for one that was made to collide.
fn sha1(bytes: &[u8]) -> Option<String> {
    let mut hasher = sha1dc::Hasher::new();
    hasher.update(bytes);
    hasher.finalize().ok().map(|digest| digest.to_string())
}

fn sha256(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&sha2::Sha256::digest(bytes))
}

/// What detect-secrets takes for the secret in a private key: the words of its first line.
fn key_header(secret: &[u8]) -> Option<&[u8]> {
    let line = secret.split(|&byte| byte == b'\n' || byte == b'\r').next()?;
    let text = line.strip_prefix(b"-----")?;
    text.strip_suffix(b"-----")
}

/// The text of the file at `path`, `None` where there is none.
fn read(path: &Path) -> io::Result<Option<String>> {
    let kind = match path.symlink_metadata() {
        Ok(metadata) => metadata.file_type(),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    if !kind.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    let mut text = String::new();
    File::open(path)?.take(MAX_SIZE + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MAX_SIZE {
        return Err(io::Error::other(format!("larger than {} MiB", MAX_SIZE >> 20)));
    }
    Ok(Some(text))
}

#[cfg(test)]
mod tests;
