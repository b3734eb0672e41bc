//! The host's own locks, and waits that have a limit.
//!
//! They are part of the watch because a panic ends the run, so no lock is ever seen poisoned.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Takes a lock, poisoned or not.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits until `done` holds, and returns the locked state; `None` after `limit`.
pub(crate) fn wait_until<'a, T>(
    mutex: &'a Mutex<T>,
    changed: &Condvar,
    limit: Duration,
    mut done: impl FnMut(&T) -> bool,
) -> Option<MutexGuard<'a, T>> {
    let (state, timeout) = changed
        .wait_timeout_while(lock(mutex), limit, |state| !done(state))
        .unwrap_or_else(PoisonError::into_inner);
    (!timeout.timed_out()).then_some(state)
}
