//! The wire contract between the driver and its readers.
//!
//! Both sides build from this crate and from nothing else of each other. It
//! holds the control codes, the requests, the replies and the record, each a
//! fixed-size structure of little-endian fields without padding, and the
//! statuses a request can be refused with. It does no I/O, allocates nothing
//! and knows neither the kernel nor the ring.
//!
//! # The three questions a newcomer asks
//!
//! *Why are kinds and states integers and not `enum`s?* The kernel does not
//! check the numbers that it passes on, and a newer Windows may add some. What
//! came in is recorded as it came, and an old tool prints a new kind as a
//! number (see [`EventKind`]).
//!
//! *Why does a read name a number, and not "the next ones"?* The driver keeps
//! no position for anybody. A read destroys nothing, so a failed or repeated
//! one loses nothing, and a reader that was killed goes on where it was.
//!
//! *What does a version mean?* [`VERSION`] stands at the start of every request
//! and reply. A request of another version is refused
//! ([`Rejection::UnknownVersion`]), whatever its length, so that later versions
//! may change everything behind that first field.
//!
//! # Time
//!
//! System time is a count of 100 ns since 1601-01-01T00:00:00Z, as
//! `KeQuerySystemTimePrecise` gives it; it steps when the clock is set.
//! Monotonic time is a count of 100 ns since the machine started, as
//! `KeQueryInterruptTimePrecise` gives it; along the numbers of one journal it
//! never decreases.

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

pub use code::{
    ControlCode, DESCRIBE, DEVICE_NAME, DEVICE_PATH, FIRST_DRIVER_FUNCTION, READ, SESSIONS,
    SYMBOLIC_LINK,
};
pub use decode::{DecodeError, ReadBatch, Snapshot, decode_describe, decode_read, decode_sessions};
pub use record::{EventKind, Locality, Record, RecordFlags, SessionState};
pub use rejection::Rejection;
pub use reply::{DescribeReply, ReadReply, SessionsReply, SettingFlags};
pub use request::{DescribeRequest, ReadFlags, ReadRequest, RequestHeader, SessionsRequest};

/// The version of this contract: the first field of every request and reply.
pub const VERSION: u32 = 1;
