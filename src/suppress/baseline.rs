//! The baseline: findings that were there before, accepted once so that only new ones block.
//!
//! A baseline file holds fingerprints with rule and path for its readers, never a secret, an excerpt or a line number. It
//! is sorted and has one entry on a line, so that a change of it reads well in review. Writing the file is not done here.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::Deserialize;

use crate::finding::{Finding, Suppression, SuppressionKind};
use crate::fingerprint::Fingerprint;

/// Name of the format, the value of `schema`.
pub const SCHEMA: &str = "lockgate/baseline/v1";

/// The most bytes that a baseline may have: some 300,000 findings.
pub const MAX_SIZE: u64 = 64 << 20;

/// Most characters of the parser's words that are repeated.
const MAX_MESSAGE: usize = 200;

/// Findings that do not count because they were there before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    /// Sorted, each fingerprint once.
    entries: Vec<BaselineEntry>,
}

/// One accepted finding. The order is that of the file: by path, rule and fingerprint.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BaselineEntry {
    /// Its path, relative to the root of the scan.
    pub path: String,
    /// Id of its rule.
    pub rule: String,
    /// The finding's identity.
    pub fingerprint: Fingerprint,
}

/// Why a baseline could not be read.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// The operating system does not give it out.
    #[error("{path}: cannot be read: {error}")]
    Unreadable {
        /// The file.
        path: String,
        /// The system's words.
        error: std::io::Error,
    },
    /// A directory, a FIFO, a device.
    #[error("{path}: is not a regular file")]
    NotRegular {
        /// The file.
        path: String,
    },
    /// More bytes than a baseline may have.
    #[error("{path}: is larger than {} MiB, the most that a baseline may have", MAX_SIZE >> 20)]
    TooLarge {
        /// The file.
        path: String,
    },
    /// Of another format, or of a version that this program does not know.
    #[error("{path}: is not a baseline of the format `{SCHEMA}`: `schema` is {found}; write the baseline anew")]
    Schema {
        /// The file.
        path: String,
        /// What stands there.
        found: String,
    },
    /// Not JSON, an unknown or missing field, a value of the wrong form.
    #[error("{path}:{line}:{column}: {message}")]
    Malformed {
        /// The file.
        path: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// A finding that is listed twice, as after a bad merge.
    #[error("{path}:{line}: the fingerprint {fingerprint} is listed twice; remove one of the entries")]
    Duplicate {
        /// The file.
        path: String,
        /// Line of the second entry, from 1.
        line: usize,
        /// The fingerprint.
        fingerprint: Fingerprint,
    },
}

/// What tells the format before anything else is looked at: a later version may have fields that this one does not know.
#[derive(Deserialize)]
#[serde(expecting = "an object with `schema` and `findings`")]
struct Head {
    schema: Option<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(rename = "schema")]
    _schema: String,
    findings: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    fingerprint: Fingerprint,
    rule: String,
    path: String,
}

impl Baseline {
    /// Reads the baseline file at `path`.
    pub fn load(path: &Path) -> Result<Self, BaselineError> {
        let name = path.display().to_string();
        let unreadable = |error| BaselineError::Unreadable { path: name.clone(), error };
        // Opening a FIFO could block for ever.
        if !path.metadata().map_err(unreadable)?.is_file() {
            return Err(BaselineError::NotRegular { path: name });
        }
        let mut bytes = Vec::new();
        let file = File::open(path).map_err(unreadable)?;
        file.take(MAX_SIZE + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() as u64 > MAX_SIZE {
            return Err(BaselineError::TooLarge { path: name });
        }
        Self::parse(&bytes, &name)
    }

    /// Reads a baseline from `bytes`, which errors call `path`.
    pub fn parse(bytes: &[u8], path: &str) -> Result<Self, BaselineError> {
        let malformed = |error: serde_json::Error| BaselineError::Malformed {
            path: path.to_owned(),
            line: error.line(),
            column: error.column(),
            message: message_of(&error),
        };
        let head: Head = serde_json::from_slice(bytes).map_err(malformed)?;
        match head.schema {
            Some(serde_json::Value::String(schema)) if schema == SCHEMA => {}
            // Of a file that was named by mistake nothing is repeated: it could be a secret.
            other => {
                let found = match other {
                    Some(serde_json::Value::String(name)) if is_name_of_ours(&name) => format!("`{name}`"),
                    Some(_) => "something else".to_owned(),
                    None => "missing".to_owned(),
                };
                return Err(BaselineError::Schema { path: path.to_owned(), found });
            }
        }
        let document: Document = serde_json::from_slice(bytes).map_err(malformed)?;
        let mut seen = BTreeSet::new();
        if let Some(twice) = document.findings.iter().find(|entry| !seen.insert(entry.fingerprint)) {
            let fingerprint = twice.fingerprint;
            return Err(BaselineError::Duplicate {
                path: path.to_owned(),
                line: second_line(bytes, fingerprint),
                fingerprint,
            });
        }
        let entries = document.findings.into_iter();
        Ok(Self::new(entries.map(|Entry { fingerprint, rule, path }| BaselineEntry { path, rule, fingerprint })))
    }

    /// A baseline of everything in `findings` that counts or is silenced by an earlier baseline. What a comment in the
    /// source, a waiver or the list of another scanner silences needs no entry.
    #[must_use]
    pub fn from_findings(findings: &[Finding]) -> Self {
        let is_silenced = |finding: &&Finding| {
            finding.suppression.as_ref().is_some_and(|suppression| suppression.kind != SuppressionKind::Baseline)
        };
        Self::of(findings.iter().filter(|finding| !is_silenced(finding)))
    }

    /// A baseline of all `findings`.
    pub fn of<'f>(findings: impl Iterator<Item = &'f Finding>) -> Self {
        let mut seen = BTreeSet::new();
        // A part of a credential is listed too: it is left behind when the secret goes.
        let identities = findings.flat_map(|finding| {
            let own = (finding.fingerprint, &finding.rule);
            let parts = finding.parts().map(|part| (part.fingerprint, &part.rule));
            std::iter::once(own).chain(parts).map(move |(fingerprint, rule)| BaselineEntry {
                fingerprint,
                rule: rule.to_string(),
                path: finding.location.path.to_string(),
            })
        });
        Self::new(identities.filter(|entry| seen.insert(entry.fingerprint)))
    }

    /// This baseline and the entries that `other` has beside it.
    #[must_use]
    pub fn merged(self, other: Self) -> Self {
        let seen: BTreeSet<Fingerprint> = self.entries.iter().map(|entry| entry.fingerprint).collect();
        let more = other.entries.into_iter().filter(|entry| !seen.contains(&entry.fingerprint));
        Self::new(self.entries.into_iter().chain(more))
    }

    fn new(entries: impl Iterator<Item = BaselineEntry>) -> Self {
        let mut entries: Vec<BaselineEntry> = entries.collect();
        entries.sort_unstable();
        Self { entries }
    }

    /// The entries, sorted by path, rule and fingerprint.
    #[must_use]
    pub fn entries(&self) -> &[BaselineEntry] {
        &self.entries
    }

    /// Marks the findings that the baseline lists as suppressed, and returns the entries that silenced none: what they
    /// were about is gone, or a comment silences it, and they can be removed.
    ///
    /// An entry silences one finding, the first with its fingerprint. Rule and path must agree too: otherwise what a
    /// reviewer reads in an entry would not be what it does.
    pub fn apply(&self, findings: &mut [Finding]) -> Vec<&BaselineEntry> {
        let mut left: BTreeMap<Fingerprint, &BaselineEntry> =
            self.entries.iter().map(|entry| (entry.fingerprint, entry)).collect();
        // Parts of credentials are there, whatever silences the finding.
        for part in findings.iter().flat_map(Finding::parts) {
            left.remove(&part.fingerprint);
        }
        // What the list of another scanner silences may be in the baseline too, once it was carried over.
        let is_open = |finding: &&mut Finding| {
            finding.suppression.as_ref().is_none_or(|suppression| suppression.kind == SuppressionKind::External)
        };
        for finding in findings.iter_mut().filter(is_open) {
            let agrees = |entry: &&BaselineEntry| entry.rule == *finding.rule && entry.path == *finding.location.path;
            if left.get(&finding.fingerprint).is_some_and(agrees) {
                left.remove(&finding.fingerprint);
                finding.suppression = Some(Suppression { kind: SuppressionKind::Baseline, justification: None });
            }
        }
        self.entries.iter().filter(|entry| left.contains_key(&entry.fingerprint)).collect()
    }

    /// The text of the baseline file. Equal baselines have equal texts.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut text = format!("{{\n  \"schema\": \"{SCHEMA}\",\n  \"findings\": [");
        for (index, BaselineEntry { fingerprint, rule, path }) in self.entries.iter().enumerate() {
            let (rule, path) = (serde_json::Value::from(rule.as_str()), serde_json::Value::from(path.as_str()));
            text.push_str(if index == 0 { "\n" } else { ",\n" });
            let _ = write!(text, "    {{ \"fingerprint\": \"{fingerprint}\", \"rule\": {rule}, \"path\": {path} }}");
        }
        text.push_str(if self.entries.is_empty() { "]\n}\n" } else { "\n  ]\n}\n" });
        text
    }
}

/// Whether `name` may be repeated as the name of another format of this program.
fn is_name_of_ours(name: &str) -> bool {
    name.starts_with("lockgate/") && name.len() < 40 && name.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The parser's words, printable, without the position, which the error has in front, and without the string that it
/// quotes: in a file that was named by mistake it could be a secret.
fn message_of(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    let message = message.strip_suffix(&position).unwrap_or(&message);
    let message = match (message.find(" \""), message.rfind("\",")) {
        (Some(start), Some(end)) if start < end => format!("{}{}", &message[..start], &message[end + 1..]),
        _ => message.to_owned(),
    };
    // The name of an unknown field can be anything.
    let printable = |c: char| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c };
    message.chars().take(MAX_MESSAGE).map(printable).collect()
}

/// The line on which `fingerprint` stands for the second time.
fn second_line(bytes: &[u8], fingerprint: Fingerprint) -> usize {
    let lower = bytes.to_ascii_lowercase();
    let at = memchr::memmem::find_iter(&lower, fingerprint.to_string().as_bytes()).nth(1).unwrap_or(bytes.len());
    memchr::memchr_iter(b'\n', &bytes[..at]).count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suppress::testing::finding;

    fn silenced(findings: &[Finding]) -> Vec<bool> {
        findings.iter().map(|finding| !finding.is_active()).collect()
    }

    fn inline(mut finding: Finding) -> Finding {
        finding.suppression = Some(Suppression { kind: SuppressionKind::Inline, justification: None });
        finding
    }

    #[test]
    fn what_is_written_reads_back_and_silences_what_it_was_made_of() {
        let mut findings =
            [finding("b", "z \"q\"", 0), finding("a", "z \"q\"", 0), finding("a", "m", 1), finding("a", "m", 0)];
        let baseline = Baseline::from_findings(&findings);
        let read = Baseline::parse(baseline.to_json().as_bytes(), "b.json").unwrap();
        assert_eq!(read, baseline);
        assert_eq!(read.apply(&mut findings), Vec::<&BaselineEntry>::new());
        assert_eq!(silenced(&findings), [true; 4]);
        assert_eq!(findings[0].suppression.as_ref().unwrap().kind, SuppressionKind::Baseline);
        // Written anew, it stays as it is.
        assert_eq!(Baseline::from_findings(&findings), baseline);
    }

    #[test]
    fn the_file_is_sorted_and_holds_no_secret() {
        let mut findings = vec![finding("b", "z", 0), finding("a", "z", 0), finding("a", "m", 0), finding("a", "m", 0)];
        let text = Baseline::from_findings(&findings).to_json();
        insta::assert_snapshot!(text, @r#"
        {
          "schema": "lockgate/baseline/v1",
          "findings": [
            { "fingerprint": "5420e35d6e1907eb47d3b9fa9212fb07", "rule": "a", "path": "m" },
            { "fingerprint": "29f63f0260bbbfff8de6c8665bb4a1f4", "rule": "a", "path": "z" },
            { "fingerprint": "ddbd84e1f5db71c2e105c38c39357d8d", "rule": "b", "path": "z" }
          ]
        }
        "#);
        findings.reverse();
        assert_eq!(Baseline::from_findings(&findings).to_json(), text);
        let empty = Baseline::default().to_json();
        assert_eq!(Baseline::parse(empty.as_bytes(), "b.json").unwrap(), Baseline::default());
    }

    #[test]
    fn an_entry_silences_one_finding_of_its_rule_and_path() {
        let baseline = Baseline::from_findings(&[finding("a", "m", 0)]);
        let mut findings = [finding("a", "m", 0), finding("a", "m", 0), finding("a", "m", 1), finding("a", "n", 0)];
        assert!(baseline.apply(&mut findings).is_empty());
        assert_eq!(silenced(&findings), [true, false, false, false]);

        let mut forged = baseline;
        forged.entries[0].path = "tests/m".to_owned();
        let mut findings = [finding("a", "m", 0)];
        assert_eq!(forged.apply(&mut findings).len(), 1);
        assert_eq!(silenced(&findings), [false]);
    }

    #[test]
    fn entries_without_a_finding_are_returned() {
        let baseline = Baseline::from_findings(&[finding("a", "m", 0), finding("a", "n", 0), finding("a", "o", 0)]);
        let mut findings = [finding("a", "m", 0), inline(finding("a", "n", 0))];
        let unused: Vec<&str> = baseline.apply(&mut findings).into_iter().map(|entry| entry.path.as_str()).collect();
        assert_eq!(unused, ["n", "o"]);
        assert_eq!(findings[1].suppression.as_ref().unwrap().kind, SuppressionKind::Inline);
        // A new baseline has no use for what a comment silences.
        assert_eq!(Baseline::from_findings(&findings).entries().len(), 1);
    }

    #[test]
    fn a_broken_file_is_refused_with_its_reason() {
        let entry = r#"{"fingerprint": "00112233445566778899aabbccddeeff", "rule": "a", "path": "m"}"#;
        let file = |findings: &str| format!("{{\"schema\": \"{SCHEMA}\",\n\"findings\": [{findings}]}}");
        let mut text = String::new();
        for (name, input) in [
            ("not JSON", "{".to_owned()),
            ("a list", "[]".to_owned()),
            ("no schema", "{\"findings\": []}".to_owned()),
            ("another schema", "{\"schema\": \"lockgate/baseline/v2\", \"more\": 1}".to_owned()),
            ("a schema that is no string", "{\"schema\": 5}".to_owned()),
            ("no findings", format!("{{\"schema\": \"{SCHEMA}\"}}")),
            ("unknown field", format!("{{\"schema\": \"{SCHEMA}\", \"findings\": [], \"until\": 1}}")),
            ("unknown field of an entry", file(&entry.replace('}', ", \"line\": 5}"))),
            ("missing field of an entry", file(&entry.replace(", \"path\": \"m\"", ""))),
            ("bad fingerprint", file(&entry.replace("0011", "zz11"))),
            ("twice", file(&format!("\n{entry},\n{}", entry.replace("aabb", "AABB")))),
            ("text behind", file(entry) + "x"),
        ] {
            let error = Baseline::parse(input.as_bytes(), "b.json").expect_err(name);
            let _ = writeln!(text, "{name}: {error}");
        }
        insta::assert_snapshot!(text, @r#"
        not JSON: b.json:1:1: EOF while parsing an object
        a list: b.json:1:2: invalid length 0, expected an object with `schema` and `findings`
        no schema: b.json: is not a baseline of the format `lockgate/baseline/v1`: `schema` is missing; write the baseline anew
        another schema: b.json: is not a baseline of the format `lockgate/baseline/v1`: `schema` is `lockgate/baseline/v2`; write the baseline anew
        a schema that is no string: b.json: is not a baseline of the format `lockgate/baseline/v1`: `schema` is something else; write the baseline anew
        no findings: b.json:1:34: missing field `findings`
        unknown field: b.json:1:58: unknown field `until`, expected `schema` or `findings`
        unknown field of an entry: b.json:2:97: unknown field `line`, expected one of `fingerprint`, `rule`, `path`
        missing field of an entry: b.json:2:77: missing field `path`
        bad fingerprint: b.json:2:63: not a fingerprint: 32 hexadecimal digits are expected
        twice: b.json:4: the fingerprint 00112233445566778899aabbccddeeff is listed twice; remove one of the entries
        text behind: b.json:2:93: trailing characters
        "#);
        assert!(Baseline::parse(b"\xff", "b.json").is_err());
    }

    #[test]
    fn what_an_error_repeats_is_printable_and_bounded() {
        let name = format!("x\\u001b[2J{}", "y".repeat(10_000));
        let field = format!("{{\"schema\": \"{SCHEMA}\", \"findings\": [], \"{name}\": 1}}");
        let error = Baseline::parse(field.as_bytes(), "b.json").expect_err("an unknown field").to_string();
        assert!(error.contains("unknown field `x\u{fffd}[2Jyyy") && error.len() < 300, "{error}");
        let schema = b"{\"schema\": \"lockgate/baselin\x7f/v1\"}";
        let error = Baseline::parse(schema, "b.json").expect_err("another schema").to_string();
        assert!(error.contains("`schema` is something else"), "{error}");
    }

    #[test]
    fn only_a_regular_file_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("b.json");
        assert!(matches!(Baseline::load(&path), Err(BaselineError::Unreadable { .. })));
        assert!(matches!(Baseline::load(folder.path()), Err(BaselineError::NotRegular { .. })));
        let baseline = Baseline::from_findings(&[finding("a", "m", 0)]);
        std::fs::write(&path, baseline.to_json()).unwrap();
        assert_eq!(Baseline::load(&path).unwrap(), baseline);
        std::fs::File::create(&path).unwrap().set_len(MAX_SIZE + 1).unwrap();
        assert!(matches!(Baseline::load(&path), Err(BaselineError::TooLarge { .. })));
    }
}
