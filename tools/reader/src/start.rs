//! The beginning of a stream.

use std::num::NonZeroU64;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::query::{Bounds, journal_name};

/// The first event to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// The oldest event in the journal.
    Oldest,
    /// The next event.
    Newest,
    /// The event with this sequence number.
    Sequence(NonZeroU64),
}

impl FromStr for Start {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "oldest" => Ok(Self::Oldest),
            "newest" => Ok(Self::Newest),
            "0" => Err("sequence numbers start at 1".to_owned()),
            number => number.parse().map(Self::Sequence).map_err(|_| {
                "expected a sequence number (1 or more), `oldest` or `newest`".to_owned()
            }),
        }
    }
}

/// A reader's position, in the form that outlives a restart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The journal's [name](journal_name).
    pub journal_id: String,
    /// The first unread sequence number.
    pub next: u64,
}

impl Position {
    /// The position before sequence number `next` of a journal.
    #[must_use]
    pub fn new(journal_id: u64, next: u64) -> Self {
        Self { journal_id: journal_name(journal_id), next }
    }
}

/// A restart of the driver since the last read. The sequence numbers started over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restart {
    /// The id of the current journal.
    pub journal_id: u64,
    /// The [name](journal_name) of the journal before the restart.
    pub previous_journal: String,
    /// The first unread sequence number of that journal. Its unread events are gone.
    pub previous_next: u64,
}

/// The beginning of a stream, and the restart of the driver before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beginning {
    /// The first sequence number to read.
    pub from: u64,
    /// The restart before it, if there was one.
    pub restart: Option<Restart>,
    /// The return to an earlier sequence number, if the saved position is past the journal's end.
    pub rewind: Option<Rewind>,
}

/// The saved position is past the end of the journal, as after a machine was set back to a
/// checkpoint: events may be read a second time, so that none is missed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewind {
    /// The journal.
    pub journal_id: u64,
    /// The sequence number of the saved position.
    pub position: u64,
    /// The sequence number of the journal's next event.
    pub end: u64,
    /// The sequence number to continue at.
    pub next: u64,
}

impl Beginning {
    /// Continues at the kept position. Without one, begins at `start`.
    #[must_use]
    pub fn of(journal: &Bounds, kept: Option<&Position>, start: Start) -> Self {
        let from = match (kept, start) {
            (Some(position), _) if position.journal_id == journal_name(journal.journal_id) => {
                if position.next > journal.next {
                    let rewind = Rewind {
                        journal_id: journal.journal_id,
                        position: position.next,
                        end: journal.next,
                        next: journal.oldest,
                    };
                    return Self { from: journal.oldest, restart: None, rewind: Some(rewind) };
                }
                position.next
            }
            (Some(position), _) => {
                let restart = Restart {
                    journal_id: journal.journal_id,
                    previous_journal: position.journal_id.clone(),
                    previous_next: position.next,
                };
                return Self { from: journal.begin, restart: Some(restart), rewind: None };
            }
            (None, Start::Oldest) => journal.oldest,
            (None, Start::Newest) => journal.next,
            (None, Start::Sequence(sequence)) => sequence.get(),
        };
        Self { from, restart: None, rewind: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JOURNAL: Bounds = Bounds { journal_id: 7, begin: 1, oldest: 37, next: 101 };

    #[test]
    fn a_start_is_a_word_or_a_sequence_number() {
        assert_eq!("oldest".parse(), Ok(Start::Oldest));
        assert_eq!("newest".parse(), Ok(Start::Newest));
        assert_eq!("7".parse(), Ok(Start::Sequence(NonZeroU64::new(7).unwrap())));
        for wrong in ["-1", "latest", "", "18446744073709551616"] {
            assert!(wrong.parse::<Start>().unwrap_err().starts_with("expected"), "{wrong}");
        }
        assert_eq!("0".parse::<Start>().unwrap_err(), "sequence numbers start at 1");
    }

    #[test]
    fn a_stream_begins_at_its_start_or_its_kept_position() {
        let same = Position::new(7, 55);
        let sequence = Start::Sequence(NonZeroU64::new(9).unwrap());
        for (kept, start, from) in [
            (None, Start::Oldest, 37),
            (None, Start::Newest, 101),
            (None, sequence, 9),
            (Some(&same), Start::Newest, 55),
        ] {
            let beginning = Beginning::of(&JOURNAL, kept, start);
            assert_eq!(beginning, Beginning { from, restart: None, rewind: None });
        }
    }

    #[test]
    fn a_newer_journal_is_read_from_its_first_sequence_number() {
        let beginning = Beginning::of(&JOURNAL, Some(&Position::new(6, 55)), Start::Newest);
        let restart =
            Restart { journal_id: 7, previous_journal: journal_name(6), previous_next: 55 };
        assert_eq!(beginning, Beginning { from: 1, restart: Some(restart), rewind: None });
    }

    #[test]
    fn a_position_past_the_end_leads_back_to_the_oldest_event() {
        let beginning =
            |next| Beginning::of(&JOURNAL, Some(&Position::new(7, next)), Start::Newest);
        assert_eq!(beginning(101).rewind, None);
        let rewind = Rewind { journal_id: 7, position: 1101, end: 101, next: 37 };
        let expected = Beginning { from: 37, restart: None, rewind: Some(rewind) };
        assert_eq!(beginning(1101), expected);
    }
}
