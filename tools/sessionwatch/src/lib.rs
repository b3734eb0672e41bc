//! Reads, follows and explains the journal of the sessionwatch driver.
//!
//! The driver numbers every session event and keeps the newest in a ring; this
//! tool reads them with a [`Cursor`](reader::Cursor) over a
//! [`Device`](device::Device) and keeps an [`Account`](account::Account): every
//! number was either delivered, in order, or is named as lost. What the tool
//! prints says so, and a reply that does not add up is an error.
//!
//! Everything but the module `windows` is free of Windows: it runs and is tested
//! on any machine, over devices that are plain data.
//!
//! *Why does `follow` open the device for every read?* Windows does not unload a
//! driver while somebody holds its device open. A tool that only looks on must
//! not keep an administrator from stopping the driver.

pub mod account;
pub mod args;
pub mod command;
pub mod device;
pub mod error;
pub mod reader;
pub mod render;
pub mod time;
pub mod wait;
#[cfg(windows)]
mod windows;

pub use command::run;
