//! `lockgate rules` and `lockgate explain`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

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
