//! The client of the sessionwatch driver: reads, follows and replays its journal.
//!
//! The driver numbers every session event and keeps the newest events in a ring. A [`Cursor`]
//! reads them from a [`Device`]: the driver, or a [`Recording`](recording::Recording) of it. The
//! cursor keeps an [`Account`]: every sequence number is either delivered, in order, or named as
//! lost. A reply that does not add up is an error, and none of it is delivered.
//!
//! Only the module `windows` needs Windows. Everything else runs on any machine, and its tests use
//! devices that are plain data. This crate knows only the driver: no command line, no form of
//! output and no user.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use std::path::Path;
//!
//! use sessionwatch_reader::recording::Recording;
//! use sessionwatch_reader::{AtEnd, Cursor, Limit, bounds};
//!
//! // On Windows: let device = sessionwatch_reader::windows::Driver::open()?;
//! let device = Recording::open(Path::new("monday.swrec"))?;
//! let journal = bounds(&device)?;
//! let mut cursor = Cursor::new(journal.journal_id, journal.begin, journal.next);
//! while cursor.account().next() < journal.next {
//!     let batch = cursor.read(&device, AtEnd::Return, Limit::NONE)?;
//!     if let Some(lost) = batch.lost {
//!         println!("lost: {} to {}", lost.first, lost.last());
//!     }
//!     for record in batch.records {
//!         println!("{} {}", record.sequence, record.kind());
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! *Why does the driver not stop while a program follows it?* Windows does not unload a
//! driver while a handle to its device is open, and a pending read needs one.

mod account;
mod cursor;
mod device;
mod error;
mod filter;
mod flags;
mod query;
pub mod recording;
mod session_table;
mod start;
#[cfg(test)]
mod testing;
pub mod time;
#[cfg(windows)]
pub mod windows;

pub use account::{Account, Imbalance};
pub use cursor::{AtEnd, Batch, Cursor, Limit, Lost};
pub use device::{Device, DeviceError};
pub use error::ReadError;
pub use filter::{EVERY_EVENT, Filter};
pub use flags::{flag_names, unnamed_flags};
pub use query::{
    Bounds, PresentSessions, bounds, describe, driver_version, journal_name, present_sessions,
};
pub use session_table::SessionTable;
pub use start::{Beginning, Position, Restart, Rewind, Start};
