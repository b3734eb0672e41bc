//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Builds Windows drivers and programs on Linux.
#[derive(Debug, Parser)]
#[command(version, about)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Lists what the build and the Wine tests need, and whether it is there
    Check,
    /// Installs what is missing with apt-get and chooses the Rust toolchain
    Setup,
    /// Builds a driver package and inspects the image
    Driver {
        /// The package; its library must have the package's name
        #[arg(long, default_value = "sessionwatch-driver")]
        package: String,
        /// Where the image goes [default: target/driver/sessionwatch.sys]
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Lints a driver package
    Lint {
        /// The package
        #[arg(long, default_value = "sessionwatch-driver")]
        package: String,
    },
    /// Builds what is shipped into target/package: driver, tool and INF
    Package,
    /// Runs cargo for user-mode Windows: `openkit user -- test -p sessionwatch`
    User {
        /// A cargo subcommand and its arguments
        #[arg(last = true, required = true)]
        cargo: Vec<String>,
    },
    /// Says whether a file is a driver image that a kernel would load
    Inspect {
        /// The image
        image: PathBuf,
    },
}
