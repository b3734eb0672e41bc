//! Files that outlive a program: the service's log, and a reader's position.
//!
//! Every operation on a file goes through the trait [`Files`], so that each can be made to
//! fail in a test. [`Disk`] is the real one.
//!
//! This crate knows no driver and no output: it keeps lines and positions, whatever they say.

mod clock;
mod entry;
mod error;
mod files;
mod keeper;
mod log;
mod position;
mod scan;
mod summary;
pub mod testing;

pub use entry::{Damage, Entry, Range};
pub use error::FileError;
pub use files::{AppendFile, Disk, Files, Stat};
pub use keeper::{Keeper, Settings, Surroundings, Trouble, Unwritten};
pub use log::{Bounds, Log, Rewind};
pub use position::{KeepPosition, PositionFile, SetAside};
pub use summary::{LogSummary, POSITION_FILE, purge_log, summarize};
