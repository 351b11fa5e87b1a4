//! What a change does to its own judgement: the attempts that a run names when its policy comes from elsewhere.
//!
//! Under `--policy-from` none of them has an effect on the verdict; they are named because whoever reviews the change
//! should see them before it is merged. Texts come in, attempts go out: nothing here reads a file or decides.

mod baseline;
mod configuration;
mod lines;

use serde::Serialize;

pub use self::baseline::accepted;
pub use self::configuration::overruled;
pub use self::lines::{attributes, ignored};

/// Most attempts that one file gives; the rest is summed up in one.
const MAX_OF_FILE: usize = 20;
/// Most attempts that a run names.
const MAX_ATTEMPTS: usize = 1000;

/// Where the policy of a run comes from, and what the change does about it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Trust {
    /// The reference that the policy is taken from, with the abbreviated id of its commit.
    pub policy_from: String,
    /// The whole id of that commit.
    pub commit: String,
    /// That commit is `HEAD`: what was committed has a say in its own judgement.
    pub is_head: bool,
    /// Whether attempts block, as the policy says.
    pub blocks: bool,
    /// What the change does to its own judgement: what reaches furthest first, so that a crowd of small ones hides none of
    /// the others, then in the order of places.
    pub attempts: Vec<Attempt>,
}

/// One thing in the change that would make the verdict milder, or keep something from being seen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Attempt {
    /// By what means.
    pub means: Means,
    /// Path relative to the scan root, with `/`; with `../` in front for what lies above it in the repository.
    pub path: String,
    /// Line, from 1, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// What it would do, in words without a full stop.
    pub detail: String,
}

/// By what means a change may suppress itself, what reaches furthest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Means {
    /// Anything in the configuration that has no name of its own here, or the file as a whole.
    Configuration,
    /// `[scan] exclude` in the configuration.
    Exclusion,
    /// Which rules run, their severities and parameters.
    Rules,
    /// A rule pack of the repository.
    RulePack,
    /// A waiver in the configuration.
    Waiver,
    /// An entry of the baseline.
    Baseline,
    /// A file that was put where it is not looked at.
    HiddenFile,
    /// A comment or an annotation in a scanned file.
    Inline,
    /// An ignore file, of git, of Lockgate, or of another scanner.
    IgnoreFile,
    /// `.gitattributes`: what is hidden from who reviews the change.
    Attributes,
}

impl Means {
    /// The stable kebab-case name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Means::Inline => "inline",
            Means::Baseline => "baseline",
            Means::Waiver => "waiver",
            Means::Exclusion => "exclusion",
            Means::Rules => "rules",
            Means::RulePack => "rule-pack",
            Means::Configuration => "configuration",
            Means::IgnoreFile => "ignore-file",
            Means::Attributes => "attributes",
            Means::HiddenFile => "hidden-file",
        }
    }
}

/// Path, line, detail, means: as one sentence without a full stop.
impl std::fmt::Display for Attempt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.path)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {} ({})", self.detail, self.means.name())
    }
}

impl Trust {
    /// Takes in `attempts`, and restores the order and the bound.
    pub fn add(&mut self, attempts: impl IntoIterator<Item = Attempt>) {
        self.attempts.extend(attempts);
        self.attempts.sort_unstable();
        self.attempts.dedup();
        if self.attempts.len() > MAX_ATTEMPTS {
            let more = self.attempts.len() - MAX_ATTEMPTS + 1;
            self.attempts.truncate(MAX_ATTEMPTS - 1);
            let means = self.attempts.last().map_or(Means::Inline, |last| last.means);
            self.attempts.push(Attempt {
                path: ".".to_owned(),
                line: None,
                means,
                detail: format!("and {more} more attempts"),
            });
        }
    }
}

/// A file of the change beside what the policy has at its place.
#[derive(Clone, Copy, Debug)]
pub struct Versions<'a> {
    /// Path as attempts show it.
    pub path: &'a str,
    /// In the commit of the policy, and in the merge base where it is known: what stands in one of them was not added by
    /// the change.
    pub before: [Option<&'a [u8]>; 2],
    /// As it is now; `None` when it is gone.
    pub now: Option<&'a [u8]>,
}

impl Versions<'_> {
    /// Whether the change left the file as it was.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        self.before[0] == self.now || (self.before[1].is_some() && self.before[1] == self.now)
    }

    fn attempt(&self, line: Option<u32>, means: Means, detail: impl Into<String>) -> Attempt {
        Attempt { path: self.path.to_owned(), line, means, detail: detail.into() }
    }
}

/// The attempts that `attempt` makes of the first of `found`, and one that counts the others: what a change brings may be
/// long, and saying where each stands takes a look at the whole.
fn bounded<T>(found: impl IntoIterator<Item = T>, attempt: impl Fn(T) -> Attempt) -> Vec<Attempt> {
    let mut found = found.into_iter();
    let mut attempts: Vec<Attempt> = found.by_ref().take(MAX_OF_FILE).map(attempt).collect();
    let more = found.count();
    if let Some(last) = attempts.last().filter(|_| more > 0) {
        attempts.push(Attempt { detail: format!("and {more} more of the kind"), line: None, ..last.clone() });
    }
    attempts
}

/// The line of `text` in which byte `at` stands, from 1.
fn line_of(text: &[u8], at: usize) -> u32 {
    let breaks = memchr::memchr_iter(b'\n', &text[..at.min(text.len())]).count();
    u32::try_from(breaks + 1).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
