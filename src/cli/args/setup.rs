//! `lockgate init`, `completions`, `man` and `config`: what is needed once.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `lockgate init`
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct InitArgs {
    /// Where to write
    #[arg(default_value = ".")]
    pub directory: PathBuf,
    /// Also write .pre-commit-config.yaml
    #[arg(long)]
    pub pre_commit: bool,
    /// Also write .github/workflows/lockgate.yml
    #[arg(long)]
    pub github: bool,
    /// Also write .gitlab-ci.lockgate.yml, to be included
    #[arg(long)]
    pub gitlab: bool,
    /// Overwrite files that exist
    #[arg(long)]
    pub force: bool,
}

/// `lockgate completions`
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: clap_complete::Shell,
}

/// `lockgate man`
#[derive(Debug, Args)]
pub struct ManArgs {
    /// Write a page for each command into this directory
    #[arg(long, value_name = "DIR")]
    pub output: Option<PathBuf>,
}

/// `lockgate config`
#[derive(Debug, Args)]
pub struct ConfigArgs {
    /// What to show.
    #[command(subcommand)]
    pub command: ConfigCommand,
}

/// What to show.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print the JSON Schema of lockgate.toml
    Schema,
}
