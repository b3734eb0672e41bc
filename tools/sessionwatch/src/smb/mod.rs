//! The sessions of an SMB server: which computers use its shares, and as whom.
//!
//! They have nothing to do with the sessions that the driver sees: nobody is
//! logged on at the server for them, and the kernel tells drivers of none. Windows
//! knows them through `NetSessionEnum` and `NetSessionGetInfo` of `lmshare.h`,
//! which are behind [`SessionServer`]; all else here is plain data.

mod difference;
mod error;
mod listing;
mod look;
mod poller;
mod query;
mod session;

#[cfg(test)]
mod testing;

use std::sync::Arc;

pub use difference::{Difference, Elapsed, difference};
pub use error::{Failure, SmbError};
pub use listing::{Page, SessionServer, sessions};
pub use look::{Look, Looks};
pub use poller::Poller;
pub use query::{Call, Level, Query, unc};
pub use session::{Session, UserFlags};

/// This machine's way to SMB servers.
///
/// # Errors
///
/// None on Windows.
#[cfg(windows)]
pub fn open() -> Result<Arc<dyn SessionServer>, SmbError> {
    Ok(Arc::new(crate::windows::NetworkManagement))
}

/// This machine's way to SMB servers.
///
/// # Errors
///
/// Always: only Windows has these calls.
#[cfg(not(windows))]
pub fn open() -> Result<Arc<dyn SessionServer>, SmbError> {
    Err(SmbError::NotWindows)
}
