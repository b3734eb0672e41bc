//! The limits: the least that a push and a drain cost.

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use quanta::Clock;

use super::array::{Cursor, Slots};
use super::{Buffer, Producer, Reader};
use crate::telling::Bytes;

/// The cost of an ordered number and 48 bytes: one `fetch_add` and one store.
#[derive(Debug)]
pub(crate) struct Floor;

#[derive(Debug)]
pub(crate) struct FloorProducer {
    next: AtomicU64,
    slots: Slots,
}

/// There is nothing to read.
#[derive(Debug)]
pub(crate) struct NoReader;

impl Buffer for Floor {
    const LEAVES_OUT: &'static str = "other producers, readers";
    type Producer = FloorProducer;
    type Reader = NoReader;

    fn name() -> String {
        "fetch_add + 48-byte store".to_owned()
    }

    fn open(capacity: usize, producers: usize) -> (Vec<FloorProducer>, NoReader) {
        let producer = || FloorProducer { next: AtomicU64::new(1), slots: Slots::new(capacity) };
        ((0..producers).map(|_| producer()).collect(), NoReader)
    }
}

impl Producer for FloorProducer {
    fn push(&mut self) {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.slots.push(|_| number);
        // The stores must happen although nobody reads them.
        black_box(&mut self.slots);
    }
}

impl Reader for NoReader {
    fn drain(&mut self, _output: &mut [Bytes]) -> usize {
        0
    }

    fn lost(&self) -> u64 {
        0
    }
}

/// The cost of moving the bytes: two `copy_from_slice`. Nothing is checked, and nothing is held
/// while the clock runs.
#[derive(Debug)]
pub(crate) struct Memcpy;

#[derive(Debug)]
pub(crate) struct MemcpyProducer {
    slots: Arc<Mutex<Slots>>,
}

#[derive(Debug)]
pub(crate) struct MemcpyReader {
    slots: Arc<Mutex<Slots>>,
    cursor: Cursor,
}

impl Buffer for Memcpy {
    const LEAVES_OUT: &'static str = "a producer at the same time";
    type Producer = MemcpyProducer;
    type Reader = MemcpyReader;

    fn name() -> String {
        "memcpy in two pieces".to_owned()
    }

    fn open(capacity: usize, producers: usize) -> (Vec<MemcpyProducer>, MemcpyReader) {
        let slots = Arc::new(Mutex::new(Slots::new(capacity)));
        let producer = || MemcpyProducer { slots: Arc::clone(&slots) };
        let producers = (0..producers).map(|_| producer()).collect();
        (producers, MemcpyReader { slots, cursor: Cursor::new() })
    }
}

impl Producer for MemcpyProducer {
    fn push(&mut self) {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner).push(|number| number);
    }
}

impl Reader for MemcpyReader {
    fn drain(&mut self, output: &mut [Bytes]) -> usize {
        let slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.copy(&mut self.cursor, output)
    }

    fn lost(&self) -> u64 {
        self.cursor.lost
    }

    fn drain_timed(&mut self, clock: &Clock, output: &mut [Bytes]) -> (usize, u64) {
        let slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let start = clock.raw();
        let count = slots.copy(&mut self.cursor, output);
        (count, clock.raw().saturating_sub(start))
    }
}
