//! Compiles the built-in rule packs (`rules/**/*.yaml`) into one binary file that the program loads in about a millisecond.
//!
//! It uses the very loader of the program, so a pack that builds is a pack that a user could load.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "the program's own modules are compiled in, and only a part of each is used"
)]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

#[path = "src/glob.rs"]
mod glob;
#[path = "src/platform.rs"]
mod platform;
#[path = "src/rating.rs"]
mod rating;
#[path = "src/span.rs"]
mod span;

#[path = "src/document"]
mod document {
    pub mod node;
    pub mod parsed;
    pub mod yaml;
    pub mod yaml_tree;
    pub use parsed::{Document, ParseError};
}

#[path = "src/rules"]
mod rules {
    pub mod condition;
    pub mod error;
    pub mod fix;
    pub mod gitleaks {
        pub mod schema;
    }
    pub mod load;
    pub mod names;
    pub mod packed;
    pub mod path;
    pub mod pattern;
    pub mod schema;
    pub mod stored;
}

fn main() {
    println!("cargo::rerun-if-changed=rules");
    println!("cargo::rerun-if-changed=src/rules");
    println!("cargo::rerun-if-changed=src/document");
    match compile(Path::new("rules")) {
        Ok(bytes) => {
            let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("packs.bin");
            if let Err(error) = fs::write(&out, bytes) {
                println!("cargo::error={}: {error}", out.display());
            }
        }
        Err(errors) => {
            for error in errors {
                println!("cargo::error={error}");
            }
        }
    }
}

/// Every pack below `root` in one serialised list of rules.
fn compile(root: &Path) -> Result<Vec<u8>, Vec<String>> {
    let mut files = Vec::new();
    collect(root, &mut files).map_err(|error| vec![format!("{}: {error}", root.display())])?;
    files.sort();
    let mut packs = Vec::new();
    let mut errors = Vec::new();
    for file in &files {
        let name = file.to_string_lossy().into_owned();
        match fs::read_to_string(file) {
            Ok(text) => match rules::load::load(&name, &text) {
                Ok(rules) => packs.push((name, rules)),
                Err(found) => errors.extend(found.iter().map(ToString::to_string)),
            },
            Err(error) => errors.push(format!("{name}: {error}")),
        }
    }
    let all = packs.iter().flat_map(|(name, rules)| rules.iter().map(move |rule| (rule, name.as_str())));
    if let Err(found) = rules::load::check_unique(all) {
        errors.extend(found);
    }
    let all = packs.iter().flat_map(|(name, rules)| rules.iter().map(move |rule| (rule, name.as_str())));
    if let Err(found) = rules::load::check_parts(all, []) {
        errors.extend(found);
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut rules: Vec<rules::schema::Rule> = packs.into_iter().flat_map(|(_, rules)| rules).collect();
    // The order of the catalogue, so that the program has nothing to sort.
    rules.sort_by(|a, b| a.id.cmp(&b.id));
    rules::stored::write(&rules).map_err(|error| vec![error.to_string()])
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            files.push(path);
        }
    }
    Ok(())
}
