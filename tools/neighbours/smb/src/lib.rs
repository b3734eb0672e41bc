//! The sessions of an SMB server: which computers use its shares, and as whom.
//!
//! They have nothing to do with the sessions that the driver records: nobody is logged on at
//! the server for them, and the kernel notifies no driver of them. Windows lists them with
//! `NetSessionEnum` and `NetSessionGetInfo` of `lmshare.h`. Both calls are behind the trait
//! [`SessionServer`], whose values are plain data. The module `windows` implements it; everything
//! else runs on any system.
//!
//! - [`sessions`] lists the sessions that a [`Query`] names.
//! - [`Poller`] lists them again and again, and [`difference()`] compares two lists.
//!
//! This crate knows no driver, no command line and no form of output.

mod difference;
mod error;
mod listing;
mod look;
mod poller;
mod query;
mod session;
#[cfg(test)]
mod testing;
#[cfg(windows)]
pub mod windows;

pub use difference::{Difference, Elapsed, difference};
pub use error::{ServerName, SmbError};
pub use listing::{Page, SessionServer, sessions};
pub use look::Look;
pub use poller::Poller;
pub use query::{Call, Level, Query, unc};
pub use session::{Session, UserFlags};
