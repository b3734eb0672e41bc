//! The wire contract between the driver and its readers.
//!
//! Both sides build from this crate, and share nothing else. It has the control codes, the
//! requests, the replies and the record, each a fixed-size structure of little-endian fields
//! without padding, and the statuses of rejected requests. It does no I/O, allocates
//! nothing, and knows neither the kernel nor the ring.
//!
//! # Three questions of a newcomer
//!
//! *Why are kinds and states integers and not `enum`s?* The kernel does not check the codes
//! that it passes on (observed), and a newer Windows may add some. The driver records a code
//! unchanged, and an old tool prints an unknown kind as a number (see [`EventKind`]).
//!
//! *Why does a read name a sequence number?* The driver keeps no position for its readers. A
//! read removes nothing, so a failed or repeated read loses nothing, and a reader that was
//! killed continues where it stopped.
//!
//! *What does a version cover?* [`VERSION`] is the first field of every request and reply.
//! The driver rejects a request of another version ([`Rejection::UnknownVersion`]), whatever
//! its length. So a later version may change everything behind that field.
//!
//! # Time
//!
//! System time counts 100 ns since 1601-01-01T00:00:00Z, and steps when the clock is set
//! (`KeQuerySystemTimePrecise`). Monotonic time counts 100 ns since the machine started
//! (`KeQueryInterruptTimePrecise`), and never decreases from record to record of a journal.

#![no_std]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate std;

mod code;
mod decode;
mod open_enum;
mod record;
mod rejection;
mod reply;
mod request;
mod version;

pub use code::{
    ControlCode, DESCRIBE, DEVICE_NAME, DEVICE_PATH, FIRST_DRIVER_FUNCTION, READ, SESSIONS,
    SYMBOLIC_LINK,
};
pub use decode::{DecodeError, ReadBatch, Snapshot, decode_describe, decode_read, decode_sessions};
pub use record::{EventKind, Locality, Record, RecordFlags, SessionState};
pub use rejection::Rejection;
pub use reply::{DescribeReply, ReadReply, SessionsReply, SettingFlags};
pub use request::{DescribeRequest, ReadFlags, ReadRequest, RequestHeader, SessionsRequest};
pub use version::VERSION;
