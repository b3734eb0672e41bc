//! Reads the journal: requests, replies, and the account of both.
//!
//! The [`Cursor`] is this reader's place in the journal. The driver keeps none.

use std::ops::Range;

use sessionwatch_protocol::{
    DESCRIBE, DecodeError, DescribeReply, DescribeRequest, READ, ReadRequest, Record, SESSIONS,
    SessionsReply, SessionsRequest, Snapshot, decode_describe, decode_read, decode_sessions,
};
use zerocopy::IntoBytes;

use crate::account::Account;
use crate::device::Device;
use crate::error::Error;
use crate::filter::{EVERY_EVENT, Filter};
use crate::recording::Recording;
use crate::time::SystemTime;

/// How many bytes a read asks for at once: some 1,300 records.
const READ_BUFFER: usize = 64 * 1024;

/// Asks the driver for the journal and its counters.
///
/// # Errors
///
/// If the request fails or its reply cannot be used.
pub fn describe(device: &dyn Device) -> Result<DescribeReply, Error> {
    let mut output = [0; DescribeReply::SIZE];
    let length = device.control(DESCRIBE, DescribeRequest::new().as_bytes(), &mut output)?;
    // A device that claims more than the buffer holds is answered as if it had
    // filled the buffer: what is there is checked in any case.
    let reply = &output[..length.min(output.len())];
    decode_describe(reply).copied().map_err(Error::from_decode)
}

/// The journal that there is to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Its id.
    pub journal_id: u64,
    /// Its first number: 1, or where the recording begins.
    pub begin: u64,
    /// The number of the oldest event that it still has; `next` where it has none.
    pub oldest: u64,
    /// The number that the next event will get.
    pub next: u64,
}

/// Asks for the journal's bounds.
///
/// # Errors
///
/// If the request fails or its reply cannot be used.
pub fn bounds(device: &dyn Device) -> Result<Bounds, Error> {
    describe(device).map(|journal| Bounds::of(device, &journal))
}

impl Bounds {
    /// Those of the journal that this device has described so.
    #[must_use]
    pub fn of(device: &dyn Device, journal: &DescribeReply) -> Self {
        let (begin, oldest, next) = match device.recording().map(Recording::numbers) {
            Some(Range { start, end }) => (start, start, end),
            None => (1, journal.first.get(), journal.next.get()),
        };
        Self { journal_id: journal.journal_id.get(), begin, oldest, next }
    }
}

/// The driver was started again since the last time: its numbers began anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restart {
    /// The journal that is read now.
    pub journal_id: u64,
    /// The one that was read before, as 16 hexadecimal digits.
    pub previous_journal: String,
    /// The first number of it that was not read, and will never be.
    pub previous_next: u64,
}

/// The present sessions, and the number from which to read to miss nothing.
#[derive(Clone, Debug)]
pub struct PresentSessions {
    /// What the snapshot is of.
    pub head: SessionsReply,
    /// The last record of each session, by id.
    pub sessions: Vec<Record>,
}

/// How often the present sessions are asked for, with room for twice as many
/// each time: more often than they can become twice as many.
const ATTEMPTS: u32 = 16;

/// Asks the driver for the present sessions.
///
/// # Errors
///
/// If the request fails or its reply cannot be used.
pub fn present_sessions(device: &dyn Device) -> Result<PresentSessions, Error> {
    let mut buffer = vec![0; READ_BUFFER];
    for _ in 0..ATTEMPTS {
        let length = device.control(SESSIONS, SessionsRequest::new().as_bytes(), &mut buffer)?;
        let reply = &buffer[..length.min(buffer.len())];
        let Snapshot { head, sessions } = decode_sessions(reply).map_err(Error::from_decode)?;
        if head.count == head.present {
            let mut sessions = sessions.to_vec();
            sessions.sort_unstable_by_key(|session| session.session_id.get());
            return Ok(PresentSessions { head: *head, sessions });
        }
        buffer = vec![0; buffer.len() * 2];
    }
    Err(Error::from_decode(DecodeError::Account))
}

/// Where a read must stop, whatever else is there.
#[derive(Clone, Copy, Debug)]
pub struct Limit<'filter> {
    /// Only numbers below this one.
    pub before: u64,
    /// Not more events than this; those that the filter keeps back do not count.
    pub events: u64,
    /// What counts as an event.
    pub filter: &'filter Filter,
}

impl Limit<'static> {
    /// No limit.
    pub const NONE: Self = Self { before: u64::MAX, events: u64::MAX, filter: &EVERY_EVENT };
}

/// Numbers that were overwritten before they could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost {
    /// The first lost number.
    pub first: u64,
    /// How many are lost in a row; never 0.
    pub count: u64,
    /// When the last event happened that was delivered before, if there is one.
    pub previous_time: Option<SystemTime>,
    /// When the event right after them happened, if it came with the same reply.
    pub next_time: Option<SystemTime>,
}

impl Lost {
    /// The last lost number.
    #[must_use]
    pub const fn last(&self) -> u64 {
        self.first + (self.count - 1)
    }
}

/// What one read gave: first the lost numbers, then the records.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'buffer> {
    /// The numbers before the records that are gone.
    pub lost: Option<Lost>,
    /// The records, in order and without gaps.
    pub records: &'buffer [Record],
}

/// What to do at the end of the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtEnd {
    /// Return, with nothing.
    Return,
    /// Wait in the driver for the next event; now and then in vain.
    Wait,
}

/// A place in the journal, and the account of how it was reached.
#[derive(Debug)]
pub struct Cursor {
    account: Account,
    previous_time: Option<SystemTime>,
    buffer: Vec<u8>,
}

impl Cursor {
    /// A cursor at number `from` of a journal that has reached number `end`.
    #[must_use]
    pub fn new(journal_id: u64, from: u64, end: u64) -> Self {
        Self {
            account: Account::new(journal_id, from, end),
            previous_time: None,
            buffer: vec![0; READ_BUFFER],
        }
    }

    /// What became of the numbers so far.
    #[must_use]
    pub const fn account(&self) -> &Account {
        &self.account
    }

    /// Reads once from here on: the journal, as far as it goes and the limit
    /// allows; nothing at its end.
    ///
    /// Where the journal has more and the limit allows more, a read always
    /// comes further: a loop up to a number ends.
    ///
    /// # Errors
    ///
    /// If the request fails, or if its reply cannot be used or does not continue
    /// the account; the cursor then stays where it was.
    pub fn read(
        &mut self,
        device: &dyn Device,
        at_end: AtEnd,
        limit: Limit<'_>,
    ) -> Result<Batch<'_>, Error> {
        let request = match at_end {
            AtEnd::Return => ReadRequest::new(self.account.next()),
            AtEnd::Wait => ReadRequest::waiting(self.account.next()),
        };
        let length = device.control(READ, request.as_bytes(), &mut self.buffer)?;
        let reply = &self.buffer[..length.min(self.buffer.len())];
        let batch = decode_read(reply).map_err(Error::from_decode)?;

        self.account.admit(batch.head)?;
        let first = self.account.next();
        let room = limit.before.saturating_sub(first);
        let count = batch.head.lost.get().min(room);
        let room = usize::try_from(room - count).unwrap_or(usize::MAX).min(batch.records.len());
        let records = up_to(limit, &batch.records[..room]);

        let time = |record: &Record| SystemTime(record.system_time.get());
        let neighbour = batch.records.first().filter(|_| count == batch.head.lost.get());
        let lost = (count > 0).then(|| Lost {
            first,
            count,
            previous_time: self.previous_time,
            next_time: neighbour.map(time),
        });
        self.account.book(count, records.len() as u64);
        self.previous_time = records.last().map(time).or(self.previous_time);
        Ok(Batch { lost, records })
    }
}

/// The records up to the last one that the limit allows.
fn up_to<'records>(limit: Limit<'_>, records: &'records [Record]) -> &'records [Record] {
    if limit.events >= records.len() as u64 {
        return records;
    }
    let mut events = 0;
    let mut is_enough = |record: &Record| {
        events += u64::from(limit.filter.admits(record));
        events > limit.events
    };
    let end = records.iter().position(&mut is_enough).unwrap_or(records.len());
    &records[..end]
}
