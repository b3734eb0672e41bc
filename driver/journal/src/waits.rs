//! Who waits for which number.
//!
//! A read that finds nothing may wait for the record that comes next. This table
//! says which reads do, and keeps them within bounds: one handle may have a few
//! of them, all handles together as many as the table has places. What waits is
//! named by numbers of the caller's choice; the requests themselves, and who
//! takes one of them out when, are not its matter ([`crate::waiting`] is about
//! that).

use core::ops::DerefMut;

use sessionwatch_protocol::Refusal;

/// Names a waiting request. No two that wait at the same time have the same id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct RequestId(pub u64);

/// Names the handle that a request came by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct HandleId(pub u64);

/// A place in the table: empty, or a waiting read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wait {
    request: RequestId,
    handle: HandleId,
    /// The number that it waits for; 0 where the place is empty.
    from: u64,
}

impl Wait {
    fn is_taken(&self) -> bool {
        self.from != 0
    }
}

/// The waiting reads.
///
/// `T` is the memory, owned or borrowed: a place for each read that may wait.
#[derive(Debug)]
pub struct Waits<T> {
    places: T,
    per_handle: usize,
    begun: u64,
    cancelled: u64,
}

/// The waiting reads in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WaitCounts {
    /// How many wait.
    pub waiting: usize,
    /// How many have begun to wait so far.
    pub begun: u64,
    /// How many of these were cancelled.
    pub cancelled: u64,
}

impl<T: DerefMut<Target = [Wait]>> Waits<T> {
    /// Nobody waits. Clears `places`; one handle may have `per_handle` of them.
    #[must_use]
    pub fn new(mut places: T, per_handle: usize) -> Self {
        places.fill(Wait::default());
        Self { places, per_handle, begun: 0, cancelled: 0 }
    }

    /// A read begins to wait for number `from`.
    ///
    /// # Errors
    ///
    /// [`Refusal::TooManyWaits`], and nothing changed, when its handle has as
    /// many as it may, or no place is left. [`Refusal::InvalidField`] for
    /// number 0, which no record has.
    pub fn begin(
        &mut self,
        request: RequestId,
        handle: HandleId,
        from: u64,
    ) -> Result<(), Refusal> {
        if from == 0 {
            return Err(Refusal::InvalidField);
        }
        let of_handle = self.places.iter().filter(|wait| wait.is_taken() && wait.handle == handle);
        if of_handle.count() >= self.per_handle {
            return Err(Refusal::TooManyWaits);
        }
        let place = self.places.iter_mut().find(|wait| !wait.is_taken());
        *place.ok_or(Refusal::TooManyWaits)? = Wait { request, handle, from };
        self.begun = self.begun.saturating_add(1);
        Ok(())
    }

    /// A read is cancelled. Nothing happens if it does not wait.
    pub fn cancel(&mut self, request: RequestId) {
        if self.end(request).is_some() {
            self.cancelled = self.cancelled.saturating_add(1);
        }
    }

    /// A read ends to wait, to be answered. Returns the number that it waited
    /// for, or `None` if it does not wait.
    pub fn end(&mut self, request: RequestId) -> Option<u64> {
        let mut taken = self.places.iter_mut().filter(|wait| wait.is_taken());
        let wait = taken.find(|wait| wait.request == request)?;
        Some(core::mem::take(wait).from)
    }

    /// How many reads wait.
    #[must_use]
    pub fn count(&self) -> usize {
        self.places.iter().filter(|wait| wait.is_taken()).count()
    }

    /// The reads that wait, and have waited, in numbers.
    #[must_use]
    pub fn counts(&self) -> WaitCounts {
        let Self { begun, cancelled, .. } = *self;
        WaitCounts { waiting: self.count(), begun, cancelled }
    }

    /// Whether a read is to be answered, now that `next` is the number that the
    /// next record gets: it waits for a number below.
    #[must_use]
    pub fn is_any_due(&self, next: u64) -> bool {
        self.places.iter().any(|wait| wait.is_taken() && wait.from < next)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::vec;
    use std::vec::Vec;

    use proptest::prelude::*;

    use super::*;

    fn waits(places: usize, per_handle: usize) -> Waits<Vec<Wait>> {
        let taken = Wait { request: RequestId(1), handle: HandleId(1), from: 1 };
        Waits::new(vec![taken; places], per_handle)
    }

    #[test]
    fn a_read_is_due_when_its_number_is_there() {
        let mut waits = waits(4, 4);
        waits.begin(RequestId(7), HandleId(1), 10).unwrap();
        waits.begin(RequestId(8), HandleId(2), 11).unwrap();
        assert!(!waits.is_any_due(10));
        assert!(waits.is_any_due(11));
        assert_eq!(waits.end(RequestId(7)), Some(10));
        assert!(!waits.is_any_due(11));
        assert!(waits.is_any_due(12));
        assert_eq!(waits.end(RequestId(7)), None);
        assert_eq!(waits.count(), 1);
    }

    #[test]
    fn a_handle_has_its_share_and_all_together_have_theirs() {
        let mut waits = waits(3, 2);
        waits.begin(RequestId(1), HandleId(1), 5).unwrap();
        waits.begin(RequestId(2), HandleId(1), 5).unwrap();
        let refused = Err(Refusal::TooManyWaits);
        assert_eq!(waits.begin(RequestId(3), HandleId(1), 5), refused);
        waits.begin(RequestId(4), HandleId(2), 5).unwrap();
        assert_eq!(waits.begin(RequestId(5), HandleId(3), 5), refused);
        waits.end(RequestId(1)).unwrap();
        waits.begin(RequestId(5), HandleId(3), 5).unwrap();
        assert_eq!(waits.count(), 3);
    }

    #[test]
    fn what_waited_is_counted() {
        let mut waits = waits(4, 4);
        for request in 1..=3 {
            waits.begin(RequestId(request), HandleId(1), 5).unwrap();
        }
        waits.cancel(RequestId(1));
        waits.cancel(RequestId(1));
        waits.end(RequestId(2)).unwrap();
        assert_eq!(waits.counts(), WaitCounts { waiting: 1, begun: 3, cancelled: 1 });
        assert_eq!(waits.begin(RequestId(9), HandleId(1), 0), Err(Refusal::InvalidField));
        assert_eq!(waits.counts().begun, 3);
    }

    #[test]
    fn nobody_waits_for_number_0() {
        let mut waits = waits(1, 1);
        assert_eq!(waits.begin(RequestId(1), HandleId(1), 0), Err(Refusal::InvalidField));
        assert_eq!(waits.count(), 0);
    }

    #[derive(Clone, Debug)]
    enum Turn {
        Begin { request: u64, handle: u64, from: u64 },
        End { request: u64 },
    }

    fn turn() -> impl Strategy<Value = Turn> {
        prop_oneof![
            (0u64..12, 0u64..3, 1u64..9).prop_map(|(request, handle, from)| Turn::Begin {
                request,
                handle,
                from
            }),
            (0u64..12).prop_map(|request| Turn::End { request }),
        ]
    }

    proptest! {
        /// The table is a map from request to handle and number, with two bounds.
        #[test]
        fn the_table_is_its_model(turns in prop::collection::vec(turn(), 0..100)) {
            let mut waits = waits(6, 3);
            let mut model: HashMap<u64, (u64, u64)> = HashMap::new();
            for turn in turns {
                match turn {
                    Turn::Begin { request, handle, from } if !model.contains_key(&request) => {
                        let of_handle = model.values().filter(|(of, _)| *of == handle).count();
                        let fits = of_handle < 3 && model.len() < 6;
                        let begun = waits.begin(RequestId(request), HandleId(handle), from);
                        prop_assert_eq!(begun.is_ok(), fits);
                        if fits {
                            model.insert(request, (handle, from));
                        }
                    }
                    // Two that wait at the same time have different ids.
                    Turn::Begin { .. } => {}
                    Turn::End { request } => {
                        let ended = model.remove(&request).map(|(_, from)| from);
                        prop_assert_eq!(waits.end(RequestId(request)), ended);
                    }
                }
                prop_assert_eq!(waits.count(), model.len());
                for next in 0..10 {
                    let due = model.values().any(|(_, from)| *from < next);
                    prop_assert_eq!(waits.is_any_due(next), due);
                }
            }
        }
    }
}
