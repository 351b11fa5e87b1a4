//! The directions of the design, kept by a test: data moves from input to report, and each room knows only what it needs.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What each room of `src/` may import from the rest of the crate. `cli` and the crate root may import everything.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    // Leaf types.
    ("span", &[]),
    ("date", &[]),
    ("glob", &[]),
    ("selector", &["glob"]),
    ("platform", &[]),
    ("tree_path", &[]),
    ("rating", &[]),
    ("secret", &[]),
    ("coverage", &[]),
    ("fingerprint", &["secret"]),
    ("finding", &["fingerprint", "rating", "span"]),
    // The flow.
    ("input", &["coverage", "glob", "tree_path"]),
    ("document", &["span"]),
    ("framework", &["document", "glob", "platform", "span", "tree_path"]),
    ("rules", &["document", "glob", "platform", "rating", "span"]),
    ("engine", &["document", "framework", "platform", "rating", "rules", "secret", "span"]),
    ("fix", &["document", "rules", "span"]),
    ("suppress", &["date", "document", "finding", "fingerprint", "rating", "rules", "secret", "selector", "span"]),
    ("migrate", &["document", "rules", "suppress"]),
    ("gate", &["coverage", "finding", "rating", "selector"]),
    (
        "config",
        &[
            "coverage",
            "date",
            "finding",
            "fingerprint",
            "gate",
            "glob",
            "rating",
            "rules",
            "selector",
            "span",
            "suppress",
        ],
    ),
    ("trust", &["config", "fingerprint", "suppress"]),
    ("owners", &[]),
    ("import", &["coverage", "finding", "fingerprint", "gate", "rating", "rules", "secret", "span"]),
    (
        "scan",
        &[
            "coverage",
            "engine",
            "finding",
            "fingerprint",
            "fix",
            "framework",
            "input",
            "platform",
            "rating",
            "rules",
            "secret",
            "span",
            "suppress",
            "trust",
        ],
    ),
    ("shard", &["coverage", "finding", "scan", "span"]),
    ("report", &["coverage", "finding", "fingerprint", "gate", "rating", "rules", "scan", "secret", "span", "trust"]),
    ("fixture", &["engine", "framework", "input", "platform", "rules", "scan", "span"]),
];

/// Words that may stand only in the named rooms, and why.
const RESERVED: &[(&str, &[&str], &str)] = &[
    ("rayon", &["scan"], "only scan knows threads"),
    ("std::thread", &["scan"], "only scan knows threads"),
    ("thread::spawn", &[], "only scan knows threads, and it uses a pool"),
    ("clap", &["cli"], "only the command line knows clap"),
    ("std::net", &[], "nothing opens a socket"),
    ("process::exit", &[], "only main gives an exit code, by returning it"),
    ("SystemTime", &["cli"], "nothing but the command line, which says what day it is, reads the clock"),
    ("Instant::now", &["cli"], "nothing but progress depends on the clock"),
    ("std::env", &["cli", "input", "main"], "the environment is read at the edge"),
    ("process::Command", &[], "nothing runs another program"),
];

/// Words that an engine must not hold: it sees text and rules, never the world.
const NOT_IN_ENGINE: &[&str] = &["std::fs", "std::io", "std::path", "fs::", "File::"];

struct Source {
    path: PathBuf,
    /// First folder below `src`, or the name of the file there.
    room: String,
    /// Without comments and without test modules.
    code: String,
}

fn sources() -> Vec<Source> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&src, &mut files);
    files
        .into_iter()
        .filter(|path| !path.components().any(|part| part.as_os_str() == "tests" || part.as_os_str() == "tests.rs"))
        .map(|path| {
            let relative = path.strip_prefix(&src).unwrap();
            let first = relative.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
            let room = first.trim_end_matches(".rs").to_owned();
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod ").next().unwrap();
            let code = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
            Source { path: relative.to_path_buf(), room, code }
        })
        .collect()
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Rooms that `code` names after `crate::`, also inside `use crate::{…}`.
fn imports(code: &str) -> BTreeSet<String> {
    let name = |text: &str| -> String { text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect() };
    let mut rooms = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(list) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut item = String::new();
            for c in list.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => {
                        rooms.insert(name(item.trim()));
                        item.clear();
                        continue;
                    }
                    _ => {}
                }
                item.push(c);
            }
            rooms.insert(name(item.trim()));
        } else {
            rooms.insert(name(rest));
        }
    }
    rooms.remove("");
    rooms
}

#[test]
fn imports_are_read_in_every_form() {
    let found = imports("use crate::span::Span; use crate::{gate, rules::{a, b}, scan::X}; crate::secret::f();");
    assert_eq!(found.into_iter().collect::<Vec<_>>(), ["gate", "rules", "scan", "secret", "span"]);
}

#[test]
fn every_room_imports_only_what_the_design_allows() {
    let allowed: BTreeMap<&str, &[&str]> = MAY_IMPORT.iter().copied().collect();
    let mut errors = Vec::new();
    for source in sources() {
        if ["cli", "lib", "main"].contains(&source.room.as_str()) {
            continue;
        }
        let Some(allowed) = allowed.get(source.room.as_str()) else {
            errors.push(format!("{}: the room `{}` has no place in the design", source.path.display(), source.room));
            continue;
        };
        for room in imports(&source.code) {
            if room != source.room && !allowed.contains(&room.as_str()) {
                errors.push(format!("{}: `{}` must not import `{room}`", source.path.display(), source.room));
            }
        }
    }
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

/// Whether `code` uses `word`. A text that begins with it only names it, as the tables of what Rust code calls do.
fn uses(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| !code[..at].ends_with('"'))
}

#[test]
fn reserved_words_stay_in_their_rooms() {
    assert!(uses("std::env::var(\"std::env\")", "std::env") && !uses("[\"std::env::var\"]", "std::env"));
    let mut errors = Vec::new();
    for source in sources() {
        for (word, rooms, why) in RESERVED {
            if uses(&source.code, word) && !rooms.contains(&source.room.as_str()) {
                errors.push(format!("{}: `{word}`: {why}", source.path.display()));
            }
        }
        if source.room == "engine" {
            for word in NOT_IN_ENGINE {
                if source.code.contains(word) {
                    errors.push(format!("{}: `{word}`: an engine sees text, not the world", source.path.display()));
                }
            }
        }
    }
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

#[test]
fn there_is_no_drawer() {
    for source in sources() {
        for name in ["util", "utils", "helper", "helpers", "common", "misc"] {
            assert!(
                source.path.file_stem().is_none_or(|stem| stem != name),
                "{}: name its subject",
                source.path.display()
            );
        }
    }
}

/// The secret type keeps what it promises only as long as nobody gives it a way out.
#[test]
fn a_secret_can_be_neither_displayed_nor_serialised() {
    let secret = sources().into_iter().find(|source| source.room == "secret").unwrap();
    assert!(!secret.code.contains("Display for Secret") && !secret.code.contains("Serialize"), "{}", secret.code);
}
