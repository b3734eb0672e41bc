//! The simpler design: an array behind a lock that readers take, too.

use std::sync::Arc;

use super::{Aligned, Buffer, Producer, Reader};
use crate::locks::Spin;
use crate::telling::{Bytes, telling_bytes};

/// The newest records and the number of the next.
#[derive(Debug)]
pub(crate) struct Slots {
    records: Box<[Bytes]>,
    /// Where the next record goes.
    place: usize,
    next: u64,
}

impl Slots {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { records: vec![[0; 48]; capacity].into_boxed_slice(), place: 0, next: 1 }
    }

    /// Puts in the record that `number` makes of the next number.
    pub(crate) fn push(&mut self, number: impl FnOnce(u64) -> u64) {
        if let Some(slot) = self.records.get_mut(self.place) {
            *slot = telling_bytes(number(self.next));
        }
        self.next += 1;
        self.place += 1;
        if self.place == self.records.len() {
            self.place = 0;
        }
    }

    /// Copies from `cursor` on, and moves it.
    pub(crate) fn copy(&self, cursor: &mut Cursor, output: &mut [Bytes]) -> usize {
        let capacity = self.records.len();
        let oldest = self.next.saturating_sub(capacity as u64).max(1);
        cursor.lost += oldest.saturating_sub(cursor.from);
        cursor.from = cursor.from.max(oldest);
        let there = usize::try_from(self.next - cursor.from).unwrap_or(capacity);
        let count = there.min(output.len());
        let start = (self.place + capacity - there) % capacity;
        let first = count.min(capacity - start);
        output[..first].copy_from_slice(&self.records[start..][..first]);
        output[first..count].copy_from_slice(&self.records[..count - first]);
        cursor.from += count as u64;
        count
    }
}

/// A reader's own place.
#[derive(Debug)]
pub(crate) struct Cursor {
    from: u64,
    pub(crate) lost: u64,
}

impl Cursor {
    pub(crate) const fn new() -> Self {
        Self { from: 1, lost: 0 }
    }
}

/// An array behind the spin lock. A reader copies at most `HOLD` records in one hold of the lock;
/// with 0, all of them.
#[derive(Debug)]
pub(crate) struct Whole<const HOLD: usize>;

#[derive(Debug)]
pub(crate) struct ArrayProducer(Arc<Aligned<Spin<Slots>>>);

#[derive(Debug)]
pub(crate) struct ArrayReader<const HOLD: usize> {
    slots: Arc<Aligned<Spin<Slots>>>,
    cursor: Cursor,
}

impl<const HOLD: usize> Buffer for Whole<HOLD> {
    type Producer = ArrayProducer;
    type Reader = ArrayReader<HOLD>;

    fn name() -> String {
        let hold = if HOLD == 0 { "all".to_owned() } else { HOLD.to_string() };
        format!("spin lock + array, {hold} a hold")
    }

    fn open(capacity: usize, producers: usize) -> (Vec<Self::Producer>, Self::Reader) {
        let slots = Arc::new(Aligned(Spin::new(Slots::new(capacity))));
        let producers = (0..producers).map(|_| ArrayProducer(Arc::clone(&slots))).collect();
        (producers, ArrayReader { slots, cursor: Cursor::new() })
    }
}

impl Producer for ArrayProducer {
    fn push(&mut self) {
        self.0.0.lock().push(|number| number);
    }
}

impl<const HOLD: usize> Reader for ArrayReader<HOLD> {
    fn drain(&mut self, output: &mut [Bytes]) -> usize {
        let hold = if HOLD == 0 { output.len().max(1) } else { HOLD };
        let mut total = 0;
        for part in output.chunks_mut(hold) {
            let count = self.slots.0.lock().copy(&mut self.cursor, part);
            total += count;
            if count < part.len() {
                break;
            }
        }
        total
    }

    fn lost(&self) -> u64 {
        self.cursor.lost
    }
}
