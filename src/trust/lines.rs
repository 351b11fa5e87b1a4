//! Lines that a change adds to ignore files and to `.gitattributes`.

use std::collections::BTreeSet;

use super::{Attempt, Means, Versions, bounded};
use crate::config::shown;

/// Attributes that keep a file out of the difference that a reviewer sees, or out of what tools look at (gitattributes(5);
/// GitHub documentation, "Customizing how changed files appear on GitHub"; GitLab documentation, "Collapse generated files").
const HIDING: &[&str] = &[
    "-diff",
    "-text",
    "binary",
    "diff=",
    "export-ignore",
    "filter=",
    "gitlab-generated",
    "linguist-detectable",
    "linguist-documentation",
    "linguist-generated",
    "linguist-vendored",
    "working-tree-encoding",
];

/// The rules of an ignore file that leave out more than those of the earlier versions did. `aside` says whose file it is.
#[must_use]
pub fn ignored(versions: &Versions<'_>, aside: &str) -> Vec<Attempt> {
    let is_rule = |line: &str| !line.trim().is_empty() && !line.starts_with('#');
    // What was taken back from being ignored, and is so no more.
    let now = lines_of(versions.now);
    let bases = versions.before.iter().flatten().map(|bytes| lines_of(Some(bytes)));
    let kept = bases.reduce(|one, other| one.intersection(&other).cloned().collect()).unwrap_or_default();
    let dropped = kept.into_iter().filter(|line| line.starts_with('!') && !now.contains(line));
    let added = added(versions).filter(|(_, line)| is_rule(line) && !line.starts_with('!'));
    let added = added.map(|(number, line)| (Some(number), "adds", line));
    bounded(added.chain(dropped.map(|line| (None, "drops", line))), |(number, does, line)| {
        versions.attempt(number, Means::IgnoreFile, format!("{does} `{}`{aside}", shown(&line)))
    })
}

/// The lines of a `.gitattributes` that hide files and that no earlier version has.
#[must_use]
pub fn attributes(versions: &Versions<'_>) -> Vec<Attempt> {
    let hides = |line: &str| {
        let mut words = line.split_ascii_whitespace().skip(1);
        words.any(|word| HIDING.iter().any(|attribute| word.trim_start_matches('!').starts_with(attribute)))
    };
    let aside = " (hides files from review; the scan does not heed it)";
    let hiding = added(versions).filter(|(_, line)| !line.starts_with('#') && hides(line));
    bounded(hiding, |(number, line)| {
        versions.attempt(Some(number), Means::Attributes, format!("adds `{}`{aside}", shown(&line)))
    })
}

/// The lines that no earlier version has, with their numbers.
fn added<'a>(versions: &'a Versions<'_>) -> impl Iterator<Item = (u32, String)> + 'a {
    let known: BTreeSet<String> = versions.before.iter().flat_map(|bytes| lines_of(*bytes)).collect();
    (1..).zip(lines(versions.now)).filter(move |(_, line)| !known.contains(line))
}

fn lines_of(bytes: Option<&[u8]>) -> BTreeSet<String> {
    lines(bytes).into_iter().collect()
}

/// The lines of a file without its mark and without blanks at their ends.
fn lines(bytes: Option<&[u8]>) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes.unwrap_or_default());
    text.trim_start_matches('\u{feff}').lines().map(|line| line.trim_end().to_owned()).collect()
}
