//! Locks of the host itself.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Takes a lock. A panic ends the process, so poison cannot be seen.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits until `done` holds, at most for `limit`; gives the state if it does.
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
