//! Selects the platform.
//!
//! `windows` and `elsewhere` have the same functions. No code above them depends on the system.

#[cfg(not(windows))]
mod elsewhere;
#[cfg(windows)]
mod windows;

#[cfg(not(windows))]
pub(crate) use elsewhere::*;
#[cfg(windows)]
pub(crate) use windows::*;

/// Interrupts the requests of a device, from another thread.
pub(crate) type Stop = Box<dyn Fn() + Send>;
