//! What is known of a stream and of the sessions.

use std::collections::VecDeque;

use sessionwatch_protocol::Record;

use super::Rates;
use crate::reader::{Batch, Lost, PresentSessions};
use crate::session_table::SessionTable;

/// How many lines of the stream are kept to scroll back to.
const KEPT_LINES: usize = 10_000;

/// A line of the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// An event.
    Event(Record),
    /// Numbers that are lost.
    Lost(Lost),
}

/// What is known of a stream and of the sessions.
#[derive(Clone, Debug, Default)]
pub struct Model {
    journal_id: u64,
    present: SessionTable,
    untracked: u64,
    is_stale: bool,
    lines: VecDeque<Line>,
    forgotten: u64,
    delivered: u64,
    lost: u64,
    rates: Rates,
}

impl Model {
    /// Takes the present sessions as they are said to be.
    pub fn set_present(&mut self, present: &PresentSessions) {
        self.journal_id = present.head.journal_id.get();
        self.untracked = present.head.untracked.get();
        self.is_stale = false;
        self.present = SessionTable::new(present.head.next.get(), &present.sessions);
    }

    /// Takes what one read gave.
    pub fn apply(&mut self, batch: &Batch<'_>) {
        if let Some(lost) = batch.lost {
            self.lost += lost.count;
            // What was lost of the sessions is not known, unless they were asked for
            // behind it.
            self.is_stale |= lost.last() >= self.present.next();
            self.keep(Line::Lost(lost));
        }
        for record in batch.records {
            self.delivered += 1;
            self.rates.count(record.monotonic_time.get());
            self.present.follow(record);
            self.keep(Line::Event(*record));
        }
    }

    fn keep(&mut self, line: Line) {
        self.lines.push_back(line);
        if self.lines.len() > KEPT_LINES {
            self.lines.pop_front();
            self.forgotten += 1;
        }
    }

    /// It is this moment at least, in 100 ns since the machine started.
    pub fn advance(&mut self, monotonic: u64) {
        self.rates.advance(monotonic);
    }

    /// The journal; 0 before anything came.
    #[must_use]
    pub const fn journal_id(&self) -> u64 {
        self.journal_id
    }

    /// The present sessions, each with its last event; the latest change first.
    #[must_use]
    pub fn present(&self) -> Vec<&Record> {
        let mut present: Vec<_> = self.present.last().collect();
        present.sort_by_key(|record| std::cmp::Reverse(record.sequence.get()));
        present
    }

    /// Whether a loss may have changed the present sessions unseen.
    #[must_use]
    pub const fn is_stale(&self) -> bool {
        self.is_stale
    }

    /// How many events are of sessions that the driver had no room to keep.
    #[must_use]
    pub const fn untracked(&self) -> u64 {
        self.untracked
    }

    /// How many events came.
    #[must_use]
    pub const fn delivered(&self) -> u64 {
        self.delivered
    }

    /// How many events were overwritten before they could be read.
    #[must_use]
    pub const fn lost(&self) -> u64 {
        self.lost
    }

    /// How many events there were lately.
    #[must_use]
    pub const fn rates(&self) -> &Rates {
        &self.rates
    }

    /// The lines that can be looked at, by their places: a line keeps its place
    /// however many come after it.
    #[must_use]
    pub fn places(&self) -> std::ops::Range<u64> {
        self.forgotten..self.forgotten + self.lines.len() as u64
    }

    /// The line at this place.
    #[must_use]
    pub fn line(&self, place: u64) -> Option<&Line> {
        let place = place.checked_sub(self.forgotten)?;
        self.lines.get(usize::try_from(place).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use sessionwatch_protocol::{EventKind, SessionsReply};
    use zerocopy::FromZeros;

    use super::*;
    use crate::testing::record;

    fn present(next: u64, sessions: Vec<Record>) -> PresentSessions {
        let mut head = SessionsReply::new_zeroed();
        head.next = next.into();
        PresentSessions { head, sessions }
    }

    fn ids(model: &Model) -> Vec<u32> {
        model.present().iter().map(|record| record.session_id.get()).collect()
    }

    #[test]
    fn a_snapshot_and_the_stream_join_without_a_hole() {
        let mut model = Model::default();
        model.set_present(&present(5, vec![record(2, 1, EventKind::LOGON)]));
        let records = [
            record(3, 7, EventKind::CREATED),
            record(4, 7, EventKind::TERMINATED),
            record(5, 8, EventKind::CREATED),
            record(6, 1, EventKind::TERMINATED),
        ];
        model.apply(&Batch { lost: None, records: &records[..2] });
        assert_eq!(ids(&model), [1], "what was before the snapshot changes no session");
        model.apply(&Batch { lost: None, records: &records[2..] });
        assert_eq!(ids(&model), [8]);
        assert_eq!((model.delivered(), model.places()), (4, 0..4));
    }

    #[test]
    fn a_loss_leaves_the_sessions_uncertain_until_they_are_asked_for_again() {
        let mut model = Model::default();
        model.set_present(&present(5, vec![]));
        let lost = |first| Some(Lost { first, count: 2, previous_time: None, next_time: None });
        model.apply(&Batch { lost: lost(1), records: &[] });
        assert!(!model.is_stale(), "the snapshot was made behind this loss");
        model.apply(&Batch { lost: lost(5), records: &[] });
        assert!(model.is_stale());
        assert_eq!(model.lost(), 4);
        model.set_present(&present(9, vec![record(8, 3, EventKind::LOGON)]));
        assert!(!model.is_stale());
        assert_eq!(ids(&model), [3]);
    }

    #[test]
    fn old_lines_are_forgotten_and_the_others_keep_their_places() {
        let mut model = Model::default();
        for sequence in 1..=KEPT_LINES as u64 + 3 {
            model.apply(&Batch { lost: None, records: &[record(sequence, 1, EventKind::LOGON)] });
        }
        assert_eq!(model.places(), 3..KEPT_LINES as u64 + 3);
        assert_eq!(model.line(2), None);
        let Some(Line::Event(third)) = model.line(3) else { panic!() };
        assert_eq!(third.sequence.get(), 4);
    }
}
