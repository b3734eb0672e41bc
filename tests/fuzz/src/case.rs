//! How bytes are read as a case. Any bytes are one, so that no mutation is lost.

use zerocopy::little_endian::{U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// What a case of [`dispatch`](crate::dispatch()) begins with; [`Step`]s follow.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct JournalSize {
    /// One less than how many records the ring keeps, modulo 64.
    pub(crate) capacity: u8,
    /// How many sessions the table holds, modulo 32.
    pub(crate) sessions: u8,
}

/// Something that happens to the driver.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct Step {
    /// Odd: a request comes in. Even: events happen.
    pub(crate) is_request: u8,
    /// Of a request: how many bytes behind an 8-byte boundary it lies, modulo 8.
    /// Of events: how far the monotonic clock was ahead, in its units.
    pub(crate) offset: u8,
    /// Of a request: its length in bytes, modulo 25; bytes behind `bytes` are 0.
    /// Of events: how many there are, modulo 256.
    pub(crate) count: U16,
    /// Of a request: the size of its output, in bytes, modulo 4096.
    pub(crate) room: U16,
    /// Of a request: its control code. Of events: the session id in the payload.
    pub(crate) code: U32,
    /// Of a request: its bytes. Of events: an [`EventBytes`].
    pub(crate) bytes: [u8; 20],
}

/// A notification, as [`Step::bytes`].
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct EventBytes {
    pub(crate) event: U32,
    /// The payload's length that the kernel tells.
    pub(crate) length: U32,
    pub(crate) session_id: U32,
    pub(crate) state: U32,
    pub(crate) local: u8,
    pub(crate) payload_local: u8,
    /// Odd: the payload's pointer is null.
    pub(crate) is_null: u8,
    /// Odd: the kernel gives no information on the session.
    pub(crate) is_unknown: u8,
}

/// What a case of [`replies`](crate::replies()) begins with; answers follow, each
/// an [`AnswerHead`] and its bytes.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct Reading {
    /// The number to read from; 0 is taken as 1.
    pub(crate) from: U64,
    /// How many events are wanted; 0 for all.
    pub(crate) events: U16,
}

/// What comes before an answer's bytes.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct AnswerHead {
    /// How many bytes follow; fewer where the case ends.
    pub(crate) length: U16,
    /// How many KiB more than that the device claims.
    pub(crate) excess: u8,
}

const _: () = assert!(size_of::<EventBytes>() == 20);

/// Takes a structure off the front, or `None` where the bytes do not suffice.
pub(crate) fn take<T>(bytes: &mut &[u8]) -> Option<T>
where
    T: FromBytes + Immutable + KnownLayout,
{
    let (value, rest) = T::read_from_prefix(bytes).ok()?;
    *bytes = rest;
    Some(value)
}
