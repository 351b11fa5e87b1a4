//! Rules that look only at files with certain paths.
//!
//! Globs compile into automata, and compiling all of them takes longer than looking at a few files. Most say how the name of
//! a file ends, so they are grouped by it, and a group is compiled for the first path that ends so.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use globset::{Glob, GlobSet, GlobSetBuilder};

/// Globs on paths, each with the index of its rule.
#[derive(Default)]
pub(super) struct Places {
    /// By what stands behind the last dot of every path that fits.
    by_ending: BTreeMap<String, Group>,
    /// Globs that say nothing of the kind.
    others: Group,
}

/// Globs that are compiled together.
#[derive(Default)]
struct Group {
    globs: Vec<(String, usize)>,
    /// With the index of the rule by glob.
    compiled: OnceLock<(GlobSet, Vec<usize>)>,
}

impl Places {
    /// Lets the rule with the index `rule` look at files that `glob` fits. The loader of packs has refused what is no glob.
    pub(super) fn add(&mut self, glob: &str, rule: usize) {
        let group = match ending(glob) {
            Some(ending) => self.by_ending.entry(ending.to_owned()).or_default(),
            None => &mut self.others,
        };
        group.globs.push((glob.to_owned(), rule));
    }

    /// Indices of the rules that look at the file at `path`, in no order; once for each glob.
    pub(super) fn rules(&self, path: &str) -> Vec<usize> {
        let of_ending = path.rsplit_once('.').and_then(|(_, ending)| self.by_ending.get(ending));
        of_ending.into_iter().chain([&self.others]).flat_map(|group| group.rules(path)).collect()
    }
}

impl Group {
    fn rules(&self, path: &str) -> Vec<usize> {
        if self.globs.is_empty() {
            return Vec::new();
        }
        let (set, rules) = self.compiled.get_or_init(|| {
            let mut set = GlobSetBuilder::new();
            let mut rules = Vec::new();
            for (glob, rule) in &self.globs {
                if let Ok(glob) = Glob::new(glob) {
                    set.add(glob);
                    rules.push(*rule);
                }
            }
            (set.build().unwrap_or_default(), rules)
        });
        set.matches(path).into_iter().map(|glob| rules[glob]).collect()
    }
}

/// What stands behind the last dot of every path that `glob` fits, where that is one text without `/`.
fn ending(glob: &str) -> Option<&str> {
    let (_, ending) = glob.rsplit_once('.')?;
    (!ending.contains(['/', '*', '?', '[', ']', '{', '}', '\\'])).then_some(ending)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_glob_ends_in() {
        for (glob, expected) in [
            ("**/*.json", Some("json")),
            ("**/.npmrc", Some("npmrc")),
            ("**/.3T/**/*.json", Some("json")),
            ("**/shadow", None),
            ("**/.htpasswd*", None),
            ("**/.mutt/**", None),
            ("*.{json,yaml}", None),
            ("a{.b,.c}", None),
            ("a[.]b", None),
            (r"a.\*", None),
        ] {
            assert_eq!(ending(glob), expected, "{glob}");
        }
    }

    proptest! {
        /// The same rules as all globs in one set give.
        #[test]
        fn a_single_set_finds_the_same(
            globs in proptest::collection::vec(r"(\*\*/|a/)?[ab.*?]{1,5}(\[.a\]|\{a,b\.a\}|\\\*)?(\.a|\.b)?", 1..12),
            path in r"[ab./*]{1,10}",
        ) {
            let globs: Vec<&String> = globs.iter().filter(|glob| Glob::new(glob).is_ok()).collect();
            let mut places = Places::default();
            let mut set = GlobSetBuilder::new();
            for (rule, glob) in globs.iter().enumerate() {
                places.add(glob, rule);
                set.add(Glob::new(glob).unwrap());
            }
            let mut found = places.rules(&path);
            found.sort_unstable();
            prop_assert_eq!(found, set.build().unwrap().matches(&path));
        }
    }
}
