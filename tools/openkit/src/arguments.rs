//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Build Windows drivers and programs on Linux
#[derive(Debug, Parser)]
#[command(version, about)]
pub(crate) struct Arguments {
    /// The project's Cargo.toml [default: found upwards from here]
    #[arg(long, global = true, value_name = "PATH")]
    pub(crate) manifest_path: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List what the build needs, and what is missing
    Check,
    /// Install what is missing, and choose the Rust toolchain
    Setup,
    /// Build a driver and inspect the image
    Driver {
        /// The package; its library must have the package's name
        #[arg(long, default_value = "sessionwatch-driver")]
        package: String,
        /// Where the image goes [default: target/driver/sessionwatch.sys]
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Run clippy on a driver; any warning is an error
    Lint {
        /// The package
        #[arg(long, default_value = "sessionwatch-driver")]
        package: String,
    },
    /// Build driver, tool and INF into target/package
    Package,
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
