//! Builds the driver on Linux: what stands where the Windows Driver Kit would.
//!
//! The driver's crates come unmodified from the registry and expect a Windows
//! machine with the kit. This program lays out a folder shaped like the kit
//! (our headers and import libraries, MinGW's kernel headers, LLVM's tools),
//! runs cargo against it, and says whether the image that comes out is what a
//! kernel would load. `README.md` beside this crate explains each piece.

mod arguments;
mod cargo;
mod driver;
mod files;
mod image;
mod inf;
mod kit;
mod linker;
mod llvm;
mod needs;
mod package;
mod places;
mod program;
mod setup;
mod toolchain;
mod wrapper;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser as _;

use crate::arguments::{Arguments, Command};
use crate::places::Places;

fn main() -> ExitCode {
    let result = match places::own_name().as_deref() {
        Some(wrapper::NAME) => wrapper::run(),
        Some(linker::NAME) => linker::run(),
        _ => run(),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("openkit: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let places = Places::of_this_workspace()?;
    match arguments.command {
        Command::Check => Ok(setup::check(&places)),
        Command::Setup => setup::run(&places),
        Command::Driver { package, out } => driver::build(&places, &package, out),
        Command::Lint { package } => driver::lint(&places, &package),
        Command::Package => package::build(&places),
        Command::User { cargo } => cargo::run_user(&places, &cargo),
        Command::Inspect { image } => driver::inspect(&image),
    }
}
