//! The simplest design: an array behind a spin lock that readers take, too.

use spin::mutex::SpinMutex;

use super::{Buffer, Drain, Drained, Push, share};
use crate::record::{Bytes, bytes};

/// The newest records.
pub(super) struct Slots {
    records: Box<[Bytes]>,
    /// The slot of the next record.
    place: usize,
    /// The next sequence number.
    next: u64,
}

impl Slots {
    pub(super) fn new(capacity: usize) -> Self {
        Self { records: vec![[0; 48]; capacity].into_boxed_slice(), place: 0, next: 1 }
    }

    pub(super) fn push(&mut self, sequence: u64) {
        if let Some(slot) = self.records.get_mut(self.place) {
            *slot = bytes(sequence);
        }
        self.next = sequence + 1;
        self.place += 1;
        if self.place == self.records.len() {
            self.place = 0;
        }
    }

    /// Copies the records of the sequence numbers from `from` on, and returns their count.
    fn copy(&self, from: u64, output: &mut [Bytes]) -> usize {
        let capacity = self.records.len();
        let available = usize::try_from(self.next - from).unwrap_or(capacity);
        let count = available.min(output.len());
        let start = (self.place + capacity - available) % capacity;
        let first = count.min(capacity - start);
        output[..first].copy_from_slice(&self.records[start..][..first]);
        output[first..count].copy_from_slice(&self.records[..count - first]);
        count
    }
}

/// A drain is two memcpy in one hold of the lock. So this is also the limit of a drain: the lock
/// adds some 10 ns to a batch of 4,096 records.
pub(crate) struct Array;

impl Buffer for Array {
    const NAME: &'static str = "spin lock + array";

    fn open<const N: usize>(capacity: usize) -> ([impl Push; N], impl Drain) {
        let slots: SpinMutex<_> = SpinMutex::new(Slots::new(capacity));
        let (producers, shared) = share(slots, |slots| {
            let mut slots = slots.lock();
            let sequence = slots.next;
            slots.push(sequence);
        });
        let (mut from, mut lost) = (1, 0);
        (producers, move |output: &mut [Bytes]| {
            let slots = shared.0.lock();
            let oldest = slots.next.saturating_sub(capacity as u64).max(from);
            lost += oldest - from;
            let count = slots.copy(oldest, output);
            from = oldest + count as u64;
            Drained { count, lost }
        })
    }
}
