//! The program `openkit`.

mod arguments;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser as _;
use openkit::{Workspace, driver, package, setup, user, wrapper};

use crate::arguments::{Arguments, Command};

fn main() -> ExitCode {
    match wrapper::run().unwrap_or_else(run) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{}", openkit::report(&error));
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<ExitCode> {
    let Arguments { command, manifest_path } = Arguments::parse();
    let workspace = || Workspace::find(manifest_path.as_deref());
    match command {
        Command::Check => Ok(setup::check(&workspace()?)),
        Command::Setup => setup::run(&workspace()?),
        Command::Driver { package, out } => driver::build(&workspace()?, &package, out),
        Command::Lint { package } => driver::lint(&workspace()?, &package),
        Command::Package => package::build(&workspace()?),
        Command::User { cargo } => user::cargo(&workspace()?, &cargo),
        Command::Inspect { image } => driver::inspect(&image),
    }
}
