//! Counters of one load: calls, callbacks, requests, events, pool.

use std::sync::atomic::{AtomicU64, Ordering};

use kmdf_host_control::Counts;

/// The live form of [`Counts`].
#[derive(Default)]
pub(crate) struct Counters {
    pub(crate) calls: Counter,
    pub(crate) callbacks: Counter,
    pub(crate) opens: Counter,
    pub(crate) requests_presented: Counter,
    pub(crate) requests_completed: Counter,
    pub(crate) requests_forwarded: Counter,
    pub(crate) requests_retrieved: Counter,
    pub(crate) requests_cancelled: Counter,
    pub(crate) events: Counter,
    pub(crate) pool_allocations: Counter,
    pub(crate) pool_frees: Counter,
}

#[derive(Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Counters {
    pub(crate) fn read(&self) -> Counts {
        Counts {
            calls: self.calls.get(),
            callbacks: self.callbacks.get(),
            opens: self.opens.get(),
            requests_presented: self.requests_presented.get(),
            requests_completed: self.requests_completed.get(),
            requests_forwarded: self.requests_forwarded.get(),
            requests_retrieved: self.requests_retrieved.get(),
            requests_cancelled: self.requests_cancelled.get(),
            events: self.events.get(),
            pool_allocations: self.pool_allocations.get(),
            pool_frees: self.pool_frees.get(),
        }
    }
}
