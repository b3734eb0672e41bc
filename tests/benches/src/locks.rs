//! The locks that producers stand behind.
//!
//! In the driver it is a KMDF spin lock. What stands for it here is
//! [`Exchange`]: what a spin lock comes to when nothing else is done (no raising
//! of the IRQL, which Linux's user mode does not have).
#![expect(
    unsafe_code,
    reason = "a lock of one's own promises exclusion, which the compiler cannot check"
)]

use std::hint::spin_loop;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use lock_api::{GuardSend, RawMutex};

/// Spins on a flag that is taken by an exchange.
#[derive(Debug)]
pub(crate) struct Exchange {
    taken: AtomicBool,
}

// SAFETY: `lock` and `try_lock` report success only after an exchange that found
// `false` and left `true`, and only `unlock` makes it `false` again; so between
// the two there is one holder. Acquire and release order what the holders do.
unsafe impl RawMutex for Exchange {
    const INIT: Self = Self { taken: AtomicBool::new(false) };

    type GuardMarker = GuardSend;

    #[inline]
    fn lock(&self) {
        while self.taken.swap(true, Ordering::Acquire) {
            // Reading leaves the line with its holder; exchanging would not.
            while self.taken.load(Ordering::Relaxed) {
                spin_loop();
            }
        }
    }

    #[inline]
    fn try_lock(&self) -> bool {
        !self.taken.swap(true, Ordering::Acquire)
    }

    #[inline]
    unsafe fn unlock(&self) {
        self.taken.store(false, Ordering::Release);
    }
}

/// A value that one thread at a time reaches.
pub(crate) trait Lock<T>: Send + Sync {
    fn new(value: T) -> Self;
    fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R;
}

/// A kind of lock, for any value.
pub(crate) trait Kind: 'static {
    const NAME: &'static str;
    type Of<T: Send>: Lock<T>;
}

/// [`Exchange`], the stand-in for the driver's lock.
#[derive(Debug)]
pub(crate) struct Spin;
/// First come, first served.
#[derive(Debug)]
pub(crate) struct Ticket;
/// A queue in which each waiter spins on a line of its own, as Windows's queued
/// spin locks do.
#[derive(Debug)]
pub(crate) struct Queued;

impl Kind for Spin {
    const NAME: &'static str = "spin lock";
    type Of<T: Send> = lock_api::Mutex<Exchange, T>;
}

impl Kind for Ticket {
    const NAME: &'static str = "ticket lock";
    type Of<T: Send> = spin::mutex::TicketMutex<T>;
}

impl Kind for Queued {
    const NAME: &'static str = "queued lock";
    type Of<T: Send> = mcslock::raw::spins::Mutex<T>;
}

impl<T: Send> Lock<T> for lock_api::Mutex<Exchange, T> {
    fn new(value: T) -> Self {
        Self::new(value)
    }

    fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        work(&mut self.lock())
    }
}

impl<T: Send> Lock<T> for spin::mutex::TicketMutex<T> {
    fn new(value: T) -> Self {
        Self::new(value)
    }

    fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        work(&mut self.lock())
    }
}

impl<T: Send> Lock<T> for mcslock::raw::spins::Mutex<T> {
    fn new(value: T) -> Self {
        Self::new(value)
    }

    fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        self.lock_then(|value| work(value))
    }
}

impl<T: Send> Lock<T> for Mutex<T> {
    fn new(value: T) -> Self {
        Self::new(value)
    }

    fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        work(&mut self.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn the_exchange_lock_has_one_holder_at_a_time() {
        let lock = <Spin as Kind>::Of::new(0_u64);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| (0..100_000).for_each(|_| lock.with(|value| *value += 1)));
            }
        });
        assert_eq!(lock.with(|value| *value), 200_000);
    }
}
