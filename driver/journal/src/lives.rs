//! Which life of a session id an event belongs to.
//!
//! A session id may be used again after its session has ended, so an id alone
//! names no session. A *life* is named by the number of the record that began
//! it: unlike a count of lives it needs no memory of sessions that are gone, so
//! it stays right however many there were.
//!
//! The table holds the present sessions in sets of [`WAYS`]; an id can only be
//! in the set that its low bits name, so a look-up is at most [`WAYS`] steps,
//! whatever the table holds. Windows gives ids one after the other, which
//! spreads them evenly. When a set is full the life is 0, and the record says
//! so: ids that an administrator forged can exhaust the table, but not time.

use core::ops::DerefMut;

use sessionwatch_protocol::EventKind;

/// How many sessions share a set.
const WAYS: usize = 8;

/// A place in the table. All zeros is an empty one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Present {
    session_id: u32,
    /// The number of the record that began this life; 0 where the place is empty.
    life: u64,
}

/// The present sessions and their lives.
///
/// `T` is the memory, owned or borrowed; its length should be a multiple of 8,
/// what is left over is not used.
#[derive(Debug)]
pub struct Lives<T> {
    places: T,
}

impl<T: DerefMut<Target = [Present]>> Lives<T> {
    /// No session is present. Clears `places`.
    #[must_use]
    pub fn new(mut places: T) -> Self {
        places.fill(Present::default());
        Self { places }
    }

    /// The life that event `kind` of `session_id` belongs to, when the event's
    /// record is number `number`; 0 when there is no room to tell.
    ///
    /// A life begins with its created event, or with the first event of a
    /// session that is not known (the driver was loaded later), and ends with
    /// its terminated event.
    pub fn step(&mut self, session_id: u32, kind: EventKind, number: u64) -> u64 {
        let (sets, _) = self.places.as_chunks_mut::<WAYS>();
        let Some(set) =
            (session_id as usize).checked_rem(sets.len()).and_then(|place| sets.get_mut(place))
        else {
            return 0;
        };
        let known = set.iter_mut().find(|place| place.life != 0 && place.session_id == session_id);
        match (known, kind) {
            (Some(place), EventKind::TERMINATED) => core::mem::take(place).life,
            (Some(place), EventKind::CREATED) => {
                place.life = number;
                number
            }
            (Some(place), _) => place.life,
            // Begins and ends here: nothing to remember.
            (None, EventKind::TERMINATED) => number,
            (None, _) => match set.iter_mut().find(|place| place.life == 0) {
                Some(place) => {
                    *place = Present { session_id, life: number };
                    number
                }
                None => 0,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::vec;
    use std::vec::Vec;

    use proptest::prelude::*;

    use super::*;

    fn lives(places: usize) -> Lives<Vec<Present>> {
        Lives::new(vec![Present { session_id: 3, life: 9 }; places])
    }

    #[test]
    fn an_id_that_is_used_again_begins_a_new_life() {
        let mut lives = lives(64);
        assert_eq!(lives.step(3, EventKind::CREATED, 10), 10);
        assert_eq!(lives.step(3, EventKind::LOGON, 11), 10);
        assert_eq!(lives.step(4, EventKind::CREATED, 12), 12);
        assert_eq!(lives.step(3, EventKind::TERMINATED, 13), 10);
        assert_eq!(lives.step(3, EventKind::CREATED, 14), 14);
        assert_eq!(lives.step(4, EventKind::LOGOFF, 15), 12);
    }

    #[test]
    fn a_session_older_than_the_driver_lives_from_its_first_event() {
        let mut lives = lives(64);
        assert_eq!(lives.step(1, EventKind::DISCONNECTED, 1), 1);
        assert_eq!(lives.step(1, EventKind::CONNECTED, 2), 1);
        assert_eq!(lives.step(7, EventKind::TERMINATED, 3), 3);
        assert_eq!(lives.step(7, EventKind::LOGON, 4), 4);
    }

    #[test]
    fn a_created_event_begins_a_life_even_without_an_end_of_the_last() {
        let mut lives = lives(64);
        lives.step(1, EventKind::CREATED, 1);
        assert_eq!(lives.step(1, EventKind::CREATED, 2), 2);
        assert_eq!(lives.step(1, EventKind::LOGON, 3), 2);
    }

    #[test]
    fn a_full_set_says_so_and_recovers() {
        let mut lives = lives(16);
        for (number, id) in (1..).zip((0..16).step_by(2)) {
            assert_eq!(lives.step(id, EventKind::CREATED, number), number);
        }
        assert_eq!(lives.step(16, EventKind::CREATED, 20), 0);
        assert_eq!(lives.step(1, EventKind::CREATED, 21), 21);
        lives.step(0, EventKind::TERMINATED, 22);
        assert_eq!(lives.step(16, EventKind::CONNECTED, 23), 23);
    }

    #[test]
    fn no_memory_tells_nothing_apart() {
        assert_eq!(lives(7).step(1, EventKind::CREATED, 1), 0);
    }

    proptest! {
        /// With room for all, the table is a map from id to the first number.
        #[test]
        fn the_table_is_its_model(
            events in prop::collection::vec((0u32..64, 0u32..8), 0..200),
        ) {
            let mut lives = lives(64 * WAYS);
            let mut model: HashMap<u32, u64> = HashMap::new();
            for (number, (id, kind)) in (1..).zip(events) {
                let kind = EventKind(kind);
                if kind == EventKind::CREATED {
                    model.remove(&id);
                }
                let expected = *model.entry(id).or_insert(number);
                if kind == EventKind::TERMINATED {
                    model.remove(&id);
                }
                prop_assert_eq!(lives.step(id, kind, number), expected);
            }
        }
    }
}
