//! The command line.

use clap::{Parser, Subcommand};

/// Packages, installs and verifies the driver on a Windows machine for tests.
#[derive(Debug, Parser)]
#[command(version, about)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Says what of this machine is as it must be, and what is not
    Check,
    /// Builds driver and tool with the kit and puts the signed package into target/package
    Package,
    /// Signs what is in target/package, anew
    Sign,
    /// Trusts the package's certificate and installs the driver, without starting it
    Install,
    /// Starts the driver
    Start,
    /// Stops the driver
    Stop,
    /// Removes the driver, its settings and the certificate
    Uninstall,
    /// Installs and starts the driver and shows what it is told of, until Ctrl-C
    Demo,
    /// Puts the driver under Driver Verifier from the next start of Windows on
    VerifierOn {
        /// Let allocations fail at random as well
        #[arg(long)]
        low_resources: bool,
    },
    /// Ends Driver Verifier, for all drivers, from the next start of Windows on
    VerifierOff,
    /// Shows what Driver Verifier will do and does
    VerifierStatus,
}
