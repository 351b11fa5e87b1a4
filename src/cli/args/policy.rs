//! `lockgate policy`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::date::Date;

/// `lockgate policy`
#[derive(Debug, Args)]
pub struct PolicyArgs {
    /// What to do with the policy.
    #[command(subcommand)]
    pub command: PolicyCommand,
}

/// What to do with the policy.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Judge made-up findings by the policy, and compare the verdicts with those that are expected
    ///
    /// FILEs are YAML or TOML with a list `examples`: findings in, verdict out. Exit codes: 0 all as expected, 1 not all,
    /// 2 a file is wrong.
    Test(PolicyTestArgs),
}

/// `lockgate policy test`
#[derive(Debug, Args)]
pub struct PolicyTestArgs {
    /// Files of examples [default: lockgate-policy.yaml]
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,

    /// Directory with the lockgate.toml
    #[arg(long = "in", value_name = "DIR", default_value = ".")]
    pub directory: PathBuf,

    /// Configuration file [default: lockgate.toml in that directory]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Rule packs of your own: a file or a directory (repeatable)
    #[arg(long, value_name = "PATH")]
    pub rules: Vec<PathBuf>,

    /// Day on which waivers must hold, as YYYY-MM-DD [default: today in UTC]
    #[arg(long, value_name = "DATE")]
    pub today: Option<Date>,
}
