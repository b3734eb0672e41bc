//! The user of a session, as user mode knows it.
//!
//! The kernel gives a driver the id of a session and nothing about its user. WTS (the session
//! manager's interface) knows the user, the client and the times of a session. LSA (the security
//! authority) knows the logon behind it. A [`Directory`] returns the answers of both as plain
//! data. [`Who`] combines the parts that certainly belong together.
//!
//! This crate knows no driver, no events and no output.

mod directory;
mod logon;
mod named;
mod session;
mod who;
#[cfg(windows)]
pub mod windows;

pub use directory::{Directory, DirectoryError};
pub use logon::{Logon, LogonId, LogonType};
pub use session::{ConnectState, Session, client_address};
pub use who::{Source, Users, Who};
