//! What people write to mean some of the rules, or some of the files: globs on ids, globs on paths.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

use globset::{Glob, GlobBuilder, GlobMatcher};
use serde::{Serialize, Serializer};

use crate::glob;

/// Longest pattern, and so the longest rule id.
const MAX_LENGTH: usize = 128;

/// Longest glob on paths.
const MAX_PATH_GLOB: usize = 1024;

/// The id of a rule, or a glob on ids: `*` stands for any number of characters, `?` for one.
#[derive(Clone, Debug)]
pub struct RulePattern {
    text: String,
    /// `None` for a plain id.
    glob: Option<GlobMatcher>,
}

impl RulePattern {
    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is a glob, and not one id.
    #[must_use]
    pub fn is_glob(&self) -> bool {
        self.glob.is_some()
    }

    /// Whether it means the rule `id`.
    #[must_use]
    pub fn matches(&self, id: &str) -> bool {
        self.glob.as_ref().map_or(self.text == id, |glob| glob.is_match(id))
    }
}

impl FromStr for RulePattern {
    type Err = String;

    /// The error is a sentence without a subject.
    fn from_str(text: &str) -> Result<Self, String> {
        let is_valid = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-*?".contains(&byte);
        if text.is_empty() || text.len() > MAX_LENGTH || !text.bytes().all(is_valid) {
            return Err("is neither a rule id nor a glob on ids; ids consist of lower-case letters, digits and `-`, \
                        a glob may also hold `*` and `?`"
                .to_owned());
        }
        let glob = if text.contains(['*', '?']) {
            let glob = Glob::new(text).map_err(|error| format!("is not a glob: {}", error.kind()))?;
            Some(glob.compile_matcher())
        } else {
            None
        };
        Ok(Self { text: text.to_owned(), glob })
    }
}

impl PartialEq for RulePattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for RulePattern {}

impl fmt::Display for RulePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl Serialize for RulePattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

/// A glob on paths, relative to the root of the scan: `*` and `?` stop at a slash, `**` does not. What matches a directory
/// matches everything in it.
#[derive(Clone, Debug)]
pub struct PathGlob {
    text: String,
    path: GlobMatcher,
    /// What lies in the directory by that name.
    below: GlobMatcher,
}

impl PathGlob {
    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it means the file at `path`.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        self.path.is_match(path) || self.below.is_match(path)
    }
}

impl FromStr for PathGlob {
    type Err = String;

    /// The error is a sentence without a subject.
    fn from_str(text: &str) -> Result<Self, String> {
        let bare = text.strip_prefix("./").unwrap_or(text);
        let bare = bare.strip_suffix('/').unwrap_or(bare);
        if bare.is_empty() || bare.len() > MAX_PATH_GLOB {
            return Err("matches no file; write a glob such as `infra/**`".to_owned());
        }
        if bare.starts_with('/') || bare.split('/').any(|part| part == "..") {
            return Err("matches no file; globs are relative to the root of the scan and cannot leave it".to_owned());
        }
        glob::check_alternates(bare).map_err(|reason| format!("is not a glob: {reason}"))?;
        let compile = |text: &str| {
            let glob = GlobBuilder::new(text).literal_separator(true).backslash_escape(true).build();
            glob.map(|glob| glob.compile_matcher()).map_err(|error| format!("is not a glob: {}", error.kind()))
        };
        Ok(Self { text: text.to_owned(), path: compile(bare)?, below: compile(&format!("{bare}/**"))? })
    }
}

impl PartialEq for PathGlob {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for PathGlob {}

impl fmt::Display for PathGlob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl Serialize for PathGlob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

/// Most texts that a [`Memory`] keeps.
const MAX_REMEMBERED: usize = 1024;

/// Remembers which of many selectors mean a text: findings come by path, thousands of one path after the other.
#[derive(Debug, Default)]
pub struct Memory {
    known: Mutex<BTreeMap<Box<str>, Arc<[bool]>>>,
}

impl Memory {
    /// For each of `count` selectors whether it means `text`, as `means` says. The selectors must always be the same.
    #[must_use]
    pub fn of(&self, text: &str, count: usize, means: impl Fn(usize) -> bool) -> Arc<[bool]> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answers) = known.get(text) {
            return Arc::clone(answers);
        }
        if known.len() >= MAX_REMEMBERED {
            known.clear();
        }
        let answers: Arc<[bool]> = (0..count).map(means).collect();
        known.insert(text.into(), Arc::clone(&answers));
        answers
    }
}

/// A copy may belong to other selectors, and begins anew.
impl Clone for Memory {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// What is remembered makes no difference.
impl PartialEq for Memory {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Memory {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_holds_nothing_but_an_id_and_wildcards() {
        for bad in ["", "Some-Rule", "a b", "a/*", "[ab]", "{a,b}", "a\u{e4}", &"a".repeat(MAX_LENGTH + 1)] {
            assert!(bad.parse::<RulePattern>().is_err(), "{bad}");
        }
        let glob: RulePattern = "a*-?".parse().unwrap();
        assert!(glob.matches("abc-d") && !glob.matches("abc-de"));
    }

    #[test]
    fn a_glob_on_paths_means_files_and_all_that_directories_hold() {
        for (glob, path, expected) in [
            ("infra", "infra/a/b.tf", true),
            ("infra/", "infra/a.tf", true),
            ("./infra/**", "infra/a.tf", true),
            ("infra", "infra.tf", false),
            ("infra", "x/infra/a.tf", false),
            ("**/infra", "x/infra/a.tf", true),
            ("*.tf", "a.tf", true),
            ("*.tf", "a/b.tf", false),
            ("**/*.tf", "a/b.tf", true),
            ("**", "a/b/c", true),
            ("a/*/c", "a/b/c", true),
            ("a/*/c", "a/b/b/c", false),
            ("{a,b}/c", "b/c", true),
        ] {
            assert_eq!(glob.parse::<PathGlob>().unwrap().matches(path), expected, "{glob} {path}");
        }
        for bad in ["", "/", "./", "/etc", "../a", "a/../b", "[a", &"{".repeat(100_000)] {
            assert!(bad.parse::<PathGlob>().is_err(), "{bad}");
        }
    }
}
