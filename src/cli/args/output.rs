//! Which reports are written, and where.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::report::GroupBy;

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
