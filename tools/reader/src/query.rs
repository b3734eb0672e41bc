//! The describe and sessions requests.

use std::ops::Range;

use sessionwatch_protocol::{
    DESCRIBE, DecodeError, DescribeReply, DescribeRequest, Record, SESSIONS, SessionsReply,
    SessionsRequest, Snapshot, decode_describe, decode_sessions,
};
use zerocopy::IntoBytes;

use crate::device::Device;
use crate::error::ReadError;

/// The size of the buffer for a reply, in bytes: room for about 1,300 records.
pub(crate) const REPLY_BYTES: usize = 64 * 1024;

/// The limit on sessions requests for one snapshot. Each request doubles the buffer, and the number
/// of sessions cannot double this many times.
const ATTEMPTS: u32 = 16;

/// A journal's id in every form of output. The id is text, because many JSON readers hold
/// numbers exactly only up to 2^53.
#[must_use]
pub fn journal_name(journal_id: u64) -> String {
    format!("{journal_id:016x}")
}

/// The driver's version: major, minor, patch.
#[must_use]
pub fn driver_version(journal: &DescribeReply) -> String {
    let [major, minor, patch, _] = journal.driver_version;
    format!("{major}.{minor}.{patch}")
}

/// Asks the driver for its journal and its counters.
///
/// # Errors
///
/// If the request fails or its reply is not usable.
pub fn describe(device: &dyn Device) -> Result<DescribeReply, ReadError> {
    let mut output = [0; DescribeReply::SIZE];
    let length = device.control(DESCRIBE, DescribeRequest::new().as_bytes(), &mut output)?;
    // A device may claim more bytes than the buffer holds. The decoder checks the bytes in any
    // case.
    let reply = &output[..length.min(output.len())];
    Ok(*decode_describe(reply)?)
}

/// The bounds of a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The journal's id.
    pub journal_id: u64,
    /// The first sequence number: 1, or the first one of a recording.
    pub begin: u64,
    /// The sequence number of the oldest event in the journal; `next` if it is empty.
    pub oldest: u64,
    /// The sequence number of the next event.
    pub next: u64,
}

/// Asks the driver for the journal's bounds.
///
/// # Errors
///
/// If the request fails or its reply is not usable.
pub fn bounds(device: &dyn Device) -> Result<Bounds, ReadError> {
    describe(device).map(|journal| Bounds::of(device, &journal))
}

impl Bounds {
    /// The bounds of the journal that `device` has described.
    #[must_use]
    pub fn of(device: &dyn Device, journal: &DescribeReply) -> Self {
        let (begin, oldest, next) = match device.extent() {
            Some(Range { start, end }) => (start, start, end),
            None => (1, journal.first.get(), journal.next.get()),
        };
        Self { journal_id: journal.journal_id.get(), begin, oldest, next }
    }
}

/// A snapshot of the present sessions. A reader that continues at its sequence number misses no
/// event.
#[derive(Clone, Debug)]
pub struct PresentSessions {
    /// The head of the reply.
    pub head: SessionsReply,
    /// The last record of each session, in the order of session ids.
    pub sessions: Vec<Record>,
}

/// Asks the driver for the present sessions.
///
/// # Errors
///
/// If the request fails or its reply is not usable.
pub fn present_sessions(device: &dyn Device) -> Result<PresentSessions, ReadError> {
    let mut buffer = vec![0; REPLY_BYTES];
    for _ in 0..ATTEMPTS {
        let length = device.control(SESSIONS, SessionsRequest::new().as_bytes(), &mut buffer)?;
        let reply = &buffer[..length.min(buffer.len())];
        let Snapshot { head, sessions } = decode_sessions(reply)?;
        if head.count == head.present {
            let mut sessions = sessions.to_vec();
            sessions.sort_unstable_by_key(|session| session.session_id.get());
            return Ok(PresentSessions { head: *head, sessions });
        }
        buffer = vec![0; buffer.len() * 2];
    }
    Err(DecodeError::Account.into())
}
