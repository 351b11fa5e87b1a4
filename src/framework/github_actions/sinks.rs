//! Places whose text is run as code.

use super::files::Place;
use super::uses::Uses;
use crate::document::node::Node;

/// Inputs of actions that are run as code: by the action's own documentation they are scripts, commands or programs.
const INPUTS: &[(&str, &[&str])] = &[
    ("8398a7/action-slack", &["custom_payload"]),
    ("actions/github-script", &["script"]),
    ("actions-rs/cargo", &["args"]),
    ("addnab/docker-run-action", &["options", "run", "shell"]),
    ("amadevus/pwsh-script", &["script"]),
    ("andstor/file-existence-action", &["files"]),
    ("appleboy/ssh-action", &["script"]),
    ("azure/cli", &["inlinescript"]),
    ("azure/powershell", &["inlinescript"]),
    ("cardinalby/js-eval-action", &["expression"]),
    ("coactions/setup-xvfb", &["run"]),
    ("cypress-io/github-action", &["command", "build", "start", "install-command"]),
    ("fallard84/shell-script-action", &["script"]),
    ("gabrielbb/xvfb-action", &["run"]),
    ("gradle/gradle-build-action", &["arguments"]),
    ("jannekem/run-python-script-action", &["script"]),
    ("juliangruber/read-file-action", &["path"]),
    ("lucasbento/auto-close-issues", &["issue-close-message"]),
    ("mikefarah/yq", &["cmd"]),
    ("nick-fields/retry", &["command", "on_retry_command", "new_command_on_retry"]),
    ("nick-invision/retry", &["command", "on_retry_command"]),
    ("reactivecircus/android-emulator-runner", &["script", "pre-emulator-launch-script"]),
    ("roots/issue-closer", &["issue-close-message", "pr-close-message"]),
    ("satackey/action-js-inline", &["script"]),
    ("tj-actions/glob", &["files"]),
    ("wandalen/wretry.action", &["command"]),
];

/// What runs the text at `path` of a step or job: `shell`, `script` of an action, or nothing.
pub(super) fn sink(path: &str, place: &Place<'_>) -> Option<&'static str> {
    if path == "run" {
        return Some("shell");
    }
    let input = path.strip_prefix("with.")?;
    let uses = place.step_node()?.get("uses").and_then(Node::as_str).and_then(Uses::parse)?;
    let name = uses.name()?;
    let (_, inputs) = INPUTS.iter().find(|(action, _)| *action == name)?;
    inputs.iter().any(|known| known.eq_ignore_ascii_case(input)).then_some("script")
}
