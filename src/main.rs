//! The `lockgate` program: arguments in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Colours are chosen where text is written; here they are only made to work on terminals of any kind.
    let mut stdout = anstream::AutoStream::always(std::io::stdout());
    let mut stderr = anstream::AutoStream::always(std::io::stderr());
    ExitCode::from(lockgate::cli::run(std::env::args_os(), &mut stdout, &mut stderr))
}
