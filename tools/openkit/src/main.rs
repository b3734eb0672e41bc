//! The program `openkit`.

mod arguments;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser as _;
use openkit::{Project, Workspace, driver, setup, user, wrapper};

use crate::arguments::{Arguments, Choice, Command};

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
    let project =
        |package: Option<String>| Project::find(manifest_path.as_deref(), package.as_deref());
    match command {
        Command::Check => Ok(setup::check(&workspace()?, &[])),
        Command::Setup => setup::run(&workspace()?, &[]),
        Command::Driver { choice: Choice { package, profile }, out } => {
            driver::build(&project(package)?, &profile, out)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Lint { choice: Choice { package, profile } } => {
            driver::lint(&project(package)?, &profile)
        }
        Command::User { cargo } => user::cargo(&workspace()?, &cargo),
        Command::Inspect { image } => driver::inspect(&image).map(|()| ExitCode::SUCCESS),
    }
}
