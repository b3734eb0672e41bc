//! A recording: the driver's replies, byte for byte, as a file.
//!
//! [`Recorder`] writes one, and [`Recording`] answers requests from one. So every command
//! works on a recording, on any machine, as it does on the driver. `docs/protocol.md` has the
//! format.
//!
//! *Why raw replies and not events?* They keep the driver's own account of lost sequence
//! numbers, and the reader checks them again.
//!
//! *Why a checksum for each reply?* A recording ends where a program was killed or a disk was
//! full. Every reply before that is as good as ever, and a damaged one must not be taken for
//! events.

mod frame;
mod recorder;
mod replay;

pub use frame::{FrameError, HEADER, MAGIC, write as write_frame};
pub use recorder::Recorder;
pub use replay::{End, OpenError, Recording};
