//! The user-visible parts of the log service: its name, errors and state, and a session change.
//!
//! The kernel has no event for locking, unlocking or remote control of a session. Windows sends
//! these changes to services, with only the session's id. A [`Change`] is such a message. Its log
//! line is marked as user mode's. The same log gets the driver's events in the form that `follow`
//! prints, from the last position of the service.
//!
//! This module knows no service manager and no form of output.

mod change;
mod error;
mod install;
mod report;

pub use change::{Change, Mark, Reason};
pub use error::{SERVICE_DOES_NOT_EXIST, ServiceError};
pub use install::{INVALID_LEVEL, Manager, install};
pub use report::{LogReport, ServiceReport, ShownTrouble};

/// The service's name in the service manager.
pub const NAME: &str = "SessionWatchLog";

/// The service's name for people.
pub const DISPLAY_NAME: &str = "Session Watch log";

/// The service's description.
pub const DESCRIPTION: &str = "Logs the session events of the sessionwatch driver, and the \
                               session changes that Windows sends to services alone.";
