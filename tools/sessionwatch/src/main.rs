//! The program `sessionwatch`: maps the result of a command to messages and an exit code.

use std::io::{self, Write};
use std::process::ExitCode;

use sessionwatch::args;
use sessionwatch_failure::{Exit, Failure};

fn main() -> ExitCode {
    sessionwatch::trust_windows_only();
    let arguments = match args::parse(std::env::args_os()) {
        Ok(arguments) => arguments,
        // clap exits with 0 for help, and with the code of `Exit::Usage` for wrong usage.
        Err(error) => error.exit(),
    };
    match sessionwatch::run(&arguments) {
        Ok(()) => Exit::Done.into(),
        Err(error) if error.is_broken_pipe() => Exit::Done.into(),
        Err(error) => {
            let mut stderr = io::stderr();
            // If this write fails too, the exit code remains.
            let _ = writeln!(stderr, "error: {error}");
            if let Some(hint) = error.hint() {
                let _ = writeln!(stderr, "hint: {hint}");
            }
            error.exit().into()
        }
    }
}
