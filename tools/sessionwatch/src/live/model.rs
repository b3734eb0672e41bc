//! The data of the view: the stream and the present sessions.

use std::collections::VecDeque;

use sessionwatch_protocol::Record;
use sessionwatch_reader::{Batch, Lost, PresentSessions, SessionTable};
use sessionwatch_sessions::{Explainer, Step};

use super::Rates;

/// The limit on the lines kept for scrolling back.
const KEPT_LINES: usize = 10_000;

/// A line of the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// An event and its meaning.
    Event(Record, Step),
    /// Lost sequence numbers.
    Lost(Lost),
}

/// The stream and the present sessions.
#[derive(Debug)]
pub struct Model {
    journal_id: u64,
    present: SessionTable,
    explainer: Explainer,
    untracked: u64,
    is_stale: bool,
    lines: VecDeque<Line>,
    forgotten: u64,
    delivered: u64,
    lost: u64,
    rates: Rates,
}

impl Default for Model {
    fn default() -> Self {
        Self::new(u32::MAX)
    }
}

impl Model {
    /// An empty model, of a driver with this `EventMask`.
    #[must_use]
    pub fn new(event_mask: u32) -> Self {
        Self {
            journal_id: 0,
            present: SessionTable::default(),
            explainer: Explainer::new(1, event_mask),
            untracked: 0,
            is_stale: false,
            lines: VecDeque::new(),
            forgotten: 0,
            delivered: 0,
            lost: 0,
            rates: Rates::default(),
        }
    }

    /// Replaces the present sessions by a snapshot.
    pub fn set_present(&mut self, present: &PresentSessions) {
        self.journal_id = present.head.journal_id.get();
        self.untracked = present.head.untracked.get();
        self.is_stale = false;
        self.present = SessionTable::new(present.head.next.get(), &present.sessions);
    }

    /// Adds the result of a read.
    pub fn apply(&mut self, batch: &Batch<'_>) {
        if let Some(lost) = batch.lost {
            self.lost += lost.count;
            // A lost event may have changed a session, unless a snapshot came after it.
            self.is_stale |= lost.last() >= self.present.next();
            self.explainer.lose(&lost);
            self.keep(Line::Lost(lost));
        }
        for record in batch.records {
            self.delivered += 1;
            self.rates.count(record.monotonic_time.get());
            self.present.follow(record);
            let step = self.explainer.explain(record, false, drop);
            self.keep(Line::Event(*record, step));
        }
    }

    fn keep(&mut self, line: Line) {
        self.lines.push_back(line);
        if self.lines.len() > KEPT_LINES {
            self.lines.pop_front();
            self.forgotten += 1;
        }
    }

    /// Advances the clock to this moment, in 100 ns since the machine started.
    pub fn advance(&mut self, monotonic: u64) {
        self.rates.advance(monotonic);
    }

    /// The journal's id; 0 before the first snapshot.
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

    /// True if a lost event may have changed the present sessions.
    #[must_use]
    pub const fn is_stale(&self) -> bool {
        self.is_stale
    }

    /// The number of events of sessions that the driver does not track.
    #[must_use]
    pub const fn untracked(&self) -> u64 {
        self.untracked
    }

    /// The number of events.
    #[must_use]
    pub const fn delivered(&self) -> u64 {
        self.delivered
    }

    /// The number of events that were overwritten before they were read.
    #[must_use]
    pub const fn lost(&self) -> u64 {
        self.lost
    }

    /// The rates of events.
    #[must_use]
    pub const fn rates(&self) -> &Rates {
        &self.rates
    }

    /// The places of the kept lines. A line's place never changes.
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

    fn record(sequence: u64, session_id: u32, kind: EventKind) -> Record {
        let mut record = Record::new_zeroed();
        record.sequence = sequence.into();
        record.session_id = session_id.into();
        record.kind = kind.0.into();
        record
    }

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
        assert_eq!(ids(&model), [1], "an event before the snapshot changes no session");
        model.apply(&Batch { lost: None, records: &records[2..] });
        assert_eq!(ids(&model), [8]);
        assert_eq!((model.delivered(), model.places()), (4, 0..4));
    }

    #[test]
    fn a_loss_makes_the_sessions_stale_until_the_next_snapshot() {
        let mut model = Model::default();
        model.set_present(&present(5, vec![]));
        let lost = |first| Some(Lost { first, count: 2, previous_time: None, next_time: None });
        model.apply(&Batch { lost: lost(1), records: &[] });
        assert!(!model.is_stale(), "the snapshot is newer than this loss");
        model.apply(&Batch { lost: lost(5), records: &[] });
        assert!(model.is_stale());
        assert_eq!(model.lost(), 4);
        model.set_present(&present(9, vec![record(8, 3, EventKind::LOGON)]));
        assert!(!model.is_stale());
        assert_eq!(ids(&model), [3]);
    }

    #[test]
    fn old_lines_are_dropped_and_the_others_keep_their_places() {
        let mut model = Model::default();
        for sequence in 1..=KEPT_LINES as u64 + 3 {
            model.apply(&Batch { lost: None, records: &[record(sequence, 1, EventKind::LOGON)] });
        }
        assert_eq!(model.places(), 3..KEPT_LINES as u64 + 3);
        assert_eq!(model.line(2), None);
        let Some(Line::Event(fourth, _)) = model.line(3) else { panic!() };
        assert_eq!(fourth.sequence.get(), 4);
    }
}
