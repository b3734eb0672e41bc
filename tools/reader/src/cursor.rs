//! The cursor: this reader's position in the journal. The driver keeps none.

use sessionwatch_protocol::{READ, ReadRequest, Record, decode_read};
use zerocopy::IntoBytes;

use crate::account::Account;
use crate::device::Device;
use crate::error::ReadError;
use crate::filter::{EVERY_EVENT, Filter};
use crate::query::REPLY_BYTES;
use crate::time::SystemTime;

/// The limit of a read. The read stops there even if the journal has more.
#[derive(Clone, Copy, Debug)]
pub struct Limit<'filter> {
    /// Only sequence numbers below this one.
    pub before: u64,
    /// At most this number of events; events that the filter hides do not count.
    pub events: u64,
    /// The events that count.
    pub filter: &'filter Filter,
}

impl Limit<'static> {
    /// No limit.
    pub const NONE: Self = Self { before: u64::MAX, events: u64::MAX, filter: &EVERY_EVENT };
}

/// Sequence numbers that were overwritten before they were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost {
    /// The first lost sequence number.
    pub first: u64,
    /// The number of lost events, never 0.
    pub count: u64,
    /// The time of the last event delivered before them, if there is one.
    pub previous_time: Option<SystemTime>,
    /// The time of the first event after them, if the same reply has it.
    pub next_time: Option<SystemTime>,
}

impl Lost {
    /// The last lost sequence number.
    #[must_use]
    pub const fn last(&self) -> u64 {
        self.first + (self.count - 1)
    }
}

/// The result of one read: first the lost sequence numbers, then the records.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'buffer> {
    /// The lost sequence numbers before the records.
    pub lost: Option<Lost>,
    /// The records, in order and without gaps.
    pub records: &'buffer [Record],
}

/// The behaviour of a read at the end of the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtEnd {
    /// Return without a record.
    Return,
    /// Stay pending in the driver until the next event. The read may complete without one.
    Wait,
}

/// A position in the journal, and the account of the sequence numbers before it.
#[derive(Debug)]
pub struct Cursor {
    account: Account,
    previous_time: Option<SystemTime>,
    buffer: Vec<u8>,
}

impl Cursor {
    /// A cursor at sequence number `from` of a journal whose next event gets `end`.
    #[must_use]
    pub fn new(journal_id: u64, from: u64, end: u64) -> Self {
        Self {
            account: Account::new(journal_id, from, end),
            previous_time: None,
            buffer: vec![0; REPLY_BYTES],
        }
    }

    /// The account of the sequence numbers so far.
    #[must_use]
    pub const fn account(&self) -> &Account {
        &self.account
    }

    /// Reads once from this position, up to the end of the journal or the limit.
    ///
    /// Every read before that end advances, so a loop up to a sequence number ends.
    ///
    /// # Errors
    ///
    /// If the request fails, or if its reply is not usable or does not continue the account. The
    /// cursor then keeps its position.
    pub fn read(
        &mut self,
        device: &dyn Device,
        at_end: AtEnd,
        limit: Limit<'_>,
    ) -> Result<Batch<'_>, ReadError> {
        let request = match at_end {
            AtEnd::Return => ReadRequest::new(self.account.next()),
            AtEnd::Wait => ReadRequest::waiting(self.account.next()),
        };
        let length = device.control(READ, request.as_bytes(), &mut self.buffer)?;
        let reply = &self.buffer[..length.min(self.buffer.len())];
        let batch = decode_read(reply)?;

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

/// The records up to the last one within the limit.
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
