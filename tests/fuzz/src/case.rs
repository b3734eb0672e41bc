//! Decodes bytes into a case. Every byte string is a valid case, so no mutation is wasted.

use zerocopy::little_endian::{U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// The head of a case of [`dispatch`](crate::dispatch()). [`Step`]s follow.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct JournalSize {
    /// The ring's capacity in records, less one, modulo 64.
    pub(crate) capacity: u8,
    /// The entries of the table of sessions, modulo 32.
    pub(crate) sessions: u8,
}

/// One step of a case: a request, or several events.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct Step {
    /// Odd: a request. Even: events.
    pub(crate) is_request: u8,
    /// Request: its offset from an 8-byte boundary, in bytes, modulo 8. Events: added to the
    /// monotonic time, in units of 100 ns.
    pub(crate) offset: u8,
    /// Request: its length in bytes, modulo 25; bytes behind `bytes` are 0. Events: their
    /// number, modulo 256.
    pub(crate) count: U16,
    /// Request: the size of its output, in bytes, modulo 4096.
    pub(crate) room: U16,
    /// Request: its control code. Events: the session id in the payload.
    pub(crate) code: U32,
    /// Request: its bytes. Events: an [`EventBytes`].
    pub(crate) bytes: [u8; 20],
}

/// A notification in [`Step::bytes`].
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct EventBytes {
    pub(crate) event: U32,
    /// The payload's length, as the kernel passes it.
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

/// The head of a case of [`replies`](crate::replies()). Replies follow, each an
/// [`AnswerHead`] and its bytes.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct Reading {
    /// The sequence number to read from; 0 means 1.
    pub(crate) from: U64,
    /// The limit on events; 0 means no limit.
    pub(crate) events: U16,
}

/// The head of a reply.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct AnswerHead {
    /// The number of bytes that follow; fewer at the end of the case.
    pub(crate) length: U16,
    /// The device claims this many KiB more than follow.
    pub(crate) excess: u8,
}

const _: () = assert!(size_of::<EventBytes>() == 20);

/// Removes a structure from the front; `None` if the bytes are too few.
pub(crate) fn take<T>(bytes: &mut &[u8]) -> Option<T>
where
    T: FromBytes + Immutable + KnownLayout,
{
    let (value, rest) = T::read_from_prefix(bytes).ok()?;
    *bytes = rest;
    Some(value)
}
