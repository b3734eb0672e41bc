//! The reader's side of the driver's promise: every sequence number is accounted for.

use sessionwatch_protocol::ReadReply;
use thiserror::Error;

/// The account of the sequence numbers `from` to `next - 1` of one journal.
///
/// Always `next == from + delivered + lost`: the fields change only together, and only by a
/// reply that begins where the one before ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    journal_id: u64,
    from: u64,
    delivered: u64,
    lost: u64,
    /// The highest `end` of a reply. It only grows: the driver never reuses a sequence
    /// number.
    end: u64,
}

/// The reason why a reply does not continue the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Imbalance {
    /// The reply is of another journal than the one before. A handle to the device belongs to
    /// one journal.
    #[error("it is of another journal")]
    OtherJournal,
    /// The reply begins at another sequence number than the request.
    #[error("it begins at sequence number {actual} instead of {expected}")]
    NotContinued {
        /// The requested sequence number.
        expected: u64,
        /// The sequence number where the reply begins.
        actual: u64,
    },
    /// The reply has no records and no loss, although the journal has records.
    #[error("it is empty, although sequence numbers {next} to {} exist", end - 1)]
    Stalled {
        /// The requested sequence number.
        next: u64,
        /// The sequence number of the next event.
        end: u64,
    },
    /// The journal had already reached a higher sequence number.
    #[error(
        "it ends the journal before sequence number {actual}, which had reached {expected} before"
    )]
    WentBack {
        /// The end of an earlier reply.
        expected: u64,
        /// The end of this reply.
        actual: u64,
    },
}

impl Account {
    /// Opens an account from sequence number `from` on. The next event of the journal gets `end`.
    #[must_use]
    pub const fn new(journal_id: u64, from: u64, end: u64) -> Self {
        Self { journal_id, from, delivered: 0, lost: 0, end }
    }

    /// The journal's id.
    #[must_use]
    pub const fn journal_id(&self) -> u64 {
        self.journal_id
    }

    /// The first sequence number of the account.
    #[must_use]
    pub const fn from(&self) -> u64 {
        self.from
    }

    /// The first sequence number that is not accounted for yet.
    #[must_use]
    pub const fn next(&self) -> u64 {
        self.from.saturating_add(self.delivered).saturating_add(self.lost)
    }

    /// The number of delivered events.
    #[must_use]
    pub const fn delivered(&self) -> u64 {
        self.delivered
    }

    /// The number of events that were overwritten before they were read.
    #[must_use]
    pub const fn lost(&self) -> u64 {
        self.lost
    }

    /// The sequence number of the next event at the last reply.
    #[must_use]
    pub const fn end(&self) -> u64 {
        self.end
    }

    /// Checks a decoded reply before any of it is counted.
    ///
    /// # Errors
    ///
    /// If the reply does not continue this account.
    pub fn admit(&mut self, head: &ReadReply) -> Result<(), Imbalance> {
        let (expected, end) = (self.next(), head.end.get());
        if head.journal_id.get() != self.journal_id {
            return Err(Imbalance::OtherJournal);
        }
        if head.from.get() != expected {
            return Err(Imbalance::NotContinued { expected, actual: head.from.get() });
        }
        if end < self.end {
            return Err(Imbalance::WentBack { expected: self.end, actual: end });
        }
        if head.next.get() == expected && expected < end {
            return Err(Imbalance::Stalled { next: expected, end });
        }
        self.end = end;
        Ok(())
    }

    /// Counts the sequence numbers after the last one: first the lost, then the delivered.
    pub const fn book(&mut self, lost: u64, delivered: u64) {
        self.lost = self.lost.saturating_add(lost);
        self.delivered = self.delivered.saturating_add(delivered);
    }
}

#[cfg(test)]
mod tests {
    use zerocopy::FromZeros;

    use super::*;

    fn reply(from: u64, lost: u64, count: u32, end: u64) -> ReadReply {
        let mut head = ReadReply::new_zeroed();
        head.journal_id = 1.into();
        head.from = from.into();
        head.lost = lost.into();
        head.count = count.into();
        head.next = (from + lost + u64::from(count)).into();
        head.end = end.into();
        head
    }

    #[test]
    fn consecutive_replies_are_counted() {
        let mut account = Account::new(1, 5, 9);
        account.admit(&reply(5, 2, 2, 9)).unwrap();
        account.book(2, 2);
        account.admit(&reply(9, 0, 0, 9)).unwrap();
        assert_eq!((account.next(), account.delivered(), account.lost()), (9, 2, 2));
    }

    #[test]
    fn a_start_past_the_end_waits_for_its_number() {
        let mut account = Account::new(1, 100, 9);
        account.admit(&reply(100, 0, 0, 50)).unwrap();
        account.admit(&reply(100, 0, 3, 103)).unwrap();
        assert_eq!(account.end(), 103);
    }

    #[test]
    fn a_reply_that_does_not_continue_is_an_error() {
        let mut account = Account::new(1, 5, 9);
        let mut other = reply(5, 0, 3, 9);
        other.journal_id = 2.into();
        assert_eq!(account.admit(&other), Err(Imbalance::OtherJournal));
        assert_eq!(
            account.admit(&reply(6, 0, 3, 9)),
            Err(Imbalance::NotContinued { expected: 5, actual: 6 })
        );
        assert_eq!(account.admit(&reply(5, 0, 0, 9)), Err(Imbalance::Stalled { next: 5, end: 9 }));
        assert_eq!(
            account.admit(&reply(5, 0, 3, 8)),
            Err(Imbalance::WentBack { expected: 9, actual: 8 })
        );
        assert_eq!(account, Account::new(1, 5, 9));
    }
}
