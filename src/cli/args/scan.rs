//! `lockgate scan`, and `lockgate merge`, which takes what a scan takes.

use std::path::PathBuf;

use clap::Args;

use super::{InputArgs, OutputArgs};
use crate::scan::Shard;

/// `lockgate scan`
#[derive(Clone, Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[command(after_help = "\
Examples:
  lockgate scan                                      this directory
  lockgate scan src deploy/values.yaml               some of it
  git show HEAD:.env | lockgate scan - --stdin-name .env
  lockgate scan --staged                             before a commit
  lockgate scan --since origin/main                  in a pull request
  lockgate scan --history                            every commit of every branch
  lockgate scan --format github --report sarif=lockgate.sarif
  lockgate scan --confidence low --exit-zero         show hints too, and never block")]
pub struct ScanArgs {
    /// What to scan and by which rules.
    #[command(flatten)]
    pub input: InputArgs,

    /// Scan what the next commit changes: the index against HEAD
    ///
    /// Secrets count on the lines that it changes, misconfigurations in the files that it changes.
    #[arg(long, conflicts_with_all = ["since", "history"], help_heading = "Git")]
    pub staged: bool,

    /// Compare with the merge base of REVISION and HEAD: only what is new since then blocks
    ///
    /// `auto` takes the base of the change from the variables of the CI system.
    #[arg(long, value_name = "REVISION", conflicts_with = "history", help_heading = "Git")]
    pub since: Option<String>,

    /// Search all of the history for secrets: every reference, or what REVISIONS say (such as main or v1.0..HEAD)
    #[arg(long, value_name = "REVISIONS", num_args = 0..=1, default_missing_value = "", help_heading = "Git")]
    pub history: Option<String>,

    /// With --history: leave out COMMIT and what came before it
    #[arg(long, value_name = "COMMIT", requires = "history", help_heading = "Git")]
    pub since_commit: Option<String>,

    /// With --history: the N latest commits only
    #[arg(long, value_name = "N", requires = "history", help_heading = "Git")]
    pub max_commits: Option<usize>,

    /// Examine the part K of N of the files, and write the report of a shard to --output, for `lockgate merge`
    ///
    /// All shards divide the tree in the same way. Files that see each other, such as the modules of a configuration,
    /// stay in one shard. A shard gives no verdict. K counts from 1; a system that counts from 0 writes `0+1/N`.
    #[arg(long, value_name = "K/N", help_heading = "What to scan", conflicts_with_all = ["staged", "since", "history",
        "format", "report", "max_results", "baseline", "exit_zero", "show_unknown"])]
    pub shard: Option<Shard>,

    /// Baseline file, whose findings do not block [default: lockgate-baseline.json, if there is one]
    #[arg(long, value_name = "FILE", help_heading = "Verdict")]
    pub baseline: Option<PathBuf>,

    /// Take configuration, baseline, rule packs and ignore files from REVISION, and not from the scanned tree
    ///
    /// Comments silence what they silence there. What the change does to suppress itself is listed. `auto` takes the
    /// branch that the change is for from the variables of the CI system.
    #[arg(long, value_name = "REVISION", help_heading = "Verdict")]
    pub policy_from: Option<String>,

    /// Show and judge what comments, annotations and the baseline silence, too
    #[arg(long, help_heading = "Verdict")]
    pub no_suppress: bool,

    /// Exit with 0 instead of 1 when findings block; what leaves the verdict open still exits with 2
    #[arg(long, help_heading = "Verdict")]
    pub exit_zero: bool,

    /// List what policy rules could not decide, because a value is not known (a variable, a template)
    #[arg(long, help_heading = "Output")]
    pub show_unknown: bool,

    /// Which reports are written, and where.
    #[command(flatten)]
    pub out: OutputArgs,
}

/// `lockgate merge`
#[derive(Clone, Debug, Args)]
#[command(
    mut_arg("paths", |arg| arg.value_name("SHARD").help("Reports of all shards, in any order; of a directory, the files `shard-*.json` in it").required(true)
        .default_values(None::<&str>)),
    mut_arg("shard", |arg| arg.hide(true)),
    mut_arg("staged", |arg| arg.hide(true)),
    mut_arg("since", |arg| arg.hide(true)),
    mut_arg("history", |arg| arg.hide(true)),
    mut_arg("since_commit", |arg| arg.hide(true)),
    mut_arg("max_commits", |arg| arg.hide(true)),
    mut_arg("stdin_name", |arg| arg.hide(true)),
    mut_arg("threads", |arg| arg.hide(true)),
    after_help = "\
Runs where the shards ran, in a checkout of what they scanned, with the options that they had: configuration, baseline and
rules are read again, and differences are refused.

Examples:
  lockgate scan --shard 1/2 --output ../shards/shard-1.json
  lockgate scan --shard 2/2 --output ../shards/shard-2.json
  lockgate merge ../shards --report sarif=lockgate.sarif")]
pub struct MergeArgs {
    /// What a scan takes; the paths are those of reports.
    #[command(flatten)]
    pub scan: ScanArgs,
}
