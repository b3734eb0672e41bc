//! The usual choice: a lock-free queue that displaces its oldest item.
//!
//! It neither numbers its items nor counts the displaced ones, so one `fetch_add` does each. It
//! pops one item at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crossbeam_queue::ArrayQueue;

use super::{Buffer, Producer, Reader};
use crate::telling::{Bytes, telling_bytes};

/// `crossbeam_queue::ArrayQueue` with sequence numbers and a count of lost records.
#[derive(Debug)]
pub(crate) struct Crossbeam;

#[derive(Debug)]
pub(crate) struct Account {
    queue: ArrayQueue<Bytes>,
    next: AtomicU64,
    lost: AtomicU64,
}

#[derive(Debug)]
pub(crate) struct QueueProducer(Arc<Account>);

#[derive(Debug)]
pub(crate) struct QueueReader(Arc<Account>);

impl Buffer for Crossbeam {
    type Producer = QueueProducer;
    type Reader = QueueReader;

    fn name() -> String {
        "crossbeam force_push".to_owned()
    }

    fn open(capacity: usize, producers: usize) -> (Vec<Self::Producer>, Self::Reader) {
        let (next, lost) = (AtomicU64::new(1), AtomicU64::new(0));
        let account = Arc::new(Account { queue: ArrayQueue::new(capacity), next, lost });
        let producer = || QueueProducer(Arc::clone(&account));
        ((0..producers).map(|_| producer()).collect(), QueueReader(account))
    }
}

impl Producer for QueueProducer {
    fn push(&mut self) {
        let number = self.0.next.fetch_add(1, Ordering::Relaxed);
        if self.0.queue.force_push(telling_bytes(number)).is_some() {
            self.0.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Reader for QueueReader {
    fn drain(&mut self, output: &mut [Bytes]) -> usize {
        let mut count = 0;
        for slot in output {
            let Some(bytes) = self.0.queue.pop() else { break };
            *slot = bytes;
            count += 1;
        }
        count
    }

    fn lost(&self) -> u64 {
        self.0.lost.load(Ordering::Relaxed)
    }
}
