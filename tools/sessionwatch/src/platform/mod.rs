//! The one place that chooses the platform.
//!
//! `windows` and `elsewhere` have the same functions. On Windows they open the Windows half of
//! a neighbour; elsewhere they return [`NotWindows`](sessionwatch_failure::NotWindows).

#[cfg(not(windows))]
mod elsewhere;
#[cfg(windows)]
mod windows;

#[cfg(not(windows))]
pub(crate) use elsewhere::{smb_server, tls_package};
#[cfg(windows)]
pub(crate) use windows::{smb_server, tls_package};
