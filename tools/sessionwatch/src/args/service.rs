//! What the service is asked for.

use std::path::PathBuf;

use clap::{Args, Subcommand};

pub(super) const EXAMPLES: &str = r"Examples:
  sessionwatch service install
  sessionwatch service install --folder D:\sessions --files 30
  sessionwatch service status
  sessionwatch service remove";

/// What to do with the service.
#[derive(Clone, Debug, Subcommand)]
pub enum ServiceCommand {
    /// Makes the service, which starts with the machine, and starts it.
    Install(LogArguments),
    /// Is the service: the service manager runs this.
    Run(LogArguments),
    /// Stops the service and removes it; its log stays.
    Remove,
    /// Shows how the service is.
    Status,
}

/// Where the service writes, and how much.
#[derive(Clone, Debug, Args)]
pub struct LogArguments {
    /// The folder of the log; LogFiles\SessionWatch of the system folder, where nothing is said. Only
    /// administrators should be able to write to it.
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
    /// How many MiB a file of the log has, about.
    #[arg(long, value_name = "MIB", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=1_048_576))]
    pub file_size: u32,
    /// How many files are kept.
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub files: u32,
}
