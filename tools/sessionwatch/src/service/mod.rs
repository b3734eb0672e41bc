//! The log service, as its users see it: its name, its errors, its state, and a session change.
//!
//! The kernel has no event for locking, unlocking or watching a session. Windows sends them to
//! services, with nothing but the session's id. A [`Change`] is such a message, marked as user
//! mode's. The driver's events go to the same log as `follow` prints them, from the position
//! where the service stopped the last time.
//!
//! This room knows no service manager and no output.

mod change;
mod error;
mod install;
mod report;

pub use change::{Change, Mark, Reason};
pub use error::{SERVICE_DOES_NOT_EXIST, ServiceError};
pub use install::{Manager, install};
pub use report::{LogReport, ServiceReport, ShownTrouble};

/// The service's name in the service manager.
pub const NAME: &str = "SessionWatchLog";

/// The service's name for people.
pub const DISPLAY_NAME: &str = "Session Watch log";

/// The service's description.
pub const DESCRIPTION: &str = "Logs the session events of the sessionwatch driver, and the \
                               session changes that Windows sends to services alone.";
