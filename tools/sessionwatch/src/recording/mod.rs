//! A recording: the driver's replies, byte for byte, as a file.
//!
//! [`Recorder`] writes one and [`Recording`] answers requests from one, so that
//! every command works on a recording, on any machine, as it does on the driver.
//! `docs/protocol.md` has the format.
//!
//! *Why raw replies and not events?* What the driver said is kept, its account of
//! lost numbers included, and the tool's checks apply to it again.
//!
//! *Why a checksum for each reply?* A recording ends where a program was killed or
//! a disk was full. What is whole before that is as good as ever, and what is not
//! must not be taken for events.

mod frame;
mod recorder;
mod replay;

pub use frame::{FrameError, HEADER, MAGIC, write as write_frame};
pub use recorder::Recorder;
pub use replay::{End, OpenError, Recording};
