//! Where a walk through the history begins, and where it ends.

use gix::ObjectId;
use gix::objs::Kind;

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
}

/// Reads what `revisions` select, everything for none.
pub(super) fn read(repository: &Repository, revisions: &[String]) -> Result<Tips, GitError> {
    let local = repository.local();
    let mut tips = Tips::default();
    let mut tags = Vec::new();
    references(&local, &mut tips.references, &mut tags)?;
    if revisions.is_empty() {
        for reference in &tips.references {
            let is_notes = reference.name.starts_with("refs/notes/");
            let list = if is_notes { &mut tips.notes } else { &mut tips.shown };
            list.push(reference.commit);
        }
        tips.shown.extend(heads(&local));
        tips.tags = tags;
        return Ok(tips);
    }
    let mut hides = false;
    for revision in revisions {
        if revision == "--not" {
            hides = !hides;
            continue;
        }
        let (shown, hidden) = match selected_references(revision) {
            Some(prefix) => {
                let of_prefix = tips.references.iter().filter(|reference| reference.name.starts_with(&prefix));
                (of_prefix.map(|reference| reference.commit).collect(), Vec::new())
            }
            None => parse(&local, revision)?,
        };
        let (to_shown, to_hidden) = if hides { (hidden, shown) } else { (shown, hidden) };
        tips.shown.extend(to_shown);
        tips.hidden.extend(to_hidden);
    }
    Ok(tips)
}

/// What the names of the references begin with that an option of git-rev-list(1) selects.
fn selected_references(option: &str) -> Option<String> {
    let (option, pattern) = option.split_once('=').unwrap_or((option, ""));
    let kind = match option {
        "--all" => "",
        "--branches" => "heads/",
        "--tags" => "tags/",
        "--remotes" => "remotes/",
        _ => return None,
    };
    let pattern = pattern.trim_end_matches('*').trim_end_matches('/');
    Some(match pattern {
        "" => format!("refs/{kind}"),
        pattern => format!("refs/{kind}{pattern}/"),
    })
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

/// All references that lead to commits, and the annotated tags on the way.
fn references(
    repository: &gix::Repository,
    found: &mut Vec<Reference>,
    tags: &mut Vec<ObjectId>,
) -> Result<(), GitError> {
    let unreadable = |error: gix::Error| GitError::unreadable("the references", &error);
    let platform = repository.references().map_err(unreadable)?;
    for reference in platform.all().map_err(unreadable)? {
        // A reference that is broken leads nowhere; the others are searched.
        let Ok(mut reference) = reference else { continue };
        let name = reference.name().as_bstr().to_string();
        let Ok(mut id) = reference.follow_to_object().map(gix::Id::detach) else { continue };
        // A tag may be a tag of a tag; git makes no cycle, for a name depends on what it names.
        while let Ok(object) = repository.find_object(id) {
            match object.kind {
                Kind::Commit => {
                    found.push(Reference { name, commit: id });
                    break;
                }
                Kind::Tag => {
                    tags.push(id);
                    let Ok(target) = object.into_tag().target_id().map(gix::Id::detach) else { break };
                    id = target;
                }
                Kind::Tree | Kind::Blob => break,
            }
        }
    }
    found.sort();
    tags.sort();
    tags.dedup();
    Ok(())
}

/// What `HEAD` stands for, here and in the linked work trees: it may lead to a commit that no branch holds.
fn heads(repository: &gix::Repository) -> Vec<ObjectId> {
    let of = |repository: &gix::Repository| repository.head_id().ok().map(gix::Id::detach);
    let linked = repository.worktrees().unwrap_or_default();
    let linked =
        linked.into_iter().filter_map(|tree| of(&tree.into_repo_with_possibly_inaccessible_worktree().ok()?));
    of(repository).into_iter().chain(linked).collect()
}
