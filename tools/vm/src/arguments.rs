//! The command line.

use clap::{Parser, Subcommand};

/// Install and verify the driver on a test machine
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List what this machine needs, and what is missing
    Check,
    /// Trust the certificate and install the driver
    Install,
    /// Start the driver
    Start,
    /// Stop the driver
    Stop,
    /// Remove the driver, its settings and the certificate
    Uninstall,
    /// Install and start the driver and follow sessions
    Demo,
    /// Turn Driver Verifier on for the driver, at the next start
    VerifierOn {
        /// Make allocations fail at random as well
        #[arg(long)]
        low_resources: bool,
    },
    /// Turn Driver Verifier off for all drivers
    VerifierOff,
    /// Show the settings and the state of Driver Verifier
    VerifierStatus,
}
