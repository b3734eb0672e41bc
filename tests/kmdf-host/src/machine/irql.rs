//! The IRQL of each thread, its spin locks, and the callbacks it is in.
//!
//! Wine has no IRQL, so the host counts it: `DISPATCH_LEVEL` while a thread holds a spin lock or is
//! in `EvtIoCanceledOnQueue`, else `PASSIVE_LEVEL`. The payload of a session event is paged memory.
//! The host pages it out while the callback holds a lock; on Windows it would be in most of the
//! time.
//!
//! Laxer than Windows: a thread at `DISPATCH_LEVEL` can be preempted, and its use of other paged
//! memory goes unnoticed.

use std::cell::RefCell;

use kmdf_host_control::Rule;

use crate::machine::guarded::Pages;
use crate::watch::rules::violation;

pub(crate) const PASSIVE: u8 = 0;
pub(crate) const APC: u8 = 1;
pub(crate) const DISPATCH: u8 = 2;

#[derive(Default)]
struct Thread {
    locks: Vec<usize>,
    /// The payload of each session callback that this thread is in.
    session_callbacks: Vec<Option<Pages>>,
    /// The number of callbacks at `DISPATCH_LEVEL` that it is in.
    raised: usize,
    /// The number of callbacks that it is in with a request from a queue.
    queue_callbacks: usize,
}

impl Thread {
    fn paged(&self) -> impl Iterator<Item = Pages> {
        self.session_callbacks.iter().flatten().copied()
    }
}

thread_local! {
    static THREAD: RefCell<Thread> = RefCell::default();
}

/// The IRQL of this thread.
pub(crate) fn current() -> u8 {
    let is_raised = THREAD.with_borrow(|thread| thread.raised > 0 || !thread.locks.is_empty());
    if is_raised { DISPATCH } else { PASSIVE }
}

/// `KeGetCurrentIrql`.
pub(crate) extern "system" fn get_current() -> u8 {
    current()
}

/// Ends the run if this thread's IRQL is too high for `call`.
pub(crate) fn require(call: &str, highest: u8) {
    let current = current();
    if current > highest {
        violation(
            call,
            Rule::IrqlTooHigh,
            format!("called at IRQL {current}, allowed up to {highest}"),
        );
    }
}

pub(crate) fn locks_held() -> usize {
    THREAD.with_borrow(|thread| thread.locks.len())
}

/// True if this thread holds the lock.
pub(crate) fn holds(lock: usize) -> bool {
    THREAD.with_borrow(|thread| thread.locks.contains(&lock))
}

pub(crate) fn acquired(lock: usize) {
    THREAD.with_borrow_mut(|thread| {
        thread.locks.push(lock);
        thread.paged().for_each(Pages::page_out);
    });
}

pub(crate) fn released(lock: usize) {
    THREAD.with_borrow_mut(|thread| {
        thread.locks.retain(|held| *held != lock);
        if thread.locks.is_empty() && thread.raised == 0 {
            thread.paged().for_each(Pages::page_in);
        }
    });
}

/// True if this thread is in a session callback.
pub(crate) fn in_session_callback() -> bool {
    THREAD.with_borrow(|thread| !thread.session_callbacks.is_empty())
}

/// True if the address lies in memory that is paged out because this thread holds a lock.
pub(crate) fn is_paged_out(address: usize) -> bool {
    current() == DISPATCH
        && THREAD.with_borrow(|thread| thread.paged().any(|pages| pages.contains(address)))
}

/// Runs `body` as a session callback with this payload.
pub(crate) fn as_session_callback<T>(payload: Option<Pages>, body: impl FnOnce() -> T) -> T {
    THREAD.with_borrow_mut(|thread| thread.session_callbacks.push(payload));
    let result = body();
    THREAD.with_borrow_mut(|thread| thread.session_callbacks.pop());
    result
}

/// Runs `body` as a callback at `DISPATCH_LEVEL`.
pub(crate) fn as_dispatch<T>(body: impl FnOnce() -> T) -> T {
    THREAD.with_borrow_mut(|thread| {
        thread.raised += 1;
        thread.paged().for_each(Pages::page_out);
    });
    let result = body();
    THREAD.with_borrow_mut(|thread| {
        thread.raised -= 1;
        if thread.raised == 0 && thread.locks.is_empty() {
            thread.paged().for_each(Pages::page_in);
        }
    });
    result
}

/// Runs `body` as a callback with a request from a queue.
pub(crate) fn as_queue_callback<T>(body: impl FnOnce() -> T) -> T {
    THREAD.with_borrow_mut(|thread| thread.queue_callbacks += 1);
    let result = body();
    THREAD.with_borrow_mut(|thread| thread.queue_callbacks -= 1);
    result
}

/// True if this thread is in a callback with a request from a queue.
pub(crate) fn in_queue_callback() -> bool {
    THREAD.with_borrow(|thread| thread.queue_callbacks > 0)
}
