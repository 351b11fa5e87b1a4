//! The `lockgate` program: arguments in, exit code out.

use std::io::Write;
use std::panic;
use std::process::ExitCode;

fn main() -> ExitCode {
    // The message of a panic may quote the text that it tripped over, and so a secret: only its place is told.
    panic::set_hook(Box::new(|info| {
        let place = info.location().map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
        let _ = writeln!(std::io::stderr(), "error: internal error{place}; please report it");
    }));
    // Colours are chosen where text is written; here they are only made to work on terminals of any kind.
    let mut stdout = anstream::AutoStream::always(std::io::stdout());
    let mut stderr = anstream::AutoStream::always(std::io::stderr());
    ExitCode::from(lockgate::cli::run(std::env::args_os(), &mut stdout, &mut stderr))
}
