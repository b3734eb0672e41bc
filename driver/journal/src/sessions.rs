//! The present sessions: of each, the last record.
//!
//! A session id may be used again after its session has ended, so an id alone
//! identifies no session. An *instance* is named by the sequence number of the record
//! that began it. Unlike a count of instances, this needs no memory of past sessions,
//! so it stays right however many there were.
//!
//! The table holds the sessions in sets of [`WAYS`]; an id can only be in the
//! set that its low bits name, so a look-up is at most [`WAYS`] steps, whatever
//! the table holds. Windows gives ids one after the other, which spreads them
//! evenly. When a set is full the instance is 0, and the record says so: ids that an
//! administrator forged can exhaust the table, but not time.

use core::ops::DerefMut;

use sessionwatch_protocol::{EventKind, Record, RecordFlags};
use zerocopy::{FromZeros, IntoBytes};

/// How many sessions share a set.
const WAYS: usize = 8;

/// A place in the table: empty, or a present session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Present {
    /// The session's last record; its instance is 0 where the place is empty.
    last: Record,
}

impl Present {
    fn holds(&self, session_id: u32) -> bool {
        self.is_taken() && self.last.session_id == session_id
    }

    fn is_taken(&self) -> bool {
        self.last.instance != 0
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

    /// Takes a session's new record into the table, and completes the record with the
    /// instance that it belongs to, or with [`RecordFlags::INSTANCE_UNTRACKED`] where
    /// the table has no room to tell.
    ///
    /// An instance begins with its created event, or with the first event of an
    /// unknown session (the driver was loaded later). It ends with its terminated
    /// event.
    pub fn track(&mut self, record: &mut Record) {
        let session_id = record.session_id.get();
        let (sets, _) = self.places.as_chunks_mut::<WAYS>();
        let place = (session_id as usize).checked_rem(sets.len());
        let set = place.and_then(|place| sets.get_mut(place)).map_or(&mut [][..], |set| set);

        let known = set.iter().position(|place| place.holds(session_id));
        let free = || set.iter().position(|place| !place.is_taken());
        let place = known.or_else(free).and_then(|place| set.get_mut(place));
        let kind = record.kind();
        record.instance = match &place {
            Some(present) if known.is_some() && kind != EventKind::CREATED => present.last.instance,
            Some(_) => record.sequence,
            // It begins and ends here: there is nothing to remember.
            None if kind == EventKind::TERMINATED => record.sequence,
            None => {
                record.flags = record.flags().union(RecordFlags::INSTANCE_UNTRACKED).bits().into();
                0.into()
            }
        };

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
        taken.last.instance = 9.into();
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

    /// The instance that the table gives to a record.
    fn track(table: &mut Sessions<Vec<Present>>, id: u32, kind: EventKind, number: u64) -> u64 {
        let mut record = record(id, kind, number);
        table.track(&mut record);
        assert_eq!(record.flags() == RecordFlags::INSTANCE_UNTRACKED, record.instance == 0);
        record.instance.get()
    }

    fn snapshot(table: &Sessions<Vec<Present>>) -> Vec<Record> {
        let mut output = vec![[0; Record::SIZE]; 100];
        let copied = table.copy_to(&mut output);
        assert_eq!(copied, table.present());
        output[..copied].iter().map(|bytes| Record::read_from_bytes(bytes).unwrap()).collect()
    }

    #[test]
    fn an_id_that_is_used_again_begins_a_new_instance() {
        let mut table = sessions(64);
        assert_eq!(track(&mut table, 3, EventKind::CREATED, 10), 10);
        assert_eq!(track(&mut table, 3, EventKind::LOGON, 11), 10);
        assert_eq!(track(&mut table, 4, EventKind::CREATED, 12), 12);
        assert_eq!(track(&mut table, 3, EventKind::TERMINATED, 13), 10);
        assert_eq!(track(&mut table, 3, EventKind::CREATED, 14), 14);
        assert_eq!(track(&mut table, 4, EventKind::LOGOFF, 15), 12);
    }

    #[test]
    fn a_session_older_than_the_driver_lives_from_its_first_event() {
        let mut table = sessions(64);
        assert_eq!(track(&mut table, 1, EventKind::DISCONNECTED, 1), 1);
        assert_eq!(track(&mut table, 1, EventKind::CONNECTED, 2), 1);
        assert_eq!(track(&mut table, 7, EventKind::TERMINATED, 3), 3);
        assert_eq!(track(&mut table, 7, EventKind::LOGON, 4), 4);
        assert_eq!(table.present(), 2);
    }

    #[test]
    fn a_created_event_begins_an_instance_even_without_an_end_of_the_last() {
        let mut table = sessions(64);
        track(&mut table, 1, EventKind::CREATED, 1);
        assert_eq!(track(&mut table, 1, EventKind::CREATED, 2), 2);
        assert_eq!(track(&mut table, 1, EventKind::LOGON, 3), 2);
        assert_eq!(table.present(), 1);
    }

    #[test]
    fn a_full_set_says_so_and_recovers() {
        let mut table = sessions(16);
        for (number, id) in (1..).zip((0..16).step_by(2)) {
            assert_eq!(track(&mut table, id, EventKind::CREATED, number), number);
        }
        assert_eq!(track(&mut table, 16, EventKind::CREATED, 20), 0);
        assert_eq!(track(&mut table, 16, EventKind::TERMINATED, 21), 21);
        assert_eq!(track(&mut table, 1, EventKind::CREATED, 22), 22);
        assert_eq!(table.present(), 9);
        track(&mut table, 0, EventKind::TERMINATED, 23);
        assert_eq!(track(&mut table, 16, EventKind::CONNECTED, 24), 24);
    }

    #[test]
    fn no_memory_tells_nothing_apart() {
        let mut table = sessions(7);
        assert_eq!(track(&mut table, 1, EventKind::CREATED, 1), 0);
        assert!(snapshot(&table).is_empty());
    }

    #[test]
    fn a_snapshot_ends_with_its_room() {
        let mut table = sessions(64);
        for id in 0..5 {
            track(&mut table, id, EventKind::CREATED, u64::from(id) + 1);
        }
        let mut output = [[0xA5; Record::SIZE]; 4];
        assert_eq!(table.copy_to(&mut output[..3]), 3);
        assert_eq!(output[3], [0xA5; Record::SIZE]);
    }

    proptest! {
        /// With room for all, the table is a map from id to the last record, and
        /// instances are numbered by the record that began them.
        #[test]
        fn the_table_is_its_model(
            events in prop::collection::vec((0u32..12, 0u32..8, 0u32..9), 0..200),
        ) {
            let mut table = sessions(12 * WAYS);
            let mut model: HashMap<u32, Record> = HashMap::new();
            for (number, (id, kind, state)) in (1..).zip(events) {
                let mut record = record(id, EventKind(kind), number);
                record.state = state.into();
                let instance = match model.get(&id) {
                    Some(last) if EventKind(kind) != EventKind::CREATED => last.instance.get(),
                    _ => number,
                };
                table.track(&mut record);
                prop_assert_eq!(record.instance.get(), instance);
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
