//! A recording: the driver's replies, byte for byte, as a file.
//!
//! [`Recorder`] writes a recording, and [`Recording`] answers requests from one. So every command
//! works on a recording as on the driver, on any machine. `docs/protocol.md` specifies the format.
//!
//! *Why raw replies and not events?* They keep the driver's own account of lost sequence
//! numbers, and the reader checks them again.
//!
//! *Why a checksum for each reply?* A killed program or a full disk ends a recording at any byte.
//! Every reply before that byte is still valid, and a damaged reply must not count as events.

mod frame;
mod recorder;
mod replay;

pub use frame::{FrameError, HEADER, MAGIC, write as write_frame};
pub use recorder::Recorder;
pub use replay::{End, OpenError, Recording};
