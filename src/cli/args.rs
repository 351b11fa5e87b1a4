//! The command line as typed. Parsing validates, and does nothing.

mod accept;
mod fix;
mod hook;
mod input;
mod output;
mod policy;
mod reports;
mod rules;
mod scan;
mod setup;

use clap::{Parser, Subcommand};

pub use self::accept::{BaselineArgs, BaselineCommand, BaselineCreateArgs, MigrateArgs, WaiveArgs};
pub use self::fix::FixArgs;
pub use self::hook::{HookArgs, HookCommand, HookInstallArgs, HookRunCommand};
pub use self::input::InputArgs;
pub use self::output::{Color, OutputArgs};
pub use self::policy::{PolicyArgs, PolicyCommand, PolicyTestArgs};
pub use self::reports::{GateArgs, JudgeArgs, ReportArgs};
pub use self::rules::{ExplainArgs, RulesArgs, RulesCommand};
pub use self::scan::{MergeArgs, ScanArgs};
pub use self::setup::{CompletionsArgs, ConfigArgs, ConfigCommand, InitArgs, ManArgs};

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
