//! The table of pending reads: maps each request to the sequence number that it waits for.
//!
//! A read that finds no record stays pending until the record exists. The table limits the
//! pending reads of one handle, and those of all handles to the number of its entries. It
//! identifies requests by ids that its caller chooses. [`crate::wakeup`] defines who owns a
//! request and who completes it.

use core::ops::DerefMut;

use sessionwatch_protocol::Rejection;

/// Identifies a pending request. No two pending requests share an id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct RequestId(pub u64);

/// Identifies the handle that a request was sent through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct HandleId(pub u64);

/// An entry of the table: empty, or a pending read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PendingRead {
    request: RequestId,
    handle: HandleId,
    /// The sequence number that it waits for; 0 in an empty entry.
    from: u64,
}

impl PendingRead {
    fn is_taken(&self) -> bool {
        self.from != 0
    }
}

/// The pending reads.
///
/// `T` is the memory, owned or borrowed: one entry for each read that may be pending.
#[derive(Debug)]
pub struct PendingReads<T> {
    entries: T,
    per_handle: usize,
    pended: u64,
    cancelled: u64,
}

/// Counts of pending reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PendingCounts {
    /// Reads that are pending now.
    pub pending: usize,
    /// Reads that have become pending so far.
    pub pended: u64,
    /// Pending reads that were cancelled so far.
    pub cancelled: u64,
}

impl<T: DerefMut<Target = [PendingRead]>> PendingReads<T> {
    /// An empty table over `entries`, which it clears. One handle may use `per_handle` of
    /// them.
    #[must_use]
    pub fn new(mut entries: T, per_handle: usize) -> Self {
        entries.fill(PendingRead::default());
        Self { entries, per_handle, pended: 0, cancelled: 0 }
    }

    /// Enters a read that waits for sequence number `from`.
    ///
    /// # Errors
    ///
    /// [`Rejection::TooManyPendingReads`] if its handle has reached the limit, or no entry
    /// is free; [`Rejection::InvalidField`] for sequence number 0, which no record has. The
    /// table is unchanged then.
    pub fn begin(
        &mut self,
        request: RequestId,
        handle: HandleId,
        from: u64,
    ) -> Result<(), Rejection> {
        if from == 0 {
            return Err(Rejection::InvalidField);
        }
        let of_handle = self.entries.iter().filter(|read| read.is_taken() && read.handle == handle);
        if of_handle.count() >= self.per_handle {
            return Err(Rejection::TooManyPendingReads);
        }
        let entry = self.entries.iter_mut().find(|read| !read.is_taken());
        *entry.ok_or(Rejection::TooManyPendingReads)? = PendingRead { request, handle, from };
        self.pended = self.pended.saturating_add(1);
        Ok(())
    }

    /// Removes a cancelled read. Does nothing if the read is not pending.
    pub fn cancel(&mut self, request: RequestId) {
        if self.end(request).is_some() {
            self.cancelled = self.cancelled.saturating_add(1);
        }
    }

    /// Removes a read that is about to be completed, and returns the sequence number that
    /// it waited for; `None` if the read is not pending.
    pub fn end(&mut self, request: RequestId) -> Option<u64> {
        let mut taken = self.entries.iter_mut().filter(|read| read.is_taken());
        let read = taken.find(|read| read.request == request)?;
        Some(core::mem::take(read).from)
    }

    /// The number of pending reads.
    #[must_use]
    pub fn count(&self) -> usize {
        self.entries.iter().filter(|read| read.is_taken()).count()
    }

    /// The counts.
    #[must_use]
    pub fn counts(&self) -> PendingCounts {
        let Self { pended, cancelled, .. } = *self;
        PendingCounts { pending: self.count(), pended, cancelled }
    }

    /// True while a pending read waits for a record below `next`, the sequence number of
    /// the next record.
    #[must_use]
    pub fn is_any_due(&self, next: u64) -> bool {
        self.entries.iter().any(|read| read.is_taken() && read.from < next)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::vec;
    use std::vec::Vec;

    use proptest::prelude::*;

    use super::*;

    fn pending_reads(entries: usize, per_handle: usize) -> PendingReads<Vec<PendingRead>> {
        let taken = PendingRead { request: RequestId(1), handle: HandleId(1), from: 1 };
        PendingReads::new(vec![taken; entries], per_handle)
    }

    #[test]
    fn a_read_is_due_once_its_record_exists() {
        let mut pending = pending_reads(4, 4);
        pending.begin(RequestId(7), HandleId(1), 10).unwrap();
        pending.begin(RequestId(8), HandleId(2), 11).unwrap();
        assert!(!pending.is_any_due(10));
        assert!(pending.is_any_due(11));
        assert_eq!(pending.end(RequestId(7)), Some(10));
        assert!(!pending.is_any_due(11));
        assert!(pending.is_any_due(12));
        assert_eq!(pending.end(RequestId(7)), None);
        assert_eq!(pending.count(), 1);
    }

    #[test]
    fn reads_beyond_the_limit_of_a_handle_or_of_the_table_are_rejected() {
        let mut pending = pending_reads(3, 2);
        pending.begin(RequestId(1), HandleId(1), 5).unwrap();
        pending.begin(RequestId(2), HandleId(1), 5).unwrap();
        let rejected = Err(Rejection::TooManyPendingReads);
        assert_eq!(pending.begin(RequestId(3), HandleId(1), 5), rejected);
        pending.begin(RequestId(4), HandleId(2), 5).unwrap();
        assert_eq!(pending.begin(RequestId(5), HandleId(3), 5), rejected);
        pending.end(RequestId(1)).unwrap();
        pending.begin(RequestId(5), HandleId(3), 5).unwrap();
        assert_eq!(pending.count(), 3);
    }

    #[test]
    fn pended_and_cancelled_reads_are_counted() {
        let mut pending = pending_reads(4, 4);
        for request in 1..=3 {
            pending.begin(RequestId(request), HandleId(1), 5).unwrap();
        }
        pending.cancel(RequestId(1));
        pending.cancel(RequestId(1));
        pending.end(RequestId(2)).unwrap();
        assert_eq!(pending.counts(), PendingCounts { pending: 1, pended: 3, cancelled: 1 });
        assert_eq!(pending.begin(RequestId(9), HandleId(1), 0), Err(Rejection::InvalidField));
        assert_eq!(pending.counts().pended, 3);
    }

    #[test]
    fn a_read_of_sequence_number_0_is_rejected() {
        let mut pending = pending_reads(1, 1);
        assert_eq!(pending.begin(RequestId(1), HandleId(1), 0), Err(Rejection::InvalidField));
        assert_eq!(pending.count(), 0);
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
        /// The model: a map from request to handle and sequence number, with two limits.
        #[test]
        fn the_table_behaves_like_its_model(turns in prop::collection::vec(turn(), 0..100)) {
            let mut pending = pending_reads(6, 3);
            let mut model: HashMap<u64, (u64, u64)> = HashMap::new();
            for turn in turns {
                match turn {
                    Turn::Begin { request, handle, from } if !model.contains_key(&request) => {
                        let of_handle = model.values().filter(|(of, _)| *of == handle).count();
                        let fits = of_handle < 3 && model.len() < 6;
                        let pended = pending.begin(RequestId(request), HandleId(handle), from);
                        prop_assert_eq!(pended.is_ok(), fits);
                        if fits {
                            model.insert(request, (handle, from));
                        }
                    }
                    // No two pending requests share an id.
                    Turn::Begin { .. } => {}
                    Turn::End { request } => {
                        let ended = model.remove(&request).map(|(_, from)| from);
                        prop_assert_eq!(pending.end(RequestId(request)), ended);
                    }
                }
                prop_assert_eq!(pending.count(), model.len());
                for next in 0..10 {
                    let due = model.values().any(|(_, from)| *from < next);
                    prop_assert_eq!(pending.is_any_due(next), due);
                }
            }
        }
    }
}
