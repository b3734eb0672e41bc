//! Queues for many producers and many readers.
//!
//! None numbers its items or counts what it displaces, so one `fetch_add` does
//! each. They pop one item at a time.

use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use concurrent_queue::ConcurrentQueue;
use crossbeam_queue::ArrayQueue;
use heapless::mpmc::Queue;
use thingbuf::ThingBuf;

use super::limits::NoReader;
use super::{Buffer, Producer, Reader};
use crate::telling::{Bytes, telling_bytes};

/// A bounded queue that can give up its oldest for a new one.
pub(crate) trait Bounded: Send + Sync + 'static {
    const NAME: &'static str;
    fn with_capacity(capacity: usize) -> Self;
    /// Puts one in, and says how many others that displaced.
    fn force_push(&self, bytes: Bytes) -> u64;
    fn pop(&self) -> Option<Bytes>;
}

/// A queue with number and count.
#[derive(Debug)]
pub(crate) struct Numbered<Q>(PhantomData<Q>);

#[derive(Debug)]
pub(crate) struct Account<Q> {
    queue: Q,
    next: AtomicU64,
    lost: AtomicU64,
}

#[derive(Debug)]
pub(crate) struct QueueProducer<Q>(Arc<Account<Q>>);

#[derive(Debug)]
pub(crate) struct QueueReader<Q>(Arc<Account<Q>>);

impl<Q: Bounded> Buffer for Numbered<Q> {
    type Producer = QueueProducer<Q>;
    type Reader = QueueReader<Q>;

    fn name() -> String {
        Q::NAME.to_owned()
    }

    fn open(capacity: usize, producers: usize) -> (Vec<Self::Producer>, Self::Reader) {
        let (next, lost) = (AtomicU64::new(1), AtomicU64::new(0));
        let account = Arc::new(Account { queue: Q::with_capacity(capacity), next, lost });
        let producer = || QueueProducer(Arc::clone(&account));
        ((0..producers).map(|_| producer()).collect(), QueueReader(account))
    }
}

impl<Q: Bounded> Producer for QueueProducer<Q> {
    fn push(&mut self) {
        let number = self.0.next.fetch_add(1, Ordering::Relaxed);
        let displaced = self.0.queue.force_push(telling_bytes(number));
        if displaced != 0 {
            self.0.lost.fetch_add(displaced, Ordering::Relaxed);
        }
    }
}

impl<Q: Bounded> Reader for QueueReader<Q> {
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

pub(crate) type Crossbeam = Numbered<ArrayQueue<Bytes>>;
pub(crate) type Concurrent = Numbered<ConcurrentQueue<Bytes>>;
pub(crate) type Thingbuf = Numbered<ThingBuf<Thing>>;
pub(crate) type Heapless<const N: usize> = Numbered<Box<Queue<Bytes, N>>>;

impl Bounded for ArrayQueue<Bytes> {
    const NAME: &'static str = "crossbeam force_push";

    fn with_capacity(capacity: usize) -> Self {
        Self::new(capacity)
    }

    fn force_push(&self, bytes: Bytes) -> u64 {
        self.force_push(bytes).map_or(0, |_| 1)
    }

    fn pop(&self) -> Option<Bytes> {
        self.pop()
    }
}

impl Bounded for ConcurrentQueue<Bytes> {
    const NAME: &'static str = "concurrent-queue force_push";

    fn with_capacity(capacity: usize) -> Self {
        Self::bounded(capacity)
    }

    fn force_push(&self, bytes: Bytes) -> u64 {
        self.force_push(bytes).ok().flatten().map_or(0, |_| 1)
    }

    fn pop(&self) -> Option<Bytes> {
        self.pop().ok()
    }
}

/// [`Bytes`] with a default, which [`ThingBuf`] asks for.
#[derive(Clone, Debug)]
pub(crate) struct Thing(Bytes);

impl Default for Thing {
    fn default() -> Self {
        Self([0; 48])
    }
}

impl Bounded for ThingBuf<Thing> {
    const NAME: &'static str = "thingbuf pop + push";

    fn with_capacity(capacity: usize) -> Self {
        Self::new(capacity)
    }

    fn force_push(&self, bytes: Bytes) -> u64 {
        let mut displaced = 0;
        while self.push(Thing(bytes)).is_err() {
            displaced += u64::from(self.pop().is_some());
        }
        displaced
    }

    fn pop(&self) -> Option<Bytes> {
        self.pop().map(|thing| thing.0)
    }
}

impl<const N: usize> Bounded for Box<Queue<Bytes, N>> {
    const NAME: &'static str = "heapless mpmc pop + push";

    fn with_capacity(capacity: usize) -> Self {
        assert_eq!(capacity, N, "its capacity is its type");
        #[expect(deprecated, reason = "heapless has no other queue for several producers")]
        Self::new(Queue::new())
    }

    fn force_push(&self, bytes: Bytes) -> u64 {
        let mut displaced = 0;
        while self.enqueue(bytes).is_err() {
            displaced += u64::from(self.dequeue().is_some());
        }
        displaced
    }

    fn pop(&self) -> Option<Bytes> {
        self.dequeue()
    }
}

/// The queue alone, as its users know it.
#[derive(Debug)]
pub(crate) struct BareCrossbeam;

#[derive(Debug)]
pub(crate) struct BareProducer {
    queue: Arc<ArrayQueue<Bytes>>,
    number: u64,
}

impl Buffer for BareCrossbeam {
    const LEAVES_OUT: &'static str = "number, count of what is lost";
    type Producer = BareProducer;
    type Reader = NoReader;

    fn name() -> String {
        "crossbeam force_push, bare".to_owned()
    }

    fn open(capacity: usize, producers: usize) -> (Vec<BareProducer>, NoReader) {
        let queue = Arc::new(ArrayQueue::new(capacity));
        let producer = || BareProducer { queue: Arc::clone(&queue), number: 0 };
        ((0..producers).map(|_| producer()).collect(), NoReader)
    }
}

impl Producer for BareProducer {
    fn push(&mut self) {
        self.number += 1;
        self.queue.force_push(telling_bytes(self.number));
    }
}
