//! Files that outlive a program: the service's log, and a reader's position.
//!
//! Every operation on a file goes through the trait [`Files`], so that each can be made to
//! fail in a test. [`Disk`] is the real one.
//!
//! This crate knows no driver and no output: it keeps lines and positions, whatever they say.

mod error;
mod files;
mod log;
mod position;
mod summary;

pub use error::FileError;
pub use files::{AppendFile, Disk, Files};
pub use log::{Bounds, Log};
pub use position::PositionFile;
pub use summary::{LogSummary, POSITION_FILE, summarize};
