//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use openkit::Profile;

/// Build Windows drivers and programs on Linux
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Arguments {
    /// The project's Cargo.toml [default: found upwards from here]
    #[arg(long, global = true, value_name = "PATH")]
    pub(crate) manifest_path: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The package and the profile to build.
#[derive(Debug, Args)]
pub(crate) struct Choice {
    /// The package [default: the one that the manifest belongs to]
    #[arg(long, value_name = "NAME")]
    pub(crate) package: Option<String>,
    /// Cargo's profile
    #[arg(long, value_name = "NAME", default_value = "release")]
    pub(crate) profile: Profile,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List what the build needs, and what is missing
    Check,
    /// Install what is missing, and choose the Rust toolchain
    Setup,
    /// Build a driver and inspect the image
    Driver {
        #[command(flatten)]
        choice: Choice,
        /// Path of the image [default: target/driver/NAME.sys]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Run clippy on a driver; any warning is an error
    Lint {
        #[command(flatten)]
        choice: Choice,
    },
    /// Run cargo for user-mode Windows: `openkit user -- test`
    User {
        /// A cargo subcommand and its arguments
        #[arg(last = true, required = true)]
        cargo: Vec<String>,
    },
    /// Check that a file is an image a kernel would load
    Inspect {
        /// The image
        image: PathBuf,
    },
}
