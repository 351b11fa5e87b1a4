//! Files that moved between two trees: a finding in one is not new because its path is.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use crate::input::git::{ObjectId, Objects, TreeFile};

/// Most files of each side that are compared by their lines.
const MAX_FILES: usize = 200;
/// A larger file is paired only where its content is the same.
const MAX_SIZE: usize = 1 << 20;
/// Most lines that all comparisons together look at.
const MAX_STEPS: usize = 50_000_000;

/// Pairs each of `added` with one of `deleted` that it was: of equal content, else with at least half of its lines in
/// common. Gives old paths by new ones.
pub(super) fn renames(objects: &Objects, deleted: &[TreeFile], added: &[TreeFile]) -> BTreeMap<Arc<str>, Arc<str>> {
    renames_among(objects, deleted, added, MAX_FILES)
}

/// The same, which compares at most `max_files` of each side by their lines.
pub(super) fn renames_among(
    objects: &Objects,
    deleted: &[TreeFile],
    added: &[TreeFile],
    max_files: usize,
) -> BTreeMap<Arc<str>, Arc<str>> {
    let mut pairs = BTreeMap::new();
    let mut taken = BTreeSet::new();
    // The first of equal ones is taken first.
    let mut by_content: HashMap<ObjectId, Vec<&Arc<str>>> = HashMap::new();
    for old in deleted.iter().rev() {
        by_content.entry(old.id).or_default().push(&old.path);
    }
    for new in added {
        if let Some(old) = by_content.get_mut(&new.id).and_then(Vec::pop) {
            taken.insert(Arc::clone(old));
            pairs.insert(Arc::clone(&new.path), Arc::clone(old));
        }
    }
    let mut buffer = Vec::new();
    let mut lines = |file: &TreeFile| {
        let content = objects.blob(file.id, &mut buffer).ok().filter(|content| content.len() <= MAX_SIZE)?;
        Some((Arc::clone(&file.path), line_hashes(content)))
    };
    let old: Vec<_> =
        deleted.iter().filter(|old| !taken.contains(&old.path)).take(max_files).filter_map(&mut lines).collect();
    let new: Vec<_> =
        added.iter().filter(|new| !pairs.contains_key(&new.path)).take(max_files).filter_map(&mut lines).collect();
    let mut steps = 0;
    let mut scores = Vec::new();
    for (new_path, new_lines) in &new {
        for (old_path, old_lines) in &old {
            let longer = new_lines.len().max(old_lines.len());
            // With half as many lines or fewer, the shorter file cannot be half of the longer one and more.
            if new_lines.len().min(old_lines.len()) * 2 < longer || steps > MAX_STEPS {
                continue;
            }
            steps += new_lines.len() + old_lines.len();
            let common = common(new_lines, old_lines);
            if common > 0 && common * 2 >= longer {
                scores.push((std::cmp::Reverse(common * 1000 / longer), new_path, old_path));
            }
        }
    }
    scores.sort_unstable();
    for (_, new, old) in scores {
        if !pairs.contains_key(new) && taken.insert(Arc::clone(old)) {
            pairs.insert(Arc::clone(new), Arc::clone(old));
        }
    }
    pairs
}

/// A number for each line that is not blank, sorted. How the line ends does not count.
fn line_hashes(content: &[u8]) -> Vec<u64> {
    let lines = content.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let mut hashes: Vec<u64> = lines
        .map(|line| {
            let mut hasher = DefaultHasher::new();
            line.hash(&mut hasher);
            hasher.finish()
        })
        .collect();
    hashes.sort_unstable();
    hashes
}

/// How many numbers two sorted lists have in common.
fn common(one: &[u64], other: &[u64]) -> usize {
    let (mut one, mut other) = (one.iter().peekable(), other.iter().peekable());
    let mut common = 0;
    while let (Some(a), Some(b)) = (one.peek(), other.peek()) {
        let order = a.cmp(b);
        common += usize::from(order.is_eq());
        if order.is_le() {
            one.next();
        }
        if order.is_ge() {
            other.next();
        }
    }
    common
}
