//! Reads, follows and explains the journal of the sessionwatch driver.
//!
//! The driver numbers every session event and keeps the newest in a ring; this
//! tool reads them with a [`Cursor`](reader::Cursor) over a
//! [`Device`](device::Device) and keeps an [`Account`](account::Account): every
//! number was either delivered, in order, or is named as lost. What the tool
//! prints says so, and a reply that does not add up is an error.
//!
//! Everything but the modules `windows` and `platform::windows` is free of Windows: it runs
//! and is tested on any machine, over devices that are plain data.
//!
//! *Why does the driver not stop while `follow` runs?* Windows does not unload a
//! driver while somebody holds its device open, and a read that waits does.

pub mod account;
pub mod args;
pub mod command;
pub mod device;
pub mod doctor;
pub mod error;
pub mod explain;
pub mod filter;
pub mod live;
mod platform;
pub mod present;
pub mod reader;
pub mod recording;
pub mod render;
pub mod service;
pub mod session_table;
pub mod state;
#[cfg(test)]
mod testing;
pub mod time;
pub mod who;
#[cfg(windows)]
mod windows;

pub use command::run;
