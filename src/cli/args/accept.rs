//! `lockgate baseline`, `lockgate migrate` and `lockgate waive`: what findings are accepted by.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::InputArgs;
use crate::date::Date;
use crate::fingerprint::Fingerprint;

/// `lockgate baseline`
#[derive(Debug, Args)]
pub struct BaselineArgs {
    /// What to do with the baseline.
    #[command(subcommand)]
    pub command: BaselineCommand,
}

/// What to do with the baseline.
#[derive(Debug, Subcommand)]
pub enum BaselineCommand {
    /// Scan, and write every finding to the baseline file
    Create(Box<BaselineCreateArgs>),
}

/// `lockgate baseline create`
#[derive(Debug, Args)]
pub struct BaselineCreateArgs {
    /// What to scan and by which rules.
    #[command(flatten)]
    pub input: InputArgs,

    /// The file to write [default: `[baseline] path` of the configuration, else lockgate-baseline.json]
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `lockgate migrate`
#[derive(Debug, Args)]
#[command(after_help = "\
Reads, at the root: .gitleaks.toml, .gitleaksignore, .betterleaks.toml, .betterleaksignore, .secrets.baseline,
.trivyignore, .trivyignore.yaml, .checkov.yaml, .hadolint.yaml, .github/zizmor.yml, kics.config

Examples:
  lockgate migrate --dry-run    what would be written, and what cannot be carried over
  lockgate migrate              write it")]
pub struct MigrateArgs {
    /// What to scan and by which rules.
    #[command(flatten)]
    pub input: InputArgs,

    /// Write nothing
    #[arg(long, short = 'n')]
    pub dry_run: bool,
}

/// `lockgate waive`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  lockgate scan --verbose                                     shows fingerprints
  lockgate waive 5420e35d6e1907eb47d3b9fa9212fb07 --reason 'only in the test cluster' --until 2030-01-31

Exit codes: 0 the waiver is written; 2 it is not.")]
pub struct WaiveArgs {
    /// The finding, as reports name it
    #[arg(value_name = "FINGERPRINT")]
    pub fingerprint: Fingerprint,

    /// Why the finding is acceptable
    #[arg(long, value_name = "TEXT")]
    pub reason: String,

    /// Last day on which the waiver holds, as YYYY-MM-DD [default: no end]
    #[arg(long, value_name = "DATE")]
    pub until: Option<Date>,

    /// Who answers for it
    #[arg(long, value_name = "NAME")]
    pub owner: Option<String>,

    /// What to scan for it, and by which rules.
    #[command(flatten)]
    pub input: InputArgs,
}
