//! `lockgate fix`.

use clap::Args;

use super::InputArgs;

/// `lockgate fix`
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[command(after_help = "\
Examples:
  lockgate fix --check --diff                   what would be changed
  lockgate fix                                  change it
  lockgate fix --rule 'github-*' .github        some rules, some files

Exit codes: 0 done, or nothing to do; 1 with --check where something would be changed; 2 a file could not be changed.")]
pub struct FixArgs {
    /// What to scan and by which rules.
    #[command(flatten)]
    pub input: InputArgs,

    /// Fix only what this rule finds, whatever its profile (an id, or a glob such as `github-*`; repeatable)
    #[arg(long, value_name = "RULE", value_delimiter = ',', help_heading = "Fixes")]
    pub rule: Vec<String>,

    /// Make also changes that may break what a file is there for
    #[arg(long, help_heading = "Fixes")]
    pub r#unsafe: bool,

    /// Write nothing, and exit with 1 when something would be changed
    ///
    /// What can only be changed after something else was, is not seen.
    #[arg(long, help_heading = "Fixes")]
    pub check: bool,

    /// Print what changes as a unified diff, with secrets masked
    #[arg(long, help_heading = "Fixes")]
    pub diff: bool,

    /// Print the sum only
    #[arg(long, short, help_heading = "Fixes")]
    pub quiet: bool,
}
