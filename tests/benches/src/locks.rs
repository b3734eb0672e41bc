//! The lock of the producers.
//!
//! The driver has a KMDF spin lock. [`Exchange`] stands in for it: an exchange on a byte, without
//! the raising of the IRQL, which user mode does not have.
#![expect(unsafe_code, reason = "implements a lock, whose exclusion the compiler cannot check")]

use std::hint::spin_loop;
use std::sync::atomic::{AtomicBool, Ordering};

use lock_api::{GuardSend, Mutex, RawMutex};

/// A value behind the stand-in for the driver's lock.
pub(crate) type Spin<T> = Mutex<Exchange, T>;

/// Spins on a flag that an exchange takes.
#[derive(Debug)]
pub(crate) struct Exchange {
    taken: AtomicBool,
}

// SAFETY: `lock` and `try_lock` report success only after an exchange that found `false` and left
// `true`, and only `unlock` makes it `false` again. So there is one holder at a time. Acquire and
// release order the holders' accesses.
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

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn the_lock_has_one_holder_at_a_time() {
        let lock = Spin::new(0_u64);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| (0..100_000).for_each(|_| *lock.lock() += 1));
            }
        });
        assert_eq!(*lock.lock(), 200_000);
    }
}
