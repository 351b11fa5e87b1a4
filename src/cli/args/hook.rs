//! `lockgate hook`.

use std::ffi::OsString;

use clap::{Args, Subcommand};

/// `lockgate hook`
#[derive(Debug, Args)]
pub struct HookArgs {
    /// What to do with hooks.
    #[command(subcommand)]
    pub command: HookCommand,
}

/// What to do with hooks.
#[derive(Debug, Subcommand)]
pub enum HookCommand {
    /// Have git run Lockgate before each commit, or before each push
    ///
    /// Writes into the hooks directory of the repository (`core.hooksPath` is heeded), or adds a line to the scripts of
    /// husky. Where lefthook or pre-commit manage the hooks, it prints what to add to their configuration, and fails.
    Install(HookInstallArgs),
    /// Remove what `install` put there, and put back what was there before
    Uninstall,
    /// Say which hooks run Lockgate
    Status,
    /// Do what a hook does; this is what the hooks call
    Run {
        /// Which hook.
        #[command(subcommand)]
        hook: HookRunCommand,
    },
}

/// `lockgate hook install`
#[derive(Debug, Args)]
pub struct HookInstallArgs {
    /// Before each commit: look at what is staged [default]
    #[arg(long)]
    pub pre_commit: bool,
    /// Before each push: look at every commit that would be pushed
    #[arg(long)]
    pub pre_push: bool,
    /// Keep a hook that is there and call it first; write also where others manage the hooks
    #[arg(long)]
    pub force: bool,
}

/// Which hook to run.
#[derive(Debug, Subcommand)]
pub enum HookRunCommand {
    /// Scan what is staged
    PreCommit {
        /// Options of `lockgate scan`, behind `--`
        #[arg(last = true, value_name = "OPTIONS")]
        options: Vec<OsString>,
    },
    /// Scan the commits that git says on standard input are pushed
    PrePush {
        /// Name of the remote, from git
        remote: Option<String>,
        /// Where the remote is, from git
        url: Option<String>,
        /// Options of `lockgate scan`, behind `--`
        #[arg(last = true, value_name = "OPTIONS")]
        options: Vec<OsString>,
    },
}
