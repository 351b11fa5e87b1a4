//! Who owns a file, by the `CODEOWNERS` file of the repository, in the syntax of GitHub or of GitLab.
//!
//! It names whom to ask about a finding. It never decides anything: the file comes from the scanned tree.

mod pattern;

use std::collections::BTreeMap;

use self::pattern::Pattern;

pub use self::pattern::Dialect;

/// Where the file may stand, in the order in which the first that exists counts: GitHub's places, then GitLab's own.
pub const PLACES: [&str; 4] = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"];

/// Most bytes of a file that are read: what GitHub takes.
pub const MAX_SIZE: u64 = 3 << 20;

/// Most entries: each path is compared with all of them.
const MAX_ENTRIES: usize = 10_000;
/// Most bytes of a line that is understood.
const MAX_LINE: usize = 4096;
/// Most owners of one entry.
const MAX_OWNERS: usize = 64;

/// The entries of a `CODEOWNERS` file.
#[derive(Clone, Debug, Default)]
pub struct Owners {
    sections: Vec<Section>,
}

/// A part of the file in which the last entry that matches counts. GitHub's files have one.
#[derive(Clone, Debug, Default)]
struct Section {
    /// Lower case; empty for what stands before the first heading.
    name: String,
    entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    pattern: Pattern,
    /// Empty where the entry says that nobody owns the path.
    owners: Vec<String>,
}

impl Owners {
    /// Which syntax a file at `place` (one of [`PLACES`]) is in. Sections are GitLab's alone; without any, a file where
    /// both look is read by the rules of the system that the repository is `on`.
    #[must_use]
    pub fn dialect(place: &str, text: &str, on: Dialect) -> Dialect {
        if place.starts_with(".github/") {
            return Dialect::GitHub;
        }
        let has_sections = || text.lines().any(|line| heading(line.trim()).is_some());
        if place.starts_with(".gitlab/") || has_sections() { Dialect::GitLab } else { on }
    }

    /// Reads the entries of `text`. A line that is none is passed over, as both systems do.
    #[must_use]
    pub fn parse(text: &str, dialect: Dialect) -> Self {
        let mut sections: Vec<Section> = vec![Section::default()];
        let mut places: BTreeMap<String, usize> = BTreeMap::from([(String::new(), 0)]);
        let (mut current, mut defaults, mut entries) = (0, Vec::new(), 0);
        for line in text.lines().map(str::trim).filter(|line| line.len() <= MAX_LINE) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if dialect == Dialect::GitLab
                && let Some((name, behind)) = heading(line)
            {
                // Sections of one name are one section, with the default owners of the heading that an entry follows.
                let name = name.to_lowercase();
                current = *places.entry(name.clone()).or_insert_with(|| {
                    sections.push(Section { name, entries: Vec::new() });
                    sections.len() - 1
                });
                defaults = owners(behind, dialect);
                continue;
            }
            if entries == MAX_ENTRIES {
                break;
            }
            if let Some(entry) = entry(line, dialect, &defaults)
                && let Some(section) = sections.get_mut(current)
            {
                section.entries.push(entry);
                entries += 1;
            }
        }
        Self { sections }
    }

    /// Who owns the file at `path`, which is relative to the root of the repository, with `/`: each owner once, in the
    /// order of the file.
    #[must_use]
    pub fn of(&self, path: &str) -> Vec<String> {
        let path: Vec<&str> = path.split('/').collect();
        let mut all: Vec<String> = Vec::new();
        for section in &self.sections {
            let last = section.entries.iter().rev().find(|entry| entry.pattern.matches(&path));
            for owner in last.iter().flat_map(|entry| &entry.owners) {
                if !all.contains(owner) {
                    all.push(owner.clone());
                }
            }
        }
        all
    }

    /// The names of the sections, lower case, in the order of the file, without the unnamed one.
    #[must_use]
    pub fn sections(&self) -> Vec<&str> {
        self.sections.iter().map(|section| section.name.as_str()).filter(|name| !name.is_empty()).collect()
    }
}

/// The name in a heading such as `^[Name][2] @owner`, and what stands behind it.
fn heading(line: &str) -> Option<(&str, &str)> {
    let rest = line.strip_prefix('^').unwrap_or(line).strip_prefix('[')?;
    let (name, mut behind) = rest.split_once(']')?;
    if name.trim().is_empty() {
        return None;
    }
    if let Some((number, rest)) = behind.strip_prefix('[').and_then(|rest| rest.split_once(']'))
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
    {
        behind = rest;
    }
    // `[ab]*.rs @owner` is a pattern with a set of characters.
    (behind.is_empty() || behind.starts_with(char::is_whitespace)).then_some((name.trim(), behind))
}

fn entry(line: &str, dialect: Dialect, defaults: &[String]) -> Option<Entry> {
    let (pattern, behind) = split_pattern(line);
    let (pattern, is_excluded) = match (dialect, pattern.strip_prefix('!')) {
        (Dialect::GitLab, Some(rest)) => (rest.to_owned(), true),
        // GitHub knows no `!`: the line is none.
        (Dialect::GitHub, Some(_)) => return None,
        _ => (pattern, false),
    };
    let pattern = Pattern::new(&pattern, dialect)?;
    let mut owners = owners(behind, dialect);
    if owners.is_empty() && !is_excluded {
        owners.extend_from_slice(defaults);
    }
    if is_excluded {
        owners.clear();
    }
    Some(Entry { pattern, owners })
}

/// The pattern at the beginning of `line`, in which a blank or a `#` may stand behind a backslash, and the rest.
fn split_pattern(line: &str) -> (String, &str) {
    let mut pattern = String::new();
    let mut characters = line.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            c if c.is_whitespace() => return (pattern, &line[at..]),
            '\\' => match characters.next() {
                Some((_, next)) if next.is_whitespace() || next == '#' => pattern.push(next),
                Some((_, next)) => pattern.extend(['\\', next]),
                None => pattern.push('\\'),
            },
            c => pattern.push(c),
        }
    }
    (pattern, "")
}

/// The owners in `text`: `@name`, `@group/name`, `@@role` or an address.
fn owners(text: &str, dialect: Dialect) -> Vec<String> {
    // Only GitHub has comments behind an entry; GitLab takes the owners that stand in one.
    let words = text.split_whitespace().take_while(|word| dialect == Dialect::GitLab || !word.starts_with('#'));
    let is_owner = |word: &&str| word.len() > 1 && word.contains('@') && !word.ends_with('@');
    words.filter(is_owner).take(MAX_OWNERS).map(ToOwned::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_github_the_last_match_counts_even_when_it_names_nobody() {
        let text = "# all\n*  @org/all\n*.js @js-owner dev@example.com #inline @nobody\n/apps/ @org/apps\n/apps/free\n\
                    !x @never\na\\ b.txt @blank\n";
        let owners = Owners::parse(text, Dialect::GitHub);
        for (path, expected) in [
            ("main.rs", &["@org/all"][..]),
            ("x/a.js", &["@js-owner", "dev@example.com"]),
            ("apps/a.js", &["@org/apps"]),
            ("apps/free/a.js", &[]),
            ("x", &["@org/all"]),
            ("a b.txt", &["@blank"]),
        ] {
            assert_eq!(owners.of(path), expected, "{path}");
        }
    }

    #[test]
    fn on_gitlab_every_section_has_its_say() {
        let text = "* @all\n[Docs][2] @docs-team\ndocs/\nREADME.md @writer\n^[Data base] @dba\n/db/\n!/db/README.md\n\
                    [DOCS]\n*.md @more @@maintainer\n";
        let owners = Owners::parse(text, Dialect::GitLab);
        assert_eq!(owners.sections(), ["docs", "data base"]);
        for (path, expected) in [
            ("src/a", &["@all"][..]),
            ("docs/a", &["@all", "@docs-team"]),
            ("x/README.txt", &["@all"]),
            ("db/schema.sql", &["@all", "@dba"]),
            ("README.md", &["@all", "@more", "@@maintainer"]),
            ("db/README.md", &["@all", "@more", "@@maintainer"]),
        ] {
            assert_eq!(owners.of(path), expected, "{path}");
        }
    }

    #[test]
    fn the_place_and_the_headings_tell_the_dialect() {
        use Dialect::{GitHub, GitLab};
        assert_eq!(Owners::dialect(".github/CODEOWNERS", "[a] @b", GitLab), GitHub);
        assert_eq!(Owners::dialect("CODEOWNERS", "x @y\n^[a][1] @b\n", GitHub), GitLab);
        assert_eq!(Owners::dialect("CODEOWNERS", "[ab]*.rs @b\n", GitHub), GitHub);
        assert_eq!(Owners::dialect("docs/CODEOWNERS", "* @b\n", GitLab), GitLab);
        assert_eq!(Owners::dialect(".gitlab/CODEOWNERS", "", GitHub), GitLab);
    }

    #[test]
    fn a_hostile_file_is_read_within_bounds() {
        let long = format!("{} @a\n", "x".repeat(MAX_LINE));
        let many = "* @a\n".repeat(MAX_ENTRIES + 5);
        let owners = Owners::parse(&format!("{long}{many}* @late\n"), Dialect::GitHub);
        assert_eq!(owners.of("y"), ["@a"]);
        assert_eq!(owners.of(&"x".repeat(MAX_LINE)), ["@a"]);
    }
}
