//! Which objects could be applied together. Objects of two worlds never see each other.
//!
//! A repository holds many deployments: a base and its overlays, an example for each provider, one directory a cluster. Where
//! two documents declare the same object they cannot both be meant, so the world of an object is the highest directory below
//! which no object is declared twice; when its own directory already has such a clash, it is its file.

use std::collections::HashMap;

use crate::tree_path;

/// A declaration of an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Declaration<'a> {
    /// Kind, namespace and name; `None` when the name is not known: such an object clashes with none.
    pub(super) identity: Option<(&'a str, &'a str, &'a str)>,
    /// Path of the file.
    pub(super) path: &'a str,
    /// Index of the file.
    pub(super) source: usize,
    /// Index of the document in the file: a document may say the same thing twice.
    pub(super) document: usize,
}

/// The world of each declaration, as a number of no meaning of its own.
pub(super) fn worlds(declarations: &[Declaration<'_>]) -> Vec<usize> {
    let mut tree = Directories::default();
    let homes: Vec<usize> =
        declarations.iter().map(|declaration| tree.insert(tree_path::directory(declaration.path))).collect();
    let mut sorted: Vec<(&Declaration<'_>, usize)> = declarations
        .iter()
        .zip(homes.iter().copied())
        .filter(|(declaration, _)| declaration.identity.is_some())
        .collect();
    sorted.sort_unstable();
    let mut has_clash = vec![false; tree.directories.len()];
    // Sorted by path, what lies below a directory stands together: neighbours show every clash.
    for pair in sorted.windows(2) {
        let [(a, home_a), (b, home_b)] = pair else { continue };
        if a.identity == b.identity && (a.source, a.document) != (b.source, b.document) {
            tree.mark(tree.common(*home_a, *home_b), &mut has_clash);
        }
    }
    let highest = tree.highest_without(&has_clash);
    let file_worlds = tree.directories.len();
    let world = |(declaration, &home): (&Declaration<'_>, &usize)| {
        highest.get(home).copied().flatten().unwrap_or(file_worlds + declaration.source)
    };
    declarations.iter().zip(&homes).map(world).collect()
}

/// A tree of directories; each stands behind its parent.
#[derive(Default)]
struct Directories<'a> {
    numbers: HashMap<&'a str, usize>,
    directories: Vec<Directory>,
}

#[derive(Clone, Copy)]
struct Directory {
    parent: Option<usize>,
    depth: usize,
}

impl<'a> Directories<'a> {
    /// The number of `path`, which is added with its ancestors if it is new.
    fn insert(&mut self, path: &'a str) -> usize {
        let mut missing = Vec::new();
        let mut ancestor = Some(path);
        let mut known = None;
        while let Some(path) = ancestor {
            known = self.numbers.get(path).copied();
            if known.is_some() {
                break;
            }
            missing.push(path);
            ancestor = (!path.is_empty()).then(|| tree_path::directory(path));
        }
        for path in missing.into_iter().rev() {
            let depth = known.and_then(|parent| self.directories.get(parent)).map_or(0, |parent| parent.depth + 1);
            let number = self.directories.len();
            self.directories.push(Directory { parent: known, depth });
            self.numbers.insert(path, number);
            known = Some(number);
        }
        known.unwrap_or_default()
    }

    fn parent(&self, number: usize) -> Option<usize> {
        self.directories.get(number).and_then(|directory| directory.parent)
    }

    fn depth(&self, number: usize) -> usize {
        self.directories.get(number).map_or(0, |directory| directory.depth)
    }

    /// The deepest directory that holds both.
    fn common(&self, mut a: usize, mut b: usize) -> usize {
        while a != b {
            let deeper = if self.depth(a) >= self.depth(b) { &mut a } else { &mut b };
            match self.parent(*deeper) {
                Some(parent) => *deeper = parent,
                None => break,
            }
        }
        a
    }

    /// Marks a directory and its ancestors.
    fn mark(&self, number: usize, marks: &mut [bool]) {
        let mut next = Some(number);
        while let Some(number) = next {
            match marks.get_mut(number) {
                Some(mark) if !*mark => *mark = true,
                _ => return,
            }
            next = self.parent(number);
        }
    }

    /// For each directory without a mark the highest ancestor without one.
    fn highest_without(&self, marks: &[bool]) -> Vec<Option<usize>> {
        let mut highest: Vec<Option<usize>> = Vec::with_capacity(marks.len());
        for (number, (directory, is_marked)) in self.directories.iter().zip(marks).enumerate() {
            let above = directory.parent.and_then(|parent| highest.get(parent).copied().flatten());
            highest.push(if *is_marked { None } else { above.or(Some(number)) });
        }
        highest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Groups of files that share a world. Each file declares objects by name; `|` begins a new document.
    fn groups(files: &[(&str, &str)]) -> Vec<Vec<String>> {
        let mut declarations = Vec::new();
        for (source, (path, names)) in files.iter().enumerate() {
            for (document, names) in names.split('|').enumerate() {
                for name in names.split_whitespace() {
                    let identity = (name != "?").then_some(("Service", "default", name));
                    declarations.push(Declaration { identity, path, source, document });
                }
            }
        }
        let worlds = worlds(&declarations);
        let mut groups: Vec<(usize, Vec<String>)> = Vec::new();
        for (declaration, world) in declarations.iter().zip(worlds) {
            match groups.iter_mut().find(|(known, _)| *known == world) {
                Some((_, paths)) => paths.push(declaration.path.to_owned()),
                None => groups.push((world, vec![declaration.path.to_owned()])),
            }
        }
        groups
            .into_iter()
            .map(|(_, mut paths)| {
                paths.dedup();
                paths
            })
            .collect()
    }

    #[test]
    fn without_a_clash_all_is_one_world() {
        assert_eq!(groups(&[("a/x.yaml", "a"), ("b/c/y.yaml", "b ?"), ("z.yaml", "?")]).len(), 1);
    }

    #[test]
    fn a_base_and_its_overlays_are_worlds_of_their_own() {
        let files = [
            ("base/service.yaml", "web"),
            ("base/workload.yaml", "app"),
            ("overlays/prod/service.yaml", "web"),
            ("overlays/prod/more/extra.yaml", "extra"),
            ("overlays/test/service.yaml", "web"),
        ];
        assert_eq!(
            groups(&files),
            [
                vec!["base/service.yaml", "base/workload.yaml"],
                vec!["overlays/prod/service.yaml", "overlays/prod/more/extra.yaml"],
                vec!["overlays/test/service.yaml"],
            ]
        );
    }

    #[test]
    fn a_clash_in_one_directory_leaves_its_files() {
        let files = [("a/one.yaml", "web db"), ("a/two.yaml", "web"), ("a/b/three.yaml", "x"), ("a-b/four.yaml", "x")];
        assert_eq!(groups(&files).len(), 4);
        assert_eq!(groups(&[("a/one.yaml", "web | web"), ("a/two.yaml", "x")]).len(), 2);
        assert_eq!(groups(&[("a/one.yaml", "web web"), ("a/two.yaml", "x")]).len(), 1);
    }
}
