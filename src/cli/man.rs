//! `lockgate man`: the manual pages, for those who pack Lockgate.

use std::io::Write;
use std::path::Path;

use clap::{Command, CommandFactory};
use clap_mangen::Man;

use super::args::{Cli, ManArgs};
use super::{CommandError, print};
use crate::report::atomic;

/// `lockgate man`
pub(super) fn run(args: &ManArgs, stdout: &mut dyn Write) -> Result<u8, CommandError> {
    let mut cli = Cli::command().disable_help_subcommand(true);
    cli.build();
    match &args.output {
        Some(directory) => write_all(cli, directory, stdout)?,
        None => print(stdout, |out| Man::new(cli).render(out))?,
    }
    Ok(0)
}

/// Writes a page for `command` and each one below it into `directory`.
fn write_all(command: Command, directory: &Path, stdout: &mut dyn Write) -> Result<(), CommandError> {
    let mut waiting = vec![command];
    while let Some(command) = waiting.pop() {
        waiting.extend(command.get_subcommands().cloned());
        let page = Man::new(command);
        let path = directory.join(page.get_filename());
        atomic::write(&path, |file| page.render(file)).map_err(|error| CommandError::new(error.to_string()))?;
        print(stdout, |out| writeln!(out, "wrote {}", path.display()))?;
    }
    Ok(())
}
