//! What is scanned, and by which rules.

use std::path::PathBuf;

use clap::Args;

use crate::config::MAX_ARCHIVE_DEPTH;
use crate::date::Date;
use crate::rating::{Confidence, Severity};

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
