//! The patterns of `CODEOWNERS` files.
//!
//! A pattern is a list of segments between slashes; `**` stands for any number of directories, `*` and `?` stand for text
//! inside of one. It is matched segment by segment with a table, so that no pattern takes more than the product of the
//! lengths.

/// Whose rules hold for a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// GitHub: as in `.gitignore`, without `!` and without `[…]`; a pattern that is a directory owns what is in it.
    /// (GitHub documentation, "About code owners", "CODEOWNERS syntax".)
    GitHub,
    /// GitLab: Ruby's `File.fnmatch` with `FNM_PATHNAME` and `FNM_DOTMATCH`; only a pattern that ends in a slash owns what
    /// is in a directory. (GitLab documentation, "Advanced CODEOWNERS configuration", "Pattern matching".)
    GitLab,
}

/// A compiled pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    segments: Vec<Segment>,
    /// Files in a directory that matches belong to it.
    owns_below: bool,
    /// Only directories match: what counts is what is in them.
    is_directory: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    /// Any number of directories, or none.
    Any,
    /// A name, with `*` and `?`.
    Name(Vec<char>),
}

impl Pattern {
    /// Compiles `text`; `None` for what can match nothing.
    pub(super) fn new(text: &str, dialect: Dialect) -> Option<Self> {
        let is_directory = text.ends_with('/');
        let body = text.trim_matches('/');
        if body.is_empty() {
            // `/` alone is the root, and all that is in it.
            return is_directory.then_some(Self {
                segments: vec![Segment::Any],
                owns_below: true,
                is_directory: false,
            });
        }
        let is_anchored = match dialect {
            Dialect::GitHub => text.starts_with('/') || body.contains('/'),
            Dialect::GitLab => text.starts_with('/'),
        };
        let names = body.split('/').filter(|name| !name.is_empty());
        let mut segments: Vec<Segment> = if is_anchored { Vec::new() } else { vec![Segment::Any] };
        for name in names {
            if name == "**" {
                // Two in a row mean the same as one.
                if segments.last() != Some(&Segment::Any) {
                    segments.push(Segment::Any);
                }
            } else {
                segments.push(Segment::Name(name.chars().collect()));
            }
        }
        let owns_below = is_directory
            || match dialect {
                // `docs/*` is what stands directly in docs.
                Dialect::GitHub => !(body.contains('/') && body.ends_with("/*")),
                Dialect::GitLab => false,
            };
        Some(Self { segments, owns_below, is_directory })
    }

    /// Whether the file at `path`, names with `/` between them, is meant.
    pub(super) fn matches(&self, path: &[&str]) -> bool {
        // In `reached`, place `n` says that the segments so far can stand for the first `n` names.
        let mut reached = vec![false; path.len() + 1];
        reached[0] = true;
        for segment in &self.segments {
            match segment {
                Segment::Any => {
                    let first = reached.iter().position(|&is| is).unwrap_or(reached.len());
                    reached.iter_mut().skip(first).for_each(|place| *place = true);
                }
                Segment::Name(name) => {
                    for at in (0..path.len()).rev() {
                        reached[at + 1] = reached[at] && matches_name(name, path[at]);
                    }
                    reached[0] = false;
                }
            }
            if !reached.contains(&true) {
                return false;
            }
        }
        let is_whole = reached[path.len()] && !self.is_directory;
        // `**` at the end has reached every place already.
        is_whole || (self.owns_below && reached[..path.len()].contains(&true))
    }
}

/// Whether `name` is `pattern`, in which `*` stands for any text and `?` for one character. Quadratic at worst.
fn matches_name(pattern: &[char], name: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    let (mut p, mut n) = (0, 0);
    // Behind the last `*`, and the place in the name that it was tried with.
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p + 1, n));
                p += 1;
            }
            Some('?') => {
                p += 1;
                n += 1;
            }
            Some('\\') if pattern.get(p + 1) == Some(&name[n]) => {
                p += 2;
                n += 1;
            }
            Some(&c) if c == name[n] && c != '\\' => {
                p += 1;
                n += 1;
            }
            _ => match &mut star {
                Some((behind, tried)) => {
                    *tried += 1;
                    p = *behind;
                    n = *tried;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|&c| c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, dialect: Dialect, path: &str) -> bool {
        let path: Vec<&str> = path.split('/').collect();
        Pattern::new(pattern, dialect).is_some_and(|pattern| pattern.matches(&path))
    }

    #[test]
    fn patterns_of_github_are_those_of_its_documentation() {
        for (pattern, yes, no) in [
            ("*", &["a", "a/b/c.rs", ".env"][..], &[][..]),
            ("*.js", &["a.js", "x/y/a.js"], &["a.jsx", "js"]),
            ("/build/logs/", &["build/logs/a", "build/logs/x/a"], &["x/build/logs/a", "build/logs"]),
            ("docs/*", &["docs/a.md"], &["docs/build/a.md", "x/docs/a.md"]),
            ("apps/", &["apps/a", "x/apps/y/a"], &["apps", "myapps/a"]),
            ("/docs/", &["docs/a", "docs/x/a"], &["x/docs/a"]),
            ("/scripts", &["scripts", "scripts/a", "scripts/x/a"], &["x/scripts"]),
            ("**/logs", &["logs/a", "build/logs/a", "deep/er/logs/x/a"], &["logs2/a"]),
            ("/apps/github", &["apps/github", "apps/github/a"], &["apps/githubx"]),
            ("src/**/test.rs", &["src/test.rs", "src/a/b/test.rs"], &["test.rs"]),
            ("a/**", &["a/b", "a/b/c"], &["b/a"]),
            ("f?o.*", &["foo.c", "x/fao.rs"], &["fo.c"]),
            ("/", &["a", "b/c"], &[]),
        ] {
            for path in yes {
                assert!(matches(pattern, Dialect::GitHub, path), "{pattern} {path}");
            }
            for path in no {
                assert!(!matches(pattern, Dialect::GitHub, path), "{pattern} {path}");
            }
        }
    }

    #[test]
    fn patterns_of_gitlab_are_those_of_fnmatch() {
        for (pattern, yes, no) in [
            ("*", &["a", "a/b", ".env"][..], &[][..]),
            ("README.md", &["README.md", "docs/README.md"], &["README.md/x"]),
            ("docs", &["docs", "x/docs"], &["docs/a"]),
            ("docs/", &["docs/a", "x/docs/y/a"], &["docs"]),
            ("/docs/*", &["docs/a"], &["docs/x/a", "x/docs/a"]),
            ("/docs/**/*.md", &["docs/a.md", "docs/x/y/a.md"], &["docs/a.txt"]),
            ("model/db/", &["model/db/a", "x/model/db/a"], &["model/a"]),
        ] {
            for path in yes {
                assert!(matches(pattern, Dialect::GitLab, path), "{pattern} {path}");
            }
            for path in no {
                assert!(!matches(pattern, Dialect::GitLab, path), "{pattern} {path}");
            }
        }
    }

    #[test]
    fn a_hostile_pattern_ends() {
        let stars = "*a".repeat(500);
        let name = "a".repeat(4000);
        assert!(!matches(&format!("{stars}b"), Dialect::GitHub, &name));
        let deep = "**/x/".repeat(300);
        assert!(!matches(&deep, Dialect::GitHub, &"x/".repeat(299)));
    }
}
