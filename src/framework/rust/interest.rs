//! What the selected rules look at in Rust: the kinds that they bind to, by the name that a piece of code must have.
//!
//! A resource is made only where a rule asks for one, so that what a file costs does not grow with the rules.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// What rules bind to, indexed by name.
#[derive(Clone, Debug, Default)]
pub struct Interest {
    /// Kinds with a name of their own: `function`, `struct`.
    named: HashSet<Box<str>>,
    /// `.name`: calls of methods.
    methods: HashMap<Box<str>, Arc<str>>,
    /// `a::b`: uses of a path, by its last segment.
    paths: ByName,
    /// `name!`: calls of macros.
    macros: ByName,
    /// `Name{}`: struct expressions.
    structs: ByName,
}

/// Kinds by the last segment of their path.
type ByName = HashMap<Box<str>, Vec<PathKind>>;

/// A kind that names a path.
#[derive(Clone, Debug)]
struct PathKind {
    kind: Arc<str>,
    /// The path without what the form of the kind adds.
    path: Box<str>,
    /// Only its last segments are named.
    is_suffix: bool,
}

/// What a kind of Rust binds to, told by its form.
enum Form<'k> {
    /// `.name`
    Method(&'k str),
    /// `a::b` or `::b::c`
    Path(&'k str),
    /// `name!` or `a::name!`
    Macro(&'k str),
    /// `Name{}` or `a::Name{}`
    Struct(&'k str),
    /// Anything else.
    Named,
}

impl Form<'_> {
    /// The form of `kind`.
    fn of(kind: &str) -> Form<'_> {
        if let Some(name) = kind.strip_prefix('.') {
            Form::Method(name)
        } else if let Some(path) = kind.strip_suffix('!') {
            Form::Macro(path)
        } else if let Some(path) = kind.strip_suffix("{}") {
            Form::Struct(path)
        } else if kind.contains("::") {
            Form::Path(kind)
        } else {
            Form::Named
        }
    }
}

impl Interest {
    /// What `kinds` are about.
    pub fn new<'k>(kinds: impl IntoIterator<Item = &'k str>) -> Self {
        let mut interest = Self::default();
        for kind in kinds {
            match Form::of(kind) {
                Form::Method(name) => {
                    interest.methods.insert(name.into(), kind.into());
                }
                Form::Path(path) => add(&mut interest.paths, kind, path, path.starts_with("::")),
                Form::Macro(path) => add(&mut interest.macros, kind, path, !path.contains("::")),
                Form::Struct(path) => add(&mut interest.structs, kind, path, !path.contains("::")),
                Form::Named => {
                    interest.named.insert(kind.into());
                }
            }
        }
        interest
    }

    /// Whether a rule binds to the kind of that name.
    #[must_use]
    pub fn wants(&self, kind: &str) -> bool {
        self.named.contains(kind)
    }

    /// The kind of calls of the method `name`.
    pub(super) fn method(&self, name: &str) -> Option<&Arc<str>> {
        self.methods.get(name)
    }

    /// Whether a rule binds to a path that ends in `name`.
    pub(super) fn wants_path(&self, name: &str) -> bool {
        self.paths.contains_key(name)
    }

    /// The same of macros.
    pub(super) fn wants_macro(&self, name: &str) -> bool {
        self.macros.contains_key(name)
    }

    /// The same of struct expressions.
    pub(super) fn wants_struct(&self, name: &str) -> bool {
        self.structs.contains_key(name)
    }

    /// The kinds that a use of one of `paths` is of, each once.
    pub(super) fn of_path(&self, paths: &[String]) -> Vec<Arc<str>> {
        matching(&self.paths, paths)
    }

    /// The same of macros.
    pub(super) fn of_macro(&self, paths: &[String]) -> Vec<Arc<str>> {
        matching(&self.macros, paths)
    }

    /// The same of struct expressions.
    pub(super) fn of_struct(&self, paths: &[String]) -> Vec<Arc<str>> {
        matching(&self.structs, paths)
    }
}

fn add(index: &mut ByName, kind: &str, path: &str, is_suffix: bool) {
    let path = path.strip_prefix("::").unwrap_or(path);
    let name = path.rsplit("::").next().unwrap_or(path);
    index.entry(name.into()).or_default().push(PathKind { kind: kind.into(), path: path.into(), is_suffix });
}

fn matching(index: &ByName, paths: &[String]) -> Vec<Arc<str>> {
    let mut kinds: BTreeMap<&str, &Arc<str>> = BTreeMap::new();
    for path in paths {
        let name = path.rsplit("::").next().unwrap_or(path);
        for candidate in index.get(name).into_iter().flatten() {
            let is_it = if candidate.is_suffix {
                let before = path.strip_suffix(&*candidate.path);
                before.is_some_and(|before| before.is_empty() || before.ends_with("::"))
            } else {
                **path == *candidate.path
            };
            if is_it {
                kinds.insert(&candidate.kind, &candidate.kind);
            }
        }
    }
    kinds.into_values().map(Arc::clone).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(interest: &Interest, path: &str) -> Vec<String> {
        interest.of_path(&[path.to_owned()]).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_path_is_of_the_kinds_that_name_it_or_its_end() {
        let interest = Interest::new(["std::env::args", "::Md5::new", "function", ".open", "md5::Md5::new", "vec!"]);
        assert_eq!(kinds(&interest, "std::env::args"), ["std::env::args"]);
        assert_eq!(kinds(&interest, "mine::env::args"), [""; 0]);
        assert_eq!(kinds(&interest, "md5::Md5::new"), ["::Md5::new", "md5::Md5::new"]);
        assert_eq!(kinds(&interest, "MyMd5::new"), [""; 0]);
        assert!(interest.wants("function") && !interest.wants("struct"));
        assert!(interest.method("open").is_some() && interest.wants_macro("vec"));
    }
}
