//! Who controls the content of a context, as GitHub's documentation says under "Contexts" and "Script injections".

/// Who writes a value. In the order of how much there is to fear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Trust {
    /// It has a form that does no harm, such as a number or a hash, or it stands in the file.
    Harmless,
    /// Whoever keeps the settings of the repository: variables and secrets.
    Maintainer,
    /// What it comes from cannot be told.
    Unknown,
    /// Whoever may start the workflow by hand, name a branch, or call the workflow or action.
    Caller,
    /// Anyone.
    Untrusted,
}

impl Trust {
    /// The word for rules.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Harmless => "harmless",
            Self::Maintainer => "maintainer",
            Self::Unknown => "unknown",
            Self::Caller => "caller",
            Self::Untrusted => "untrusted",
        }
    }
}

/// Names right below `github` whose content has a harmless form.
const HARMLESS: &[&str] = &[
    "action",
    "action_path",
    "action_ref",
    "action_repository",
    "action_status",
    "actor",
    "actor_id",
    "api_url",
    "env",
    "event_name",
    "event_path",
    "graphql_url",
    "job",
    "job_workflow_sha",
    "output",
    "path",
    "ref_protected",
    "ref_type",
    "repository",
    "repository_id",
    "repository_owner",
    "repository_owner_id",
    "repository_visibility",
    "repositoryurl",
    "retention_days",
    "run_attempt",
    "run_id",
    "run_number",
    "secret_source",
    "server_url",
    "sha",
    "step_summary",
    "token",
    "triggering_actor",
    "workflow",
    "workflow_ref",
    "workflow_sha",
    "workspace",
];

/// The last names of paths below `github.event` that hold free text of whoever caused the event.
const FREE_TEXT: &[&str] = &[
    "body",
    "content",
    "description",
    "display_title",
    "email",
    "head_branch",
    "homepage",
    "label",
    "message",
    "page_name",
    "summary",
    "text",
    "title",
];

/// The last names of paths below `github.event` whose content has a harmless form.
const FIXED: &[&str] = &[
    "action",
    "active_lock_reason",
    "additions",
    "after",
    "archived",
    "assignable",
    "author_association",
    "base_ref_sha",
    "before",
    "changed_files",
    "clone_url",
    "closed_at",
    "color",
    "comments",
    "commits_count",
    "conclusion",
    "created",
    "created_at",
    "default",
    "deleted",
    "deletions",
    "draft",
    "event",
    "fork",
    "forced",
    "full_name",
    "git_url",
    "head_sha",
    "id",
    "is_template",
    "locked",
    "login",
    "maintainer_can_modify",
    "merge_commit_sha",
    "mergeable",
    "merged",
    "merged_at",
    "node_id",
    "number",
    "prerelease",
    "private",
    "public",
    "rebaseable",
    "review_comments",
    "run_attempt",
    "run_number",
    "sha",
    "site_admin",
    "size",
    "ssh_url",
    "state",
    "state_reason",
    "status",
    "timestamp",
    "total_count",
    "tree_id",
    "type",
    "updated_at",
    "url",
    "visibility",
    "workflow_id",
];

/// The trust in a context that begins with `github`; `path` is in small letters, with `*` for items.
pub(super) fn of_github(path: &[&str]) -> Trust {
    let rest = path.get(1..).unwrap_or_default();
    match rest {
        [] | ["event" | "*" | "head_ref"] => Trust::Untrusted,
        ["ref" | "ref_name" | "base_ref"] => Trust::Caller,
        ["event", rest @ ..] => of_event(rest),
        [name, ..] if HARMLESS.contains(name) => Trust::Harmless,
        _ => Trust::Unknown,
    }
}

/// The trust in a value of the event.
fn of_event(path: &[&str]) -> Trust {
    let last = path.iter().rev().find(|part| **part != "*").copied().unwrap_or_default();
    match path {
        // Those who may start a workflow by hand or through the interface write these.
        ["inputs" | "client_payload", ..] => return Trust::Caller,
        // The one who released has the right to.
        [
            "release" | "deployment" | "deployment_status" | "milestone" | "package" | "registry_package"
            | "repository",
            ..,
        ] => {
            return if FIXED.contains(&last) || last.ends_with("_url") { Trust::Harmless } else { Trust::Caller };
        }
        _ => {}
    }
    if FIXED.contains(&last) || last.ends_with("_url") || last.ends_with("_at") || last.ends_with("_id") {
        return Trust::Harmless;
    }
    if FREE_TEXT.contains(&last) {
        return Trust::Untrusted;
    }
    let has = |name: &str| path.contains(&name);
    match last {
        "ref" | "default_branch" if has("head") || has("head_repository") => Trust::Untrusted,
        // Names of authors are free text; those of labels, repositories and branches of the repository are not for everyone
        // to choose.
        "name" | "username" if has("author") || has("authors") || has("committer") => Trust::Untrusted,
        "name" | "ref" | "base_ref" | "default_branch" => Trust::Caller,
        // Whole objects, which hold free text among other things.
        "pull_request" | "issue" | "comment" | "review" | "discussion" | "head" | "head_commit" | "commits"
        | "author" | "committer" | "workflow_run" | "changes" | "pages" | "answer" | "pull_requests" | "new_issue"
        | "new_discussion" => Trust::Untrusted,
        _ => Trust::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contexts_of_the_documentation() {
        for (path, expected) in [
            ("github.event.issue.title", Trust::Untrusted),
            ("github.event.comment.body", Trust::Untrusted),
            ("github.event.commits.*.message", Trust::Untrusted),
            ("github.event.head_commit.author.name", Trust::Untrusted),
            ("github.event.pull_request.head.ref", Trust::Untrusted),
            ("github.event.pull_request.head.label", Trust::Untrusted),
            ("github.event.pull_request.head.sha", Trust::Harmless),
            ("github.event.pull_request.base.sha", Trust::Harmless),
            ("github.event.pull_request.head.repo.fork", Trust::Harmless),
            ("github.event.workflow_run.head_branch", Trust::Untrusted),
            ("github.event.pages.*.page_name", Trust::Untrusted),
            ("github.head_ref", Trust::Untrusted),
            ("github.ref_name", Trust::Caller),
            ("github.event.inputs.x", Trust::Caller),
            ("github.sha", Trust::Harmless),
            ("github.event.number", Trust::Harmless),
            ("github.event", Trust::Untrusted),
        ] {
            let path_parts: Vec<&str> = path.split('.').collect();
            assert_eq!(of_github(&path_parts), expected, "{path}");
        }
    }
}
