//! What `cargo make` does on Windows: package and sign the driver, install it,
//! start and stop it, put it under Driver Verifier, remove it without a trace.
//!
//! Everything is done by the programs of Windows and of its kit. Each step prints
//! the command line that it runs, so that it can be repeated by hand, and what
//! comes before the first step is checked: what is missing is said in a sentence.
//!
//! None of this can be run where the driver is developed. So the command lines are
//! values that pure functions make, each with the page that documents it, and the
//! tests run the whole program against stand-ins for what it calls.

mod arguments;
mod driver;
mod kit;
mod needs;
mod places;
mod run;
mod service;
mod verifier;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser as _;

use crate::arguments::{Arguments, Command};
use crate::places::Places;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("vm: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let places = Places::of_this_workspace()?;
    match Arguments::parse().command {
        Command::Check => needs::report(),
        Command::Package => kit::package(&places),
        Command::Sign => kit::sign(&places),
        Command::Install => driver::install(&places),
        Command::Start => service::start(),
        Command::Stop => service::stop(),
        Command::Uninstall => driver::uninstall(),
        Command::Demo => driver::demo(&places),
        Command::VerifierOn { low_resources } => verifier::on(low_resources),
        Command::VerifierOff => verifier::off(),
        Command::VerifierStatus => verifier::status(),
    }
}
