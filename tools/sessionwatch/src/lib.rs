//! The tool: reads, follows and explains the journal of the sessionwatch driver.
//!
//! `main` parses a command line with [`args`] and runs a [`command`]. A command gets the features
//! of Windows from `platform`, uses the crates below (reader, who, sessions, archive), and prints
//! with [`render`]. Only `platform` needs Windows. Everything else runs on any machine, and its
//! tests use devices that are plain data.

pub mod args;
pub mod command;
pub mod doctor;
pub mod error;
mod interrupt;
pub mod live;
pub mod log_writer;
mod platform;
pub mod render;
pub mod service;
pub mod trust;

pub use command::run;

/// Restricts this process to the DLLs of Windows. `main` calls it first.
pub fn trust_windows_only() {
    platform::search_system32_only();
}
