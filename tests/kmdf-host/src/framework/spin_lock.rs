//! `WDFSPINLOCK`: a lock at `DISPATCH_LEVEL`.
//!
//! Laxer than Windows: a waiting thread sleeps, and the holder can be preempted.

use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, ThreadId};
use std::time::Duration;

use kmdf_host_control::Rule;
use windows_sys::Win32::Foundation::{NTSTATUS, STATUS_INSUFFICIENT_RESOURCES, STATUS_SUCCESS};

use crate::framework::abi::Handle;
use crate::framework::call::Call;
use crate::framework::context::Attributes;
use crate::framework::objects::{self, Kind};
use crate::machine::{irql, memory};
use crate::watch::rules::violation;
use crate::watch::sync::{lock, wait_until};

/// The time limit on the wait for a lock. On Windows, a deadlock never ends.
const LIMIT: Duration = Duration::from_secs(30);

#[derive(Default)]
struct SpinLock {
    owner: Mutex<Option<ThreadId>>,
    free: Condvar,
}

impl Kind for SpinLock {
    const NAME: &'static str = "WDFSPINLOCK";

    fn quiesce(&self, call: &str, _handle: Handle) {
        if lock(&self.owner).is_some() {
            violation(call, Rule::LockDeletedHeld, "the spin lock is held");
        }
    }
}

pub(crate) fn create(call: &Call, attributes: usize, spin_lock: usize) -> NTSTATUS {
    let attributes = Attributes::read(call, attributes);
    let driver = call.require_driver();
    let body = Arc::new(SpinLock::default());
    let Some(handle) = objects::create(call, body, attributes, Some(driver)) else {
        return STATUS_INSUFFICIENT_RESOURCES;
    };
    memory::write(call.name, "SpinLock", spin_lock, handle);
    STATUS_SUCCESS
}

pub(crate) fn acquire(call: &Call, handle: Handle) {
    let spin_lock = objects::resolve::<SpinLock>(call.name, handle);
    if irql::holds(handle) {
        call.fail(Rule::LockRecursion, "this thread holds the lock already");
    }
    let Some(mut owner) = wait_until(&spin_lock.owner, &spin_lock.free, LIMIT, Option::is_none)
    else {
        call.fail(Rule::WaitTooLong, format!("the lock was not released within {LIMIT:?}"));
    };
    *owner = Some(thread::current().id());
    irql::acquired(handle);
}

pub(crate) fn release(call: &Call, handle: Handle) {
    let spin_lock = objects::resolve::<SpinLock>(call.name, handle);
    let mut owner = lock(&spin_lock.owner);
    match *owner {
        Some(thread) if thread == thread::current().id() => {
            *owner = None;
            irql::released(handle);
            spin_lock.free.notify_one();
        }
        Some(_) => call.fail(Rule::LockOwnedByOther, "another thread holds the lock"),
        None => call.fail(Rule::LockNotHeld, "no thread holds the lock"),
    }
}
