//! The present sessions: of each, the last record.
//!
//! A session id may be used again after its session has ended, so an id alone
//! names no session. A *life* is named by the number of the record that began
//! it: unlike a count of lives it needs no memory of sessions that are gone, so
//! it stays right however many there were.
//!
//! The table holds the sessions in sets of [`WAYS`]; an id can only be in the
//! set that its low bits name, so a look-up is at most [`WAYS`] steps, whatever
//! the table holds. Windows gives ids one after the other, which spreads them
//! evenly. When a set is full the life is 0, and the record says so: ids that an
//! administrator forged can exhaust the table, but not time.

use core::ops::DerefMut;

use sessionwatch_protocol::{EventKind, Record, RecordFlags, SessionState};
use zerocopy::{FromZeros, IntoBytes};

use crate::steps::is_documented;

/// How many sessions share a set.
const WAYS: usize = 8;

/// A place in the table: empty, or a present session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Present {
    /// The session's last record; its life is 0 where the place is empty.
    last: Record,
}

impl Present {
    fn holds(&self, session_id: u32) -> bool {
        self.is_taken() && self.last.session_id == session_id
    }

    fn is_taken(&self) -> bool {
        self.last.life != 0
    }
}

impl Default for Present {
    /// An empty place.
    fn default() -> Self {
        Self { last: Record::new_zeroed() }
    }
}

/// The present sessions.
///
/// `T` is the memory, owned or borrowed; its length should be a multiple of 8,
/// what is left over is not used.
#[derive(Debug)]
pub struct Sessions<T> {
    places: T,
    present: usize,
}

impl<T: DerefMut<Target = [Present]>> Sessions<T> {
    /// No session is present. Clears `places`.
    #[must_use]
    pub fn new(mut places: T) -> Self {
        places.fill(Present::default());
        Self { places, present: 0 }
    }

    /// How many sessions are present, of those that there is room for.
    #[must_use]
    pub fn present(&self) -> usize {
        self.present
    }

    /// Takes a session's new record into the table, and completes it: with the
    /// life that it belongs to, or [`RecordFlags::LIFE_UNTRACKED`] where there is
    /// no room to tell, and with [`RecordFlags::STEP_UNDOCUMENTED`].
    ///
    /// A life begins with its created event, or with the first event of a
    /// session that is not known (the driver was loaded later), and ends with
    /// its terminated event.
    pub fn step(&mut self, record: &mut Record) {
        let session_id = record.session_id.get();
        let (sets, _) = self.places.as_chunks_mut::<WAYS>();
        let place = (session_id as usize).checked_rem(sets.len());
        let set = place.and_then(|place| sets.get_mut(place)).map_or(&mut [][..], |set| set);

        let known = set.iter().position(|place| place.holds(session_id));
        let free = || set.iter().position(|place| !place.is_taken());
        let kind = record.kind();
        // The kernel makes a session known with its created event.
        let (place, before) = match known.and_then(|place| set.get(place)) {
            Some(present) => (known, present.last.state()),
            None if kind == EventKind::CREATED => (free(), SessionState::INITIALIZED),
            None => (free(), SessionState::UNKNOWN),
        };
        let place = place.and_then(|place| set.get_mut(place));

        let mut flags = record.flags();
        if is_step(kind, before, record.state()) && !is_documented(before, kind, record.state()) {
            flags = flags.union(RecordFlags::STEP_UNDOCUMENTED);
        }
        record.life = match &place {
            Some(present) if known.is_some() && kind != EventKind::CREATED => present.last.life,
            Some(_) => record.sequence,
            // It begins and ends here: there is nothing to remember.
            None if kind == EventKind::TERMINATED => record.sequence,
            None => {
                flags = flags.union(RecordFlags::LIFE_UNTRACKED);
                0.into()
            }
        };
        record.flags = flags.0.into();

        if let Some(place) = place {
            let ends = kind == EventKind::TERMINATED;
            self.present = match (known, ends) {
                (None, false) => self.present.saturating_add(1),
                (Some(_), true) => self.present.saturating_sub(1),
                _ => self.present,
            };
            *place = if ends { Present::default() } else { Present { last: *record } };
        }
    }

    /// Copies the last record of each present session into `output`, as many as
    /// fit, in no particular order, and returns how many. Time in proportion to
    /// the table.
    pub fn copy_to(&self, output: &mut [[u8; Record::SIZE]]) -> usize {
        let present = self.places.iter().filter(|place| place.is_taken()).take(self.present);
        let mut copied: usize = 0;
        for (bytes, place) in output.iter_mut().zip(present) {
            bytes.copy_from_slice(place.last.as_bytes());
            copied = copied.saturating_add(1);
        }
        copied
    }
}

/// Whether the states before and after are known, and the event is one that the
/// documented state machine speaks of.
fn is_step(kind: EventKind, before: SessionState, after: SessionState) -> bool {
    kind != EventKind::IGNORE
        && kind.name().is_some()
        && before != SessionState::UNKNOWN
        && after != SessionState::UNKNOWN
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::vec;
    use std::vec::Vec;

    use proptest::prelude::*;
    use zerocopy::FromBytes;

    use super::*;

    fn sessions(places: usize) -> Sessions<Vec<Present>> {
        let mut taken = Present::default();
        taken.last.session_id = 3.into();
        taken.last.life = 9.into();
        Sessions::new(vec![taken; places])
    }

    /// A record as it comes to the table.
    fn record(session_id: u32, kind: EventKind, number: u64) -> Record {
        let mut record = Record::new_zeroed();
        record.session_id = session_id.into();
        record.kind = kind.0.into();
        record.sequence = number.into();
        record
    }

    /// The life that the table gives to a record.
    fn step(table: &mut Sessions<Vec<Present>>, id: u32, kind: EventKind, number: u64) -> u64 {
        let mut record = record(id, kind, number);
        table.step(&mut record);
        assert_eq!(record.flags() == RecordFlags::LIFE_UNTRACKED, record.life == 0);
        record.life.get()
    }

    fn snapshot(table: &Sessions<Vec<Present>>) -> Vec<Record> {
        let mut output = vec![[0; Record::SIZE]; 100];
        let copied = table.copy_to(&mut output);
        assert_eq!(copied, table.present());
        output[..copied].iter().map(|bytes| Record::read_from_bytes(bytes).unwrap()).collect()
    }

    #[test]
    fn an_id_that_is_used_again_begins_a_new_life() {
        let mut table = sessions(64);
        assert_eq!(step(&mut table, 3, EventKind::CREATED, 10), 10);
        assert_eq!(step(&mut table, 3, EventKind::LOGON, 11), 10);
        assert_eq!(step(&mut table, 4, EventKind::CREATED, 12), 12);
        assert_eq!(step(&mut table, 3, EventKind::TERMINATED, 13), 10);
        assert_eq!(step(&mut table, 3, EventKind::CREATED, 14), 14);
        assert_eq!(step(&mut table, 4, EventKind::LOGOFF, 15), 12);
    }

    #[test]
    fn a_session_older_than_the_driver_lives_from_its_first_event() {
        let mut table = sessions(64);
        assert_eq!(step(&mut table, 1, EventKind::DISCONNECTED, 1), 1);
        assert_eq!(step(&mut table, 1, EventKind::CONNECTED, 2), 1);
        assert_eq!(step(&mut table, 7, EventKind::TERMINATED, 3), 3);
        assert_eq!(step(&mut table, 7, EventKind::LOGON, 4), 4);
        assert_eq!(table.present(), 2);
    }

    #[test]
    fn a_created_event_begins_a_life_even_without_an_end_of_the_last() {
        let mut table = sessions(64);
        step(&mut table, 1, EventKind::CREATED, 1);
        assert_eq!(step(&mut table, 1, EventKind::CREATED, 2), 2);
        assert_eq!(step(&mut table, 1, EventKind::LOGON, 3), 2);
        assert_eq!(table.present(), 1);
    }

    #[test]
    fn a_full_set_says_so_and_recovers() {
        let mut table = sessions(16);
        for (number, id) in (1..).zip((0..16).step_by(2)) {
            assert_eq!(step(&mut table, id, EventKind::CREATED, number), number);
        }
        assert_eq!(step(&mut table, 16, EventKind::CREATED, 20), 0);
        assert_eq!(step(&mut table, 16, EventKind::TERMINATED, 21), 21);
        assert_eq!(step(&mut table, 1, EventKind::CREATED, 22), 22);
        assert_eq!(table.present(), 9);
        step(&mut table, 0, EventKind::TERMINATED, 23);
        assert_eq!(step(&mut table, 16, EventKind::CONNECTED, 24), 24);
    }

    #[test]
    fn no_memory_tells_nothing_apart() {
        let mut table = sessions(7);
        assert_eq!(step(&mut table, 1, EventKind::CREATED, 1), 0);
        assert!(snapshot(&table).is_empty());
    }

    #[test]
    fn a_snapshot_ends_with_its_room() {
        let mut table = sessions(64);
        for id in 0..5 {
            step(&mut table, id, EventKind::CREATED, u64::from(id) + 1);
        }
        let mut output = [[0xA5; Record::SIZE]; 4];
        assert_eq!(table.copy_to(&mut output[..3]), 3);
        assert_eq!(output[3], [0xA5; Record::SIZE]);
    }

    /// What the table says of a step, with the state before it known.
    fn flags(before: SessionState, kind: EventKind, after: SessionState) -> RecordFlags {
        let mut table = sessions(64);
        let mut first = record(5, EventKind::CONNECTED, 1);
        first.state = before.0.into();
        table.step(&mut first);
        assert_eq!(first.flags(), RecordFlags::NONE, "the first event of a session is no step");
        let mut second = record(5, kind, 2);
        second.state = after.0.into();
        table.step(&mut second);
        second.flags()
    }

    #[test]
    fn a_step_that_is_not_documented_is_flagged() {
        let logon = flags(SessionState::CONNECTED, EventKind::LOGON, SessionState::LOGGED_ON);
        assert_eq!(logon, RecordFlags::NONE);
        for (kind, after) in [
            (EventKind::LOGON, SessionState::LOGGED_OFF),
            (EventKind::LOGOFF, SessionState::LOGGED_ON),
            (EventKind::CREATED, SessionState::CREATED),
            (EventKind::LOGON, SessionState(77)),
        ] {
            let odd = flags(SessionState::CONNECTED, kind, after);
            assert_eq!(odd, RecordFlags::STEP_UNDOCUMENTED, "{kind:?} {after:?}");
        }
    }

    #[test]
    fn nothing_is_said_of_a_step_that_is_not_known() {
        let unknown = SessionState::UNKNOWN;
        let logged_on = SessionState::LOGGED_ON;
        assert_eq!(flags(unknown, EventKind::LOGOFF, logged_on), RecordFlags::NONE);
        assert_eq!(flags(logged_on, EventKind::LOGON, unknown), RecordFlags::NONE);
        for event in [0, 7, u32::MAX] {
            assert_eq!(flags(logged_on, EventKind(event), logged_on), RecordFlags::NONE);
        }
    }

    #[test]
    fn a_session_that_is_made_known_was_initialized() {
        let mut table = sessions(64);
        for (number, id, state, expected) in [
            (1, 1, SessionState::CREATED, RecordFlags::NONE),
            (2, 2, SessionState::CONNECTED, RecordFlags::STEP_UNDOCUMENTED),
        ] {
            let mut created = record(id, EventKind::CREATED, number);
            created.state = state.0.into();
            table.step(&mut created);
            assert_eq!(created.flags(), expected);
        }
    }

    proptest! {
        /// With room for all, the table is a map from id to the last record, and
        /// lives are numbered by the record that began them.
        #[test]
        fn the_table_is_its_model(
            events in prop::collection::vec((0u32..12, 0u32..8, 0u32..9), 0..200),
        ) {
            let mut table = sessions(12 * WAYS);
            let mut model: HashMap<u32, Record> = HashMap::new();
            for (number, (id, kind, state)) in (1..).zip(events) {
                let mut record = record(id, EventKind(kind), number);
                record.state = state.into();
                let life = match model.get(&id) {
                    Some(last) if EventKind(kind) != EventKind::CREATED => last.life.get(),
                    _ => number,
                };
                table.step(&mut record);
                prop_assert_eq!(record.life.get(), life);
                if EventKind(kind) == EventKind::TERMINATED {
                    model.remove(&id);
                } else {
                    model.insert(id, record);
                }
                let mut present = snapshot(&table);
                present.sort_by_key(|record| record.session_id.get());
                let mut expected: Vec<Record> = model.values().copied().collect();
                expected.sort_by_key(|record| record.session_id.get());
                prop_assert_eq!(present, expected);
            }
        }
    }
}
