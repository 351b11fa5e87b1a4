//! The texts of hooks: what git runs, and what is put into the files of other hook managers.

use super::Hook;

/// What every line and every script of Lockgate carries, so that it is known again. The number is that of the format.
pub(super) const MARK: &str = "# lockgate hook v1";

/// What the marks of all formats begin with.
const ANY_MARK: &str = "# lockgate hook v";

/// Whether `text` is a script that Lockgate wrote.
pub(super) fn is_ours(text: &str) -> bool {
    text.lines().take(2).any(|line| line.starts_with(ANY_MARK))
}

/// Whether a line was added to a script of someone else by Lockgate.
pub(super) fn is_our_line(line: &str) -> bool {
    line.split_once(" # ").is_some_and(|(_, comment)| format!("# {comment}").starts_with(ANY_MARK))
}

/// The command of `hook`, as it is written into scripts.
pub(super) fn command(hook: Hook) -> &'static str {
    match hook {
        Hook::PreCommit => "lockgate hook run pre-commit",
        Hook::PrePush => "lockgate hook run pre-push \"$@\"",
    }
}

/// The line that is added to a script of someone else.
pub(super) fn line(hook: Hook) -> String {
    format!("{} {MARK}", command(hook))
}

/// The name that the hook that was there before is kept under.
pub(super) fn kept_name(hook: Hook) -> String {
    format!("{}.before-lockgate", hook.name())
}

/// The script for the hooks directory. A gate that is not there must not look like one that passed, so it fails where
/// `lockgate` is missing.
pub(super) fn script(hook: Hook) -> String {
    let (name, kept, command) = (hook.name(), kept_name(hook), command(hook));
    let skip = hook.skip_command();
    // Git writes the references to standard input once, and the hook before may want them, as that of Git LFS does.
    let (prepare, feed) = match hook {
        Hook::PreCommit => ("", ""),
        Hook::PrePush => ("refs=$(cat)\nfeed() { [ -z \"$refs\" ] || printf '%s\\n' \"$refs\"; }\n", "feed | "),
    };
    format!(
        "#!/bin/sh\n{MARK}\n\
         # Written by `lockgate hook install --{name}`; `lockgate hook uninstall` removes it.\n\
         {prepare}\
         kept=\"$(dirname -- \"$0\")/{kept}\"\n\
         if [ -x \"$kept\" ]; then\n    {feed}\"$kept\" \"$@\" || exit $?\nfi\n\
         if ! command -v lockgate >/dev/null 2>&1; then\n    \
         echo 'error: lockgate is not on PATH, so nothing was checked; install it, or skip the hook this once: {skip}' >&2\n    \
         exit 1\nfi\n\
         {feed}{command}\n"
    )
}

/// What to add to `.pre-commit-config.yaml`.
pub(super) fn pre_commit_snippet(hook: Hook) -> &'static str {
    match hook {
        Hook::PreCommit => include_str!("snippets/pre-commit.yaml"),
        Hook::PrePush => include_str!("snippets/pre-push.yaml"),
    }
}

/// What to add to the configuration of lefthook.
pub(super) fn lefthook_snippet(hook: Hook) -> &'static str {
    match hook {
        Hook::PreCommit => include_str!("snippets/lefthook-pre-commit.yml"),
        Hook::PrePush => include_str!("snippets/lefthook-pre-push.yml"),
    }
}
