//! The bound for one producer and one reader.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Buffer, Producer, Reader};
use crate::telling::{Bytes, telling_bytes};

/// The `rtrb` crate, wait-free; when it is full, the newest is lost.
#[derive(Debug)]
pub(crate) struct Rtrb;

#[derive(Debug)]
pub(crate) struct RtrbProducer {
    producer: rtrb::Producer<Bytes>,
    next: u64,
    lost: Arc<AtomicU64>,
}

#[derive(Debug)]
pub(crate) struct RtrbReader {
    consumer: rtrb::Consumer<Bytes>,
    lost: Arc<AtomicU64>,
}

impl Buffer for Rtrb {
    const LEAVES_OUT: &'static str = "a second producer; full, it drops the newest";
    type Producer = RtrbProducer;
    type Reader = RtrbReader;

    fn name() -> String {
        "rtrb".to_owned()
    }

    fn open(capacity: usize, producers: usize) -> (Vec<RtrbProducer>, RtrbReader) {
        assert_eq!(producers, 1, "it has one producer");
        let (producer, consumer) = rtrb::RingBuffer::new(capacity);
        let lost = Arc::new(AtomicU64::new(0));
        let producer = RtrbProducer { producer, next: 1, lost: Arc::clone(&lost) };
        (vec![producer], RtrbReader { consumer, lost })
    }
}

impl Producer for RtrbProducer {
    fn push(&mut self) {
        if self.producer.push(telling_bytes(self.next)).is_err() {
            // Nobody else writes it: no need for an exchange.
            self.lost.store(self.lost.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
        }
        self.next += 1;
    }
}

impl Reader for RtrbReader {
    fn drain(&mut self, output: &mut [Bytes]) -> usize {
        let (filled, _) = self.consumer.pop_partial_slice(output);
        filled.len()
    }

    fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }
}
