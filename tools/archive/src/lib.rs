//! Files that outlive a program: the service's log, and a reader's position.
//!
//! Every file operation goes through the trait [`Files`], so that a test can make each of them
//! fail. [`Disk`] is the real implementation.
//!
//! This crate knows no driver and no form of output. It keeps lines and positions, whatever their
//! content.

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
