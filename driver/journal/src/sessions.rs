//! The table of present sessions, with the last record of each.
//!
//! Windows reuses session ids, so an id alone does not identify a session. An *instance* of
//! an id is identified by the sequence number of the record that began it. Unlike a count
//! of instances, this needs no memory of past sessions.
//!
//! The table consists of sets of [`WAYS`] entries. The id modulo the number of sets selects
//! the set, so a look-up takes at most [`WAYS`] steps. Windows assigns ids consecutively
//! (observed), which spreads them evenly over the sets. In a full set the instance is 0 and
//! the record gets a flag: forged ids can fill the table, but cannot slow it down.

use core::ops::DerefMut;

use sessionwatch_protocol::{EventKind, Record, RecordFlags};
use zerocopy::{FromZeros, IntoBytes};

/// The entries of a set.
const WAYS: usize = 8;

/// An entry of the table: empty, or a present session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Present {
    /// The session's last record. Its instance is 0 in an empty entry.
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
    /// An empty entry.
    fn default() -> Self {
        Self { last: Record::new_zeroed() }
    }
}

/// The present sessions.
///
/// `T` is the memory, owned or borrowed. Entries behind the last whole set of 8 are unused.
#[derive(Debug)]
pub struct Sessions<T> {
    entries: T,
    present: usize,
}

impl<T: DerefMut<Target = [Present]>> Sessions<T> {
    /// An empty table over `entries`, which it clears.
    #[must_use]
    pub fn new(mut entries: T) -> Self {
        entries.fill(Present::default());
        Self { entries, present: 0 }
    }

    /// The number of present sessions in the table.
    #[must_use]
    pub fn present(&self) -> usize {
        self.present
    }

    /// Enters a session's new record, and sets the record's instance. If the set has no
    /// free entry, the record gets [`RecordFlags::INSTANCE_UNTRACKED`] instead.
    ///
    /// An instance begins with its created event, or with the first event of an unknown
    /// session, one that is older than the driver. It ends with its terminated event.
    pub fn track(&mut self, record: &mut Record) {
        let session_id = record.session_id.get();
        let (sets, _) = self.entries.as_chunks_mut::<WAYS>();
        let index = (session_id as usize).checked_rem(sets.len());
        let set = index.and_then(|index| sets.get_mut(index)).map_or(&mut [][..], |set| set);

        let known = set.iter().position(|entry| entry.holds(session_id));
        let free = || set.iter().position(|entry| !entry.is_taken());
        let entry = known.or_else(free).and_then(|index| set.get_mut(index));
        let kind = record.kind();
        record.instance = match &entry {
            Some(present) if known.is_some() && kind != EventKind::CREATED => present.last.instance,
            Some(_) => record.sequence,
            // This instance begins and ends with this record, so it needs no entry.
            None if kind == EventKind::TERMINATED => record.sequence,
            None => {
                record.flags = record.flags().union(RecordFlags::INSTANCE_UNTRACKED).bits().into();
                0.into()
            }
        };

        if let Some(entry) = entry {
            let ends = kind == EventKind::TERMINATED;
            self.present = match (known, ends) {
                (None, false) => self.present.saturating_add(1),
                (Some(_), true) => self.present.saturating_sub(1),
                _ => self.present,
            };
            *entry = if ends { Present::default() } else { Present { last: *record } };
        }
    }

    /// Copies the last record of each present session into `output` until it is full, in no
    /// particular order. Returns the number of copied records. Takes time in proportion to
    /// the table.
    pub fn copy_to(&self, output: &mut [[u8; Record::SIZE]]) -> usize {
        let present = self.entries.iter().filter(|entry| entry.is_taken()).take(self.present);
        let mut copied: usize = 0;
        for (bytes, entry) in output.iter_mut().zip(present) {
            bytes.copy_from_slice(entry.last.as_bytes());
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

    fn sessions(entries: usize) -> Sessions<Vec<Present>> {
        let mut taken = Present::default();
        taken.last.session_id = 3.into();
        taken.last.instance = 9.into();
        Sessions::new(vec![taken; entries])
    }

    /// A record before the table has set its instance.
    fn record(session_id: u32, kind: EventKind, sequence: u64) -> Record {
        let mut record = Record::new_zeroed();
        record.session_id = session_id.into();
        record.kind = kind.0.into();
        record.sequence = sequence.into();
        record
    }

    /// Enters a record and returns its instance.
    fn track(table: &mut Sessions<Vec<Present>>, id: u32, kind: EventKind, sequence: u64) -> u64 {
        let mut record = record(id, kind, sequence);
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
    fn a_reused_id_begins_a_new_instance() {
        let mut table = sessions(64);
        assert_eq!(track(&mut table, 3, EventKind::CREATED, 10), 10);
        assert_eq!(track(&mut table, 3, EventKind::LOGON, 11), 10);
        assert_eq!(track(&mut table, 4, EventKind::CREATED, 12), 12);
        assert_eq!(track(&mut table, 3, EventKind::TERMINATED, 13), 10);
        assert_eq!(track(&mut table, 3, EventKind::CREATED, 14), 14);
        assert_eq!(track(&mut table, 4, EventKind::LOGOFF, 15), 12);
    }

    #[test]
    fn a_session_older_than_the_driver_begins_with_its_first_event() {
        let mut table = sessions(64);
        assert_eq!(track(&mut table, 1, EventKind::DISCONNECTED, 1), 1);
        assert_eq!(track(&mut table, 1, EventKind::CONNECTED, 2), 1);
        assert_eq!(track(&mut table, 7, EventKind::TERMINATED, 3), 3);
        assert_eq!(track(&mut table, 7, EventKind::LOGON, 4), 4);
        assert_eq!(table.present(), 2);
    }

    #[test]
    fn a_created_event_begins_an_instance_even_without_a_terminated_event_before() {
        let mut table = sessions(64);
        track(&mut table, 1, EventKind::CREATED, 1);
        assert_eq!(track(&mut table, 1, EventKind::CREATED, 2), 2);
        assert_eq!(track(&mut table, 1, EventKind::LOGON, 3), 2);
        assert_eq!(table.present(), 1);
    }

    #[test]
    fn a_full_set_flags_the_record_and_recovers() {
        let mut table = sessions(16);
        for (sequence, id) in (1..).zip((0..16).step_by(2)) {
            assert_eq!(track(&mut table, id, EventKind::CREATED, sequence), sequence);
        }
        assert_eq!(track(&mut table, 16, EventKind::CREATED, 20), 0);
        assert_eq!(track(&mut table, 16, EventKind::TERMINATED, 21), 21);
        assert_eq!(track(&mut table, 1, EventKind::CREATED, 22), 22);
        assert_eq!(table.present(), 9);
        track(&mut table, 0, EventKind::TERMINATED, 23);
        assert_eq!(track(&mut table, 16, EventKind::CONNECTED, 24), 24);
    }

    #[test]
    fn a_table_without_a_whole_set_tracks_no_session() {
        let mut table = sessions(7);
        assert_eq!(track(&mut table, 1, EventKind::CREATED, 1), 0);
        assert!(snapshot(&table).is_empty());
    }

    #[test]
    fn a_snapshot_ends_when_the_output_is_full() {
        let mut table = sessions(64);
        for id in 0..5 {
            track(&mut table, id, EventKind::CREATED, u64::from(id) + 1);
        }
        let mut output = [[0xA5; Record::SIZE]; 4];
        assert_eq!(table.copy_to(&mut output[..3]), 3);
        assert_eq!(output[3], [0xA5; Record::SIZE]);
    }

    proptest! {
        /// The model, with room for all sessions: a map from id to the last record, whose
        /// instance is the sequence number of the record that began it.
        #[test]
        fn the_table_behaves_like_its_model(
            events in prop::collection::vec((0u32..12, 0u32..8, 0u32..9), 0..200),
        ) {
            let mut table = sessions(12 * WAYS);
            let mut model: HashMap<u32, Record> = HashMap::new();
            for (sequence, (id, kind, state)) in (1..).zip(events) {
                let mut record = record(id, EventKind(kind), sequence);
                record.state = state.into();
                let instance = match model.get(&id) {
                    Some(last) if EventKind(kind) != EventKind::CREATED => last.instance.get(),
                    _ => sequence,
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
