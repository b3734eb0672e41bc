//! The tasks on a Windows machine: install the driver, start and stop it, put it under
//! Driver Verifier, remove it without a trace.
//!
//! Everything is done by the programs of Windows. Each step prints the command line that
//! it runs, so that it can be repeated by hand. Before the first step, the machine is
//! asked whether it has what the task needs.
//!
//! None of this can be run where the driver is developed. So the command lines are
//! values that pure functions make, each with the page that documents it, and the tests
//! run the whole program against stand-ins for the programs that it calls.

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
