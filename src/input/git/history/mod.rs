//! The history of a repository: which commits there are, and which contents each of them brings.

mod changes;
mod tips;

use std::collections::{HashMap, HashSet};

use gix::ObjectId;
use gix::objs::{CommitRefIter, Kind, TagRefIter};

pub use changes::Arrival;

use super::objects::{ObjectError, Objects};
use super::repository::{GitError, Repository, cause};

/// Which part of the history is searched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistoryOptions {
    /// Revisions as git-rev-list(1) reads them, between blanks: `main`, `v1.0..HEAD`, `a --not b`; none for all references.
    pub revisions: Vec<String>,
    /// Leaves out this commit and its ancestors.
    pub since_commit: Option<String>,
    /// Most commits, the latest first.
    pub max_commits: Option<usize>,
}

/// A commit of the part of the history that is searched.
#[derive(Clone, Debug)]
pub struct Commit {
    /// Its name.
    pub id: ObjectId,
    /// Its tree.
    pub tree: ObjectId,
    /// Its parents, as far as the repository holds them.
    pub parents: Vec<ObjectId>,
    /// Whether it holds notes on other objects (git-notes(1)) instead of files.
    pub is_notes: bool,
    /// When it was authored.
    date: gix::date::Time,
    /// Seconds since 1970; never less than those of a parent, whatever the clock of the committer said.
    order: i64,
}

impl Commit {
    /// When it was authored, as RFC 3339 writes it, with the author's offset from UTC.
    #[must_use]
    pub fn date(&self) -> String {
        self.date.format(gix::date::time::format::ISO8601_STRICT).unwrap_or_default()
    }
}

/// Commits by their names.
type Commits = HashMap<ObjectId, Commit, foldhash::fast::FixedState>;

/// A reference and the commit that it leads to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// Full name, such as `refs/heads/main`.
    pub name: String,
    /// The commit.
    pub commit: ObjectId,
}

/// The part of a history that is searched.
#[derive(Debug, Default)]
pub struct History {
    /// The commits, parents before children.
    pub commits: Vec<Commit>,
    /// Objects of annotated tags.
    pub tags: Vec<ObjectId>,
    /// All references that lead to a commit, sorted.
    pub references: Vec<Reference>,
    /// What is wrong with the references that cannot be followed, one sentence each.
    pub broken_references: Vec<String>,
    /// Commits that the repository should hold and does not, or that are broken.
    pub problems: Vec<ObjectError>,
    /// The place of each commit in `commits`.
    places: HashMap<ObjectId, usize, foldhash::fast::FixedState>,
}

impl History {
    /// Reads which commits `revisions` select: as git-rev-list(1), all references for none. `since` and its ancestors are
    /// left out, and of the rest all but the `most` latest.
    ///
    /// # Errors
    ///
    /// A revision that the repository does not know, references that cannot be read.
    pub fn read(
        repository: &Repository,
        revisions: &[String],
        since: Option<&str>,
        most: Option<usize>,
    ) -> Result<Self, GitError> {
        let tips::Tips { mut hidden, shown, notes, tags, references, broken_references } =
            tips::read(repository, revisions)?;
        if let Some(since) = since {
            hidden.push(repository.commit(since)?);
        }
        let objects = repository.many_objects();
        let mut history = History { tags, references, broken_references, ..History::default() };
        let hidden = history.walk(&objects, &hidden, |_| false);
        let notes = history.walk(&objects, &notes, |id| hidden.contains_key(id));
        let left_out = |id: &ObjectId| hidden.contains_key(id) || notes.contains_key(id);
        let shown = history.walk(&objects, &shown, left_out);
        // What stands at the end of a shallow clone has parents that nobody has.
        let known: HashSet<ObjectId, foldhash::fast::FixedState> =
            [&hidden, &notes, &shown].into_iter().flat_map(|commits| commits.keys().copied()).collect();
        let notes = notes.into_values().map(|commit| Commit { is_notes: true, ..commit });
        let mut commits: Vec<Commit> = notes.chain(shown.into_values()).collect();
        for commit in &mut commits {
            commit.parents.retain(|parent| known.contains(parent));
        }
        history.commits = in_order(commits);
        if let Some(most) = most {
            let surplus = history.commits.len().saturating_sub(most);
            history.commits.drain(..surplus);
        }
        history.places = history.commits.iter().enumerate().map(|(place, commit)| (commit.id, place)).collect();
        history.problems.sort_by_key(ToString::to_string);
        history.problems.dedup();
        Ok(history)
    }

    /// The commits that can be reached from `tips` without passing through one that is left out.
    fn walk(&mut self, objects: &Objects, tips: &[ObjectId], is_left_out: impl Fn(&ObjectId) -> bool) -> Commits {
        let shallow = objects.shallow();
        let mut found = Commits::default();
        let mut waiting = tips.to_vec();
        while let Some(id) = waiting.pop() {
            if found.contains_key(&id) || is_left_out(&id) {
                continue;
            }
            let commit = objects
                .shared(id, Kind::Commit)
                .and_then(|data| parse(id, CommitRefIter::from_bytes(&data, objects.hash_kind())));
            match commit {
                Ok(mut commit) => {
                    if shallow.contains(&id) {
                        commit.parents.clear();
                    }
                    waiting.extend(&commit.parents);
                    found.insert(id, commit);
                }
                Err(error) => self.problems.push(error),
            }
        }
        found
    }

    /// The place of commit `id` in `commits`.
    #[must_use]
    pub fn place(&self, id: &ObjectId) -> Option<usize> {
        self.places.get(id).copied()
    }

    /// The trees of the parents of `commit`; what of them cannot be read goes to `problems`.
    pub fn trees_before(
        &self,
        objects: &Objects,
        commit: &Commit,
        problems: &mut Vec<(String, ObjectError)>,
    ) -> Vec<ObjectId> {
        let tree = |id: &ObjectId| match self.place(id).and_then(|place| self.commits.get(place)) {
            Some(parent) => Some(parent.tree),
            None => objects.tree_of(*id).map_err(|error| problems.push((".".to_owned(), error))).ok(),
        };
        commit.parents.iter().filter_map(tree).collect()
    }

    /// The names of the references from which each of `commits` (places) can be reached, at most `most` for each.
    #[must_use]
    pub fn references_to(&self, commits: &[usize], most: usize) -> Vec<Vec<String>> {
        let mut names = vec![Vec::new(); commits.len()];
        // 64 at a time: one bit each, handed on from parents to children.
        for (batch, batch_names) in commits.chunks(64).zip(names.chunks_mut(64)) {
            let mut holds = vec![0_u64; self.commits.len()];
            for (bit, &place) in batch.iter().enumerate() {
                holds[place] |= 1 << bit;
            }
            for (place, commit) in self.commits.iter().enumerate() {
                let inherited = commit.parents.iter().filter_map(|id| self.place(id)).map(|parent| holds[parent]);
                holds[place] |= inherited.fold(0, |all, one| all | one);
            }
            for reference in &self.references {
                let Some(place) = self.place(&reference.commit) else { continue };
                for (bit, names) in batch_names.iter_mut().enumerate() {
                    if holds[place] & (1 << bit) != 0 && names.len() < most {
                        names.push(reference.name.clone());
                    }
                }
            }
        }
        names
    }
}

impl Objects {
    /// The message of commit `id`.
    ///
    /// # Errors
    ///
    /// It is missing, broken or no commit.
    pub fn commit_message(&self, id: ObjectId) -> Result<Vec<u8>, ObjectError> {
        let data = self.shared(id, Kind::Commit)?;
        let message = CommitRefIter::from_bytes(&data, self.hash_kind()).message();
        message.map(|message| message.to_vec()).map_err(|error| ObjectError::Broken { id, reason: cause(&error) })
    }

    /// The message of the annotated tag `id`; what of it cannot be read is left out.
    ///
    /// # Errors
    ///
    /// It is missing, broken or no tag.
    pub fn tag_message<'b>(&self, id: ObjectId, buffer: &'b mut Vec<u8>) -> Result<&'b [u8], ObjectError> {
        let hash = self.hash_kind();
        let data = self.read(id, Kind::Tag, buffer)?;
        let message = TagRefIter::from_bytes(data, hash).find_map(|token| match token {
            Ok(gix::objs::tag::ref_iter::Token::Body { message, .. }) => Some(&**message),
            _ => None,
        });
        message.ok_or_else(|| ObjectError::Broken { id, reason: "it has no message".to_owned() })
    }
}

fn parse(id: ObjectId, commit: CommitRefIter<'_>) -> Result<Commit, ObjectError> {
    let broken = |error: &gix::Error| ObjectError::Broken { id, reason: cause(error) };
    let mut tokens = commit;
    let tree = tokens.tree_id().map_err(|error| broken(&error))?;
    let parents = commit.parent_ids().collect();
    // A date that no clock ever showed keeps no commit from being searched.
    let date = commit.author().ok().and_then(|author| author.time().ok()).unwrap_or_default();
    let order = commit.committer().ok().and_then(|committer| committer.time().ok()).map_or(0, |time| time.seconds);
    Ok(Commit { id, tree, parents, date, is_notes: false, order })
}

/// `commits` with parents before children, by the time of the commit where that leaves a choice.
fn in_order(mut commits: Vec<Commit>) -> Vec<Commit> {
    commits.sort_by_key(|commit| (commit.order, commit.id));
    let places: HashMap<ObjectId, usize, foldhash::fast::FixedState> =
        commits.iter().enumerate().map(|(at, commit)| (commit.id, at)).collect();
    let parents: Vec<Vec<usize>> =
        commits.iter().map(|commit| commit.parents.iter().filter_map(|id| places.get(id).copied()).collect()).collect();
    let mut done = vec![false; commits.len()];
    let mut order = Vec::with_capacity(commits.len());
    for start in 0..commits.len() {
        // Depth first without recursion: a history is as deep as it likes.
        let mut path = vec![(start, 0)];
        while let Some((at, next)) = path.pop() {
            if done[at] {
                continue;
            }
            if let Some(&parent) = parents[at].get(next) {
                path.push((at, next + 1));
                if !done[parent] {
                    path.push((parent, 0));
                }
            } else {
                done[at] = true;
                order.push(at);
            }
        }
    }
    let mut commits: Vec<Option<Commit>> = commits.into_iter().map(Some).collect();
    order.into_iter().filter_map(|at| commits.get_mut(at).and_then(Option::take)).collect()
}
