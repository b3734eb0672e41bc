//! The tasks on a Windows machine: install, start, stop, verify and remove the driver.
//!
//! Each task runs programs of Windows. Each step prints its command line, so that a user can repeat
//! it by hand. Before the first step, a task checks that the machine meets its needs.
//!
//! None of these tasks can run on Linux. So pure functions return the command lines as values, each
//! with the page that documents it. The tests run the whole program with stand-ins for the programs
//! that it calls.

mod arguments;
mod driver;
mod needs;
mod service;
mod verifier;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser as _;

use crate::arguments::{Arguments, Command};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}", openkit::report(&error));
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    match Arguments::parse().command {
        Command::Check => needs::report(),
        Command::Install => driver::install(),
        Command::Start => service::start(),
        Command::Stop => service::stop(),
        Command::Uninstall => driver::uninstall(),
        Command::Demo => driver::demo(),
        Command::VerifierOn { low_resources } => verifier::on(low_resources),
        Command::VerifierOff => verifier::off(),
        Command::VerifierStatus => verifier::status(),
    }
}
