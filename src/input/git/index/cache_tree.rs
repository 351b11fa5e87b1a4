//! The cache of trees in the index (gitformat-index(5), "Cache tree"): directories in directories, written one in the other.

use gix::ObjectId;
use gix::bstr::BString;
use gix::hash::Kind;

use super::super::tree::MAX_DEPTH;
use super::fields::Fields;
use super::file::object_id;

/// Most directories.
const MAX_DIRECTORIES: usize = 1 << 20;

/// The directories of the index, as a list, because nesting is not ours to choose.
#[derive(Debug)]
pub(super) struct CacheTree(Vec<CachedTree>);

/// One directory.
#[derive(Debug)]
pub(super) struct CachedTree {
    name: BString,
    /// How many entries of the index lie in it, and the tree that they make up; `None` when they changed since.
    pub(super) known: Option<(usize, ObjectId)>,
    /// Places in the list, by name.
    children: Vec<usize>,
}

impl CacheTree {
    pub(super) fn decode(data: &[u8], hash: Kind) -> Result<Self, String> {
        let broken = || "its cache of trees is broken".to_owned();
        let mut fields = Fields::new(data);
        let mut trees: Vec<CachedTree> = Vec::new();
        // Directories that hold the next one: their places, and how many more each holds.
        let mut open: Vec<(usize, u32)> = Vec::new();
        loop {
            let (tree, count) = read_tree(&mut fields, hash).ok_or_else(broken)?;
            let place = trees.len();
            if place == MAX_DIRECTORIES {
                return Err(format!("its cache of trees has more than {MAX_DIRECTORIES} directories"));
            }
            trees.push(tree);
            if let Some((parent, left)) = open.last_mut() {
                *left -= 1;
                trees.get_mut(*parent).ok_or_else(broken)?.children.push(place);
            }
            open.push((place, count));
            if open.len() > MAX_DEPTH + 1 {
                return Err(format!("its cache of trees is nested more than {MAX_DEPTH} deep"));
            }
            while open.pop_if(|(_, left)| *left == 0).is_some() {}
            if open.is_empty() {
                break;
            }
        }
        if !fields.is_empty() {
            return Err(broken());
        }
        let mut cache = Self(trees);
        for place in 0..cache.0.len() {
            let mut children =
                cache.0.get_mut(place).map(|tree| std::mem::take(&mut tree.children)).unwrap_or_default();
            children.sort_by(|&left, &right| cache.name(left).cmp(&cache.name(right)));
            if let Some(tree) = cache.0.get_mut(place) {
                tree.children = children;
            }
        }
        Ok(cache)
    }

    fn name(&self, place: usize) -> Option<&[u8]> {
        self.0.get(place).map(|tree| tree.name.as_slice())
    }

    /// The directory at the top.
    pub(super) fn root(&self) -> Option<&CachedTree> {
        self.0.first()
    }

    /// The directory `name` in `tree`.
    pub(super) fn child(&self, tree: &CachedTree, name: &[u8]) -> Option<&CachedTree> {
        let at = tree.children.binary_search_by(|&child| self.name(child).cmp(&Some(name))).ok()?;
        tree.children.get(at).and_then(|&place| self.0.get(place))
    }
}

/// One directory, and how many directories in it follow.
fn read_tree(fields: &mut Fields<'_>, hash: Kind) -> Option<(CachedTree, u32)> {
    let name = fields.until(0)?.into();
    let entries: i32 = fields.decimal(b' ')?;
    let count = fields.decimal(b'\n')?;
    // A negative count: the directory is not as the tree that it was, and no id follows.
    let known = match usize::try_from(entries) {
        Ok(entries) => Some((entries, object_id(fields, hash)?)),
        Err(_) => None,
    };
    Some((CachedTree { name, known, children: Vec::new() }, count))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory as the index writes it.
    fn written(name: &str, entries: i32, subtrees: u32) -> Vec<u8> {
        let mut bytes = format!("{name}\0{entries} {subtrees}\n").into_bytes();
        if entries >= 0 {
            bytes.extend([7; 20]);
        }
        bytes
    }

    fn decode(parts: &[Vec<u8>]) -> Result<CacheTree, String> {
        CacheTree::decode(&parts.concat(), Kind::Sha1)
    }

    #[test]
    fn directories_are_found_by_name() {
        let parts =
            [written("", -1, 3), written("b", 4, 1), written("x", 2, 0), written("a", 1, 0), written("c", 0, 0)];
        let cache = decode(&parts).expect("a cache");
        let root = cache.root().expect("a root");
        assert_eq!(root.known, None);
        let entries = |path: &[&str]| {
            let tree = path.iter().try_fold(root, |tree, name| cache.child(tree, name.as_bytes()))?;
            tree.known.map(|(entries, _)| entries)
        };
        assert_eq!((entries(&["a"]), entries(&["b"]), entries(&["c"])), (Some(1), Some(4), Some(0)));
        assert_eq!((entries(&["b", "x"]), entries(&["x"]), entries(&["a", "x"])), (Some(2), None, None));
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |depth: usize| {
            let mut parts = vec![written("d", 1, 1); depth];
            parts.push(written("d", 1, 0));
            decode(&parts)
        };
        assert!(nested(MAX_DEPTH).is_ok());
        assert_eq!(nested(MAX_DEPTH + 1).expect_err("an error"), "its cache of trees is nested more than 512 deep");
    }

    #[test]
    fn what_is_cut_off_or_goes_on_is_broken() {
        let broken = "its cache of trees is broken";
        for parts in [
            vec![],
            vec![written("", 1, 1)],
            vec![written("", 1, u32::MAX), written("a", 1, 0)],
            vec![written("", 1, 0), written("a", 1, 0)],
            vec![b"\x001 0\nshort".to_vec()],
            vec![b"\x00x 0\n".to_vec()],
        ] {
            assert_eq!(decode(&parts).err().as_deref(), Some(broken), "{parts:?}");
        }
    }
}
