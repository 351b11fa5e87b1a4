//! The command line: arguments in, exit code out. One file a command.

pub mod args;
mod baseline;
mod explain;
mod init;
mod invocation;
mod progress;
mod rules;
mod scan;

use std::ffi::OsString;
use std::io::Write;

use clap::{CommandFactory, Parser};

use self::args::{BaselineCommand, Cli, Command, ConfigCommand, RulesCommand};

/// Exit code of wrong usage, wrong configuration and anything else that leaves the verdict open.
pub const UNDECIDED: u8 = 2;

/// Why a command could not do its work; printed as `error: …`.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct CommandError(pub String);

impl CommandError {
    fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

/// Runs the program with `arguments` (the program's name first) and gives its exit code.
pub fn run(arguments: impl IntoIterator<Item = OsString>, stdout: &mut dyn Write, stderr: &mut dyn Write) -> u8 {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return print_usage(&error, stdout, stderr),
    };
    match dispatch(cli.command, stdout, stderr) {
        Ok(code) => code,
        Err(error) => {
            // Nothing can be said any more when standard error itself is gone.
            let _ = writeln!(stderr, "error: {error}");
            UNDECIDED
        }
    }
}

/// Help and version go to standard output and are a success; mistakes go to standard error.
fn print_usage(error: &clap::Error, stdout: &mut dyn Write, stderr: &mut dyn Write) -> u8 {
    let text = error.render().ansi().to_string();
    if error.use_stderr() {
        let _ = write!(stderr, "{text}");
        UNDECIDED
    } else {
        u8::from(write!(stdout, "{text}").is_err()) * UNDECIDED
    }
}

fn dispatch(command: Command, stdout: &mut dyn Write, stderr: &mut dyn Write) -> Result<u8, CommandError> {
    match command {
        Command::Rules(args) => match args.command {
            RulesCommand::List { rules, json } => rules::list(&rules, json, stdout),
            RulesCommand::Show { rule, rules } => rules::show(&rule, &rules, stdout),
            RulesCommand::Test { directory, fixtures, rule } => {
                rules::test(&directory, fixtures.as_deref(), &rule, stdout)
            }
        },
        Command::Scan(args) => scan::run(&args, stdout, stderr),
        Command::Explain(args) => explain::run(&args, stdout),
        Command::Baseline(args) => match args.command {
            BaselineCommand::Create(args) => baseline::create(&args, stdout),
        },
        Command::Init(args) => init::run(&args, stdout),
        Command::Completions(args) => {
            clap_complete::generate(args.shell, &mut Cli::command(), "lockgate", &mut &mut *stdout);
            Ok(0)
        }
        Command::Config(args) => match args.command {
            ConfigCommand::Schema => {
                write!(stdout, "{}", crate::config::json_schema()).map_err(|error| write_error(&error))?;
                Ok(0)
            }
        },
    }
}

/// A write to standard output that failed.
fn write_error(error: &std::io::Error) -> CommandError {
    CommandError::new(format!("cannot write to standard output: {error}"))
}
