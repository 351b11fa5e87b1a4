//! What may be the name of a branch, the id of a commit and a revision, for names that come from outside.

/// Longest name of a branch. Git keeps references in files, whose paths end at 4096 bytes on Linux.
const MAX_NAME: usize = 1024;

/// How much of a refused value a message shows.
const MAX_QUOTED: usize = 100;

/// Whether `name`, without `refs/heads/`, may be a branch: the rules of git-check-ref-format(1), and of what those allow
/// nothing that a shell would act upon, because names stand in commands that messages propose.
pub(super) fn check_branch(name: &str) -> bool {
    let is_forbidden = |c: char| {
        c.is_control() || matches!(c, ' ' | '~' | '^' | ':' | '?' | '*' | '[' | '\\') || is_active_in_shell(c)
    };
    !name.is_empty()
        && name.len() <= MAX_NAME
        && !name.starts_with('-')
        && name != "@"
        && name != "HEAD"
        && !name.contains("..")
        && !name.contains("@{")
        && !name.ends_with('.')
        && !name.contains(is_forbidden)
        && name
            .split('/')
            .all(|part| !part.is_empty() && !part.starts_with('.') && part.strip_suffix(".lock").is_none())
}

/// Whether `id` may be the id of a commit, whole or abbreviated: SHA-1 has 40 digits, SHA-256 has 64, and Bitbucket gives
/// 12. Git itself asks for 4 at least; 7 is what it shows.
pub(super) fn check_commit(id: &str) -> bool {
    (7..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether `revision` may be handed on as one, gitrevisions(7): no option, no range, nothing that is not shown.
pub(super) fn check_revision(revision: &str) -> bool {
    !revision.is_empty()
        && revision.len() <= MAX_NAME
        && !revision.starts_with(['-', '^'])
        && !revision.contains("..")
        && !revision.contains(|c: char| c.is_control() || c.is_whitespace())
}

/// Whether `id` is the null id, which git and CI systems write where there is no commit.
pub(super) fn is_null(id: &str) -> bool {
    matches!(id.len(), 40 | 64) && id.bytes().all(|byte| byte == b'0')
}

/// The beginning of a refused value, for a message.
pub(super) fn quoted(value: &str) -> String {
    match value.char_indices().nth(MAX_QUOTED) {
        Some((end, _)) => format!("{}…", value.get(..end).unwrap_or_default()),
        None => value.to_owned(),
    }
}

fn is_active_in_shell(c: char) -> bool {
    matches!(c, '$' | '`' | ';' | '&' | '|' | '<' | '>' | '(' | ')' | '\'' | '"' | '!' | '{' | '}') || c.is_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The verdict of git itself, for names without characters of the shell.
    fn git_allows(name: &str) -> bool {
        let git = std::process::Command::new("git").args(["check-ref-format", "--branch", name]).output().unwrap();
        git.status.success()
    }

    #[test]
    fn branches_are_judged_as_git_judges_them() {
        for name in [
            "main",
            "feature/x",
            "release-1.2",
            "a.b",
            "a/b.c",
            "ümlaut",
            "@x",
            "a@b",
            "x#1",
            "",
            "-x",
            "--x",
            "a..b",
            "a.",
            "a/",
            "/a",
            "a//b",
            ".a",
            "a/.b",
            "a.lock",
            "a.lock/b",
            "a~1",
            "a^",
            "a:b",
            "a?",
            "a*",
            "a[b",
            "a\\b",
            "a b",
            "a\tb",
            "a\u{7f}",
            "HEAD",
            "x@{y",
        ] {
            assert_eq!(check_branch(name), git_allows(name), "{name:?}");
        }
    }

    #[test]
    fn a_branch_is_safe_to_paste() {
        for name in ["$(id)", "a;id", "a|b", "a&b", "a`b`", "a>b", "a'b", "a\"b", "a!b", "a{b,c}", "a\u{a0}b"] {
            assert!(!check_branch(name), "{name:?}");
        }
        assert!(!check_branch(&"a".repeat(MAX_NAME + 1)));
    }

    #[test]
    fn a_commit_is_hexadecimal() {
        for id in ["4b825dc", "4b825dc642cb6eb9a060e54bf8d69288fbee4904", &"aB".repeat(32)] {
            assert!(check_commit(id), "{id}");
        }
        for id in ["", "4b825d", "main", "4b825dc642cb6eb9a060e54bf8d69288fbee490g", &"a".repeat(65)] {
            assert!(!check_commit(id), "{id}");
        }
        assert!(is_null(&"0".repeat(40)) && is_null(&"0".repeat(64)) && !is_null("0") && !is_null(&"a".repeat(40)));
    }

    #[test]
    fn a_revision_is_no_option_and_no_range() {
        for revision in ["HEAD~3", "origin/main", "v1.0^{commit}", "@{upstream}", "abc123"] {
            assert!(check_revision(revision), "{revision}");
        }
        for revision in ["", "-x", "^a", "a..b", "a...b", "a b", "a\nb"] {
            assert!(!check_revision(revision), "{revision:?}");
        }
    }

    #[test]
    fn a_quoted_value_ends_on_a_character() {
        assert_eq!(quoted("main"), "main");
        assert_eq!(quoted(&"ä".repeat(200)), format!("{}…", "ä".repeat(100)));
    }
}
