//! What a hook does: `lockgate scan`, on what the hook is about.
//!
//! A hook is called by git, by a manager of hooks, or by the pre-commit tool, which says in variables what git said to it.

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use clap::Parser;

use super::pushed::{self, Pushed};
use crate::cli::args::{Cli, Command, ScanArgs};
use crate::cli::ci::Lookup;
use crate::cli::{CommandError, print_usage, scan};
use crate::input::git::{GitError, Repository};

/// `lockgate hook run pre-commit`
pub(super) fn pre_commit(
    options: &[OsString],
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> Result<u8, CommandError> {
    let mut args = match scan_args(options)? {
        Ok(args) => args,
        Err(usage) => return Ok(print_usage(&usage, stdout, stderr)),
    };
    // pre-commit can be asked about two revisions at this stage too; nothing need be staged then.
    match pushed_by_tool(&variable).filter(|_| is_set("PRE_COMMIT")) {
        Some(Pushed { local, remote: Some(from) }) => {
            args.since = Some(before_head(&from, &local, &repository()?)?);
        }
        _ => args.staged = true,
    }
    scan::run(&args, stdout, stderr)
}

/// `lockgate hook run pre-push`
pub(super) fn pre_push(
    remote: Option<&str>,
    options: &[OsString],
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> Result<u8, CommandError> {
    let mut args = match scan_args(options)? {
        Ok(args) => args,
        Err(usage) => return Ok(print_usage(&usage, stdout, stderr)),
    };
    let (pushed, remote) = if is_set("PRE_COMMIT") {
        let Some(pushed) = pushed_by_tool(&variable) else {
            let _ =
                writeln!(stderr, "note: pre-commit runs this by hand, and nothing is pushed: all files are scanned");
            return scan::run(&args, stdout, stderr);
        };
        (vec![pushed], variable("PRE_COMMIT_REMOTE_NAME"))
    } else {
        let stdin = io::stdin();
        if stdin.is_terminal() {
            let message = "hook run pre-push: git calls this, and says on standard input what is pushed";
            return Err(CommandError::new(message));
        }
        (pushed::read(stdin.lock())?, remote.map(str::to_owned))
    };
    if pushed.is_empty() {
        let _ = writeln!(stderr, "note: nothing is pushed that could be scanned");
        return Ok(0);
    }
    args.history = Some(revisions(&pushed, remote.as_deref(), &repository()?)?);
    scan::run(&args, stdout, stderr)
}

/// The commit that `from` names, to compare with what is checked out, which has to be `to`.
fn before_head(from: &str, to: &str, repository: &Repository) -> Result<String, CommandError> {
    let wrong = |error: GitError| CommandError::new(error.to_string());
    if repository.head().map_err(wrong)? != Some(repository.commit(to).map_err(wrong)?) {
        return Err(CommandError::new(format!(
            "PRE_COMMIT_TO_REF is `{to}`, which is not checked out, and what is checked out is scanned; check it out first"
        )));
    }
    Ok(repository.commit(from).map_err(wrong)?.to_string())
}

/// What the pre-commit tool pushes. It takes the standard input of the hook for itself, looks at one reference, and says in
/// variables what it found there: two commits, or, where the remote knows nothing of the branch, its name (pre-commit
/// documentation, "pre-push"). `None` when it was started by hand.
fn pushed_by_tool(variable: Lookup<'_>) -> Option<Pushed> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    match (set("PRE_COMMIT_FROM_REF"), set("PRE_COMMIT_TO_REF"), set("PRE_COMMIT_LOCAL_BRANCH")) {
        (Some(from), Some(to), _) => Some(Pushed { local: to, remote: Some(from) }),
        (_, _, Some(branch)) => Some(Pushed { local: branch, remote: None }),
        _ => None,
    }
}

/// The commits that the remote gets and does not have yet, in the words of git-rev-list(1).
fn revisions(pushed: &[Pushed], remote: Option<&str>, repository: &Repository) -> Result<String, CommandError> {
    let id = |revision: &str| repository.commit(revision).map(|id| id.to_string());
    // What the remote has need not be here: someone else may have pushed before.
    let known = |pushed: &Pushed| pushed.remote.as_deref().and_then(|revision| id(revision).ok());
    let local = |pushed: &Pushed| id(&pushed.local).map_err(|error| CommandError::new(error.to_string()));
    if let [one] = pushed
        && let Some(from) = known(one)
    {
        return Ok(format!("{from}..{}", local(one)?));
    }
    let mut words = pushed.iter().map(local).collect::<Result<Vec<_>, _>>()?;
    words.push("--not".to_owned());
    words.extend(pushed.iter().filter_map(known));
    // Whoever pushes to a URL has no references of that remote, and all commits are looked at.
    let is_name = |name: &&str| !name.contains(|c: char| c.is_whitespace() || c.is_control() || "*?[\\:".contains(c));
    words.extend(remote.filter(is_name).map(|name| format!("--remotes={name}")));
    Ok(words.join(" "))
}

fn repository() -> Result<Repository, CommandError> {
    Repository::discover(Path::new(".")).map_err(|error| CommandError::new(error.to_string()))
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn is_set(name: &str) -> bool {
    variable(name).is_some_and(|value| !value.is_empty())
}

/// The options of `lockgate scan` that the user gave the hook, to which it adds what it is about. What is no such option, or
/// asks for help, is for [`print_usage`].
fn scan_args(options: &[OsString]) -> Result<Result<Box<ScanArgs>, clap::Error>, CommandError> {
    let words = ["lockgate".into(), "scan".into()].into_iter().chain(options.iter().cloned());
    let args = match Cli::try_parse_from(words).map(|cli| cli.command) {
        Ok(Command::Scan(args)) => args,
        Ok(_) => return Err(CommandError::new("hook run: its options are those of `lockgate scan`")),
        Err(usage) => return Ok(Err(usage)),
    };
    if args.staged || args.since.is_some() || args.history.is_some() {
        let message = "hook run: what is scanned follows from the hook; leave out --staged, --since and --history";
        return Err(CommandError::new(message));
    }
    Ok(Ok(args))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(variables: &[(&str, &str)]) -> Option<Pushed> {
        pushed_by_tool(&|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn the_tool_tells_two_ends_or_a_branch() {
        let two = told(&[
            ("PRE_COMMIT_FROM_REF", "a"),
            ("PRE_COMMIT_TO_REF", "b"),
            ("PRE_COMMIT_LOCAL_BRANCH", "refs/heads/main"),
        ]);
        assert_eq!(two, Some(Pushed { local: "b".to_owned(), remote: Some("a".to_owned()) }));
        let branch = told(&[("PRE_COMMIT_LOCAL_BRANCH", "refs/heads/main"), ("PRE_COMMIT_REMOTE_NAME", "origin")]);
        assert_eq!(branch, Some(Pushed { local: "refs/heads/main".to_owned(), remote: None }));
        assert_eq!(told(&[("PRE_COMMIT", "1")]), None);
        assert_eq!(told(&[("PRE_COMMIT_FROM_REF", ""), ("PRE_COMMIT_TO_REF", "b")]), None);
    }
}
