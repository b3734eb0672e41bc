//! The state of the service.

use std::path::PathBuf;

use sessionwatch_archive::LogSummary;

/// The state of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceReport {
    /// Its state in the service manager; `None` if it is not installed.
    pub state: Option<&'static str>,
    /// Its process, if it has one.
    pub process_id: Option<u32>,
    /// What keeps it from writing its log, if anything does.
    pub trouble: Option<ShownTrouble>,
    /// Its log; `None` if that is unknown or cannot be read.
    pub log: Option<LogReport>,
}

/// The state of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogReport {
    /// Its folder.
    pub folder: PathBuf,
    /// Its size, last entry and position.
    pub summary: LogSummary,
}

/// What keeps the service from writing its log, as the service shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownTrouble {
    /// The time of the first failure, as RFC 3339.
    pub since: String,
    /// The failed operation and its error.
    pub reason: String,
}
