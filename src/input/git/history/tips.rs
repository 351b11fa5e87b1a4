//! Where a walk through the history begins, and where it ends.

use gix::ObjectId;
use gix::glob::wildmatch;
use gix::glob::wildmatch::Mode;
use gix::objs::{Kind, TagRefIter};

use super::Reference;
use crate::input::git::repository::{GitError, Repository, cause, names_no_file};
use crate::input::quoted;

/// Where a walk begins and ends.
#[derive(Debug, Default)]
pub(super) struct Tips {
    /// Commits that are left out with all of their ancestors.
    pub(super) hidden: Vec<ObjectId>,
    /// Commits that are searched with all of their ancestors.
    pub(super) shown: Vec<ObjectId>,
    /// The same for notes.
    pub(super) notes: Vec<ObjectId>,
    /// Objects of annotated tags.
    pub(super) tags: Vec<ObjectId>,
    /// All references.
    pub(super) references: Vec<Reference>,
    /// What is wrong with those that cannot be followed, one sentence each.
    pub(super) broken_references: Vec<String>,
}

/// Reads what `revisions` select, everything for none.
pub(super) fn read(repository: &Repository, revisions: &[String]) -> Result<Tips, GitError> {
    let local = repository.local();
    let mut tips = Tips::default();
    let mut tags = Vec::new();
    references(&local, &mut tips, &mut tags)?;
    if revisions.is_empty() {
        tips.show_all(&local, &tags)?;
    }
    let mut hides = false;
    for revision in revisions {
        if revision == "--not" {
            hides = !hides;
            continue;
        }
        if revision == "--all" && !hides {
            tips.show_all(&local, &tags)?;
            continue;
        }
        let (shown, hidden) = match selected_references(revision) {
            Some(glob) => {
                let selects = |name: &str| wildmatch(glob.as_bytes().into(), name.as_bytes().into(), Mode::empty());
                let selected = tips.references.iter().filter(|reference| selects(&reference.name));
                (selected.map(|reference| reference.commit).collect(), Vec::new())
            }
            None => parse(&local, revision)?,
        };
        let (to_shown, to_hidden) = if hides { (hidden, shown) } else { (shown, hidden) };
        tips.shown.extend(to_shown);
        tips.hidden.extend(to_hidden);
    }
    Ok(tips)
}

impl Tips {
    /// Begins at all references, at what `HEAD` stands for, and at all `tags`.
    fn show_all(&mut self, repository: &gix::Repository, tags: &[ObjectId]) -> Result<(), GitError> {
        for reference in &self.references {
            let is_notes = reference.name.starts_with("refs/notes/");
            let list = if is_notes { &mut self.notes } else { &mut self.shown };
            list.push(reference.commit);
        }
        self.shown.extend(heads(repository)?);
        self.tags = tags.to_vec();
        Ok(())
    }
}

/// The glob over the full names of the references that an option of git-rev-list(1) selects.
fn selected_references(option: &str) -> Option<String> {
    let (option, pattern) = option.split_once('=').unwrap_or((option, "*"));
    let kind = match option {
        "--all" => "",
        "--branches" => "heads/",
        "--tags" => "tags/",
        "--remotes" => "remotes/",
        _ => return None,
    };
    let is_glob = pattern.contains(['?', '*', '[']);
    let rest = if is_glob {
        ""
    } else if pattern.ends_with('/') {
        "*"
    } else {
        "/*"
    };
    Some(format!("refs/{kind}{pattern}{rest}"))
}

/// The commits that `revision` shows and hides.
fn parse(repository: &gix::Repository, revision: &str) -> Result<(Vec<ObjectId>, Vec<ObjectId>), GitError> {
    use gix::revision::plumbing::Spec;
    let wrong = |reason| GitError::Revision { revision: quoted(revision), reason, mend: String::new() };
    if revision.starts_with('-') {
        return Err(wrong("only --not, --all, --branches, --tags and --remotes are understood here".to_owned()));
    }
    names_no_file(revision)?;
    let commit = |id: ObjectId| {
        let object = repository.find_object(id).map_err(|error| wrong(cause(&error)))?;
        object.peel_to_commit().map(|commit| commit.id).map_err(|error| wrong(cause(&error)))
    };
    let parents = |id: ObjectId| {
        let commit = repository.find_commit(commit(id)?).map_err(|error| wrong(cause(&error)))?;
        Ok::<Vec<ObjectId>, GitError>(commit.parent_ids().map(gix::Id::detach).collect())
    };
    let spec = repository.rev_parse(revision).map_err(|error| wrong(cause(&error)))?.detach();
    Ok(match spec {
        Spec::Include(id) => (vec![commit(id)?], Vec::new()),
        Spec::Exclude(id) => (Vec::new(), vec![commit(id)?]),
        Spec::Range { from, to } => (vec![commit(to)?], vec![commit(from)?]),
        Spec::Merge { theirs, ours } => {
            let (theirs, ours) = (commit(theirs)?, commit(ours)?);
            // Without a common ancestor nothing is reachable from both.
            let base = repository.merge_base(theirs, ours).map_err(|error| wrong(cause(&error)))?;
            let base = base.map(gix::Id::detach).into_iter().collect();
            (vec![theirs, ours], base)
        }
        Spec::IncludeOnlyParents(id) => (parents(id)?, Vec::new()),
        Spec::ExcludeParents(id) => (vec![commit(id)?], parents(id)?),
    })
}

/// All references that lead to commits or to something that is not there, and the annotated tags on the way.
fn references(repository: &gix::Repository, tips: &mut Tips, tags: &mut Vec<ObjectId>) -> Result<(), GitError> {
    let unreadable = |error: gix::Error| GitError::unreadable("the references", &error);
    let platform = repository.references().map_err(unreadable)?;
    for reference in platform.all().map_err(unreadable)? {
        let mut reference = match reference {
            Ok(reference) => reference,
            Err(error) => {
                tips.broken_references.push(quoted(&error.to_string()));
                continue;
            }
        };
        let name = reference.name().as_bstr().to_string();
        // A symbolic reference to a branch without a commit leads nowhere.
        let Ok(mut id) = reference.follow_to_object().map(gix::Id::detach) else { continue };
        // A tag may be a tag of a tag; git makes no cycle, for a name depends on what it names.
        loop {
            let kind = repository.find_object(id).map(|object| (object.kind, object.detach().data));
            let target = match &kind {
                Ok((Kind::Tag, data)) => {
                    tags.push(id);
                    TagRefIter::from_bytes(data, repository.object_hash()).target_id().ok()
                }
                Ok((Kind::Tree | Kind::Blob, _)) => break,
                // What is missing or broken is reported by whoever looks at the commits.
                Ok((Kind::Commit, _)) | Err(_) => {
                    tips.references.push(Reference { name, commit: id });
                    break;
                }
            };
            let Some(target) = target else { break };
            id = target;
        }
    }
    tips.references.sort();
    tags.sort();
    tags.dedup();
    Ok(())
}

/// What `HEAD` stands for, here and in the linked work trees: it may lead to a commit that no branch holds.
fn heads(repository: &gix::Repository) -> Result<Vec<ObjectId>, GitError> {
    // Not what it is peeled to: a commit that is missing is to be missed.
    let of = |repository: &gix::Repository| Ok(repository.head()?.id().map(gix::Id::detach));
    let head = of(repository).map_err(|error: gix::Error| GitError::unreadable("HEAD", &error))?;
    let linked = repository.worktrees().unwrap_or_default();
    let linked =
        linked.into_iter().filter_map(|tree| of(&tree.into_repo_with_possibly_inaccessible_worktree().ok()?).ok()?);
    Ok(head.into_iter().chain(linked).collect())
}
