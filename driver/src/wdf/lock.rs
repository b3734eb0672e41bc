//! Data behind a framework spin lock.

use core::cell::UnsafeCell;
use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};

use wdk::wdf::SpinLock;

use super::context::attributes;
use super::status::{Result, StartError, Status};

/// A value that only the holder of its spin lock can access.
///
/// The driver object is the lock's parent, and deletes it.
pub(crate) struct Locked<T> {
    lock: SpinLock,
    value: UnsafeCell<T>,
}

// SAFETY: only a guard gives access to the value. The guard holds the spin lock, which has
// one holder at a time. So the value moves between threads but is never shared. Any thread
// may use the framework's handle.
unsafe impl<T: Send> Sync for Locked<T> {}

// SAFETY: the value is `Send`, and the handle belongs to no thread.
unsafe impl<T: Send> Send for Locked<T> {}

impl<T> Locked<T> {
    /// Creates the lock. At most `DISPATCH_LEVEL`, after the driver object exists.
    pub(crate) fn new(value: T) -> Result<Self, StartError> {
        let lock = SpinLock::try_new(&mut attributes())
            .map_err(|status| Status::of_failure(status).of_call("WdfSpinLockCreate"))?;
        Ok(Self { lock, value: UnsafeCell::new(value) })
    }

    /// Acquires the lock until the guard is dropped. At most `DISPATCH_LEVEL`. The holder
    /// runs at `DISPATCH_LEVEL`: it must be short, touch no paged memory, and not acquire
    /// this lock again.
    pub(crate) fn lock(&self) -> Guard<'_, T> {
        self.lock.acquire();
        Guard { locked: self, on_this_thread: PhantomData }
    }
}

/// Holds the lock. Dropping it releases the lock and restores the IRQL.
pub(crate) struct Guard<'locked, T> {
    locked: &'locked Locked<T>,
    /// The framework demands that the thread that acquired the lock releases it.
    on_this_thread: PhantomData<*mut ()>,
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: this guard holds the lock, so no other guard has a reference.
        unsafe { &*self.locked.value.get() }
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: this guard holds the lock, so no other guard has a reference. It is
        // borrowed mutably, so no reference through it exists.
        unsafe { &mut *self.locked.value.get() }
    }
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        self.locked.lock.release();
    }
}
