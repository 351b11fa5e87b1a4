//! Allow-lists of gitleaks over the findings of any rule: what `lockgate migrate` looks for.

use regex_automata::meta;
use regex_automata::util::syntax;

use crate::rules::gitleaks::schema::AllowList;

/// Most memory that one compiled regex may take.
const MAX_REGEX_MEMORY: usize = 4 << 20;

/// How many directories of a path are asked for.
const MAX_DIRECTORIES: usize = 64;

/// A list, ready to be asked.
#[derive(Clone, Debug)]
pub(super) struct Allowed {
    all: bool,
    paths: Vec<meta::Regex>,
    regexes: Vec<meta::Regex>,
    stopwords: Vec<String>,
}

impl Allowed {
    /// Compiles `list`; a regex that needs too much memory is left out.
    pub(super) fn new(list: &AllowList) -> Self {
        let compile = |regexes: &[String]| regexes.iter().filter_map(|regex| compiled(regex)).collect();
        let AllowList { all, paths, regexes, stopwords, .. } = list;
        Self { all: *all, paths: compile(paths), regexes: compile(regexes), stopwords: stopwords.clone() }
    }

    /// Whether the list has `secret`, which stands in the file at `path`.
    pub(super) fn has(&self, path: &str, secret: &[u8]) -> bool {
        let is_match = |regexes: &[meta::Regex], text: &[u8]| regexes.iter().any(|regex| regex.is_match(text));
        let has_word = || {
            let secret = String::from_utf8_lossy(secret).to_lowercase();
            self.stopwords.iter().any(|word| secret.contains(word.as_str()))
        };
        // A directory that a list has is left out with all that is in it.
        let directories = path.match_indices('/').take(MAX_DIRECTORIES).filter_map(|(end, _)| path.get(..end));
        let has_path = || {
            is_match(&self.paths, path.as_bytes())
                || directories.clone().any(|one| is_match(&self.paths, one.as_bytes()))
        };
        let Self { all, paths, regexes, stopwords } = self;
        if *all {
            (paths.is_empty() || has_path())
                && (regexes.is_empty() || is_match(regexes, secret))
                && (stopwords.is_empty() || has_word())
        } else {
            has_path() || is_match(regexes, secret) || has_word()
        }
    }
}

fn compiled(regex: &str) -> Option<meta::Regex> {
    let config = meta::Config::new().utf8_empty(false).nfa_size_limit(Some(MAX_REGEX_MEMORY));
    let syntax = syntax::Config::new().unicode(false).utf8(false);
    meta::Builder::new().syntax(syntax).configure(config).build(regex).ok()
}
