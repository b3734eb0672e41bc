//! The program `sessionwatch`: maps the result of a command to an exit code.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use sessionwatch::args::Arguments;

fn main() -> ExitCode {
    match sessionwatch::run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is_broken_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            // Where even the diagnostics cannot be written, the exit code speaks.
            let _ = writeln!(io::stderr(), "sessionwatch: {error}");
            error.exit().into()
        }
    }
}
