//! `lockgate gate` and `lockgate report`: reports of other tools.

use std::path::PathBuf;

use clap::Args;

use super::OutputArgs;
use crate::rating::{Confidence, Severity};
use crate::report::GroupBy;

/// `lockgate gate`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  lockgate gate semgrep.sarif checkov.sarif              one verdict over both
  lockgate gate *.sarif lockgate.json --report html=report.html
  lockgate gate trivy.sarif --strip-prefix /src          the tool saw the tree as /src

Exit codes: 0 pass, 1 blocked, 2 undecided (a report that is missing or broken, a tool that failed).")]
pub struct GateArgs {
    /// Reports: SARIF 2.1.0 of any tool, or JSON of `lockgate scan`
    #[arg(value_name = "REPORT", required = true)]
    pub reports: Vec<PathBuf>,

    /// How the reports are read and judged.
    #[command(flatten)]
    pub judge: JudgeArgs,

    /// Exit with 0 instead of 1 when findings block; what leaves the verdict open still exits with 2
    #[arg(long, help_heading = "Verdict")]
    pub exit_zero: bool,

    /// Accept all findings: write them to a baseline file, and judge as though it had been there
    #[arg(long, value_name = "FILE", help_heading = "Verdict")]
    pub write_baseline: Option<PathBuf>,

    /// Which reports are written, and where.
    #[command(flatten)]
    pub out: OutputArgs,
}

/// Options that say how reports of other tools are read and judged.
#[derive(Clone, Debug, Args)]
pub struct JudgeArgs {
    /// Root of the tree that was scanned: paths are relative to it, and source lines and comments are read there
    #[arg(long, value_name = "DIR", default_value = ".", help_heading = "What is judged")]
    pub root: PathBuf,

    /// Where the tree stood when a tool scanned it, such as the path in a container (repeatable)
    #[arg(long, value_name = "DIR", help_heading = "What is judged")]
    pub strip_prefix: Vec<String>,

    /// Configuration file [default: lockgate.toml in the root]
    #[arg(long, value_name = "FILE", help_heading = "Rules")]
    pub config: Option<PathBuf>,

    /// Rule packs of your own, whose `equivalents` count as well: a file or a directory (repeatable)
    #[arg(long, value_name = "PATH", help_heading = "Rules")]
    pub rules: Vec<PathBuf>,

    /// Least severity that is reported and may block: info, low, medium, high, critical [default: info]
    #[arg(long, value_name = "LEVEL", help_heading = "Rules")]
    pub severity: Option<Severity>,

    /// Least confidence that is reported and may block: low, medium, high [default: medium]
    #[arg(long, value_name = "LEVEL", help_heading = "Rules")]
    pub confidence: Option<Confidence>,

    /// Take configuration, baseline and rule packs from REVISION, and not from the tree
    ///
    /// Comments silence only what they silence there. `auto` takes the branch that the change is for from the variables of
    /// the CI system.
    #[arg(long, value_name = "REVISION", help_heading = "Verdict")]
    pub policy_from: Option<String>,

    /// Environment whose entries of the policy hold [default: that of `LOCKGATE_ENVIRONMENT`]
    #[arg(long, value_name = "NAME", help_heading = "Verdict")]
    pub environment: Option<String>,

    /// Baseline file, whose findings do not block [default: lockgate-baseline.json, if there is one]
    #[arg(long, value_name = "FILE", help_heading = "Verdict")]
    pub baseline: Option<PathBuf>,
}

/// `lockgate report`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  lockgate report lockgate.json --to html > report.html
  lockgate report lockgate.sarif --to markdown --group-by owner
  lockgate report semgrep.sarif --to gitlab-sast --output gl-sast-report.json

The verdict in a report of Lockgate stays as it is; findings of other tools are judged as by `lockgate gate`.
Exit codes: 0 written, 2 not.")]
pub struct ReportArgs {
    /// The report: JSON or SARIF of Lockgate, or SARIF 2.1.0 of any tool
    #[arg(value_name = "REPORT")]
    pub report: PathBuf,

    /// The format to write
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub to: String,

    /// Write to a file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// What findings are grouped by in text, Markdown and HTML: file, rule, severity, owner
    #[arg(long, value_name = "WHAT")]
    pub group_by: Option<GroupBy>,

    /// How a report of another tool is read and judged.
    #[command(flatten)]
    pub judge: JudgeArgs,
}
