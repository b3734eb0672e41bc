//! What is at hand: a deque or a ring crate behind a lock.

use std::collections::VecDeque;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex};

use ringbuf::LocalRb;
use ringbuf::storage::Heap;

use super::{Aligned, Buffer, Producer, Reader};
use crate::locks::{Kind, Lock, Spin};
use crate::telling::{Bytes, telling_bytes};

/// A sequence that gives up its oldest for a new one.
pub(crate) trait Sequence: Send + 'static {
    fn with_capacity(capacity: usize) -> Self;
    /// Puts one in, and says whether it displaced another.
    fn put(&mut self, bytes: Bytes) -> bool;
    fn take(&mut self, output: &mut [Bytes]) -> usize;
}

#[derive(Debug)]
pub(crate) struct Counted<S> {
    sequence: S,
    next: u64,
    lost: u64,
}

impl<S: Sequence> Counted<S> {
    fn new(capacity: usize) -> Self {
        Self { sequence: S::with_capacity(capacity), next: 1, lost: 0 }
    }
}

fn open<S: Sequence, L: Lock<Counted<S>>>(
    capacity: usize,
    producers: usize,
) -> (Vec<Sending<S, L>>, Receiving<S, L>) {
    let shared = Arc::new(Aligned(L::new(Counted::new(capacity))));
    let producer = || Sending(Arc::clone(&shared), PhantomData);
    let producers = (0..producers).map(|_| producer()).collect();
    (producers, Receiving(shared, PhantomData))
}

#[derive(Debug)]
pub(crate) struct Sending<S, L>(Arc<Aligned<L>>, PhantomData<S>);

#[derive(Debug)]
pub(crate) struct Receiving<S, L>(Arc<Aligned<L>>, PhantomData<S>);

impl<S: Sequence, L: Lock<Counted<S>>> Producer for Sending<S, L> {
    fn push(&mut self) {
        self.0.0.with(|counted| {
            let displaced = counted.sequence.put(telling_bytes(counted.next));
            counted.next += 1;
            counted.lost += u64::from(displaced);
        });
    }
}

impl<S: Sequence, L: Lock<Counted<S>>> Reader for Receiving<S, L> {
    fn drain(&mut self, output: &mut [Bytes]) -> usize {
        self.0.0.with(|counted| counted.sequence.take(output))
    }

    fn lost(&self) -> u64 {
        self.0.0.with(|counted| counted.lost)
    }
}

/// The standard library's deque behind its mutex.
#[derive(Debug)]
pub(crate) struct LockedDeque;

impl Buffer for LockedDeque {
    type Producer = Sending<VecDeque<Bytes>, Mutex<Counted<VecDeque<Bytes>>>>;
    type Reader = Receiving<VecDeque<Bytes>, Mutex<Counted<VecDeque<Bytes>>>>;

    fn name() -> String {
        "Mutex<VecDeque>".to_owned()
    }

    fn open(capacity: usize, producers: usize) -> (Vec<Self::Producer>, Self::Reader) {
        open(capacity, producers)
    }
}

impl Sequence for VecDeque<Bytes> {
    fn with_capacity(capacity: usize) -> Self {
        Self::with_capacity(capacity)
    }

    fn put(&mut self, bytes: Bytes) -> bool {
        // Its capacity is exactly what was asked for, as far as it is used.
        let displaced = self.len() == self.capacity() && self.pop_front().is_some();
        self.push_back(bytes);
        displaced
    }

    fn take(&mut self, output: &mut [Bytes]) -> usize {
        let count = self.len().min(output.len());
        let (front, back) = self.as_slices();
        let first = count.min(front.len());
        output[..first].copy_from_slice(&front[..first]);
        output[first..count].copy_from_slice(&back[..count - first]);
        self.drain(..count);
        count
    }
}

/// The `ringbuf` crate behind the stand-in for the driver's lock: to overwrite,
/// it wants to be held exclusively.
#[derive(Debug)]
pub(crate) struct LockedRingbuf;

type SpinRingbuf = <Spin as Kind>::Of<Counted<LocalRb<Heap<Bytes>>>>;

impl Buffer for LockedRingbuf {
    type Producer = Sending<LocalRb<Heap<Bytes>>, SpinRingbuf>;
    type Reader = Receiving<LocalRb<Heap<Bytes>>, SpinRingbuf>;

    fn name() -> String {
        "spin lock + ringbuf".to_owned()
    }

    fn open(capacity: usize, producers: usize) -> (Vec<Self::Producer>, Self::Reader) {
        open(capacity, producers)
    }
}

impl Sequence for LocalRb<Heap<Bytes>> {
    fn with_capacity(capacity: usize) -> Self {
        Self::new(capacity)
    }

    fn put(&mut self, bytes: Bytes) -> bool {
        self.push_overwrite(bytes).is_some()
    }

    fn take(&mut self, output: &mut [Bytes]) -> usize {
        self.pop_slice(output)
    }
}
