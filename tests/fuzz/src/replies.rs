//! The reader's side of the wire: for any replies of a device, the reader does not panic, and its
//! account balances.

use std::cell::RefCell;
use std::num::NonZeroU64;

use sessionwatch_failure::Failure as _;
use sessionwatch_protocol::{
    ControlCode, ReadReply, Record, SessionsReply, decode_describe, decode_read, decode_sessions,
};
use sessionwatch_reader::{
    Account, AtEnd, Cursor, Device, DeviceError, Limit, describe, present_sessions,
};
use sessionwatch_sessions::Explainer;

use crate::case::{AnswerHead, Reading, take};

/// Decodes the replies of a case one by one, and reads them as a journal.
///
/// # Panics
///
/// If a decoder accepts a reply that contradicts itself, or the reader counts or delivers something
/// that is not in the replies.
pub fn replies(bytes: &[u8]) {
    let Some(case) = ReplyCase::parse(bytes) else { return };
    for (reply, _) in &case.replies {
        check_decoders(reply);
    }
    check_cursor(&case);
    check_present_sessions(&case);
}

/// A case of [`replies`]: the request of a reader, and the replies of its device.
#[derive(Clone, Debug)]
pub struct ReplyCase<'a> {
    /// The first sequence number to read.
    pub from: NonZeroU64,
    /// The number of events after which the reader stops.
    pub count: Option<u64>,
    /// The replies, each with the number of bytes that the device adds when it reports the reply's
    /// length.
    replies: Vec<(&'a [u8], usize)>,
}

impl<'a> ReplyCase<'a> {
    /// Parses a case; `None` if the bytes are too short for a request.
    #[must_use]
    pub fn parse(mut bytes: &'a [u8]) -> Option<Self> {
        let reading = take::<Reading>(&mut bytes)?;
        let mut replies = Vec::new();
        while let Some(head) = take::<AnswerHead>(&mut bytes) {
            let (reply, rest) = bytes.split_at(usize::from(head.length.get()).min(bytes.len()));
            bytes = rest;
            replies.push((reply, usize::from(head.excess) * 1024));
        }
        let from = NonZeroU64::new(reading.from.get()).unwrap_or(NonZeroU64::MIN);
        let count = (reading.events.get() != 0).then(|| reading.events.get().into());
        Some(Self { from, count, replies })
    }

    /// A device that gives the replies of the case in order, then reports that the driver is not
    /// running.
    #[must_use]
    pub fn device(&self) -> impl Device + '_ {
        Script(RefCell::new(self.replies.iter()))
    }
}

struct Script<'a>(RefCell<std::slice::Iter<'a, (&'a [u8], usize)>>);

impl Device for Script<'_> {
    fn control(
        &self,
        _code: ControlCode,
        _input: &[u8],
        output: &mut [u8],
    ) -> Result<usize, DeviceError> {
        let (reply, excess) = self.0.borrow_mut().next().ok_or(DeviceError::NotRunning)?;
        let length = reply.len().min(output.len());
        output[..length].copy_from_slice(&reply[..length]);
        Ok(length + excess)
    }
}

/// Asserts that a reply balances if a decoder accepts it.
fn check_decoders(bytes: &[u8]) {
    if let Ok(reply) = decode_describe(bytes) {
        assert!((1..=reply.next.get()).contains(&reply.first.get()), "{reply:?}");
    }
    if let Ok(snapshot) = decode_sessions(bytes) {
        let head = snapshot.head;
        assert_eq!(bytes.len(), SessionsReply::SIZE + snapshot.sessions.len() * Record::SIZE);
        assert!(snapshot.sessions.len() <= usize::try_from(head.present.get()).expect("64 bits"));
        for session in snapshot.sessions {
            assert!((1..head.next.get()).contains(&session.sequence.get()), "{session:?}");
            assert!((1..=session.sequence.get()).contains(&session.instance.get()), "{session:?}");
        }
    }
    let Ok(batch) = decode_read(bytes) else { return };
    let head = batch.head;
    let count = u64::from(head.count.get());
    assert_eq!(bytes.len(), ReadReply::SIZE + batch.records.len() * Record::SIZE);
    assert_eq!(batch.records.len() as u64, count);
    let first = head.from.get().checked_add(head.lost.get()).expect("a sequence number");
    assert_eq!(first.checked_add(count), Some(head.next.get()), "{head:?}");
    assert!(first > 0, "{head:?}");
    assert!(head.next == head.from || head.next <= head.end, "{head:?}");
    for (record, sequence) in batch.records.iter().zip(first..) {
        assert_eq!(record.sequence.get(), sequence);
    }
}

/// Asserts that a read counts the events that it delivers, and that a failed read counts none.
fn check_cursor(case: &ReplyCase<'_>) {
    let device = &case.device();
    let Ok(journal) = describe(device) else { return };
    let from = case.from.get();
    let events = case.count.unwrap_or(u64::MAX);
    let mut cursor = Cursor::new(journal.journal_id.get(), from, journal.next.get());
    let mut explainer = Explainer::new(from, journal.event_mask.get());
    loop {
        let before = *cursor.account();
        let limit = Limit { events, ..Limit::NONE };
        match cursor.read(device, AtEnd::Wait, limit) {
            Ok(batch) => {
                let records = batch.records.len() as u64;
                let lost = batch.lost.map_or(0, |lost| {
                    assert_eq!(lost.first, before.next());
                    assert_eq!(lost.last() - lost.first + 1, lost.count);
                    explainer.lose(&lost);
                    lost.count
                });
                assert!(records <= events);
                for (record, sequence) in batch.records.iter().zip(before.next() + lost..) {
                    assert_eq!(record.sequence.get(), sequence);
                    explainer.explain(record, true, drop);
                }
                let after = *cursor.account();
                assert_eq!(after.lost() - before.lost(), lost);
                assert_eq!(after.delivered() - before.delivered(), records);
                assert!(after.end() >= before.end(), "a journal does not shrink");
            }
            Err(error) => {
                assert!(!error.to_string().is_empty() && error.exit().code() != 0);
                assert_eq!(*cursor.account(), before, "a failed read counts nothing");
                break;
            }
        }
        check_account(cursor.account());
    }
}

/// Asserts that `next = from + delivered + lost`, without overflow.
pub(crate) fn check_account(account: &Account) {
    let seen = account.delivered().checked_add(account.lost());
    let next = seen.and_then(|seen| seen.checked_add(account.from()));
    assert_eq!(next, Some(account.next()), "{account:?}");
}

/// Asserts that a snapshot has all present sessions if the reader accepts it.
fn check_present_sessions(case: &ReplyCase<'_>) {
    if let Ok(present) = present_sessions(&case.device()) {
        assert_eq!(present.sessions.len() as u64, u64::from(present.head.present.get()));
        assert!(present.sessions.is_sorted_by_key(|session| session.session_id.get()));
    }
}
