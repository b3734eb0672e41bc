//! The present sessions, from a snapshot and the events after it.

use std::collections::BTreeMap;

use sessionwatch_protocol::{EventKind, Record};

/// The present sessions, each with its last event.
#[derive(Clone, Debug, Default)]
pub struct SessionTable {
    /// The table includes all events below this sequence number.
    next: u64,
    /// The last records, by session id.
    last: BTreeMap<u32, Record>,
}

impl SessionTable {
    /// The sessions of a snapshot at sequence number `next`.
    #[must_use]
    pub fn new(next: u64, snapshot: &[Record]) -> Self {
        let last = snapshot.iter().map(|record| (record.session_id.get(), *record)).collect();
        Self { next, last }
    }

    /// Adds an event, unless the table includes it already.
    pub fn follow(&mut self, event: &Record) {
        if event.sequence.get() < self.next {
            return;
        }
        self.next = event.sequence.get() + 1;
        if event.kind() == EventKind::TERMINATED {
            self.last.remove(&event.session_id.get());
        } else {
            self.last.insert(event.session_id.get(), *event);
        }
    }

    /// The first sequence number that the table does not include.
    #[must_use]
    pub const fn next(&self) -> u64 {
        self.next
    }

    /// The last event of each session, in the order of session ids.
    #[must_use]
    pub fn last(&self) -> impl ExactSizeIterator<Item = &Record> {
        self.last.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::record;

    #[test]
    fn a_snapshot_and_the_events_join_without_a_hole() {
        let mut sessions = SessionTable::new(5, &[record(2, 1, EventKind::LOGON)]);
        for event in [
            record(3, 7, EventKind::CREATED),
            record(4, 1, EventKind::TERMINATED),
            record(5, 8, EventKind::CREATED),
            record(6, 1, EventKind::DISCONNECTED),
            record(7, 8, EventKind::TERMINATED),
        ] {
            sessions.follow(&event);
        }
        let last: Vec<_> = sessions.last().map(|last| last.sequence.get()).collect();
        assert_eq!((last, sessions.next()), (vec![6], 8));
    }
}
