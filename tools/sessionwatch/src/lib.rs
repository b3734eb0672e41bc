//! The tool: reads, follows and explains the journal of the sessionwatch driver.
//!
//! `main` parses a command line with [`args`] and runs a [`command`]. A command asks the
//! [`platform`] for what only Windows has, works with the rooms below (reader, who, sessions,
//! archive), and prints with [`render`]. Everything but `platform` is free of Windows: it runs
//! and is tested on any machine, over devices that are plain data.

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
