//! `lockgate hook`: Lockgate as a git hook, put in place, taken away, looked at and run.

mod husky;
mod manager;
mod plain;
mod pushed;
mod run;
mod script;

use std::io::Write;
use std::path::{Path, PathBuf};

use self::manager::Manager;
use super::args::{HookArgs, HookCommand, HookInstallArgs, HookRunCommand};
use super::{CommandError, print};
use crate::input::git::HookDirectory;
use crate::report::atomic;

/// A hook of git that Lockgate can be (githooks(5)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hook {
    /// Runs before a commit is made, and sees the index.
    PreCommit,
    /// Runs before something is pushed, and is told what.
    PrePush,
}

impl Hook {
    const ALL: [Self; 2] = [Self::PreCommit, Self::PrePush];

    /// The name of its file.
    fn name(self) -> &'static str {
        match self {
            Self::PreCommit => "pre-commit",
            Self::PrePush => "pre-push",
        }
    }

    /// How to do without it for once.
    fn skip_command(self) -> &'static str {
        match self {
            Self::PreCommit => "git commit --no-verify",
            Self::PrePush => "git push --no-verify",
        }
    }
}

/// `lockgate hook`
pub(super) fn dispatch(args: HookArgs, stdout: &mut dyn Write, stderr: &mut dyn Write) -> Result<u8, CommandError> {
    match args.command {
        HookCommand::Install(args) => install(&args, stdout, stderr),
        HookCommand::Uninstall => uninstall(stdout),
        HookCommand::Status => status(stdout),
        HookCommand::Run { hook: HookRunCommand::PreCommit { options } } => run::pre_commit(&options, stdout, stderr),
        HookCommand::Run { hook: HookRunCommand::PrePush { remote, url: _, options } } => {
            run::pre_push(remote.as_deref(), &options, stdout, stderr)
        }
    }
}

/// `lockgate hook install`
fn install(args: &HookInstallArgs, stdout: &mut dyn Write, stderr: &mut dyn Write) -> Result<u8, CommandError> {
    let hooks: Vec<Hook> = match (args.pre_commit, args.pre_push) {
        (false, false) => vec![Hook::PreCommit],
        (commit, push) => {
            Hook::ALL.into_iter().zip([commit, push]).filter_map(|(hook, on)| on.then_some(hook)).collect()
        }
    };
    let place = place()?;
    let mut errors = Vec::new();
    for &hook in &hooks {
        let done = match manager::find(&place) {
            Some(Manager::Husky(directory)) => husky::install(&directory, hook),
            Some(manager) if !args.force => plain::is_installed(&place, hook)
                .then(|| format!("{} is installed already", shown(&plain::path(&place, hook))))
                .map_or_else(|| by_hand(&manager, &place, hook), Ok),
            _ => plain::install(&place, hook, args.force),
        };
        match done {
            Ok(said) => print(stdout, |out| writeln!(out, "{said}"))?,
            Err(error) => errors.push(error.0),
        }
    }
    if !errors.is_empty() {
        return Err(CommandError::new(errors.join("\nerror: ")));
    }
    if !is_on_path() {
        let _ =
            writeln!(stderr, "note: lockgate is not on PATH, where the hook will look for it; it fails until it is");
    }
    Ok(0)
}

/// What has to be done by hand where a manager owns the hooks: its configuration is not edited, and to say that all is
/// well would be to promise a gate that is not there.
fn by_hand(manager: &Manager, place: &HookDirectory, hook: Hook) -> Result<String, CommandError> {
    let (tool, config, snippet, command) = match manager {
        Manager::Lefthook(config) => ("lefthook", config.as_str(), script::lefthook_snippet(hook), "lefthook install"),
        Manager::PreCommit(config) => {
            let command = match hook {
                Hook::PreCommit => "pre-commit install",
                Hook::PrePush => "pre-commit install --hook-type pre-push",
            };
            ("pre-commit", *config, script::pre_commit_snippet(hook), command)
        }
        Manager::Husky(directory) => return husky::install(directory, hook),
    };
    let is_run = manager::read(&plain::path(place, hook)).is_some_and(|text| text.contains(tool));
    match (names_lockgate(place, config), is_run) {
        (true, true) => Ok(format!("{config} names lockgate already, and {tool} runs it")),
        (true, false) => Err(CommandError::new(format!(
            "{config} names lockgate, but git does not run {tool} on {}: `{command}`",
            hook.name()
        ))),
        (false, _) => Err(CommandError::new(format!(
            "{tool} manages the hooks of this repository, so nothing was installed; add this (here in YAML) to {config}, and run \
             `{command}` (or give --force to write {} all the same):\n\n{snippet}",
            shown(&plain::path(place, hook))
        ))),
    }
}

/// Whether the configuration of a manager speaks of Lockgate.
fn names_lockgate(place: &HookDirectory, config: &str) -> bool {
    manager::read(&place.work_tree.join(config)).is_some_and(|text| text.contains("lockgate"))
}

/// `lockgate hook uninstall`
fn uninstall(stdout: &mut dyn Write) -> Result<u8, CommandError> {
    let place = place()?;
    let mut removed = Vec::new();
    for hook in Hook::ALL {
        removed.extend(plain::uninstall(&place, hook)?);
        removed.extend(husky::uninstall(&place.work_tree.join(".husky"), hook)?);
    }
    if removed.is_empty() {
        removed.push("no hook of lockgate is installed".to_owned());
    }
    print(stdout, |out| writeln!(out, "{}", removed.join("\n")))?;
    Ok(0)
}

/// `lockgate hook status`
fn status(stdout: &mut dyn Write) -> Result<u8, CommandError> {
    let place = place()?;
    let manager = manager::find(&place);
    let left_to = |config: &str| format!("left to {config}, which names lockgate");
    let mut lines = Vec::new();
    for hook in Hook::ALL {
        let path = plain::path(&place, hook);
        let state = match &manager {
            _ if plain::is_installed(&place, hook) => format!("installed ({})", shown(&path)),
            Some(Manager::Husky(directory)) if husky::is_installed(directory, hook) => {
                format!("installed ({})", shown(&directory.join(hook.name())))
            }
            Some(Manager::Lefthook(config)) if names_lockgate(&place, config) => left_to(config),
            Some(Manager::PreCommit(config)) if names_lockgate(&place, config) => left_to(config),
            _ if path.symlink_metadata().is_ok() => format!("not installed ({} is another hook)", shown(&path)),
            _ => "not installed".to_owned(),
        };
        lines.push(format!("{}: {state}", hook.name()));
    }
    print(stdout, |out| writeln!(out, "{}", lines.join("\n")))?;
    Ok(0)
}

fn place() -> Result<HookDirectory, CommandError> {
    HookDirectory::of(Path::new(".")).map_err(|error| CommandError::new(error.to_string()))
}

/// `path` as messages call it: relative to the working directory where it lies in it.
fn shown(path: &Path) -> String {
    let here = std::env::current_dir().and_then(|here| here.canonicalize()).ok();
    let path = here.as_deref().and_then(|here| path.strip_prefix(here).ok()).unwrap_or(path);
    path.display().to_string()
}

/// Writes a script that git may run.
fn write_script(path: &Path, text: &str) -> Result<(), CommandError> {
    if let Some(directory) = path.parent() {
        let failed = |error| CommandError::new(format!("cannot make {}: {error}", shown(directory)));
        std::fs::create_dir_all(directory).map_err(failed)?;
    }
    atomic::write_executable(path, |file| file.write_all(text.as_bytes()))
        .map_err(|error| CommandError::new(error.to_string()))
}

fn is_on_path() -> bool {
    let name = format!("lockgate{}", std::env::consts::EXE_SUFFIX);
    let Some(search) = std::env::var_os("PATH") else { return false };
    std::env::split_paths(&search).map(|directory: PathBuf| directory.join(&name)).any(|program| program.is_file())
}
