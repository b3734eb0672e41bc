//! The options of `service`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

pub(super) const EXAMPLES: &str = r"Examples:
  sessionwatch service install
  sessionwatch service install --folder D:\sessions --files 30
  sessionwatch service install --keep-days 90 --without-who
  sessionwatch service status
  sessionwatch service remove";

/// The commands of the service.
#[derive(Clone, Debug, Subcommand)]
pub enum ServiceCommand {
    /// Install and start the service; it starts with Windows.
    Install(LogArguments),
    /// Run as the service; only the service manager does this.
    Run(LogArguments),
    /// Stop and remove the service, but not its log.
    Remove {
        /// Remove its log and saved position, too.
        #[arg(long)]
        purge: bool,
    },
    /// Show the service's state and its log.
    Status,
}

/// The log's folder and size.
#[derive(Clone, Debug, Args)]
pub struct LogArguments {
    /// Folder of the log. `install` rejects one that ordinary users may write to. The default is
    /// LogFiles\SessionWatch in the system folder.
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
    /// Size at which a new file of the log begins, in MiB.
    #[arg(long, value_name = "MIB", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=1_048_576))]
    pub file_size: u32,
    /// Number of files to keep.
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub files: u32,
    /// Remove older files after this number of days. The default is to keep them until --files
    /// is reached.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub keep_days: Option<u32>,
    /// Write no user, SID or client into the log.
    #[arg(long)]
    pub without_who: bool,
}
