//! What names mean in a file: `use` declarations with their renames, and paths made full by them.

use std::collections::{BTreeSet, HashMap, HashSet};

use syn::{Item, UseTree};

/// Most names that one file imports; behind them names mean themselves.
const MAX_NAMES: usize = 10_000;
/// Most groups of `use` that are inside of each other.
const MAX_DEPTH: usize = 32;

/// The imports of a file, those of its inner modules included: what a name means in one of them, it seldom does not mean in
/// another.
#[derive(Debug, Default)]
pub(super) struct Imports {
    /// Full paths by the name that they have here.
    names: HashMap<String, String>,
    /// Names that are not those that things have where they come from.
    renamed: HashSet<String>,
    /// Paths of which all names are imported, each once.
    globs: BTreeSet<String>,
}

impl Imports {
    /// Takes in what `items` import, at any depth of modules.
    pub(super) fn collect(&mut self, items: &[Item]) {
        for item in items {
            match item {
                Item::Use(item) => self.tree("", &item.tree, 0),
                Item::ExternCrate(item) => {
                    if let Some((_, name)) = &item.rename {
                        self.insert(name.to_string(), item.ident.to_string());
                    }
                }
                Item::Mod(item) => {
                    if let Some((_, items)) = &item.content {
                        self.collect(items);
                    }
                }
                _ => {}
            }
        }
    }

    /// Takes in one `use`.
    pub(super) fn add(&mut self, tree: &UseTree) {
        self.tree("", tree, 0);
    }

    fn tree(&mut self, before: &str, tree: &UseTree, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        match tree {
            UseTree::Path(path) => self.tree(&joined(before, &path.ident.to_string()), &path.tree, depth + 1),
            UseTree::Name(name) => {
                let name = name.ident.to_string();
                if name == "self" {
                    let last = before.rsplit("::").next().unwrap_or(before).to_owned();
                    self.insert(last, before.to_owned());
                } else {
                    self.insert(name.clone(), joined(before, &name));
                }
            }
            UseTree::Rename(rename) => {
                let name = rename.ident.to_string();
                let path = if name == "self" { before.to_owned() } else { joined(before, &name) };
                let rename = rename.rename.to_string();
                self.renamed.insert(rename.clone());
                self.insert(rename, path);
            }
            UseTree::Glob(_) => {
                if self.globs.len() < MAX_NAMES {
                    self.globs.insert(before.to_owned());
                }
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.tree(before, tree, depth + 1);
                }
            }
        }
    }

    /// Whether `name` was given by a `use … as`.
    pub(super) fn is_renamed(&self, name: &str) -> bool {
        self.renamed.contains(name)
    }

    fn insert(&mut self, name: String, path: String) {
        if self.names.len() < MAX_NAMES && name != path {
            self.names.insert(name, path);
        }
    }

    /// What the path `written` may mean: made full by the imports, and where nothing imports its first name, also as one of
    /// what is imported as a whole. The most likely meaning comes first.
    pub(super) fn meanings(&self, written: &str) -> Vec<String> {
        let (first, rest) = written.split_once("::").map_or((written, None), |(first, rest)| (first, Some(rest)));
        let full = |path: &str| rest.map_or_else(|| path.to_owned(), |rest| format!("{path}::{rest}"));
        if let Some(path) = self.names.get(first) {
            let path = full(path);
            // One more step, for a module of an imported crate that is imported itself: `use a::b; use b::C;`.
            let (head, tail) = path.split_once("::").unwrap_or((&path, ""));
            if head != first
                && !tail.is_empty()
                && let Some(outer) = self.names.get(head)
            {
                return vec![standard(&joined(outer, tail))];
            }
            return vec![standard(&path)];
        }
        let is_local = matches!(first, "crate" | "self" | "super" | "Self");
        let mut meanings = vec![standard(written)];
        if !is_local {
            meanings.extend(self.globs.iter().take(32).map(|glob| standard(&joined(glob, written))));
        }
        meanings
    }
}

/// The full paths of one `use`.
pub(super) fn imported<'a>(before: &str, tree: &'a UseTree, out: &mut Vec<(String, &'a syn::Ident)>, depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    match tree {
        UseTree::Path(path) => imported(&joined(before, &path.ident.to_string()), &path.tree, out, depth + 1),
        UseTree::Name(name) if name.ident == "self" => out.push((standard(before), &name.ident)),
        UseTree::Name(name) => out.push((standard(&joined(before, &name.ident.to_string())), &name.ident)),
        UseTree::Rename(name) if name.ident == "self" => out.push((standard(before), &name.ident)),
        UseTree::Rename(name) => out.push((standard(&joined(before, &name.ident.to_string())), &name.ident)),
        UseTree::Group(group) => {
            for tree in &group.items {
                imported(before, tree, out, depth + 1);
            }
        }
        UseTree::Glob(_) => {}
    }
}

fn joined(before: &str, name: &str) -> String {
    if before.is_empty() { name.to_owned() } else { format!("{before}::{name}") }
}

/// `core` and `alloc` have what `std` shows under the same names.
fn standard(path: &str) -> String {
    match path.split_once("::") {
        Some(("core" | "alloc", rest)) => format!("std::{rest}"),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_made_full_by_imports() {
        let text = "use std::{env, fs::{self, File as F}}; use md5::*; extern crate openssl as tls; use core::mem;";
        let file: syn::File = syn::parse_str(text).unwrap();
        let mut imports = Imports::default();
        imports.collect(&file.items);
        let first = |path: &str| imports.meanings(path).remove(0);
        assert_eq!(first("env::args"), "std::env::args");
        assert_eq!(first("fs::read"), "std::fs::read");
        assert_eq!(first("F::open"), "std::fs::File::open");
        assert_eq!(first("tls::ssl::X"), "openssl::ssl::X");
        assert_eq!(first("mem::transmute"), "std::mem::transmute");
        assert_eq!(imports.meanings("Md5::new"), ["Md5::new", "md5::Md5::new"]);
        assert_eq!(imports.meanings("crate::x"), ["crate::x"]);
    }
}
