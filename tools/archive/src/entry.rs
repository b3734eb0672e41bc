//! The entries that the log writes about itself.

use serde::Serialize;
use sessionwatch_reader::Position;
use sessionwatch_reader::time::SystemTime;

/// An entry of the log about itself. The names of the fields are a promise to programs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Entry {
    /// The first line of a file.
    FileBegan {
        /// The time of the entry; so it is in all entries.
        time: SystemTime,
        /// The journal of the next event, if it is known.
        journal_id: Option<String>,
        /// The sequence number from which on events are in this file, if it is known.
        next: Option<u64>,
    },
    /// The service started, and writes.
    ServiceStarted {
        #[expect(missing_docs, reason = "see `FileBegan`")]
        time: SystemTime,
    },
    /// For a while, the log could not be written.
    WriteInterrupted {
        #[expect(missing_docs, reason = "see `FileBegan`")]
        time: SystemTime,
        /// The time of the first failure.
        since: SystemTime,
        /// The last error.
        reason: String,
        /// The failed attempts.
        attempts: u64,
        /// The session changes that were dropped, because too many waited.
        session_changes_lost: u64,
    },
    /// A file of the log is gone, or has other content than the service wrote.
    FileDamaged {
        #[expect(missing_docs, reason = "see `FileBegan`")]
        time: SystemTime,
        /// The name of the file.
        file: String,
        /// The kind of the damage.
        damage: Damage,
        /// The events that may be missing with it.
        missing: Vec<Range>,
    },
    /// The oldest file was removed, as the bounds of the log ask for.
    FileExpired {
        #[expect(missing_docs, reason = "see `FileBegan`")]
        time: SystemTime,
        /// The events that were in it.
        removed: Vec<Range>,
    },
    /// The saved position was not readable. Its file was renamed.
    PositionSetAside {
        #[expect(missing_docs, reason = "see `FileBegan`")]
        time: SystemTime,
        /// The name of the file now.
        renamed_to: String,
        /// The reason.
        reason: String,
    },
    /// The clock of the machine stepped.
    ClockStepped {
        #[expect(missing_docs, reason = "see `FileBegan`")]
        time: SystemTime,
        /// The size of the step, in milliseconds; negative if the clock went back.
        by_ms: i64,
    },
}

/// The kind of damage to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Damage {
    /// It does not exist.
    Removed,
    /// It has other content than the service wrote.
    Changed,
    /// It ends before the saved position.
    Cut,
}

/// Sequence numbers of a journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Range {
    /// The journal; `None` if it is unknown.
    pub journal_id: Option<String>,
    /// The first sequence number; `None` if it is unknown.
    pub first: Option<u64>,
    /// The last sequence number; `None` if it is unknown.
    pub last: Option<u64>,
}

impl Range {
    /// The events from `begin` on and before `end`, which may be of two journals.
    #[must_use]
    pub fn between(begin: Option<&Position>, end: Option<&Position>) -> Vec<Self> {
        let journal = |position: &Position| Some(position.journal_id.clone());
        let last = |end: &Position| end.next.checked_sub(1);
        match (begin, end) {
            (Some(begin), Some(end)) if begin.journal_id == end.journal_id => {
                let is_empty = begin.next >= end.next;
                let range =
                    Self { journal_id: journal(begin), first: Some(begin.next), last: last(end) };
                if is_empty { Vec::new() } else { vec![range] }
            }
            _ => {
                let before = begin.map(|begin| Self {
                    journal_id: journal(begin),
                    first: Some(begin.next),
                    last: None,
                });
                let after = end.filter(|end| end.next > 1).map(|end| Self {
                    journal_id: journal(end),
                    first: begin.map(|_| 1),
                    last: last(end),
                });
                before.into_iter().chain(after).collect()
            }
        }
    }
}

impl Entry {
    /// The entry as a line of the log.
    #[must_use]
    pub fn line(&self) -> Vec<u8> {
        // Nothing in an entry can fail to serialize: keys are names, values are plain.
        let mut line = serde_json::to_vec(self).unwrap_or_default();
        line.push(b'\n');
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(journal: u64, first: Option<u64>, last: Option<u64>) -> Range {
        Range { journal_id: Some(Position::new(journal, 1).journal_id), first, last }
    }

    #[test]
    fn a_range_covers_two_journals_at_a_restart() {
        let at = Position::new;
        let of = |begin: Option<Position>, end: Option<Position>| {
            Range::between(begin.as_ref(), end.as_ref())
        };
        assert_eq!(of(Some(at(7, 3)), Some(at(7, 9))), [range(7, Some(3), Some(8))]);
        assert_eq!(of(Some(at(7, 3)), Some(at(7, 3))), []);
        assert_eq!(
            of(Some(at(7, 3)), Some(at(8, 9))),
            [range(7, Some(3), None), range(8, Some(1), Some(8))]
        );
        assert_eq!(of(Some(at(7, 3)), None), [range(7, Some(3), None)]);
        assert_eq!(of(None, Some(at(7, 3))), [range(7, None, Some(2))]);
        assert_eq!(of(None, None), []);
    }

    #[test]
    fn an_entry_is_one_line_of_json() {
        let entry = Entry::FileBegan { time: SystemTime(0), journal_id: None, next: Some(1) };
        assert_eq!(
            String::from_utf8(entry.line()).unwrap(),
            "{\"type\":\"file_began\",\"time\":\"1601-01-01T00:00:00.0000000Z\",\"journal_id\":null,\"next\":1}\n"
        );
    }
}
