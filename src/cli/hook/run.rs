//! What a hook does: `lockgate scan`, on what the hook is about.
//!
//! A hook is called by git, by a manager of hooks, or by the pre-commit tool, which says in variables what git said to it.

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use clap::Parser;

use super::pushed::{self, Pushed};
use crate::cli::args::{Cli, Command};
use crate::cli::{CommandError, print_usage, scan};
use crate::input::git::Repository;

/// `lockgate hook run pre-commit`
pub(super) fn pre_commit(
    options: &[OsString],
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> Result<u8, CommandError> {
    scan_with(&["--staged".to_owned()], options, stdout, stderr)
}

/// `lockgate hook run pre-push`
pub(super) fn pre_push(
    remote: Option<&str>,
    options: &[OsString],
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> Result<u8, CommandError> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        return Err(CommandError::new("hook run pre-push: git calls this, and says on standard input what is pushed"));
    }
    let pushed = pushed::read(stdin.lock())?;
    if pushed.is_empty() {
        let _ = writeln!(stderr, "note: nothing is pushed that could be scanned");
        return Ok(0);
    }
    let repository = Repository::discover(Path::new(".")).map_err(|error| CommandError::new(error.to_string()))?;
    let revisions = revisions(&pushed, remote, &|id| repository.commit(id).is_ok());
    scan_with(&[format!("--history={revisions}")], options, stdout, stderr)
}

/// The commits that the remote gets and does not have yet, in the words of git-rev-list(1). `is_here` tells whether a commit
/// is in this repository: what the remote has need not be, when someone else pushed before.
fn revisions(pushed: &[Pushed], remote: Option<&str>, is_here: &dyn Fn(&str) -> bool) -> String {
    let known = |pushed: &Pushed| pushed.remote.clone().filter(|id| is_here(id));
    if let [one] = pushed
        && let Some(from) = known(one)
    {
        return format!("{from}..{}", one.local);
    }
    let mut words: Vec<String> = pushed.iter().map(|pushed| pushed.local.clone()).collect();
    words.push("--not".to_owned());
    words.extend(pushed.iter().filter_map(known));
    words.extend(remote.map(|remote| format!("--remotes={remote}")));
    words.join(" ")
}

/// Runs `lockgate scan` with the arguments that the hook asks for and those that the user gave it.
fn scan_with(
    arguments: &[String],
    options: &[OsString],
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> Result<u8, CommandError> {
    let words = ["lockgate".into(), "scan".into()].into_iter();
    let words = words.chain(arguments.iter().map(OsString::from)).chain(options.iter().cloned());
    match Cli::try_parse_from(words).map(|cli| cli.command) {
        Ok(Command::Scan(args)) => scan::run(&args, stdout, stderr),
        Ok(_) => Err(CommandError::new("hook run: its options are those of `lockgate scan`")),
        Err(error) => Ok(print_usage(&error, stdout, stderr)),
    }
}
