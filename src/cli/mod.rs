//! The command line: arguments in, exit code out. One file a command.

pub mod args;
mod baseline;
pub mod ci;
mod explain;
mod explain_finding;
mod extends;
mod fix;
mod gate;
mod hook;
mod init;
mod invocation;
mod man;
mod migrate;
mod output;
mod owners;
mod policy;
mod policy_from;
mod progress;
mod report;
mod rules;
mod scan;
mod shard;
mod since;
mod waive;
mod waivers;

use std::ffi::OsString;
use std::io::{self, Write};

use anstream::{AutoStream, ColorChoice};
use clap::{CommandFactory, Parser};

use self::args::{BaselineCommand, Cli, Command, ConfigCommand, PolicyCommand, RulesCommand};
use crate::report::harmless_lines;

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
            complain(stderr, &error.to_string());
            UNDECIDED
        }
    }
}

/// Help and version go to standard output and are a success; mistakes go to standard error.
fn print_usage(error: &clap::Error, stdout: &mut dyn Write, stderr: &mut dyn Write) -> u8 {
    let is_mistake = error.use_stderr();
    let colored = if is_mistake { has_color(&io::stderr()) } else { has_color(&io::stdout()) };
    let text = if colored { error.render().ansi().to_string() } else { error.render().to_string() };
    if is_mistake {
        let _ = stderr.write_all(text.as_bytes());
        return UNDECIDED;
    }
    match print(stdout, |out| out.write_all(text.as_bytes())) {
        Ok(()) => 0,
        Err(error) => {
            complain(stderr, &error.to_string());
            UNDECIDED
        }
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
        Command::Merge(args) => shard::merge(&args, stdout, stderr),
        Command::Gate(args) => gate::run(&args, stdout, stderr),
        Command::Report(args) => report::run(&args, stdout, stderr),
        Command::Fix(args) => fix::run(&args, stdout, stderr),
        Command::Explain(args) => explain::run(&args, stdout),
        Command::Baseline(args) => match args.command {
            BaselineCommand::Create(args) => baseline::create(&args, stdout),
        },
        Command::Migrate(args) => migrate::run(&args, stdout),
        Command::Waive(args) => waive::run(&args, stdout),
        Command::Policy(args) => match args.command {
            PolicyCommand::Test(args) => policy::test::run(&args, stdout),
        },
        Command::Hook(args) => hook::dispatch(args, stdout, stderr),
        Command::Init(args) => init::run(&args, stdout),
        Command::Completions(args) => {
            let mut script = Vec::new();
            clap_complete::generate(args.shell, &mut Cli::command(), "lockgate", &mut script);
            print(stdout, |out| out.write_all(&script))?;
            Ok(0)
        }
        Command::Man(args) => man::run(&args, stdout),
        Command::Config(args) => match args.command {
            ConfigCommand::Schema => {
                print(stdout, |out| out.write_all(crate::config::json_schema().as_bytes()))?;
                Ok(0)
            }
        },
    }
}

/// Says on standard error what went wrong. Names of files and words of packs may be hostile, so nothing in `message` can
/// act upon the terminal or the CI runner.
fn complain(stderr: &mut dyn Write, message: &str) {
    // Nothing can be said any more when standard error itself is gone.
    let _ = writeln!(stderr, "error: {}", harmless_lines(message));
}

/// Lets `fill` write to standard output. A reader that has seen enough (`| head`) is no failure.
fn print(stdout: &mut dyn Write, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), CommandError> {
    let mut buffered = io::BufWriter::new(stdout);
    let result = fill(&mut buffered).and_then(|()| buffered.flush());
    // Dropped with something left, the buffer would try once more.
    let _ = buffered.into_parts();
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(CommandError::new(format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Whether text on `stream` is to be coloured when nobody says so: it is a terminal, and no variable such as `NO_COLOR`
/// objects.
fn has_color(stream: &impl anstream::stream::RawStream) -> bool {
    AutoStream::choice(stream) != ColorChoice::Never
}
