//! The command line as typed. Parsing validates, and does nothing.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config::MAX_ARCHIVE_DEPTH;
use crate::date::Date;
use crate::fingerprint::Fingerprint;
use crate::rating::{Confidence, Severity};
use crate::report::GroupBy;
use crate::scan::Shard;

/// A security and policy gate for CI pipelines.
#[derive(Debug, Parser)]
#[command(name = "lockgate", version, propagate_version = true, max_term_width = 100, disable_help_subcommand = true)]
#[command(about = "A security and policy gate for CI pipelines: scan, report, and pass or block the stage.")]
#[command(after_help = "\
Start with:
  lockgate scan                           look at this directory and say pass or block
  lockgate scan --report sarif=out.sarif  the same, and keep a SARIF report
  lockgate explain RULE                   why a finding matters and how to mend it
  lockgate fix                            mend what can be mended without breaking anything
  lockgate init                           write a commented lockgate.toml

Exit codes: 0 pass, 1 blocked, 2 undecided (wrong usage or configuration, or something could not be read).")]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Scan files and directories, report what is found, and pass or block
    Scan(Box<ScanArgs>),
    /// Put the reports of all shards of a scan together: the reports and the verdict of one run
    Merge(Box<MergeArgs>),
    /// Mend what a scan finds, where an edit of the file is known to be right
    Fix(Box<FixArgs>),
    /// Judge the SARIF reports of other tools, as one report with one verdict
    Gate(Box<GateArgs>),
    /// Write a report in another format
    Report(Box<ReportArgs>),
    /// List, show or test rules
    Rules(RulesArgs),
    /// Explain a rule: why it matters, how to mend it, how to silence it
    Explain(ExplainArgs),
    /// Accept the findings of today, so that only new ones block
    Baseline(BaselineArgs),
    /// Carry over what other scanners are told to leave alone, as waivers and a baseline
    Migrate(Box<MigrateArgs>),
    /// Accept one finding for a reason and a time: add a waiver to lockgate.toml
    Waive(Box<WaiveArgs>),
    /// Try the gate's policy on examples
    Policy(PolicyArgs),
    /// Run Lockgate before each commit or push: put git hooks in place, take them away, look at them
    Hook(HookArgs),
    /// Write a commented lockgate.toml, and on request what wires Lockgate into pre-commit and CI
    Init(InitArgs),
    /// Print the completion script for a shell
    Completions(CompletionsArgs),
    /// Print the manual page, or write those of all commands
    Man(ManArgs),
    /// Show what lockgate.toml may hold
    Config(ConfigArgs),
}

/// Options that say what is scanned and by which rules.
#[derive(Clone, Debug, Default, Args)]
pub struct InputArgs {
    /// Files and directories to scan; `-` reads standard input
    #[arg(value_name = "PATH", default_value = ".")]
    pub paths: Vec<PathBuf>,

    /// Directory that paths in reports are relative to
    ///
    /// By default the scanned directory, or the current one when several paths or single files are given.
    #[arg(long, value_name = "DIR", help_heading = "What to scan")]
    pub root: Option<PathBuf>,

    /// Name of standard input in reports; its extension tells what kind of file it is
    #[arg(long, value_name = "NAME", default_value = "stdin", help_heading = "What to scan")]
    pub stdin_name: String,

    /// Scan also what `.gitignore`, `.lockgateignore` and git's exclude files leave out
    #[arg(long, help_heading = "What to scan")]
    pub no_ignore: bool,

    /// How many archives may stand one in the other, images included; 0 leaves archives closed [default: 4]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(..=i64::from(MAX_ARCHIVE_DEPTH)),
        help_heading = "What to scan")]
    pub archive_depth: Option<u32>,

    /// Read files as of a platform whatever they look like: bake, compose, dockerfile, kubernetes (repeatable)
    #[arg(long = "as", value_name = "PLATFORM=GLOB", help_heading = "What to scan")]
    pub read_as: Vec<String>,

    /// Configuration file [default: lockgate.toml in the scan root]
    #[arg(long, value_name = "FILE", help_heading = "Rules")]
    pub config: Option<PathBuf>,

    /// Rule packs of your own: a file or a directory (repeatable)
    #[arg(long, value_name = "PATH", help_heading = "Rules")]
    pub rules: Vec<PathBuf>,

    /// Profiles of rules to run: default, hardening, style, all (comma-separated) [default: default]
    #[arg(long, value_name = "NAME", value_delimiter = ',', help_heading = "Rules")]
    pub profile: Vec<String>,

    /// Run this rule whatever its profile (an id, or a glob such as `aws-*`; repeatable)
    #[arg(long, value_name = "RULE", value_delimiter = ',', help_heading = "Rules")]
    pub enable: Vec<String>,

    /// Do not run this rule (an id or a glob; repeatable)
    #[arg(long, value_name = "RULE", value_delimiter = ',', help_heading = "Rules")]
    pub disable: Vec<String>,

    /// Least severity that is reported and may block: info, low, medium, high, critical [default: info]
    #[arg(long, value_name = "LEVEL", help_heading = "Rules")]
    pub severity: Option<Severity>,

    /// Least confidence that is reported and may block: low, medium, high [default: medium]
    #[arg(long, value_name = "LEVEL", help_heading = "Rules")]
    pub confidence: Option<Confidence>,

    /// Environment whose entries of the policy hold, such as production [default: the variable `LOCKGATE_ENVIRONMENT`]
    #[arg(long, value_name = "NAME", help_heading = "Rules")]
    pub environment: Option<String>,

    /// Day on which waivers must hold, as YYYY-MM-DD [default: today in UTC]
    #[arg(long, value_name = "DATE", help_heading = "Rules")]
    pub today: Option<Date>,

    /// Number of threads [default: one for each processor]
    #[arg(long, value_name = "N", help_heading = "Running")]
    pub threads: Option<usize>,
}

/// Options that say which reports are written, and where.
#[derive(Clone, Debug, Args)]
pub struct OutputArgs {
    /// Format of the report on standard output: text, sarif, json, jsonl, github, outputs,
    /// gitlab-code-quality, gitlab-sast, gitlab-secret-detection, junit, markdown, csv, html, metrics
    #[arg(long, value_name = "FORMAT", default_value = "text", help_heading = "Output")]
    pub format: String,

    /// Write that report to a file instead
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    pub output: Option<PathBuf>,

    /// Write another report to a file, such as `sarif=out.sarif` (repeatable)
    #[arg(long, value_name = "FORMAT=FILE", help_heading = "Output")]
    pub report: Vec<String>,

    /// Most results in a SARIF report, the most severe first [default: all]
    ///
    /// GitHub takes 25,000 and shows 5,000.
    #[arg(long, value_name = "N", help_heading = "Output")]
    pub max_results: Option<usize>,

    /// What findings are grouped by in text, Markdown and HTML: file, rule, severity, owner
    #[arg(long, value_name = "WHAT", help_heading = "Output")]
    pub group_by: Option<GroupBy>,

    /// Print the verdict only
    #[arg(long, short, conflicts_with = "verbose", help_heading = "Output")]
    pub quiet: bool,

    /// Print more: suppressed findings, fingerprints, every input that was left out
    #[arg(long, short, action = clap::ArgAction::Count, help_heading = "Output")]
    pub verbose: u8,

    /// When to use colours
    #[arg(long, value_name = "WHEN", default_value = "auto", help_heading = "Output")]
    pub color: Color,
}

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

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// When standard output is a terminal and `NO_COLOR` is not set
    Auto,
    /// In files and pipes, too
    Always,
    /// Not at all
    Never,
}

/// `lockgate rules`
#[derive(Debug, Args)]
pub struct RulesArgs {
    /// What to do with rules.
    #[command(subcommand)]
    pub command: RulesCommand,
}

/// What to do with rules.
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// List every rule: id, severity, confidence, title
    List {
        /// Rule packs of your own beside the built-in ones (repeatable)
        #[arg(long, value_name = "PATH")]
        rules: Vec<PathBuf>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show a rule as JSON, with all that it holds
    Show {
        /// Id of the rule, or an earlier id of it
        rule: String,
        /// Rule packs of your own beside the built-in ones (repeatable)
        #[arg(long, value_name = "PATH")]
        rules: Vec<PathBuf>,
    },
    /// Check rule packs, and run each rule on its fixtures
    ///
    /// A pack directory keeps its fixtures in `fixtures/<rule id>/`: files `bad*` that must be reported on the lines marked
    /// `lockgate-expect: <rule id>`, and files `good*` that must not be reported.
    Test {
        /// Directory of rule packs
        #[arg(default_value = "rules")]
        directory: PathBuf,
        /// Where the fixtures are [default: `fixtures` in that directory, else beside it]
        #[arg(long, value_name = "DIR")]
        fixtures: Option<PathBuf>,
        /// Test only rules whose id matches this glob (repeatable)
        #[arg(long, value_name = "RULE")]
        rule: Vec<String>,
    },
}

/// `lockgate explain`
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// Id of the rule, or an earlier id of it
    #[arg(required_unless_present = "finding")]
    pub rule: Option<String>,
    /// Explain the finding with this fingerprint, or one that begins so: scan, and say what was weighed and established
    #[arg(long, value_name = "FINGERPRINT", conflicts_with = "rule")]
    pub finding: Option<String>,
    /// What is scanned for the finding
    #[arg(long = "in", value_name = "PATH", default_value = ".", conflicts_with = "rule")]
    pub path: PathBuf,
    /// Rule packs of your own beside the built-in ones (repeatable)
    #[arg(long, value_name = "PATH")]
    pub rules: Vec<PathBuf>,
}

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
