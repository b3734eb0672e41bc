//! Files that outlive a program: the service's log, and a reader's position.
//!
//! Every file operation goes through the trait [`Files`], so that a test can make each of them
//! fail. [`Disk`] is the real implementation.
//!
//! This crate knows no driver and no form of output. It keeps lines and positions, whatever their
//! content.

mod clock;
mod entry;
mod error;
mod files;
mod keeper;
mod log;
mod position;
mod scan;
mod summary;
mod surroundings;
pub mod testing;

pub use entry::{Damage, Entry, Range};
pub use error::FileError;
pub use files::{AppendFile, Disk, Files, Stat};
pub use keeper::{Keeper, Settings, Unwritten};
pub use log::{Bounds, Log, Rewind};
pub use position::{KeepPosition, PositionFile, SetAside};
pub use summary::{LogSummary, POSITION_FILE, purge_log, summarize};
pub use surroundings::{Surroundings, Trouble};
