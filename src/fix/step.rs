//! A step of a workflow or a composite action, and the shell that runs its script.
//!
//! GitHub documentation, "Workflow syntax", `jobs.<job_id>.steps[*].shell` and `defaults.run.shell`.

use super::tree::{Way, node_at};
use crate::document::node::{Node, Value};

/// How the shell of a step reads its script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shell {
    /// `bash`, `sh`
    Posix,
    /// `pwsh`, `powershell`
    PowerShell,
}

/// A step and its script.
#[derive(Debug)]
pub(super) struct RunStep<'n> {
    /// The way to the step.
    pub(super) way: Vec<usize>,
    /// The step.
    pub(super) node: &'n Node,
    pub(super) shell: Shell,
}

/// The step whose `run` is the scalar at the end of `way`; `None` when there is none or its shell is not known.
pub(super) fn of_script<'n>(roots: &'n [Node], way: &Way) -> Option<RunStep<'n>> {
    let root = node_at(roots, way.get(..1)?)?;
    let names = names(root, way.get(1..)?)?;
    let names: Vec<Option<&str>> = names.iter().map(|name| name.as_deref()).collect();
    let step_way = way.get(..way.len().checked_sub(1)?)?.to_vec();
    let node = node_at(roots, &step_way)?;
    let shell = match names.as_slice() {
        [Some("jobs"), Some(job), Some("steps"), None, Some("run")] => {
            let job = root.at(&["jobs", job])?;
            let own =
                [node.get("shell"), job.at(&["defaults", "run", "shell"]), root.at(&["defaults", "run", "shell"])];
            match own.into_iter().flatten().next() {
                Some(shell) => named(shell.as_str()?)?,
                None => default_shell(job)?,
            }
        }
        // A composite action names a shell for each script.
        [Some("runs"), Some("steps"), None, Some("run")] => named(node.get("shell")?.as_str()?)?,
        _ => return None,
    };
    Some(RunStep { way: step_way, node, shell })
}

/// The keys on a way, `None` for an item of a list.
fn names(root: &Node, way: &Way) -> Option<Vec<Option<String>>> {
    let mut node = root;
    let mut names = Vec::new();
    for &index in way {
        node = match &node.value {
            Value::Mapping(mapping) => {
                let entry = mapping.entries.get(index)?;
                names.push(Some(entry.key.as_str()?.to_owned()));
                &entry.value
            }
            Value::Sequence(items) => {
                names.push(None);
                items.get(index)?
            }
            _ => return None,
        };
    }
    Some(names)
}

fn named(shell: &str) -> Option<Shell> {
    match shell.split_whitespace().next()? {
        "bash" | "sh" => Some(Shell::Posix),
        "pwsh" | "powershell" => Some(Shell::PowerShell),
        _ => None,
    }
}

/// The shell of a job that names none: that of its runner, where the labels say which that is.
fn default_shell(job: &Node) -> Option<Shell> {
    if job.get("container").is_some() {
        return Some(Shell::Posix);
    }
    let runner = job.get("runs-on")?;
    let runner = runner.get("labels").unwrap_or(runner);
    let labels: Vec<&str> = match runner.as_sequence() {
        Some(items) => items.iter().map(Node::as_str).collect::<Option<_>>()?,
        None => vec![runner.as_str()?],
    };
    let has = |names: &[&str]| {
        labels.iter().any(|label| names.iter().any(|name| label.to_ascii_lowercase().starts_with(name)))
    };
    if labels.iter().any(|label| label.contains("${{")) {
        return None;
    }
    match (has(&["windows"]), has(&["ubuntu", "linux", "macos"])) {
        (true, false) => Some(Shell::PowerShell),
        (false, true) => Some(Shell::Posix),
        _ => None,
    }
}
