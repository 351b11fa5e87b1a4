//! Paths inside the scanned tree: names with `/` between them, relative to its root, which is the empty path.

/// The directory that the file or directory at `path` stands in; empty at the root.
#[must_use]
pub fn directory(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

/// What the relative `path` names, seen from `directory`; `None` when it is absolute or leads out of the tree on its way.
#[must_use]
pub fn join(directory: &str, path: &str) -> Option<String> {
    let (names, is_inside) = walk(directory, path);
    (is_inside && !path.starts_with('/')).then(|| names.join("/"))
}

/// What `path` names, seen from `directory`, where the root of the tree is the top of all: nothing is above it, and a leading
/// `/` changes nothing.
#[must_use]
pub fn join_confined(directory: &str, path: &str) -> String {
    walk(directory, path).0.join("/")
}

/// The names between the root and what `path` leads to from `directory`, and whether it never climbed above the root.
fn walk<'a>(directory: &'a str, path: &'a str) -> (Vec<&'a str>, bool) {
    let mut names: Vec<&str> = directory.split('/').filter(|name| !name.is_empty()).collect();
    let mut is_inside = true;
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." => is_inside &= names.pop().is_some(),
            name => names.push(name),
        }
    }
    (names, is_inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_directory_of_a_path_is_what_stands_before_its_last_name() {
        assert_eq!(directory("a/b/c.yaml"), "a/b");
        assert_eq!(directory("c.yaml"), "");
        assert_eq!(directory(""), "");
    }

    #[test]
    fn a_path_is_seen_from_a_directory() {
        for (from, path, joined) in [
            ("a/b", "c", "a/b/c"),
            ("a/b", "./c", "a/b/c"),
            ("a/b", "../c/./d", "a/c/d"),
            ("a/b", "c//d/", "a/b/c/d"),
            ("a/b", "", "a/b"),
            ("a/b", ".", "a/b"),
            ("a/b", "../..", ""),
            ("a", "b/../../c", "c"),
            ("", "c", "c"),
            ("", "", ""),
            // A name of three dots is a name, and a backslash is a part of one.
            ("a", "...", "a/..."),
            ("a", "..\\c", "a/..\\c"),
        ] {
            assert_eq!(join(from, path).as_deref(), Some(joined), "{path} from {from}");
            assert_eq!(join_confined(from, path), joined, "{path} from {from}");
        }
    }

    #[test]
    fn what_leads_out_of_the_tree_names_nothing_in_it() {
        for (from, path) in
            [("", ".."), ("a", "../.."), ("a", "../../a"), ("a", "b/../../../a/b"), ("a", "/a"), ("", "/")]
        {
            assert_eq!(join(from, path), None, "{path} from {from}");
        }
    }

    #[test]
    fn where_nothing_is_above_the_root_climbing_ends_there() {
        assert_eq!(join_confined("", ".."), "");
        assert_eq!(join_confined("a", "../../b"), "b");
        assert_eq!(join_confined("a", "../../../b/../c"), "c");
        assert_eq!(join_confined("a", "/b"), "a/b");
    }
}
