//! The `lockgate` program: arguments in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut stdout = anstream::AutoStream::auto(std::io::stdout());
    let mut stderr = anstream::AutoStream::auto(std::io::stderr());
    ExitCode::from(lockgate::cli::run(std::env::args_os(), &mut stdout, &mut stderr))
}
