//! The program `package`, which selects packaging for Linux or for Windows.

mod arguments;

use std::process::ExitCode;

use anyhow::{Result, anyhow};
use clap::Parser as _;
use openkit::{Hint as _, wrapper};
use package::{linux, windows};

use crate::arguments::{Arguments, Command, System};

fn main() -> ExitCode {
    // During the build, openkit starts this program again under the names of its wrappers.
    match wrapper::run().unwrap_or_else(run) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{}", openkit::report(&error));
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<ExitCode> {
    let Arguments { command, system } = Arguments::parse();
    match (system, command) {
        (System::Linux, Command::Check) => linux::check(),
        (System::Linux, Command::Setup) => linux::setup(),
        (System::Linux, Command::Build) => linux::build(),
        (System::Linux, Command::Sign) => Err(anyhow!("only Windows signs a package anew"))
            .hint("run `cargo make package`: it makes the package again, signed"),
        (System::Windows, Command::Check | Command::Setup) => windows::check(),
        (System::Windows, Command::Build) => windows::build(),
        (System::Windows, Command::Sign) => windows::sign(),
    }
}
