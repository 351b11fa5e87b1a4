//! Runs the built program on a tree of the test's own, cut off from the environment of the machine, and makes secrets
//! that stand nowhere in this repository.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use assert_cmd::Command;
use tempfile::TempDir;

/// No run takes longer, unless it hangs.
const TIMEOUT: Duration = Duration::from_mins(2);

/// The rule that reports [`token`].
pub(crate) const TOKEN_RULE: &str = "github-personal-access-token";

/// A pack with rules of several severities and confidences, and the detectors of values without a form of their own.
pub(crate) const PACK: &str = r"
defaults: {category: secret, severity: high, confidence: high}
rules:
  - id: e2e-critical
    title: Critical sample
    severity: critical
    description: The holder can read and change everything.
    remediation: Revoke it in the console.
    references: [https://docs.example.com/keys]
    cwe: [CWE-798]
    aliases: [e2e-former-name]
    secret: {pattern: '\be2ecritical_(?<secret>[0-9a-z]{24})\b'}
  - id: e2e-low
    title: Sample of low severity
    severity: low
    description: The holder can read the name of the account.
    remediation: Revoke it in the console.
    secret: {pattern: '\be2elow_(?<secret>[0-9a-z]{24})\b'}
  - id: e2e-hint
    title: Sample of low confidence
    confidence: low
    description: The holder may be able to read everything.
    remediation: Revoke it in the console.
    secret: {pattern: '\be2ehint_(?<secret>[0-9a-z]{24})\b'}
  - id: e2e-hardening
    title: Sample of another profile
    profile: hardening
    description: The holder can read and change everything.
    remediation: Revoke it in the console.
    secret: {pattern: '\be2ehardening_(?<secret>[0-9a-z]{24})\b'}
  - id: test-password
    title: Password
    description: Whoever reads the file can log in.
    remediation: Change the password.
    secret: {native: generic-password, keywords: [pass]}
  - id: test-url-password
    title: Password in a URL
    description: Whoever reads the file can log in.
    remediation: Change the password.
    secret: {native: url-password, keywords: ['://']}
";

/// A tree to scan, with a home directory and room for reports beside it. It goes away with the value.
pub(crate) struct Sandbox {
    directory: TempDir,
}

/// What a run left behind.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// `None` when the run was ended by a signal, as when it takes too long.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        let directory = tempfile::Builder::new().prefix("lockgate-e2e-").tempdir().unwrap();
        for name in ["tree", "home", "out"] {
            fs::create_dir(directory.path().join(name)).unwrap();
        }
        fs::write(directory.path().join("pack.yaml"), PACK).unwrap();
        Self { directory }
    }

    /// The directory that is scanned, in which the program runs.
    pub(crate) fn tree(&self) -> PathBuf {
        self.directory.path().join("tree")
    }

    /// A file outside of the scanned tree.
    pub(crate) fn outside(&self, name: impl AsRef<Path>) -> PathBuf {
        self.directory.path().join("out").join(name)
    }

    /// The file that holds [`PACK`].
    pub(crate) fn pack(&self) -> PathBuf {
        self.directory.path().join("pack.yaml")
    }

    /// Writes a file of the tree, with the directories that it needs.
    pub(crate) fn write(&self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) -> &Self {
        let path = self.tree().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    pub(crate) fn read(&self, path: impl AsRef<Path>) -> String {
        fs::read_to_string(self.tree().join(path)).unwrap()
    }

    pub(crate) fn remove(&self, path: impl AsRef<Path>) -> &Self {
        fs::remove_file(self.tree().join(path)).unwrap();
        self
    }

    /// The names in the directory for reports.
    pub(crate) fn reports(&self) -> Vec<String> {
        names(&self.outside(""))
    }

    /// The program, about to run in the tree with nothing in its environment but what every program needs.
    pub(crate) fn command(&self) -> Command {
        self.wrapped(env!("CARGO_BIN_EXE_lockgate"))
    }

    /// Another program in the same surroundings, such as a shell that starts Lockgate.
    pub(crate) fn wrapped(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.tree())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.directory.path().join("home"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("LOCKGATE", env!("CARGO_BIN_EXE_lockgate"))
            .timeout(TIMEOUT);
        command
    }

    /// Runs the program with `arguments`.
    pub(crate) fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Outcome {
        finish(self.command().args(arguments))
    }

    /// Runs `lockgate scan` with `arguments`.
    pub(crate) fn scan<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Outcome {
        finish(self.command().arg("scan").args(arguments))
    }

    /// Runs `lockgate scan --format json` and reads what it prints.
    pub(crate) fn scan_json<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
    ) -> (Outcome, serde_json::Value) {
        let outcome = finish(self.command().args(["scan", "--format", "json"]).args(arguments));
        let report = serde_json::from_str(&outcome.stdout);
        assert!(report.is_ok(), "no report: {outcome:#?}");
        (outcome, report.unwrap())
    }
}

/// Runs `command` to its end.
pub(crate) fn finish(command: &mut Command) -> Outcome {
    let output = command.output().unwrap();
    Outcome {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Outcome {
    /// The last line of the text report, which tells the verdict, and those that stand below it.
    #[track_caller]
    pub(crate) fn verdict(&self) -> &str {
        let start = ["passed: ", "blocked: ", "undecided: "].iter().filter_map(|word| self.stdout.rfind(word)).max();
        assert!(start.is_some(), "no verdict: {self:#?}");
        &self.stdout[start.unwrap()..]
    }

    #[track_caller]
    pub(crate) fn expect_code(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// The run ended with the code 2 and this complaint.
    #[track_caller]
    pub(crate) fn expect_error(self, words: &str) -> Self {
        let outcome = self.expect_code(2);
        assert!(outcome.stderr.contains(words), "`{words}` is not in {outcome:#?}");
        outcome
    }
}

/// The names in a directory, sorted.
pub(crate) fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// `path:line` of each finding of a JSON report, with `-` in front when it is suppressed.
pub(crate) fn places(report: &serde_json::Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap();
    let place = |finding: &serde_json::Value| {
        let location = &finding["location"];
        let sign = if finding["suppression"].is_null() { "" } else { "-" };
        format!("{sign}{}:{}", location["path"].as_str().unwrap(), location["region"]["start"]["line"])
    };
    findings.iter().map(place).collect()
}

/// The cause by which the coverage of a JSON report names `path`.
pub(crate) fn cause<'a>(report: &'a serde_json::Value, path: &str) -> Option<&'a str> {
    let entries = report["coverage"]["entries"].as_array().unwrap();
    entries.iter().find(|entry| entry["path"] == path)?["cause"].as_str()
}

/// Numbers without a pattern, the same for the same seed (splitmix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// `length` characters of `alphabet`.
    pub(crate) fn text(&mut self, alphabet: &[u8], length: usize) -> String {
        let size = u64::try_from(alphabet.len()).unwrap();
        (0..length).map(|_| char::from(alphabet[usize::try_from(self.next() % size).unwrap()])).collect()
    }
}

pub(crate) const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
pub(crate) const BASE36: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// A token of the form of GitHub's, with a valid checksum; each seed gives another.
pub(crate) fn token(seed: u64) -> String {
    let random = Random(seed).text(BASE62, 30);
    let mut number = usize::try_from(crc32fast::hash(random.as_bytes())).unwrap();
    let mut checksum = [b'0'; 6];
    for digit in checksum.iter_mut().rev() {
        *digit = BASE62[number % 62];
        number /= 62;
    }
    format!("gh{}_{random}{}", 'p', std::str::from_utf8(&checksum).unwrap())
}

/// A value that a rule of [`PACK`] reports: `e2elow_…` and its like.
pub(crate) fn sample(kind: &str, seed: u64) -> String {
    format!("e2e{kind}_{}", Random(seed).text(BASE36, 24))
}

pub(crate) fn fifo(path: &Path) {
    let status = std::process::Command::new("mkfifo").arg(path).status().unwrap();
    assert!(status.success(), "{}", path.display());
}

/// A scan that must end with code 1: the leak in `leak.py` is found, whatever else stands in the tree.
#[track_caller]
pub(crate) fn scan_beside_a_leak(sandbox: &Sandbox) -> serde_json::Value {
    let (outcome, report) = sandbox.write("leak.py", format!("x = '{}'\n", token(1))).scan_json::<&str>([]);
    assert_eq!(outcome.code, Some(1), "{outcome:#?}");
    assert_eq!(places(&report), ["leak.py:1"]);
    report
}

/// Nothing that a terminal or a runner would act upon.
#[track_caller]
pub(crate) fn assert_harmless(what: &str, text: &str) {
    for c in text.chars() {
        let acts = c != '\n' && (c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'));
        assert!(!acts, "{what} holds {c:?}: {text:?}");
    }
    for line in text.lines() {
        let start = line.trim_start();
        let ours = ["::error file=", "::error title=Lockgate", "::warning::", "::notice::"];
        assert!(!start.starts_with("::") || ours.iter().any(|own| start.starts_with(own)), "{what}: {line}");
        assert!(!start.starts_with("::") || !start.contains("forged:"), "{what}: {line}");
        assert!(!line.contains("##["), "{what}: {line}");
    }
}
